// The spool: recordings that are not in the store yet, in a folder of this machine. Each has a note beside it, the draft of its
// session; whoever works on it holds the note's lock, which goes with its process.
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { AccessError, StoreError, systemCode } from "../core/index.js";
import {
  bootId,
  type FileLock,
  holdFile,
  isAlive,
  isFileLocked,
  reasonOf,
  replacePrivateFile,
  writeSynced,
} from "../files/index.js";
import { type NewSession, ULID } from "../store/index.js";

/** What a recording is in the spool for. */
export type SpoolPurpose =
  /** It is being recorded, or was. */
  | "recording"
  /** It is made of a file that its owner still has: nothing of it is missed when its maker dies. */
  | "adding";

/** What is noted beside a recording. */
export interface SpoolNote {
  readonly version: 1;
  readonly purpose: SpoolPurpose;
  /** ULID. */
  readonly recordingId: string;
  /** The store that it goes to, as may be shown. */
  readonly store: string;
  /** Who writes it, where there are no locks. */
  readonly pid: number;
  readonly bootId?: string | undefined;
  /** What is known before the recording is. */
  readonly session: NewSession;
  /** The session is kept by a manager: the recording is one of its recordings, and all else of its document is the manager's. */
  readonly isManaged?: boolean | undefined;
}

/** What was changed of a session whose recorder has not come to its end. */
export interface SpoolChange {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** A recording in the spool. */
export interface SpoolEntry {
  readonly note: SpoolNote;
  /** The draft, with what was changed since. */
  readonly session: NewSession;
  /** Of the .t2r. */
  readonly path: string;
  /** Somebody works on it. */
  readonly isHeld: boolean;
  /** Its maker does: it is being recorded, or added. */
  readonly isActive: boolean;
}

/** A note that is held; the recording's own lock is its writer's. */
export interface HeldSpoolEntry {
  readonly note: SpoolNote;
  /** As `SpoolEntry.session`, as it stands now. */
  session(): NewSession;
  readonly path: string;
  /** Of the recording's journal. */
  readonly journalPath: string;
  /** Where what is good of a damaged recording may be written. */
  readonly salvagePath: string;
  /** Removes the recording, then the note. */
  remove(): void;
  /** Leaves both for whoever comes next. Idempotent. */
  release(): void;
}

/** A larger note is none, bytes. */
const MAX_NOTE_BYTES = 1024 * 1024;
const NOTE = /^([0-7][0-9A-HJKMNP-TV-Z]{25})\.json$/;

const RECORDING = /^([0-7][0-9A-HJKMNP-TV-Z]{25})\.t2r$/;

/** What is written under another name first, by the process of that number. */
const LEFTOVER = /^\.?[0-9A-HJKMNP-TV-Z]{26}\.(?:change\.)?([0-9]{1,9})\.(?:note|new)$/;

/** The folder of recordings on their way into a store. */
export class Spool {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where the recording of that id is. */
  recordingPath(recordingId: string): string {
    return join(this.folder, `${recordingId}.t2r`);
  }

