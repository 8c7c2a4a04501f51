// A recording kept in memory: every place is found again, whatever had to make room.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCache, customEvent, type Event, FormatError, type SeekableRecording } from "../../src/core/index.js";
import { CachedRecording, ScreenSeeker } from "../../src/play/index.js";
import { packEvents, unpackEvents } from "../../src/play/packed-events.js";
import { Screen } from "../../src/terminal/index.js";
import { input, marker, output, recordingOf, resize } from "./recordings.js";

async function collect(recording: SeekableRecording, first: number): Promise<Event[]> {
  const events: Event[] = [];
  for await (const batch of recording.batchesFrom(first)) events.push(...batch);
  return events;
}

/** Some 1.5 MB of output, so several blocks. */
const many: readonly Event[] = Array.from({ length: 12_000 }, (_, at) =>
  at % 1000 === 999 ? marker(at, `m${at}`) : output(at, `${at} ${"x".repeat(at % 200)}\r\n`),
);

describe("a cached recording", () => {
  it("gives all events from any number on, also while they are still being read", async () => {
    let opened = 0;
    const open = async () => {
      opened++;
      return recordingOf(many, { batchEvents: 100 });
    };
    const recording = await CachedRecording.open({ open });
    const [all, late] = await Promise.all([collect(recording, 0), collect(recording, 11_990)]);
    expect(all.length).toBe(many.length);
    expect(late.map(plain)).toEqual(many.slice(11_990).map(plain));
    for (const first of [0, 1, 4095, 4096, 4097, 7000, 11_999, 12_000, 13_000]) {
      expect((await collect(recording, first)).length).toBe(Math.max(0, many.length - first));
    }
    expect((await collect(recording, 4000)).slice(0, 200).map(plain)).toEqual(many.slice(4000, 4200).map(plain));
    expect(recording.outline).toMatchObject({ complete: true, duration: 11_999e9 });
    expect(recording.outline.markers.length).toBe(12);
    expect(opened).toBe(1);
    await recording.close();
  });

  it("reads again what had to make room, one reader at a time", async () => {
    let opened = 0;
    let closed = 0;
    const open = async () => {
      opened++;
      return recordingOf(many, { batchEvents: 77, onClose: () => closed++ });
    };
    const recording = await CachedRecording.open({ open, maxCacheBytes: 20_000 });
    await recording.readAll();
    expect(recording.cacheBytes).toBeLessThanOrEqual(20_000);
    const found = await Promise.all([5, 3000, 9000, 2000].map((first) => collect(recording, first)));
    expect(found.map((events) => events.length)).toEqual([11_995, 9000, 3000, 10_000]);
    expect(found[1]?.slice(0, 50).map(plain)).toEqual(many.slice(3000, 3050).map(plain));
    expect(opened).toBeGreaterThan(1);
    await recording.close();
    expect(closed).toBe(opened);
  });

  it("keeps screens that were passed as keyframes, and goes back from the nearest", async () => {
    const recording = await CachedRecording.open({ open: async () => recordingOf(many) });
    const seeker = new ScreenSeeker(recording);
    expect(await recording.keyframe({ time: 1e18 })).toBeUndefined();
    await seeker.seekEvents(12_000);
    const keyframe = await recording.keyframe({ events: 9000 });
    expect(keyframe?.events).toBeGreaterThan(9000 - 4097);
    expect((await recording.keyframe({ time: 9000e9 }))?.events).toBe(keyframe?.events);
    const screen = new Screen({ cols: 80, rows: 24 });
    for (const event of many.slice(0, 7001)) if (event.kind === "output") screen.feed(event.data);
    await seeker.seekEvents(7001);
    expect(Buffer.compare(seeker.screen.saveState(), screen.saveState())).toBe(0);
    seeker.dispose();
    await recording.close();
  });

  it("keeps no second keyframe where there is one near", async () => {
    const recording = await CachedRecording.open({ open: async () => recordingOf(many) });
    const screen = new Screen({ cols: 80, rows: 24 });
    const keep = (events: number, span: number) =>
      recording.keep({ events, time: events, saveState: () => screen.saveState() }, span);
    keep(100, 100);
    keep(300, 200);
    const kept = recording.cacheBytes;
    keep(200, 150);
    keep(300, 50);
    expect(recording.cacheBytes).toBe(kept);
    keep(200, 50);
    const found = await Promise.all([99, 100, 250, 1000].map((events) => recording.keyframe({ events })));
    expect(found.map((keyframe) => keyframe?.events)).toEqual([undefined, 100, 200, 300]);
    await recording.close();
  });

  it("throws damage to whoever reads that far, each time", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "cut short");
    const recording = await CachedRecording.open({ open: async () => recordingOf(many.slice(0, 10), { failure }) });
    await recording.readAll();
    await expect(collect(recording, 0)).rejects.toBe(failure);
    await expect(collect(recording, 5)).rejects.toBe(failure);
    expect(recording.outline.complete).toBe(true);
    await recording.close();
  });

  it("tells how many events there are of one that is still being written", async () => {
    let write: (() => void) | undefined;
    async function* batches() {
      yield [output(0, "a")];
      await new Promise<void>((resolve) => {
        write = resolve;
      });
      yield [output(1, "b")];
    }
    const open = async () => ({ ...recordingOf([]), batches: batches() });
    const live = new AbortController();
    const recording = await CachedRecording.open({ open, live: live.signal });
    const seen: number[] = [];
    const forget = recording.onOutline(() => seen.push(recording.liveEvents ?? -1));
    const reading = recording.readAll();
    while (write === undefined) await new Promise(setImmediate);
    expect(seen).toEqual([-1]);
    live.abort();
    expect(seen).toEqual([-1, 1]);
    write();
    await reading;
    expect(seen).toEqual([-1, 1, 2, -1]);
    forget();
    await recording.close();
  });

  it("reads until it is live, if asked to, however long nothing comes", async () => {
    async function* batches() {
      yield [output(0, "a")];
      live.abort();
      await new Promise(() => {});
    }
    const live = new AbortController();
    const open = async () => ({ ...recordingOf([]), batches: batches() });
    const recording = await CachedRecording.open({ open, live: live.signal });
    await recording.readAll(live.signal);
    expect(recording.liveEvents).toBe(1);
    await recording.close();
  });

  it("throws where it is no longer what it was when it is read again, and is lucky when it is so again", async () => {
    const longer = many.map((event) => ({ ...event, time: event.time + 1 }));
    const versions = [many, many.slice(0, 100), longer, many];
    let closed = 0;
    const open = async () => recordingOf(versions.shift() ?? [], { onClose: () => closed++ });
    const recording = await CachedRecording.open({ open, maxCacheBytes: 0 });
    await recording.readAll();
    await expect(collect(recording, 0)).rejects.toThrow("no longer what it was");
    await expect(collect(recording, 0)).rejects.toThrow("no longer what it was");
    expect((await collect(recording, 0)).length).toBe(many.length);
    expect(closed).toBe(2);
    await recording.close();
    expect(closed).toBe(4);
  });

  it("closes what it opened again while it was being closed", async () => {
    let opened = 0;
    let closed = 0;
    let wait: Promise<void> | undefined;
    const open = async () => {
      opened++;
      await wait;
      return recordingOf(many, { onClose: () => closed++ });
    };
    const recording = await CachedRecording.open({ open, maxCacheBytes: 0 });
    await recording.readAll();
    let go = () => {};
    wait = new Promise((resolve) => {
      go = resolve;
    });
    const reading = collect(recording, 0);
    while (opened < 2) await new Promise(setImmediate);
    await recording.close();
    go();
    expect(await reading).toEqual([]);
    expect(closed).toBe(2);
  });

  it("keeps huge events as they are, and closes a block for whatever is large", async () => {
    const large = "x".repeat(3 * 1024 * 1024);
    const events = [output(0, large), input(1, large), marker(2, large), output(3, "end")];
    let opened = 0;
    const open = async () => {
      opened++;
      return recordingOf(events);
    };
    const recording = await CachedRecording.open({ open });
    await recording.readAll();
    expect(recording.cacheBytes).toBeGreaterThan(3 * large.length);
    expect((await collect(recording, 1)).map(({ time }) => time)).toEqual([1e9, 2e9, 3e9]);
    expect(opened).toBe(1);
    await recording.close();
  });

  it("keeps no more labels of markers in its outline than fit into its bound", async () => {
    const events = Array.from({ length: 20 }, (_, at) => marker(at, "x".repeat(1024 * 1024)));
    const recording = await CachedRecording.open({ open: async () => recordingOf(events) });
    await recording.readAll();
    expect(recording.outline.markers.length).toBe(8);
    await recording.close();
  });

  it("gives the same events to many readers at once, whatever has to make room, wherever they stop", async () => {
    const reader = fc.record({ first: fc.nat(12_500), batches: fc.integer({ min: 1, max: 12 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(reader, { minLength: 2, maxLength: 5 }),
        fc.constantFrom(0, 3000, 40_000, 1e9),
        async (readers, maxCacheBytes) => {
          const open = async () => recordingOf(many, { batchEvents: 500 });
          const recording = await CachedRecording.open({ open, maxCacheBytes });
          const read = async ({ first, batches }: { first: number; batches: number }) => {
            let number = first;
            let left = batches;
            for await (const batch of recording.batchesFrom(first)) {
              for (const event of batch) if (event.time !== many[number++]?.time) return `${number} of ${first}`;
              if (--left === 0) return "good";
            }
            return number === Math.max(first, many.length) ? "good" : `ends at ${number}`;
          };
          expect(await Promise.all(readers.map(read))).toEqual(readers.map(() => "good"));
          await recording.close();
        },
      ),
      { numRuns: 20 },
    );
  });

  it("reads ahead unasked up to a bound, and to the end when asked", async () => {
    const recording = await CachedRecording.open({
      open: async () => recordingOf(many, { batchEvents: 100 }),
      maxAheadBytes: 100_000,
    });
    await recording.readAhead(new AbortController().signal);
    const { duration, complete } = recording.outline;
    expect([complete, duration > 900e9, duration < 1200e9]).toEqual([false, true, true]);
    await recording.readAll();
    expect(recording.outline.complete).toBe(true);
    await recording.close();
  });

  it("reads no further once it is closed", async () => {
    const recording = await CachedRecording.open({ open: async () => recordingOf(many) });
    await recording.close();
    await recording.readAll();
    expect(await collect(recording, 0)).toEqual([]);
  });
});

