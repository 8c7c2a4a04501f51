// Analyzing what a command line names.
import type { Analysis } from "../analyze/index.js";
import type { CommandContext } from "./context.js";
import { errorText } from "./error-text.js";
import { type InputOptions, openSource } from "./input.js";
import { Progress } from "./progress.js";
import { findStoredSource } from "./references.js";
import { findTargets, realName } from "./targets.js";

/** What is analyzed of the targets. */
export interface AnalysisOptions extends InputOptions {
  /** Nanoseconds since 1970; `until` is the first moment that is not wanted. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
  readonly quiet?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Analyzes them. What cannot be read is told of on standard error as well as in the result. */
export async function analyzeTargets(
  targets: readonly string[],
  options: AnalysisOptions,
  context: CommandContext,
): Promise<Analysis> {
  const { analyzeFiles, isCommandsFile, isCommandsName } = await import("../library/index.js");
  const { isUrl } = await import("../files/index.js");
  const { isoTime } = await import("../analyze/index.js");
  const { visibleText } = await import("../terminal/index.js");
  const { since, until, quiet, inputFormat, recover, strict, timing, signal } = options;
  const problems: Analysis["files"]["problems"][number][] = [];
  const isFile = (name: string) => name !== "-" && !isUrl(name) && findStoredSource(name, context) === undefined;
  const histories = new Map<string, string>();
  const recordings: string[] = [];
  for (const target of targets) {
    if (isFile(target) ? await isCommandsFile(target) : isCommandsName(target))
      histories.set(await realName(target), target);
    else recordings.push(target);
  }
  const found = await findTargets(recordings, options, context, (name, error) => problems.push(problemOf(name, error)));
  const progress = new Progress(context, quiet === true);
  try {
    const { analyzer, files } = await analyzeFiles([...found.map(({ name }) => name), ...histories.values()], {
      ...{ since, until, format: inputFormat, recover, strict, timing, signal },
      program: new URL("analyze-worker.js", context.io.programs),
      open: (name) => openSource(name, context),
      isFile,
      onProgress: (bytes, total) => progress.update(bytes, total),
    });
    progress.stop();
    problems.push(...files.problems);
    for (const { name, message } of problems)
      context.warn(visibleText(message.includes(name) ? message : `${name}: ${message}`));
    return {
      version: 1,
      createdAt: new Date().toISOString(),
      targets,
      since: isoTime(since, 0),
      until: isoTime(until, 0),
      files: { ...files, problems },
      ...analyzer.report(),
    };
  } finally {
    progress.stop();
  }
}

function problemOf(name: string, error: unknown): Analysis["files"]["problems"][number] {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
  return { name, code, message: errorText(error) };
}
