// The screen that a session ended with, out of its recordings: the last of them that has anything. One that was never ended is read from
// the screen that was saved of it, else from its beginning, what is good of it; one in its final form from its last keyframe.
import { statSync } from "node:fs";
import { openT2r } from "../../../formats/index.js";
import { type Batch, FormatError, StoreError } from "../../core/index.js";
import { openFileSource } from "../../files/index.js";
import { type FoundRecording, type Library, openPart, sessionParts, storedCommands } from "../../library/index.js";
import type { Session } from "../../store/index.js";
import { SCREEN_ENGINE, Screen, ShellMarkParser } from "../../terminal/index.js";
import { ScreenFeeder } from "../manager/past-screen.js";
import type { SavedScreen } from "../manager/screen-cache.js";

/** What a session ended with. */
export interface LastScreen {
  /** Whoever is given it disposes of it. */
  readonly screen: Screen;
  readonly recordingId: string;
  /** The folder that the shell told last; undefined where that is not known. */
  readonly cwd: string | undefined;
  /** Recordings behind it that could not be read, and why. */
  readonly problems: readonly string[];
}

/** How to find it. */
export interface LastScreenOptions {
  /** A screen that was saved while the recording was made. */
  readonly findSaved?: ((recordingId: string) => SavedScreen | undefined) | undefined;
}

/** A recording that is read while it is finished, or moved into the store, is looked for again, so often at most. */
const MAX_MOVES = 5;

/**
 * Undefined where no recording of the session can be read. Recordings that are on their way into the store are read where they are: nobody
 * waits for that.
 * @throws errors of the store but those of damage.
 */
export async function findLastScreen(
  library: Library,
  session: Session,
  options: LastScreenOptions = {},
): Promise<LastScreen | undefined> {
  for (let moves = 0; ; moves++) {
    try {
      return await findIn(library, (await library.store.find(session.id)) ?? session, options);
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
      if (moves === MAX_MOVES) throw error.reason;
    }
  }
}

async function findIn(library: Library, session: Session, options: LastScreenOptions): Promise<LastScreen | undefined> {
  const problems: string[] = [];
  for (const part of [...(await sessionParts(library, session))].reverse()) {
    try {
      const found = (await byKeyframe(library, part)) ?? (await fromBeginning(library, part, options));
      if (found !== undefined) return { ...found, recordingId: part.recordingId, problems };
      problems.push(`nothing is in the recording ${part.recordingId}`);
    } catch (error) {
      const isGone =
        error instanceof FormatError || (error instanceof StoreError && error.code === "T2A_FILE_NOT_FOUND");
      if (!isGone && !(error instanceof StoreError && error.code === "T2A_STORE_NOT_FOUND")) throw error;
      problems.push(`the recording ${part.recordingId} cannot be read: ${error.message}`);
    }
  }
  return undefined;
}

/** What was read was not all of it: the file is another by now, or elsewhere. */
class Moved extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the recording was moved");
    this.reason = reason;
  }
}

type Shown = Pick<LastScreen, "screen" | "cwd">;

/** Undefined where it has no index. */
async function byKeyframe(library: Library, part: FoundRecording): Promise<Shown | undefined> {
  if (part.path !== undefined && inodeOf(part.path) === undefined) return undefined;
  const source = part.path === undefined ? await library.open(part) : await openFileSource(part.path);
  try {
    const recording = await openT2r(source);
    if (recording === undefined) return undefined;
    const isOurs = recording.engine === SCREEN_ENGINE;
    const keyframe = isOurs ? await recording.keyframe({ time: recording.duration }) : undefined;
    const screen = keyframe === undefined ? new Screen(recording.header) : Screen.fromState(keyframe.state);
    const follower = new Follower(screen);
    for await (const batch of recording.batchesFrom(keyframe?.events ?? 0)) await follower.take(batch);
    if (follower.cwd !== undefined) return { screen, cwd: follower.cwd };
    const commands = await storedCommands(recording);
    return { screen, cwd: commands?.findLast(({ cwd }) => cwd !== undefined)?.cwd };
  } catch (error) {
    if (error instanceof FormatError) return undefined; // what is good of it is read from its beginning
    throw error;
  } finally {
    await source.close();
  }
}

/** From the screen that was saved of it, where there is one. Undefined where there is nothing in it. */
async function fromBeginning(
  library: Library,
  part: FoundRecording,
  { findSaved }: LastScreenOptions,
): Promise<Shown | undefined> {
  const { path } = part;
  const inode = path === undefined ? undefined : inodeOf(path);
  const isMoved = () => path !== undefined && (inode === undefined || inodeOf(path) !== inode);
  try {
    const recording = await openPart(library, part);
    const saved = path === undefined ? undefined : restored(findSaved?.(part.recordingId));
    const follower = new Follower(saved?.screen ?? new Screen(recording.header));
    try {
      let skipped = saved?.events ?? 0;
      follower.isEmpty = skipped === 0;
      for await (const batch of recording.batches) {
        if (skipped < batch.length) await follower.take(batch.slice(skipped));
        skipped = Math.max(0, skipped - batch.length);
      }
    } finally {
      await recording.close();
    }
    // Its end may have been in a journal that was gone by then.
    if (isMoved()) throw new Moved(undefined);
    const { screen, cwd, isEmpty } = follower;
    if (!isEmpty) return { screen, cwd };
    screen.dispose();
    return undefined;
  } catch (error) {
    if (error instanceof Moved || !isMoved()) throw error;
    throw new Moved(error);
  }
}

/** A help only: without it the recording is read from its beginning. */
function restored(saved: SavedScreen | undefined): { readonly screen: Screen; readonly events: number } | undefined {
  try {
    return saved && { screen: Screen.fromState(saved.state), events: saved.events };
  } catch {
    return undefined; // of another version
  }
}

/** Undefined where there is no such file. */
function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Shows events to a screen, and looks out for the shell's folder. */
class Follower {
  cwd: string | undefined;
  isEmpty = true;
  readonly screen: Screen;
  readonly #marks = new ShellMarkParser();
  readonly #feeder = new ScreenFeeder();

  constructor(screen: Screen) {
    this.screen = screen;
  }

  async take(batch: Batch): Promise<void> {
    for (const event of batch) {
      if (event.kind !== "output") continue;
      this.isEmpty = false;
      for (const mark of this.#marks.parse(event.data)) if (mark.kind === "cwd") this.cwd = mark.path;
    }
    await this.#feeder.feed(this.screen, batch, undefined);
  }
}
