// The screen that a session ended with, out of its recordings: the last of them that has anything. One that was never ended is read from
// its beginning, what is good of it; one in its final form from its last keyframe.
import { openT2r } from "../../../formats/index.js";
import { type Batch, FormatError, StoreError } from "../../core/index.js";
import { type FoundRecording, type Library, openPart, sessionParts, storedCommands } from "../../library/index.js";
import type { Session } from "../../store/index.js";
import { SCREEN_ENGINE, Screen, ShellMarkParser } from "../../terminal/index.js";

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

/** Undefined where no recording of the session can be read. @throws errors of the store but those of damage. */
export async function findLastScreen(library: Library, session: Session): Promise<LastScreen | undefined> {
  const problems: string[] = [];
  for (const part of [...(await sessionParts(library, session))].reverse()) {
    try {
      const found = (await byKeyframe(library, part)) ?? (await fromBeginning(library, part));
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

type Shown = Pick<LastScreen, "screen" | "cwd">;

/** Undefined where it has no index. */
async function byKeyframe(library: Library, part: FoundRecording): Promise<Shown | undefined> {
  if (part.blobName === undefined) return undefined;
  const source = await library.open(part);
  try {
    const recording = await openT2r(source);
    if (recording === undefined) return undefined;
    const isOurs = recording.engine === SCREEN_ENGINE;
    const keyframe = isOurs ? await recording.keyframe({ time: recording.duration }) : undefined;
    const screen = keyframe === undefined ? new Screen(recording.header) : Screen.fromState(keyframe.state);
    const follower = new Follower(screen);
    for await (const batch of recording.batchesFrom(keyframe?.events ?? 0)) follower.take(batch);
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

/** Undefined where there is nothing in it. */
async function fromBeginning(library: Library, part: FoundRecording): Promise<Shown | undefined> {
  const recording = await openPart(library, part);
  const screen = new Screen(recording.header);
  const follower = new Follower(screen);
  try {
    for await (const batch of recording.batches) follower.take(batch);
  } finally {
    await recording.close();
  }
  if (follower.isEmpty) {
    screen.dispose();
    return undefined;
  }
  return { screen, cwd: follower.cwd };
}

/** Shows events to a screen, and looks out for the shell's folder. */
class Follower {
  cwd: string | undefined;
  isEmpty = true;
  readonly #screen: Screen;
  readonly #marks = new ShellMarkParser();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  take(batch: Batch): void {
    for (const event of batch) {
      if (event.kind === "resize") this.#screen.resize(event.cols, event.rows);
      if (event.kind !== "output") continue;
      this.isEmpty = false;
      this.#screen.feed(event.data);
      for (const mark of this.#marks.parse(event.data)) if (mark.kind === "cwd") this.cwd = mark.path;
    }
  }
}
