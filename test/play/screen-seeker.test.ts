// Seeking: the screen at any time is the one that a replay from the beginning gives, wherever one was before.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { t2r } from "../../formats/t2r/index.js";
import { type OpenT2r, openT2r } from "../../formats/t2r/reader.js";
import type { Event, SeekableRecording } from "../../src/core/index.js";
import { ScreenSeeker } from "../../src/play/index.js";
import { KeyframeMaker, Screen } from "../../src/terminal/index.js";
import { encodeBatches } from "../conformance/format-io.js";
import { MemorySource } from "../support/memory-io.js";
import { chunked, hostileBytes } from "../terminal/streams.js";

const HEADER = { cols: 20, rows: 6 };
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 60);

async function open(events: readonly Event[], every = 10): Promise<{ recording: OpenT2r; bytes: Uint8Array }> {
  const createKeyframes = () => new KeyframeMaker(HEADER, { outputBytes: 1e9, events: every, feedMs: 1e9 });
  const { files } = await encodeBatches(t2r, HEADER, [events], { createKeyframes });
  const recording = await openT2r(new MemorySource(files.bytes));
  if (recording === undefined) throw new Error("it does not open");
  return { recording, bytes: files.bytes };
}

function replay(events: readonly Event[], time: number): Uint8Array {
  const screen = new Screen(HEADER);
  for (const event of events) {
    if (event.time > time) break;
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
  const state = screen.saveState();
  screen.dispose();
  return state;
}

const lines = (count: number): Event[] =>
  Array.from({ length: count }, (_, at) => ({ kind: "output", time: at * 1000, data: Buffer.from(`line ${at}\r\n`) }));

async function expectScreen(seeker: ScreenSeeker, events: readonly Event[], time: number): Promise<void> {
  const screen = await seeker.seek(time);
  expect([time, Buffer.compare(screen.saveState(), replay(events, time))]).toEqual([time, 0]);
}

describe("the screen at any time", () => {
  it("is what a replay gives, whatever the stream and in whatever order one looks", async () => {
    const time = fc.nat(400);
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostileBytes(), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(time, { minLength: 1, maxLength: 8 }),
        async (streams, size, every, perTime, times) => {
          const events: Event[] = chunked(Buffer.concat(streams), [size]).map((data, at) =>
            at % 50 === 49
              ? { kind: "resize", time: Math.floor(at / perTime), cols: 10 + (at % 17), rows: 3 + (at % 5) }
              : { kind: "output", time: Math.floor(at / perTime), data },
          );
          const { recording } = await open(events, every);
          const seeker = new ScreenSeeker(recording);
          for (const at of times) await expectScreen(seeker, events, at);
          seeker.dispose();
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("is blank before the first event, and the last one behind the end", async () => {
    const events = lines(25).map((event) => ({ ...event, time: event.time + 5000 }));
    const { recording } = await open(events);
    const seeker = new ScreenSeeker(recording);
    await expectScreen(seeker, events, 0);
    await expectScreen(seeker, events, Number.POSITIVE_INFINITY);
    await expectScreen(seeker, events, 0);
  });

  it("reads no more than lies between the keyframe and the time", async () => {
    const { recording } = await open(lines(1000));
    const starts: number[] = [];
    const watched: SeekableRecording = {
      header: recording.header,
      duration: recording.duration,
      engine: recording.engine,
      outline: recording.outline,
      keyframe: (place) => recording.keyframe(place),
      batchesFrom: (first) => {
        starts.push(first);
        return recording.batchesFrom(first);
      },
    };
    const seeker = new ScreenSeeker(watched);
    for (const event of [905, 903, 915, 4, 2]) await seeker.seek(event * 1000);
    expect(starts).toEqual([900, 900, 910, 0, 0]);
  });
});

describe("a keyframe that cannot be used", () => {
  const events = lines(100);

  it.each(["another engine", "another width table"])("because it is of %s is replayed instead", async (engine) => {
    const { recording } = await open(events);
    const keyframe = () => Promise.reject(new Error("it was asked for"));
    const other = { ...withMethods(recording), engine, keyframe };
    await expectScreen(new ScreenSeeker(other), events, 77_000);
  });

  it("because its state is damaged is replayed instead", async () => {
    const { recording } = await open(events);
    const keyframe = async () => ({ events: 70, time: 69_000, state: new Uint8Array(100) });
    await expectScreen(new ScreenSeeker({ ...withMethods(recording), keyframe }), events, 77_000);
  });

  it("because its frame is damaged gives way to the one before it", async () => {
    const { recording, bytes } = await open(events);
    const entries = recording.index.keyframes?.entries ?? [];
    const damaged = Uint8Array.from(bytes);
    const at = (entries[6]?.offset ?? 0) + 40;
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    const reopened = await openT2r(new MemorySource(damaged));
    expect((await reopened?.keyframe({ time: 75_000 }))?.events).toBe(60);
    if (reopened !== undefined) await expectScreen(new ScreenSeeker(reopened), events, 75_000);
  });
});

function withMethods(recording: SeekableRecording): SeekableRecording {
  return {
    header: recording.header,
    duration: recording.duration,
    engine: recording.engine,
    outline: recording.outline,
    keyframe: (place) => recording.keyframe(place),
    batchesFrom: (first) => recording.batchesFrom(first),
  };
}
