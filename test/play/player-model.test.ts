// The player against a brute-force model of it: whatever it is told whenever, it stands where the model says, and shows what a
// replay shows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, NANOS_PER_MS, NANOS_PER_SECOND } from "../../src/core/index.js";
import {
  CachedRecording,
  FRAME_NANOS,
  type IdleMode,
  ManualClock,
  Player,
  type SeekTarget,
  shownPause,
} from "../../src/play/index.js";
import { Screen } from "../../src/terminal/index.js";
import { input, marker, output, recordingOf, resize } from "./recordings.js";

const SECOND = NANOS_PER_SECOND;
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 150);
const SIZE = { cols: 12, rows: 3 };

interface Settings {
  readonly startAt: number;
  readonly endAt: number;
  readonly paused: boolean;
  readonly pauseOnMarkers: boolean;
  readonly idle: IdleMode;
}

type Action =
  | { readonly do: "play" | "pause" | "toggle" }
  | { readonly do: "advance"; readonly by: number }
  | { readonly do: "seek"; readonly target: SeekTarget }
  | { readonly do: "step"; readonly count: 1 | -1; readonly unit: "event" | "frame" }
  | { readonly do: "speed"; readonly speed: number }
  | { readonly do: "idle"; readonly idle: IdleMode };

/** What a player is, said as simply as can be: where one stands, and how much was shown since. */
class Model {
  state: "playing" | "paused" | "ended" = "playing";
  /** Events seen. */
  count = 0;
  speed = 1;
  readonly shown: number[] = [];
  readonly #events: readonly Event[];
  readonly #settings: Settings;
  #idle: IdleMode;
  /** Recorded time from which on the clock has run, and how long it has, at speed 1. */
  #from = 0;
  #rest = 0;
  #resumes: boolean;

  constructor(events: readonly Event[], settings: Settings) {
    this.#events = events;
    this.#settings = settings;
    this.#idle = settings.idle;
    this.#resumes = !settings.paused;
    if (settings.paused || settings.startAt > 0) this.#goTo({ time: settings.startAt });
    this.#run(0);
  }

  get position(): number {
    const next = this.#next;
    if (this.state === "ended" || next === undefined || this.#rest === 0) return this.#from;
    return Math.round(this.#from + (this.#rest / shownPause(this.#idle, next - this.#from)) * (next - this.#from));
  }

  take(action: Action): void {
    if (action.do === "advance") this.#run(action.by);
    else if (action.do === "speed") this.speed = action.speed;
    else if (action.do === "idle") this.#setIdle(action.idle);
    else if (action.do === "seek") this.#seek(action.target);
    else if (action.do === "step") this.#step(action.count, action.unit);
    else if (action.do === "pause" || (action.do === "toggle" && this.state === "playing")) this.#pause();
    else this.#play();
    this.#run(0);
  }

  /** Time of what comes next: an event, or the end to play to. */
  get #next(): number | undefined {
    const event = this.#events[this.count];
    return event && Math.min(event.time, this.#settings.endAt);
  }

  #timeOf(count: number): number {
    return this.#events[count - 1]?.time ?? 0;
  }

  #run(by: number): void {
    if (this.state !== "playing") return;
    this.#rest += by * this.speed;
    for (;;) {
      const event = this.#events[this.count];
      const next = this.#next;
      const pause = next === undefined ? 0 : shownPause(this.#idle, next - this.#from);
      if (event !== undefined && this.#rest < pause) return;
      if (event === undefined || event.time > this.#settings.endAt) {
        this.state = "ended";
        this.#standAt(event === undefined ? this.#timeOf(this.count) : this.#settings.endAt);
        return;
      }
      this.#rest -= pause;
      this.#from = event.time;
      this.shown.push(this.count++);
      if (event.kind !== "marker" || !this.#settings.pauseOnMarkers) continue;
      this.#pause();
      this.#standAt(event.time);
      return;
    }
  }

  #standAt(time: number): void {
    this.#from = time;
    this.#rest = 0;
  }

  #setIdle(idle: IdleMode): void {
    this.#standAt(this.position);
    this.#idle = idle;
  }

  #pause(): void {
    this.#resumes = false;
    if (this.state === "playing") this.state = "paused";
  }

