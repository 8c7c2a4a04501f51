// Progress on long work: a bar on a terminal's standard error, after a second, by bytes read of the input.
import type { SingleBar } from "cli-progress";
import { type Source, wrapSource } from "../core/index.js";
import type { CommandContext } from "./context.js";

const DELAY_MS = 1000;

/** A bar that appears only where somebody is watching and the work takes long. */
export class Progress {
  readonly #context: CommandContext;
  readonly #enabled: boolean;
  readonly #started = Date.now();
  #bar: SingleBar | undefined;
  #opening = false;
  #stopped = false;

  constructor(context: CommandContext, quiet: boolean) {
    this.#context = context;
    this.#enabled = !quiet && context.io.stderr.isTTY === true;
  }

  /** Tells how many of how many bytes are read. */
  update(bytes: number, total: number): void {
    if (!this.#enabled || this.#stopped) return;
    if (this.#bar !== undefined) this.#bar.update(bytes);
    else if (!this.#opening && Date.now() - this.#started > DELAY_MS) {
      this.#opening = true;
      void this.#open(total);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#bar?.stop();
  }

  async #open(total: number): Promise<void> {
    const { default: progress } = await import("cli-progress");
    if (this.#stopped) return;
    this.#bar = new progress.SingleBar({
      stream: this.#context.io.stderr,
      format: "{bar} {percentage}%  {eta_formatted} left",
      clearOnComplete: true,
      hideCursor: true,
    });
    this.#bar.start(total, 0);
  }
}

/** The source, its stream counted for the progress bar. */
export function countingSource(source: Source, progress: Progress): Source {
  return wrapSource(source, {
    async *stream() {
      const total = await source.size();
      let bytes = 0;
      for await (const chunk of source.stream()) {
        bytes += chunk.length;
        if (total !== undefined) progress.update(bytes, total);
        yield chunk;
      }
    },
  });
}
