// Transforms: each alone, in chains, and what they do to the header and to whoever reads on.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyTransforms,
  type Batch,
  changeSpeed,
  concat,
  type Event,
  filterKinds,
  limitIdle,
  NANOS_PER_SECOND,
  type Recording,
  shift,
  type Transform,
} from "../../src/core/index.js";
import { eventsOf, output, recordingOf } from "./recordings.js";

const S = NANOS_PER_SECOND;
const EVENTS: readonly Event[] = [
  output(0.5, "a"),
  { kind: "resize", time: 2 * S, cols: 100, rows: 30 },
  { kind: "input", time: 2 * S, data: Buffer.from("x") },
  output(10, "b"),
  { kind: "exit", time: 11 * S, status: 0 },
];

async function run(transforms: readonly Transform[], batches: readonly Batch[] = [EVENTS], header = {}) {
  const recording = applyTransforms(recordingOf(batches, header), transforms);
  return { header: recording.header, events: await eventsOf(recording) };
}

const times = (events: readonly Event[]) => events.map(({ time }) => time / S);

/** Events of arbitrary times, in batches of arbitrary sizes. */
const arbitraryTimes = fc
  .array(fc.array(fc.integer({ min: 0, max: 100 * S }), { maxLength: 5 }), { maxLength: 5 })
  .map((deltas) => {
    let time = 0;
    return deltas.map((batch) =>
      batch.map((delta): Event => {
        time += delta;
        return { kind: "output", time, data: Buffer.from("x") };
      }),
    );
  });

describe("applyTransforms", () => {
  it("gives the recording itself where there is nothing to do", () => {
    const recording = recordingOf([EVENTS]);
    expect(applyTransforms(recording, [])).toBe(recording);
  });

  it("applies them in order, to the header too", async () => {
    const { header, events } = await run([limitIdle(S), changeSpeed(2)], [EVENTS], { duration: 11 * S });
    expect(times(events)).toEqual([0.25, 0.75, 0.75, 1.25, 1.75]);
    expect(header).toEqual({ cols: 80, rows: 24 });
  });

  it("yields no empty batches", async () => {
    const batches: Batch[] = [];
    const filtered = applyTransforms(recordingOf([[output(0, "a")], [{ kind: "exit", time: 1, status: 0 }]]), [
      filterKinds(["exit"]),
    ]);
    for await (const batch of filtered.batches) batches.push(batch);
    expect(batches).toEqual([[{ kind: "exit", time: 1, status: 0 }]]);
  });

  it("closes the original and keeps its format's name", async () => {
    const recording = recordingOf([EVENTS]);
    const shifted = applyTransforms(recording, [shift(1)]);
    expect(shifted.format).toBe("memory");
    await shifted.close();
    expect(recording.closed).toBe(1);
  });

  it("leaves the events of the original as they were", async () => {
    const before = EVENTS.map((event) => ({ ...event }));
    await run([shift(5), limitIdle(1), changeSpeed(3)]);
    expect(EVENTS).toEqual(before);
  });
});

describe("limitIdle", () => {
  it("shortens every pause, the first included, and forgets the stated duration", async () => {
    const { header, events } = await run([limitIdle(S)], [EVENTS], { duration: 11 * S, title: "t" });
    expect(times(events)).toEqual([0.5, 1.5, 1.5, 2.5, 3.5]);
    expect(header).toEqual({ cols: 80, rows: 24, title: "t" });
  });

  it("leaves shorter pauses untouched, whatever the batches", () => {
    return fc.assert(
      fc.asyncProperty(arbitraryTimes, fc.integer({ min: 0, max: 100 * S }), async (batches, limit) => {
        const { events } = await run([limitIdle(limit)], batches);
        let before = 0;
        let after = 0;
        for (const [index, { time }] of batches.flat().entries()) {
          const limited = events[index]?.time ?? Number.NaN;
          expect(limited - after).toBe(Math.min(limit, time - before));
          before = time;
          after = limited;
        }
      }),
    );
  });
});

