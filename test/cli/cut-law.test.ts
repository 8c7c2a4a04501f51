// The law of cutting: at every moment that stays, the result shows what the original showed, now and for whatever follows;
// also where the cut is inside of a sequence or a character, and through every format.
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyRecording, FORMATS, openRecording } from "../../formats/index.js";
import { createScreenFold } from "../../src/cli/screen-fold.js";
import {
  applyTransforms,
  type Event,
  type Format,
  type Recording,
  removeStretches,
  type Stretch,
} from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { essenceOf } from "../../src/terminal/essence.js";
import { Screen } from "../../src/terminal/index.js";
import { gatherState } from "../../src/terminal/state.js";
import { eventsOf, recordingOf } from "../core/recordings.js";
import { MemorySource, MemoryTarget } from "../support/memory-io.js";
import { applyEvent, makeParts } from "../terminal/state-parts.js";
import { chunked, hostileBytes, screenStream } from "../terminal/streams.js";

const SIZE = { cols: 20, rows: 6 };
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 100);
const MS = 1_000_000;

type Timed = Event & { readonly kind: "output" | "resize" };

/** Output cut anywhere, and resizes, at times that all formats can hold. */
function events(stream: fc.Arbitrary<Uint8Array>, resizes: boolean): fc.Arbitrary<Timed[]> {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  const output = fc
    .tuple(stream, sizes)
    .map(([bytes, chunks]) => chunked(bytes, chunks).map((data) => ({ kind: "output" as const, data })));
  const resize = fc
    .record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 9 }) })
    .map((size) => [{ kind: "resize" as const, ...size }]);
  const piece = resizes ? fc.oneof({ weight: 4, arbitrary: output }, { weight: 1, arbitrary: resize }) : output;
  return fc
    .tuple(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.infiniteStream(fc.nat(2)))
    .map(([pieces, steps]) => {
      let time = 0;
      return pieces.flat().map((event) => {
        time = Math.min(LAST_MS * MS, time + (steps.next().value ?? 0) * MS);
        return { ...event, time };
      });
    });
}

const LAST_MS = 60;
const text = (at: number, data: string): Timed => ({ kind: "output", time: at, data: Buffer.from(data) });
const time = fc.nat(LAST_MS).map((at) => at * MS);
const stretch = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(time, time) },
    { weight: 1, arbitrary: time.map((to) => [Number.NEGATIVE_INFINITY, to]) },
    { weight: 1, arbitrary: time.map((from) => [from, Number.POSITIVE_INFINITY]) },
  )
  .map(([one = 0, other = 0]): Stretch => ({ from: Math.min(one, other), to: Math.max(one, other) }));
const stretches = fc.array(stretch, { minLength: 1, maxLength: 3 });

/** What is shown at a moment: after all events up to it. */
function screenAt(recorded: readonly Event[], moment: number, size = SIZE): unknown {
  const parts = makeParts(size);
  for (const event of recorded) {
    if (event.time > moment) break;
    if (event.kind === "output") applyEvent(parts, event.data);
    else if (event.kind === "resize") applyEvent(parts, event);
  }
  const essence = structuredClone(essenceOf(gatherState(parts)));
  parts.engine.dispose();
  return essence;
}

/** The dumps say of themselves that they are exact: rare states have none. */
function areDumpsExact(recorded: readonly Event[], removed: readonly Stretch[]): boolean {
  return removed.every(({ to }) => {
    if (to === Number.POSITIVE_INFINITY) return true;
    const screen = new Screen(SIZE);
    for (const event of recorded) {
      if (event.time >= to) break;
      if (event.kind === "output") screen.feed(event.data);
      else if (event.kind === "resize") screen.resize(event.cols, event.rows);
    }
    const isExact = screen.isExactDump(screen.dump());
    screen.dispose();
    return isExact;
  });
}

