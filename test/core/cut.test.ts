// Cutting: what stays, when it comes, and what a stretch that was left out is followed by.
import { describe, expect, it } from "vitest";
import {
  applyTransforms,
  type Batch,
  cut,
  type Event,
  filterKinds,
  NANOS_PER_SECOND,
  type Recording,
  removeStretches,
  type ScreenFold,
  stretchesAround,
  type Transform,
} from "../../src/core/index.js";
import { eventsOf, output, recordingOf } from "./recordings.js";

const S = NANOS_PER_SECOND;
const BEGINNING = Number.NEGATIVE_INFINITY;
const END = Number.POSITIVE_INFINITY;
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
const stretch = (from: number, to: number) => ({ from: from * S, to: to * S });

/** A fold that says what it is asked. */
function fold() {
  const log: string[] = [];
  const screen: ScreenFold = {
    start: (cols, rows) => log.push(`start ${cols}x${rows}`),
    feed: (event) => log.push(event.kind === "output" ? `${event.data}` : `${event.cols}x${event.rows}`),
    reset: () => {
      log.push("reset");
      return Buffer.from("reset ");
    },
    dump: () => Buffer.from("screen"),
    end: () => log.push("end"),
  };
  return { log, screen };
}

describe("cut", () => {
  it("keeps events at both ends and starts anew at 0", async () => {
    const { events } = await run([cut({ from: 2 * S, to: 10 * S })]);
    expect(events.map(({ kind }) => kind)).toEqual(["resize", "input", "output"]);
    expect(times(events)).toEqual([0, 0, 8]);
  });

  it("keeps everything where neither end is named", async () => {
    expect((await run([cut({})])).events).toEqual(EVENTS);
  });

  it("moves the wall clock along and forgets the stated duration", async () => {
    const { header } = await run([cut({ from: 2 * S })], [EVENTS], { startTime: 1_000_000_000_000n, duration: 1 });
    expect(header).toEqual({ cols: 80, rows: 24, startTime: 1_002_000_000_000n });
  });

  it("opens with the size that was changed before, where there is no screen to show", async () => {
    const { events } = await run([cut({ from: 3 * S })]);
    expect(events).toEqual([
      { kind: "resize", time: 0, cols: 100, rows: 30 },
      output(7, "b"),
      { kind: "exit", time: 8 * S, status: 0 },
    ]);
    expect((await run([cut({ from: S })], [[output(0, "a"), output(2, "b")]])).events).toEqual([output(1, "b")]);
  });

  it("opens with the screen as it then was, in its size", async () => {
    const { log, screen } = fold();
    const { events } = await run([cut({ from: 3 * S, fold: screen })]);
    expect(log).toEqual(["start 80x24", "a", "100x30", "end"]);
    expect(events.slice(0, 3)).toEqual([
      { kind: "resize", time: 0, cols: 100, rows: 30 },
      output(0, "screen"),
      output(7, "b"),
    ]);
  });

  it("opens with the screen alone where its size is the header's", async () => {
    const { events } = await run([cut({ from: S, fold: fold().screen })]);
    expect(events.slice(0, 2)).toEqual([output(0, "screen"), { kind: "resize", time: S, cols: 100, rows: 30 }]);
  });

  it("reads no further once the end is reached", async () => {
    let read = 0;
    async function* batches(): AsyncGenerator<Batch> {
      for (const event of EVENTS) {
        read++;
        yield [event];
      }
    }
    const recording: Recording = { ...recordingOf([]), batches: batches() };
    expect(await eventsOf(applyTransforms(recording, [cut({ to: S })]))).toHaveLength(1);
    expect(read).toBe(2);
  });

  it("shows the screen where nothing happens between, but the recording goes on", async () => {
    const screen = [{ kind: "resize", time: 0, cols: 100, rows: 30 }, output(0, "screen")];
    expect((await run([cut({ from: 3 * S, to: 4 * S, fold: fold().screen })])).events).toEqual(screen);
    const { events } = await run([cut({ from: 12 * S, fold: fold().screen })], [EVENTS], { duration: 13 * S });
    expect(events).toEqual(screen);
    const chained = [cut({ from: 12 * S, fold: fold().screen }), filterKinds(["output"])];
    expect((await run(chained, [EVENTS], { duration: 13 * S })).events).toEqual([output(0, "screen")]);
  });

  it("is empty where the recording ends before", async () => {
    expect((await run([cut({ from: 12 * S })])).events).toEqual([]);
    const { events } = await run([cut({ from: 12 * S, fold: fold().screen })], [EVENTS], { duration: 11 * S });
    expect(events).toEqual([]);
  });
});

