// Controllers: what turns the wishes of a keyboard, a mouse or a message into a player's commands.
import { NANOS_PER_SECOND } from "../core/index.js";
import type { IdleMode } from "./idle.js";
import type { Player } from "./player.js";
import { MAX_SPEED, MIN_SPEED } from "./speed.js";
import type { StepUnit } from "./step.js";
import type { TextPattern } from "./text-search.js";

/** Speeds that one goes through by faster and slower. */
export const SPEEDS: readonly number[] = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 8, 16, 32, 64, 128, 256, 1000];
/** Pauses are shortened to this where the recording names no limit, nanoseconds. */
export const DEFAULT_IDLE_LIMIT = 2 * NANOS_PER_SECOND;

/** Pausing, stepping, repeating, and what becomes of pauses. */
export class PlaybackController {
  readonly #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  toggle(): Promise<void> {
    return this.#player.toggle();
  }

  /** Forward (1) or back (-1), and pause there. */
  step(count: 1 | -1, unit?: StepUnit): Promise<void> {
    return this.#player.step(count, unit);
  }

  toggleLoop(): Promise<void> {
    return this.#player.setLoop(!this.#player.loop);
  }

  /** Off, limit, skip, log, and again. */
  nextIdleMode(): Promise<void> {
    const limit = this.#player.header.idleTimeLimit ?? DEFAULT_IDLE_LIMIT;
    const modes: readonly IdleMode[] = [{ mode: "off" }, { mode: "limit", limit }, { mode: "skip" }, { mode: "log" }];
    const at = modes.findIndex(({ mode }) => mode === this.#player.idle.mode);
    return this.#player.setIdle(modes[(at + 1) % modes.length] ?? { mode: "off" });
  }

  stop(): Promise<void> {
    return this.#player.stop();
  }
}

/** How fast. */
export class SpeedController {
  readonly #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  faster(): Promise<void> {
    return this.set(SPEEDS.find((speed) => speed > this.#player.speed) ?? MAX_SPEED);
  }

  slower(): Promise<void> {
    return this.set(SPEEDS.findLast((speed) => speed < this.#player.speed) ?? MIN_SPEED);
  }

  /** @throws UsageError for a speed out of range. */
  set(speed: number): Promise<void> {
    return this.#player.setSpeed(speed);
  }
}

/** Where to. */
export class SeekController {
  readonly #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  /** To a time, nanoseconds. */
  to(time: number): Promise<void> {
    return this.#player.seek({ time });
  }

  /** So many nanoseconds forward, or back where negative. */
  by(nanos: number): Promise<void> {
    return this.#player.seek({ by: nanos });
  }

  toFraction(fraction: number): Promise<void> {
    return this.#player.seek({ fraction });
  }

  byFraction(share: number): Promise<void> {
    return this.#player.seek({ byFraction: share });
  }

  toMarker(marker: "next" | "previous" | { readonly label: string }): Promise<void> {
    return this.#player.seek({ marker });
  }

  /** To the nearest moment at which such text appeared. */
  toText(text: TextPattern, direction: 1 | -1, inclusive = false): Promise<void> {
    return this.#player.seek({ text, direction, inclusive });
  }
}
