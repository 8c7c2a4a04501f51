// t2a commands: what was run in a recording.
import type { Command as Program } from "commander";
import type { Command } from "../../analyze/index.js";
import { formatDuration, formatPosition, parseDuration } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { countingSource, Progress } from "../progress.js";

interface CommandsOptions extends InputOptions {
  readonly failed?: boolean;
  /** Nanoseconds. */
  readonly slowerThan?: number;
  readonly grep?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerCommands(program: Program, context: CommandContext): void {
  addInputOptions(
    program
      .command("commands")
      .summary("list what was run in a recording")
      .description(
        "Lists the commands that were run in a recording: when each began, how long it took, how it ended.\n" +
          "Their shells must have marked them (shell integration: OSC 133 or 633, as fish 4, kitty, WezTerm,\n" +
          "Ghostty, iTerm2 and VS Code have it). Any program can print such marks: what is listed is what the\n" +
          "recording says, not proven to be the shell's.",
      )
      .argument("<file>", "file, URL or -"),
  )
    .option("--failed", "only what ended with another status than 0")
    .option("--slower-than <duration>", "only what took longer: 2, 500ms, 1:30", parseDuration)
    .option(
      "--grep <pattern>",
      "only lines with it: plain text, or a regular expression behind \\v; without capitals case is ignored",
    )
    .option(
      "--json",
      "print JSON: an array of {line, cwd, exitStatus, signal, startNs, durationNs, outputBytes, source, trusted, depth}; null where it is not known",
    )
    .option("-q, --quiet", "show no progress, and no note where there are no commands")
    .addHelpText(
      "after",
      `
Exit status: 0, also where no command is found.

Examples:
  t2a commands demo.cast
  t2a commands --failed --json demo.t2r | jq -r '.[].line'
  t2a commands --slower-than 10s --grep make demo.cast`,
    )
    .action((file: string, options: CommandsOptions) => commands(file, options, context));
}

async function commands(file: string, options: CommandsOptions, context: CommandContext): Promise<void> {
  const isWanted = await wish(options);
  const warnings = new WarningList();
  const { found, failure } = await find(file, options, context, warnings);
  const wanted = found.filter(isWanted);
  if (options.json) context.printJson(wanted.map(toJson));
  else if (wanted.length > 0) await printTable(wanted, context);
  await warnings.tell(context);
  if (failure !== undefined) throw failure.error;
  if (found.length === 0 && !options.quiet)
    context.info("no commands found: the recording has no shell-integration marks (OSC 133 or 633)");
}

/** Says of a command whether it was asked for. */
async function wish(options: CommandsOptions): Promise<(command: Command) => boolean> {
  const { parsePattern } = await import("../../play/index.js");
  const { slowerThan } = options;
  const pattern = options.grep === undefined ? undefined : parsePattern(options.grep);
  return ({ exitStatus, duration, line }) =>
    (!options.failed || (exitStatus !== undefined && exitStatus !== 0)) &&
    (slowerThan === undefined || (duration !== undefined && duration > slowerThan)) &&
    (pattern === undefined || (line !== undefined && line.search(pattern.regex) >= 0));
}

/** What was found, also where the recording is damaged further on. */
async function find(
  file: string,
  options: CommandsOptions,
  context: CommandContext,
  warnings: WarningList,
): Promise<{ readonly found: readonly Command[]; readonly failure?: { readonly error: unknown } }> {
  const { CommandFinder, MAX_COMMANDS } = await import("../../analyze/index.js");
  const progress = new Progress(context, options.quiet === true);
  const source = countingSource(await openSource(file, context), progress);
  const recording = await openInput(file, options, context, { source, onWarning: warnings.add });
  const finder = new CommandFinder(recording.header);
  try {
    await finder.read(recording);
    if (finder.commands.length >= MAX_COMMANDS)
      context.warn(`only the first ${MAX_COMMANDS.toLocaleString("en-US")} commands are listed`);
    return { found: finder.commands };
  } catch (error) {
    return { found: finder.commands, failure: { error } };
  } finally {
    progress.stop();
    finder.close();
    await recording.close();
  }
}

function toJson(command: Command) {
  const { line, cwd, exitStatus, signal, start, duration, outputBytes, source, trusted, depth } = command;
  return {
    line: line ?? null,
    cwd: cwd ?? null,
    exitStatus: exitStatus ?? null,
    signal: signal ?? null,
    startNs: start,
    durationNs: duration ?? null,
    outputBytes,
    source,
    trusted,
    depth,
  };
}

const MAX_SHOWN = 200;

async function printTable(found: readonly Command[], context: CommandContext): Promise<void> {
  const { plainTable } = await import("../table.js");
  const { visibleText } = await import("../../terminal/index.js");
  const rows = found.map(({ line, cwd, exitStatus, signal, start, duration, depth }) => [
    formatPosition(Math.floor(start / TENTH) * TENTH),
    duration === undefined ? "-" : formatDuration(duration),
    signal ?? exitStatus?.toString() ?? "-",
    cwd === undefined ? "-" : visibleText(cwd, { maxLength: MAX_SHOWN }),
    "  ".repeat(depth) + (line === undefined ? "-" : visibleText(line, { maxLength: MAX_SHOWN })),
  ]);
  context.print(plainTable(["start", "took", "status", "folder", "command"], rows));
}

/** The table's times, nanoseconds. */
const TENTH = 100_000_000;
