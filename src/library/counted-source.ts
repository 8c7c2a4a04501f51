// A source that tells how much of it was read.
import { type Source, wrapSource } from "../core/index.js";

/** Often enough for a bar, seldom enough to cost nothing, milliseconds. */
const TELL_MS = 100;

/** The source; `onBytes` is told how many more bytes were read, now and then and at the end of a stream. */
export function countedSource(source: Source, onBytes: (bytes: number) => void): Source {
  let told = Date.now();
  let bytes = 0;
  const tell = () => {
    told = Date.now();
    if (bytes > 0) onBytes(bytes);
    bytes = 0;
  };
  return wrapSource(source, {
    async *stream() {
      for await (const chunk of source.stream()) {
        bytes += chunk.length;
        if (Date.now() - told >= TELL_MS) tell();
        yield chunk;
      }
      tell();
    },
  });
}
