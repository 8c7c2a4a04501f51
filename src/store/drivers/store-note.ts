// store.json: that a folder is a store, and of which version. Older versions are brought forward under a lock.
import { constants, lstatSync, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { ulid } from "ulid";
import { StoreError, systemCode } from "../../core/index.js";
import { ioError, syncFolderAside } from "../../files/index.js";
import { IncomingFile } from "./incoming-file.js";
import { waitForFile } from "./lock-stripes.js";
import { newerVersion } from "./newer-version.js";

/** Brings a folder from one version to the next. It may have been begun before and never ended: what is done is done again. */
export type FilesMigration = (folder: string) => Promise<void>;

/** The first brings version 1 to 2, and so on. */
export const FILES_MIGRATIONS: readonly FilesMigration[] = [];

const NAME = "store.json";
const KIND = "t2a-store";
const MAX_BYTES = 64 * 1024;
/** Somebody else may be bringing a great store forward. */
const MIGRATION_PATIENCE_MS = 600_000;

interface StoreNote {
  readonly version: number;
  readonly id: string;
}

/** Whether the folder says that it is a store. @throws StoreError `T2A_FILE_IO`. */
export function hasStoreNote(folder: string): boolean {
  try {
    return lstatSync(join(folder, NAME), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw ioError("open", join(folder, NAME), error);
  }
}

/**
 * Makes the folder a store of the version that `migrations` end at, whatever it was.
 * @throws StoreError `T2A_STORE_VERSION` where it is of a later one, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`, `T2A_STORE_UNAVAILABLE`.
 */
export async function bringForward(folder: string, migrations: readonly FilesMigration[]): Promise<void> {
  const latest = migrations.length + 1;
  if (readNote(folder, latest)?.version === latest) return;
  const lock = await waitForFile(join(folder, "locks", "store"), { patienceMs: MIGRATION_PATIENCE_MS });
  try {
    let note = readNote(folder, latest);
    if (note === undefined) await writeNote(folder, { version: latest, id: ulid() });
    while (note !== undefined && note.version < latest) {
      await migrations[note.version - 1]?.(folder);
      note = { ...note, version: note.version + 1 };
      await writeNote(folder, note);
    }
  } finally {
    lock.release();
  }
}

function readNote(folder: string, latest: number): StoreNote | undefined {
  const path = join(folder, NAME);
  let note: unknown;
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile() || stats.size > MAX_BYTES) throw damaged(path, "it is no small file");
    const flag = constants.O_RDONLY | constants.O_NOFOLLOW;
    note = JSON.parse(readFileSync(path, { encoding: "utf8", flag: flag as unknown as string }));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw systemCode(error) === undefined ? damaged(path, "it is no JSON", error) : ioError("open", path, error);
  }
  const { kind, version, id } = (typeof note === "object" && note !== null ? note : {}) as Record<string, unknown>;
  if (kind !== KIND || typeof id !== "string") throw damaged(path, `its kind is not ${KIND}`);
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    throw damaged(path, "its version is no number from 1 on");
  }
  if (version > latest) throw newerVersion(folder, version, latest);
  return { version, id };
}

async function writeNote(folder: string, { version, id }: StoreNote): Promise<void> {
  const path = join(folder, NAME);
  try {
    const file = new IncomingFile(join(folder, "incoming"));
    try {
      await file.write(Buffer.from(`${JSON.stringify({ kind: KIND, version, id }, null, 2)}\n`));
      await file.finish();
      await rename(file.path, path);
      await syncFolderAside(folder);
      file.close();
    } catch (error) {
      file.discard();
      throw error;
    }
  } catch (error) {
    throw ioError("write", path, error);
  }
}

function damaged(path: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    "T2A_STORE_DAMAGED",
    `${path} is damaged: ${reason}; without that file the folder is taken for a store as this t2a writes it`,
    { cause, details: { path, reason } },
  );
}
