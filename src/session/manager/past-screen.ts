// Screens and scrollback of what was recorded, read in slices so that live sessions are not kept waiting.
import { setImmediate } from "node:timers/promises";
import { openRecording, openT2r } from "../../../formats/index.js";
import { type Event, FormatError, type SeekableRecording, type Source } from "../../core/index.js";
import { ScreenSeeker } from "../../play/index.js";
import { SCREEN_ENGINE, Screen, type ScreenLine, styledText } from "../../terminal/index.js";
import type { Scrollback } from "../session-manager.js";
import { RecordingTail } from "./recording-tail.js";

/** A slice of work, milliseconds, and what is fed between two looks at the clock, bytes. */
const SLICE_MS = 1;
const PIECE_BYTES = 1024;

/** Keyframes that scrollback is looked for behind at first, and how many times as many when that was not enough. */
const KEYFRAMES = 4;
const MORE = 4;

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
  try {
    const recording = source.supports.ranges ? await openT2r(source) : undefined;
    const rows = recording && (await behindKeyframes(recording, lines, signal));
    if (rows !== undefined) {
      await source.close();
      return rows;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) {
      await source.close();
      throw error;
    }
    // what is good of it is read from its beginning
  }
  return (await replay(source, lines, signal)).history();
}

/** From so late a keyframe on that there are as many rows as are wanted; undefined where there is none. */
async function behindKeyframes(
  recording: SeekableRecording,
  lines: number,
  signal: AbortSignal | undefined,
): Promise<readonly ScreenLine[] | undefined> {
  if (recording.engine !== SCREEN_ENGINE) return undefined;
  let keyframe = await recording.keyframe({ time: recording.duration });
  for (let steps = KEYFRAMES; ; steps *= MORE) {
    for (let step = 0; step < steps; step++) {
      if (keyframe === undefined || keyframe.events === 0) return undefined;
      keyframe = await recording.keyframe({ events: keyframe.events - 1 });
    }
    if (keyframe === undefined) return undefined;
    const screen = Screen.fromState(keyframe.state, { scrollback: lines });
    const feeder = new ScreenFeeder();
    for await (const batch of recording.batchesFrom(keyframe.events)) await feeder.feed(screen, batch, signal);
    const rows = screen.history();
    screen.dispose();
    if (rows.length >= lines) return rows;
  }
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
