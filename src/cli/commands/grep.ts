// t2a grep: where recordings showed a text.
import { type Command, InvalidArgumentError } from "commander";
import { formatDuration } from "../../core/index.js";
import type { TextHit, TextPattern } from "../../play/index.js";
import { type CommandContext, safeJson } from "../context.js";
import { errorText, namingFile } from "../error-text.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { drained } from "../io.js";
import { countingSource, Progress } from "../progress.js";
import { recordingArgument } from "../references.js";
import { type OpenedTextSearch, openTextSearch } from "../text-search.js";

interface GrepOptions extends InputOptions {
  readonly json?: boolean;
  readonly count?: boolean;
  readonly filesWithMatches?: boolean;
  readonly maxCount?: number;
  readonly filename: boolean;
  readonly cache: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerGrep(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("grep")
      .summary("find text that recordings showed")
      .description(
        "Prints each line that showed PATTERN, with its file and the time at which it appeared on the\n" +
          "screen (t2a play --start-at takes it). What counts is what could be seen: colours inside a word\n" +
          "do not hide it, text completed by moving the cursor is found, and a line that stays, scrolls or\n" +
          "is drawn again elsewhere is no new hit.",
      )
      .argument("<pattern>", "plain text, or a regular expression behind \\v; without capitals case is ignored")
      .addArgument(recordingArgument("<file...>", "files, sessions of the library, URLs or -")),
  )
    .option("-c, --count", "print how many lines each file has instead of the lines")
    .option("-l, --files-with-matches", "print only the names of files that have any")
    .option("-m, --max-count <number>", "stop in each file after so many lines", parseCount)
    .option("--no-filename", "print no file names")
    .option("--json", "print JSON: an array of hits, or of counts with -c, or of names with -l")
    .option("--no-cache", "neither use nor keep what was read of the recordings before")
    .option("-q, --quiet", "show no progress")
    .addHelpText(
      "after",
      `
What a recording showed is kept in ~/.cache/t2a/text ($XDG_CACHE_HOME), 512 MB at most: the next search in it is quick.

Exit status: 0 where there is a hit, 1 where there is none, 2 where a file could not be read (the others are searched).

Examples:
  t2a grep 'connection refused' *.cast
  t2a grep '\\verror|warning' demo.t2r
  t2a grep -l Traceback *.t2r`,
    )
    .action((pattern: string, files: string[], options: GrepOptions) => grep(pattern, files, options, context));
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^[0-9]{1,9}$/.test(text) || count === 0) throw new InvalidArgumentError("It must be a whole number from 1.");
  return count;
}

async function grep(
  text: string,
  files: readonly string[],
  options: GrepOptions,
  context: CommandContext,
): Promise<void> {
  const { parsePattern } = await import("../../play/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const pattern = parsePattern(text);
  const printer = new HitPrinter(options, context, visibleText);
  let hasFailed = false;
  let found = 0;
  for (const file of files) {
    try {
      found += await searchFile(file, pattern, options, context, printer);
    } catch (error) {
      hasFailed = true;
      context.warn(visibleText(namingFile(file, errorText(error))));
    }
  }
  printer.end();
  context.exit(hasFailed ? 2 : found > 0 ? 0 : 1);
}

/** Gives how many lines it printed or counted. */
async function searchFile(
  file: string,
  pattern: TextPattern,
  options: GrepOptions,
  context: CommandContext,
  printer: HitPrinter,
): Promise<number> {
  const warnings = new WarningList();
  const progress = new Progress(context, options.quiet === true);
  const opened = await open(file, options, context, progress, warnings);
  let count = 0;
  try {
    const most = options.filesWithMatches ? 1 : (options.maxCount ?? Number.POSITIVE_INFINITY);
    for await (const hit of opened.search.all(pattern)) {
      if (count === 0) progress.stop(); // it would stand between the lines
      count++;
      await printer.hit(file, hit);
      if (count >= most) break;
    }
  } finally {
    progress.stop();
    await opened.close();
    await printer.file(file, count);
  }
  await warnings.tell(context);
  return count;
}

async function open(
  file: string,
  options: GrepOptions,
  context: CommandContext,
  progress: Progress,
  warnings: WarningList,
): Promise<OpenedTextSearch> {
  return await openTextSearch(file, options, context, {
    cache: options.cache,
    open: async () =>
      await openInput(file, options, context, {
        onWarning: warnings.add,
        source: countingSource(await openSource(file, context), progress),
      }),
  });
}

/** Units of a long line that are shown on each side of what was found. */
const SIDE_UNITS = 500;

/** Prints hits as they are found. */
class HitPrinter {
  readonly #options: GrepOptions;
  readonly #context: CommandContext;
  readonly #visible: (text: string) => string;
  readonly #hasColour: boolean;
  #items = 0;

  constructor(options: GrepOptions, context: CommandContext, visible: (text: string) => string) {
    this.#options = options;
    this.#context = context;
    this.#visible = visible;
    this.#hasColour = context.io.stdout.isTTY === true && !context.io.env.NO_COLOR;
  }

  async hit(file: string, { time, events, line, start, length }: TextHit): Promise<void> {
    if (this.#options.count || this.#options.filesWithMatches) return;
    if (this.#options.json) return await this.#printItem({ file, timeNs: time, events, line, start, length });
    await this.#print(this.#name(file) + formatMoment(time), this.#highlighted(line, start, length));
  }

  /** All of a file is searched. */
  async file(file: string, count: number): Promise<void> {
    if (this.#options.filesWithMatches) {
      if (count === 0) return;
      if (this.#options.json) await this.#printItem(file);
      else await this.#print(this.#visible(file));
    } else if (this.#options.count) {
      if (this.#options.json) await this.#printItem({ file, count });
      else await this.#print(this.#name(file) + count);
    }
  }

  end(): void {
    if (this.#options.json) this.#context.print(this.#items === 0 ? "[]" : "]");
  }

  #name(file: string): string {
    return this.#options.filename ? `${this.#visible(file)}  ` : "";
  }

  #highlighted(line: string, start: number, length: number): string {
    const before = line.slice(0, start);
    const shown = before.length > SIDE_UNITS ? `…${before.slice(-SIDE_UNITS)}` : before;
    const found = this.#visible(line.slice(start, start + length));
    const after = line.slice(start + length);
    const rest = after.length > SIDE_UNITS ? `${after.slice(0, SIDE_UNITS)}…` : after;
    return this.#visible(shown) + (this.#hasColour ? `\x1b[1;31m${found}\x1b[0m` : found) + this.#visible(rest);
  }

  /** An array is printed as it grows, an item a line. */
  async #printItem(item: unknown): Promise<void> {
    await this.#print((this.#items++ === 0 ? "[" : ",") + safeJson(item));
  }

  async #print(...columns: readonly string[]): Promise<void> {
    const { stdout } = this.#context.io;
    this.#context.print(columns.join("  "));
    await drained(stdout);
  }
}

/** As positions are written, rounded up: from there on the hit is to be seen. */
function formatMoment(time: number): string {
  const TENTH = 100_000_000;
  return formatDuration(Math.ceil(time / TENTH) * TENTH);
}
