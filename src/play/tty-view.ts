// A view on the user's own terminal. Recorded bytes reach it only through the output filter, and whatever they left
// changed there is undone when the view is closed, or when the process ends without closing it.
import type { UserTty } from "../pty/index.js";
import { OutputFilter } from "../terminal/index.js";
import { Keyboard } from "./keyboard.js";
import type { StreamCommand } from "./stream-state.js";
import type { View } from "./view.js";
import { writeToTtyAtOnce } from "./write-at-once.js";

const NEWLINE = 0x0a;

/** How a terminal takes part. */
export interface TtyViewOptions {
  /** Ask the terminal to take the recording's size; not all terminals do. */
  readonly followSize?: boolean | undefined;
}

/** Shows a recording on the user's terminal and turns what is typed there into commands. */
export class TtyView implements View {
  readonly #tty: UserTty;
  readonly #followSize: boolean;
  #filter = new OutputFilter();
  #atLineStart = true;
  #gone = false;
  #closed = false;

  /** Takes over the terminal: closing the view closes it. */
  constructor(tty: UserTty, { followSize = false }: TtyViewOptions = {}) {
    this.#tty = tty;
    this.#followSize = followSize;
  }

  /** The terminal went away: its window was closed or its connection lost. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Sets the terminal to raw mode and listens to its keys. When the terminal goes away that is a `stop`, too. */
  start(command: (command: StreamCommand) => void): void {
    const keyboard = new Keyboard(command);
    this.#tty.onInput((bytes) => keyboard.input(bytes));
    this.#tty.onHangup(() => {
      this.#gone = true;
      command("stop");
    });
    this.#tty.start();
    process.on("exit", this.#cleanAtExit);
  }

  async output(bytes: Uint8Array): Promise<boolean> {
    const allowed = this.#filter.filter(bytes);
    if (allowed.length > 0) this.#atLineStart = allowed.at(-1) === NEWLINE;
    return this.#write(allowed);
  }

  async resize(cols: number, rows: number): Promise<boolean> {
    return this.#write(Buffer.from(this.#followSize ? `\x1b[8;${rows};${cols}t` : ""));
  }

  async restart(): Promise<boolean> {
    return this.#write(this.#undo());
  }

  /**
   * Undoes what the recording left behind, begins a new line, writes one more line where one is given, and gives the
   * terminal back as it was found. Idempotent. A line written here, unlike one written by other ways afterwards, cannot
   * block on a terminal that takes nothing any more.
   */
  async close(lastLine = ""): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const lines = `${this.#atLineStart ? "" : "\r\n"}${lastLine === "" ? "" : `${lastLine}\r\n`}`;
    void this.#tty.write(Buffer.concat([this.#undo(), Buffer.from(lines)])); // closing waits for it as long as there is hope
    await this.#tty.close();
    process.off("exit", this.#cleanAtExit);
  }

  async #write(bytes: Uint8Array): Promise<boolean> {
    if (bytes.length > 0) await this.#tty.write(bytes);
    return !this.#gone;
  }

  #undo(): Uint8Array {
    const filter = this.#filter;
    this.#filter = new OutputFilter();
    return Buffer.concat([filter.end(), filter.cleanup()]);
  }

  /** The event loop does not turn any more here: what has to be written is written at once or not at all. */
  readonly #cleanAtExit = (): void => {
    const undo = this.#undo();
    if (undo.length > 0) writeToTtyAtOnce(undo);
  };
}
