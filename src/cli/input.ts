// Opening what a command line names: a file, a URL or `-`, with the options every reading command shares.
import type { Command } from "commander";
import { type DecodeOptions, FormatError, type Recording, type Source, type Warning } from "../core/index.js";
import type { BorrowedRecording } from "../library/index.js";
import type { CommandContext } from "./context.js";
import { findKeptRecording, findStoredSource } from "./references.js";

/** Options of every command that reads recordings. */
export interface InputOptions {
  readonly inputFormat?: string;
  readonly timing?: string;
  readonly recover?: boolean;
  readonly strict?: boolean;
}

/** Adds the options of {@link InputOptions} to a command. */
export function addInputOptions(command: Command): Command {
  return command
    .option("--input-format <format>", "read as this format whatever it looks like (t2a formats lists them)")
    .option("--timing <file>", "timing file of a script recording, where it is not found beside it")
    .option("--recover", "read what is good of a damaged recording")
    .option("--strict", "treat whatever is odd in a recording as damage");
}

/** Opens the bytes that a name on the command line means. */
export async function openSource(name: string, context: CommandContext): Promise<Source> {
  const { io } = context;
  const stored = findStoredSource(name, context);
  if (stored !== undefined) return await stored();
  const files = await import("../files/index.js");
  // Destroyed: its next byte, which may never come, would keep the program alive.
  if (name === "-") return files.openStreamSource("-", io.stdin, () => io.stdin.destroy());
  return files.isUrl(name) ? await files.openUrlSource(name) : await files.openFileSource(name);
}

/**
 * Opens a finished .t2r by its index, in the library as one that may be open already; undefined for everything else. Whoever calls this
 * releases it.
 */
export async function openIndexed(name: string, context: CommandContext): Promise<BorrowedRecording | undefined> {
  const kept = findKeptRecording(name, context);
  if (kept !== undefined) {
    try {
      return await kept();
    } catch (error) {
      if (error instanceof FormatError) return undefined; // reading it from its beginning tells
      throw error;
    }
  }
  const { openT2r } = await import("../../formats/index.js");
  const source = await openSource(name, context);
  try {
    const recording = source.supports.ranges ? await openT2r(source) : undefined;
    if (recording !== undefined) return { recording, release: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
  await source.close();
  return undefined;
}

/** Opens a recording by name, or from a source given in its place. Closing it closes everything; so does a failure to open. */
export async function openInput(
  name: string,
  options: InputOptions,
  context: CommandContext,
  decode: DecodeOptions & { readonly source?: Source } = {},
): Promise<Recording> {
  const { getFormat, openRecording } = await import("../../formats/index.js");
  let { source } = decode;
  let timing: Source | undefined;
  try {
    const format = options.inputFormat === undefined ? undefined : getFormat(options.inputFormat);
    timing = options.timing === undefined ? undefined : await openSource(options.timing, context);
    source ??= await openSource(name, context);
    const recording = await openRecording(source, {
      recover: options.recover,
      strict: options.strict,
      ...decode,
      format,
      timing,
    });
    if (timing === undefined) return recording;
    return {
      ...recording,
      close: async () => {
        await recording.close();
        await timing?.close();
      },
    };
  } catch (error) {
    await source?.close();
    await timing?.close();
    throw error;
  }
}

/** Time of a recording's last event, nanoseconds: by its index where it has one, else by reading it. */
export async function durationOf(name: string, options: InputOptions, context: CommandContext): Promise<number> {
  const { openT2r } = await import("../../formats/index.js");
  const source = await openSource(name, context);
  const open = source.supports.ranges ? await openT2r(source) : undefined;
  if (open !== undefined) {
    await source.close();
    return open.index.duration;
  }
  let last = 0;
  const recording = await openInput(name, options, context, { source });
  try {
    for await (const batch of recording.batches) last = batch.at(-1)?.time ?? last;
  } finally {
    await recording.close();
  }
  return last;
}

/** Collects warnings, and tells the first few of them: a long recording may have thousands of one kind. */
export class WarningList {
  readonly all: Warning[] = [];
  #count = 0;

  readonly add = (warning: Warning): void => {
    this.#count++;
    if (this.all.length < MAX_KEPT) this.all.push(warning);
  };

  /** Says the first warnings on standard error, of which file where that is not plain. */
  async tell(context: CommandContext, file?: string): Promise<void> {
    if (this.#count === 0) return;
    const { visibleText } = await import("../terminal/index.js");
    const where = file === undefined ? "" : `${visibleText(file)}: `;
    for (const { message } of this.all.slice(0, MAX_TOLD)) context.warn(where + visibleText(message));
    if (this.#count > MAX_TOLD) context.warn(`${where}and ${this.#count - MAX_TOLD} more of such`);
  }
}

const MAX_TOLD = 3;
const MAX_KEPT = 100;