describe("packed events", () => {
  it("are the same when unpacked, of every kind", () => {
    const events: Event[] = [
      output(0, "a"),
      { ...output(1, "b"), meta: { who: "me" } },
      input(2, "c"),
      resize(3, 4, 5),
      marker(6, "m"),
      output(7, Uint8Array.of(0xff, 0, 0x80)),
      customEvent(8, "x", { a: [1] }),
      { kind: "exit", time: 9, status: 3 },
    ];
    expect(unpackEvents(packEvents(events)).map(plain)).toEqual(events.map(plain));
    expect(unpackEvents(packEvents([]))).toEqual([]);
  });
});

function plain(event: Event): unknown {
  return "data" in event ? { ...event, data: [...event.data] } : event;
}

describe("a cache bounded in bytes", () => {
  it("is a list in order of use that is cut at its bound", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -1, max: 40 })), { maxLength: 60 }), (uses) => {
        const cache = new ByteCache<number, number>(100);
        let model: { key: number; bytes: number }[] = [];
        for (const [key, bytes] of uses) {
          const known = model.find((entry) => entry.key === key);
          const others = model.filter((entry) => entry !== known);
          if (bytes < 0) {
            expect(cache.get(key)).toBe(known?.bytes);
            if (known !== undefined) model = [...others, known];
          } else {
            cache.set(key, bytes * 4, bytes * 4);
            model = bytes * 4 > 100 ? others : [...others, { key, bytes: bytes * 4 }];
            while (model.reduce((sum, entry) => sum + entry.bytes, 0) > 100) model.shift();
          }
          expect(cache.bytes).toBe(model.reduce((sum, entry) => sum + entry.bytes, 0));
          expect([0, 1, 2, 3, 4, 5].filter((each) => cache.has(each))).toEqual(model.map((entry) => entry.key).sort());
        }
      }),
    );
  });
});