/** Milliseconds of the original whose moments stay, and where they come: counted one by one. */
function movedTimes(removed: readonly Stretch[], last: number): (readonly [number, number])[] {
  const isGone = (ms: number) => removed.some(({ from, to }) => from <= ms * MS && to >= (ms + 1) * MS);
  const moved: [number, number][] = [];
  let time = 0;
  for (let ms = 0; ms * MS <= last; ms++) {
    if (isGone(ms)) continue;
    moved.push([ms * MS, time]);
    time += MS;
  }
  return moved;
}

async function eventsThrough(format: Format | undefined, recording: Recording): Promise<Event[]> {
  if (format === undefined) return eventsOf(recording);
  const target = new MemoryTarget(`it${format.extensions[0] ?? ""}`);
  await copyRecording(recording, format, target);
  const source = new MemorySource(target.bytes(), { name: target.name, siblings: target.siblingBytes() });
  return eventsOf(await openRecording(source, { format }));
}

/** Whether the law holds for one recording. */
async function holds(original: readonly Timed[], removed: readonly Stretch[], format?: Format): Promise<boolean> {
  const cutting = removeStretches(removed, createScreenFold());
  const result = await eventsThrough(format, applyTransforms(recordingOf([original], SIZE), [cutting]));
  const before = await eventsThrough(format, recordingOf([original], SIZE));
  return movedTimes(removed, original.at(-1)?.time ?? 0).every(([then, now]) =>
    isDeepStrictEqual(screenAt(result, now), screenAt(before, then)),
  );
}

describe("the law of cutting", () => {
  it.each([
    ["programs' output", screenStream()],
    ["arbitrary bytes", hostileBytes()],
  ])("holds wherever the dumps are exact, for %s and resizes", async (_name, stream) => {
    let held = 0;
    await fc.assert(
      fc.asyncProperty(events(stream, true), stretches, async (original, removed) => {
        if (await holds(original, removed)) held++;
        else expect(areDumpsExact(original, removed)).toBe(false);
      }),
      { numRuns: RUNS },
    );
    expect(held).toBeGreaterThan(RUNS * 0.97);
  });

  it.each(
    FORMATS.filter((format) => format.decode !== undefined && format.supports.timeStepNanos < MS),
  )("holds through $name", async (format) => {
    await fc.assert(
      fc.asyncProperty(events(screenStream(), format.supports.resize), stretches, async (between, removed) => {
        // Some formats have no time before the first event, and text leaves a cut character to the next one.
        const original = [text(0, "first"), ...between, text(LAST_MS * MS, "last")];
        const inner = removed.filter(({ to }) => format.supports.bytes || to !== Number.POSITIVE_INFINITY);
        if (!(await holds(original, inner, format))) expect(areDumpsExact(original, inner)).toBe(false);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it.each([
    "demo.json",
    "ttyrec-shell.ttyrec",
    "ttyrec-by-termrec.ttyrec",
    "ttyrec3-game.ttyrec3",
    "script-io.typescript",
  ])("holds for what programs wrote: %s", async (name) => {
    const path = fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
    const open = async () => openRecording(await openFileSource(path));
    const { header, close } = await open();
    await close();
    const original = await eventsOf(await open());
    const times = [...new Set(original.map((event) => event.time))];
    for (const [first, last] of [
      [0.1, 0.3],
      [0.3, 0.35],
      [0.4, 0.9],
    ] as const) {
      const [from, to] = [times[Math.floor(first * times.length)] ?? 0, times[Math.floor(last * times.length)] ?? 0];
      if (from === to) continue;
      const cutting = removeStretches([{ from, to }], createScreenFold());
      const result = await eventsOf(applyTransforms(await open(), [cutting]));
      for (const moment of times.filter((at) => at < from || at >= to)) {
        const shown = screenAt(result, moment < from ? moment : moment - (to - from), header);
        expect(isDeepStrictEqual(shown, screenAt(original, moment, header))).toBe(true);
      }
    }
  });
});
