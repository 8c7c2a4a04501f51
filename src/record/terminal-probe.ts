// Asks the user's terminal for its colours and its name before the recording starts. A terminal that does not answer
// costs the time-out, no more; answers that come late are kept away from the child for a while.
import { ThemeAnswerParser, type ThemeAnswers, themeQueries } from "../terminal/index.js";

/** How long to wait for answers, milliseconds. */
export const PROBE_TIMEOUT_MS = 200;
/** How long late answers are looked for, milliseconds: a slow connection must not type them into the shell. */
const LATE_MS = 3000;

/** One probe of one terminal. All that is typed goes through `feed` from when it is made. */
export class TerminalProbe {
  readonly #parser = new ThemeAnswerParser();
  readonly #madeAt = performance.now();
  #finish: () => void = () => {};
  #waiting = true;
  #over = false;

  /**
   * Sends the queries with `write` and waits for the answers, the time-out or the signal. Gives what was told.
   * What was typed meanwhile is given by the next {@link feed}, or by {@link typedAhead}.
   */
  async run(write: (bytes: Uint8Array) => unknown, timeoutMs: number = PROBE_TIMEOUT_MS): Promise<ThemeAnswers> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
      write(themeQueries());
    });
    this.#waiting = false;
    this.#over = this.#parser.done;
    return this.#parser.result();
  }

  /** Ends the waiting: the terminal is gone. */
  stop(): void {
    this.#finish();
  }

  /** What the user typed while the probe ran. */
  typedAhead(): Uint8Array {
    return this.#parser.leftover();
  }

  /** Takes what the terminal sent; gives what of it the user typed, as far as that is known already. */
  feed(bytes: Uint8Array): Uint8Array {
    if (this.#over) return bytes;
    this.#parser.feed(bytes);
    if (this.#parser.done) this.#finish();
    if (this.#waiting) return NOTHING;
    this.#over = this.#parser.done || performance.now() - this.#madeAt > LATE_MS;
    return this.#parser.leftover();
  }
}

const NOTHING = new Uint8Array(0);
