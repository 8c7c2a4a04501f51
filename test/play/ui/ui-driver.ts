// A user before a player: a terminal in memory whose screen can be looked at, keys to press, a clock to move.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Event, type Header, NANOS_PER_SECOND } from "../../../src/core/index.js";
import {
  CachedRecording,
  FRAME_NANOS,
  ManualClock,
  Player,
  PlayerUi,
  type PlayerUiOptions,
} from "../../../src/play/index.js";
import { Screen } from "../../../src/terminal/index.js";
import { MemoryTty } from "../memory-tty.js";
import { recordingOf } from "../recordings.js";

const SECOND = NANOS_PER_SECOND;

/** Keys as terminals send them, by name; others are themselves. */
const SEQUENCES: Readonly<Record<string, string>> = {
  space: " ",
  left: "\x1b[D",
  right: "\x1b[C",
  up: "\x1b[A",
  down: "\x1b[B",
  home: "\x1b[H",
  end: "\x1b[F",
  escape: "\x1b",
  enter: "\r",
  backspace: "\x7f",
  f1: "\x1bOP",
  "shift+left": "\x1b[1;2D",
  "shift+right": "\x1b[1;2C",
  "alt+left": "\x1b[1;3D",
  "alt+right": "\x1b[1;3C",
  "alt+up": "\x1b[1;3A",
  "alt+down": "\x1b[1;3B",
  "ctrl+c": "\x03",
  "ctrl+l": "\x0c",
  "ctrl+u": "\x15",
  "ctrl+z": "\x1a",
};

/** How the player is set up. */
export interface UiWorldOptions extends Partial<Omit<PlayerUiOptions, "player" | "tty">> {
  readonly size?: { cols: number; rows: number };
  readonly header?: Partial<Header>;
  readonly failure?: Error;
  /** Seconds at which it stands, paused; playing from the start by default. */
  readonly pausedAt?: number;
}

/** A player that is shown on a terminal in memory. */
export class UiWorld {
  readonly clock = new ManualClock();
  readonly tty: MemoryTty;
  readonly player: Player;
  readonly ui: PlayerUi;
  quits = 0;
  #screen: Screen;
  #run: Promise<void>;

  private constructor(recording: CachedRecording, options: UiWorldOptions) {
    const { size = { cols: 80, rows: 25 }, pausedAt, header: _h, failure: _f, ...ui } = options;
    this.tty = new MemoryTty(size);
    this.#screen = new Screen(size);
    this.tty.onWrite = (bytes) => void this.#screen.feed(bytes);
    const paused = pausedAt !== undefined;
    this.player = new Player({ recording, clock: this.clock, paused, startAt: (pausedAt ?? 0) * SECOND });
    const onQuit = () => {
      this.quits += 1;
    };
    this.ui = new PlayerUi({
      depth: "truecolor",
      title: "demo.t2r",
      onQuit,
      ...ui,
      player: this.player,
      tty: this.tty,
      clock: this.clock,
    });
    this.ui.start();
    this.#run = this.player.run();
    this.#run.catch(() => {});
  }

  static async open(events: readonly Event[], options: UiWorldOptions = {}): Promise<UiWorld> {
    const { header, failure } = options;
    const open = async () => recordingOf(events, { ...(header && { header }), ...(failure && { failure }) });
    const world = new UiWorld(await CachedRecording.open({ open }), options);
    await world.settle();
    return world;
  }

  /** Lets everything happen that has not to be waited for. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) await nextTurn();
    this.clock.advanceTo(this.clock.now() + 2 * FRAME_NANOS);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
  }

  /** Presses keys by their names and waits for what comes of it. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) this.tty.type(SEQUENCES[key] ?? key);
    await this.settle();
  }

  async resize(size: { cols: number; rows: number }): Promise<void> {
    this.#screen.resize(size.cols, size.rows);
    this.tty.resize(size);
    await this.settle();
  }

  async end(lastLine?: string): Promise<void> {
    void this.player.stop();
    await this.#run.catch(() => {});
    await this.ui.close(lastLine);
  }

  /** The terminal as it looks. */
  get screen(): Screen {
    return this.#screen;
  }

  get rows(): readonly string[] {
    return this.#screen.text();
  }

  get status(): string {
    return this.rows.at(-1) ?? "";
  }

  /** Seconds. */
  get position(): number {
    return this.player.position / SECOND;
  }
}
