// Commands as tests make them up.
import fc from "fast-check";
import type { Command } from "../../src/analyze/index.js";

/** A command of which nothing is known but what is given. */
export function command(known: Partial<Command>): Command {
  return {
    line: undefined,
    cwd: undefined,
    user: undefined,
    host: undefined,
    start: 0,
    duration: undefined,
    exitStatus: undefined,
    signal: undefined,
    outputBytes: 0,
    outputLines: 0,
    output: undefined,
    startEvents: undefined,
    timeToFirstOutput: undefined,
    source: "marks",
    trusted: false,
    depth: 0,
    ...known,
  };
}

/** Lines that are hard on formats: control bytes, newlines, quotes, what looks like syntax, what zsh escapes. */
export function hostileLine(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.constantFrom(
      "\n",
      "\\",
      "\\\n",
      "\r",
      "\t",
      "\0",
      "\x1b]0;x\x07",
      "\x83",
      "\u0083",
      "\u00a0",
      "é",
      "日本",
      "\ufffd",
    ),
    fc.constantFrom(
      '"',
      "'",
      ",",
      ";",
      "=1+1",
      "@x",
      "#1700000000",
      "\n#1700000000\n",
      ": 1700000000:3;ls",
      "- cmd: ls",
    ),
    fc.constantFrom("\n  when: 5", "  ", "\\n", "\u2028", "<\\n>", "\ud83d\ude00"),
  );
  return fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
}

/** Any command that can be. */
export function anyCommand(): fc.Arbitrary<Command> {
  const count = fc.nat({ max: 2 ** 31 - 1 });
  const nanos = fc.integer({ min: 0, max: 2 ** 53 - 1 });
  const orNot = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  return fc.record({
    line: orNot(hostileLine()),
    cwd: orNot(hostileLine()),
    user: orNot(fc.string()),
    host: orNot(fc.string()),
    start: nanos,
    startEvents: fc.constant(undefined),
    duration: orNot(nanos),
    exitStatus: orNot(fc.integer({ min: 0, max: 255 })),
    signal: orNot(fc.constantFrom("SIGINT", "SIGKILL")),
    outputBytes: count,
    outputLines: count,
    output: orNot(fc.record({ firstEvent: count, lastEvent: count, startByte: count, endByte: count })),
    timeToFirstOutput: orNot(nanos),
    source: fc.constantFrom("marks", "inferred", "history"),
    trusted: fc.boolean(),
    depth: fc.nat({ max: 32 }),
  });
}
