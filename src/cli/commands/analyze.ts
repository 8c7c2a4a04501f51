// t2a analyze: what sessions come to.
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions } from "../input.js";
import { parseMoment } from "../parse.js";
import { analyzedArgument } from "../references.js";

interface AnalyzeOptions extends InputOptions {
  readonly days?: number;
  readonly since?: bigint;
  readonly until?: bigint;
  readonly format?: string;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
}

const FORMATS = ["text", "json", "csv", "markdown", "html"] as const;

/** Registers the command. */
export function registerAnalyze(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("analyze")
      .summary("report what was run, what failed, where the time went")
      .description(
        "Reports on recordings: commands and how they ended, errors, active and idle time, habits " +
          "and what could be otherwise. A target is a recording of any format, a folder of them, or " +
          "commands as t2a commands --json and t2a import-history print them. Without a target it is what " +
          "the library keeps of the last 30 days, or of the time that --days, --since and --until name.",
      )
      .addArgument(analyzedArgument("[target...]", "files, folders, sessions of the library, URLs or -")),
  )
    .option("--days <number>", "only sessions that began in the last so many days", parseDays)
    .option(
      "--since <moment>",
      "only sessions that began then or later: 2026-03-01, 2026-03-01T14:00, local time",
      parseBound,
    )
    .option("--until <moment>", "only sessions that began before", parseBound)
    .addOption(
      new Option(
        "-f, --format <format>",
        "form of the report; by default what the output's name says, else text",
      ).choices(FORMATS),
    )
    .option("-o, --output <file>", "write to this file")
    .option("--overwrite", "replace an existing file")
    .option("-q, --quiet", "show no progress")
    .addHelpText(
      "after",
      `
Sessions that do not say when they began are left out where a time is asked for. Of files of commands, single commands are
left out by their time.

Exit status: 0 where all was read, 1 where a file could not be read to its end: what came before its damage is in the report.

Examples:
  t2a analyze
  t2a analyze demo.t2r
  t2a analyze ~/recordings --days 7 -o week.html
  t2a analyze *.cast --format json | jq '.commands.slowest[0]'
  t2a import-history ~/.zsh_history | t2a analyze -`,
    )
    .action((targets: string[], options: AnalyzeOptions) => analyze(targets, options, context));
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^[0-9]{1,5}(?:\.[0-9]{1,3})?$/.test(text) || days === 0)
    throw new InvalidArgumentError("It must be a number of days above 0.");
  return days;
}

/** Nanoseconds since 1970. */
function parseBound(text: string): bigint {
  return BigInt(parseMoment(text)) * NANOS_PER_MS;
}

const NANOS_PER_MS = 1_000_000n;
const DAY_NANOS = 86_400e9;

async function analyze(named: readonly string[], given: AnalyzeOptions, context: CommandContext): Promise<void> {
  const isLibrary = named.length === 0;
  const hasTime = (given.days ?? given.since ?? given.until) !== undefined;
  const options = isLibrary && !hasTime ? { ...given, days: LIBRARY_DAYS } : given;
  const targets = isLibrary ? await libraryTargets(bounds(options), context) : named;
  const { onInterruption } = await import("../interruption.js");
  const interruption = onInterruption();
  try {
    await run(targets, options, context, interruption.signal);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
  } finally {
    interruption.release();
  }
}

/** Of what is in the library, where no time is asked for. */
const LIBRARY_DAYS = 30;

/** What the library keeps of a time. @throws UsageError where it is empty. */
async function libraryTargets(
  { since, until }: ReturnType<typeof bounds>,
  context: CommandContext,
): Promise<readonly string[]> {
  const { namesOfSessions } = await import("../references.js");
  const ms = (nanos: bigint | undefined) => (nanos === undefined ? undefined : Number(nanos / NANOS_PER_MS));
  const names = await namesOfSessions({ sinceMs: ms(since), untilMs: ms(until) }, context);
  if (names.length > 0) return names;
  throw new UsageError("nothing to analyze: name a recording, or a folder of them; the library has none of that time", {
    details: { nextStep: "t2a analyze FILE, or t2a analyze FOLDER" },
  });
}

async function run(
  targets: readonly string[],
  options: AnalyzeOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const { analyzeTargets } = await import("../analysis.js");
  const { openReport } = await import("../report-output.js");
  const report = await openReport(options, context); // before the work: what cannot be written is said at once
  try {
    const { since, until } = bounds(options);
    const analysis = await analyzeTargets(targets, { ...options, since, until, signal }, context);
    const { analyzed, outside, undated, problems } = analysis.files;
    if (problems.length > 0) context.exit(1);
    if (analyzed + outside + undated > 0 || !report.isShown) await report.write(analysis);
    else if (problems.length === 0) context.info("no recordings there");
  } catch (error) {
    await report.abort();
    throw error;
  }
}

function bounds({ days, since, until }: AnalyzeOptions): {
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
} {
  if (days === undefined) return { since, until };
  if (since !== undefined) throw new UsageError("--days and --since both say from when on: use one of them");
  return { since: BigInt(Date.now()) * NANOS_PER_MS - BigInt(Math.round(days * DAY_NANOS)), until };
}
