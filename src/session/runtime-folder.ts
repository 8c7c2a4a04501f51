// Where a user's daemon and holders meet: sockets and locks in a folder that nobody else may enter, gone with a reboot.
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessError, StoreError, systemCode } from "../core/index.js";
import { holderPaths } from "./holder/holder-paths.js";

/** Paths in the runtime folder. */
export interface RuntimeFolder {
  readonly folder: string;
  /** Where the daemon listens, and the lock that it holds while it lives. */
  readonly daemonSocket: string;
  readonly daemonLock: string;
  /** The daemon's log, JSON lines. */
  readonly daemonLog: string;
  /** A socket and a lock for each holder: `<id>.sock`, `<id>.lock`. */
  readonly holders: string;
  /** Screens as they stood of late: a help for a daemon that starts anew. */
  readonly screens: string;
}

/** Paths in the folder `t2a` of XDG_RUNTIME_DIR, else in one of the user's own in the system's temporary folder. Makes nothing. */
export function runtimeFolder(env: Readonly<Record<string, string | undefined>>): RuntimeFolder {
  const base = env.XDG_RUNTIME_DIR;
  const folder = base?.startsWith("/")
    ? join(base, "t2a")
    : join(env.TMPDIR || tmpdir(), `t2a-${process.getuid?.() ?? "user"}`);
  return {
    folder,
    daemonSocket: join(folder, "daemon.sock"),
    daemonLock: join(folder, "daemon.lock"),
    daemonLog: join(folder, "daemon.log"),
    holders: join(folder, "holders"),
    screens: join(folder, "screens"),
  };
}

/**
 * Makes the folders where there are none.
 * @throws AccessError `T2A_ACCESS` where the folder is another user's or a link; SessionError `T2A_HOLDER` where its path is too long for sockets: the
 *   system would cut it off, and the socket stand anywhere; StoreError `T2A_FILE_IO`.
 */
export function prepareRuntimeFolder({ folder, holders, screens }: RuntimeFolder): void {
  holderPaths(holders, "0".repeat(12)); // no other path of a socket is longer
  for (const path of [folder, holders, screens]) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const stat = lstatSync(path);
      if (!stat.isDirectory() || (process.getuid !== undefined && stat.uid !== process.getuid())) {
        throw new AccessError("T2A_ACCESS", `${path} is not a folder of yours: set XDG_RUNTIME_DIR to one that is`, {
          details: { name: path },
        });
      }
      if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
    } catch (error) {
      if (error instanceof AccessError) throw error;
      throw new StoreError("T2A_FILE_IO", `${path} cannot be made: ${systemCode(error) ?? "unknown"}`, {
        cause: error,
      });
    }
  }
}
