import { describe, expect, it } from "vitest";
import { ModeMirror, mirroredModes } from "../../../src/cli/attach/mode-mirror.js";
import { Screen } from "../../../src/terminal/index.js";

/** The modes that a program's output switches. */
function modesOf(output: string) {
  const screen = new Screen({ cols: 20, rows: 5 });
  screen.feed(Buffer.from(output));
  return mirroredModes(screen.modes);
}

const EVERYTHING = "\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h\x1b[>5u\x1b[?25l";

describe("modes of a session on the user's terminal", () => {
  it("are switched as the session's program switches them, and back", () => {
    const mirror = new ModeMirror();
    expect(mirror.modes(modesOf(""))).toBe("");
    expect(mirror.modes(modesOf("\x1b[?1h\x1b="))).toBe("\x1b[?1h\x1b=");
    expect(mirror.modes(modesOf("\x1b[?1h\x1b=\x1b[?2004h"))).toBe("\x1b[?2004h");
    expect(mirror.modes(modesOf("\x1b[?2004h"))).toBe("\x1b[?1l\x1b>");
    expect(mirror.undo()).toBe("\x1b[?2004l");
    expect(mirror.undo()).toBe("");
  });

  it("make a terminal behave as the session's, and leave it as it was found", () => {
    const terminal = new Screen({ cols: 20, rows: 5 });
    const mirror = new ModeMirror();
    const found = terminal.modes;
    terminal.feed(Buffer.from(mirror.modes(modesOf(EVERYTHING))));
    expect(terminal.modes).toMatchObject({
      applicationCursorKeys: true,
      applicationKeypad: true,
      bracketedPaste: true,
      focusReporting: true,
      mouseTracking: "button",
      mouseEncoding: "sgr",
      kittyKeyboard: 5,
    });
    terminal.feed(Buffer.from(mirror.modes(modesOf("\x1b[?1003h\x1b[?1016h"))));
    expect(terminal.modes).toMatchObject({ mouseTracking: "any", mouseEncoding: "sgrPixels", kittyKeyboard: 0 });
    terminal.feed(Buffer.from(mirror.undo()));
    expect(terminal.modes).toEqual(found);
  });

  it("are all switched again when somebody else had the terminal", () => {
    const mirror = new ModeMirror();
    mirror.modes(modesOf("\x1b[?1h\x1b[?1000h"));
    mirror.forget();
    expect(mirror.modes(modesOf("\x1b[?1h\x1b[?1000h"))).toBe(
      "\x1b[?1h\x1b[?2004l\x1b[?1004l\x1b>\x1b[?1000l\x1b[?1006l\x1b[?1006h\x1b[?1000h",
    );
    expect(mirror.modes(modesOf("\x1b[?1h\x1b[?1000h"))).toBe("");
  });

  it("keep the window's own title and put it back", () => {
    const mirror = new ModeMirror();
    expect(mirror.title(undefined)).toBe("");
    expect(mirror.title("vim")).toBe("\x1b[22;2t\x1b]2;vim\x1b\\");
    expect(mirror.title("vim")).toBe("");
    expect(mirror.title("less")).toBe("\x1b]2;less\x1b\\");
    expect(mirror.undo()).toBe("\x1b[23;2t");
    expect(mirror.undo()).toBe("");
  });
});
