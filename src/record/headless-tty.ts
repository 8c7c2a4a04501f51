// A recording without a terminal: nobody watches or types, but the program's questions to its terminal are answered,
// since many wait for that. The last output is kept for questions that need the screen (where is the cursor?).
import type { TtySize, UserTty } from "../pty/index.js";
import { QueryResponder } from "../terminal/index.js";
import { OutputRing } from "./output-ring.js";

/** Stands in for the user's terminal. */
export class HeadlessTty implements UserTty {
  /** Nothing ever waits here. */
  readonly pendingBytes = 0;
  readonly #size: TtySize;
  readonly #ring = new OutputRing();
  readonly #responder: QueryResponder;
  #answer: (bytes: Uint8Array) => void = () => {};

  /** `version` is t2a's, which answers the question for the terminal's name. */
  constructor(size: TtySize, version: string) {
    this.#size = size;
    const recentOutput = () => Buffer.concat(this.#ring.chunks());
    this.#responder = new QueryResponder({ ...size, version, recentOutput });
  }

  size(): TtySize {
    return this.#size;
  }

  /** The listener is given the answers: to the program they are typed input. */
  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#answer = listener;
  }

  write(bytes: Uint8Array): Promise<void> {
    const answer = this.#responder.scan(bytes);
    this.#ring.push(bytes); // after the scan: it asks for the output before this chunk
    if (answer !== undefined) this.#answer(answer);
    return SHOWN;
  }

  start(): void {}
  onResize(): void {}
  onHangup(): void {}
  async close(): Promise<void> {}
}

const SHOWN = Promise.resolve();
