// A process that passes a session on, and is killed at a step of it: arguments are the folder, what it does, the step.
import { join } from "node:path";
import { AgentKeeper } from "../../../src/session/index.js";
import { openTestLibrary, TestTerminals } from "./test-terminals.js";

const [folder = "", what = "", step = ""] = process.argv.slice(2);
const library = await openTestLibrary(folder);
const keeper = new AgentKeeper({
  library,
  terminals: new TestTerminals(library, folder),
  ordersFolder: join(folder, "orders"),
  env: { PATH: process.env.PATH ?? "" },
  onStep: (reached) => {
    if (reached === step) process.kill(process.pid, "SIGKILL");
  },
});
await keeper.open();
if (what === "spawn") await keeper.spawnAgentSession("new", "", {}, { parent: "old" });
else await keeper.handoff("old", "new", { isLive: what === "live" });
await keeper.close();
