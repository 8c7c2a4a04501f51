// Analyzes one file: a recording of any format, or commands as `t2a commands --json` prints them.
import { stat } from "node:fs/promises";
import { getFormat, openRecording } from "../../formats/index.js";
import { type CommandJson, commandsInJson, type SessionAnalyzer } from "../analyze/index.js";
import type { Source } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import { type FileProblem, problemOf } from "./analyze-problem.js";
import { historiesOf } from "./command-histories.js";
import { peekSource } from "./peek-source.js";

/** How a file is analyzed. */
export interface AnalyzeFileOptions {
  /** Only sessions that began at `since` or later, and before `until`: nanoseconds since 1970. Of histories: only such commands. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
  /** Name of a format to read it as. */
  readonly format?: string | undefined;
  /** As of `openRecording`; `timing` is a path. */
  readonly recover?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly timing?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What became of a file. `outside`: it began at another time than was asked for; `undated`: it does not say when it began, and a
 * time was asked for.
 */
export type FileOutcome = "analyzed" | "outside" | "undated";

/** What came of one file. */
export interface FileResult {
  /** Undefined where nothing of it could be read; what came before damage counts. */
  readonly outcome: FileOutcome | undefined;
  readonly problem: FileProblem | undefined;
}

/** Tells what becomes of a file, before all of it is read. */
type Tell = (outcome: FileOutcome) => void;

/**
 * Analyzes one file, which is opened and closed here. What is wrong with it is told in the result.
 * @throws `signal`'s reason, and faults of t2a.
 */
export async function analyzeFile(
  analyzer: Pick<SessionAnalyzer, "recording" | "history">,
  open: () => Promise<Source>,
  options: AnalyzeFileOptions = {},
): Promise<FileResult> {
  let outcome: FileOutcome | undefined;
  const tell: Tell = (told) => {
    outcome = told;
  };
  try {
    const source = await open();
    try {
      const peeked = await peekSource(source);
      const isHistory = options.format === undefined && isArray(peeked.head);
      await (isHistory ? analyzeHistories : analyzeRecording)(analyzer, peeked.source, options, tell);
    } finally {
      await source.close();
    }
    return { outcome, problem: undefined };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { outcome, problem: problemOf(error) };
  }
}

/** Whether a file is one of commands as JSON, by its first bytes; one that cannot be read is not. */
export async function isCommandsFile(path: string): Promise<boolean> {
  // Of a pipe the first bytes can be read only once.
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) return false;
  const source = await openFileSource(path).catch(() => undefined);
  try {
    return source !== undefined && isArray((await peekSource(source)).head);
  } catch {
    return false; // whoever reads it says why
  } finally {
    await source?.close();
  }
}

/** No format of recordings begins so. */
function isArray(head: Uint8Array): boolean {
  return /^(?:\xef\xbb\xbf)?[ \t\r\n]*\[[ \t\r\n]*[{\]]/.test(Buffer.from(head).toString("latin1"));
}

async function analyzeHistories(
  analyzer: Pick<SessionAnalyzer, "history">,
  source: Source,
  options: AnalyzeFileOptions,
  tell: Tell,
): Promise<void> {
  const commands: CommandJson[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const command of commandsInJson(source)) commands.push(command);
  } catch (error) {
    failure = { error };
  }
  const { histories, outside, undated } = historiesOf(source.name, commands, options);
  for (const history of histories) analyzer.history(history);
  if (histories.length > 0) tell("analyzed");
  else if (outside + undated > 0) tell(outside > 0 ? "outside" : "undated");
  if (failure !== undefined) throw failure.error;
  if (commands.length === 0) tell("analyzed");
}

async function analyzeRecording(
  analyzer: Pick<SessionAnalyzer, "recording">,
  source: Source,
  { since, until, format, recover, strict, timing, signal }: AnalyzeFileOptions,
  tell: Tell,
): Promise<void> {
  const timingSource = timing === undefined ? undefined : await openFileSource(timing);
  try {
    const recording = await openRecording(source, {
      ...{ recover, strict, signal, timing: timingSource },
      format: format === undefined ? undefined : getFormat(format),
    });
    try {
      const { startTime } = recording.header;
      if ((since ?? until) !== undefined && startTime === undefined) return tell("undated");
      if (!isWithin(startTime, since, until)) return tell("outside");
      tell("analyzed");
      await analyzer.recording(recording, { name: source.name, signal });
    } finally {
      await recording.close();
    }
  } finally {
    await timingSource?.close();
  }
}

function isWithin(time: bigint | undefined, since: bigint | undefined, until: bigint | undefined): boolean {
  if (time === undefined) return true;
  return (since === undefined || time >= since) && (until === undefined || time < until);
}
