// The program of the thread that finalizes, or writes the final form of another file: takes paths, tells how far it is, and in the
// end what was done or what failed.
import { parentPort, workerData } from "node:worker_threads";
import { getFormat } from "../../formats/index.js";
import { type ErrorCode, T2aError, type Warning } from "../core/index.js";
import { openFileSource, openFileTarget } from "../files/index.js";
import { writeFinalForm } from "./final-form.js";
import { type FinalizeProgress, type FinalizeResult, finalizeT2r } from "./finalize.js";
import type { SalvageTarget } from "./salvage.js";

/** What the thread tells. */
export type FinalizeMessage =
  | { readonly progress: FinalizeProgress }
  | { readonly warning: Warning }
  | { readonly result: FinalizeResult | undefined }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly details: T2aError["details"] } };

/** What the thread is to do. */
export type FinalizeTask =
  | { readonly path: string; readonly salvage?: SalvageTarget | undefined }
  /** Write the final form of a file to another. */
  | FormTask;

/** Files by path, the format by name; see FinalFormOptions. */
export interface FormTask {
  readonly path: string;
  readonly target: string;
  readonly timing: string | undefined;
  readonly format: string | undefined;
  readonly recover: boolean | undefined;
  readonly id: string;
}

/** Often enough for a bar, seldom enough to cost nothing, milliseconds. */
const PROGRESS_MS = 100;

const task: FinalizeTask = workerData;
const controller = new AbortController();
parentPort?.once("message", () => controller.abort()).unref();
const tell = (message: FinalizeMessage) => parentPort?.postMessage(message);

let told = 0;
const onProgress = (progress: FinalizeProgress) => {
  const now = Date.now();
  if (now - told < PROGRESS_MS) return;
  told = now;
  tell({ progress });
};

try {
  if ("target" in task) await writeForm(task);
  const result =
    "target" in task
      ? undefined
      : await finalizeT2r(task.path, { signal: controller.signal, onProgress, salvage: task.salvage });
  tell({ result });
} catch (error) {
  if (!(error instanceof T2aError)) throw error;
  const { code, message, details } = error;
  tell({ error: { code, message, details } });
}

async function writeForm({ path, target, timing: timingPath, format, recover, id }: FormTask): Promise<void> {
  const source = await openFileSource(path);
  const timing = timingPath === undefined ? undefined : await openFileSource(timingPath);
  try {
    await writeFinalForm(source, openFileTarget(target, { overwrite: true }), {
      ...{ id, timing, recover, signal: controller.signal },
      format: format === undefined ? undefined : getFormat(format),
      onWarning: (warning) => tell({ warning }),
    });
  } finally {
    await timing?.close();
    await source.close();
  }
}
