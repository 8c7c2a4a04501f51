// The program of a thread that analyzes: takes files, one at a time, and tells how far it is and what came of each.
import { parentPort, workerData } from "node:worker_threads";
import { type AnalysisPart, SessionAnalyzer } from "../analyze/index.js";
import { openFileSource } from "../files/index.js";
import { type AnalyzeFileOptions, analyzeFile, type FileOutcome } from "./analyze-file.js";
import { type FileProblem, problemOf } from "./analyze-problem.js";
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
  | {
      readonly at: number;
      readonly outcome: FileOutcome | undefined;
      readonly problem: FileProblem | undefined;
      readonly part: AnalysisPart;
    };

const options: AnalyzeFileOptions = workerData;

parentPort?.on("message", (task: AnalyzeTask) => void take(task));

async function take({ at, name }: AnalyzeTask): Promise<void> {
  const analyzer = new SessionAnalyzer();
  const tell = (message: AnalyzeMessage) => parentPort?.postMessage(message);
  let outcome: FileOutcome | undefined;
  let problem: FileProblem | undefined;
  try {
    const source = countedSource(await openFileSource(name), (bytes) => tell({ bytes }));
    outcome = await analyzeFile(analyzer, source, options);
  } catch (error) {
    problem = problemOf(error);
  }
  tell({ at, outcome, problem, part: analyzer.part() });
}
