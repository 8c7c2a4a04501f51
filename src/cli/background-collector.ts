// Moving recordings from the spool into the store in a process of its own that outlives the command.
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CommandContext } from "./context.js";
import type { StoreOption } from "./store-option.js";

/** How long the prompt may be held by what goes on without it, milliseconds. */
const PROMPT_MS = 300;

/** Collects in a process of its own. Comes back when that is done, or after 0.3 s while it goes on. */
export async function collectInBackground({ store }: StoreOption, { io }: CommandContext): Promise<void> {
  const program = fileURLToPath(new URL("../../bin/t2a.js", io.programs));
  const child = spawn(process.execPath, [program, "library", "collect", "--quiet"], {
    detached: true, // a closed terminal or an interrupted prompt is not meant for it
    stdio: "ignore",
    // Not as an argument: a store's URL may hold a password, and arguments are everybody's to see.
    env: { ...io.env, ...(store === undefined ? {} : { T2A_STORE: store }) },
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve()); // the recording is whole as it is; the next command of the library tries again
  });
  await Promise.race([ended, setTimeout(PROMPT_MS, undefined, { ref: false })]);
  child.unref();
}
