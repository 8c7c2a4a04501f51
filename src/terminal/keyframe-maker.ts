// Makes keyframes while a recording passes by, and proves each: it is restored in a second screen, which is fed all that
// follows beside the first one, up to the next keyframe. One that leads elsewhere is not given out.
import { performance } from "node:perf_hooks";
import { type Event, type Keyframe, type KeyframeSource, T2aError } from "../core/index.js";
import { Screen } from "./screen.js";
import { SCREEN_ENGINE } from "./state-codec.js";

/** How far keyframes may be apart. */
export interface KeyframeDistance {
  /** Output from one to the next at most, bytes, where no single event is larger. */
  readonly outputBytes: number;
  /** Events from one to the next at most. */
  readonly events: number;
  /** Milliseconds of feeding from one to the next, about: some output is a hundred times slower than text. */
  readonly feedMs: number;
}

/** A state takes some 2 KB, feeding so much some 8 ms. */
export const KEYFRAME_DISTANCE: KeyframeDistance = { outputBytes: 256 * 1024, events: 4096, feedMs: 20 };
/** Behind each event the rows are compared that it changed; all rows after so many cells that were not looked at. */
const UNCOMPARED_CELLS = 65_536;
/** A state beyond so many bytes, of a screen that no terminal has, is saved less often. */
const LARGE_STATE_BYTES = 4 * 1024 * 1024;

/** Milliseconds of feeding after which the engine's code is compiled, and how many times slower it is before. */
const WARM_UP_MS = 400;
const COLD = 5;
/** Fed by this process so far: it is no slower stream that needs denser keyframes, it is a cold engine. */
let allFedMs = 0;

/** The keyframes of one recording. */
export class KeyframeMaker implements KeyframeSource {
  readonly engine = SCREEN_ENGINE;
  readonly #distance: KeyframeDistance;
  readonly #screen: Screen;
  readonly #twin: Screen;
  /** What the twin was made of and now has to prove; undefined before the first. */
  #candidate: Keyframe | undefined;
  #isRefuted = false;
  #events = 0;
  #time = 0;
  #dropped = 0;
  /** Since the last keyframe. */
  #outputBytes = 0;
  #spanEvents = 0;
  #feedMs = 0;
  #uncompared = 0;
  /** How many times further apart than usual. */
  #stretch = 1;

  /** `size`: what the recording begins with, in cells. */
  constructor(size: { readonly cols: number; readonly rows: number }, distance = KEYFRAME_DISTANCE) {
    this.#distance = distance;
    this.#screen = new Screen(size);
    this.#twin = new Screen(size);
  }

  get dropped(): number {
    return this.#dropped;
  }

  take(event: Event): Keyframe | undefined {
    const proven = this.#isDue(event) ? this.#cut() : undefined;
    this.#events++;
    this.#spanEvents++;
    this.#time = event.time;
    if (event.kind === "output") this.#feed(event.data);
    else if (event.kind === "resize") {
      this.#screen.resize(event.cols, event.rows);
      if (this.#candidate !== undefined) this.#twin.resize(event.cols, event.rows);
    } else return proven; // nothing to see
    this.#compareRows();
    return proven;
  }

  end(): Keyframe | undefined {
    const last = this.#candidate === undefined ? undefined : this.#judge(this.#screen.saveState());
    this.#screen.dispose();
    this.#twin.dispose();
    return last;
  }

  #isDue(event: Event): boolean {
    if (this.#spanEvents === 0) return false;
    const bytes = this.#outputBytes + (event.kind === "output" ? event.data.length : 0);
    const { outputBytes, events, feedMs } = this.#distance;
    const stretched = Math.max(bytes / outputBytes, this.#feedMs / feedMs) / this.#stretch;
    return stretched > 1 || this.#spanEvents >= events * this.#stretch;
  }

  #cut(): Keyframe | undefined {
    this.#outputBytes = 0;
    this.#spanEvents = 0;
    this.#feedMs = 0;
    const state = this.#screen.saveState();
    this.#stretch = Math.max(1, state.length / LARGE_STATE_BYTES);
    const proven = this.#judge(state);
    this.#candidate = { events: this.#events, time: this.#time, state };
    this.#isRefuted = false;
    try {
      this.#twin.restoreState(state);
    } catch (error) {
      if (!(error instanceof T2aError)) throw error;
      this.#isRefuted = true;
    }
    return proven;
  }

  /** The candidate, where the twin stands as the screen does, whose state that is. */
  #judge(state: Uint8Array): Keyframe | undefined {
    const candidate = this.#candidate;
    if (candidate === undefined) return undefined;
    if (!this.#isRefuted && Buffer.compare(this.#twin.saveState(), state) === 0) return candidate;
    this.#dropped++;
    return undefined;
  }

  #feed(bytes: Uint8Array): void {
    const start = performance.now();
    this.#screen.feed(bytes);
    const ms = performance.now() - start;
    this.#feedMs += allFedMs < WARM_UP_MS ? ms / COLD : ms;
    allFedMs += ms;
    this.#outputBytes += bytes.length;
    if (this.#candidate !== undefined) this.#twin.feed(bytes);
  }

  #compareRows(): void {
    if (this.#candidate === undefined || this.#isRefuted) return;
    this.#uncompared += this.#screen.cols * this.#screen.rows;
    const isSame =
      this.#uncompared < UNCOMPARED_CELLS
        ? this.#screen.showsSameChange(this.#twin)
        : this.#screen.showsSameRows(this.#twin);
    if (this.#uncompared >= UNCOMPARED_CELLS) this.#uncompared = 0;
    this.#isRefuted = !isSame;
  }
}
