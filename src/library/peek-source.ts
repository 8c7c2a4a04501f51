// Looks at the first bytes of a source that may be streamed only once.
import { type Source, wrapSource } from "../core/index.js";

/** What is looked at where the source has ranges; else it is the first chunk. */
const HEAD_BYTES = 4096;

/** The first bytes, and the source with them still to come. */
export async function peekSource(source: Source): Promise<{ readonly head: Uint8Array; readonly source: Source }> {
  if (source.supports.ranges) return { head: await source.readRange(0, HEAD_BYTES), source };
  const chunks = source.stream()[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return { head: new Uint8Array(0), source };
  let isTaken = false;
  return {
    head: first.value.subarray(0, HEAD_BYTES),
    source: wrapSource(source, {
      stream() {
        if (isTaken) return source.stream();
        isTaken = true;
        return replay(first.value, chunks);
      },
    }),
  };
}

async function* replay(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
