// What SQLite's codes of errors mean, for the storage and the index alike. https://www.sqlite.org/rescode.html
import { systemCode } from "../core/index.js";

const SYSTEM_CODES: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_(FULL|IOERR_SHMSIZE)/, "ENOSPC"],
  [/^SQLITE_READONLY/, "EROFS"],
  [/^SQLITE_(CANTOPEN|PERM|AUTH)/, "EACCES"],
  [/^SQLITE_IOERR/, "EIO"],
];

/** The system's code that stands behind SQLite's; undefined where none does. */
export function systemCodeBehind(sqliteCode: string): string | undefined {
  return SYSTEM_CODES.find(([pattern]) => pattern.test(sqliteCode))?.[1];
}

/** Whether another process is at it: it may be tried again. */
export function isSqliteBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(systemCode(error) ?? "");
}
