// t2a compare: what is different between two recordings.
import { once } from "node:events";
import { type Command, Option } from "commander";
import type { ComparedRecording, Comparison } from "../../analyze/index.js";
import { type Position, parsePosition, systemCode, T2aError, UsageError } from "../../core/index.js";
import type { ComparedNames } from "../comparison-text.js";
import { type CommandContext, safeJson } from "../context.js";
import { errorText } from "../error-text.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { openOutput } from "../output.js";
import { positionReader } from "../positions.js";
import { countingSource, Progress } from "../progress.js";

type Ignorable = "output" | "screens";

interface CompareOptions extends InputOptions {
  readonly at?: readonly Position[];
  readonly ignore?: readonly Ignorable[];
  readonly durations?: boolean;
  readonly format: "text" | "json" | "html";
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerCompare(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("compare")
      .summary("say what is different between two recordings")
      .description(
        "Compares two recordings: which commands were run in both, how they ended, what they printed, and the\n" +
          "screens at the end, cell by cell; how long each took stands beside it. Where shells have not marked the\n" +
          "commands in both, all text that was shown counts in their place. What one of the two does not tell,\n" +
          "a status or a duration, is no difference: a recording is the same as itself in another format.",
      )
      .argument("<a>", "file, URL or -")
      .argument("<b>", "file, URL or -"),
  )
    .option(
      "--at <position>",
      "compare the screens at this moment and not at the end: 12.5, 1:02:03 or 40%; again for more",
      (text: string, before: readonly Position[] = []) => [...before, parsePosition(text)],
    )
    .option(
      "--durations",
      "durations count: those that differ by more than a quarter of the longer one and 0.2 s; of commands, or of all where commands do not count",
    )
    .addOption(
      new Option("--ignore <what>", "output (what was printed) or screens does not count; again for both").argParser(
        (text: string, before: readonly Ignorable[] = []) => [...before, parseIgnorable(text)],
      ),
    )
    .addOption(
      new Option("--format <format>", "text, json or html (a page of its own, without scripts)")
        .choices(["text", "json", "html"])
        .default("text"),
    )
    .option("--json", "the same as --format json")
    .option("-o, --output <file>", "write it there instead of to standard output")
    .option("--overwrite", "replace that file")
    .option("-q, --quiet", "say nothing: the exit status tells")
    .addHelpText(
      "after",
      `
Exit status: 0 where the recordings are the same, 1 where they are different, 2 where something went wrong.

Examples:
  t2a compare before.t2r after.t2r
  t2a compare --at 50% --at 100% --ignore output demo.cast demo.ttyrec
  t2a compare --durations --format html -o report.html monday.t2r friday.t2r`,
    )
    .action(async (a: string, b: string, { json, ...options }: CompareOptions & { readonly json?: boolean }) => {
      await compare([a, b], json === true ? { ...options, format: "json" } : options, context);
    });
}

function parseIgnorable(text: string): Ignorable {
  if (text === "output" || text === "screens") return text;
  throw new UsageError(`cannot ignore "${text}": output or screens`);
}

async function compare(
  files: readonly [string, string],
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  try {
    if (files[0] === "-" && files[1] === "-") throw new UsageError("standard input can be one of the two, not both");
    context.exit((await compareFiles(files, options, context)) ? 0 : 1);
  } catch (error) {
    // A reader that has all it wanted is no trouble; usage errors have this status anyway.
    if (error instanceof UsageError || isBrokenPipe(error)) throw error;
    const { visibleText } = await import("../../terminal/index.js");
    context.warn(visibleText(errorText(error).replaceAll("\n", " ")));
    context.exit(2);
  }
}

function isBrokenPipe(error: unknown): boolean {
  return systemCode(error) === "EPIPE" || (error instanceof T2aError && error.details.systemCode === "EPIPE");
}

/** Gives whether they are the same. */
async function compareFiles(
  files: readonly [string, string],
  options: CompareOptions,
  context: CommandContext,
): Promise<boolean> {
  const ignored = new Set(options.ignore);
  const a = await read(files[0], options, context);
  const b = await read(files[1], options, context);
  const { compareRecordings } = await import("../../analyze/index.js");
  const comparison = compareRecordings(
    a.recording,
    b.recording,
    a.moments.map((time, n) => ({ a: time, b: b.moments[n] ?? time })),
    { durations: options.durations, output: !ignored.has("output"), screens: !ignored.has("screens") },
  );
  if (options.quiet !== true || options.output !== undefined) {
    const names = { a: nameOf(files[0], a.recording), b: nameOf(files[1], b.recording) };
    await write(comparison, names, { a: a.recording, b: b.recording }, options, context);
  }
  return comparison.isSame;
}

function nameOf(name: string, { cols, rows, duration, commands }: ComparedRecording) {
  return { name, cols, rows, duration, commands: commands.length };
}

/** A file's mistakes are told with its name. */
async function read(file: string, options: CompareOptions, context: CommandContext) {
  const { readCompared } = await import("../../analyze/index.js");
  const warnings = new WarningList();
  const progress = new Progress(context, options.quiet === true);
  const positions = options.at ?? [];
  try {
    const nanos = await positionReader(file, positions, options, context);
    const moments = options.ignore?.includes("screens") ? [] : positions.length === 0 ? [END] : positions.map(nanos);
    const source = countingSource(await openSource(file, context), progress);
    const recording = await openInput(file, options, context, { source, onWarning: warnings.add });
    try {
      return { recording: await readCompared(recording, { moments }), moments };
    } finally {
      await recording.close();
    }
  } catch (error) {
    if (error instanceof T2aError && !error.message.includes(file)) error.message = `${file}: ${error.message}`;
    throw error;
  } finally {
    progress.stop();
    if (options.quiet !== true) await warnings.tell(context);
  }
}

/** Behind all events. */
const END = Number.POSITIVE_INFINITY;

async function write(
  comparison: Comparison,
  names: ComparedNames,
  recordings: { readonly a: ComparedRecording; readonly b: ComparedRecording },
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const { stdout, env } = context.io;
  const toTerminal = options.output === undefined && stdout.isTTY === true && !env.NO_COLOR;
  const pieces = await piecesOf(comparison, names, recordings, options.format, toTerminal);
  if (options.output === undefined) {
    for (const piece of pieces) if (!stdout.write(piece)) await once(stdout, "drain");
    return;
  }
  const target = await openOutput(options.output, options.overwrite === true, context);
  try {
    for (const piece of pieces) await target.write(Buffer.from(piece));
    await target.commit();
  } catch (error) {
    await target.abort();
    throw error;
  }
}

async function piecesOf(
  comparison: Comparison,
  names: ComparedNames,
  recordings: { readonly a: ComparedRecording; readonly b: ComparedRecording },
  format: CompareOptions["format"],
  hasColour: boolean,
): Promise<Iterable<string>> {
  if (format === "html") {
    const { comparisonHtml } = await import("../comparison-html.js");
    return comparisonHtml(comparison, names, recordings);
  }
  if (format === "json") {
    const { comparisonJson } = await import("../comparison-json.js");
    return [`${safeJson(comparisonJson(comparison, names), 2)}\n`];
  }
  const { comparisonLines } = await import("../comparison-text.js");
  return withLineEnds(comparisonLines(comparison, names, hasColour));
}

function* withLineEnds(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
