// A session made anew of its files: its document out of what is good of it and of the recordings, its folder of live data, and a checkpoint
// to resume from. Nothing that is there is lost by it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SessionError, StoreError } from "../../core/index.js";
import { checkStore, type Finding, type Library } from "../../library/index.js";
import { type Session, ULID } from "../../store/index.js";
import { CheckpointFolder } from "../checkpoints/checkpoint-folder.js";
import { findLastScreen } from "./last-screen.js";

/** What was done. */
export interface RecoveredSession {
  readonly session: Session;
  /** What was wrong in the store, and what was done about it. */
  readonly findings: readonly Finding[];
  /** Checkpoints that cannot be read: files, which stay. */
  readonly damagedCheckpoints: readonly string[];
  /** Number of the checkpoint that was made of the recordings, where none could be read. */
  readonly checkpoint: number | undefined;
}

/** Where it is recovered. */
export interface RecoverOptions {
  /** Folder of sessions' data beside the store: `<it>/<session's ULID>/`. */
  readonly liveFolder: string;
  /** Checkpoints before the newest that are kept. */
  readonly backups: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Recovers a session whose terminal is gone. A damaged one is named by its whole id: the library cannot list it.
 * @throws SessionError `T2A_SESSION_NOT_FOUND`, `T2A_SESSION_LIVE`; StoreError of the store; UsageError where it means several.
 */
export async function recoverSession(
  library: Library,
  reference: string,
  { liveFolder, backups, now = Date.now, signal }: RecoverOptions,
): Promise<RecoveredSession> {
  const id = await idOf(library, reference);
  const entries = library.spool.entries(library.location).filter(({ session }) => session.id === id);
  if (entries.some(({ isActive }) => isActive)) {
    const name = entries[0]?.session.name ?? id;
    throw new SessionError("T2A_SESSION_LIVE", `the session ${name} lives: there is nothing to recover`, {
      details: { id },
    });
  }
  const { findings } = await checkStore(library.store, {
    sessionId: id,
    isMending: true,
    allOrphans: true,
    now,
    signal,
  });
  for (const { note } of entries) await library.collect({ recordingId: note.recordingId, signal });
  let session = await library.store.find(id, { signal });
  if (session === undefined) {
    const message = `there is no session ${reference}, and no file of one: t2a library fsck tells what is in the store`;
    throw new SessionError("T2A_SESSION_NOT_FOUND", message, { details: { reference } });
  }
  if (session.status === "active") {
    session = await library.store.update(id, (there) => ({ ...there, status: "interrupted" as const }), { signal });
  }
  const folder = join(liveFolder, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const checkpoints = new CheckpointFolder(join(folder, "checkpoints"));
  const files = await checkpoints.list();
  const damagedCheckpoints = files.filter(({ checkpoint }) => checkpoint === undefined).map(({ path }) => path);
  const isUsable = files.some(({ checkpoint }) => checkpoint !== undefined);
  const checkpoint = isUsable ? undefined : await checkpointOf(library, session, checkpoints, { backups, now });
  return { session, findings, damagedCheckpoints, checkpoint };
}

async function idOf(library: Library, reference: string): Promise<string> {
  try {
    return (await library.resolve(reference)).session.id;
  } catch (error) {
    const isUnknown = error instanceof StoreError && error.code === "T2A_STORE_NOT_FOUND";
    const id = reference.toUpperCase();
    if (isUnknown && ULID.test(id)) return id;
    throw isUnknown ? new SessionError("T2A_SESSION_NOT_FOUND", error.message, { cause: error }) : error;
  }
}

/** As far as the recordings tell; undefined where there are none. */
async function checkpointOf(
  library: Library,
  session: Session,
  folder: CheckpointFolder,
  { backups, now }: { readonly backups: number; readonly now: () => number },
): Promise<number | undefined> {
  const last = await findLastScreen(library, session);
  if (last === undefined) return undefined;
  const { screen, recordingId, cwd } = last;
  const { cols, rows } = screen;
  screen.dispose();
  const stats = session.recordings.find((recording) => recording.id === recordingId)?.stats;
  const events = Object.values(stats?.events ?? {}).reduce((sum, count) => sum + count, 0);
  const checkpoint = await folder.write(
    {
      sessionId: session.id,
      createdAt: new Date(now()).toISOString(),
      reason: "recovered",
      recordingId,
      timeNs: stats?.durationNs ?? 0,
      events,
      cols,
      rows,
      cwd: cwd ?? session.config.cwd,
      env: {},
      state: session.state.session,
    },
    backups,
  );
  return checkpoint.number;
}
