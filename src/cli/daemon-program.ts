// The daemon's program: started in background by the first command that needs it, or by hand in foreground (`t2a daemon start --foreground`).
import { runDaemon } from "../server/index.js";
import { READY_FD_VARIABLE, runtimeFolder } from "../session/client/index.js";
import { createContext } from "./context.js";
import { errorText } from "./error-text.js";
import { processIo } from "./io.js";
import { openLocalSessions } from "./local-sessions.js";

process.title = "t2a daemon";
// Not awaited here: what is imported later may stand in the same bundle, and would wait for this module to be done.
void live();

async function live(): Promise<void> {
  const readyFd = Number(process.env[READY_FD_VARIABLE] ?? Number.NaN);
  delete process.env[READY_FD_VARIABLE]; // what it starts is not it
  const io = processIo();
  const context = createContext(io, () => {});
  try {
    process.exitCode = await runDaemon({
      runtime: runtimeFolder(io.env),
      version: io.version,
      openManager: async (log) => {
        const { "daemon.idle_exit": idleExit } = (await context.settings()).values;
        const opened = await openLocalSessions(context, log);
        return { ...opened, idleExitMs: idleExit === undefined ? undefined : idleExit / 1e6 };
      },
      logLevel: io.env.T2A_DEBUG ? "debug" : "info",
      readyFd: Number.isInteger(readyFd) ? readyFd : undefined,
    });
  } catch (error) {
    process.stderr.write(`t2a: ${errorText(error)}\n`);
    process.exitCode = 1;
  }
  // Whatever still hangs on, a timer or a socket, is not worth a daemon that does not end.
  process.exit();
}
