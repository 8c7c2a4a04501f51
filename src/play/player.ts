// The player: goes anywhere in a recording, and plays on from there. Everything goes through the headless screen, so that at any
// position it is known what the terminal showed. One loop does all the work; commands are obeyed between its steps.
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Event,
  type Header,
  NANOS_PER_MS,
  NANOS_PER_SECOND,
  type Outline,
  type Place,
  UsageError,
} from "../core/index.js";
import type { Screen } from "../terminal/index.js";
import { type Clock, SystemClock } from "./clock.js";
import { FramePacer } from "./frame-pacer.js";
import { headerIdle, type IdleMode } from "./idle.js";
import { aborted, settledOrAborted } from "./interruptible.js";
import type { PlayableRecording } from "./playable-recording.js";
import { findTransition, type PlaybackCause, type PlaybackState } from "./playback-state.js";
import { type PlayerCommand, PlayerCommands } from "./player-commands.js";
import { PlayerEmitter, type PlayerEvents } from "./player-events.js";
import { ScreenSeeker, SLICE_MS } from "./screen-seeker.js";
import { resolveTarget, type SeekTarget } from "./seek-target.js";
import { checkSpeed } from "./speed.js";
import { previousStop, type StepUnit, stepForward } from "./step.js";
import type { TextSearch } from "./text-search.js";
import { Timeline } from "./timeline.js";

/** Waiting for a source for longer than this, nanoseconds, is a stall. */
const STALL_NANOS = NANOS_PER_SECOND / 4;
/** A pass of a loop takes at least this long, so that a recording without any duration does not take a whole core. */
const MIN_PASS_NANOS = 16 * NANOS_PER_MS;

/** What to play and how. */
export interface PlayerOptions {
  /** Stays the caller's, to be closed when `run` is over. */
  readonly recording: PlayableRecording;
  readonly clock?: Clock | undefined;
  /** Recorded seconds per second; 1 by default. */
  readonly speed?: number | undefined;
  /** What becomes of pauses; by default the limit that the recording's header names, if any. */
  readonly idle?: IdleMode | undefined;
  /** Begin anew at the end. */
  readonly loop?: boolean | undefined;
  readonly pauseOnMarkers?: boolean | undefined;
  /** Begin paused. */
  readonly paused?: boolean | undefined;
  /** Where playing and every pass of a loop begins and ends, nanoseconds; seeks go no further than the end. */
  readonly startAt?: number | undefined;
  readonly endAt?: number | undefined;
  /** For seeking text. */
  readonly search?: TextSearch | undefined;
}

