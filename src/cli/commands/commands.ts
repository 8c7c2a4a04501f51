// t2a commands: what was run in recordings.
import { Option, type Command as Program } from "commander";
import type { Command, CommandSession, CommandWriter } from "../../analyze/index.js";
import { counted, parseDuration, UsageError } from "../../core/index.js";
import {
  COMMAND_FORMATS,
  type CommandFormat,
  commandFormatOf,
  createCommandWriter,
  openCommandOutput,
  rowOf,
} from "../command-writers.js";
import type { CommandContext } from "../context.js";
import { errorText, namingFile } from "../error-text.js";
import { findCommands } from "../find-commands.js";
import { addInputOptions, type InputOptions } from "../input.js";
import { recordingArgument } from "../references.js";
import { findTargets, type TargetFile } from "../targets.js";

interface CommandsOptions extends InputOptions {
  readonly failed?: boolean;
  /** Nanoseconds. */
  readonly slowerThan?: number;
  readonly grep?: string;
  readonly format?: CommandFormat;
  readonly json?: boolean;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
  /** Ends it, and nothing is written. */
  readonly signal?: AbortSignal;
}

/** Registers the command. */
export function registerCommands(program: Program, context: CommandContext): void {
  addInputOptions(
    program
      .command("commands")
      .summary("list what was run in recordings")
      .description(
        "Lists the commands that were run in a recording: when each began, how long it took, how it ended. " +
          "They are told by the marks of shells: t2a record lets bash, zsh and fish mark theirs, and other shell " +
          "integrations do (OSC 133 or 633). Without marks they are inferred from what was typed and echoed, without " +
          "folder and status. Any program can print marks: only those that the recorder itself saw the shell " +
          "write are trusted, and what is not is marked in the table: ? not proven, ~ inferred.",
      )
      .addArgument(
        recordingArgument(
          "<target...>",
          "files, folders, sessions of the library, URLs or -; of a folder, all recordings in it and in its folders",
        ),
      ),
  )
    .option("--failed", "only what ended with another status than 0")
    .option("--slower-than <duration>", "only what took longer: 2, 500ms, 1:30", parseDuration)
    .option(
      "--grep <pattern>",
      "only lines with it: plain text, or a regular expression behind \\v; without capitals case is ignored",
    )
    .addOption(
      new Option(
        "-f, --format <format>",
        "what to print: by the output's extension (.json, .csv, .parquet), else table",
      ).choices(COMMAND_FORMATS),
    )
    .option("--json", "the same as --format json: an array, null where something is not known (docs/commands.md)")
    .option("-o, --output <file>", "where to write instead of standard output")
    .option("--overwrite", "replace the output where it exists")
    .option("-q, --quiet", "show no progress, and no notes")
    .addHelpText(
      "after",
      `
Formats: table for people; json, csv and parquet, one row a command; bash, zsh, fish and atuin, a history file that the
shell (or atuin) reads. Recordings come in the order in which they began.

Exit status: 0, also where no command is found; 1 where a recording could not be read (what is good is listed).

Examples:
  t2a commands demo.cast
  t2a commands --failed --json demo.t2r | jq -r '.[].line'
  t2a commands --slower-than 10s --grep make demo.cast
  t2a commands recordings/ --output commands.parquet
  t2a commands monday.t2r --format zsh --output history`,
    )
    .action((targets: string[], options: CommandsOptions) => commands(targets, options, context));
}

async function commands(names: readonly string[], options: CommandsOptions, context: CommandContext): Promise<void> {
  // On standard output there is nothing that could stay half written.
  if (options.output === undefined) return await listAll(names, options, context);
  const { onInterruption } = await import("../interruption.js");
  const interruption = onInterruption();
  try {
    await listAll(names, { ...options, signal: interruption.signal }, context);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
  } finally {
    interruption.release();
  }
}

