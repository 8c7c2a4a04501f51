// Conformance of reading input that never ends and has no structure: what is kept of it is bounded.
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Source } from "../../src/core/index.js";
import { encodeOrSample, type FormatCase } from "./format-case.js";
import { assertFormatError, type Files } from "./format-io.js";

const MB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** After so much, a decoder that keeps next to nothing will keep no more of what is just the same. */
const FIRST_LOOK_BYTES = 16 * MB;
const NOTHING_BYTES = 4 * MB;
/** One that keeps what it is given, in hope of an end of the line, must give up: a bit more than any bound on a line. */
const ENDLESS_BYTES = 96 * MB;
/** Where such a one is looked at again: it keeps the bytes themselves, and not many times as much. */
const SECOND_LOOK_BYTES = 48 * MB;
const RETAINED_BYTES = 80 * MB;
/** No measurement: linear work takes a second, quadratic work would take hours. */
const ENDLESS_MS = 30_000;

/** Endless input without structure neither grows in memory nor hangs: an error, or events that are let go. */
export async function testEndless(options: FormatCase): Promise<void> {
  const sample = await encodeOrSample(options);
  for (const filler of ["\0", "a", "\n", "[", "9", "\xff", '"']) {
    for (const head of [new Uint8Array(0), sample.bytes.subarray(0, 4096)]) {
      const source = endless(sample, head, filler);
      try {
        const recording = await options.format.decode?.(source, { recover: false });
        for await (const _ of recording?.batches ?? []);
      } catch (error) {
        assertFormatError(error);
      }
    }
  }
}

function endless(files: Files, head: Uint8Array, filler: string): Source {
  const what = `endless ${JSON.stringify(filler)}`;
  return {
    name: files.name,
    supports: { restart: false, ranges: false, siblings: false, follow: false },
    async *stream() {
      const before = await retained();
      let lastLook = before;
      const deadline = Date.now() + ENDLESS_MS;
      yield head;
      for (let given = CHUNK_BYTES; given <= ENDLESS_BYTES; given += CHUNK_BYTES) {
        yield new Uint8Array(CHUNK_BYTES).fill(filler.charCodeAt(0)); // its own memory: what is kept of it counts
        if (Date.now() > deadline) throw new Error(`${what} takes too long`);
        if (given !== FIRST_LOOK_BYTES && given !== SECOND_LOOK_BYTES) continue;
        const now = await retained();
        if (now - before > RETAINED_BYTES) throw new Error(`${now - before} bytes kept of ${given} of ${what}`);
        if (now - lastLook < NOTHING_BYTES) return;
        lastLook = now;
      }
      throw new Error(`${what} is kept, and never too much`);
    },
    size: async () => undefined,
    readRange: () => Promise.reject(new Error("no ranges")),
    watch: () => {
      throw new Error("nothing to watch");
    },
    sibling: () => Promise.reject(new Error("no siblings")),
    close: async () => {},
  };
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes that live after a collection. Dead array buffers are freed beside it, by another thread: until no more go. */
async function retained(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (;;) {
    collectGarbage();
    await setTimeout(10);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > least - MB) return Math.min(least, heapUsed + arrayBuffers);
    least = heapUsed + arrayBuffers;
  }
}
