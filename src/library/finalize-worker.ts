// The program of the thread that finalizes: takes a path, tells how far it is, and in the end what was done or what failed.
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorCode, T2aError } from "../core/index.js";
import { type FinalizeProgress, type FinalizeResult, finalizeT2r } from "./finalize.js";
import type { SalvageTarget } from "./salvage.js";

/** What the thread tells. */
export type FinalizeMessage =
  | { readonly progress: FinalizeProgress }
  | { readonly result: FinalizeResult }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly details: T2aError["details"] } };

/** Often enough for a bar, seldom enough to cost nothing, milliseconds. */
const PROGRESS_MS = 100;

const { path, salvage }: { readonly path: string; readonly salvage?: SalvageTarget } = workerData;
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
  tell({ result: await finalizeT2r(path, { signal: controller.signal, onProgress, salvage }) });
} catch (error) {
  if (!(error instanceof T2aError)) throw error;
  const { code, message, details } = error;
  tell({ error: { code, message, details } });
}
