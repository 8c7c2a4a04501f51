// The player on a terminal: what is seen, what the mouse and the prompts do, how the terminal is given back.
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { FormatError, NANOS_PER_SECOND } from "../../../src/core/index.js";
import { type FindOptions, FRAME_NANOS, type TextHit, type TextPattern } from "../../../src/play/index.js";
import { Screen } from "../../../src/terminal/index.js";
import { shownCells } from "../../terminal/painted.js";
import { marker, output, resize } from "../recordings.js";
import { UiWorld, type UiWorldOptions } from "./ui-driver.js";

/** One line a second from 0 to 99 seconds. */
const LINES = Array.from({ length: 100 }, (_, n) =>
  output(n, `${n > 0 ? "\r\n" : ""}line ${n} \x1b[3${n % 8}mx\x1b[0m`),
);

let world: UiWorld | undefined;
afterEach(() => world?.end());

async function open(events = LINES, options: UiWorldOptions = {}): Promise<UiWorld> {
  world = await UiWorld.open(events, options);
  return world;
}

describe("PlayerUi", () => {
  it("shows the recording's cells above and the status below, and nothing of its bytes", async () => {
    const { rows, tty, screen, player } = await open([output(0, "\x1b]0;title\x07日本\x1b[1;31mred\x1b[5n")]);
    expect(rows[0]).toBe("日本red");
    expect(rows.at(-1)).toMatch(/^■ 0:00\.0 \/ 0:00\.0 /);
    expect(tty.text).not.toContain("title");
    expect(tty.text).not.toContain("\x1b[5n");
    const area = { x: 0, y: 0, cols: 80, rows: 24, left: 0, top: 0 };
    expect(shownCells(screen, area)).toEqual(shownCells(player.screen, area));
    expect(screen.cursor).toMatchObject({ x: 7, y: 0, visible: true });
  });

  it("draws frames as they come, at most sixty a second, the first after a pause at once", async () => {
    const events = [output(0, "a"), output(1, "b"), output(1.001, "c"), output(1.002, "d"), output(5, "e")];
    const { clock, tty } = await open(events);
    const drawn: { readonly at: number; readonly row: string | undefined }[] = [];
    const show = tty.onWrite;
    tty.onWrite = (bytes) => {
      void show(bytes);
      const row = world?.rows[0];
      if (row !== drawn.at(-1)?.row) drawn.push({ at: clock.now(), row });
    };
    clock.advanceTo(1e9);
    await world?.settle();
    clock.advanceTo(5e9);
    await world?.settle();
    expect(drawn.slice(1).map(({ row }) => row)).toEqual(["ab", "abcd", "abcde"]);
    expect(drawn[1]?.at).toBe(1e9);
    expect((drawn[2]?.at ?? 0) - 1e9).toBeGreaterThanOrEqual(FRAME_NANOS);
    expect(drawn[3]?.at).toBe(5e9);
  });

  it("has one write under way at most, and shows the newest afterwards", async () => {
    const { clock, tty } = await open(LINES, { size: { cols: 40, rows: 12 } });
    let written = 0;
    let release = () => {};
    const show = tty.onWrite;
    tty.onWrite = (bytes) => {
      written += 1;
      void show(bytes);
      return new Promise((resolve) => {
        release = resolve;
      });
    };
    for (let second = 1; second < 30; second++) {
      clock.advanceTo(second * 1e9);
      await world?.settle();
    }
    expect(written).toBe(1);
    tty.onWrite = show;
    release();
    await world?.settle();
    expect(world?.rows).toContain("line 29 x");
  });

  it("writes nothing while nothing changes", async () => {
    const { tty } = await open(LINES, { pausedAt: 50 });
    const before = tty.text;
    await world?.settle();
    await world?.press("\x1b[200~pasted\x1b[201~");
    expect(tty.text).toBe(before);
  });

  it("follows the cursor where the terminal is smaller, pans, and follows again with the next key", async () => {
    const text = `\x1b[2;3Hfirst\x1b[20;70Hlast`;
    const { press } = { press: (...keys: string[]) => world?.press(...keys) };
    await open([output(0, text)], { size: { cols: 30, rows: 8 } });
    expect(world?.rows.slice(0, 7).join("\n")).toContain("last");
    expect(world?.screen.cursor).toMatchObject({ visible: true });
    await press("alt+up", "alt+up", "alt+up", "alt+up", "alt+left", "alt+left", "alt+left", "alt+left", "alt+left");
    expect(world?.rows[1]).toBe("  first");
    expect(world?.screen.cursor.visible).toBe(false);
    await press("y");
    expect(world?.rows.slice(0, 7).join("\n")).toContain("last");
  });

  it("marks the edges of a recording that is smaller, and takes the new size of one that is resized", async () => {
    const events = [output(0, "\x1b[?25lab\r\ncd"), resize(10, 3, 1), output(10, "\x1b[Hxyz")];
    await open(events, { size: { cols: 10, rows: 6 }, header: { cols: 4, rows: 2 }, pausedAt: 0 });
    expect(world?.rows.slice(0, 5)).toEqual(["ab  │", "cd  │", "────┘", "", ""]);
    await world?.press("end");
    expect(world?.rows.slice(0, 5)).toEqual(["xyz│", "───┘", "", "", ""]);
  });

  it("draws everything anew when the terminal takes another size", async () => {
    await open(LINES, { pausedAt: 50 });
    await world?.resize({ cols: 40, rows: 10 });
    expect(world?.rows.slice(-2)[0]).toMatch(/^line 50 x/);
    expect(world?.status).toMatch(/^‖ 0:50\.0 \/ 1:39\.0 /);
    await world?.press("h");
    await world?.resize({ cols: 120, rows: 30 });
    expect(world?.rows[0]).toMatch(/^Keys/);
    await world?.press("y");
    expect(world?.rows[0]).toMatch(/^line 27 x/);
  });

  it.each([1, 2, 3, 20])("shows something on a terminal of %i rows", async (rows) => {
    await open(LINES, { pausedAt: 50, size: { cols: 20, rows } });
    expect(world?.rows.join("\n")).toContain(rows === 1 ? "line 50" : "‖ 0:50.0 / 1:39.0");
  });

  it("shows the help until a key or a click", async () => {
    await open(LINES, { pausedAt: 50 });
    for (const closing of ["q", "\x1b[<0;1;1M"]) {
      await world?.press("f1");
      expect(world?.rows.join("\n")).toMatch(/pause, or play on[\s\S]*ctrl\+c/);
      expect(world?.screen.cursor.visible).toBe(false);
      await world?.press(closing);
      expect(world?.rows[0]).toMatch(/^line 27 x/);
    }
    expect(world?.quits).toBe(0);
    await world?.press("h", "ctrl+c");
    expect(world?.quits).toBe(1);
  });

  it("turns the help's pages where it has several; escape and q close it at once", async () => {
    await open(LINES, { pausedAt: 50, size: { cols: 40, rows: 10 } });
    await world?.press("h", "y");
    expect(world?.rows[0]).toBe("Keys 2/5: any key shows more");
    await world?.press("y", "\x1b[<0;1;1M", "y");
    expect(world?.rows[0]).toBe("Keys 5/5: any key closes this");
    await world?.press("y");
    expect(world?.rows[0]).toMatch(/^line/);
    for (const closing of ["q", "escape"]) {
      await world?.press("h", closing);
      await world?.settle();
      expect(world?.rows[0]).toMatch(/^line/);
    }
    expect(world?.quits).toBe(0);
  });

  it("gives the terminal to the shell and takes it again, with no time passed in the recording", async () => {
    await open(LINES, { size: { cols: 40, rows: 10 } });
    await world?.press("5", "space");
    await world?.press("space");
    const before = world?.player.position ?? 0;
    const away: unknown[] = [];
    if (world !== undefined) {
      const { tty, clock } = world;
      tty.onSuspend = async () => {
        const left = tty.text.length;
        clock.advanceTo(clock.now() + 60 * NANOS_PER_SECOND);
        for (let turn = 0; turn < 10; turn++) await nextTurn();
        away.push(tty.text.slice(0, left).endsWith("\x1b[?1049l"), tty.text.length === left);
      };
    }
    await world?.press("ctrl+z");
    expect(away).toEqual([true, true]);
    expect(world?.player.state).toBe("playing");
    expect((world?.player.position ?? 0) - before).toBeLessThan(NANOS_PER_SECOND);
    expect(world?.status).toContain("►");
  });

  it("ends in good order when it is ended while the shell has the terminal", async () => {
    await open(LINES, { pausedAt: 50 });
    if (world !== undefined) {
      const { tty, ui } = world;
      tty.onSuspend = () => ui.close("the end");
    }
    await world?.press("ctrl+z");
    expect(world?.tty.text.split("\x1b[?1049h")).toHaveLength(2);
    expect(world?.tty.text).toMatch(/the end\r\n$/);
  });

  it("goes where the timeline is clicked or dragged to, and no further than its ends", async () => {
    await open(LINES, { pausedAt: 50 });
    const from = world?.status.indexOf("▂") ?? -1;
    const bar = /[·▁▂▃▄▅▆▇█◆]+/.exec(world?.status ?? "");
    const [x, end] = [bar?.index ?? 0, (bar?.index ?? 0) + (bar?.[0].length ?? 0) - 1];
    expect(from).toBeLessThan(end);
    const mouse = (code: number, column: number, row: number, final = "M") =>
      `\x1b[<${code};${column + 1};${row + 1}${final}`;
    await world?.press(mouse(0, x, 24));
    expect(world?.position).toBe(0);
    await world?.press(mouse(32, end, 3));
    expect(world?.position).toBe(99);
    await world?.press(mouse(32, 0, 3));
    expect(world?.position).toBe(0);
    await world?.press(mouse(0, 0, 3, "m"), mouse(32, end, 24), mouse(0, end, 23), mouse(32, end, 24));
    expect(world?.position).toBe(0);
    await world?.press(mouse(65, 3, 3), mouse(65, 3, 3), mouse(64, 3, 3));
    expect(world?.position).toBe(5);
  });

  it("leaves the mouse to the terminal where told so", async () => {
    await open(LINES, { mouse: false });
    expect(world?.tty.text).not.toContain("\x1b[?1002h");
  });

  it("takes a lone escape for a key only when nothing follows", async () => {
    await open(LINES, { pausedAt: 50 });
    await world?.press("g", "9");
    world?.tty.type("\x1b");
    world?.tty.type("[D");
    await world?.settle();
    expect(world?.status).toBe("go to: 9");
    await world?.press("escape");
    await world?.settle();
    expect(world?.status).toMatch(/^‖/);
  });

  it("asks for a position and says what is none", async () => {
    await open(LINES, { pausedAt: 50 });
    await world?.press("g", "1:x", "enter");
    expect(world?.status).toMatch(/^go to: 1:x {2}not a position in time: "1:x"/);
    expect(world?.screen.cursor).toMatchObject({ x: 10, y: 24, visible: true });
    await world?.press("backspace", "\x1b[200~0\x1b[31m5\nmore\x1b[201~");
    expect(world?.status).toBe("go to: 1:05");
    await world?.press("ctrl+u", "1:05", "enter");
    expect(world?.position).toBe(65);
    await world?.press("g", "50%", "enter");
    expect(world?.position).toBe(49.5);
    await world?.press("g", "backspace");
    expect(world?.status).toMatch(/^‖/);
    await world?.press("g", "ctrl+c");
    expect(world?.quits).toBe(1);
  });

  it("says that a recording names no time of day", async () => {
    await open(LINES, { pausedAt: 50 });
    await world?.press("t");
    expect(world?.status).toBe("‖ 0:50.0  this recording does not say when it began");
    await world?.press("ctrl+l");
    expect(world?.status).toContain("1:39.0");
  });

  it("keeps the time of day where there is no room for the date", async () => {
    await open(LINES, {
      pausedAt: 50,
      header: { startTime: BigInt(new Date(2026, 0, 2, 3, 4, 5).getTime()) * 1_000_000n },
    });
    await world?.press("t");
    expect(world?.status).toMatch(/^‖ 2026-01-02 03:04:55 \//);
    await world?.resize({ cols: 20, rows: 5 });
    expect(world?.status).toBe("‖ 03:04:55 / 1:39.0");
  });

  it("says where a recording is damaged, on one line", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "it ends\nhere \x1b[31m");
    await open([output(0, "x")], { failure });
    expect(world?.status).toBe("■ 0:00.0  it ends␊here");
  });

  it("is told when the terminal goes away", async () => {
    await open();
    expect(world?.ui.gone).toBe(false);
    expect(world?.ui.touched).toBe(false);
    world?.tty.hangUp();
    expect(world?.ui.gone).toBe(true);
    expect(world?.quits).toBe(1);
  });

  it("leaves the terminal as it was, with the last screen in colour and a last line below", async () => {
    const { tty, player } = await open([output(0, "\x1b[31mred\x1b[0m\r\n\r\nplain"), output(9, "never")]);
    const size = { cols: 80, rows: 25 };
    const terminal = new Screen(size);
    terminal.feed(Buffer.from("$ play\r\n"));
    await world?.end("::: the end");
    terminal.feed(Buffer.from(tty.text));
    expect(terminal.text().slice(0, 6)).toEqual(["$ play", "red", "", "plain", "::: the end", ""]);
    expect(terminal.snapshot().lines[1]?.cell(0).fg).toBe(1);
    expect(terminal.alternate).toBe(false);
    expect(terminal.cursor).toMatchObject({ x: 0, y: 5, visible: true });
    expect(terminal.modes).toEqual(new Screen(size).modes);
    expect([tty.raw, tty.closed, player.state]).toEqual([false, true, "idle"]);
    const before = tty.text;
    await world?.ui.close("again");
    expect(tty.text).toBe(before);
  });

  it("can be closed while the player runs, and draws nothing more", async () => {
    const { tty, ui, clock } = await open(LINES);
    await ui.close();
    const before = tty.text;
    expect(before.split("\x1b[?1049l")[1]).toContain("line 0 ");
    clock.advanceTo(20e9);
    await world?.settle();
    expect(tty.text).toBe(before);
  });

  it("leaves no listener of the process behind", async () => {
    const count = () => ["exit", "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"].map((name) => process.listenerCount(name));
    const before = count();
    await open();
    await world?.end();
    expect(count()).toEqual(before);
  });
});

