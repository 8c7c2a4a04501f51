// A Target over a stream that is written once and cannot be taken back: standard output.
import type { Writable } from "node:stream";
import { StoreError, type Target } from "../core/index.js";
import { ioError } from "./io-error.js";

/** Wraps a writable stream. `commit` waits until everything is handed to the system; the stream is not ended. */
export function openStreamTarget(name: string, stream: Writable): Target {
  let failure: unknown;
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
