// One thread of the corpus check: takes jobs, gives findings.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import * as lib from "../../dist/src/index.js";
import { checkConformance } from "./conformance.mjs";
import { checkRecording } from "./recording.mjs";

const folder = mkdtempSync(join(tmpdir(), "t2a-corpus-"));

parentPort.on("message", async (job) => {
  if (job === undefined) {
    rmSync(folder, { recursive: true, force: true });
    parentPort.close();
    return;
  }
  const check = job.conformance === undefined ? checkRecording : checkConformance;
  try {
    parentPort.postMessage(await check(lib, { ...job, folder, options: workerData }));
  } catch (error) {
    parentPort.postMessage({ checks: {}, failure: error.stack });
  }
});
