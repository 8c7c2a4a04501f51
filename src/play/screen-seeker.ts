// A screen on its way through a recording: forward event by event, and to any other place from the keyframe before it.
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Event, type Place, T2aError } from "../core/index.js";
import { FEED_BYTES, KEYFRAME_DISTANCE, SCREEN_ENGINE, Screen } from "../terminal/index.js";
import { EventReader } from "./event-reader.js";
import { settledOrAborted } from "./interruptible.js";
import type { PlayableRecording } from "./playable-recording.js";

/** Work goes on for so long before others get their turn, milliseconds. */
export const SLICE_MS = 6;

/** How to go to a place. */
export interface SeekOptions {
  /** Aborted: the seek ends early, with the screen somewhere on the way. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then on a long way: where the screen stands, nanoseconds. */
  readonly onProgress?: ((time: number) => void) | undefined;
}

/** Looks into one recording. Owns its screen; the recording stays the caller's. One call at a time. */
export class ScreenSeeker {
  readonly screen: Screen;
  readonly #recording: PlayableRecording;
  #reader: EventReader | undefined;
  #events = 0;
  #time = 0;
  /** Since the last place where a seek can start. */
  #span = { events: 0, bytes: 0, ms: 0 };

  constructor(recording: PlayableRecording) {
    this.#recording = recording;
    this.screen = new Screen(recording.header);
  }

  /** Events that the screen has seen. */
  get events(): number {
    return this.#events;
  }

  /** Time of the last of them, nanoseconds. */
  get time(): number {
    return this.#time;
  }

  /** The next event; undefined where it must be read first (`fill`), or at the end. */
  get head(): Event | undefined {
    return this.#open().head;
  }

  /** The screen has seen all events. */
  get ended(): boolean {
    return this.#open().ended;
  }

  /** The screen has seen all events of a recording that is still being written. */
  get isLive(): boolean {
    return this.#events >= (this.#recording.liveEvents ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Reads the next events. May be called again before it has resolved.
   * @throws what the recording's batches throw, FormatError `T2A_FORMAT_DAMAGED` at a damaged block.
   */
  fill(): Promise<void> {
    return this.#open().fill();
  }

  /** Shows the head to the screen, large output in pieces. Gives the event when all of it was shown. */
  advance(): Event | undefined {
    const reader = this.#open();
    const { head } = reader;
    if (head === undefined) return undefined;
    if (head.kind === "output") this.#feed(reader.takeOutput(FEED_BYTES));
    else {
      if (head.kind === "resize") this.screen.resize(head.cols, head.rows);
      reader.advance();
    }
    if (reader.isWithinEvent) return undefined;
    this.#events++;
    this.#time = head.time;
    this.#span.events++;
    this.#offerKeyframe();
    return head;
  }

  /**
   * The screen as it is after all events up to and at `time` (nanoseconds), exactly as replaying from the beginning gives
   * it; of a recording that is still being written, after those that there are. It is the seeker's own: look at it before the
   * next seek.
   * @throws as `fill`.
   */
  async seek(time: number, options: SeekOptions = {}): Promise<Screen> {
    const isPast = (head: Event) => head.time > time;
    const isBehind = this.#time > time || (this.#reader?.isWithinEvent === true && isPast(this.#reader.head as Event));
    await this.#go({ time }, isBehind, isPast, options);
    return this.screen;
  }

  /** As {@link seek}, behind so many events. */
  async seekEvents(events: number, options: SeekOptions = {}): Promise<Screen> {
    const isBehind = this.#events > events || (this.#reader?.isWithinEvent === true && this.#events === events);
    await this.#go({ events }, isBehind, () => this.#events >= events, options);
    return this.screen;
  }

  /** Frees the screen and lets go of the recording. */
  dispose(): void {
    this.#reader?.close();
    this.screen.dispose();
  }

  async #go(place: Place, mustGoBack: boolean, isPast: (head: Event) => boolean, options: SeekOptions): Promise<void> {
    const { signal = new AbortController().signal } = options;
    await this.#start(place, mustGoBack, signal);
    let sliceEnd = performance.now() + SLICE_MS;
    while (!signal.aborted) {
      const { head } = this;
      if (head === undefined) {
        if (this.ended || this.isLive) return;
        await settledOrAborted(this.fill(), signal); // what is read may be long in coming
      } else if (isPast(head)) return;
      else this.advance();
      if (performance.now() < sliceEnd) continue;
      options.onProgress?.(this.#time);
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }

  #open(): EventReader {
    this.#reader ??= new EventReader(this.#recording.batchesFrom(this.#events));
    return this.#reader;
  }

  /** Goes to the nearest place before the one asked for where the screen is known. */
  async #start(place: Place, mustGoBack: boolean, signal: AbortSignal): Promise<void> {
    const { engine } = this.#recording;
    // Another engine's states may be right and yet mean something else here: replayed instead.
    const finding = engine === SCREEN_ENGINE ? this.#recording.keyframe(place) : Promise.resolve(undefined);
    await settledOrAborted(finding, signal);
    if (signal.aborted) return;
    const keyframe = await finding;
    if (!mustGoBack && this.#events >= (keyframe?.events ?? 0)) return;
    this.#reader?.close();
    this.#reader = undefined;
    this.#span = { events: 0, bytes: 0, ms: 0 };
    const isRestored = keyframe !== undefined && this.#restore(keyframe.state);
    if (!isRestored) this.screen.restoreState(this.#blank());
    this.#events = isRestored ? keyframe.events : 0;
    this.#time = isRestored ? keyframe.time : 0;
  }

  #restore(state: Uint8Array): boolean {
    try {
      this.screen.restoreState(state);
      return true;
    } catch (error) {
      if (error instanceof T2aError) return false;
      throw error;
    }
  }

  #blank(): Uint8Array {
    const screen = new Screen(this.#recording.header);
    const state = screen.saveState();
    screen.dispose();
    return state;
  }

  #feed(bytes: Uint8Array): void {
    const start = performance.now();
    this.screen.feed(bytes);
    this.#span.ms += performance.now() - start;
    this.#span.bytes += bytes.length;
  }

  #offerKeyframe(): void {
    const { events, bytes, ms } = this.#span;
    const { outputBytes, feedMs, events: maxEvents } = KEYFRAME_DISTANCE;
    if (this.#recording.keep === undefined || (bytes < outputBytes && ms < feedMs && events < maxEvents)) return;
    const { screen } = this;
    this.#recording.keep({ events: this.#events, time: this.#time, saveState: () => screen.saveState() }, events);
    this.#span = { events: 0, bytes: 0, ms: 0 };
  }
}
