// The player on a clock that is moved by hand, over recordings whose every screen is known.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, FormatError, NANOS_PER_SECOND, UsageError } from "../../src/core/index.js";
import {
  CachedRecording,
  FRAME_NANOS,
  ManualClock,
  type PlaybackState,
  Player,
  type PlayerOptions,
  type TextHit,
  type TextSearch,
} from "../../src/play/index.js";
import { Screen } from "../../src/terminal/index.js";
import { chunked, hostileBytes } from "../terminal/streams.js";
import { input, marker, output, recordingOf, resize } from "./recordings.js";

const SECOND = NANOS_PER_SECOND;
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 30);

type Options = Partial<PlayerOptions> & {
  failure?: Error;
  idleTimeLimit?: number;
  batchEvents?: number;
  recordingCacheBytes?: number;
};

async function make(events: readonly Event[], clock: ManualClock, options: Options = {}) {
  const { failure, idleTimeLimit, batchEvents, recordingCacheBytes: maxCacheBytes, ...rest } = options;
  const header = idleTimeLimit === undefined ? {} : { idleTimeLimit };
  const open = async () =>
    recordingOf(events, { header, ...(failure && { failure }), ...(batchEvents && { batchEvents }) });
  const recording = await CachedRecording.open({ open, maxCacheBytes });
  const player = new Player({ recording, clock, ...rest });
  const states: PlaybackState[] = [];
  player.on("state", (state) => states.push(state));
  return { player, states, recording };
}

/** Plays to the end on a clock that skips waits. Gives when each event was shown. */
async function playAll(events: readonly Event[], options: Options = {}) {
  const clock = new ManualClock({ skipsWaits: true });
  const made = await make(events, clock, options);
  const shown: number[] = [];
  const frames: { at: number; row: string }[] = [];
  made.player.on("event", () => shown.push(clock.now()));
  made.player.on("frame", (screen) => frames.push({ at: clock.now(), row: screen.text()[0] ?? "" }));
  made.player.on("ended", () => void made.player.stop());
  await made.player.run();
  return { ...made, shown, frames, clock };
}

/** A player on a clock that stands until it is moved. */
async function byHand(events: readonly Event[], options: Options = {}) {
  const clock = new ManualClock();
  const made = await make(events, clock, options);
  const run = made.player.run();
  run.catch(() => {});
  return { ...made, clock, run };
}

