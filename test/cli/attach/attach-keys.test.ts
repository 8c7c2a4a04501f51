import { describe, expect, it } from "vitest";
import { type AttachInput, PrefixGate } from "../../../src/cli/attach/attach-keys.js";
import { TerminalPieces } from "../../../src/cli/attach/terminal-pieces.js";

/** What comes of keys, as a word each: `>text` to the session, `prefix`, the action or `?`. */
function outcome(gate: PrefixGate, ...chunks: readonly string[]): string[] {
  const pieces = new TerminalPieces();
  return chunks
    .flatMap((chunk) => [...pieces.read(Buffer.from(chunk)), ...pieces.flush()])
    .flatMap((piece) => gate.take(piece))
    .map(wordOf);
}

function wordOf(input: AttachInput): string {
  if (input.to === "session") return `>${Buffer.from(input.piece.bytes).toString()}`;
  return input.to === "prefix" ? "prefix" : (input.action ?? "?");
}

describe("the prefix key", () => {
  it("makes a command of the key behind it, and nothing else", () => {
    expect(outcome(new PrefixGate(0x1d), "ab\x1ddcd")).toEqual([">ab", "prefix", "detach", ">cd"]);
    expect(outcome(new PrefixGate(0x1d), "\x1d", "s")).toEqual(["prefix", "switch"]);
    expect(outcome(new PrefixGate(0x1d), "\x1d", "\x1b[A")).toEqual(["prefix", "pan"]);
    expect(outcome(new PrefixGate(0x1d), "\x1d?", "\x1dr", "\x1d\x1a")).toEqual([
      "prefix",
      "help",
      "prefix",
      "redraw",
      "prefix",
      "suspend",
    ]);
    expect(outcome(new PrefixGate(0x1d), "\x1dé", "x")).toEqual(["prefix", "?", ">x"]);
    expect(outcome(new PrefixGate(0x1d), "\x1d\x1b", "x")).toEqual(["prefix", "cancel", ">x"]);
  });

  it("goes to the session when it is pressed twice", () => {
    expect(outcome(new PrefixGate(0x1d), "\x1d\x1dd")).toEqual(["prefix", ">\x1d", ">d"]);
    expect(outcome(new PrefixGate(0x61), "aab")).toEqual(["prefix", ">a", ">b"]);
  });

  it("is known in kitty's protocol, where keys that are let go are nothing", () => {
    const gate = new PrefixGate(0x1d);
    expect(outcome(gate, "\x1b[93;5u", "\x1b[93;5:3u", "\x1b[57441;1u", "\x1b[100;1:1u", "\x1b[100;1:3u")).toEqual([
      "prefix",
      "detach",
      ">\x1b[100;1:3u",
    ]);
    expect(outcome(gate, "\x1b[93;69u", "\x1b[93;5u")).toEqual(["prefix", ">\x1b[93;5u"]);
    expect(outcome(gate, "\x1b[93;1u")).toEqual([">\x1b[93;1u"]);
  });

  it("is none in a paste, and a paste is no key behind it", () => {
    const gate = new PrefixGate(0x1d);
    expect(outcome(gate, "\x1b[200~\x1dd\x1b[201~").join("")).toBe(">\x1b[200~>\x1dd\x1b[201~");
    expect(outcome(gate, "\x1d", "\x1b[200~d\x1b[201~", "d")).toEqual(["prefix", ">\x1b[200~", ">d\x1b[201~", ">d"]);
  });

  it("can be none at all", () => {
    expect(outcome(new PrefixGate(undefined), "\x1dd")).toEqual([">\x1dd"]);
  });
});
