// Who typed what: a line of JSON for each piece of input, in the file before the program gets it. Hidden lines are masked as in a
// recording. The file stays closed while nobody types.
import { closeSync, constants, openSync, writeSync } from "node:fs";

/** How long the file stays open behind the last input, milliseconds. */
const OPEN_MS = 10_000;

/** The log of one session. */
export class AuditLog {
  readonly #path: string;
  #fd: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Notes input; it is with the system when this returns. @throws what the system says. */
  note(bytes: Uint8Array, who: string): void {
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
    this.#fd ??= openSync(this.#path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
    writeSync(this.#fd, `${JSON.stringify({ time: new Date().toISOString(), who, base64 })}\n`);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.close(), OPEN_MS).unref();
    else this.#timer.refresh();
  }

  /** Lets the file go; it is opened again when it is needed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
