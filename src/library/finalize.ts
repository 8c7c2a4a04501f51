// Finalizing: a recorded .t2r is written anew with large blocks, packed as small as can be, and with keyframes; then the new
// file takes the place of the old one. Nothing is lost whenever it ends: until the rename the old file is as it was.
import { rmSync, statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  getFormat,
  journalName,
  type OpenT2r,
  openT2r,
  type Problem,
  type Verdict,
  verifyT2r,
} from "../../formats/index.js";
import { FormatError, type Source, StoreError } from "../core/index.js";
import { type FileLock, holdFile, openFileSource, openFileTarget } from "../files/index.js";
import { isFinalForm, writeFinalForm } from "./final-form.js";
import { type Salvage, type SalvageTarget, salvageT2r } from "./salvage.js";

/** How far it is: bytes of output. */
export interface FinalizeProgress {
  readonly done: number;
  readonly total: number;
}

/** How to finalize. */
export interface FinalizeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FinalizeProgress) => void) | undefined;
  /** Where what is good of a damaged file goes. Absent: a damaged file is refused. */
  readonly salvage?: SalvageTarget | undefined;
}

/** Disk left free while the old file and the new one are there, in bytes. */
const SPARE_BYTES = 1024 * 1024;

/** What was done. Sizes are bytes, the duration nanoseconds. */
export interface FinalizeResult {
  /**
   * `finalized`: the new file is in place. `nothing-to-do`: it was finalized before, and is whole. `no-room`: the disk has
   * not room for both; the recording stays as it is, whole. `salvaged`: it is damaged and stays as it is; `salvage` says
   * what is good, and where.
   */
  readonly outcome: "finalized" | "nothing-to-do" | "no-room" | "salvaged";
  /** The recorder had died: the end was written now. */
  readonly wasUnfinished: boolean;
  readonly events: number;
  readonly outputBytes: number;
  readonly durationNanos: number;
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  readonly keyframes: number;
  /** Keyframes that did not stand the proof. */
  readonly droppedKeyframes: number;
  readonly salvage?: Salvage & { readonly damage: Problem };
}

/**
 * Finalizes the .t2r of that name, and ends one whose recorder died. Holds the file's lock meanwhile. Memory stays flat.
 * @throws StoreError `T2A_FILE_LOCKED` while another process has it, `details.holder` says `recorder` or `finalizer`;
 * `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`; FormatError `T2A_FORMAT_DAMAGED` for a file that is not what was recorded, which is left as it is.
 */
export async function finalizeT2r(path: string, options: FinalizeOptions = {}): Promise<FinalizeResult> {
  const lock = hold(path);
  try {
    const source = await openFileSource(path);
    try {
      return await finalizeHeld(path, source, options);
    } finally {
      await source.close();
    }
  } finally {
    lock.release();
  }
}

/** Whether somebody finalizes the .t2r of that name just now: it will be free again before long. */
export async function isBeingFinalized(path: string): Promise<boolean> {
  if (!isHeld(path) || isBeingRecorded(path)) return false;
  const source = await openFileSource(path);
  try {
    return getFormat("t2r").sniff?.(await source.readRange(0, HEAD_BYTES), path) === true;
  } finally {
    await source.close();
  }
}

/** Of a file, enough to know it by, in bytes. */
const HEAD_BYTES = 64;

/** Whether somebody records into the .t2r of that name just now: a recorder holds its journal as well as the file, a finalizer only the file. */
export function isBeingRecorded(path: string): boolean {
  return isHeld(join(dirname(path), journalName(basename(path))));
}

function hold(path: string): FileLock {
  try {
    return holdFile(path);
  } catch (error) {
    if (!isLocked(error)) throw error;
    const isRecorded = isBeingRecorded(path);
    const message = isRecorded
      ? `${path} is being recorded: it is finished when its recorder ends`
      : `${path} is being finished by another process`;
    throw new StoreError("T2A_FILE_LOCKED", message, {
      details: { name: path, holder: isRecorded ? "recorder" : "finalizer" },
    });
  }
}