  /**
   * Makes the folder where there is none.
   * @throws StoreError `T2A_FILE_IO` where it cannot be written; AccessError `T2A_ACCESS` where it is open to others.
   */
  prepare(): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const { mode, uid } = statSync(this.folder);
      if (process.getuid !== undefined && uid !== process.getuid()) {
        throw new AccessError(
          "T2A_ACCESS",
          `${this.folder} is another user's: name another folder with XDG_DATA_HOME`,
          {
            details: { name: this.folder },
          },
        );
      }
      if ((mode & 0o077) !== 0) chmodSync(this.folder, 0o700); // nobody else is to read what is recorded
    } catch (error) {
      throw error instanceof AccessError ? error : unwritable(this.folder, error);
    }
  }

  /**
   * Writes a note, held from the moment it can be seen.
   * @throws StoreError `T2A_FILE_IO`, AccessError `T2A_ACCESS`.
   */
  begin(note: Omit<SpoolNote, "version" | "pid" | "bootId">): HeldSpoolEntry {
    this.prepare();
    const { recordingId } = note;
    const whole: SpoolNote = { version: 1, pid: process.pid, bootId: bootId(), ...note };
    const temporary = join(this.folder, `.${recordingId}.${process.pid}.note`);
    let lock: FileLock | undefined;
    try {
      writeSynced(temporary, `${JSON.stringify(whole, null, 2)}\n`);
      lock = holdFile(temporary);
      if (note.purpose === "adding") this.#refuseStray(recordingId);
      // A link, unlike a rename, does not take another's place.
      linkSync(temporary, this.#notePath(recordingId));
      return this.#held(whole, lock);
    } catch (error) {
      lock?.release();
      if (systemCode(error) !== "EEXIST") throw error instanceof StoreError ? error : unwritable(this.folder, error);
    } finally {
      rmSync(temporary, { force: true });
    }
    this.#clear(recordingId);
    return this.begin(note);
  }

  /** What is in the spool for that store, or for all, oldest first. What cannot be read is told to `onDamaged`. */
  entries(store?: string, onDamaged?: (path: string) => void): SpoolEntry[] {
    const found: SpoolEntry[] = [];
    for (const id of this.#ids()) {
      const note = this.#read(id);
      if (note === undefined) {
        if (statSync(this.#notePath(id), { throwIfNoEntry: false }) !== undefined) onDamaged?.(this.#notePath(id));
        continue;
      }
      if (store !== undefined && note.store !== store) continue;
      const isHeld = this.#isHeld(note);
      // Who collects is another process than its maker, who has ended by then.
      const isActive = isHeld && (note.pid === process.pid || isAlive(note.pid));
      found.push({ note, session: this.#withChange(note), path: this.recordingPath(id), isHeld, isActive });
    }
    return found;
  }

  /** Ids of the recordings of a session that are here, the oldest first. Quicker than {@link entries}: nobody is asked who works on them. */
  recordingsOf(sessionId: string): string[] {
    return this.#ids().filter((id) => this.#read(id)?.session.id === sessionId);
  }

  /** Paths of recordings beside which there is no note that can be read: nobody moves them, since nobody knows where to. */
  strays(): string[] {
    const ids = this.#names().flatMap((name) => RECORDING.exec(name)?.[1] ?? []);
    const strays = ids.filter((id) => this.#read(id) === undefined).map((id) => this.recordingPath(id));
    // Who moved one since the folder was read has removed the recording first, then the note.
    return strays.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  }

  /** Whether anything is there: quicker than {@link entries}. */
  get isEmpty(): boolean {
    return this.#ids().length === 0;
  }

  /** Takes away what those left who died while they wrote a note. */
  sweep(): void {
    for (const name of this.#names()) {
      const pid = LEFTOVER.exec(name)?.[1];
      if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))) {
        rmSync(join(this.folder, name), { force: true });
      }
    }
  }

  /** Holds the entry against everybody else; undefined where somebody has it, or it is gone. */
  hold(recordingId: string): HeldSpoolEntry | undefined {
    const note = this.#read(recordingId);
    const lock = note && this.#lock(note);
    return note && lock && this.#held(note, lock);
  }

  /** Notes what is to be another in the session, for its recording's end. */
  change(recordingId: string, change: SpoolChange): void {
    try {
      const changed = JSON.stringify({ ...this.#readChange(recordingId), ...change });
      replacePrivateFile(this.#changePath(recordingId), changed);
    } catch (error) {
      throw unwritable(this.folder, error);
    }
  }

  /** Takes away what somebody did not come to the end of adding. @throws StoreError `T2A_FILE_LOCKED` where it is more than that. */
  #clear(recordingId: string): void {
    const held = this.hold(recordingId);
    if (held?.note.purpose === "adding") {
      held.remove();
      return;
    }
    held?.release();
    if (statSync(this.#notePath(recordingId), { throwIfNoEntry: false }) === undefined) return;
    if (held === undefined && this.#removeDamaged(recordingId)) return;
    throw new StoreError("T2A_FILE_LOCKED", `the recording ${recordingId} is on its way into the library already`, {
      details: { id: recordingId },
    });
  }

  /** What is made in adding goes again in the end: it must not take the place of a recording that lost its note. */
  #refuseStray(recordingId: string): void {
    const path = this.recordingPath(recordingId);
    if (!this.strays().includes(path)) return;
    throw new StoreError(
      "T2A_FILE_LOCKED",
      `${path} is a recording of the same id that nothing says the library of: take that in first, t2a library add ${path}`,
      { details: { id: recordingId } },
    );
  }

  /** Takes away a note that cannot be read, and that nobody holds. */
  #removeDamaged(recordingId: string): boolean {
    if (this.#read(recordingId) !== undefined) return false;
    try {
      const lock = holdFile(this.#notePath(recordingId));
      try {
        if (lock.isLocked) rmSync(this.#notePath(recordingId), { force: true });
      } finally {
        lock.release();
      }
      return lock.isLocked;
    } catch (error) {
      if (error instanceof StoreError || systemCode(error) !== undefined) return false; // a folder, say
      throw error;
    }
  }

  #held(note: SpoolNote, lock: FileLock): HeldSpoolEntry {
    const { recordingId } = note;
    const path = this.recordingPath(recordingId);
    const journalPath = `${path}-journal`;
    const salvagePath = join(this.folder, `.${recordingId}.t2r.salvaged`);
    return {
      note,
      path,
      journalPath,
      salvagePath,
      session: () => this.#withChange(note),
      remove: () => {
        const temporary = join(this.folder, `.${recordingId}.t2r.finalizing`);
        const beside = [journalPath, temporary, salvagePath, this.#changePath(recordingId)];
        for (const name of [path, ...beside, this.#notePath(recordingId)]) rmSync(name, { force: true });
        lock.release();
      },
      release: () => lock.release(),
    };
  }

  /** Undefined where somebody has it, or it is gone. */
  #lock({ recordingId, pid, bootId: boot }: SpoolNote): FileLock | undefined {
    let lock: FileLock;
    try {
      lock = holdFile(this.#notePath(recordingId));
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
    // Where nothing can be locked, whoever is alive is taken to be at it.
    if (lock.isLocked || pid === process.pid || (boot !== undefined && boot !== bootId()) || !isAlive(pid)) return lock;
    lock.release();
    return undefined;
  }

  /** Asked without waiting: where many are recorded, most are held. */
  #isHeld({ recordingId, pid, bootId: boot }: SpoolNote): boolean {
    let isLocked: boolean | undefined;
    try {
      isLocked = isFileLocked(this.#notePath(recordingId));
    } catch (error) {
      if (error instanceof StoreError) return true; // it is just being moved, or gone
      throw error;
    }
    return isLocked ?? (pid !== process.pid && (boot === undefined || boot === bootId()) && isAlive(pid));
  }

  #ids(): string[] {
    return this.#names()
      .flatMap((name) => NOTE.exec(name)?.[1] ?? [])
      .sort();
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw new StoreError("T2A_FILE_IO", `cannot read the folder ${this.folder}: ${systemCode(error)}`, {
        cause: error,
        details: { name: this.folder },
      });
    }
  }

  #read(id: string): SpoolNote | undefined {
    const value = readJson(this.#notePath(id));
    if (!isRecord(value) || value.version !== 1 || value.recordingId !== id || !isRecord(value.session))
      return undefined;
    const { purpose, store, pid, session } = value;
    const isWhole =
      (purpose === "recording" || purpose === "adding") &&
      typeof store === "string" &&
      Number.isSafeInteger(pid) &&
      (pid as number) > 0 &&
      typeof session.id === "string" &&
      ULID.test(session.id) &&
      typeof session.name === "string" &&
      typeof session.createdAt === "string" &&
      Array.isArray(session.tags) &&
      Array.isArray(session.recordings) &&
      isRecord(session.config) &&
      isRecord(session.stats) &&
      (value.isManaged === undefined || typeof value.isManaged === "boolean");
    // The rest is looked at when it is saved: nothing unusable gets into a store.
    return isWhole ? (value as unknown as SpoolNote) : undefined;
  }

  #withChange({ session, recordingId }: SpoolNote): NewSession {
    const { name, tags } = this.#readChange(recordingId);
    return { ...session, ...(name === undefined ? {} : { name }), ...(tags === undefined ? {} : { tags: [...tags] }) };
  }

  #readChange(id: string): SpoolChange {
    const value = readJson(this.#changePath(id));
    if (!isRecord(value)) return {};
    const { name, tags } = value;
    const isTags = Array.isArray(tags) && tags.every((tag) => typeof tag === "string");
    return { ...(typeof name === "string" ? { name } : {}), ...(isTags ? { tags: tags as string[] } : {}) };
  }

  #notePath(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  #changePath(id: string): string {
    return join(this.folder, `${id}.change`);
  }
}

function readJson(path: string): unknown {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > MAX_NOTE_BYTES) return undefined;
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // gone, or no note
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unwritable(folder: string, error: unknown): StoreError {
  return new StoreError(
    "T2A_FILE_IO",
    `cannot write the library's folder ${folder}: ${reasonOf(error)}; name another with XDG_DATA_HOME, or a file to record into`,
    { cause: error, details: { name: folder, systemCode: systemCode(error) } },
  );
}
