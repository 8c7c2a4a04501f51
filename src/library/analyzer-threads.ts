// Threads that analyze files: each takes the next one when it is done with its last; results come in the order of the files.
import { Worker } from "node:worker_threads";
import type { AnalyzeFileOptions } from "./analyze-file.js";
import type { AnalyzeMessage, AnalyzeTask } from "./analyze-worker.js";

/** What came of a file. */
export type ThreadResult = Extract<AnalyzeMessage, { part: unknown }>;

/** Results that wait for the one before them at most: a file is not begun before, so that memory stays bounded. */
const MAX_AHEAD = 64;

/** Files that a thread has open: it goes on with one where it waits for the other. */
const AT_ONCE = 2;

/** A pool of threads over one list of files. */
export class AnalyzerThreads {
  /** Each as often as it can take another file. */
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  #names: readonly string[] = [];
  /** The next file to begin, and the next one to be given. */
  #begun = 0;
  #given = 0;
  readonly #results = new Map<number, ThreadResult>();
  #wake: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** `program`: the built analyze-worker.js; `onBytes`: so many bytes more of any file are read. */
  constructor(program: URL, threads: number, options: AnalyzeFileOptions, onBytes: (bytes: number) => void) {
    const { since, until, format, recover, strict, timing, signal } = options;
    for (let made = 0; made < threads; made++) {
      const worker = new Worker(program, { workerData: { since, until, format, recover, strict, timing } });
      worker.on("error", (error) => this.#fail(error));
      worker.on("exit", () => this.#fail(new Error("a thread ended before its work")));
      this.#all.push(worker);
      for (let at = 0; at < AT_ONCE; at++) this.#idle.unshift(worker);
      this.#listen(worker, onBytes);
    }
    signal?.addEventListener("abort", () => this.#fail(signal.reason), { once: true });
  }

  /** The files, in the order in which `next` gives what came of them. */
  start(names: readonly string[]): void {
    this.#names = names;
    this.#beginMore();
  }

  /** What came of the next file. */
  async next(): Promise<ThreadResult> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const result = this.#results.get(this.#given);
      if (result !== undefined) {
        this.#results.delete(this.#given++);
        this.#beginMore();
        return result;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    for (const worker of this.#all) worker.removeAllListeners("exit");
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #beginMore(): void {
    while (this.#begun < this.#names.length && this.#begun < this.#given + MAX_AHEAD) {
      const worker = this.#idle.pop();
      if (worker === undefined) return;
      const at = this.#begun++;
      worker.postMessage({ at, name: this.#names[at] ?? "" } satisfies AnalyzeTask);
    }
  }

  #listen(worker: Worker, onBytes: (bytes: number) => void): void {
    worker.on("message", (message: AnalyzeMessage) => {
      if ("bytes" in message) {
        onBytes(message.bytes);
        return;
      }
      this.#results.set(message.at, message);
      this.#idle.push(worker);
      this.#beginMore();
      this.#wake?.();
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }
}