describe("changeSpeed", () => {
  it("scales times and the stated duration", async () => {
    const { header, events } = await run([changeSpeed(0.5)], [EVENTS], { duration: 11 * S });
    expect(times(events)).toEqual([1, 4, 4, 20, 22]);
    expect(header.duration).toBe(22 * S);
    expect((await run([changeSpeed(2)])).header).toEqual({ cols: 80, rows: 24 });
  });

  it("rounds each time alone, so that errors never add up", () => {
    return fc.assert(
      fc.asyncProperty(arbitraryTimes, fc.double({ min: 0.01, max: 1000, noNaN: true }), async (batches, factor) => {
        const { events } = await run([changeSpeed(factor)], batches);
        for (const [index, { time }] of batches.flat().entries()) {
          expect(events[index]?.time).toBe(Math.round(time / factor));
        }
      }),
    );
  });

  it.each([0, -1, Number.NaN])("refuses %d", (factor) => {
    expect(() => changeSpeed(factor)).toThrow(TypeError);
  });
});

describe("shift", () => {
  it("moves every event later", async () => {
    expect(times((await run([shift(3 * S)])).events)).toEqual([3.5, 5, 5, 13, 14]);
  });

  it("refuses to move events before the start", () => {
    expect(() => shift(-1)).toThrow("use cut");
  });
});

describe("filterKinds", () => {
  it("keeps the named kinds alone", async () => {
    const { events } = await run([filterKinds(["output", "exit"])]);
    expect(events.map(({ kind }) => kind)).toEqual(["output", "output", "exit"]);
  });
});

describe("concat", () => {
  it("refuses to join nothing", async () => {
    await expect(concat([])).rejects.toThrow(TypeError);
  });

  it("continues times, and tells sizes that differ", async () => {
    const first = recordingOf([EVENTS], { title: "first", duration: 5 });
    const second = recordingOf([[output(1, "c")]], { title: "second" });
    const third = recordingOf([[output(0, "d")], [output(2, "e")]], { cols: 90 });
    const joined = await concat([first, second, third].map((recording) => async () => recording));
    expect(joined.header).toEqual({ cols: 80, rows: 24, title: "first" });
    expect(joined.format).toBe("memory");
    expect(await eventsOf(joined)).toEqual([
      ...EVENTS,
      { kind: "resize", time: 11 * S, cols: 80, rows: 24 },
      output(12, "c"),
      { kind: "resize", time: 12 * S, cols: 90, rows: 24 },
      output(12, "d"),
      output(14, "e"),
    ]);
  });

  it("says nothing of the size where the one before ended in it", async () => {
    const second = recordingOf([[output(0, "c")]], { cols: 100, rows: 30 });
    const joined = await concat([async () => recordingOf([EVENTS]), async () => second]);
    expect((await eventsOf(joined)).at(-1)).toEqual(output(11, "c"));
  });

  it("takes recordings without events", async () => {
    const opens = [[], [[output(1, "a")]], [], [[output(1, "b")]]].map((batches) => async () => recordingOf(batches));
    expect(await eventsOf(await concat(opens))).toEqual([output(1, "a"), output(2, "b")]);
  });

  it("opens each only when the one before has ended, and closes the one that is open", async () => {
    const log: string[] = [];
    const open = (name: string) => async () => {
      log.push(`open ${name}`);
      return { ...recordingOf([EVENTS]), close: async () => void log.push(`close ${name}`) };
    };
    const joined = await concat([open("a"), open("b"), open("c")]);
    expect(log).toEqual(["open a"]);
    let batches = 0;
    for await (const _ of joined.batches) {
      batches++;
      if (batches === 2) break;
    }
    await joined.close();
    expect(log).toEqual(["open a", "close a", "open b", "close b"]);
  });

  it("passes on the error of a recording that cannot be opened", async () => {
    const missing = async (): Promise<Recording> => {
      throw new Error("missing");
    };
    const joined = await concat([async () => recordingOf([EVENTS]), missing]);
    await expect(eventsOf(joined)).rejects.toThrow("missing");
  });
});