function isHeld(path: string): boolean {
  try {
    holdFile(path).release();
    return false;
  } catch (error) {
    return isLocked(error); // it is not there, or not ours to look at
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof StoreError && error.code === "T2A_FILE_LOCKED";
}

async function finalizeHeld(path: string, source: Source, options: FinalizeOptions): Promise<FinalizeResult> {
  const sizeBefore = (await source.size()) ?? 0;
  const before = await openT2r(source);
  const verdict = await verifyT2r(source);
  if (!verdict.recognized) throw new FormatError("T2A_UNKNOWN_FORMAT", `${path} is no .t2r file`);
  const [damage] = verdict.problems;
  if (damage !== undefined) return await salvageHeld(path, source, damage, sizeBefore, options);
  if (isFinalForm(before)) {
    return { ...totals(before), outcome: "nothing-to-do", wasUnfinished: false, sizeBefore, sizeAfter: sizeBefore };
  }
  const wasUnfinished = verdict.state === "unfinished";
  if (!hasRoom(path, sizeBefore)) {
    const { events, outputBytes } = allOf(verdict);
    const durationNanos = (verdict.journal ?? verdict).duration;
    const kept = { events, outputBytes, durationNanos, keyframes: 0, droppedKeyframes: 0 };
    return { ...kept, outcome: "no-room", wasUnfinished, sizeBefore, sizeAfter: sizeBefore };
  }
  await rewrite(path, source, { ...options, total: allOf(verdict).outputBytes });
  if (wasUnfinished) rmSync(join(dirname(path), journalName(basename(path))), { force: true });
  const after = await openFileSource(path);
  try {
    const sizeAfter = (await after.size()) ?? 0;
    return { ...totals(await openT2r(after)), outcome: "finalized", wasUnfinished, sizeBefore, sizeAfter };
  } finally {
    await after.close();
  }
}

/** What is in blocks and in the journal. */
function allOf({ events, outputBytes, journal }: Verdict): { readonly events: number; readonly outputBytes: number } {
  return { events: events + (journal?.events ?? 0), outputBytes: outputBytes + (journal?.outputBytes ?? 0) };
}

function totals(open: OpenT2r | undefined) {
  const { events, outputBytes = 0, duration: durationNanos = 0, keyframes } = open?.index ?? {};
  return {
    events: Object.values(events ?? {}).reduce((sum, count) => sum + count, 0),
    outputBytes,
    durationNanos,
    keyframes: keyframes?.entries.length ?? 0,
    droppedKeyframes: keyframes?.dropped ?? 0,
  };
}

async function salvageHeld(
  path: string,
  source: Source,
  damage: Problem,
  sizeBefore: number,
  { salvage: target, signal, onProgress }: FinalizeOptions,
): Promise<FinalizeResult> {
  const { reason, offset } = damage;
  if (target === undefined) {
    throw new FormatError("T2A_FORMAT_DAMAGED", `${path} is damaged: ${reason} at byte ${offset}`, { offset });
  }
  const salvage = await salvageT2r(source, target, {
    signal,
    onProgress: (done) => onProgress?.({ done, total: sizeBefore }),
  });
  const { events, outputBytes, durationNanos, size: sizeAfter } = salvage;
  const result = { outcome: "salvaged", wasUnfinished: false, events, outputBytes, durationNanos } as const;
  return { ...result, sizeBefore, sizeAfter, keyframes: 0, droppedKeyframes: 0, salvage: { ...salvage, damage } };
}

/** The new file is smaller than the old one in all but strange cases; what others may need meanwhile is left to them. */
function hasRoom(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize > bytes * 1.1 + SPARE_BYTES;
}

interface RewriteOptions extends FinalizeOptions {
  /** Bytes of output. */
  readonly total: number;
}

async function rewrite(path: string, source: Source, { signal, onProgress, total }: RewriteOptions): Promise<void> {
  const target = openFileTarget(path, { overwrite: true, temporaryName: `.${basename(path)}.finalizing` });
  await writeFinalForm(source, target, {
    format: getFormat("t2r"),
    signal,
    onProgress: (done) => onProgress?.({ done, total }),
  });
}
