// The sessions that a command works on: those of the user's daemon, which is started where there is none.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DaemonClient, EnsureDaemonOptions } from "../session/client/index.js";
import type { CommandContext } from "./context.js";

/** How to open them. */
export interface OpenSessionsOptions {
  /** Where there is no daemon, that is an error: SessionError `T2A_DAEMON` at the first thing asked. */
  readonly mustRun?: boolean | undefined;
  /** Milliseconds after which a daemon that says nothing is given up; 60 s by default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Sessions, through the daemon. Nothing is asked yet: the daemon is started by the first thing asked. Whoever calls this closes it.
 * @throws AccessError `T2A_ACCESS` where the runtime folder is another's.
 */
export async function openSessions(
  context: CommandContext,
  { mustRun = false, timeoutMs }: OpenSessionsOptions = {},
): Promise<DaemonClient> {
  const { DaemonClient: Client, prepareRuntimeFolder } = await import("../session/client/index.js");
  const options = await daemonOptions(context);
  const { runtime } = options;
  // A folder of another's making may hold a socket of their making: where there is none, nobody is to make it before a daemon is started,
  // which is told of the environment.
  if (!mustRun || existsSync(runtime.folder)) prepareRuntimeFolder(runtime);
  const start = async () => {
    const { ensureDaemon } = await import("../session/client/index.js");
    await ensureDaemon(options);
  };
  return new Client({ socketPath: runtime.daemonSocket, start: mustRun ? undefined : start, timeoutMs });
}

/** How the daemon of this user is started. */
export async function daemonOptions({ io }: CommandContext): Promise<EnsureDaemonOptions> {
  const { runtimeFolder } = await import("../session/client/index.js");
  return {
    runtime: runtimeFolder(io.env),
    program: fileURLToPath(new URL("daemon.js", io.programs)),
    env: io.env,
  };
}
