// t2a compare: what is different between two recordings.
import { once } from "node:events";
import { type Command, Option } from "commander";
import type { ComparedRecording, Comparison } from "../../analyze/index.js";
import {
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type Position,
  parsePosition,
  type Recording,
  systemCode,
  T2aError,
  UsageError,
} from "../../core/index.js";
import type { ComparedNames } from "../comparison-text.js";
import { type CommandContext, safeJson } from "../context.js";
import { errorText } from "../error-text.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { openOutput } from "../output.js";
import { positionReader } from "../positions.js";
import { countingSource, Progress } from "../progress.js";
import { recordingArgument } from "../references.js";

type Ignorable = "output" | "screens";

interface CompareOptions extends InputOptions {
  readonly at?: readonly Position[];
  readonly ignore?: readonly Ignorable[];
  readonly durations?: boolean;
  readonly format?: "text" | "json" | "html";
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
        "Compares two recordings: which commands were run in both, how they ended, what they printed, and the " +
          "screens at the end, cell by cell; how long each took stands beside it. Where shells have not marked the " +
          "commands in both, all text that was shown counts in their place. What one of the two does not tell, " +
          "a status or a duration, is no difference: a recording is the same as itself in another format.",
      )
      .addArgument(recordingArgument("<a>", "file, session of the library, URL or -"))
      .addArgument(recordingArgument("<b>", "the same")),
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
      new Option(
        "--format <format>",
        "text, json or html (a page of its own, without scripts); by default what the output's name says, else text",
      ).choices(["text", "json", "html"]),
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
  t2a compare --durations -o report.html monday.t2r friday.t2r`,
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
    await compareFiles(files, options, context);
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
): Promise<void> {
  const ignored = new Set(options.ignore);
  const inputs: ComparedInput[] = [];
  try {
    for (const file of files) inputs.push(await openCompared(file, options, context));
    const [a, b] = await readBoth(inputs as [ComparedInput, ComparedInput]);
    const { compareRecordings } = await import("../../analyze/index.js");
    const comparison = compareRecordings(a, b, momentsOf(inputs), {
      durations: options.durations,
      output: !ignored.has("output"),
      screens: !ignored.has("screens"),
    });
    // Before anything is written: the reader may go away.
    context.exit(comparison.isSame ? 0 : 1);
    if (options.quiet !== true || options.output !== undefined) {
      const names = { a: nameOf(files[0], a), b: nameOf(files[1], b) };
      await write(comparison, names, { a, b }, options, context);
    }
  } finally {
    for (const input of inputs) await input.close();
  }
}

function nameOf(name: string, { cols, rows, duration, commands }: ComparedRecording) {
  return { name, cols, rows, duration, commands: commands.length };
}

/** A recording that is open to be compared. */
interface ComparedInput {
  readonly file: string;
  readonly recording: Recording;
  /** When its screen is looked at, nanoseconds. */
  readonly moments: readonly number[];
  /** All of it is read: no more progress. */
  done(): void;
  close(): Promise<void>;
}

async function openCompared(file: string, options: CompareOptions, context: CommandContext): Promise<ComparedInput> {
  const warnings = new WarningList();
  const progress = new Progress(context, options.quiet === true);
  const positions = options.at ?? [];
  return await naming(file, async () => {
    const nanos = await positionReader(file, positions, options, context);
    const moments = options.ignore?.includes("screens") ? [] : positions.length === 0 ? [END] : positions.map(nanos);
    const source = countingSource(await openSource(file, context), progress);
    const recording = await openInput(file, options, context, { source, onWarning: warnings.add });
    const close = async () => {
      progress.stop();
      await recording.close();
      if (options.quiet !== true) await warnings.tell(context);
    };
    return { file, recording, moments, done: () => progress.stop(), close };
  });
}

async function readBoth(inputs: readonly [ComparedInput, ComparedInput]) {
  const { readCompared } = await import("../../analyze/index.js");
  const read = async ({ file, recording, moments, done }: ComparedInput, other: ComparedInput) =>
    await naming(file, () => readCompared(sizedAs(other.recording, recording), { moments }).finally(done));
  return [await read(inputs[0], inputs[1]), await read(inputs[1], inputs[0])] as const;
}

/** Formats that do not tell how large the terminal was: it is taken to have been as large as that of the other recording. */
const WITHOUT_SIZE: ReadonlySet<string> = new Set(["ttyrec", "ttyrec2", "ttyrec3", "raw"]);

function sizedAs({ header: { cols, rows } }: Recording, recording: Recording): Recording {
  const { header, format } = recording;
  const isKnown = !WITHOUT_SIZE.has(format) || header.cols !== DEFAULT_COLS || header.rows !== DEFAULT_ROWS;
  return isKnown ? recording : { ...recording, header: { ...header, cols, rows } };
}

function momentsOf([one, other]: readonly ComparedInput[]) {
  return (one?.moments ?? []).map((a, n) => ({ a, b: other?.moments[n] ?? a }));
}

/** A file's mistakes are told with its name. */
async function naming<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof T2aError && !error.message.includes(file)) error.message = `${file}: ${error.message}`;
    throw error;
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
  const pieces = await piecesOf(
    comparison,
    names,
    recordings,
    options.format ?? formatNamed(options.output),
    toTerminal,
  );
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

function formatNamed(output: string | undefined): CompareOptions["format"] {
  const extension = /\.(?:(json)|html?)$/i.exec(output ?? "");
  return extension === null ? "text" : extension[1] === undefined ? "html" : "json";
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