  #play(): void {
    this.#resumes = true;
    if (this.state === "ended") this.#seek({ time: this.#settings.startAt });
    this.state = "playing";
  }

  #seek(target: SeekTarget): void {
    const { position } = this;
    const duration = this.#timeOf(this.#events.length);
    const times = this.#events.filter(({ kind }) => kind === "marker").map(({ time }) => time);
    if ("time" in target || "events" in target) this.#goTo(target);
    else if ("by" in target) this.#goTo({ time: position + target.by });
    else if ("fraction" in target) this.#goTo({ time: target.fraction * duration });
    else if ("byFraction" in target) this.#goTo({ time: position + target.byFraction * duration });
    else if ("marker" in target) {
      const limit = this.state === "playing" ? position - SECOND : position;
      const isNext = target.marker === "next";
      const time = isNext ? times.find((each) => each > position) : times.findLast((each) => each < limit);
      if (time !== undefined && time <= this.#settings.endAt) this.#goTo({ time });
    }
    this.#standAt(target !== undefined && "marker" in target && this.#from === position ? position : this.position);
    this.state = this.#resumes ? "playing" : "paused";
  }

  #goTo(place: { readonly time: number } | { readonly events: number }): void {
    const { endAt } = this.#settings;
    if ("events" in place) {
      const count = Math.max(0, Math.min(place.events, this.#events.length));
      if (this.#timeOf(count) > endAt) {
        this.#goTo({ time: endAt });
        return;
      }
      this.count = count;
      this.#standAt(this.#timeOf(count));
    } else {
      const time = Math.max(0, Math.min(Math.round(place.time), endAt));
      this.count = this.#events.filter((event) => event.time <= time).length;
      this.#standAt(this.count === this.#events.length ? this.#timeOf(this.count) : time);
    }
    this.state = this.#resumes ? "playing" : "paused";
  }

  #step(count: 1 | -1, unit: "event" | "frame"): void {
    const { position } = this;
    this.#resumes = false;
    const before = this.count;
    if (count < 0) this.count = this.#stopBefore(unit);
    else {
      this.count = this.#stopBehind(unit);
      for (let at = before; at < this.count; at++) this.shown.push(at);
    }
    const hasMoved = count < 0 || this.count > before;
    this.#standAt(hasMoved ? this.#timeOf(this.count) : position);
    this.state = "paused";
  }

  #stopBefore(unit: "event" | "frame"): number {
    const visible = this.#events.slice(0, this.count).flatMap((event, number) => (isVisible(event) ? [number] : []));
    const last = visible.at(-1);
    if (last === undefined || unit === "event") return last ?? 0;
    const time = this.#timeOf(last + 1);
    return visible.find((number) => time - this.#timeOf(number + 1) < FRAME_NANOS) ?? last;
  }

  #stopBehind(unit: "event" | "frame"): number {
    const rest = this.#events.slice(this.count).filter(({ time }) => time <= this.#settings.endAt);
    const first = rest.findIndex(isVisible);
    const time = rest[first]?.time;
    if (time === undefined) return this.count + rest.length;
    if (unit === "event") return this.count + first + 1;
    return this.count + rest.filter((event) => event.time <= time + FRAME_NANOS).length;
  }
}

function isVisible({ kind }: Event): boolean {
  return kind === "output" || kind === "resize";
}

