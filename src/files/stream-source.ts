// A Source over bytes that come once and cannot be asked for again: standard input, a network answer.
import { type Source, T2aError } from "../core/index.js";
import { ioError } from "./io-error.js";

/** Wraps a readable stream. `name` is for messages (`-` for standard input); `onClose` releases the stream. */
export function openStreamSource(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  onClose: () => void = () => {},
): Source {
  let closed = false;
  return {
    name,
    supports: { restart: false, ranges: false, siblings: false, follow: false },
    async *stream() {
      try {
        for await (const chunk of chunks) yield chunk;
      } catch (error) {
        throw error instanceof T2aError ? error : ioError("read", name, error);
      }
    },
    size: async () => undefined,
    readRange: async () => {
      throw new TypeError("a stream has no ranges: check supports.ranges");
    },
    sibling: async () => undefined,
    watch: () => {
      throw new TypeError("a stream cannot be watched: check supports.follow");
    },
    close: async () => {
      if (closed) return;
      closed = true;
      onClose();
    },
  };
}
