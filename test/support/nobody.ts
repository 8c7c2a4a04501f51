// Starts programs as an ordinary user: the kernel does not hold root to all limits.
import { spawnSync } from "node:child_process";

const UID = 65534;
const SETPRIV = ["--reuid", String(UID), "--regid", String(UID), "--clear-groups", "--inh-caps=-all", "--"];

/** The command line as an ordinary user's; as it is where the tests run as one. */
export function asOrdinaryUser(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  if (process.getuid?.() !== 0) return { file, args };
  return { file: "setpriv", args: [...SETPRIV, file, ...args] };
}

/** Who that is. */
export const ORDINARY_UID = process.getuid?.() === 0 ? UID : (process.getuid?.() ?? -1);

/** Why no ordinary user can be had; undefined where one can. */
export function whyNoOrdinaryUser(): string | undefined {
  const { file, args } = asOrdinaryUser("true", []);
  return spawnSync(file, args, { stdio: "ignore" }).status === 0 ? undefined : "setpriv(1) gives no ordinary user";
}

/** Why resources cannot be limited; undefined where they can. */
export function whyNoPrlimit(): string | undefined {
  if (process.platform !== "linux") return "prlimit(1) is Linux's";
  return spawnSync("prlimit", ["--nofile=100", "true"], { stdio: "ignore" }).status === 0
    ? undefined
    : "prlimit(1) of util-linux is missing";
}
