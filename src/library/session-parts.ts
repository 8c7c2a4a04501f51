// The recordings of a session in their order, and read as one: a session that was resumed goes on in a further recording.
import { openRecording } from "../../formats/index.js";
import {
  type Batch,
  customEvent,
  type Event,
  type Header,
  MAX_LEAP_NANOS,
  type Recording,
  retimed,
  type Source,
  wrapSource,
} from "../core/index.js";
import { openFileSource } from "../files/index.js";
import type { Session } from "../store/index.js";
import type { FoundRecording, Library } from "./library.js";

/** Says how a recording ended that another one of its session goes on behind. */
export const EARLIER_EXIT_CODE = "t2a.exit";

/** The recordings of a session in the order they were made in: those in the store, then those in the spool, the one being made last. */
export async function sessionParts(library: Library, { id }: Session): Promise<readonly FoundRecording[]> {
  const entries = library.spool.isEmpty ? [] : library.spool.entries(library.location);
  // Read behind the spool: who moves a recording saves the session before the spool is cleared, so one of the two has it.
  const session = await library.store.get(id);
  const stored = session.recordings.map((recording) => library.find({ session, spooled: undefined }, recording.id));
  const known = new Set(stored.map(({ recordingId }) => recordingId));
  const spooled = entries
    .filter((entry) => entry.session.id === id && !known.has(entry.note.recordingId))
    .filter(({ note: { purpose } }) => purpose === "recording")
    .map(({ note: { recordingId }, path, isActive }) => ({
      session,
      recordingId,
      path,
      blobName: undefined,
      isActive,
    }));
  return [...stored, ...spooled];
}

/** Opens one of them; what is good of it, where it was never ended. Whoever calls this closes it. */
export async function openPart(library: Library, part: FoundRecording): Promise<Recording> {
  const source = part.path === undefined ? await library.open(part) : await openFileSource(part.path);
  // A recording that is being made, or was left by who made it, has no end.
  return await openRecording(source, part.blobName === undefined ? { recover: true } : {});
}

/** Opens a recording, from its beginning. */
export type OpenPart = () => Promise<Recording>;

/**
 * Several recordings as one: their times go on as the wall clock did between them, and stand still where it did not. A size that
 * changed from one to the next is a resize; that one ended is a custom event `t2a.exit`, unless it is the last. Each is opened when
 * it is its turn, and closed.
 * @throws what opening the first throws; while it is read, what the others do.
 */
export async function openSessionRecording(parts: readonly OpenPart[]): Promise<Recording> {
  const [openFirst, ...rest] = parts;
  if (openFirst === undefined) throw new TypeError("a session without recordings cannot be read");
  const first = await openFirst();
  let current: Recording | undefined = first;
  const batches = async function* (): AsyncGenerator<Batch> {
    let size = { cols: first.header.cols, rows: first.header.rows };
    let last = 0;
    let base = 0;
    for (const [at, open] of [async () => first, ...rest].entries()) {
      const recording: Recording = at === 0 ? first : await open();
      current = recording;
      if (at > 0) {
        base = last + gapBetween(first.header, recording.header, last);
        if (recording.header.cols !== size.cols || recording.header.rows !== size.rows) {
          yield [{ kind: "resize", time: base, cols: recording.header.cols, rows: recording.header.rows }];
          size = { cols: recording.header.cols, rows: recording.header.rows };
        }
      }
      for await (const batch of recording.batches) {
        const moved = batch.map((event) => {
          if (event.kind === "resize") size = { cols: event.cols, rows: event.rows };
          return at < rest.length ? withoutExit(retimed(event, base + event.time)) : retimed(event, base + event.time);
        });
        last = moved.at(-1)?.time ?? last;
        yield moved;
      }
      await recording.close();
      current = undefined;
    }
  };
  const { duration, ...header } = first.header;
  return {
    header,
    format: first.format,
    batches: closing(batches(), async () => await current?.close()),
    close: async () => await current?.close(),
  };
}

/** The bytes of several recordings as those of one, in the format `.t2r`: for whoever reads bytes. Can be streamed again. */
export async function sessionSource(name: string, parts: readonly OpenPart[]): Promise<Source> {
  const { getFormat } = await import("../../formats/index.js");
  const { openStreamSource } = await import("../files/index.js");
  const format = getFormat("t2r");
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    const recording = await openSessionRecording(parts);
    try {
      const encoder = await format.createEncoder?.({});
      if (encoder === undefined) throw new TypeError(`${format.name} cannot be written as a stream`);
      yield Uint8Array.from(encoder.header(recording.header));
      for await (const batch of recording.batches) yield Uint8Array.from(encoder.events(batch));
      yield Uint8Array.from(encoder.end());
    } finally {
      await recording.close();
    }
  };
  return wrapSource(openStreamSource(name, stream()), {
    supports: { restart: true, ranges: false, siblings: false, follow: false },
    stream,
  });
}

/** Nanoseconds from the last event of what came before (at `last`) to a recording's start, by the wall clock. */
function gapBetween({ startTime: first }: Header, { startTime: next }: Header, last: number): number {
  if (first === undefined || next === undefined) return 0;
  const start = next - first;
  const gap = start - BigInt(last);
  if (gap <= 0n) return 0;
  return gap > BigInt(MAX_LEAP_NANOS) ? MAX_LEAP_NANOS : Number(gap);
}

function withoutExit(event: Event): Event {
  return event.kind === "exit" ? customEvent(event.time, EARLIER_EXIT_CODE, { status: event.status }) : event;
}

async function* closing<T>(items: AsyncIterable<T>, close: () => Promise<void>): AsyncGenerator<T> {
  try {
    yield* items;
  } finally {
    await close();
  }
}
