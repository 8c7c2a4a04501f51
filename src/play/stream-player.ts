// The stream player: hands a recording's events to a view at their times, obeying commands in between. Straight playback:
// forward only, from the bytes as they were recorded.
import { setImmediate as nextTurn } from "node:timers/promises";
import { applyTransforms, type Header, limitIdle, NANOS_PER_MS, type Recording } from "../core/index.js";
import { type Clock, SystemClock } from "./clock.js";
import { EventReader } from "./event-reader.js";
import { aborted, settledOrAborted } from "./interruptible.js";
import { checkSpeed } from "./speed.js";
import { StreamCommands } from "./stream-commands.js";
import { findTransition, type StreamCommand, type StreamHappening, type StreamState } from "./stream-state.js";
import { StreamTimeline } from "./stream-timeline.js";
import type { View } from "./view.js";

/**
 * Output is shown in slices of at most this many bytes, and commands are obeyed between them: what a burst can still show
 * after a key is one slice and what the system holds.
 */
export const SLICE_BYTES = 16 * 1024;

/** A pass of a loop takes at least this long, so that a recording without any duration does not take a whole core. */
const MIN_PASS_NANOS = 16 * NANOS_PER_MS;

/** What to play and how. */
export interface StreamPlayerOptions {
  /** Opens the recording from its start: once, and once more for every further pass of a loop. The player closes it. */
  open(): Promise<Recording>;
  readonly view: View;
  readonly clock?: Clock | undefined;
  /** Recorded seconds per second; 1 by default. */
  readonly speed?: number | undefined;
  /** Nanoseconds that a pause takes at most; what the recording's header says by default. */
  readonly idleTimeLimit?: number | undefined;
  /** Begin anew at the end. */
  readonly loop?: boolean | undefined;
  readonly pauseOnMarkers?: boolean | undefined;
  /** Aborted: the same as `stop()`. */
  readonly signal?: AbortSignal | undefined;
}

/** How playback came to its end: everything was shown; it was stopped; nobody was there to see it any more. */
export type StreamOutcome = "ended" | "interrupted" | "closed";

/**
 * Plays one recording into one view, once. Commands may be given at any time and are obeyed in order.
 *
 * @example
 * const player = new StreamPlayer({ open: () => openRecording("demo.cast"), view, speed: 2 });
 * await player.run();
 */
export class StreamPlayer {
  readonly #options: StreamPlayerOptions;
  readonly #clock: Clock;
  readonly #commands = new StreamCommands();
  readonly #timeline: StreamTimeline;
  #state: StreamState = "idle";
  #seeksMarker = false;
  /** The time of the latest event that was shown. */
  #shownTime = 0;
  /** Output that the view has not taken yet: nothing more is shown before it has. */
  #showing: Promise<boolean> | undefined;

  /** @throws UsageError for a speed out of range. */
  constructor(options: StreamPlayerOptions) {
    const { speed = 1, clock = new SystemClock() } = options;
    checkSpeed(speed);
    this.#options = options;
    this.#clock = clock;
    this.#timeline = new StreamTimeline(clock, speed);
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Gives a command by its name, as controllers do. It is obeyed after those given before; `stop` overtakes them. */
  command(command: StreamCommand): void {
    this.#commands.push(command);
  }

  play(): void {
    this.command("play");
  }

  pause(): void {
    this.command("pause");
  }

  /** While paused: shows what comes up to and with the next output. */
  step(): void {
    this.command("step");
  }

  /** Shows at once what comes before the next marker, then pauses; without a further marker that is the end. */
  nextMarker(): void {
    this.command("marker");
  }

  /** Ends playback, whatever it waits for. */
  stop(): void {
    this.command("stop");
  }

  /**
   * Plays to the end, or until it is stopped.
   * @throws whatever opening or reading the recording throws; events before the damage have been shown then.
   */
  async run(): Promise<StreamOutcome> {
    if (this.#state !== "idle") throw new TypeError("a player plays once: make another one");
    const { signal } = this.#options;
    const stop = () => this.stop();
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop);
    this.#apply("play");
    try {
      let outcome = await this.#pass((header) => this.#resized(header));
      while (outcome === "again") outcome = await this.#pass((header) => this.#restarted(header));
      return outcome;
    } finally {
      this.#state = "ended";
      signal?.removeEventListener("abort", stop);
    }
  }

  async #pass(begin: (header: Header) => Promise<boolean>): Promise<StreamOutcome | "again"> {
    const recording = await this.#open();
    if (recording === undefined) return "interrupted";
    const reader = new EventReader(recording.batches);
    try {
      this.#timeline.stopAt(0);
      this.#shownTime = 0;
      if (this.#state === "playing") this.#timeline.start();
      this.#show(begin(recording.header));
      return await this.#showAll(reader);
    } finally {
      const closing = recording.close();
      // A source that is being read from may not close before its next byte comes: that must not hold up the end.
      if (reader.ended) await closing;
      else closing.catch(() => {});
    }
  }

  #resized({ cols, rows }: Header): Promise<boolean> {
    return this.#options.view.resize(cols, rows);
  }

  async #restarted(header: Header): Promise<boolean> {
    return (await this.#options.view.restart()) && this.#resized(header);
  }