const idleMode = fc.constantFrom<IdleMode>(
  { mode: "off" },
  { mode: "limit", limit: SECOND },
  { mode: "skip" },
  { mode: "log" },
);
const nanos = fc.nat(16_000).map((ms) => ms * NANOS_PER_MS);
const target = fc.oneof(
  nanos.map((time): SeekTarget => ({ time })),
  fc.integer({ min: -2, max: 45 }).map((events): SeekTarget => ({ events })),
  fc.integer({ min: -9000, max: 9000 }).map((ms): SeekTarget => ({ by: ms * NANOS_PER_MS })),
  fc.constantFrom(0, 0.25, 0.5, 1).map((fraction): SeekTarget => ({ fraction })),
  fc.constantFrom(-0.5, -0.125, 0.125).map((byFraction): SeekTarget => ({ byFraction })),
  fc.constantFrom<SeekTarget>({ marker: "next" }, { marker: "previous" }),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Action>({ do: "play" }, { do: "pause" }, { do: "toggle" }) },
  { weight: 4, arbitrary: fc.nat(4000).map((ms): Action => ({ do: "advance", by: ms * NANOS_PER_MS })) },
  { weight: 4, arbitrary: target.map((to): Action => ({ do: "seek", target: to })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom<1 | -1>(1, -1), fc.constantFrom<"event" | "frame">("event", "frame"))
      .map(([count, unit]): Action => ({ do: "step", count, unit })),
  },
  { weight: 1, arbitrary: fc.constantFrom(0.5, 1, 2, 4).map((speed): Action => ({ do: "speed", speed })) },
  { weight: 1, arbitrary: idleMode.map((idle): Action => ({ do: "idle", idle })) },
);
const recorded = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 0, 0, 5, 12, 250, 700, 2500),
      fc.constantFrom("output", "output", "input", "marker", "resize"),
    ),
    { maxLength: 40 },
  )
  .map((parts) => {
    let time = 0;
    return parts.map(([gap, kind], at): Event => {
      time += gap / 1000;
      if (kind === "output") return output(time, `${at} `);
      if (kind === "resize") return resize(time, 4 + (at % 9), 1 + (at % 4));
      return kind === "marker" ? marker(time, String(at)) : input(time, "x");
    });
  });
const settings: fc.Arbitrary<Settings> = fc.record({
  startAt: fc.constantFrom(0, 0, 0, 700 * NANOS_PER_MS),
  endAt: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3 * SECOND, 5017 * NANOS_PER_MS),
  paused: fc.boolean(),
  pauseOnMarkers: fc.boolean(),
  idle: idleMode,
});

async function start(events: readonly Event[], how: Settings) {
  const clock = new ManualClock();
  const open = async () => recordingOf(events, { header: SIZE, batchEvents: 3 });
  const recording = await CachedRecording.open({ open });
  const player = new Player({ recording, clock, ...how });
  const shown: Event[] = [];
  player.on("event", (event) => shown.push(event));
  return { player, clock, recording, shown, run: player.run() };
}