describe("PlayerUi searching", () => {
  /** Finds lines by brute force: line n appears with event n. */
  function makeSearch(texts: readonly string[] = LINES.map((_, n) => `line ${n}`)) {
    const asked: FindOptions[] = [];
    const find = async ({ regex }: TextPattern, options: FindOptions): Promise<TextHit | undefined> => {
      asked.push(options);
      const { from, direction, inclusive = false } = options;
      const events = texts.flatMap((text, n) => (new RegExp(regex, "u").test(text) ? [n + 1] : []));
      const reached = events.filter((at) => (inclusive && at === from) || (direction > 0 ? at > from : at < from));
      const at = direction > 0 ? reached[0] : reached.at(-1);
      return at === undefined ? undefined : { time: 0, events: at, line: "", start: 0, length: 1 };
    };
    return { find, asked };
  }

  it("goes to the nearest hit as one types, shows it, and stays with enter", async () => {
    await open(LINES, { search: makeSearch(), pausedAt: 50 });
    await world?.press("/", "7");
    expect([world?.position, world?.status]).toEqual([57, "/7"]);
    await world?.press("7");
    expect(world?.position).toBe(77);
    const row = world?.rows.findIndex((text) => text.startsWith("line 77")) ?? -1;
    expect(world?.screen.snapshot().lines[row]?.cell(5)).toMatchObject({ chars: "7", fg: 0, bg: 3 });
    await world?.press("enter");
    expect(world?.status).toContain("1 × /77");
    await world?.press("escape");
    await world?.settle();
    expect(world?.screen.snapshot().lines[row]?.cell(5)).toMatchObject({ fg: -1, bg: -1 });
  });

  it("goes back to where it was with escape, and plays on if it did", async () => {
    await open(LINES, { search: makeSearch() });
    world?.clock.advanceTo(5e9);
    await world?.settle();
    await world?.press("?", "1");
    expect([world?.player.state, Math.floor(world?.position ?? 0)]).toEqual(["paused", 1]);
    await world?.press("escape");
    await world?.settle();
    expect([world?.player.state, Math.floor(world?.position ?? 0)]).toEqual(["playing", 5]);
  });

  it("goes from hit to hit in the direction of the search and against it", async () => {
    await open(LINES, { search: makeSearch(), pausedAt: 50 });
    await world?.press("?", "9", "enter");
    expect(world?.position).toBe(49);
    await world?.press("n", "n");
    expect(world?.position).toBe(29);
    await world?.press("N");
    expect(world?.position).toBe(39);
    await world?.press("/", "enter");
    expect(world?.position).toBe(49);
  });

  it("says what is wrong with a pattern, that there is no hit, and that nothing can be searched", async () => {
    await open(LINES, { search: makeSearch(), pausedAt: 50 });
    await world?.press("n");
    expect(world?.status).toBe("‖ 0:50.0  nothing is searched: / searches");
    await world?.press("/", "\\v(");
    expect(world?.status).toMatch(/^\/\\v\( {2}not a regular expression/);
    await world?.press("ctrl+u", "zzz");
    expect([world?.status, world?.position]).toEqual(["/zzz  no later hit", 50]);
    await world?.press("enter");
    expect(world?.status).toBe("‖ 0:50.0  no later hit");
    await world?.press("/", "\\v(", "enter");
    expect(world?.status).toMatch(/^\/\\v\( {2}not a regular expression/); // and nothing else is searched
    await world?.press("ctrl+u", "escape");
    await world?.settle();
    await world?.press("?", "zzz");
    expect(world?.status).toBe("?zzz  no earlier hit");
    await world?.press("ctrl+u");
    expect(world?.status).toBe("?");
    await world?.press("escape");
    await world?.settle();
    await world?.end();
    await open(LINES, { pausedAt: 50 });
    await world?.press("/");
    expect(world?.status).toContain("this recording cannot be searched");
  });

  it("gives up a search that is overtaken by more typing, and tells how far it is", async () => {
    const { find, asked } = makeSearch();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = async (pattern: TextPattern, options: FindOptions) => {
      if (pattern.source !== "6") return find(pattern, options);
      options.onProgress?.(0.4);
      await held;
      return find(pattern, options);
    };
    await open(LINES, { search: { find: slow }, pausedAt: 50 });
    await world?.press("/", "6");
    expect(world?.status).toBe("/6  searching, 40 %");
    await world?.press("8");
    release();
    await world?.settle();
    expect(world?.position).toBe(68);
    expect(asked.at(-1)?.signal?.aborted).toBe(true);
  });

  it("tells of a search that fails", async () => {
    const find = async () => Promise.reject(new Error("cannot read\x1b"));
    await open(LINES, { search: { find }, pausedAt: 50 });
    await world?.press("/", "6");
    expect(world?.status).toBe("/6  cannot read␛");
  });

  it("says that there are no markers to go to", async () => {
    await open(LINES, { pausedAt: 50 });
    for (const key of ["[", "]"]) {
      await world?.press(key);
      expect(world?.status).toBe("‖ 0:50.0  this recording has no markers");
    }
    expect(world?.position).toBe(50);
  });

  it("marks the recording's markers on the timeline", async () => {
    await open([output(0, "a"), marker(50, "half"), output(100, "b")], { pausedAt: 0 });
    expect(world?.status).toMatch(/ █·+◆·+█ /);
  });
});