  /** Opens the recording; undefined where playback is stopped meanwhile. */
  async #open(): Promise<Recording | undefined> {
    const opening = this.#options.open();
    const opened: Recording[] = [];
    const keep = opening.then((recording) => opened.push(recording));
    while (this.#state !== "ended") {
      const [recording] = opened;
      if (recording !== undefined) return this.#limited(recording);
      await settledOrAborted(keep, this.#interruption);
      this.#obey();
    }
    opening.then((late) => late.close()).catch(() => {}); // stopped: nobody wants to know any more
    return undefined;
  }

  #limited(recording: Recording): Recording {
    const limit = this.#options.idleTimeLimit ?? recording.header.idleTimeLimit;
    return limit === undefined ? recording : applyTransforms(recording, [limitIdle(limit)]);
  }

  async #showAll(reader: EventReader): Promise<StreamOutcome | "again"> {
    const passEnd = this.#clock.now() + MIN_PASS_NANOS;
    for (;;) {
      this.#obey(reader.head?.time ?? this.#shownTime);
      if (this.#state === "ended") return "interrupted";
      if (this.#showing !== undefined) {
        if (!(await this.#shown(this.#showing))) return "closed";
      } else if (this.#state === "paused") {
        await aborted(this.#interruption);
      } else if (reader.ended) {
        if (this.#options.loop !== true) return this.#end("end", "ended");
        if (this.#clock.now() >= passEnd) return this.#end("restart", "again");
        await this.#clock.waitUntil(passEnd, this.#interruption);
      } else if (reader.head === undefined) {
        await settledOrAborted(reader.fill(), this.#interruption);
        await nextTurn();
      } else if (this.#state === "playing" && this.#clock.now() < this.#timeline.due(reader.head.time)) {
        await this.#clock.waitUntil(this.#timeline.due(reader.head.time), this.#interruption);
      } else {
        this.#showHead(reader);
      }
    }
  }

  #end<T>(happening: StreamHappening, outcome: T): T {
    this.#apply(happening);
    return outcome;
  }

  #show(showing: Promise<boolean>): void {
    this.#showing = showing;
    showing.catch(() => {}); // thrown where it is awaited; after a stop it is not
  }

  /** Waits for the view, or for a command. False: nobody sees it any more. */
  async #shown(showing: Promise<boolean>): Promise<boolean> {
    let seen: boolean | undefined;
    await settledOrAborted(
      showing.then((result) => {
        seen = result;
      }),
      this.#interruption,
    );
    if (seen !== undefined) this.#showing = undefined;
    await nextTurn(); // a view that never lets us wait must not keep keys and signals from being read
    return seen !== false;
  }

  /** Shows the event at the head, or a slice of it and of the output after it that is due as well. */
  #showHead(reader: EventReader): void {
    const { head } = reader;
    if (head === undefined) return;
    if (head.kind === "output") {
      this.#showOutput(reader);
      return;
    }
    reader.advance();
    this.#shownTime = head.time;
    if (this.#state === "seeking") this.#timeline.stopAt(head.time);
    if (head.kind === "resize") this.#show(this.#options.view.resize(head.cols, head.rows));
    if (head.kind === "marker") this.#passMarker(head.time);
  }

  #passMarker(time: number): void {
    if (this.#state === "seeking" && this.#seeksMarker) this.#apply("arrive");
    else if (this.#options.pauseOnMarkers === true) this.#apply("pause-on-marker", time);
  }

  #showOutput(reader: EventReader): void {
    const stepping = this.#state === "seeking" && !this.#seeksMarker;
    const now = this.#state === "playing" ? this.#clock.now() : Number.NEGATIVE_INFINITY;
    const parts: Uint8Array[] = [];
    let left = SLICE_BYTES;
    let { head } = reader;
    while (left > 0 && head?.kind === "output" && (this.#state === "seeking" || this.#timeline.due(head.time) <= now)) {
      const part = reader.takeOutput(left);
      parts.push(part);
      left -= part.length;
      this.#shownTime = head.time;
      if (this.#state === "seeking") this.#timeline.stopAt(head.time);
      if (stepping && reader.head !== head) this.#apply("arrive");
      if (stepping) break;
      head = reader.head;
    }
    const [first = new Uint8Array(0)] = parts;
    this.#show(this.#options.view.output(parts.length === 1 ? first : Buffer.concat(parts)));
  }

  /** What cuts a wait short. A seek is finished before the next command is obeyed; only stopping overtakes it. */
  get #interruption(): AbortSignal {
    return this.#state === "seeking" ? this.#commands.stopSignal : this.#commands.signal;
  }

  /** Takes what was commanded since. `headTime` is the time of the event that comes next, or of the last one where that is not known. */
  #obey(headTime?: number): void {
    if (this.#commands.stopSignal.aborted) this.#apply("stop");
    while (this.#state !== "seeking") {
      const command = this.#commands.shift();
      if (command === undefined) return;
      this.#apply(command, headTime);
    }
  }

  /** Goes through the table; `headTime` bounds where the timeline stops: playback that lags behind stands at what it shows. */
  #apply(cause: StreamCommand | StreamHappening, headTime = Number.POSITIVE_INFINITY): void {
    const next = findTransition(this.#state, cause);
    if (next === undefined) return;
    if (next === "playing") this.#timeline.start();
    else if (this.#state === "playing") this.#timeline.stopAt(Math.min(this.#timeline.position(), headTime));
    if (next === "seeking") this.#seeksMarker = cause === "marker";
    this.#state = next;
  }
}
