// The daemon's log: JSON lines in one file that stays small. No names of sessions, nothing typed, nothing shown, no environment.
import { closeSync, constants, copyFileSync, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { type Logger, pino, stdSerializers } from "pino";
import { T2aError } from "../core/index.js";
import { ioError } from "../files/index.js";

/** Where to say what happened. */
export type DaemonLog = Pick<Logger, "debug" | "info" | "warn" | "error" | "fatal">;

/** A log in a file. Whoever opened it closes it. */
export interface LogFile {
  readonly log: DaemonLog;
  close(): void;
}

/** Bytes after which the log begins anew: what was is kept once, as `daemon.log.1`. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Opens the log, for nobody else to read. @throws StoreError `T2A_FILE_IO`. */
export function openLog(
  path: string,
  { level = "info", maxBytes = MAX_BYTES }: { readonly level?: "debug" | "info"; readonly maxBytes?: number } = {},
): LogFile {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  let fd: number;
  let size: number;
  try {
    fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    fchmodSync(fd, 0o600);
    size = fstatSync(fd).size;
  } catch (error) {
    throw ioError("write", path, error);
  }
  const begin = () => {
    // Copied, and not renamed: standard error of this process goes on into the same file.
    copyFileSync(path, `${path}.1`);
    ftruncateSync(fd);
    size = 0;
  };
  const write = (line: string) => {
    try {
      if (size > maxBytes) begin();
      size += writeSync(fd, line);
    } catch {
      // a full disk ends no daemon
    }
  };
  if (size > maxBytes) write("");
  return {
    log: pino(
      {
        level,
        base: { pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: errorLine },
      },
      { write },
    ),
    close: () => closeSync(fd),
  };
}

/** Errors of t2a by their code; details may name what is the user's. */
function errorLine(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error).slice(0, 1000);
  if (error instanceof T2aError) return { type: error.name, code: error.code, message: error.message.slice(0, 1000) };
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message: message.slice(0, 1000), stack: stack?.slice(0, 4000) };
}
