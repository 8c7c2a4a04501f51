// Reading a file of commands, as `t2a commands --json` prints it: entry by entry, bounded and checked.
import { FormatError, type Source } from "../core/index.js";
import type { CommandJson } from "./command-json.js";
import { MAX_COMMANDS } from "./command-log.js";
import { JsonEntries } from "./json-entries.js";

/** Bytes of one entry at most. */
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;

/** How a file of commands is read. */
export interface ReadCommandsOptions {
  /** Entries at most. */
  readonly maxEntries?: number | undefined;
}

/**
 * The commands of such a file, as they are read. The source is not closed by it.
 * @throws FormatError `T2A_FORMAT_DAMAGED` where it is none, `T2A_FORMAT_LIMIT` where it has too many entries; the message names the
 * entry, from 1.
 */
export async function* commandsInJson(
  source: Source,
  { maxEntries = MAX_COMMANDS }: ReadCommandsOptions = {},
): AsyncGenerator<CommandJson> {
  const { commandProblem } = await import("./command-schema.js");
  const entries = new JsonEntries(MAX_ENTRY_BYTES);
  let count = 0;
  try {
    for await (const chunk of source.stream()) {
      for (const text of entries.feed(count === 0 ? withoutMark(chunk) : chunk)) {
        if (count === maxEntries) throw tooMany(source.name, maxEntries);
        const value: unknown = JSON.parse(text);
        const problem = commandProblem(value);
        if (problem !== undefined) throw new Error(problem);
        count++;
        yield value as CommandJson;
      }
    }
    entries.end();
  } catch (error) {
    throw error instanceof FormatError || !(error instanceof Error) ? error : damaged(source.name, count + 1, error);
  }
}

/** All commands of such a file; as {@link commandsInJson}. */
export async function readCommandsJson(source: Source, options: ReadCommandsOptions = {}): Promise<CommandJson[]> {
  const all: CommandJson[] = [];
  for await (const command of commandsInJson(source, options)) all.push(command);
  return all;
}

/** A byte order mark, as some editors put it before everything. */
function withoutMark(chunk: Uint8Array): Uint8Array {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}

function tooMany(name: string, most: number): FormatError {
  return new FormatError("T2A_FORMAT_LIMIT", `${name} has more than ${most} commands`, {
    eventNumber: most + 1,
    details: { nextStep: "split it" },
  });
}

function damaged(name: string, entry: number, cause: Error): FormatError {
  const message = `${name} is no array of commands as t2a commands --json prints it: entry ${entry}: ${cause.message}`;
  return new FormatError("T2A_FORMAT_DAMAGED", message, {
    eventNumber: entry,
    cause,
    details: { nextStep: "make it anew with t2a commands --json" },
  });
}
