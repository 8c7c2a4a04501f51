// The commands of a recording in a section of its .t2r, so that nobody has to look for them again.
import type { OpenT2r } from "../../formats/index.js";
import { type Command, CommandFinder, type OutputSpan } from "../analyze/index.js";
import type { Batch, Recording } from "../core/index.js";

/** The section's name. */
export const COMMANDS_SECTION = "commands";
/** Raised whenever the same recording would give other commands: sections of other versions are not believed. */
const VERSION = 1;
/** Beyond that the section is left out; a .t2r holds a little more. */
const MAX_BYTES = 16 * 1024 * 1024;

type Sections = AsyncIterable<readonly [string, Uint8Array]>;

/** A recording whose commands are found while it is copied. */
export interface WithCommands {
  /** To be copied in place of the one given. */
  readonly recording: Recording;
  /** The other sections, and that of the commands, which replaces any that is there. To be read when all events have passed. */
  readonly sections: (others?: Sections) => Sections;
}

/** Finds the commands of a recording while it is copied. */
export function withCommands(recording: Recording): WithCommands {
  const finder = new CommandFinder(recording.header);
  async function* batches(): AsyncGenerator<Batch> {
    for await (const batch of recording.batches) {
      finder.batch(batch);
      yield batch;
    }
  }
  async function* sections(others?: Sections): AsyncGenerator<readonly [string, Uint8Array]> {
    if (others !== undefined) for await (const section of others) if (section[0] !== COMMANDS_SECTION) yield section;
    finder.end();
    finder.close();
    const bytes = finder.isFull ? undefined : encode(finder.commands);
    if (bytes !== undefined) yield [COMMANDS_SECTION, bytes];
  }
  return { recording: { ...recording, batches: batches() }, sections };
}

/**
 * The commands that a .t2r says it holds; undefined where it says nothing, or nothing that this version of t2a can believe: they
 * are then to be looked for.
 */
export async function storedCommands(open: OpenT2r): Promise<readonly Command[] | undefined> {
  // It was written before the recording was continued.
  if (open.index.generations > 1) return undefined;
  const bytes = await open.section(COMMANDS_SECTION);
  return bytes === undefined ? undefined : decode(bytes);
}

function encode(commands: readonly Command[]): Uint8Array | undefined {
  const parts: string[] = [];
  let units = 0;
  for (const command of commands) {
    const json = JSON.stringify(command);
    units += json.length + 1;
    if (units > MAX_BYTES / 3) return undefined;
    parts.push(json);
  }
  return Buffer.from(`{"version":${VERSION},"commands":[${parts.join(",\n")}]}`);
}

function decode(bytes: Uint8Array): readonly Command[] | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json.version !== VERSION || !Array.isArray(json.commands)) return undefined;
  const commands: Command[] = [];
  for (const item of json.commands) {
    const command = toCommand(item);
    if (command === undefined) return undefined;
    commands.push(command);
  }
  return commands;
}

function toCommand(item: unknown): Command | undefined {
  if (!isRecord(item)) return undefined;
  const { start, outputBytes, outputLines, depth, source, trusted } = item;
  const output = item.output === undefined ? undefined : toSpan(item.output);
  const isWhole =
    [start, outputBytes, outputLines, depth].every(isCount) &&
    [item.duration, item.timeToFirstOutput, item.startEvents].every((value) => value === undefined || isCount(value)) &&
    (item.exitStatus === undefined || Number.isSafeInteger(item.exitStatus)) &&
    [item.line, item.cwd, item.user, item.host, item.signal].every(
      (value) => value === undefined || typeof value === "string",
    ) &&
    (source === "marks" || source === "inferred") &&
    typeof trusted === "boolean" &&
    (item.output === undefined) === (output === undefined);
  return isWhole ? ({ ...NOTHING_KNOWN, ...item, output } as Command) : undefined;
}

const NOTHING_KNOWN = {
  line: undefined,
  cwd: undefined,
  user: undefined,
  host: undefined,
  startEvents: undefined,
  duration: undefined,
  exitStatus: undefined,
  signal: undefined,
  timeToFirstOutput: undefined,
};

function toSpan(item: unknown): OutputSpan | undefined {
  if (!isRecord(item)) return undefined;
  const { firstEvent, lastEvent, startByte, endByte } = item;
  if (!isCount(firstEvent) || !isCount(lastEvent) || !isCount(startByte) || !isCount(endByte)) return undefined;
  return firstEvent <= lastEvent && startByte <= endByte ? { firstEvent, lastEvent, startByte, endByte } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
