// A client that attaches to a session and leaves it again, until it is killed: arguments: runtime folder, session. Says when it has begun.
import { DaemonClient, runtimeFolder } from "../dist/src/session/client/index.js";

const [folder, id] = process.argv.slice(2);
/** Ten times a second, which no people do. */
const GAP_MS = 100;
const client = new DaemonClient({ socketPath: runtimeFolder({ XDG_RUNTIME_DIR: folder }).daemonSocket });
for (let count = 0; ; count++) {
  const attachment = await client.attach(id, { cols: 80, rows: 24 });
  await attachment.messages[Symbol.asyncIterator]().next();
  await attachment.detach();
  if (count === 0) console.log("attached");
  await new Promise((resolve) => setTimeout(resolve, GAP_MS));
}