async function listAll(names: readonly string[], options: CommandsOptions, context: CommandContext): Promise<void> {
  const { visibleText } = await import("../../terminal/index.js");
  const list = new CommandList(options, await wish(options), context);
  // One that fails alone ends the program, as everywhere; of several, the others are listed.
  const failures: { readonly name: string; readonly error: unknown }[] = [];
  const files = await findTargets(names, options, context, (name, error) => failures.push({ name, error }));
  await list.open(names.length > 1 || files.length > 1);
  try {
    for (const file of files) {
      options.signal?.throwIfAborted();
      const failure = await list.add(file);
      if (failure !== undefined) failures.push({ name: file.name, error: failure.error });
    }
    await list.end();
  } catch (error) {
    await list.abort();
    throw error;
  }
  const [only] = failures;
  if (names.length === 1 && files.length <= 1 && only?.name === names[0]) throw only?.error;
  for (const { name, error } of failures) context.warn(visibleText(namingFile(name, errorText(error))));
  if (failures.length > 0) context.exit(1);
  if (options.quiet) return;
  if (files.length === 0 && failures.length === 0) context.info("no recordings there");
  list.tell(files.length);
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

async function formatOf({ format, json, output }: CommandsOptions): Promise<CommandFormat> {
  if (json && format !== undefined && format !== "json")
    throw new UsageError(`--json and --format ${format} cannot both be meant`);
  if (json) return "json";
  return format ?? (output === undefined ? undefined : await commandFormatOf(output)) ?? "table";
}

/** Histories cannot hold a command whose line is not known. */
const NEEDS_LINES: ReadonlySet<CommandFormat> = new Set(["bash", "zsh", "fish", "atuin"]);

/** Writes the commands of one recording after the other. */
class CommandList {
  readonly #options: CommandsOptions;
  readonly #isWanted: (command: Command) => boolean;
  readonly #context: CommandContext;
  #format: CommandFormat = "table";
  #output: Awaited<ReturnType<typeof openCommandOutput>> | undefined;
  #writer: CommandWriter | undefined;
  #found = 0;
  #lineless = 0;

  constructor(options: CommandsOptions, isWanted: (command: Command) => boolean, context: CommandContext) {
    this.#options = options;
    this.#isWanted = isWanted;
    this.#context = context;
  }

  async open(namesRecordings: boolean): Promise<void> {
    const { output, overwrite } = this.#options;
    this.#format = await formatOf(this.#options);
    const opened = await openCommandOutput(output, overwrite === true, this.#context);
    this.#output = opened;
    try {
      this.#writer = await createCommandWriter(this.#format, { ...opened, namesRecordings });
    } catch (error) {
      await opened.target.abort();
      throw error;
    }
  }

  /** Gives what went wrong with the recording; the commands before that are written. */
  async add({ name }: TargetFile): Promise<{ readonly error: unknown } | undefined> {
    const found = await findCommands(name, this.#options, this.#context);
    const { commandToJson } = await import("../../analyze/index.js");
    const header: CommandSession["header"] = found.header ?? {};
    const session: CommandSession = { name, header, source: "recording" };
    this.#found += found.commands.length;
    for (const [index, command] of found.commands.entries()) {
      if (!this.#isWanted(command)) continue;
      if (command.line === undefined) this.#lineless++;
      await this.#writer?.add(rowOf(commandToJson(command, session, index + 1), header.startTime));
    }
    return found.failure;
  }

  async end(): Promise<void> {
    await this.#writer?.end();
    await this.#output?.target.commit();
  }

  async abort(): Promise<void> {
    this.#writer?.abort?.();
    await this.#output?.target.abort();
  }

  /** What the user may wonder about. */
  tell(recordings: number): void {
    if (this.#found === 0 && recordings > 0)
      this.#context.info("no commands found: no shell marked any, and none can be inferred");
    if (this.#lineless > 0 && NEEDS_LINES.has(this.#format)) {
      this.#context.info(`${counted(this.#lineless, "command")} left out, whose line is not known`);
    }
  }
}
