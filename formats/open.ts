// Opening a recording of unknown format: looks at the first bytes, unpacks, finds the format, decodes.
import { codecOf, decompressed, stripCodecSuffix } from "../src/codec/index.js";
import {
  type Batch,
  type DecodeOptions,
  type Format,
  FormatError,
  type Recording,
  type Source,
  UsageError,
  type Watch,
  wrapSource,
} from "../src/core/index.js";
import { followedSource } from "./followed.js";
import { FORMATS, findFormatByExtension } from "./registry.js";

/** What `sniff` gets to see. */
const HEAD_BYTES = 64 * 1024;
/** The longest magic of a codec. */
const CODEC_BYTES = 6;

/** How to open. */
export interface OpenOptions extends DecodeOptions {
  /** Read as this format, whatever the content looks like. */
  readonly format?: Format | undefined;
}

/**
 * Opens a recording. Closing it closes the source; so does a failure to open.
 * @throws FormatError `T2A_UNKNOWN_FORMAT`, and what decoders throw.
 */
export async function openRecording(source: Source, options: OpenOptions = {}): Promise<Recording> {
  let watch: Watch | undefined;
  try {
    if (options.follow !== undefined) watch = startWatch(source);
    const bytes = watch === undefined ? source : followedSource(source, watch, options);
    const { head, source: plain } = await unpack(bytes, options);
    const format = options.format ?? findFormat(head, source.name, options.recover === true);
    if (format.decode === undefined) {
      throw new UsageError(`${format.name} can be written but not read`, { code: "T2A_FORMAT_UNSUPPORTED" });
    }
    if (watch !== undefined && !format.supports.follow) throw unfollowable(source, `is ${format.name}`);
    const recording = await format.decode(plain, options);
    const close = async () => {
      watch?.close(); // first: the decoder may be waiting for more
      // Together: what the decoder is just reading may be long in coming, unless its source is closed.
      await Promise.all([recording.close(), source.close()]);
    };
    return { ...recording, batches: closing(recording.batches, close), close };
  } catch (error) {
    watch?.close();
    await source.close();
    throw error;
  }
}

function startWatch(source: Source): Watch {
  if (!source.supports.follow) throw unfollowable(source, "is no file");
  return source.watch();
}

function unfollowable({ name }: Source, reason: string): UsageError {
  const what = name === "-" ? "standard input" : name;
  return new UsageError(`${what} cannot be followed while it is written: it ${reason}`, {
    code: "T2A_FORMAT_UNSUPPORTED",
  });
}

async function* closing(batches: AsyncIterable<Batch>, close: () => Promise<void>): AsyncGenerator<Batch> {
  try {
    yield* batches;
  } finally {
    await close();
  }
}

function findFormat(head: Uint8Array, name: string, recover: boolean): Format {
  const byExtension = findFormatByExtension(name);
  // Any bytes at all are a raw recording, and only some formats can be told from an empty file.
  if (byExtension?.decode !== undefined && (byExtension.sniff === undefined || head.length === 0)) {
    if (head.length > 0 || byExtension.name === "raw" || byExtension.name.startsWith("ttyrec")) return byExtension;
  }
  const found = FORMATS.find((format) => format.sniff?.(head, stripCodecSuffix(name)));
  if (found !== undefined) return found;
  // Where the beginning is damaged, the name may still tell.
  if (recover && head.length > 0 && byExtension?.decode !== undefined) return byExtension;
  const reason = head.length === 0 ? "it is empty" : "unknown format";
  throw new FormatError(
    "T2A_UNKNOWN_FORMAT",
    `${name === "-" ? "standard input" : name} is not a recording t2a knows: ${reason}`,
    { offset: 0 },
  );
}

/** The source with its first bytes looked at, and decompressed where it is compressed. */
async function unpack(source: Source, { format, follow }: OpenOptions): Promise<{ head: Uint8Array; source: Source }> {
  const name = stripCodecSuffix(source.name);
  // Followed, what is known by its name alone is not waited for: nothing in it would ever tell more.
  const named = follow === undefined ? undefined : findFormatByExtension(name);
  const isTold = format !== undefined || (named?.decode !== undefined && named.sniff === undefined);
  const isKnown = (head: Uint8Array) =>
    !isTold ? FORMATS.some((candidate) => candidate.sniff?.(head, name)) : head.length >= CODEC_BYTES;
  const peeked = await peek(source, (head) => codecOf(head) !== undefined || isKnown(head));
  const codec = codecOf(peeked.head);
  if (codec === undefined) return peeked;
  if (follow !== undefined) throw unfollowable(source, "is compressed");
  const plain = wrapSource(peeked.source, {
    supports: { ...source.supports, ranges: false, follow: false },
    stream: () => decompressed(codec, peeked.source.stream()),
    size: async () => undefined,
  });
  return await peek(plain, isKnown);
}

async function peek(
  source: Source,
  isTelling: (head: Uint8Array) => boolean,
): Promise<{ head: Uint8Array; source: Source }> {
  const iterator = source.stream()[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  let lookAt = 1;
  while (size < HEAD_BYTES && !ended) {
    // A live stream gives little at a time: what is enough to tell the format is not waited beyond. Looking only when a
    // quarter more has come keeps the work linear for a stream of single bytes.
    if (size >= lookAt) {
      if (isTelling(Buffer.concat(chunks))) break;
      lookAt = size * 1.25;
    }
    try {
      const next = await iterator.next();
      if (next.done) ended = true;
      else {
        chunks.push(next.value);
        size += next.value.length;
      }
    } catch (error) {
      if (size === 0) throw error;
      failure = { error }; // damage behind the first bytes: whoever reads on meets it in its place
      ended = true;
    }
  }
  const [first] = chunks;
  const head =
    chunks.length === 1 && first !== undefined
      ? first.subarray(0, HEAD_BYTES)
      : Buffer.concat(chunks).subarray(0, HEAD_BYTES);
  let taken = false;
  return {
    head,
    source: wrapSource(source, {
      stream() {
        if (!taken) {
          taken = true;
          return replay(chunks, iterator, failure, ended);
        }
        return source.stream();
      },
    }),
  };
}

async function* replay(
  chunks: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  failure: { readonly error: unknown } | undefined,
  ended: boolean,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks.splice(0);
    if (failure !== undefined) throw failure.error;
    if (ended) return;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
