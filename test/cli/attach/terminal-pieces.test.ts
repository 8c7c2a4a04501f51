import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TerminalPiece, TerminalPieces } from "../../../src/cli/attach/terminal-pieces.js";

function read(...chunks: readonly string[]): TerminalPiece[] {
  const pieces = new TerminalPieces();
  return chunks.flatMap((chunk) => [...pieces.read(Buffer.from(chunk, "latin1"))]);
}

/** What a session would get, mouse and focus left out. */
function typed(...chunks: readonly string[]): string {
  return read(...chunks)
    .filter(({ kind }) => kind === "text" || kind === "key" || kind === "paste")
    .map(({ bytes }) => Buffer.from(bytes).toString("latin1"))
    .join("");
}

describe("pieces of a terminal's input", () => {
  it("are text and keys as they came", () => {
    for (const keys of [
      "abc\x03\r",
      "\x1b[A\x1bOA\x1b[1;5C\x1b[3~\x1b[15;2~",
      "\x1bx\x1b\x7f",
      "\x1b[Z\x1b[1;2R\x1bOR",
      "\x1b[97;5u\x1b[27;5;9~",
      "\x1b[[A",
      "\x1b\x1b[A",
      "\x1b]x\x1bPx\x1b_x",
    ])
      expect(typed(keys)).toBe(keys);
  });

  it.each([
    ["a function key of the Linux console", "\x1b[[", "A"],
    ["a cursor key with a modifier behind SS3", "\x1bO5", "A"],
    ["Alt and a character of two bytes", "\x1b\xc3", "\xa9"],
    ["Alt and a character of three bytes", "\x1b\xe2\x82", "\xac"],
    ["Alt and a character of four bytes", "\x1b\xf0\x9f", "\x98\x80"],
    ["Alt and a cursor key", "\x1b\x1b[1;", "5A"],
    ["Alt and a key of the Linux console", "\x1b\x1b[", "[A"],
    ["a mouse report of old", "\x1b[M !", "!"],
    ["a pasted text whose end is cut", "\x1b[200~abc\x1b[20", "1~"],
  ])("are whole again where they come in two parts: %s", (_, first, second) => {
    const parts = read(first, second).filter(({ kind }) => kind !== "paste");
    if (parts.length > 0) {
      expect(parts).toHaveLength(1);
      expect(Buffer.from(parts[0]?.bytes ?? []).toString("latin1")).toBe(first + second);
    } else expect(typed(first, second)).toBe(first + second);
  });

  it("lose nothing of keys where what they began as does not come", () => {
    expect(typed("\x1bO\x01")).toBe("\x1bO\x01");
    expect(typed("\x1b\x1bx")).toBe("\x1b\x1bx");
    expect(typed("\x1b\x1b[\x01")).toBe("\x1b\x01"); // a sequence that was given up is no key
    expect(typed("\x1b\xff")).toBe("\x1b\xff");
    expect(typed("\x1b[1;\x03")).toBe("\x03");
    expect(typed("\x1b]11;\x03")).toBe("\x03");
  });

  it.each([
    ["the primary device attributes", "\x1b[?62;22c"],
    ["the secondary device attributes", "\x1b[>1;10;0c"],
    ["the status", "\x1b[0n"],
    ["the cursor's place", "\x1b[12;40R"],
    ["the cursor's place with its page", "\x1b[?12;40;1R"],
    ["a mode", "\x1b[?2026;2$y"],
    ["a mode of ANSI's", "\x1b[4;2$y"],
    ["the window's size", "\x1b[8;24;80t"],
    ["the flags of a keyboard", "\x1b[?5u"],
    ["a colour", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
    ["a colour, ended by a bell", "\x1b]10;rgb:ffff/ffff/ffff\x07"],
    ["the terminal's version", "\x1bP>|XTerm(379)\x1b\\"],
    ["a setting", "\x1bP1$r0m\x1b\\"],
    ["a picture", "\x1b_Gi=1;OK\x1b\\"],
    ["the parameters of a terminal", "\x1b[2;1;1;128;128;1;0x"],
  ])("leave out the answer that tells %s", (_, answer) => {
    expect(typed(`a${answer}b`)).toBe("ab");
    for (let at = 2; at < answer.length; at++)
      expect(typed(`a${answer.slice(0, at)}`, `${answer.slice(at)}b`)).toBe("ab");
  });

  it("tell what the mouse did", () => {
    expect(read("\x1b[<0;10;5M\x1b[<0;10;5m").map((piece) => piece.kind === "mouse" && piece.report)).toEqual([
      { code: 0, x: 10, y: 5, isRelease: false },
      { code: 0, x: 10, y: 5, isRelease: true },
    ]);
    expect(read("\x1b[M #$").map((piece) => piece.kind === "mouse" && piece.report)).toEqual([
      { code: 0, x: 3, y: 4, isRelease: false },
    ]);
    expect(read("\x1b[I\x1b[O").map(({ kind }) => kind)).toEqual(["focus", "focus"]);
  });

  it("take nothing in a paste for a key", () => {
    const paste = "\x1b[200~\x1dd\x1b[c\x1b]11;x\x1b[201~";
    expect(read(paste).every(({ kind }) => kind === "paste")).toBe(true);
    for (let at = 7; at < paste.length; at++) {
      const pieces = read(paste.slice(0, at), `${paste.slice(at)}z`);
      expect(pieces.at(-1)).toMatchObject({ kind: "text", bytes: Buffer.from("z") });
      expect(pieces.slice(0, -1).every(({ kind }) => kind === "paste")).toBe(true);
      expect(typed(paste.slice(0, at), paste.slice(at))).toBe(paste);
    }
  });

  it("wait for the rest of what may be the escape key, or a key with Alt", () => {
    const pieces = new TerminalPieces();
    for (const key of ["\x1b", "\x1b[", "\x1b]", "\x1bO"]) {
      expect(pieces.read(Buffer.from(key))).toEqual([]);
      expect(pieces.waits).toBe(true);
      expect(pieces.flush()).toMatchObject([{ kind: "key", bytes: Buffer.from(key) }]);
      expect(pieces.waits).toBe(false);
    }
    expect(pieces.read(Buffer.from("a"))).toHaveLength(1);
    expect(pieces.waits).toBe(false);
    expect(pieces.flush()).toEqual([]);
  });

  it("let nobody be shut in by an answer without an end", () => {
    expect(typed("\x1b]11;rgb:", "\x03")).toBe("\x03");
    expect(typed(`\x1b]1${"x".repeat(9000)}`, "abc")).toBe("abc");
    expect(typed("\x1b[12", "\x03")).toBe("\x03");
  });

  it("tell keys that are let go", () => {
    expect(read("\x1b[97;1:3u\x1b[1;1:3A\x1b[97;1:1u").map((piece) => piece.kind === "key" && piece.isRelease)).toEqual(
      [true, true, false],
    );
  });

  it("are the same wherever the input is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SAMPLES)), fc.nat(200), (samples, cut) => {
        const whole = Buffer.from(samples.join("")).toString("latin1");
        const at = Math.min(cut, whole.length);
        const joined = (pieces: readonly TerminalPiece[]) =>
          pieces.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("");
        expect(joined(read(`${whole}.`))).toBe(joined(read(whole.slice(0, at), `${whole.slice(at)}.`)));
      }),
    );
  });
});

const SAMPLES = [
  "a",
  "é",
  "\r",
  "\x1b[A",
  "\x1bOP",
  "\x1b[<0;1;1M",
  "\x1b[?1;2c",
  "\x1b]11;rgb:0/0/0\x07",
  "\x1b[200~x\x1b[201~",
];