function replay(events: readonly Event[], count: number, size = { cols: 80, rows: 24 }): Screen {
  const screen = new Screen(size);
  for (const event of events.slice(0, count)) {
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
  return screen;
}

function isAsReplayed(player: Player, events: readonly Event[], count: number): boolean {
  return Buffer.compare(player.screen.saveState(), replay(events, count).saveState()) === 0;
}

const lines = (count: number, every = 1): Event[] =>
  Array.from({ length: count }, (_, at) => output(at * every, `line ${at}\r\n`));

describe("a player's timing", () => {
  it("hands on each event at exactly its time, also after an hour", async () => {
    const events = Array.from({ length: 6000 }, (_, at) => output(at * 0.7331337, "x"));
    const { shown } = await playAll(events);
    expect(shown).toEqual(events.map(({ time }) => time));
  });

  it("never adds up errors, whatever the speed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 10 * SECOND }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        async (gaps, speed) => {
          let time = 0;
          const events = gaps.map((gap) => {
            time += gap;
            return output(time / SECOND, "x");
          });
          const { shown } = await playAll(events, { speed });
          for (const [at, event] of events.entries()) {
            expect(shown[at]).toBeGreaterThanOrEqual(event.time / speed - 1);
            expect(shown[at]).toBeLessThanOrEqual(event.time / speed + 1);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("tells of the first frame after a pause at once, and of no more than 60 in a second", async () => {
    const events = Array.from({ length: 500 }, (_, at) => output((at < 250 ? 0 : 100) + at * 0.001, "x"));
    const { frames } = await playAll(events);
    expect(frames.map(({ at }) => at)).toContain(events[250]?.time);
    for (const [at, frame] of frames.entries()) {
      if (at > 1) expect(frame.at - (frames[at - 1]?.at ?? 0)).toBeGreaterThanOrEqual(Math.min(FRAME_NANOS, 1));
    }
    expect(frames.length).toBeLessThan(2 * 60 * 0.25 + 6);
    expect(frames.at(-1)?.row).toBe("x".repeat(80));
  });

  it("changes speed while playing without a leap", async () => {
    const { player, clock } = await byHand([output(0, "a"), output(10, "b")]);
    await clock.nextWait();
    clock.advanceTo(2 * SECOND);
    await player.setSpeed(4);
    expect(player.position).toBe(2 * SECOND);
    clock.advanceTo(3 * SECOND);
    expect(player.position).toBe(6 * SECOND);
    await player.setSpeed(0.5);
    clock.advanceTo(5 * SECOND);
    expect(player.position).toBe(7 * SECOND);
    await player.stop();
  });

  it("refuses speeds out of range and an end before the start", async () => {
    const { player, recording } = await byHand([]);
    expect(() => player.setSpeed(0)).toThrow(UsageError);
    expect(() => player.setSpeed(1001)).toThrow(UsageError);
    expect(() => new Player({ recording, startAt: 5, endAt: 4 })).toThrow(UsageError);
    await player.stop();
  });
});

describe("pauses of the recording", () => {
  const events = [output(0, "a"), output(100, "b"), output(103, "c"), output(3703, "d")];

  it("are limited to what the header says, or to what was asked for", async () => {
    expect((await playAll(events, { idleTimeLimit: 2 * SECOND })).shown).toEqual([0, 2, 4, 6].map((s) => s * SECOND));
    const limited = await playAll(events, { idleTimeLimit: SECOND, idle: { mode: "limit", limit: 3 * SECOND } });
    expect(limited.shown).toEqual([0, 3, 6, 9].map((s) => s * SECOND));
  });

  it("are skipped, or shown in log time", async () => {
    expect((await playAll(events, { idle: { mode: "skip" } })).shown).toEqual([0, 0, 0, 0]);
    const { shown } = await playAll(events, { idle: { mode: "log" } });
    expect((shown[3] ?? 0) - (shown[2] ?? 0)).toBe(5 * SECOND);
  });

  it("show the position running fast through them, and may be changed in their midst", async () => {
    const { player, clock } = await byHand(events, { idle: { mode: "limit", limit: 10 * SECOND } });
    await clock.nextWait();
    clock.advanceTo(5 * SECOND);
    expect(player.position).toBe(50 * SECOND);
    await player.setIdleLimit(undefined);
    expect(player.position).toBe(50 * SECOND);
    clock.advanceTo(6 * SECOND);
    expect(player.position).toBe(51 * SECOND);
    await player.setIdleLimit(20 * SECOND);
    expect(player.idle).toEqual({ mode: "limit", limit: 20 * SECOND });
    await player.stop();
  });
});

describe("commands", () => {
  it("pause, play on and toggle keep the position", async () => {
    const { player, clock, states } = await byHand([output(0, "a"), output(10, "b")]);
    await clock.nextWait();
    clock.advanceTo(3 * SECOND);
    await player.pause();
    clock.advanceTo(8 * SECOND);
    expect(player.position).toBe(3 * SECOND);
    await player.toggle();
    clock.advanceTo(9 * SECOND);
    expect(player.position).toBe(4 * SECOND);
    await player.toggle();
    expect(states).toEqual(["playing", "paused", "playing", "paused"]);
    await player.stop();
    expect(player.state).toBe("idle");
  });

  it("seek to times, shares, relative places, events and markers", async () => {
    const events = [
      ...lines(50),
      marker(49.5, "first"),
      ...lines(50).map((e) => ({ ...e, time: e.time + 50 * SECOND })),
    ];
    events.push(marker(99.5, "second"));
    const { player } = await byHand(events, { paused: true });
    const standsAt = async (seconds: number, count: number) => {
      expect([player.position, player.events]).toEqual([seconds * SECOND, count]);
      expect(isAsReplayed(player, events, count)).toBe(true);
    };
    await player.seek({ time: 30.5 * SECOND });
    await standsAt(30.5, 31);
    await player.seek({ by: -10 * SECOND });
    await standsAt(20.5, 21);
    await player.seek({ fraction: 0.5 });
    await standsAt(49.75, 51);
    await player.seek({ byFraction: 0.1 });
    await standsAt(59.7, 61);
    await player.seek({ marker: "next" });
    await standsAt(99.5, 102);
    await player.seek({ marker: "previous" });
    await standsAt(49.5, 51);
    await player.seek({ marker: "previous" });
    await standsAt(49.5, 51);
    await player.seek({ marker: { label: "second" } });
    await standsAt(99.5, 102);
    await player.seek({ events: 5 });
    await standsAt(4, 5);
    await player.seek({ time: -5 });
    await standsAt(0, 1);
    await player.seek({ by: 1e15 });
    await standsAt(99.5, 102);
    await player.stop();
  });

  it("seek text through the search that was given", async () => {
    const asked: unknown[] = [];
    const hit: TextHit = { time: 0, events: 3, line: "line 2", start: 0, length: 4 };
    const search: TextSearch = {
      find: async (pattern, { from, direction }) => {
        asked.push([pattern.source, from, direction]);
        return direction === 1 ? hit : undefined;
      },
    };
    const { player } = await byHand(lines(10), { paused: true, search });
    const text = { source: "2", regex: /2/gu };
    await player.seek({ text, direction: 1 });
    expect([player.events, player.position]).toEqual([3, 2 * SECOND]);
    await player.seek({ text, direction: -1 });
    expect([player.events, player.position]).toEqual([3, 2 * SECOND]);
    expect(asked).toEqual([
      ["2", 1, 1],
      ["2", 3, -1],
    ]);
    await player.stop();
  });

  it("never interleave: a new seek takes the place of one that has not arrived, and relative ones add up", async () => {
    const { player } = await byHand(lines(200), { paused: true });
    await Promise.all([
      player.seek({ time: 100 * SECOND }),
      player.seek({ by: 10 * SECOND }),
      player.seek({ by: 10 * SECOND }),
    ]);
    expect([player.position, player.events]).toEqual([120 * SECOND, 121]);
    await player.stop();
  });

  it("step goes over single changes of the screen, forward and back, and pauses", async () => {
    const events = [
      output(0, "a"),
      input(1, "x"),
      output(2, "b"),
      resize(3, 40, 10),
      output(3, "c"),
      marker(4),
      output(5, "d"),
    ];
    const { player } = await byHand(events, { paused: true });
    const at: number[] = [];
    for (const count of [1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1] as const) {
      await player.step(count);
      at.push(player.events);
      expect(isAsReplayed(player, events, player.events)).toBe(true);
    }
    expect(at).toEqual([3, 4, 5, 7, 7, 6, 4, 3, 2, 0, 0]);
    expect(player.state).toBe("paused");
    await player.stop();
  });

  it("step takes what comes within a sixtieth of a second as one frame", async () => {
    const events = [output(0, "a"), output(1, "b"), output(1.005, "c"), output(1.01, "d"), output(2, "e")];
    const { player } = await byHand(events, { paused: true });
    const at: number[] = [];
    for (const count of [1, 1, -1, -1, -1] as const) {
      await player.step(count, "frame");
      at.push(player.events);
    }
    expect(at).toEqual([4, 5, 4, 1, 0]);
    await player.stop();
  });

  it("loop begins anew at the start to play from", async () => {
    const { player, clock } = await byHand([output(0, "a"), output(1, "b")], { loop: true, startAt: 0.5 * SECOND });
    let starts = 0;
    player.on("state", (state) => {
      if (state === "seeking") starts++;
    });
    for (let at = 1; at < 8; at++) {
      await clock.nextWait();
      clock.advanceTo(at * 0.25 * SECOND);
    }
    expect(starts).toBeGreaterThan(1);
    await player.setLoop(false);
    expect(player.loop).toBe(false);
    await player.stop();
  });
});

describe("ends", () => {
  it("wait for commands: playing begins anew, seeking goes on from there", async () => {
    const { player, clock, states } = await byHand([output(0, "a"), output(1, "b")]);
    const ended = () => new Promise<void>((resolve) => player.on("ended", () => resolve()));
    let end = ended();
    await clock.nextWait();
    clock.advanceTo(SECOND);
    await end;
    expect([player.state, player.position]).toEqual(["ended", SECOND]);
    end = ended();
    await player.play();
    await clock.nextWait();
    clock.advanceTo(10 * SECOND);
    await end;
    await player.pause();
    await player.seek({ time: 0 });
    expect(player.state).toBe("paused");
    expect(states).toEqual(["playing", "ended", "seeking", "playing", "ended", "seeking", "paused"]);
    await player.stop();
  });

  it("come where one asked to play to", async () => {
    const { player, shown } = await playAll(lines(10), { startAt: 2.5 * SECOND, endAt: 5.5 * SECOND });
    expect(shown).toEqual([0.5, 1.5, 2.5].map((s) => s * SECOND));
    expect(player.position).toBe(5.5 * SECOND);
  });

  it("come at damage, which is told and thrown in the end; what is before can be played", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "cut short");
    const { player, clock, run } = await byHand(lines(3), { failure });
    const damage = new Promise((resolve) => player.on("damage", resolve));
    await clock.nextWait();
    clock.advanceTo(10 * SECOND);
    expect(await damage).toBe(failure);
    expect([player.state, player.events, player.damage]).toEqual(["ended", 3, failure]);
    await player.pause();
    await player.seek({ time: SECOND });
    expect(player.events).toBe(2);
    await player.step(1);
    await player.step(1);
    expect(player.state).toBe("ended");
    await player.stop();
    await expect(run).rejects.toBe(failure);
  });

  it("come at once where there is nothing, and a player runs only once", async () => {
    const { player } = await playAll([]);
    await expect(player.run()).rejects.toThrow(TypeError);
  });
});

describe("what a player tells", () => {
  it("is markers, to pause on where asked, sizes and the outline", async () => {
    const events = [output(0, "a"), marker(1, "here"), resize(2, 40, 10), output(3, "b")];
    const { player, clock } = await byHand(events, { pauseOnMarkers: true });
    const told: unknown[] = [];
    player.on("marker", (value) => told.push(value));
    player.on("resize", (value) => told.push(value));
    const isPaused = new Promise<void>((resolve) => player.on("state", (state) => state === "paused" && resolve()));
    const forget = player.on("time", () => told.push("never"));
    forget();
    await clock.nextWait();
    clock.advanceTo(SECOND);
    await isPaused;
    expect(player.position).toBe(SECOND);
    const end = new Promise<void>((resolve) => player.on("ended", () => resolve()));
    await player.play();
    clock.advanceTo(9 * SECOND);
    await end;
    expect(told).toEqual([
      { time: SECOND, label: "here" },
      { cols: 40, rows: 10 },
    ]);
    expect(player.outline).toMatchObject({ duration: 3 * SECOND, complete: true, markers: [{ label: "here" }] });
    await player.stop();
  });
});

describe("a recording that is still being written", () => {
  /** Gives a batch whenever it is told to. */
  function written() {
    const waiting: (() => void)[] = [];
    const batches: (readonly Event[] | undefined)[] = [];
    const write = (...events: Event[]) => {
      batches.push(events);
      waiting.shift()?.();
    };
    const end = () => {
      batches.push(undefined);
      waiting.shift()?.();
    };
    async function* read() {
      for (;;) {
        while (batches.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
        const batch = batches.shift();
        if (batch === undefined) return;
        yield batch;
      }
    }
    const open = async () => ({ ...recordingOf([]), batches: read() });
    return { write, end, open };
  }

  it("is shown as it comes, whatever the times in it; one can go back and play up to what comes", async () => {
    const { write, end, open } = written();
    const recording = await CachedRecording.open({ open, live: AbortSignal.abort() });
    const clock = new ManualClock();
    const player = new Player({ recording, clock });
    const events: number[] = [];
    let seen: (() => void) | undefined;
    player.on("event", ({ time }) => {
      events.push(time / SECOND);
      seen?.();
    });
    const next = () =>
      new Promise<void>((resolve) => {
        seen = resolve;
      });
    const run = player.run();
    let shown = next();
    write(output(100, "a"));
    await shown;
    shown = next();
    write(output(200, "b"));
    await shown;
    await player.seek({ fraction: 0.75 });
    expect([player.position / SECOND, player.events]).toEqual([150, 1]);
    shown = next();
    clock.advanceTo(50 * SECOND);
    await shown;
    expect(events).toEqual([100, 200, 200]);
    await player.seek({ marker: "next" });
    const ended = new Promise<void>((resolve) => player.on("ended", () => resolve()));
    end();
    await ended;
    expect(player.screen.text()[0]).toBe("ab");
    await player.stop();
    await run;
  });

  it("is played in its time from its start, up to what is new", async () => {
    const { write, end, open } = written();
    const live = new AbortController();
    const recording = await CachedRecording.open({ open, live: live.signal });
    const clock = new ManualClock();
    const player = new Player({ recording, clock });
    const shown: number[] = [];
    player.on("event", ({ time }) => shown.push(time / SECOND));
    const run = player.run();
    await new Promise(setImmediate);
    write(output(0, "a"), output(10, "b"));
    while (recording.outline.duration === 0) await new Promise(setImmediate);
    live.abort();
    await clock.nextWait();
    expect(shown).toEqual([0]);
    const isNew = new Promise<void>((resolve) => player.on("event", ({ time }) => time > 10 * SECOND && resolve()));
    clock.advanceTo(10 * SECOND);
    write(output(50, "c"));
    await clock.nextWait();
    expect(shown).toEqual([0, 10]);
    clock.advanceTo(50 * SECOND);
    await isNew;
    end();
    await player.stop();
    await run;
  });

  it("is stepped through from its live end, which waits for nothing", async () => {
    const { write, end, open } = written();
    const recording = await CachedRecording.open({ open, live: AbortSignal.abort() });
    const player = new Player({ recording, clock: new ManualClock() });
    const run = player.run();
    const shown = new Promise<void>((resolve) => {
      player.on("event", () => player.events === 3 && resolve());
    });
    write(output(1, "a"), output(2, "b"), output(3, "c"));
    await shown;
    await player.step(-1);
    expect(player.events).toBe(2);
    await player.step(-1, "frame");
    expect(player.events).toBe(1);
    await player.step(1);
    await player.step(1);
    await player.step(1);
    expect(player.events).toBe(3);
    await player.stop();
    await run;
    end();
  });

  it("is waited for where its whole length matters, once nobody writes it any more", async () => {
    const { write, end, open } = written();
    const recording = await CachedRecording.open({ open });
    const player = new Player({ recording, clock: new ManualClock(), paused: true });
    const run = player.run();
    write(output(10, "a"));
    const arrived = Promise.all([player.seek({ fraction: 1 }), player.setSpeed(2)]);
    write(output(20, "b"), marker(20, "m"));
    end();
    await arrived;
    expect(player.position).toBe(20 * SECOND);
    await player.stop();
    await run;
  });
});

describe("a source that stalls", () => {
  it("is waited for, and what comes then is shown in its time, not in a burst", async () => {
    let go = () => {};
    async function* batches() {
      yield [output(0, "a"), output(1, "b")];
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      yield [output(2, "c"), output(3, "d")];
    }
    const recording = await CachedRecording.open({ open: async () => ({ ...recordingOf([]), batches: batches() }) });
    const clock = new ManualClock();
    const player = new Player({ recording, clock });
    const shown: number[] = [];
    const seen = (count: number) =>
      new Promise<void>((resolve) => {
        const forget = player.on("event", () => {
          if (player.events >= count) {
            forget();
            resolve();
          }
        });
      });
    player.on("event", () => shown.push(clock.now() / SECOND));
    const second = seen(2);
    const run = player.run();
    await clock.nextWait();
    clock.advanceTo(SECOND);
    await second;
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate); // it waits for the source by now
    clock.advanceTo(60 * SECOND);
    const third = seen(3);
    go();
    await clock.nextWait();
    clock.advanceTo(61 * SECOND);
    await third;
    const fourth = seen(4);
    await clock.nextWait();
    clock.advanceTo(62 * SECOND);
    await fourth;
    expect(shown).toEqual([0, 1, 61, 62]);
    await player.stop();
    await run;
  });
});

describe("the screen of a player", () => {
  it("lets the event loop turn between commands that are done at once", async () => {
    const { player } = await byHand(lines(100), { paused: true });
    let turns = 0;
    const count = () => {
      turns++;
      if (player.state !== "idle") setImmediate(count);
    };
    setImmediate(count);
    for (let at = 0; at < 50; at++) await player.seek({ events: at });
    expect(turns).toBeGreaterThan(40);
    await player.stop();
  });

  it("lets the event loop turn on a long way", async () => {
    const events = Array.from({ length: 256 }, (_, at) => output(at, "some text in a line\r\n".repeat(3000)));
    const { player } = await byHand(events, { paused: true, batchEvents: 4 });
    let turns = 0;
    const count = () => {
      turns++;
      if (player.state !== "idle") setImmediate(count);
    };
    setImmediate(count);
    const shares: number[] = [];
    player.on("progress", (share) => shares.push(share));
    await player.seek({ time: 1e15 });
    expect(turns).toBeGreaterThan(10);
    expect(shares.length).toBeGreaterThan(5);
    expect(player.events).toBe(256);
    await player.stop();
  });

  it("is what a replay gives, whatever the stream, wherever one seeks and steps, played or paused", async () => {
    const target = fc.oneof(
      fc.nat(500).map((time) => ({ time: time * 1e6 })),
      fc.nat(300).map((events) => ({ events })),
      fc.integer({ min: -99, max: 99 }).map((by) => ({ by: by * 1e6 })),
    );
    const action = fc.oneof(
      target,
      fc.constantFrom<1 | -1>(1, -1).map((step) => ({ step })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostileBytes(), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(action, { maxLength: 12 }),
        async (streams, size, actions) => {
          const events = chunked(Buffer.concat(streams), [size]).map(
            (data, at): Event =>
              at % 40 === 39 ? resize(at / 1000, 10 + (at % 17), 3 + (at % 5)) : output(at / 1000, data),
          );
          const { player } = await byHand(events, { paused: true, batchEvents: 7 });
          for (const next of actions) {
            await ("step" in next ? player.step(next.step) : player.seek(next));
            expect(isAsReplayed(player, events, player.events)).toBe(true);
          }
          await player.stop();
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("a recording that keeps one waiting", () => {
  /** Its first events, and then nothing for ever. */
  async function stalling(events: readonly Event[], options: Partial<PlayerOptions> = {}) {
    async function* batches() {
      yield events;
      await new Promise(() => {});
    }
    const recording = await CachedRecording.open({ open: async () => ({ ...recordingOf([]), batches: batches() }) });
    const player = new Player({ recording, clock: new ManualClock(), paused: true, ...options });
    return { player, run: player.run() };
  }

  it("is left at once, wherever one is on the way to", async () => {
    const commands: readonly ((player: Player) => Promise<void>)[] = [
      (player) => player.seek({ time: 9 * SECOND }),
      (player) => player.seek({ events: 9 }),
      (player) => player.seek({ fraction: 0.5 }),
      (player) => player.seek({ marker: "next" }),
      (player) => player.seek({ text: { source: "x", regex: /x/gu }, direction: 1 }),
      (player) => player.step(1),
      (player) => player.play(),
    ];
    for (const command of commands) {
      const { player, run } = await stalling(lines(2), { search: { find: () => new Promise(() => {}) } });
      await player.step(1);
      const given = command(player);
      await new Promise(setImmediate);
      await Promise.all([player.stop(), given, run]);
      expect([player.state, player.events]).toEqual(["idle", 2]);
    }
  });

  it("is one that can be played, going elsewhere instead", async () => {
    const { player, run } = await stalling(lines(20));
    const away = player.seek({ time: 100 * SECOND });
    await new Promise(setImmediate);
    await player.seek({ time: 5 * SECOND });
    await away;
    expect([player.position, player.events]).toEqual([5 * SECOND, 6]);
    await player.stop();
    await run;
  });
});

describe("places", () => {
  it("are not left for a place that there is not, not even within a moment", async () => {
    const { player } = await byHand([output(0, "a"), output(1, "b"), output(1, "c")], { paused: true });
    await player.seek({ events: 2 });
    await player.seek({ marker: "next" });
    await player.seek({ text: { source: "x", regex: /x/gu }, direction: 1 });
    expect([player.position, player.events]).toEqual([SECOND, 2]);
    await player.stop();
  });

  it("are counted from where an overtaken seek would have led, also a step's", async () => {
    const { player } = await byHand(lines(500), { paused: true, batchEvents: 10 });
    const told = [player.seek({ time: 100 * SECOND }), player.step(1), player.seek({ by: 10 * SECOND })];
    await Promise.all(told);
    expect(player.position).toBe(110 * SECOND);
    await Promise.all([player.seek({ events: 400 }), player.seek({ by: -9 * SECOND })]);
    expect([player.position, player.events]).toEqual([390 * SECOND, 391]);
    await player.stop();
  });

  it("behind the end to play to are not gone to, and shares are of all the recording", async () => {
    const events = [...lines(10), marker(8.5, "late"), output(9, "x")].sort((one, other) => one.time - other.time);
    const hit: TextHit = { time: 9 * SECOND, events: 12, line: "x", start: 0, length: 1 };
    const search: TextSearch = { find: async () => hit };
    const { player } = await byHand(events, { paused: true, endAt: 6.5 * SECOND, search });
    for (const [target, position, count] of [
      [{ marker: "next" }, 0, 1],
      [{ marker: { label: "late" } }, 0, 1],
      [{ text: { source: "x", regex: /x/gu }, direction: 1 }, 0, 1],
      [{ fraction: 0.5 }, 4.5, 5],
      [{ fraction: 0.9 }, 6.5, 7],
      [{ events: 11 }, 6.5, 7],
    ] as const) {
      await player.seek(target);
      expect([target, player.position / SECOND, player.events]).toEqual([target, position, count]);
    }
    await player.stop();
  });

  it("show how far they are, also backward", async () => {
    const events = Array.from({ length: 256 }, (_, at) => output(at, "some text in a line\r\n".repeat(3000)));
    const { player } = await byHand(events, { paused: true, recordingCacheBytes: 0 });
    await player.seek({ events: 256 });
    const shares: number[] = [];
    player.on("progress", (share) => shares.push(share));
    await player.seek({ time: 200 * SECOND });
    expect(shares.length).toBeGreaterThan(5);
    expect(shares.every((share, at) => share >= (shares[at - 1] ?? 0) && share <= 1)).toBe(true);
    expect(shares.at(-1)).toBeGreaterThan(0.5);
    await player.stop();
  });
});

describe("what goes wrong around a player", () => {
  it("in a search is told, and playing stays where it is", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "cut short");
    const search: TextSearch = { find: () => Promise.reject(failure) };
    const { player, run } = await byHand(lines(10), { paused: true, startAt: 5 * SECOND, search });
    const told: unknown[] = [];
    player.on("damage", (error) => told.push(error));
    await player.seek({ text: { source: "x", regex: /x/gu }, direction: 1 });
    expect([player.state, player.position, player.events, told]).toEqual(["paused", 5 * SECOND, 6, [failure]]);
    await player.stop();
    await expect(run).rejects.toBe(failure);
  });

  it("in a listener ends the run with it, idle, and nobody waits for a command in vain", async () => {
    for (const name of ["frame", "event", "state", "time"] as const) {
      const { player, run, clock } = await byHand(lines(3));
      await clock.nextWait();
      const states: PlaybackState[] = [];
      player.on("state", (state) => states.push(state));
      const forget = player.on(name, () => {
        forget();
        throw new Error("of a listener");
      });
      const told = name === "event" ? undefined : player.seek({ time: SECOND });
      clock.advanceTo(SECOND);
      await expect(run).rejects.toThrow("of a listener");
      await Promise.all([told, player.pause(), player.stop()]);
      expect([player.state, states.at(-1)]).toEqual(["idle", "idle"]);
    }
  });

  it("in reading it all for the outline is nobody's: it is met where it is played", async () => {
    const inner = await CachedRecording.open({ open: async () => recordingOf(lines(3)) });
    const recording: PlayerOptions["recording"] = {
      header: inner.header,
      duration: 0,
      outline: inner.outline,
      engine: inner.engine,
      keyframe: (place) => inner.keyframe(place),
      batchesFrom: (first) => inner.batchesFrom(first),
      readAll: () => Promise.reject(new Error("of reading")),
    };
    const player = new Player({ recording, clock: new ManualClock({ skipsWaits: true }) });
    player.on("ended", () => void player.stop());
    await player.run();
    expect(player.events).toBe(3);
  });

  it("with being late is over where it pauses on a marker", async () => {
    const events = [output(0, "a"), marker(1), output(5, "b")];
    const { player, clock } = await byHand(events, { pauseOnMarkers: true });
    const isPaused = new Promise<void>((resolve) => player.on("state", (state) => state === "paused" && resolve()));
    await clock.nextWait();
    clock.advanceTo(20 * SECOND);
    await isPaused;
    await player.play();
    clock.advanceTo(22 * SECOND);
    expect([player.position, player.events]).toEqual([3 * SECOND, 2]);
    await player.stop();
  });

  it("is not what one does with pauses while standing in one that is skipped", async () => {
    const { player } = await byHand([output(0, "a"), output(100, "b")], { paused: true, idle: { mode: "skip" } });
    await player.seek({ time: 20 * SECOND });
    await player.setIdle({ mode: "off" });
    await player.play();
    expect([player.position, player.events]).toEqual([20 * SECOND, 1]);
    await player.stop();
  });
});
