// What a terminal sends, cut into keys, mouse events and pasted text.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyReader } from "../../src/play/key-reader.js";
import { Keyboard } from "../../src/play/keyboard.js";
import type { TerminalInput } from "../../src/play/terminal-input.js";

/** Short names: `shift+left`, `ctrl+c`, `press 0 3,4`, `paste text`. */
function nameOf(input: TerminalInput): string {
  if (input.kind === "paste") return `paste ${input.text}`;
  if (input.kind === "mouse") return `${input.action} ${input.button} ${input.x},${input.y}`;
  const modifiers = (["shift", "alt", "ctrl"] as const).filter((name) => input[name]);
  return [...modifiers, input.name].join("+");
}

function read(...chunks: string[]): string[] {
  const reader = new KeyReader();
  const inputs = chunks.flatMap((chunk) => reader.read(Buffer.from(chunk, "latin1")));
  return [...inputs, ...reader.flush()].map(nameOf);
}

describe("KeyReader", () => {
  const cases: readonly [string, string[], string[]][] = [
    ["plain characters", ["a. N"], ["a", ".", "space", "N"]],
    [
      "characters of UTF-8, also where a chunk cuts one",
      ["\xc3\xa9\xe6\x97", "\xa5\xf0\x9f\x91\x8dx"],
      ["é", "日", "👍", "x"],
    ],
    ["bytes that are no UTF-8 as nothing", ["\xc3x\xa9\xff\xe6\x97y\xed\xa0\x80z"], ["x", "y", "z"]],
    ["keys with ctrl", ["\x01\x0c\x1a\x00\x1f"], ["ctrl+a", "ctrl+l", "ctrl+z", "ctrl+space", "ctrl+_"]],
    ["keys with names", ["\r\n\t\x7f\b"], ["enter", "enter", "tab", "backspace", "backspace"]],
    ["arrows, in both modes", ["\x1b[A\x1bOB\x1b[C\x1bOD"], ["up", "down", "right", "left"]],
    [
      "arrows with modifiers",
      ["\x1b[1;2D\x1b[1;3C\x1b[1;5A\x1b[1;8B"],
      ["shift+left", "alt+right", "ctrl+up", "shift+alt+ctrl+down"],
    ],
    [
      "home and end, as terminals send them",
      ["\x1b[H\x1b[F\x1bOH\x1b[1~\x1b[4~\x1b[7~\x1b[8~"],
      ["home", "end", "home", "home", "end", "home", "end"],
    ],
    ["pages, insert and delete", ["\x1b[5~\x1b[6~\x1b[2~\x1b[3;5~"], ["pageup", "pagedown", "insert", "ctrl+delete"]],
    [
      "function keys, as terminals send them",
      ["\x1bOP\x1b[11~\x1b[[A\x1b[[E\x1b[24~\x1b[1;2P"],
      ["f1", "f1", "f1", "f5", "f12", "shift+f1"],
    ],
    ["the tab key with shift", ["\x1b[Z"], ["shift+tab"]],
    ["keys of the keypad, with a modifier or not", ["\x1bOM\x1bO5P"], ["enter", "f1"]],
    [
      "keys as kitty and xterm spell them out",
      ["\x1b[97;5u\x1b[27;5;120~\x1b[13u\x1b[55296u\x1b[0u"],
      ["ctrl+a", "ctrl+x", "enter"],
    ],
    ["a key with alt", ["\x1bx\x1b\xc3\xa9\x1b\r"], ["alt+x", "alt+é", "alt+enter"]],
    ["alt as a second escape", ["\x1b\x1b[A."], ["alt+up", "."]],
    ["the escape key, when nothing follows", ["\x1b"], ["escape"]],
    ["alt with a key that begins a sequence, when nothing follows", ["\x1b["], ["alt+["]],
    ["alt and O, when nothing follows", ["\x1bO"], ["alt+O"]],
    ["a sequence cut between chunks", ["\x1b", "[", "1;", "5C", "."], ["ctrl+right", "."]],
    [
      "the mouse",
      ["\x1b[<0;10;5M\x1b[<32;11;5M\x1b[<0;11;5m\x1b[<2;1;1M"],
      ["press 0 9,4", "drag 0 10,4", "release 0 10,4", "press 2 0,0"],
    ],
    ["the wheel", ["\x1b[<64;1;2M\x1b[<65;3;4M\x1b[<66;1;1M"], ["wheel-up 0 0,1", "wheel-down 1 2,3"]],
    [
      "motion without a button and damaged reports as nothing",
      ["\x1b[<35;1;1M\x1b[<0;1M\x1b[<0;1;1xx\x1b[<128;1;1M"],
      ["x"],
    ],
    ["a mouse report of the old kind as nothing", ["\x1b[M !]x"], ["x"]],
    ["answers about colours as nothing", ["\x1b]11;rgb:00/00/00\x1b\\.\x1b]11; ]\x07x"], [".", "x"]],
    [
      "device answers as nothing",
      ["\x1bP>|term . \x1b\\x\x1b_Gi=1;OK\x1b\\y\x1b[?62;4c\x1b[12;40Rz\x1b[I\x1b[?2026;2$y"],
      ["x", "y", "z"],
    ],
    ["pasted text as one", ["\x1b[200~ . ]\xc3\xa9\x1b[A~\x1b[201~x"], ["paste  . ]é\x1b[A~", "x"]],
    ["a sequence broken off by another", ["\x1b[1\x1b[Ax"], ["up", "x"]],
    ["control-C wherever it comes", ["\x1b[1\x03", "\x1b]1\x03", "\x1b\x03"], ["ctrl+c", "ctrl+c", "ctrl+c"]],
    ["control-C in the midst of a paste", ["\x1b[200~a\x03b\x1b[201~"], ["ctrl+c", "paste ab"]],
    ["endless parameters, in bounded memory", [`\x1b[${"1;".repeat(5000)}mx`], ["x"]],
    ["a control character of eight bits as nothing", ["\xc2\x85x"], ["x"]],
  ];
  it.each(cases)("reads %s", (_name, chunks, keys) => {
    expect(read(...chunks)).toEqual(keys);
  });

  it("gives the text that a key types, and none with alt or ctrl", () => {
    const keys = new KeyReader().read(Buffer.from("a \x1ba\x01é"));
    expect(keys.map((key) => (key.kind === "key" ? key.text : ""))).toEqual(["a", " ", undefined, undefined, "é"]);
  });

  it("finds the same whatever the chunks", () => {
    const all = Buffer.from(
      "a\x1b[1;5C.é\x1b]11;rgb:0/0/0\x07 \x1b[M !]]\x1b[200~..\x1b[201~x\x1bOA\x1b[<0;3;4M\x1bxy",
    );
    const whole = new KeyReader().read(all).map(nameOf);
    fc.assert(
      fc.property(fc.array(fc.nat(all.length)), (cuts) => {
        const reader = new KeyReader();
        const places = [0, ...cuts.sort((a, b) => a - b), all.length];
        const parts = places.slice(1).map((end, n) => all.subarray(places[n], end));
        expect(parts.flatMap((part) => reader.read(part)).map(nameOf)).toEqual(whole);
      }),
    );
  });

  it("waits only where what came may be a key as it is", () => {
    const reader = new KeyReader();
    const waits = (text: string) => {
      reader.read(Buffer.from(text));
      const { waits: answer } = reader;
      reader.flush();
      reader.read(Buffer.from("\x1b\\"));
      reader.flush();
      return answer;
    };
    expect(["a", "\x1b", "\x1b[", "\x1b]", "\x1bO"].map(waits)).toEqual([false, true, true, true, true]);
    expect(["\x1b[1", "\x1b]1"].map(waits)).toEqual([false, false]);
  });

  it("keeps the first 64 KB of a paste and finds its end", () => {
    const [paste, key] = new KeyReader().read(Buffer.from(`\x1b[200~${"a".repeat(100_000)}\x1b[201~x`));
    expect(paste?.kind === "paste" && paste.text.length).toBe(64 * 1024 - 6);
    expect(key).toMatchObject({ name: "x" });
  });

  it("survives anything", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = new KeyReader();
        reader.read(bytes);
        reader.flush();
        expect(reader.read(Buffer.from("\x03")).map(nameOf)).toContain("ctrl+c");
      }),
    );
  });
});

describe("Keyboard", () => {
  it("commands what asciinema's keys command and passes over the others", () => {
    const commands: string[] = [];
    const keyboard = new Keyboard((command) => commands.push(command));
    keyboard.input(Buffer.from(" .xq]\x03"));
    expect(commands).toEqual(["toggle", "step", "marker", "stop"]);
  });

  it("takes an escape at a chunk's end for the escape key, and no key with alt, no mouse and no paste for a command", () => {
    const commands: string[] = [];
    const keyboard = new Keyboard((command) => commands.push(command));
    for (const chunk of ["\x1b", ".", "\x1b.", "\x1b[<0;1;1M", "\x1b[200~ .\x1b[201~"])
      keyboard.input(Buffer.from(chunk));
    expect(commands).toEqual(["step"]);
  });
});
