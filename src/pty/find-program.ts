// Finds the program a command names, as execvp(3) would: node-pty's child fails only after the fork, with status 1 and a
// line on the terminal, which nobody can tell from the program's own failure.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { PtyError } from "../core/index.js";

/** Where execvp looks when PATH is not set. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * The path of an executable file, looked up in `searchPath` where the name has no slash.
 * @throws PtyError `T2A_PTY` where there is none.
 */
export function findProgram(name: string, searchPath: string | undefined, cwd: string): string {
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : (searchPath ?? DEFAULT_PATH).split(delimiter).map((folder) => resolve(cwd, folder, name));
  const found = name === "" ? undefined : candidates.find(isExecutable);
  if (found !== undefined) return found;
  const where = name.includes("/") ? "is no executable file" : "is not found in PATH";
  throw new PtyError("T2A_PTY", `cannot start "${name}": it ${where}`, { details: { file: name } });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run: the next folder of PATH may have it
  }
}
