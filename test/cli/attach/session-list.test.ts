import { describe, expect, it } from "vitest";
import { SessionList } from "../../../src/cli/attach/session-list.js";
import { KeyReader } from "../../../src/play/terminal-parts.js";

const ITEMS = ["build", "deploy", "editor", "logs"].map((name, n) => ({
  id: `0${n}`,
  name,
  about: `80x24  make ${name}`,
  isCurrent: n === 0,
}));

function listed(count = 4) {
  return new SessionList(ITEMS.slice(0, count));
}

/** Types, and gives what the last key led to. */
function press(list: SessionList, ...keys: readonly string[]): string {
  const reader = new KeyReader();
  let result = "none";
  for (const key of keys) {
    for (const input of [...reader.read(Buffer.from(key)), ...reader.flush()])
      if (input.kind !== "mouse") result = list.take(input);
  }
  return result;
}

const [UP, DOWN, HOME, END] = ["\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F"];

describe("a list of sessions", () => {
  it("begins at the first that is not the current one, and goes round", () => {
    const list = listed();
    expect(list.chosen?.name).toBe("deploy");
    press(list, DOWN);
    expect(list.chosen?.name).toBe("editor");
    press(list, UP, UP, UP);
    expect(list.chosen?.name).toBe("logs");
    press(list, DOWN);
    expect(list.chosen?.name).toBe("build");
    press(list, END);
    expect(list.chosen?.name).toBe("logs");
    press(list, HOME);
    expect(list.chosen?.name).toBe("build");
    expect(listed(1).chosen?.name).toBe("build");
  });

  it("says that there is no other where the current one is alone, as far as there is room", () => {
    const rowsOf = (count: number, cols: number, rows: number) => listed(count).draw(cols, rows).screen.text();
    expect(rowsOf(1, 20, 5)).toEqual(["Session:", expect.stringMatching(/^\* build/), "  no other one lives", "", ""]);
    expect(rowsOf(1, 80, 24)[2]).toBe("  no other one lives");
    expect(rowsOf(1, 20, 2)).toEqual(["Session:", expect.stringMatching(/^\* build/)]);
    expect(rowsOf(2, 20, 5).join()).not.toContain("no other");
  });

  it("leaves those that hold every word that is typed", () => {
    const list = listed();
    expect(press(list, "LO")).toBe("changed");
    expect(list.draw(60, 8).screen.text().slice(0, 4)).toEqual([
      "Session: LO",
      "  deploy    80x24  make deploy",
      "  logs      80x24  make logs",
      "",
    ]);
    press(list, "g");
    expect(list.chosen?.name).toBe("logs");
    press(list, " ", "8", "0", "x");
    expect(list.chosen?.name).toBe("logs");
    press(list, "q");
    expect(list.chosen).toBeUndefined();
    expect(press(list, "\r")).toBe("nothing");
    expect(press(list, "\x1b")).toBe("changed");
    expect(list.chosen).toBeDefined();
  });

  it("is left by escape, and entered by enter", () => {
    expect(press(listed(), "\x1b")).toBe("left");
    expect(press(listed(), "\x03")).toBe("left");
    expect(press(listed(), "\r")).toBe("chosen");
    expect(press(listed(), "\x7f")).toBe("nothing");
    expect(press(new SessionList([]), "\r", DOWN)).toBe("nothing");
  });

  it("shows the part of itself with the chosen one, which is marked", () => {
    const list = listed();
    const rows = () => list.draw(30, 3).screen;
    expect(rows().text()).toEqual(["Session:", "* build     80x24  make build", "  deploy    80x24  make deploy"]);
    press(list, END);
    const screen = rows();
    expect(screen.text()).toEqual(["Session:", "  editor    80x24  make editor", "  logs      80x24  make logs"]);
    expect(screen.snapshot().lines.map((line) => line.cell(3).attrs !== 0)).toEqual([true, false, true]);
    expect(list.draw(10, 2).screen.text()).toEqual(["Session:", "  logs   …"]);
  });
});
