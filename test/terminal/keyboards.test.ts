// The kitty keyboard protocol: which flags are in force after which sequences. The protocol's own text is the measure.
import { describe, expect, it } from "vitest";
import { Screen } from "../../src/terminal/index.js";

function flagsAfter(text: string): number {
  const screen = new Screen({ cols: 20, rows: 4 });
  screen.feed(Buffer.from(text));
  return screen.modes.kittyKeyboard;
}

describe("keyboard flags", () => {
  it.each<[string, string, number]>([
    ["are off at first", "", 0],
    ["are set", "\x1b[=5u", 5],
    ["are set anew", "\x1b[=5u\x1b[=2;1u", 2],
    ["are set whatever came before", "\x1b[1;2;3m\x1b[=5u", 5],
    ["are switched on one by one", "\x1b[=5u\x1b[=2;2u", 7],
    ["are switched off one by one", "\x1b[=7u\x1b[=2;3u", 5],
    ["stay under an unknown mode", "\x1b[=7u\x1b[=2;4u", 7],
    ["are those that were pushed", "\x1b[=5u\x1b[>1u", 1],
    ["are none where none are pushed", "\x1b[=5u\x1b[>u", 0],
    ["come back when popped", "\x1b[=5u\x1b[>1u\x1b[<u", 5],
    ["come back when several are popped", "\x1b[=5u\x1b[>1u\x1b[>2u\x1b[<2u", 5],
    ["are off when more are popped than there are", "\x1b[=5u\x1b[>1u\x1b[<3u", 0],
    ["are off when nothing was pushed", "\x1b[=5u\x1b[<u", 0],
    ["are no more than there are", "\x1b[=4095u", 31],
    ["are off after a full reset", "\x1b[=5u\x1bc", 0],
    ["of the alternate buffer are its own", "\x1b[=5u\x1b[?1049h", 0],
    ["of the normal buffer come back with it", "\x1b[=5u\x1b[?1049h\x1b[>3u\x1b[?1049l", 5],
    ["of the alternate buffer are kept", "\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[?1049h", 3],
  ])("%s", (_, text, flags) => {
    expect(flagsAfter(text)).toBe(flags);
  });

  it("are kept for sixteen pushes: the oldest go", () => {
    const pushes = Array.from({ length: 18 }, (_, at) => `\x1b[>${at + 1}u`).join("");
    expect(flagsAfter(`${pushes}\x1b[<16u`)).toBe(2);
    expect(flagsAfter(`${pushes}\x1b[<17u`)).toBe(0);
  });

  it("do not take CSI u, which restores the cursor", () => {
    const screen = new Screen({ cols: 20, rows: 4 });
    screen.feed(Buffer.from("ab\x1b[scd\x1b[uX"));
    expect(screen.text()[0]).toBe("abXd");
  });
});
