// Writing a recording: a format's encoder or its own writer over a target, and the loop that moves a recording there.
import {
  type AppendState,
  type EncodeOptions,
  type Format,
  type LossTable,
  type Recording,
  T2aError,
  type Target,
  type Writer,
} from "../src/core/index.js";
import { checkAborted } from "./damage.js";

/**
 * The writer of a format over a target.
 * @throws T2aError `T2A_FORMAT_UNSUPPORTED` where the format is read-only or cannot be appended to.
 */
export async function createWriter(
  format: Format,
  target: Target,
  options: EncodeOptions = {},
  append?: AppendState,
): Promise<Writer> {
  if (append !== undefined && !format.supports.append) {
    throw new T2aError(
      "T2A_FORMAT_UNSUPPORTED",
      `${format.name} cannot be appended to: record into a new file and join them with t2a cat`,
    );
  }
  // What is continued is visible while it is written, too.
  if ((options.live === true || append !== undefined) && format.createLiveWriter) {
    return format.createLiveWriter(target, options, append);
  }
  if (format.createWriter !== undefined) return format.createWriter(target, options, append);
  if (format.createEncoder === undefined) {
    throw new T2aError("T2A_FORMAT_UNSUPPORTED", `${format.name} can be read but not written`);
  }
  const encoder = await format.createEncoder(options, append);
  const section = encoder.section?.bind(encoder);
  const put = (bytes: Uint8Array) => (bytes.length > 0 ? target.write(bytes) : undefined);
  return {
    losses: encoder.losses,
    header: (header) => put(encoder.header(header)),
    events: (batch) => put(encoder.events(batch)),
    ...(section === undefined ? {} : { section: (name: string, bytes: Uint8Array) => put(section(name, bytes)) }),
    end: () => put(encoder.end()),
    ...(target.sync === undefined ? {} : { sync: () => target.sync?.() ?? Promise.resolve() }),
  };
}

/** What was written. */
export interface CopyResult {
  readonly events: number;
  /** Time of the last event, nanoseconds. */
  readonly durationNanos: number;
  readonly losses: LossTable;
  /** The losses in words, empty where there are none. */
  readonly lossText: string;
}

/** How to copy. */
export interface CopyOptions extends EncodeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sections to write behind the events; left out where the format has no place for them. */
  readonly sections?: AsyncIterable<readonly [string, Uint8Array]> | undefined;
}

/** Writes a whole recording and commits the target; a failure leaves nothing behind. Closes the recording. */
export async function copyRecording(
  recording: Recording,
  format: Format,
  target: Target,
  options: CopyOptions = {},
): Promise<CopyResult> {
  let events = 0;
  let durationNanos = 0;
  try {
    const writer = await createWriter(format, target, options);
    await writer.header(recording.header);
    for await (const batch of recording.batches) {
      checkAborted(options);
      // Most targets are done when write returns: an await that is not needed would cost a turn for every batch.
      const pending = writer.events(batch);
      if (pending !== undefined) await pending;
      events += batch.length;
      durationNanos = batch.at(-1)?.time ?? durationNanos;
    }
    if (options.sections !== undefined && writer.section !== undefined) {
      for await (const [name, bytes] of options.sections) await writer.section(name, bytes);
    }
    await writer.end();
    await target.commit();
    return { events, durationNanos, losses: writer.losses.table(), lossText: writer.losses.describe() };
  } catch (error) {
    await target.abort();
    throw error;
  } finally {
    await recording.close();
  }
}

/** Writes bytes and commits the target; a failure leaves nothing behind. */
export async function copyBytes(
  chunks: AsyncIterable<Uint8Array>,
  target: Target,
  options: Pick<CopyOptions, "signal"> = {},
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      checkAborted(options);
      await target.write(chunk);
    }
    await target.commit();
  } catch (error) {
    await target.abort();
    throw error;
  }
}
