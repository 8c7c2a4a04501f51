// Finalizing from the command line: in a thread with a bar while one waits, or in a process of its own that outlives the
// command.
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { FinalizeResult, SalvageTarget } from "../library/index.js";
import type { CommandContext } from "./context.js";
import { onInterruption } from "./interruption.js";
import { Progress } from "./progress.js";

/** How long the prompt may be held by what goes on without it, milliseconds. */
const PROMPT_MS = 300;

/**
 * Finalizes and waits for it, with a bar where it takes long; `salvage` as in FinalizeOptions. Undefined where a signal ended it: the exit status is set.
 * @throws what finalizing throws.
 */
export async function finalizeNow(
  path: string,
  quiet: boolean,
  context: CommandContext,
  salvage?: SalvageTarget,
): Promise<FinalizeResult | undefined> {
  const { finalizeInWorker } = await import("../library/index.js");
  const progress = new Progress(context, quiet);
  const interruption = onInterruption();
  try {
    return await finalizeInWorker(path, {
      program: new URL("finalize-worker.js", context.io.programs),
      signal: interruption.signal,
      salvage,
      onProgress: ({ done, total }) => progress.update(done, total),
    });
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
    return undefined;
  } finally {
    interruption.release();
    progress.stop();
  }
}

/** Finalizes in a process of its own. Comes back when that is done, or after 0.3 s while it goes on. */
export async function finalizeInBackground(path: string, { io }: CommandContext): Promise<void> {
  const program = fileURLToPath(new URL("../../bin/t2a.js", io.programs));
  const child = spawn(process.execPath, [program, "recover", "--quiet", "--", path], {
    detached: true, // a closed terminal or an interrupted prompt is not meant for it
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve()); // the recording is whole as it is; `t2a recover` can be called at any time
  });
  await Promise.race([ended, setTimeout(PROMPT_MS, undefined, { ref: false })]);
  child.unref();
}
