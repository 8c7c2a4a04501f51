// What a terminal sends, cut into keys.
import { describe, expect, it } from "vitest";
import { KeyReader } from "../../src/play/key-reader.js";
import { Keyboard } from "../../src/play/keyboard.js";

function read(...chunks: string[]): string {
  const reader = new KeyReader();
  return chunks.flatMap((chunk) => reader.read(Buffer.from(chunk, "latin1"))).join("");
}

describe("KeyReader", () => {
  const cases: readonly [string, string[], string][] = [
    ["plain characters are keys", ["a. ]"], "a. ]"],
    ["arrow keys are no letters", ["\x1b[A\x1b[1;5C."], "."],
    ["application arrow keys are no letters", ["\x1bOA."], "."],
    ["a key with Alt is another key", ["\x1b.x"], "x"],
    ["the escape key alone swallows nothing", ["\x1b", "."], "."],
    ["two escapes before a sequence are passed over with it", ["\x1b\x1b[A."], "."],
    ["a sequence cut between chunks is passed over whole", ["\x1b[1;", "5C", "."], "."],
    ["a mouse report of the old kind holds no keys", ["\x1b[M !]x"], "x"],
    ["a mouse report of the new kind holds no keys", ["\x1b[<0;10;10Mx"], "x"],
    ["an answer about colours ended by ST holds no keys", ["\x1b]11;rgb:00/00/00\x1b\\."], "."],
    ["an answer about colours ended by BEL holds no keys", ["\x1b]11; ]\x07."], "."],
    ["device answers hold no keys", ["\x1bP>|term . \x1b\\x\x1b_Gi=1;OK\x1b\\y"], "xy"],
    ["pasted text holds no keys", ["\x1b[200~ . ]\x1b[201~x"], "x"],
    ["characters beyond ASCII are no keys", ["\xc3\xa9x"], "x"],
    ["a sequence broken off by another is dropped", ["\x1b[1\x1b[Ax"], "x"],
    ["control-C counts wherever it comes", ["\x1b[1\x03", "\x1b]1\x03", "\x1b[200~\x03"], "\x03\x03\x03"],
    ["endless parameters take no memory and are passed over", [`\x1b[${"1;".repeat(5000)}mx`], "x"],
  ];
  it.each(cases)("%s", (_name, chunks, keys) => {
    expect(read(...chunks)).toBe(keys);
  });

  it("finds the same keys whatever the chunks, unless one ends in ESC", () => {
    const all = "a\x1b[1;5C.\x1b]11;rgb:0/0/0\x07 \x1b[M !]]\x1b[200~..\x1b[201~x";
    for (let cut = 0; cut <= all.length; cut++)
      if (all[cut - 1] !== "\x1b") expect(read(all.slice(0, cut), all.slice(cut))).toBe("a. ]x");
  });
});

describe("Keyboard", () => {
  it("commands what asciinema's keys command and passes over the others", () => {
    const commands: string[] = [];
    const keyboard = new Keyboard((command) => commands.push(command));
    keyboard.input(Buffer.from(" .xq]\x03"));
    expect(commands).toEqual(["toggle", "step", "marker", "stop"]);
  });
});
