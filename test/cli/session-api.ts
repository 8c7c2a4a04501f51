// The command line before a daemon's API over sessions in memory, in whose terminals what is typed is shown.
import { mkdirSync } from "node:fs";
import { startApi } from "../server/api-server.js";
import { type CliOptions, type CliResult, runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

/** Serves until the end of the test; `t2a` runs commands before it. */
export async function sessionApi() {
  const path = tempDir();
  mkdirSync(path("r/t2a"), { recursive: true, mode: 0o700 });
  const socketPath = path("r/t2a/daemon.sock");
  const api = await startApi({ socketPath });
  const env = { XDG_RUNTIME_DIR: path("r"), XDG_DATA_HOME: path("d"), XDG_CONFIG_HOME: path("c") };
  const t2a = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
    runCli(["session", ...args], { ...options, env: { ...env, ...options.env } });
  return { ...api, env, t2a };
}
