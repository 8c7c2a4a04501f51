// A daemon whose sessions have no terminals, as a program: tests of the daemon's life start it in place of the real one.
import { join } from "node:path";
import { runDaemon } from "../../src/server/index.js";
import { READY_FD_VARIABLE, runtimeFolder } from "../../src/session/client/index.js";
import { MemorySessions } from "./memory-sessions.js";

const { env } = process;
const runtime = runtimeFolder(env);
const readyFd = env[READY_FD_VARIABLE];
if (env.TEST_DAEMON_SILENT) await new Promise(() => setInterval(() => {}, 1000));
try {
  process.exitCode = await runDaemon({
    runtime,
    version: env.TEST_DAEMON_VERSION ?? "0.1.0",
    openManager: async () => {
      if (env.TEST_DAEMON_FAILS) throw new TypeError("not today");
      const idleExitMs = env.TEST_DAEMON_IDLE_MS === undefined ? undefined : Number(env.TEST_DAEMON_IDLE_MS);
      const manager = new MemorySessions(join(runtime.folder, "sessions.json"), env.TEST_DAEMON_VERSION);
      return { manager, store: "file:///of/the/test", idleExitMs };
    },
    readyFd: readyFd === undefined ? undefined : Number(readyFd),
  });
} catch {
  process.exitCode = 1;
}
process.exit();
