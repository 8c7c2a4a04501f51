// Whether the child's output is read: several parties may want it held back, and it flows only when none does.
import type { Pty } from "../pty/index.js";

/** Why output is held back: the terminal or a sink is slow, the pause screen lags behind, or its dump is being taken, or somebody asked for it. */
export type HoldReason = "terminal" | "sink" | "screen" | "dump" | "asked";

/** Pauses and resumes one pty. */
export class FlowControl {
  readonly #pty: Pick<Pty, "pause" | "resume">;
  readonly #reasons = new Set<HoldReason>();

  constructor(pty: Pick<Pty, "pause" | "resume">) {
    this.#pty = pty;
  }

  /** Holds output back, or no longer, for one reason. Idempotent. */
  set(reason: HoldReason, held: boolean): void {
    const before = this.#reasons.size;
    if (held) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (before === 0 && this.#reasons.size > 0) this.#pty.pause();
    else if (before > 0 && this.#reasons.size === 0) this.#pty.resume();
  }
}
