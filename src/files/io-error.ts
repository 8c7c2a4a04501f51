// One place that turns a failed system call into a T2aError with a message a user can act on.
import { type ErrorCode, StoreError, systemCode } from "../core/index.js";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "the file is busy",
  ECANCELED: "its reader takes nothing any more",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would become too large",
  EIO: "the device reports an input/output error",
  EISDIR: "it is a directory",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a folder",
  EPERM: "not permitted",
  EPIPE: "the reader is gone",
  EROFS: "the file system is read-only",
};

/** What a failed system call means, in words. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return REASONS[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** A StoreError `cannot <doing> <name>: <reason>`, with the system's code in `details.systemCode`. */
export function ioError(doing: string, name: string, error: unknown, code: ErrorCode = "T2A_FILE_IO"): StoreError {
  const system = systemCode(error);
  return new StoreError(
    system === "ENOENT" && doing === "read" ? "T2A_FILE_NOT_FOUND" : code,
    `cannot ${doing} ${name}: ${reasonOf(error)}`,
    {
      details: { name, ...(system === undefined ? {} : { systemCode: system }) },
      cause: error,
    },
  );
}
