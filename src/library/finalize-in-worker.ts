// Finalizing in a thread of its own, so that whoever waits for it can still draw and listen.
import { Worker } from "node:worker_threads";
import { T2aError, UsageError, type Warning } from "../core/index.js";
import type { FinalizeOptions, FinalizeResult } from "./finalize.js";
import type { FinalizeMessage, FinalizeTask, FormTask } from "./finalize-worker.js";

/** How to finalize in a thread. */
export interface WorkerOptions extends FinalizeOptions {
  /** Where the thread's program is: the built finalize-worker.js. */
  readonly program: URL;
}

/** As `finalizeT2r`, in a thread. Errors come as they were thrown, but for their cause. */
export async function finalizeInWorker(path: string, options: WorkerOptions): Promise<FinalizeResult> {
  const { salvage, onProgress } = options;
  const result = await run({ path, salvage }, options, { onProgress });
  if (result === undefined) throw new TypeError("the thread did another work");
  return result;
}

/** How to write a final form in a thread. */
export interface FormWorkerOptions extends Pick<WorkerOptions, "program" | "signal"> {
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}

/** As `writeFinalForm`, in a thread, from a file to another. Errors come as they were thrown, but for their cause. */
export async function writeFinalFormInWorker(task: FormTask, options: FormWorkerOptions): Promise<void> {
  await run(task, options, options);
}

interface Listeners extends Pick<WorkerOptions, "onProgress">, Pick<FormWorkerOptions, "onWarning"> {}

async function run(
  task: FinalizeTask,
  { program, signal }: Pick<WorkerOptions, "program" | "signal">,
  { onProgress, onWarning }: Listeners,
): Promise<FinalizeResult | undefined> {
  const worker = new Worker(program, { workerData: task });
  const stop = () => worker.postMessage("stop");
  signal?.addEventListener("abort", stop);
  try {
    return await new Promise<FinalizeResult | undefined>((resolve, reject) => {
      worker.on("message", (message: FinalizeMessage) => {
        if ("progress" in message) onProgress?.(message.progress);
        else if ("warning" in message) onWarning?.(message.warning);
        else if ("result" in message) resolve(message.result);
        else reject(errorOf(message.error));
      });
      worker.on("error", reject);
      worker.on("exit", () => reject(new Error("the thread ended before its work")));
      if (signal?.aborted) stop();
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function errorOf({ code, message, details }: Extract<FinalizeMessage, { error: unknown }>["error"]): T2aError {
  return code === "T2A_USAGE" ? new UsageError(message, { details }) : new T2aError(code, message, { details });
}
