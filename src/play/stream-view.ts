// A view over a stream that nobody types into. To a pipe or a file the recorded output goes as it is, in time: nothing there
// can be harmed by it, and nothing is added. Where the stream is a terminal after all, the output filter stands before it.
import { systemCode, T2aError, type Target } from "../core/index.js";
import { OutputFilter } from "../terminal/index.js";
import type { View } from "./view.js";

/** What kind of stream it is. */
export interface StreamViewOptions {
  /** The stream is a terminal: what is recorded is filtered, and what it left behind is undone at the end. */
  readonly terminal?: boolean | undefined;
}

/** Shows output by writing it. The target is not committed. */
export class StreamView implements View {
  readonly #target: Pick<Target, "write">;
  #filter: OutputFilter | undefined;

  constructor(target: Pick<Target, "write">, { terminal = false }: StreamViewOptions = {}) {
    this.#target = target;
    this.#filter = terminal ? new OutputFilter() : undefined;
  }

  output(bytes: Uint8Array): Promise<boolean> {
    return this.#write(this.#filter === undefined ? bytes : this.#filter.filter(bytes));
  }

  /** A stream has no size. */
  async resize(): Promise<boolean> {
    return true;
  }

  async restart(): Promise<boolean> {
    if (this.#filter === undefined) return true;
    const undo = Buffer.concat([this.#filter.end(), this.#filter.cleanup()]);
    this.#filter = new OutputFilter();
    return this.#write(undo);
  }

  /** Undoes what a recording left behind on a terminal. */
  async close(): Promise<void> {
    await this.restart();
  }

  async #write(bytes: Uint8Array): Promise<boolean> {
    try {
      if (bytes.length > 0) await this.#target.write(bytes);
      return true;
    } catch (error) {
      if (isReaderGone(error)) return false; // `| head` has seen enough
      throw error;
    }
  }
}

const GONE: ReadonlySet<unknown> = new Set(["EPIPE", "ECONNRESET"]);

function isReaderGone(error: unknown): boolean {
  return GONE.has(systemCode(error)) || (error instanceof T2aError && GONE.has(error.details.systemCode));
}
