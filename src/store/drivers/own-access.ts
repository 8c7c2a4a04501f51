// Whose a store's folder or file is, and who else may look into it: recordings hold what was on the screen.
import type { Stats } from "node:fs";
import { AccessError } from "../../core/index.js";

/** What others and the group must not be able to do: others anything, the group to change it. */
const OTHERS = 0o007;
const GROUP_WRITE = 0o020;

/**
 * Holds the owner and the permissions of a store's folder or file against who uses it. `what` it is begins the message.
 * @throws AccessError `T2A_ACCESS`; its message says what to run.
 */
export function checkOwnAccess(path: string, what: string, stats: Pick<Stats, "mode" | "uid" | "isDirectory">): void {
  const user = process.geteuid?.();
  if (user === undefined) return; // a system that has no such permissions
  const { mode, uid } = stats;
  const details = { path, mode: mode & 0o777, uid };
  if (uid !== user) {
    throw new AccessError(
      "T2A_ACCESS",
      `${what} ${path} belongs to another user (uid ${uid}): choose your own with --store, or make it yours with chown -R ${user} ${quoted(path)}`,
      { details },
    );
  }
  if ((mode & (OTHERS | GROUP_WRITE)) === 0) return;
  const whom = (mode & OTHERS) === 0 ? "can be changed by its group" : "is open to other users";
  const right = stats.isDirectory() ? "700" : "600";
  throw new AccessError(
    "T2A_ACCESS",
    `${what} ${path} ${whom} (mode ${(mode & 0o777).toString(8).padStart(4, "0")}): close it with chmod ${right} ${quoted(path)}`,
    { details },
  );
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
