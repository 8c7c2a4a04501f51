// The user's terminal by way of stty(1), on machines that koffi has no binary for: slow, but modes change rarely.
import { spawnSync } from "node:child_process";

/** Most versions of stty wait until pending output is shown, which on a stalled terminal is for ever. */
const TIMEOUT_MS = 500;
/** What cfmakeraw(3) does; stty's `raw` alone leaves the echo on. */
export const RAW_MODE: readonly string[] = ["raw", "-echo", "-echonl", "-iexten"];

/** Runs stty on a descriptor. Gives what it printed; undefined where it failed or does not exist. */
export function stty(fd: number, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("stty", args, {
    stdio: [fd, "pipe", "ignore"],
    timeout: TIMEOUT_MS,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}
