// Finalizing in a thread of its own, so that whoever waits for it can still draw and listen.
import { Worker } from "node:worker_threads";
import { T2aError, UsageError } from "../core/index.js";
import type { FinalizeOptions, FinalizeResult } from "./finalize.js";
import type { FinalizeMessage } from "./finalize-worker.js";

/** How to finalize in a thread. */
export interface WorkerOptions extends FinalizeOptions {
  /** Where the thread's program is: the built finalize-worker.js. */
  readonly program: URL;
}

/** As `finalizeT2r`, in a thread. Errors come as they were thrown, but for their cause. */
export async function finalizeInWorker(path: string, options: WorkerOptions): Promise<FinalizeResult> {
  const { program, signal, onProgress, salvage } = options;
  const worker = new Worker(program, { workerData: { path, salvage } });
  const stop = () => worker.postMessage("stop");
  signal?.addEventListener("abort", stop);
  try {
    return await new Promise<FinalizeResult>((resolve, reject) => {
      worker.on("message", (message: FinalizeMessage) => {
        if ("progress" in message) onProgress?.(message.progress);
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