/**
 * Plays one recording. Commands may be given at any time, are obeyed in order and never interleave; a new seek takes the place
 * of one that has not arrived.
 *
 * @example
 * const player = new Player({ recording });
 * player.on("frame", (screen) => draw(screen));
 * await player.run();
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #recording: PlayableRecording;
  readonly #clock: Clock;
  readonly #seeker: ScreenSeeker;
  readonly #timeline: Timeline;
  readonly #commands = new PlayerCommands();
  readonly #emitter = new PlayerEmitter();
  readonly #startAt: number;
  readonly #endAt: number;
  #state: PlaybackState = "idle";
  #started = false;
  /** After a seek: play on. */
  #resumes = true;
  /** Where a seek was to go that was overtaken: the screen stands somewhere on the way there. */
  #goal: Place | undefined;
  /** All that was written so far was shown, and nobody went away from there: what comes is shown as it comes. */
  #isLive = false;
  #loop: boolean;
  /** Where the player stands while it does not play; where a seek that is under way goes to. */
  #position: number;
  readonly #pacer = new FramePacer();
  #passEnd = 0;
  #damage: { readonly error: unknown } | undefined;

  /** @throws UsageError for a speed out of range, or an end before the start. */
  constructor(options: PlayerOptions) {
    const { recording, clock = new SystemClock(), speed = 1, startAt = 0, endAt = Number.POSITIVE_INFINITY } = options;
    checkSpeed(speed);
    if (endAt < startAt) throw new UsageError("the end to play to lies before the start to play from");
    this.#options = options;
    this.#recording = recording;
    this.#clock = clock;
    this.#startAt = startAt;
    this.#endAt = endAt;
    this.#loop = options.loop ?? false;
    this.#position = startAt;
    this.#seeker = new ScreenSeeker(recording);
    this.#timeline = new Timeline(clock, speed, options.idle ?? headerIdle(recording.header));
  }

  get header(): Header {
    return this.#recording.header;
  }

  get outline(): Outline {
    return this.#recording.outline;
  }

  /** The screen at the position; on the way there while seeking. */
  get screen(): Screen {
    return this.#seeker.screen;
  }

  get state(): PlaybackState {
    return this.#state;
  }

  /** Recorded time, nanoseconds; while seeking where the seek goes to. */
  get position(): number {
    return this.#state === "playing" ? this.#timeline.position(this.#nextTime()) : this.#position;
  }

  /** Events of the recording that the screen has seen. */
  get events(): number {
    return this.#seeker.events;
  }

  /** Recorded seconds per second. */
  get speed(): number {
    return this.#timeline.speed;
  }

  get idle(): IdleMode {
    return this.#timeline.idle;
  }

  get loop(): boolean {
    return this.#loop;
  }

  /** Why the recording cannot be read any further, where it cannot. */
  get damage(): unknown {
    return this.#damage?.error;
  }

  /** Calls back with every event of that name. Gives what ends that. */
  on<Name extends keyof PlayerEvents>(name: Name, listener: (value: PlayerEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Plays on; at the end, from the start. This and all commands resolve when they are done. */
  play(): Promise<void> {
    return this.#commands.push({ name: "play" });
  }

  pause(): Promise<void> {
    return this.#commands.push({ name: "pause" });
  }

  /** Pauses, or plays on. */
  toggle(): Promise<void> {
    return this.#commands.push({ name: "toggle" });
  }

  /** Goes to another place, and plays on there if it was playing; where there is no such place nothing changes. */
  seek(target: SeekTarget): Promise<void> {
    return this.#commands.push({ name: "seek", target });
  }

  /** Goes one event or frame forward or back, and pauses. */
  step(count: 1 | -1, unit: StepUnit = "event"): Promise<void> {
    return this.#commands.push({ name: "step", count, unit });
  }

  /** @throws UsageError for a speed out of range. */
  setSpeed(speed: number): Promise<void> {
    checkSpeed(speed);
    return this.#commands.push({ name: "speed", speed });
  }

  setIdle(idle: IdleMode): Promise<void> {
    return this.#commands.push({ name: "idle", idle });
  }

  /** Pauses take at most so many nanoseconds; undefined: as long as they took. */
  setIdleLimit(limit: number | undefined): Promise<void> {
    return this.setIdle(limit === undefined ? { mode: "off" } : { mode: "limit", limit });
  }

  setLoop(loop: boolean): Promise<void> {
    return this.#commands.push({ name: "loop", loop });
  }

  /** Resolves when all commands that were given before are done. */
  settled(): Promise<void> {
    return this.#commands.push({ name: "pass" });
  }

  /** Ends `run`, whatever the player waits for. */
  stop(): Promise<void> {
    return this.#commands.push({ name: "stop" });
  }

  /**
   * Plays and obeys until it is stopped; at the recording's end it waits for commands.
   * @throws in the end, whatever reading the recording threw; what is before the damage could be played.
   */
  async run(): Promise<void> {
    if (this.#started) throw new TypeError("a player runs once: make another one");
    this.#started = true;
    const ended = new AbortController();
    const forget = this.#recording.onOutline?.(() => this.#emitter.emit("outline", this.outline));
    this.#recording.readAhead?.(ended.signal).catch(() => {}); // what is damaged is met where it is played
    try {
      await this.#begin();
      while (this.#state !== "idle") await this.#turn();
    } finally {
      ended.abort();
      forget?.();
      this.#close();
    }
    if (this.#damage !== undefined) throw this.#damage.error;
  }

  /** Also where a listener threw: who listens is told while there still is a screen, and nobody waits for commands any more. */
  #close(): void {
    try {
      this.#apply("stop");
    } finally {
      this.#commands.close();
      this.#seeker.dispose();
    }
  }

  async #begin(): Promise<void> {
    this.#resumes = this.#options.paused !== true;
    this.#apply(this.#resumes ? "play" : "pause");
    if (this.#startAt > 0 || !this.#resumes) await this.#seekTo({ time: this.#startAt });
    else this.#show();
    this.#passEnd = this.#clock.now() + MIN_PASS_NANOS;
  }

  async #turn(): Promise<void> {
    const queued = this.#commands.shift();
    if (queued !== undefined) {
      await this.#obey(queued.command).finally(queued.done);
      await nextTurn(); // a flood of commands, each done at once, must not keep others from their turn
    } else if (this.#state === "playing") await this.#playOn();
    else {
      if (this.#pacer.isWaiting) this.#show();
      await aborted(this.#commands.signal);
    }
  }

  async #obey(command: PlayerCommand): Promise<void> {
    switch (command.name) {
      case "play":
        return await this.#playOrRestart();
      case "pause":
        return this.#pause();
      case "toggle":
        return this.#isPlaying ? this.#pause() : await this.#playOrRestart();
      case "seek":
        return await this.#seekTo(command.target);
      case "step":
        return await this.#step(command.count, command.unit);
      case "speed":
        this.#timeline.setSpeed(command.speed, this.#nextTime());
        return this.#emitter.emit("speed", command.speed);
      case "idle":
        this.#timeline.setIdle(command.idle, this.position);
        return this.#emitter.emit("idle", command.idle);
      case "loop":
        this.#loop = command.loop;
        return this.#emitter.emit("loop", command.loop);
      case "stop":
        return this.#apply("stop");
      case "pass":
        return;
    }
  }

  /** Playing, or about to when a seek has arrived. */
  get #isPlaying(): boolean {
    return this.#state === "playing" || (this.#state === "seeking" && this.#resumes);
  }

  async #playOrRestart(): Promise<void> {
    this.#resumes = true;
    if (this.#state === "ended") await this.#seekTo({ time: this.#startAt });
    else this.#apply("play");
  }

  #pause(): void {
    this.#resumes = false;
    this.#apply("pause");
  }

  /** One step of playing: waits for the next event, or shows what is due. */
  async #playOn(): Promise<void> {
    const now = this.#clock.now();
    if (this.#pacer.isDue(now)) this.#show();
    const next = this.#nextTime();
    if (next === undefined) {
      if (!this.#seeker.ended) return await this.#fill();
      return await this.#end();
    }
    const due = this.#due(next);
    if (now < due) return await this.#wait(due);
    if (next === this.#endAt && this.#isBeyondEnd) return await this.#end();
    this.#showDue();
    await nextTurn(); // what never has to wait must not keep keys and signals from being read
  }

  /** Time of what comes next: of an event, or the end to play to. */
  #nextTime(): number | undefined {
    const time = this.#seeker.head?.time;
    return time === undefined ? undefined : Math.min(time, this.#endAt);
  }

  get #isBeyondEnd(): boolean {
    return (this.#seeker.head?.time ?? 0) > this.#endAt;
  }

  async #wait(due: number): Promise<void> {
    const now = this.#clock.now();
    if (this.#pacer.tick(now)) this.#emitter.emit("time", this.position);
    await this.#clock.waitUntil(Math.min(due, this.#pacer.next), this.#commands.signal);
  }

  async #fill(): Promise<void> {
    if (this.#seeker.isLive) this.#isLive = true;
    if (this.#isLive && this.#pacer.isWaiting) this.#show();
    const begun = this.#clock.now();
    const { position } = this;
    try {
      await settledOrAborted(this.#seeker.fill(), this.#commands.signal);
    } catch (error) {
      return this.#fail(error);
    }
    // After a source that stalled playback goes on from where it was, instead of running after its time.
    if (this.#clock.now() - begun > STALL_NANOS) this.#timeline.moveTo(position);
    await nextTurn();
  }

  /** Shows what is due, as long as that does not take too long. */
  #showDue(): void {
    const sliceEnd = performance.now() + SLICE_MS;
    do {
      const event = this.#seeker.advance();
      this.#pacer.want();
      if (event !== undefined) this.#pass(event);
    } while (this.#state === "playing" && this.#isDue() && performance.now() < sliceEnd);
    if (this.#pacer.isDue(this.#clock.now())) this.#show();
  }

  #isDue(): boolean {
    const { head } = this.#seeker;
    if (head === undefined || head.time > this.#endAt || this.#commands.signal.aborted) return false;
    return this.#due(head.time) <= this.#clock.now();
  }

  #due(next: number): number {
    return this.#isLive ? Number.NEGATIVE_INFINITY : this.#timeline.due(next);
  }

  #pass(event: Event): void {
    if (this.#isLive) this.#timeline.moveTo(event.time);
    else this.#timeline.pass(event.time);
    this.#emitter.emit("event", event);
    if (event.kind === "resize") this.#emitter.emit("resize", { cols: event.cols, rows: event.rows });
    if (event.kind !== "marker") return;
    this.#emitter.emit("marker", { time: event.time, label: event.label });
    if (this.#options.pauseOnMarkers !== true || this.#state !== "playing") return;
    this.#resumes = false;
    this.#apply("marker");
    this.#position = event.time;
    this.#timeline.moveTo(event.time); // however late it was
  }

  /** Tells of a frame. */
  #show(): void {
    this.#pacer.shown(this.#clock.now());
    this.#emitter.emit("frame", this.screen);
    this.#emitter.emit("time", this.position);
  }

  async #end(): Promise<void> {
    if (this.#pacer.isWaiting) this.#show();
    if (this.#loop) {
      if (this.#clock.now() < this.#passEnd) {
        return await this.#clock.waitUntil(this.#passEnd, this.#commands.signal);
      }
      await this.#seekTo({ time: this.#startAt });
      this.#passEnd = this.#clock.now() + MIN_PASS_NANOS;
      return;
    }
    const position = this.#isBeyondEnd ? this.#endAt : this.#seeker.time;
    this.#apply("end");
    this.#position = position;
    this.#emitter.emit("time", position);
    this.#emitter.emit("ended", undefined);
  }

  #fail(error: unknown): void {
    this.#goal = undefined;
    this.#damage = { error };
    this.#apply("end");
    this.#position = this.#seeker.time;
    this.#show();
    this.#emitter.emit("damage", error);
    this.#emitter.emit("ended", undefined);
  }

  async #seekTo(target: SeekTarget): Promise<void> {
    const signal = this.#commands.seekSignal;
    const { position } = this;
    const isPlaying = this.#isPlaying;
    this.#apply("seek");
    this.#position = position;
    const isThere = await this.#read(async () => {
      await this.#finishWay(target, signal);
      const place = await this.#resolve(target, isPlaying, signal);
      // Where there is no such place, one stays; an earlier seek may have been left half-way.
      const goal = place ?? this.#goal;
      if (goal !== undefined) await this.#goTo(goal, signal);
    });
    if (isThere && !signal.aborted) this.#arrive(); // whoever overtook it says where to go from here
  }

  /** Works on the screen. Gives false where the recording cannot be read. */
  async #read(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** What is sought from here on must be sought from where one would be. */
  async #finishWay(target: SeekTarget, signal: AbortSignal): Promise<void> {
    const goal = this.#goal;
    if (goal === undefined || "time" in target || "events" in target || "fraction" in target) return;
    if ("text" in target || "events" in goal) await this.#goTo(goal, signal);
  }

  async #resolve(target: SeekTarget, isPlaying: boolean, signal: AbortSignal): Promise<Place | undefined> {
    try {
      return await resolveTarget(target, {
        recording: this.#recording,
        search: this.#options.search,
        onProgress: (share) => this.#emitter.emit("progress", share),
        signal,
        position: this.#position,
        events: this.#seeker.events,
        isPlaying,
        endAt: this.#endAt,
      });
    } catch (error) {
      // A search met it, perhaps far from here: what is played goes on.
      this.#damage = { error };
      this.#emitter.emit("damage", error);
      return undefined;
    }
  }

  /** Unless the signal is aborted meanwhile the screen stands at the place then, or at the end where that comes before. */
  async #goTo(place: Place, signal: AbortSignal): Promise<void> {
    const seeker = this.#seeker;
    this.#goal = place;
    if ("time" in place) this.#position = place.time;
    const onProgress = this.#progressTo(place);
    if ("time" in place) await seeker.seek(place.time, { signal, onProgress });
    else await seeker.seekEvents(place.events, { signal, onProgress });
    if (signal.aborted) return;
    if (seeker.time > this.#endAt) return await this.#goTo({ time: this.#endAt }, signal);
    this.#goal = undefined;
    if (!("time" in place) || seeker.ended || seeker.isLive) this.#position = seeker.time;
  }

  /** Tells how much of the way to a place is done. */
  #progressTo(place: Place): () => void {
    const seeker = this.#seeker;
    const [at, goal] = "time" in place ? [() => seeker.time, place.time] : [() => seeker.events, place.events];
    let start: number | undefined;
    return () => {
      start ??= at();
      this.#emitter.emit("progress", Math.min(1, (at() - start) / Math.max(1, goal - start)));
    };
  }

  #arrive(): void {
    this.#timeline.moveTo(this.#position);
    this.#apply(this.#resumes ? "arrive-playing" : "arrive-paused");
    this.#show();
  }

  async #step(count: 1 | -1, unit: StepUnit): Promise<void> {
    const signal = this.#commands.seekSignal;
    this.#apply("seek");
    this.#resumes = false;
    const isThere = await this.#read(async () => {
      if (this.#goal !== undefined) await this.#goTo(this.#goal, signal);
      if (signal.aborted) return;
      if (count > 0) return await this.#stepForward(unit, signal);
      const events = await previousStop(this.#recording, this.#seeker.events, unit, signal);
      if (events !== undefined) await this.#goTo({ events }, signal);
    });
    if (isThere && !signal.aborted) this.#arrive();
  }

  async #stepForward(unit: StepUnit, signal: AbortSignal): Promise<void> {
    const { events } = this.#seeker;
    const onEvent = (event: Event) => this.#emitter.emit("event", event);
    await stepForward(this.#seeker, unit, { endAt: this.#endAt, signal, onEvent });
    if (this.#seeker.events > events) this.#position = this.#seeker.time;
  }

  /** Goes through the table. */
  #apply(cause: PlaybackCause): void {
    const next = findTransition(this.#state, cause);
    if (next === undefined) return;
    if (next === "playing") this.#timeline.start();
    else if (this.#state === "playing") {
      this.#timeline.stop(this.#nextTime());
      this.#position = this.#timeline.position(this.#nextTime());
    }
    this.#isLive = false;
    const isChange = next !== this.#state;
    this.#state = next;
    if (isChange) this.#emitter.emit("state", next);
  }
}
