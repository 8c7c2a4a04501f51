// Following a .t2r while it is recorded: whatever the order in which the two take turns, no event is lost and none comes twice.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWriter, openRecording, scanForAppend } from "../../../formats/index.js";
import { CanonicalWriter } from "../../../formats/t2r/canonical.js";
import { t2r } from "../../../formats/t2r/index.js";
import type { Batch, DecodeOptions, Event, Header, Warning } from "../../../src/core/index.js";
import { type FolderStep, GrowingFolder, SteppingTarget } from "../../support/growing-folder.js";
import { concatBytes, copyBytes, MemorySource } from "../../support/memory-io.js";
import { demo, encode, pieces, rebuilt } from "./sample.js";

const HEADER: Header = { cols: 80, rows: 24, id: "01" };
const NAME = "live.t2r";
const JOURNAL = "live.t2r-journal";

/** All events as bytes: two lists are the same where these are. */
function canonical(events: readonly Event[]): Uint8Array {
  const writer = new CanonicalWriter();
  for (const event of events) writer.event(event);
  return copyBytes(writer.view());
}

function expectSame(read: readonly Event[], written: readonly Event[]): void {
  expect(read.length).toBe(written.length);
  expect(Buffer.compare(canonical(read), canonical(written))).toBe(0);
}

/** Batches as a recorder writes them, each a little different, so that none is taken for another. */
function batchesOf(sizes: readonly number[]): Batch[] {
  return sizes.map((size, at) => {
    const time = at * 1000;
    const data = new Uint8Array(size).fill(at % 251);
    const batch: Event[] = [{ kind: at % 5 === 4 ? "input" : "output", time, data }];
    if (at % 3 === 2) batch.push({ kind: "marker", time: time + 7, label: `m${at}` });
    return batch;
  });
}

/** What a recorder does with these batches, step by step; the last steps are those after its end. */
function recorderSteps(header: Header, batches: readonly Batch[], cut: (length: number) => readonly number[]) {
  const steps: FolderStep[] = [];
  const target = new SteppingTarget(NAME, (step) => steps.push(step), cut);
  const writer = t2r.createLiveWriter?.(target);
  void writer?.header(header);
  for (const batch of batches) void writer?.events(batch);
  void writer?.end();
  void target.commit();
  return steps;
}

interface Followed {
  readonly events: readonly Event[];
  readonly warnings: readonly Warning[];
  readonly error: unknown;
  readonly header: Header | undefined;
}

/** Follows the file to its end, and checks that nothing is left open. */
async function follow(folder: GrowingFolder, options: DecodeOptions = {}): Promise<Followed> {
  const events: Event[] = [];
  const warnings: Warning[] = [];
  let header: Header | undefined;
  let error: unknown;
  try {
    const recording = await openRecording(folder.open(NAME), {
      follow: {},
      onWarning: (warning) => warnings.push(warning),
      ...options,
    });
    header = recording.header;
    for await (const batch of recording.batches) for (const event of batch) events.push(event);
  } catch (caught) {
    error = caught;
  }
  expect(folder.openSources).toBe(0);
  expect(folder.openWatches).toBe(0);
  return { events, warnings, error, header };
}

/** Does steps at a reader's looks: as many each time as `turns` says, over and over; at least one where the reader waits. */
function takeTurns(folder: GrowingFolder, steps: FolderStep[], turns: readonly number[]): void {
  let look = 0;
  const go = (least: number) => {
    const count = Math.max(least, turns[look++ % turns.length] ?? 0);
    for (const step of steps.splice(0, count)) step(folder);
  };
  folder.onLook = () => go(0);
  folder.onWait = () => go(1);
}

/** What a reader of file and journal as they stand finds. */
async function decoded(folder: GrowingFolder): Promise<Event[]> {
  const journal = folder.bytes(JOURNAL);
  const source = new MemorySource(folder.bytes(NAME) ?? new Uint8Array(0), {
    name: NAME,
    siblings: journal === undefined ? {} : { [JOURNAL]: journal },
  });
  const events: Event[] = [];
  const recording = await t2r.decode?.(source, { recover: true });
  for await (const batch of recording?.batches ?? []) for (const event of batch) events.push(event);
  return events;
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 40_000, max: 150_000 })), {
  minLength: 1,
  maxLength: 40,
  size: "max",
});
/** Mostly the reader is quick; at times blocks come and go between two of its looks. */
const turns = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10, max: 40 }) },
  ),
  { minLength: 10, maxLength: 100, size: "max" },
);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 });
const cutting = (shares: readonly number[]) => (length: number) => shares.map((share) => Math.floor(share * length));
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 150);

