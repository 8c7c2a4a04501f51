// What a holder has in the runtime folder: its socket, the lock that says that it lives, its log, and a note for each session, which
// tells whoever finds the holder dead what may be left of it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SessionError, systemCode } from "../../core/index.js";

/** Of one holder. */
export interface HolderPaths {
  readonly id: string;
  readonly socket: string;
  readonly lock: string;
  readonly log: string;
}

/** A session that a holder holds, or held when it died. */
export interface HeldNote {
  readonly sessionId: string;
  readonly recordingId: string;
  /** Of the command, which leads a process group and a session of the system of that number. */
  readonly pid: number;
  /** When it was started, in the clock ticks of the system since its boot; 0 where that is not known. */
  readonly startTicks: number;
  readonly bootId?: string | undefined;
}

/** What a path of a socket may have, bytes: the least of all systems (sun_path of macOS, with its final zero). */
const MAX_SOCKET_BYTES = 103;
const LOCK = /^([0-9a-f]{12})\.lock$/;
/** A larger note is none, bytes. */
const MAX_NOTE_BYTES = 4096;

/** @throws SessionError `T2A_HOLDER` where the folder's path is too long for a socket. */
export function holderPaths(folder: string, id: string): HolderPaths {
  const socket = join(folder, `${id}.sock`);
  if (Buffer.byteLength(socket) > MAX_SOCKET_BYTES) {
    throw new SessionError(
      "T2A_HOLDER",
      `${folder} is too long for sockets: set XDG_RUNTIME_DIR to a folder of a shorter name`,
      { details: { folder } },
    );
  }
  return { id, socket, lock: join(folder, `${id}.lock`), log: join(folder, `${id}.log`) };
}

/** Ids of holders that live or have died, by their locks. */
export function holderIds(folder: string): string[] {
  return namesIn(folder).flatMap((name) => LOCK.exec(name)?.[1] ?? []);
}

/** Notes a session of a holder. */
export function writeHeldNote(folder: string, id: string, number: number, note: HeldNote): void {
  writeFileSync(notePath(folder, id, number), JSON.stringify(note), { mode: 0o600 });
}

/** The session is over. */
export function removeHeldNote(folder: string, id: string, number: number): void {
  rmSync(notePath(folder, id, number), { force: true });
}

/** Sessions that a holder had when it died. */
export function heldNotes(folder: string, id: string): HeldNote[] {
  return noteNames(folder, id).flatMap((name) => readNote(join(folder, name)) ?? []);
}

/** Removes everything of a holder that is dead, its lock last: by that it is found. */
export function removeHolder(folder: string, id: string): void {
  const { socket, lock, log } = holderPaths(folder, id);
  for (const name of noteNames(folder, id)) rmSync(join(folder, name), { force: true });
  for (const path of [socket, `${socket}.new`, log, lock]) rmSync(path, { force: true });
}

function notePath(folder: string, id: string, number: number): string {
  return join(folder, `${id}.${number}.json`);
}

function noteNames(folder: string, id: string): string[] {
  return namesIn(folder).filter((name) => name.startsWith(`${id}.`) && name.endsWith(".json"));
}

function readNote(path: string): HeldNote | undefined {
  try {
    const text = readFileSync(path, "utf8");
    if (text.length > MAX_NOTE_BYTES) return undefined;
    const { sessionId, recordingId, pid, startTicks, bootId } = JSON.parse(text);
    const isWhole =
      typeof sessionId === "string" &&
      typeof recordingId === "string" &&
      Number.isSafeInteger(pid) &&
      pid > 1 &&
      Number.isSafeInteger(startTicks);
    return isWhole
      ? { sessionId, recordingId, pid, startTicks, ...(typeof bootId === "string" && { bootId }) }
      : undefined;
  } catch {
    return undefined; // gone, or not written to its end
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw new SessionError("T2A_HOLDER", `cannot read the folder ${folder}: ${systemCode(error)}`, { cause: error });
  }
}
