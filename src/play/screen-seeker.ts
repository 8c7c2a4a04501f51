// The screen of a recording at any moment: from the keyframe before it, or from where the last look ended.
import { type Event, type SeekableRecording, T2aError } from "../core/index.js";
import { SCREEN_ENGINE, Screen } from "../terminal/index.js";

/** Looks into one recording. Owns its screen; the recording stays the caller's. */
export class ScreenSeeker {
  readonly #recording: SeekableRecording;
  readonly #screen: Screen;
  /** Events that the screen has seen, and the time of the last of them. */
  #events = 0;
  #time = 0;

  constructor(recording: SeekableRecording) {
    this.#recording = recording;
    this.#screen = new Screen(recording.header);
  }

  /**
   * The screen as it is after all events up to and at `time` (nanoseconds), exactly as replaying from the beginning gives
   * it. It is the seeker's own: look at it before the next seek. Not to be called again before it is done.
   * @throws what the recording's batches throw, FormatError `T2A_FORMAT_DAMAGED` at a damaged block.
   */
  async seek(time: number): Promise<Screen> {
    await this.#start(time);
    for await (const batch of this.#recording.batchesFrom(this.#events)) {
      for (const event of batch) {
        if (event.time > time) return this.#screen;
        this.#apply(event);
      }
    }
    return this.#screen;
  }

  dispose(): void {
    this.#screen.dispose();
  }

  /** Goes to the nearest place before `time` where the screen is known. */
  async #start(time: number): Promise<void> {
    const { engine } = this.#recording;
    // Another engine's states may be right and yet mean something else here: replayed instead.
    const keyframe = engine === SCREEN_ENGINE ? await this.#recording.keyframe(time) : undefined;
    const isAhead = this.#time <= time && this.#events >= (keyframe?.events ?? 0);
    if (isAhead) return;
    if (keyframe === undefined || !this.#restore(keyframe.state)) {
      this.#screen.restoreState(this.#blank());
      this.#events = 0;
      this.#time = 0;
      return;
    }
    this.#events = keyframe.events;
    this.#time = keyframe.time;
  }

  #restore(state: Uint8Array): boolean {
    try {
      this.#screen.restoreState(state);
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

  #apply(event: Event): void {
    if (event.kind === "output") this.#screen.feed(event.data);
    else if (event.kind === "resize") this.#screen.resize(event.cols, event.rows);
    this.#events++;
    this.#time = event.time;
  }
}
