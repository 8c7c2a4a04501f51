// The program of a thread that analyzes: takes files, one at a time, and tells how far it is and what came of each.
import { parentPort, workerData } from "node:worker_threads";
import { type AnalysisPart, SessionAnalyzer } from "../analyze/index.js";
import { openFileSource } from "../files/index.js";
import { type AnalyzeFileOptions, analyzeFile, type FileResult } from "./analyze-file.js";
import { countedSource } from "./counted-source.js";

/** What a thread is told: a file to analyze now, also while it is at another one. */
export interface AnalyzeTask {
  /** Its number. */
  readonly at: number;
  readonly name: string;
}

/** What it tells. */
export type AnalyzeMessage =
  /** So many bytes more of the file are read. */
  | { readonly bytes: number }
  /** `part` is there also where it has a problem. */
  | (FileResult & { readonly at: number; readonly part: AnalysisPart });

const options: AnalyzeFileOptions = workerData;

parentPort?.on("message", (task: AnalyzeTask) => void take(task));

async function take({ at, name }: AnalyzeTask): Promise<void> {
  const analyzer = new SessionAnalyzer();
  const tell = (message: AnalyzeMessage) => parentPort?.postMessage(message);
  const open = async () => countedSource(await openFileSource(name), (bytes) => tell({ bytes }));
  const result = await analyzeFile(analyzer, open, options);
  tell({ at, ...result, part: analyzer.part() });
}
