import { describe, expect, it } from "vitest";
import { type MouseReport, translateMouse } from "../../../src/cli/attach/mouse-report.js";
import { Screen } from "../../../src/terminal/index.js";

const AREA = { x: 0, y: 0, cols: 40, rows: 10, left: 0, top: 0 };

function translated(modes: string, report: Partial<MouseReport>, area = AREA, size = { cols: 80, rows: 24 }) {
  const screen = new Screen(size);
  screen.feed(Buffer.from(modes));
  const whole = { code: 0, x: 1, y: 1, isRelease: false, ...report };
  const bytes = translateMouse(whole, screen.modes, { ...size, area });
  return bytes && Buffer.from(bytes).toString("latin1");
}

describe("what the mouse did, for a session", () => {
  it("is told in places of the session's screen", () => {
    const area = { ...AREA, left: 30, top: 5 };
    expect(translated("\x1b[?1000h\x1b[?1006h", { x: 3, y: 4 }, area)).toBe("\x1b[<0;33;9M");
    expect(translated("\x1b[?1000h\x1b[?1006h", { x: 3, y: 4, isRelease: true }, area)).toBe("\x1b[<0;33;9m");
  });

  it("is told in the form that the program asked for", () => {
    expect(translated("\x1b[?1000h", { x: 3, y: 4 })).toBe("\x1b[M #$");
    expect(translated("\x1b[?1000h", { x: 3, y: 4, isRelease: true })).toBe("\x1b[M##$");
    expect(translated("\x1b[?1000h", { x: 300 }, { ...AREA, cols: 400 }, { cols: 400, rows: 10 })).toBeUndefined();
    expect(translated("\x1b[?1003h\x1b[?1016h", { x: 333, y: 444, code: 35 })).toBe("\x1b[<35;333;444M");
    expect(translated("\x1b[?1003h\x1b[?1016h", { x: 333, y: 444, code: 35 }, { ...AREA, left: 1 })).toBeUndefined();
  });

  it("is told as far as the program asked for it", () => {
    const [press, release, motion, drag, wheel] = [
      {},
      { isRelease: true },
      { code: 35 },
      { code: 32 },
      { code: 64 },
    ] as const;
    const wanted = (modes: string) =>
      [press, release, motion, drag, wheel].map((report) => translated(modes, report) !== undefined);
    expect(wanted("")).toEqual([false, false, false, false, false]);
    expect(wanted("\x1b[?9h")).toEqual([true, false, false, false, false]);
    expect(wanted("\x1b[?1000h")).toEqual([true, true, false, false, true]);
    expect(wanted("\x1b[?1002h")).toEqual([true, true, false, true, true]);
    expect(wanted("\x1b[?1003h")).toEqual([true, true, true, true, true]);
    expect(translated("\x1b[?9h", { code: 4 })).toBe("\x1b[M !!");
  });

  it("begins within the session's screen, and ends at its edge", () => {
    const size = { cols: 20, rows: 5 };
    const sgr = "\x1b[?1002h\x1b[?1006h";
    expect(translated(sgr, { x: 30, y: 3 }, AREA, size)).toBeUndefined();
    expect(translated(sgr, { x: 30, y: 3, code: 32 }, AREA, size)).toBe("\x1b[<32;20;3M");
    expect(translated(sgr, { x: 3, y: 9, isRelease: true }, AREA, size)).toBe("\x1b[<0;3;5m");
  });
});
