// The user's terminal while a program of ours fills it: set up, and given back whatever happens.
import { writeToTtyAtOnce } from "../../play/terminal-parts.js";

/** The alternate screen; no cursor, no autowrap. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?2026l\x1b[0m\x1b[0 q\x1b[?7h\x1b[?25h\x1b[?1049l";
/** Signals whose default is to end the process. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
/** Those who listen to such a signal where nobody wants to end the process in good order: this, and the terminal. */
const OWN_LISTENERS = 2;

/** A terminal that has been set up. */
export class TerminalLoan {
  readonly #undo: () => string;
  #isOpen = false;

  /** `undo` gives what takes back all else that was switched there. */
  constructor(undo: () => string = () => "") {
    this.#undo = undo;
  }

  /** What sets the terminal up. From here on it is given back also where the process ends without {@link leave}. */
  enter(): Uint8Array {
    this.#isOpen = true;
    process.on("exit", this.#leaveAtOnce);
    for (const signal of ENDING_SIGNALS) process.prependListener(signal, this.#leaveOnSignal);
    return Buffer.from(ENTER);
  }

  /** What gives the terminal back; nothing the second time. */
  leave(): Uint8Array {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    process.off("exit", this.#leaveAtOnce);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#leaveOnSignal);
    return Buffer.from(wasOpen ? `${this.#undo()}${LEAVE}` : "");
  }

  /** The event loop does not turn any more here: what has to be written is written at once or not at all. */
  readonly #leaveAtOnce = (): void => {
    const bytes = this.leave();
    if (bytes.length > 0) writeToTtyAtOnce(bytes);
  };

  /** The terminal itself then lets the signal take its effect. */
  readonly #leaveOnSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) <= OWN_LISTENERS) this.#leaveAtOnce();
  };
}