describe("removeStretches", () => {
  const TEN = Array.from({ length: 10 }, (_, at) => output(at, String(at)));
  const texts = (events: readonly Event[]) =>
    events.map((event) => (event.kind === "output" ? `${event.time / S}:${Buffer.from(event.data)}` : event.kind));

  it("leaves out what lies between, keeps what happens at its ends, and closes the time up", async () => {
    const { screen, log } = fold();
    const { events } = await run([removeStretches([stretch(3, 6)], screen)], [TEN]);
    expect(texts(events)).toEqual(["0:0", "1:1", "2:2", "3:3", "3:reset screen", "3:6", "4:7", "5:8", "6:9"]);
    expect(log).toEqual(["start 80x24", "0", "1", "2", "3", "reset", "4", "5", "end"]);
  });

  it("takes stretches in any order, joins those that overlap or touch, whatever the batches", async () => {
    const stretches = [stretch(6, 7), stretch(1, 3), stretch(2, 4), stretch(1.5, 2), stretch(7, 7.5)];
    for (const batches of [[TEN], TEN.map((event) => [event])]) {
      const { events } = await run([removeStretches(stretches, fold().screen)], batches);
      expect(texts(events)).toEqual([
        "0:0",
        "1:1",
        "1:reset screen",
        "1:4",
        "2:5",
        "3:6",
        "3:reset screen",
        "3.5:8",
        "4.5:9",
      ]);
    }
  });

  it("begins with the screen where the beginning goes, and reads no further than an end that goes", async () => {
    const stretches = [
      { from: BEGINNING, to: 2 * S },
      { from: 5 * S, to: END },
    ];
    const { events, header } = await run([removeStretches(stretches, fold().screen)], [TEN], { startTime: 7n });
    expect(texts(events)).toEqual(["0:screen", "0:2", "1:3", "2:4", "3:5"]);
    expect(header.startTime).toBe(2_000_000_007n);
  });

  it("drops markers, input, exit and what nobody knows within, and says no screen where it did not change", async () => {
    const events: readonly Event[] = [
      output(1, "a"),
      { kind: "marker", time: 2 * S, label: "at" },
      { kind: "marker", time: 2.5 * S, label: "in" },
      { kind: "input", time: 2.5 * S, data: Buffer.from("x") },
      { kind: "exit", time: 2.5 * S, status: 0 },
      { kind: "custom", time: 2.5 * S, code: "c", data: Buffer.from("1") },
      { kind: "marker", time: 3 * S, label: "at" },
      output(4, "b"),
    ];
    expect((await run([removeStretches([stretch(2, 3)], fold().screen)], [events])).events).toEqual([
      output(1, "a"),
      { kind: "marker", time: 2 * S, label: "at" },
      { kind: "marker", time: 2 * S, label: "at" },
      output(3, "b"),
    ]);
  });

  it("resets the terminal in its old size, then tells the new one", async () => {
    const { events } = await run([removeStretches([stretch(1, 9)], fold().screen)]);
    expect(events.slice(1)).toEqual([
      output(1, "reset "),
      { kind: "resize", time: S, cols: 100, rows: 30 },
      output(1, "screen"),
      output(2, "b"),
      { kind: "exit", time: 3 * S, status: 0 },
    ]);
  });

  it("tells the new size alone where nobody follows the screen, and none that came back", async () => {
    expect((await run([removeStretches([stretch(1, 9)])])).events.slice(1, 3)).toEqual([
      { kind: "resize", time: S, cols: 100, rows: 30 },
      output(2, "b"),
    ]);
    const back: readonly Event[] = [
      { kind: "resize", time: 2 * S, cols: 100, rows: 30 },
      { kind: "resize", time: 3 * S, cols: 80, rows: 24 },
      output(5, "b"),
    ];
    expect((await run([removeStretches([stretch(1, 4)])], [back])).events).toEqual([output(2, "b")]);
  });

  it("ends where the recording ends within a stretch, unless it says that it goes on", async () => {
    const within = [removeStretches([stretch(3, 20)], fold().screen)];
    expect(texts((await run(within, [TEN])).events).at(-1)).toBe("3:3");
    const beyond = [removeStretches([stretch(3, 20)], fold().screen)];
    const { events, header } = await run(beyond, [TEN], { duration: 30 * S });
    expect(texts(events).at(-1)).toBe("3:reset screen");
    expect(header.duration).toBeUndefined();
  });

  it("is what joining the parts around it is", () => {
    const kept = [stretch(5, 7), stretch(1, 2), stretch(6, 8)];
    expect(stretchesAround(kept)).toEqual([
      { from: BEGINNING, to: S },
      { from: 2 * S, to: 5 * S },
      { from: 8 * S, to: END },
    ]);
    expect(stretchesAround([{ from: BEGINNING, to: S }])).toEqual([{ from: S, to: END }]);
    expect(stretchesAround([{ from: 0, to: END }])).toEqual([]);
  });
});
