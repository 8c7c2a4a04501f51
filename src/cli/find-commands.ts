// The commands of one recording on the command line: as its index has them, else found by reading it.
import type { Command } from "../analyze/index.js";
import type { Header, Recording } from "../core/index.js";
import type { CommandContext } from "./context.js";
import { type InputOptions, openIndexed, openInput, openSource, WarningList } from "./input.js";
import { countingSource, Progress } from "./progress.js";

/** What was found, also where the recording is damaged further on. */
export interface FoundCommands {
  /** Undefined where it could not be opened. */
  readonly header: Header | undefined;
  readonly commands: readonly Command[];
  readonly failure?: { readonly error: unknown };
}

/** How to find commands. */
export interface FindOptions extends InputOptions {
  readonly quiet?: boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the commands of the recording of that name. Warnings are told at the end. `open` opens it in another way than by its name.
 * @throws the signal's reason.
 */
export async function findCommands(
  name: string,
  options: FindOptions,
  context: CommandContext,
  open?: () => Promise<Recording>,
): Promise<FoundCommands> {
  const warnings = new WarningList();
  try {
    if (open !== undefined) return await readCommands(open, options, context);
    return (await stored(name, options, context)) ?? (await readFile(name, options, context, warnings));
  } catch (error) {
    options.signal?.throwIfAborted();
    return { header: undefined, commands: [], failure: { error } };
  } finally {
    await warnings.tell(context);
  }
}

/** By the index of a finished .t2r; undefined for everything else, and where the content itself is to be looked at. */
async function stored(name: string, options: FindOptions, context: CommandContext): Promise<FoundCommands | undefined> {
  if (name === "-" || options.strict || options.recover || options.inputFormat !== undefined) return undefined;
  const open = await openIndexed(name, context);
  if (open === undefined) return undefined;
  try {
    const { storedCommands } = await import("../library/index.js");
    const commands = await storedCommands(open.recording);
    return commands && { header: open.recording.header, commands };
  } finally {
    await open.release();
  }
}

async function readFile(name: string, options: FindOptions, context: CommandContext, warnings: WarningList) {
  const progress = new Progress(context, options.quiet === true);
  try {
    const open = async () => {
      const source = countingSource(await openSource(name, context), progress);
      return await openInput(name, options, context, { source, onWarning: warnings.add });
    };
    return await readCommands(open, options, context);
  } finally {
    progress.stop();
  }
}

async function readCommands(
  open: () => Promise<Recording>,
  { signal }: FindOptions,
  context: CommandContext,
): Promise<FoundCommands> {
  const { CommandFinder } = await import("../analyze/index.js");
  const recording = await open();
  const { header } = recording;
  const finder = new CommandFinder(header);
  try {
    await finder.read(recording, { signal });
    if (finder.isFull) context.warn("too many commands: only the first ones are looked at, a million at most");
    return { header, commands: finder.commands };
  } catch (error) {
    return { header, commands: finder.commands, failure: { error } };
  } finally {
    finder.close();
    await recording.close();
  }
}
