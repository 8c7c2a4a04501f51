// The user's terminal while the player has it: set up, and given back whatever happens.
import { writeToTtyAtOnce } from "../write-at-once.js";

/** The alternate screen; no cursor, no autowrap, pastes marked as such. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h";
/** Presses, drags and the wheel, with places beyond column 223. */
const MOUSE_ON = "\x1b[?1002h\x1b[?1006h";
const LEAVE = "\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?2004l\x1b[0 q\x1b[?7h\x1b[?25h\x1b[?1049l";
/** Signals whose default is to end the process. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
/** Those who listen to such a signal where nobody wants to end the process in good order: this, and the terminal. */
const OWN_LISTENERS = 2;

/** A terminal that has been set up for the player. */
export class TerminalSession {
  #isOpen = false;

  /** What sets the terminal up. From here on it is given back also where the process ends without {@link leave}. */
  enter({ mouse }: { readonly mouse: boolean }): Uint8Array {
    this.#isOpen = true;
    process.on("exit", this.#leaveAtOnce);
    for (const signal of ENDING_SIGNALS) process.prependListener(signal, this.#leaveOnSignal);
    return Buffer.from(`${ENTER}${mouse ? MOUSE_ON : ""}`);
  }

  /** What gives the terminal back; nothing the second time. */
  leave(): Uint8Array {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    process.off("exit", this.#leaveAtOnce);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#leaveOnSignal);
    return Buffer.from(wasOpen ? LEAVE : "");
  }

  /** The event loop does not turn any more here: what has to be written is written at once or not at all. */
  readonly #leaveAtOnce = (): void => {
    const bytes = this.leave();
    if (bytes.length > 0) writeToTtyAtOnce(bytes);
  };

  /** The terminal itself then lets the signal take its effect: see OpenedTty. */
  readonly #leaveOnSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) <= OWN_LISTENERS) this.#leaveAtOnce();
  };
}
