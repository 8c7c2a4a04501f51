// Screens and scrollback of what was recorded, read in slices so that live sessions are not kept waiting.
import { setImmediate } from "node:timers/promises";
import { openRecording, openT2r } from "../../../formats/index.js";
import type { Event, Source } from "../../core/index.js";
import { ScreenSeeker } from "../../play/index.js";
import { Screen, type ScreenLine, styledText } from "../../terminal/index.js";
import type { Scrollback } from "../session-manager.js";
import { RecordingTail } from "./recording-tail.js";

/** A slice of work, milliseconds, and what is fed between two looks at the clock, bytes. */
const SLICE_MS = 1;
const PIECE_BYTES = 4 * 1024;

/** Feeds screens with events, and lets others have their turn. */
export class ScreenFeeder {
  #since = performance.now();

  async feed(screen: Screen, events: readonly Event[], signal: AbortSignal | undefined): Promise<void> {
    for (const event of events) {
      if (event.kind === "resize") screen.resize(event.cols, event.rows);
      if (event.kind !== "output") continue;
      for (let at = 0; at < event.data.length; at += PIECE_BYTES) {
        screen.feed(event.data.subarray(at, at + PIECE_BYTES));
        await this.#yield(signal);
      }
    }
    await this.#yield(signal);
  }

  async #yield(signal: AbortSignal | undefined): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    signal?.throwIfAborted();
    await setImmediate();
    this.#since = performance.now();
  }
}

/** The last screen of a recording. Closes the source. @throws what reading it throws. */
export async function lastScreen(source: Source, signal?: AbortSignal): Promise<Screen> {
  try {
    const recording = source.supports.ranges ? await openT2r(source) : undefined;
    if (recording !== undefined) return await new ScreenSeeker(recording).seek(Number.POSITIVE_INFINITY);
    return await replay(source, 0, signal);
  } finally {
    await source.close();
  }
}

/** The rows that scrolled off in a recording that is over, so many at most. Closes the source. */
export async function scrollbackOf(
  source: Source,
  lines: number,
  signal?: AbortSignal,
): Promise<readonly ScreenLine[]> {
  return (await replay(source, lines, signal)).history();
}

/** The rows that scrolled off in a recording under way, as after so many events. */
export async function liveScrollback(
  { path, events }: { readonly path: string; readonly events: number },
  lines: number,
  signal?: AbortSignal,
): Promise<readonly ScreenLine[]> {
  if (events === 0) return [];
  const tail = await RecordingTail.open(path, 0);
  try {
    const screen = new Screen({ ...tail.size, scrollback: lines });
    const feeder = new ScreenFeeder();
    for (let at = 0; at < events; ) {
      const batch = await tail.next(at, events);
      await feeder.feed(screen, batch, signal);
      at += batch.length;
    }
    return screen.history();
  } finally {
    await tail.close();
  }
}

/** Rows as they are told of. */
export async function toScrollback(rows: readonly ScreenLine[]): Promise<Scrollback> {
  const lines: string[] = [];
  const styled: string[] = [];
  let since = performance.now();
  for (const row of rows) {
    lines.push(row.text());
    styled.push(styledText(row));
    if (performance.now() - since < SLICE_MS) continue;
    await setImmediate();
    since = performance.now();
  }
  return { lines, styled };
}

async function replay(source: Source, scrollback: number, signal: AbortSignal | undefined): Promise<Screen> {
  const recording = await openRecording(source, { recover: true, signal });
  try {
    const { cols, rows } = recording.header;
    const screen = new Screen({ cols, rows, scrollback });
    const feeder = new ScreenFeeder();
    for await (const batch of recording.batches) await feeder.feed(screen, batch, signal);
    return screen;
  } finally {
    await recording.close();
  }
}
