// Transforms: pure maps over a recording, synchronous per batch. They never read ahead and never hold events back.
// Cutting is in cut.ts.
import { type Batch, type EventKind, retimed } from "./event.js";
import type { Header } from "./header.js";
import type { Recording } from "./recording.js";

/** One step over a recording's batches. Owned by one run: a transform has state and is used once. */
export interface Transform {
  header?(header: Header): Header;
  batch(batch: Batch): Batch;
  /** What is left to say when the recording has ended; not asked for where `done` ended it. */
  end?(): Batch;
  /** Set when no further batch can yield anything, so that the rest need not be read. */
  readonly done?: boolean;
}

/** The recording as it is after the transforms, in their order. Closing it closes the original. */
export function applyTransforms(recording: Recording, transforms: readonly Transform[]): Recording {
  if (transforms.length === 0) return recording;
  const header = transforms.reduce((current, transform) => transform.header?.(current) ?? current, recording.header);
  return {
    header,
    format: recording.format,
    batches: transformBatches(recording, transforms),
    close: () => recording.close(),
  };
}

async function* transformBatches(recording: Recording, transforms: readonly Transform[]): AsyncGenerator<Batch> {
  for await (const batch of recording.batches) {
    let current = batch;
    for (const transform of transforms) current = transform.batch(current);
    if (current.length > 0) yield current;
    if (transforms.some((transform) => transform.done)) return;
  }
  for (const [index, transform] of transforms.entries()) {
    const last = transforms.slice(index + 1).reduce((batch, next) => next.batch(batch), transform.end?.() ?? []);
    if (last.length > 0) yield last;
  }
}

/** Pauses between events (also before the first) become at most `limit` nanoseconds. */
export function limitIdle(limit: number): Transform {
  let previous = 0;
  let removed = 0;
  return {
    header: ({ duration: _, ...header }) => header,
    batch: (batch) =>
      batch.map((event) => {
        removed += Math.max(0, event.time - previous - limit);
        previous = event.time;
        return retimed(event, event.time - removed);
      }),
  };
}

/** Time runs `factor` times as fast: 2 halves every time. Absolute times are rounded, so errors never add up. */
export function changeSpeed(factor: number): Transform {
  if (!(factor > 0)) throw new TypeError("a speed must be greater than 0");
  const scale = (time: number) => Math.round(time / factor);
  return {
    header: (header) => (header.duration === undefined ? header : { ...header, duration: scale(header.duration) }),
    batch: (batch) => batch.map((event) => retimed(event, scale(event.time))),
  };
}

/** Every event `offset` nanoseconds later. */
export function shift(offset: number): Transform {
  if (offset < 0) throw new TypeError("events cannot be moved before the start: use cut");
  return { batch: (batch) => batch.map((event) => retimed(event, event.time + offset)) };
}

/** Only events of the given kinds. */
export function filterKinds(kinds: readonly EventKind[]): Transform {
  const kept = new Set(kinds);
  return { batch: (batch) => batch.filter((event) => kept.has(event.kind)) };
}

/**
 * Joins recordings one after another: a resize event where the size differs, times continue. The first one's header
 * stands. Each is opened only when the one before has ended.
 */
export async function concat(opens: readonly (() => Promise<Recording>)[]): Promise<Recording> {
  const [openFirst, ...openOthers] = opens;
  if (openFirst === undefined) throw new TypeError("concat needs at least one recording");
  let current = await openFirst();
  const { duration: _, ...header } = current.header;
  async function* batches(): AsyncGenerator<Batch> {
    let offset = 0;
    let last = 0;
    let size = { cols: header.cols, rows: header.rows };
    for (const openNext of [undefined, ...openOthers]) {
      if (openNext !== undefined) {
        await current.close();
        current = await openNext();
        offset = last;
        const { cols, rows } = current.header;
        if (cols !== size.cols || rows !== size.rows) yield [{ kind: "resize", time: offset, cols, rows }];
        size = { cols, rows };
      }
      for await (const batch of current.batches) {
        for (const event of batch) if (event.kind === "resize") size = { cols: event.cols, rows: event.rows };
        last = offset + (batch.at(-1)?.time ?? 0);
        yield offset === 0 ? batch : batch.map((event) => retimed(event, event.time + offset));
      }
    }
  }
  return { header, format: current.format, batches: batches(), close: () => current.close() };
}
