// The conformance suite of on-disk formats. Every format's test file calls testFormat; what is asked of it follows from
// what the format says it `supports`. Skips are named, carry a reason, and are printed.
import { describe, it } from "vitest";
import { testCrashes, testCuts, testGarbage } from "./damage.js";
import { testEndless } from "./endless.js";
import { testFollow } from "./follow.js";
import { type FormatCase, type FormatTest, writable } from "./format-case.js";
import { testAbort, testBad, testChunks, testDeclaration, testLeaveEarly, testOdd, testSniff } from "./reading.js";
import { testAppend, testBatching, testCutCharacter, testLosses, testRoundTrip } from "./writing.js";

export type { Sample } from "./format-case.js";
export type { Files, Plain } from "./format-io.js";
export type { Reduced } from "./format-model.js";

/** Runs the suite over one format. */
export function testFormat(options: FormatCase): void {
  const { format } = options;
  describe(`${format.name} conforms`, () => {
    const tests: Record<FormatTest, (() => void | Promise<void>) | undefined> = {
      declaration: () => testDeclaration(options),
      "round trip": writable(format) && format.decode ? () => testRoundTrip(options) : undefined,
      losses: writable(format) ? () => testLosses(options) : undefined,
      batching: writable(format) ? () => testBatching(options) : undefined,
      "cut character": writable(format) && format.decode ? () => testCutCharacter(options) : undefined,
      chunks: format.decode ? () => testChunks(options) : undefined,
      "cut anywhere": format.decode ? () => testCuts(options) : undefined,
      "crash safe":
        writable(format) && format.decode && format.supports.crashSafe ? () => testCrashes(options) : undefined,
      append: format.createEncoder && format.decode && format.supports.append ? () => testAppend(options) : undefined,
      "odd input": format.decode && options.odd ? () => testOdd(options) : undefined,
      "bad input": format.decode && options.bad ? () => testBad(options) : undefined,
      "endless input": format.decode ? () => testEndless(options) : undefined,
      garbage: format.decode ? () => testGarbage(options) : undefined,
      sniff: format.sniff ? () => testSniff(options) : undefined,
      abort: format.decode ? () => testAbort(options) : undefined,
      follow: format.supports.follow ? () => testFollow(options) : undefined,
      "leave early": format.decode ? () => testLeaveEarly(options) : undefined,
    };
    for (const [name, run] of Object.entries(tests)) {
      const skipped = options.skip?.find((skip) => skip.test === name);
      if (skipped !== undefined) it.skip(`${name} (skipped: ${skipped.reason})`, () => {});
      else if (run !== undefined) it(name, run, 120_000);
    }
  });
}
