// Joining a recording that is still being written: the screen as it stands, then what happens from now on.
import type { Batch, Event, Recording, ScreenFold } from "../core/index.js";
import { settledOrAborted } from "./interruptible.js";

/** Home, and everything erased: what stood on the terminal is no part of the screen that comes. */
const CLEAR = Buffer.from("\x1b[H\x1b[2J");

/**
 * The recording from its live end. What comes before `live` is aborted is folded into one opening event; what comes after it
 * is due as soon as it is there, so all times are 0. Closing it closes the original.
 */
export function joinLive(recording: Recording, live: AbortSignal, fold: ScreenFold): Recording {
  const { duration: _, ...header } = recording.header;
  return { ...recording, header, batches: liveBatches(recording, live, fold) };
}

async function* liveBatches({ header, batches }: Recording, live: AbortSignal, fold: ScreenFold) {
  const iterator = batches[Symbol.asyncIterator]();
  let next = iterator.next();
  let { cols, rows } = header;
  fold.start(cols, rows);
  for (let past = await batchBefore(live, next); past !== undefined; past = await batchBefore(live, next)) {
    for (const event of past) {
      if (event.kind === "resize") ({ cols, rows } = event);
      if (event.kind === "output" || event.kind === "resize") fold.feed(event);
    }
    next = iterator.next();
  }
  const opening: Batch = [
    { kind: "resize", time: 0, cols, rows },
    { kind: "output", time: 0, data: Buffer.concat([CLEAR, fold.dump()]) },
  ];
  yield opening;
  for (let result = await next; !result.done; result = await iterator.next()) yield result.value.map(atOnce);
}

/** A batch of the past; undefined where there is none: what `next` then gives, an end or damage included, is live. */
async function batchBefore(live: AbortSignal, next: Promise<IteratorResult<Batch>>): Promise<Batch | undefined> {
  try {
    await settledOrAborted(next, live);
    if (live.aborted) return undefined;
    const result = await next;
    return result.done ? undefined : result.value;
  } catch {
    return undefined; // told by `next`, behind what there was to show
  }
}

function atOnce(event: Event): Event {
  return { ...event, time: 0 };
}
