// Ending the child from outside, for certain: first the signal that was asked for, then ever stronger ones.
import type { Pty } from "../pty/index.js";

/** What is sent when the child has not ended so many milliseconds after the first signal. Interactive shells ignore SIGTERM. */
const ESCALATION: readonly { readonly afterMs: number; readonly signals: readonly NodeJS.Signals[] }[] = [
  { afterMs: 1000, signals: ["SIGHUP", "SIGCONT"] },
  { afterMs: 2000, signals: ["SIGKILL"] },
];
/** When even that did not help (a process stuck in the kernel), nobody waits any longer. */
const GIVE_UP_MS = 3000;

/** Ends one child. */
export class ChildEnd {
  readonly #pty: Pty;
  readonly #onGivenUp: () => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #over = false;

  constructor(pty: Pty, onGivenUp: () => void) {
    this.#pty = pty;
    this.#onGivenUp = onGivenUp;
  }

  /** The first signal was sent. */
  get begun(): boolean {
    return this.#timers.length > 0;
  }

  /** Sends the signal; the first one starts the escalation. */
  begin(signal: NodeJS.Signals): void {
    if (this.#over) return;
    this.#pty.kill(signal);
    if (this.begun) return;
    for (const { afterMs, signals } of ESCALATION) {
      const send = (): void => {
        for (const stronger of signals) this.#pty.kill(stronger);
      };
      this.#timers.push(setTimeout(send, afterMs));
    }
    this.#timers.push(setTimeout(() => this.#giveUp(), GIVE_UP_MS));
  }

  /** The child has ended: nothing more is sent. */
  cancel(): void {
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #giveUp(): void {
    this.#pty.close();
    this.#onGivenUp();
  }
}
