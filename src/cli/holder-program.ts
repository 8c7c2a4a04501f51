// The program of a holder: keeps terminals alive until the last of them ends. Started by a daemon, which it outlives.
// Arguments: the folder of holders, its id, t2a's version, and how long it waits without a session (milliseconds).
import { closeSync, writeSync } from "node:fs";
import { Holder, READY, READY_FD } from "../session/holding.js";

const [folder = "", id = "", version = "", idleMs = ""] = process.argv.slice(2);
const log = (text: string): void => void process.stderr.write(`${new Date().toISOString()} ${text}\n`);

// The terminal, or the daemon's service, that all began in is nothing to it.
process.on("SIGHUP", () => {});
process.on("SIGINT", () => {});
process.on("SIGPIPE", () => {});
// What one session does wrong must not end the others.
process.on("uncaughtException", (error) => log(`unexpected: ${error.stack ?? error.message}`));
process.on("unhandledRejection", (error) => log(`unexpected: ${error instanceof Error ? error.stack : String(error)}`));

// Not awaited here: what is loaded later imports from this module's bundle, and would wait for its end.
void run();

async function run(): Promise<void> {
  try {
    const holder = await Holder.open({
      folder,
      id,
      version,
      log,
      ...(idleMs === "" ? {} : { idleMs: Number(idleMs) }),
    });
    process.on("SIGTERM", () => void holder.end());
    tell(READY);
    await holder.over;
    process.exit(0);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** To whoever started it, who may be gone. */
function tell(text: string): void {
  try {
    writeSync(READY_FD, text);
    closeSync(READY_FD);
  } catch {
    log(text);
  }
}
