// A second opinion on painting: a real terminal (tmux) is painted on, frame by frame, and must show the same cells and cursor.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Screen, ScreenPainter } from "../../src/terminal/index.js";
import { shownCells } from "./painted.js";

const SIZE = { cols: 60, rows: 16 };
const AREA = { x: 0, y: 0, ...SIZE, left: 0, top: 0 };
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("painter-tmux.test.ts is skipped: tmux is not installed");

/** Text and styles that tmux 3.3 has, too: it knows neither characters alone in a cell nor all widths. */
function stream(): fc.Arbitrary<string> {
  const text = fc.string({ unit: fc.constantFrom(..."abc xyz-_|é日本語─│█e\u0301 "), maxLength: 70 });
  const styles =
    "0 1 2 3 4 4:3 4:5 5 7 8 9 53 31 97 45 102 38;5;200 48;5;7 38;2;1;2;3 48;2;200;100;0 58:5:3 58:2::9:8:7 22 24 27 39 49";
  const style = fc.constantFrom(...styles.split(" ")).map((code) => `\x1b[${code}m`);
  const move = fc.tuple(fc.nat(17), fc.nat(61)).map(([y, x]) => `\x1b[${y};${x}H`);
  const edit = fc.constantFrom(
    "\r\n",
    "\x1b[K",
    "\x1b[2K",
    "\x1b[1J",
    "\x1b[3P",
    "\x1b[2@",
    "\x1b[2L",
    "\x1b[M",
    "\x1b[?25l",
    "\x1b[?25h",
  );
  // A combining character joins the one before it, whatever stood between: it comes with its own.
  const piece = fc.oneof(
    text.map((value) => value.replace(/(^|[^e])\u0301/g, "$1")),
    style,
    style,
    move,
    edit,
  );
  return fc.array(piece, { minLength: 5, maxLength: 40 }).map((pieces) => pieces.join(""));
}

describe.skipIf(!hasTmux)("ScreenPainter on tmux", () => {
  const socket = `t2a-painter-${process.pid}`;
  const dir = mkdtempSync(join(tmpdir(), "t2a-painter-"));
  let tty = -1;
  const tmux = (...args: readonly string[]): string => {
    const env = { ...process.env, LC_ALL: "C.UTF-8", TMUX: "", TMUX_TMPDIR: dir };
    return spawnSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], { env, encoding: "utf8" }).stdout;
  };

  beforeAll(() => {
    tmux(
      "-u",
      "new-session",
      "-d",
      "-x",
      `${SIZE.cols}`,
      "-y",
      `${SIZE.rows}`,
      "-s",
      "t",
      "stty raw -echo; exec sleep 1000",
    );
    tmux("set-option", "-g", "status", "off");
    tmux("resize-window", "-t", "t", "-x", `${SIZE.cols}`, "-y", `${SIZE.rows}`);
    tty = openSync(tmux("display-message", "-p", "-t", "t", "#{pane_tty}").trim(), "r+");
  });
  afterAll(() => {
    closeSync(tty);
    tmux("kill-server");
    rmSync(dir, { recursive: true, force: true });
  });

  let titles = 0;
  /** Writes to the pane; when tmux tells the title behind it, all of it is on the screen. */
  function show(...parts: readonly Uint8Array[]): void {
    const title = `frame${++titles}`;
    writeSync(tty, Buffer.concat([...parts, Buffer.from(`\x1b]2;${title}\x1b\\`)]));
    const deadline = Date.now() + 10_000;
    while (tmux("display-message", "-p", "-t", "t", "#{pane_title}").trim() !== title) {
      if (Date.now() > deadline) throw new Error("tmux did not read the frame in 10 s");
    }
  }

  /** What tmux shows, as a screen of ours. */
  function captured(): Screen {
    const screen = new Screen(SIZE);
    const lines = tmux("capture-pane", "-p", "-e", "-N", "-t", "t").split("\n").slice(0, SIZE.rows);
    // tmux 3.3 prints the overline's 53 as 5:3.
    const text = lines.map((line, y) => `\x1b[${y + 1}H${line.replace(/(?<![:\d])5:3(?=[;m])/g, "53")}`).join("");
    screen.feed(Buffer.from(text));
    return screen;
  }

  it("shows the same text, colours, attributes and cursor, frame by frame", () => {
    show(Buffer.from("\x1b[?7l"));
    const painter = new ScreenPainter({ depth: "truecolor" });
    const screen = new Screen(SIZE);
    for (const frame of fc.sample(stream(), { numRuns: 25, seed: 4 })) {
      screen.feed(Buffer.from(frame));
      show(painter.paint(screen, AREA), painter.cursor(screen, AREA));
      expect(shownCells(captured(), AREA)).toEqual(shownCells(screen, AREA));
      const [x, y, flag] = tmux("display-message", "-p", "-t", "t", "#{cursor_x} #{cursor_y} #{cursor_flag}")
        .trim()
        .split(" ");
      expect(flag).toBe(screen.cursor.visible ? "1" : "0");
      if (screen.cursor.visible) expect({ x, y }).toEqual({ x: `${screen.cursor.x}`, y: `${screen.cursor.y}` });
    }
  });
});
