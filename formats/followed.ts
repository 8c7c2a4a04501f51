// A recording that is one run of bytes, followed while it is being written: a source whose stream waits at its end for more.
import { type DecodeOptions, FormatError, type Source, type Watch, wrapSource } from "../src/core/index.js";
import { checkAborted } from "./damage.js";

/** Bytes asked for in one read. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The source as a stream that ends when nobody writes it any more, or when the watch is closed; once the signal is aborted it
 * throws `T2A_ABORTED`. `onLive` is called when what stood there at first has been taken and more is asked for.
 */
export function followedSource(source: Source, watch: Watch, options: DecodeOptions): Source {
  return wrapSource(source, {
    supports: { ...source.supports, restart: false },
    stream: () => growingStream(source, watch, options),
  });
}

async function* growingStream(source: Source, watch: Watch, options: DecodeOptions): AsyncGenerator<Uint8Array> {
  const wake = () => watch.close();
  checkAborted(options);
  options.signal?.addEventListener("abort", wake);
  try {
    yield* growth(source, watch, options.follow?.onLive);
    checkAborted(options);
  } finally {
    options.signal?.removeEventListener("abort", wake);
  }
}

async function* growth(source: Source, watch: Watch, onLive?: () => void): AsyncGenerator<Uint8Array> {
  const first = (await source.size()) ?? 0;
  let position = 0;
  let isLive = false;
  while (!watch.closed) {
    // Asked before reading: what somebody wrote and ended with is read then.
    const isOver = watch.isWritten() === false;
    for (;;) {
      if (!isLive && position >= first) {
        isLive = true;
        onLive?.();
      }
      const chunk = await source.readRange(position, CHUNK_BYTES);
      if (chunk.length === 0) break;
      position += chunk.length;
      yield chunk;
    }
    if (((await source.size()) ?? position) < position) {
      const message = "the file was cut short while it was followed: another recording may have taken its place";
      throw new FormatError("T2A_FORMAT_DAMAGED", message, { offset: position });
    }
    if (isOver) return;
    await watch.changed();
  }
}