describe("following a .t2r", () => {
  it("gives every event once, however reader and recorder take turns, and ends with the recorder", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, turns, cuts, async (sizes, turns, cuts) => {
        const batches = batchesOf(sizes);
        const folder = new GrowingFolder();
        const steps = recorderSteps(HEADER, batches, cutting(cuts));
        for (const step of steps.splice(0, 1)) step(folder);
        takeTurns(folder, steps, turns);
        const { events, warnings, error, header } = await follow(folder);
        expect(error).toBeUndefined();
        expect(warnings).toEqual([]);
        expect(header).toEqual(HEADER);
        expectSame(events, batches.flat());
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("gives what was recorded of a recorder that is killed at any step, and says that it was not finished", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, turns, cuts, fc.nat(), async (sizes, turns, cuts, instant) => {
        const folder = new GrowingFolder();
        const steps = recorderSteps(HEADER, batchesOf(sizes), cutting(cuts));
        // Whole is the header, and not yet written the last step of its end.
        const first = steps.findIndex((_, at) => at > 3 + cuts.length);
        steps.splice(first + (instant % Math.max(1, steps.length - first - 8)));
        steps.push((at) => {
          at.lock(NAME, false);
          at.lock(JOURNAL, false);
        });
        for (const step of steps.splice(0, first)) step(folder);
        takeTurns(folder, steps, turns);
        const { events, warnings, error } = await follow(folder);
        expect(error).toBeUndefined();
        expect(warnings.map(({ code }) => code)).toEqual(["truncated"]);
        expectSame(events, await decoded(folder));
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("goes on where it was in the finished file that takes this one's place", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, turns, fc.nat(), async (sizes, turns, instant) => {
        const batches = batchesOf(sizes);
        const rewritten = await encode(HEADER, batches);
        const folder = new GrowingFolder();
        const steps = recorderSteps(HEADER, batches, () => []);
        for (const step of steps.splice(0, 1)) step(folder);
        // All at once, from some step on: what the follower has not seen by then it gets from the new file alone.
        const rest = [...steps.splice(instant % steps.length), replacing(rewritten)];
        steps.push((at) => {
          for (const step of rest) step(at);
        });
        takeTurns(folder, steps, turns);
        const { events, warnings, error } = await follow(folder);
        expect([error, warnings]).toEqual([undefined, []]);
        expectSame(events, batches.flat());
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("goes on where it was in a file that was recovered from what a killed recorder left", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, turns, fc.nat(), async (sizes, turns, instant) => {
        const steps = recorderSteps(HEADER, batchesOf(sizes), () => []);
        steps.splice(5 + (instant % (steps.length - 5)));
        const left = new GrowingFolder();
        for (const step of steps) step(left);
        const saved = await decoded(left);
        const folder = new GrowingFolder();
        steps.push(replacing(await encode(HEADER, [saved])));
        for (const step of steps.splice(0, 1)) step(folder);
        takeTurns(folder, steps, turns);
        const { events, warnings, error } = await follow(folder);
        expect([error, warnings]).toEqual([undefined, []]);
        expectSame(events, saved);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("goes on into what is appended, to a finished recording and to one whose recorder died", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, turns, fc.nat(), async (first, second, turns, instant) => {
        const folder = new GrowingFolder();
        const steps = recorderSteps(HEADER, batchesOf(first), () => []);
        const isFinished = instant % 2 === 0;
        for (const step of isFinished ? steps : steps.slice(0, 5 + (instant % (steps.length - 5)))) step(folder);
        const before = await decoded(folder);
        const state = await scanForAppend(folder.open(NAME));
        const appended = batchesOf(second).map((batch) => batch.map((event) => ({ ...event, time: event.time + 1e9 })));
        const more: FolderStep[] = [];
        const target = new SteppingTarget(NAME, (step) => more.push(step));
        const writer = await createWriter(t2r, target, { live: true }, state.state);
        for (const batch of appended) void writer.events(batch);
        void writer.end();
        void target.commit();
        for (const step of more.splice(0, 3)) step(folder); // both locks, and what a died recorder left
        takeTurns(folder, more, turns);
        const { events, warnings, error } = await follow(folder);
        expect([error, warnings]).toEqual([undefined, []]);
        expectSame(events, [...before, ...appended.flat()]);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("waits for a file's header where somebody has begun it", async () => {
    const batches = batchesOf([10, 20]);
    const folder = new GrowingFolder();
    const steps = recorderSteps(HEADER, batches, (length) => [1, 20, length - 1]);
    for (const step of steps.splice(0, 1)) step(folder);
    expect(folder.bytes(NAME)).toHaveLength(0);
    takeTurns(folder, steps, [0]);
    const { events, error } = await follow(folder);
    expect(error).toBeUndefined();
    expectSame(events, batches.flat());
  });

  it.each([
    ["nothing", 0, "T2A_UNKNOWN_FORMAT"],
    ["a part of its head", 10, "T2A_UNKNOWN_FORMAT"],
    ["a part of its header", 40, "T2A_FORMAT_HEADER"],
  ])("refuses a file of which nobody wrote more than %s", async (_, size, code) => {
    const folder = new GrowingFolder();
    folder.write(NAME, (await encode(HEADER, [])).subarray(0, size));
    expect((await follow(folder)).error).toMatchObject({ code });
  });

  it("refuses a file that begins with damage without waiting for more", async () => {
    const folder = new GrowingFolder();
    const bytes = copyBytes(await encode(HEADER, []));
    bytes[20] = 0xff;
    folder.write(NAME, bytes);
    folder.lock(NAME, true);
    expect((await follow(folder)).error).toMatchObject({ code: "T2A_FORMAT_HEADER", offset: 0 });
  });

  it("gives a finished recording to its end, and says what is wrong with one that is damaged", async () => {
    const batches = batchesOf([10, 900_000, 900_000]);
    const bytes = await encode(HEADER, batches);
    const whole = new GrowingFolder();
    whole.write(NAME, bytes);
    expectSame((await follow(whole)).events, batches.flat());
    const folder = new GrowingFolder();
    const flipped = copyBytes(bytes);
    flipped[bytes.length - 10] = ~(flipped[bytes.length - 10] ?? 0);
    folder.write(NAME, flipped);
    const { events, error } = await follow(folder);
    expectSame(events, batches.flat());
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    const recovered = await follow(folder, { recover: true });
    expect(recovered.warnings.map(({ code }) => code)).toEqual(["truncated"]);
    folder.truncate(NAME);
    folder.write(NAME, bytes.subarray(0, bytes.length - 60));
    expect((await follow(folder)).error).toMatchObject({ message: expect.stringContaining("ends inside a frame") });
    const strict = new GrowingFolder();
    strict.write(NAME, (await encode(HEADER, [])).subarray(0, 79));
    expect((await follow(strict, { strict: true })).error).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
  });

  it("gives what is good of a block whose columns do not fit together, once", async () => {
    const [head, block, ...rest] = pieces(await encode(HEADER, batchesOf([10, 20, 30])));
    const wrong = rebuilt(block ?? new Uint8Array(0), (payload) =>
      payload.writeUInt32LE(payload.readUInt32LE(4) + 1, 4),
    );
    const folder = new GrowingFolder();
    folder.write(NAME, concatBytes([head ?? new Uint8Array(0), wrong, ...rest]));
    folder.lock(NAME, true);
    folder.onWait = () => {};
    const { events, error } = await follow(folder);
    expectSame(events, batchesOf([10, 20, 30]).flat());
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED", eventNumber: 5 });
  });

  it("does not believe in damage that is gone when it looks again, and does in what stays", async () => {
    const batches = batchesOf([10, 300_000, 20]);
    for (const isTakenBack of [true, false]) {
      const folder = new GrowingFolder();
      const steps = recorderSteps(HEADER, batches, () => []);
      for (const step of steps.splice(0, 4)) step(folder);
      const good = folder.bytes(NAME) ?? new Uint8Array(0);
      folder.write(NAME, new Uint8Array(100).fill(7));
      folder.onWait = () => {
        if (isTakenBack) {
          folder.truncate(NAME);
          folder.write(NAME, good);
          takeTurns(folder, steps, [1]);
        }
      };
      const { events, error } = await follow(folder);
      if (isTakenBack) expectSame(events, batches.flat());
      expect(error).toEqual(isTakenBack ? undefined : expect.objectContaining({ code: "T2A_FORMAT_DAMAGED" }));
    }
  });

  it("says so where the file is cut short by another recording, though that grows", async () => {
    const folder = new GrowingFolder();
    const steps = recorderSteps(HEADER, batchesOf([10, 300_000]), () => []);
    for (const step of steps) step(folder);
    folder.lock(NAME, true);
    folder.write(JOURNAL, new Uint8Array(0));
    const recorded = folder.bytes(NAME) ?? new Uint8Array(0);
    folder.truncate(NAME);
    folder.write(NAME, recorded.subarray(0, recorded.length - 44)); // all but its END
    folder.onWait = () => {
      folder.truncate(NAME);
      folder.write(NAME, Buffer.from("something else"));
    };
    const { error } = await follow(folder);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^the file was cut short while it was followed at byte/),
    });
  });

  it("stays with its file where another recording, or none, takes its name", async () => {
    const batches = batchesOf([10, 20, 30, 40]);
    const other = await encode({ cols: 9, rows: 9 }, []);
    for (const bytes of [other, other.subarray(0, 30), new Uint8Array(0)]) {
      const folder = new GrowingFolder();
      const steps = recorderSteps(HEADER, batches, () => []);
      for (const step of steps.splice(0, steps.length - 4)) step(folder);
      folder.onWait = () => {
        folder.onWait = () => folder.lock("elsewhere", false);
        folder.rename(NAME, "elsewhere");
        folder.write(NAME, bytes);
      };
      const { events, warnings, error } = await follow(folder);
      expect(error).toBeUndefined();
      expectSame(events, batches.flat());
      expect(warnings.map(({ code }) => code)).toEqual(["truncated"]);
    }
  });

  it("ends its wait when it is closed or aborted, before its header and behind it", async () => {
    for (const steps of [1, 6]) {
      for (const how of ["close", "abort"] as const) {
        const folder = new GrowingFolder();
        for (const step of recorderSteps(HEADER, batchesOf([10]), () => []).slice(0, steps)) step(folder);
        const controller = new AbortController();
        let stop = () => controller.abort();
        folder.onWait = () => stop();
        const reading = (async () => {
          const options = { follow: {}, signal: controller.signal };
          const recording = await openRecording(folder.open(NAME), options);
          if (how === "close") stop = () => void recording.close();
          const events: Event[] = [];
          for await (const batch of recording.batches) events.push(...batch);
          return events;
        })();
        const aborted = expect.objectContaining({ code: "T2A_ABORTED" });
        if (how === "close" && steps > 1) expect(await reading).toHaveLength(1);
        else expect(await reading.catch((error: unknown) => error)).toEqual(aborted);
        expect([folder.openSources, folder.openWatches]).toEqual([0, 0]);
      }
    }
  });

  it("keeps every kind of event as it came, by block and by journal", async () => {
    const { header, events } = await demo();
    const large: Batch = [{ kind: "output", time: 1e15, data: new Uint8Array(300_000) }];
    const folder = new GrowingFolder();
    const steps = recorderSteps(header, [events.slice(0, 3), events.slice(3), large], () => []);
    for (const step of steps.splice(0, 1)) step(folder);
    takeTurns(folder, steps, [0]);
    const read = await follow(folder);
    expect(read.error).toBeUndefined();
    expectSame(read.events.slice(0, -1), events);
  });
});

/** Puts a file in the place of the one that is followed, which nobody writes any more, and takes the journal away. */
function replacing(bytes: Uint8Array): FolderStep {
  return (folder) => {
    folder.write("beside", bytes);
    folder.rename("beside", NAME);
    folder.remove(JOURNAL);
  };
}
