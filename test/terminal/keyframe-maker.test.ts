// Keyframes: what they stand behind, how far apart they are, and that each leads where the recording leads.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Event, Keyframe } from "../../src/core/index.js";
import { KEYFRAME_DISTANCE, KeyframeMaker, Screen } from "../../src/terminal/index.js";
import { chunked, hostileBytes, screenStream } from "./streams.js";

const SIZE = { cols: 20, rows: 6 };
/** The usual distance on a machine that takes no time. */
const HOWEVER_SLOW = { ...KEYFRAME_DISTANCE, feedMs: Number.MAX_VALUE };
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 100);

const outputs = (chunks: readonly (Uint8Array | string)[]): Event[] =>
  chunks.map((chunk, at) => ({ kind: "output", time: at * 1000, data: Buffer.from(chunk) }));

function make(maker: KeyframeMaker, events: readonly Event[]): Keyframe[] {
  const made = [...events.map((event) => maker.take(event)), maker.end()];
  return made.filter((keyframe) => keyframe !== undefined);
}

function apply(screen: Screen, events: readonly Event[]): Screen {
  for (const event of events) {
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
  return screen;
}

/** A state, and what becomes of it with what follows, is what a replay from the beginning gives. */
function expectTrue({ events: behind, state }: Keyframe, events: readonly Event[]): void {
  const replayed = apply(new Screen(SIZE), events.slice(0, behind));
  expect(Buffer.compare(replayed.saveState(), state)).toBe(0);
  const [here, there] = [apply(replayed, events.slice(behind)), apply(Screen.fromState(state), events.slice(behind))];
  expect(Buffer.compare(here.saveState(), there.saveState())).toBe(0);
  here.dispose();
  there.dispose();
}

afterEach(() => void vi.restoreAllMocks());

describe("keyframes", () => {
  it("come after so many events, and say behind which and when", () => {
    const maker = new KeyframeMaker(SIZE, HOWEVER_SLOW);
    const keyframes = make(maker, outputs(Array.from({ length: 10_000 }, (_, at) => `${at}\r\n`)));
    expect(keyframes.map(({ events, time }) => [events, time])).toEqual([
      [4096, 4_095_000],
      [8192, 8_191_000],
    ]);
    expect(maker.dropped).toBe(0);
  });

  it("come before the output since the last one exceeds 256 KB, and on both sides of a larger event", () => {
    const sizes = [200_000, 62_000, 144, 1, 900_000, 5];
    const keyframes = make(
      new KeyframeMaker(SIZE, HOWEVER_SLOW),
      outputs(sizes.map((size) => Buffer.alloc(size, "x"))),
    );
    expect(keyframes.map(({ events }) => events)).toEqual([3, 4, 5]);
  });

  it("come sooner where output is slow to feed", () => {
    const slow = "\x1b[20L\x1b[20M".repeat(4000);
    const keyframes = make(
      new KeyframeMaker(SIZE, { outputBytes: Number.MAX_SAFE_INTEGER, events: Number.MAX_SAFE_INTEGER, feedMs: 1 }),
      outputs([slow, slow, slow, "end"]),
    );
    expect(keyframes.map(({ events }) => events)).toEqual([1, 2, 3]);
  });

  it("are none in a recording that is short", () => {
    expect(make(new KeyframeMaker(SIZE), outputs(["a", "b"]))).toEqual([]);
  });

  it("hold whatever stream it is, cut anywhere, with resizes between", () => {
    const size = fc.record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hostileBytes(), screenStream()), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(200), size), { maxLength: 3 }),
        fc.integer({ min: 1, max: 20 }),
        (streams, sizes, resizes, every) => {
          const events = outputs(chunked(Buffer.concat(streams), sizes));
          for (const [at, cells] of resizes) {
            const where = Math.min(at, events.length);
            events.splice(where, 0, { kind: "resize", time: where * 1000, ...cells });
          }
          const maker = new KeyframeMaker(SIZE, { outputBytes: 1e9, events: every, feedMs: 1e9 });
          const keyframes = make(maker, events);
          expect(keyframes.length).toBe(Math.floor(Math.max(0, events.length - 1) / every));
          for (const keyframe of keyframes) expectTrue(keyframe, events);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("a keyframe that leads elsewhere", () => {
  const events = outputs(Array.from({ length: 30 }, (_, at) => `line ${at}\r\n`));
  const often = { outputBytes: 1e9, events: 10, feedMs: 1e9 };

  /** The state that is restored for the nth time is not the one that was saved. */
  function wrongAt(number: number, change: (screen: Screen) => void): void {
    const restore = Screen.prototype.restoreState;
    let count = 0;
    vi.spyOn(Screen.prototype, "restoreState").mockImplementation(function (this: Screen, state: Uint8Array) {
      restore.call(this, state);
      if (++count === number) change(this);
    });
  }

  it.each<[string, string]>([
    ["its rows", "x"],
    ["its cursor", "\x1b[2;2H"],
    ["its modes alone", "\x1b[?2004h"],
    ["what shows much later", "\x1b[5;6r\x1b[6;1H"],
  ])("by %s is left out and counted", (_, text) => {
    wrongAt(1, (screen) => screen.feed(Buffer.from(text)));
    const maker = new KeyframeMaker(SIZE, often);
    expect(make(maker, events).map((keyframe) => keyframe.events)).toEqual([20]);
    expect(maker.dropped).toBe(1);
  });

  it("although it comes right again in the end is left out", () => {
    wrongAt(1, (screen) => screen.feed(Buffer.from("x")));
    const maker = new KeyframeMaker(SIZE, often);
    const redrawn = events.with(15, { kind: "output", time: 15_000, data: Buffer.from("\x1b[2J\x1b[H") });
    expect(make(maker, redrawn).map((keyframe) => keyframe.events)).toEqual([20]);
  });

  it("because its state cannot be restored is left out", () => {
    vi.spyOn(Screen.prototype, "restoreState").mockImplementation(() => Screen.fromState(new Uint8Array(4)) as never);
    const maker = new KeyframeMaker(SIZE, often);
    expect(make(maker, events)).toEqual([]);
    expect(maker.dropped).toBe(2);
  });
});

it("comparing rows sees cells, attributes, wrapping, the cursor, the buffer and the size", () => {
  const screen = (text: string, size = SIZE) => apply(new Screen(size), outputs([text]));
  const one = screen("abc");
  expect(one.showsSameRows(screen("abc"))).toBe(true);
  for (const other of ["abd", "ab\x1b[1mc", "abc\x1b[3C", "\x1b[?1049habc", "abc\x1b[6;20Hx\x1b[1;4H"]) {
    expect([other, one.showsSameRows(screen(other))]).toEqual([other, false]);
  }
  expect(one.showsSameRows(screen("abc", { cols: 20, rows: 7 }))).toBe(false);
  expect(one.showsSameRows(screen("abc", { cols: 21, rows: 6 }))).toBe(false);
  const wrapped = screen("12345678901234567890x\x1b[1;1H");
  expect(wrapped.showsSameRows(screen("12345678901234567890\r\nx\x1b[1;1H"))).toBe(false);
});