/** Waits until the player waits for the clock or for commands. */
async function settled(player: Player, clock: ManualClock): Promise<void> {
  await new Promise(setImmediate);
  while (player.state === "playing" || player.state === "seeking") {
    const isWaiting = await Promise.race([clock.nextWait().then(() => true), turns(3).then(() => false)]);
    if (isWaiting && player.state === "playing") return;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

function replayed(events: readonly Event[], count: number): Uint8Array {
  const screen = new Screen(SIZE);
  for (const event of events.slice(0, count)) {
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
  const state = screen.saveState();
  screen.dispose();
  return state;
}

describe("a player", () => {
  it("stands where a brute-force model of it stands, whatever it is told", async () => {
    await fc.assert(
      fc.asyncProperty(recorded, settings, fc.array(action, { maxLength: 25 }), async (events, how, actions) => {
        const { player, clock, recording, shown, run } = await start(events, how);
        await settled(player, clock);
        const model = new Model(events, how);
        const compare = (what: unknown) => {
          const stands = { what, state: player.state, events: player.events, speed: player.speed };
          expect(stands).toEqual({ what, state: model.state, events: model.count, speed: model.speed });
          expect({ what, position: player.position }).toEqual({ what, position: closeTo(model.position) });
          expect(Buffer.compare(player.screen.saveState(), replayed(events, player.events))).toBe(0);
          expect(shown).toEqual(model.shown.map((at) => events[at]));
        };
        compare("start");
        for (const next of actions) {
          if (next.do === "advance") clock.advanceTo(clock.now() + next.by);
          else await told(player, next);
          await settled(player, clock);
          model.take(next);
          compare(next);
        }
        await player.stop();
        await run;
        await recording.close();
      }),
      { numRuns: RUNS },
    );
  });

  it("is consistent however fast it is told things, however slowly it can read, and obeys to the end", async () => {
    const hurried = fc.tuple(action, fc.nat(6));
    const slowness = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });
    const cache = fc.constantFrom(0, 1500, 1e9);
    await fc.assert(
      fc.asyncProperty(
        recorded,
        settings,
        fc.array(hurried, { maxLength: 25 }),
        slowness,
        cache,
        fc.boolean(),
        async (events, how, actions, delays, maxCacheBytes, loop) => {
          const clock = new ManualClock();
          let closed = 0;
          let opened = 0;
          const open = async () => {
            opened++;
            const made = recordingOf(events, { header: SIZE, batchEvents: 4, onClose: () => closed++ });
            return { ...made, batches: slowly(made.batches, delays) };
          };
          const recording = await CachedRecording.open({ open, maxCacheBytes });
          const search = { find: async () => turns(delays[0] ?? 0).then(() => hitAt(events, delays.length * 3)) };
          const player = new Player({ recording, clock, search, loop, ...how });
          const run = player.run();
          const given: Promise<void>[] = [];
          for (const [next, wait] of actions) {
            if (next.do === "advance") clock.advanceTo(clock.now() + next.by);
            else given.push(told(player, next));
            if (wait === 6) given.push(player.seek({ text: { source: "x", regex: /x/gu }, direction: 1 }));
            await turns(wait);
          }
          await Promise.all([...given, player.pause()]);
          const { position, events: count } = player;
          expect(["paused", "ended"]).toContain(player.state);
          expect(Buffer.compare(player.screen.saveState(), replayed(events, count))).toBe(0);
          expect(position).toBeGreaterThanOrEqual(events[count - 1]?.time ?? 0);
          expect(position).toBeLessThanOrEqual(Math.min(events[count]?.time ?? Number.POSITIVE_INFINITY, how.endAt));
          const late = [player.seek({ time: 0 }), player.step(-1), player.stop(), player.play(), player.stop()];
          await Promise.all([run, ...late]);
          expect(player.state).toBe("idle");
          await recording.close();
          await turns(20);
          expect(closed).toBe(opened);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

function closeTo(position: number): unknown {
  const isClose = (value: unknown) => typeof value === "number" && Math.abs(value - position) <= 1;
  return { asymmetricMatch: isClose, toString: () => `close to ${position}` };
}

async function* slowly<T>(items: AsyncIterable<T>, delays: readonly number[]): AsyncGenerator<T> {
  let at = 0;
  for await (const item of items) {
    await turns(delays[at++ % delays.length] ?? 0);
    yield item;
  }
}

function hitAt(events: readonly Event[], count: number) {
  const time = events[count - 1]?.time;
  return time === undefined ? undefined : { time, events: count, line: "x", start: 0, length: 1 };
}

function told(player: Player, action: Exclude<Action, { readonly do: "advance" }>): Promise<void> {
  switch (action.do) {
    case "play":
    case "pause":
    case "toggle":
      return player[action.do]();
    case "seek":
      return player.seek(action.target);
    case "step":
      return player.step(action.count, action.unit);
    case "speed":
      return player.setSpeed(action.speed);
    case "idle":
      return player.setIdle(action.idle);
  }
}
