// Writing to what may take nothing for a while: a pipe or a terminal whose reader pauses. A blocking write would stop the
// whole process, signals included; a stream of Node's keeps it alive at the end for as long as the reader sleeps.
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { StoreError, systemCode, type Target } from "../core/index.js";
import { ioError } from "./io-error.js";

/** How soon a full pipe is tried again: at once, then ever later. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 50;

/** Writes to a descriptor that does not block, waiting without blocking where it is full. */
export class PatientWriter {
  readonly #fd: number;
  readonly #name: string;
  /** How long a write may make no progress. */
  #stallMs = Number.POSITIVE_INFINITY;
  #progressAt = 0;
  #closed = false;

  /** Takes over the descriptor. `name` is for messages. */
  constructor(fd: number, name: string) {
    this.#fd = fd;
    this.#name = name;
  }

  /** As {@link Target.write}: nothing where all was taken at once, else a promise to be waited for. */
  write(bytes: Uint8Array): void | Promise<void> {
    const rest = this.#push(bytes);
    if (rest.length > 0) return this.#drain(rest);
  }

  /** As {@link Target.stopWaiting}. */
  stopWaiting(stallMs: number): void {
    this.#stallMs = stallMs;
    this.#progressAt = performance.now();
  }

  /** Closes at once; a write under way fails. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  async #drain(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    let retryMs = FIRST_RETRY_MS;
    this.#progressAt = performance.now();
    while (rest.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      const left = this.#closed ? rest : this.#push(rest);
      const now = performance.now();
      if (left.length < rest.length) [retryMs, this.#progressAt] = [FIRST_RETRY_MS, now];
      else if (this.#closed || now - this.#progressAt > this.#stallMs) throw stalledError(this.#name);
      else retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      rest = left;
    }
  }

  /** Writes what is taken now. Gives the rest. */
  #push(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch (error) {
      if (systemCode(error) !== "EAGAIN") throw ioError("write", this.#name, error);
    }
    return rest;
  }
}

/** What is told where a reader that does nothing is waited for no longer. */
export function stalledError(name: string): StoreError {
  return ioError("write", name, new Error("its reader takes nothing any more"));
}

/**
 * The same pipe or terminal opened once more, not blocking: the flag belongs to an opening, which a shell shares with the
 * programs it starts. Undefined where it is something else, or the system cannot (sockets; systems without /proc).
 */
export function reopenPatient(fd: number): number | undefined {
  const stat = fstatSync(fd);
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined; // also where the reader is gone already: who writes there is told
  }
}

/**
 * A target over a pipe or a terminal this process was given, such as standard output; undefined where it is neither. The
 * descriptor given stays open. Failures come as a stream's do, by the promise: where standard output is gone before a
 * recording's header is written, the session goes on.
 */
export function openPatientTarget(name: string, fd: number): Target | undefined {
  const own = reopenPatient(fd);
  if (own === undefined) return undefined;
  const writer = new PatientWriter(own, name);
  return {
    name,
    write(bytes) {
      try {
        return writer.write(bytes);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    stopWaiting: (stallMs) => writer.stopWaiting(stallMs),
    sibling() {
      throw new StoreError(
        "T2A_FORMAT_UNSUPPORTED",
        `${name} can hold one file only: give a file name for this format`,
      );
    },
    commit: async () => writer.close(),
    abort: async () => writer.close(),
  };
}
