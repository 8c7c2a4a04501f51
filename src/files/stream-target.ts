// A Target over a stream that is written once and cannot be taken back: standard output.
import type { Writable } from "node:stream";
import { StoreError, type Target } from "../core/index.js";
import { ioError } from "./io-error.js";

/** How often a stream that is waited for no longer is looked at, milliseconds. */
const LOOK_MS = 20;

/** What is used of a stream's handle; not in Node's typings. */
interface StreamHandle {
  readonly writeQueueSize?: number;
  close?(): void;
}

/** Wraps a writable stream. `commit` waits until everything is handed to the system; the stream is not ended. */
export function openStreamTarget(name: string, stream: Writable): Target {
  let failure: unknown;
  const { _handle: handle }: { readonly _handle?: StreamHandle | null } = Object(stream);
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    name,
    write(bytes) {
      if (failure !== undefined) throw ioError("write", name, failure);
      return new Promise<void>((resolve, reject) => {
        stream.write(bytes, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(ioError("write", name, error));
        });
      });
    },
    stopWaiting(stallMs) {
      const unwritten = () => stream.writableLength + (handle?.writeQueueSize ?? 0);
      let [left, since] = [unwritten(), performance.now()];
      const timer = setInterval(() => {
        const now = unwritten();
        if (now !== left || now === 0) [left, since] = [now, performance.now()];
        else if (performance.now() - since > stallMs) {
          clearInterval(timer);
          // Fails the write, and lets the process end: Node's standard streams cannot be destroyed.
          handle?.close?.();
        }
      }, LOOK_MS);
      timer.unref();
    },
    sibling() {
      throw new StoreError(
        "T2A_FORMAT_UNSUPPORTED",
        `${name} can hold one file only: give a file name for this format`,
      );
    },
    commit: async () => {},
    abort: async () => {},
  };
}
