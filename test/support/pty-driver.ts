// A user at a terminal: runs a program in a pty of its own, types into it and looks at what it shows.
import { type Pty, type PtyExit, spawnPty } from "../../src/pty/index.js";
import { pollUntil } from "./poll-until.js";

/** How the program is run; its environment is that of the tests unless given. */
export interface DriverOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One program in one terminal. Close it at the end of the test. */
export class PtyDriver {
  readonly pty: Pty;
  readonly exited: Promise<PtyExit>;
  readonly #chunks: Uint8Array[] = [];
  #exit: PtyExit | undefined;

  constructor(file: string, args: readonly string[], options: DriverOptions = {}) {
    const { cols = 80, rows = 24, cwd = process.cwd(), env = process.env } = options;
    this.pty = spawnPty({ file, args, cols, rows, cwd, env, name: "xterm-256color" });
    this.pty.onData((bytes) => this.#chunks.push(bytes));
    this.exited = new Promise((resolve) => {
      this.pty.onExit((exit) => {
        this.#exit = exit;
        resolve(exit);
      });
    });
  }

  /** All bytes shown so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What was shown so far, as text. */
  get text(): string {
    return this.bytes.toString("utf8");
  }

  get exit(): PtyExit | undefined {
    return this.#exit;
  }

  type(text: string | Uint8Array): void {
    this.pty.write(typeof text === "string" ? Buffer.from(text) : text);
  }

  /** Waits until the text was shown. */
  async sees(text: string | RegExp): Promise<void> {
    const shown = () => (typeof text === "string" ? this.text.includes(text) : text.test(this.text));
    await pollUntil(`${text} on the terminal`, () => shown()).catch((error: Error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.text.slice(-2000))}`);
    });
  }

  /** Waits for the end; kills what does not end in time. */
  async ends(timeoutMs = 15_000): Promise<PtyExit> {
    await pollUntil("the program's end", () => this.#exit !== undefined, timeoutMs).catch((error: Error) => {
      this.close();
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.text.slice(-2000))}`);
    });
    return this.exited;
  }

  close(): void {
    if (this.#exit === undefined) this.pty.kill("SIGKILL");
    this.pty.close();
  }
}
