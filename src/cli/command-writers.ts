// The formats in which commands are written: table and JSON for people and programs, files for other tools.
import { extname } from "node:path";
import type { CommandRow, CommandWriter } from "../analyze/index.js";
import { formatDuration, formatPosition, type Target, UsageError } from "../core/index.js";
import { type CommandContext, safeJson } from "./context.js";

/** Every format, the usual one first. */
export const COMMAND_FORMATS = ["table", "json", "csv", "parquet", "bash", "zsh", "fish", "atuin"] as const;

/** A format of commands. */
export type CommandFormat = (typeof COMMAND_FORMATS)[number];

/** The format that a file's extension asks for; undefined where it asks for none. A codec's suffix does not count. */
export async function commandFormatOf(name: string): Promise<CommandFormat | undefined> {
  const { stripCodecSuffix } = await import("../codec/index.js");
  return EXTENSIONS[extname(stripCodecSuffix(name)).toLowerCase()];
}

const EXTENSIONS: Readonly<Record<string, CommandFormat>> = {
  ".json": "json",
  ".csv": "csv",
  ".parquet": "parquet",
};

/** How commands are written. */
export interface CommandWriterOptions {
  readonly target: Target;
  /** Somebody looks at what is written: nothing may be obeyed by a terminal. */
  readonly isTty: boolean;
  /** The table says which recording a command is of. */
  readonly namesRecordings: boolean;
}

/**
 * Creates the writer of a format.
 * @throws UsageError where bytes would go to a terminal.
 */
export async function createCommandWriter(
  format: CommandFormat,
  options: CommandWriterOptions,
): Promise<CommandWriter> {
  const { target, isTty } = options;
  if (format === "table") return tableWriter(options);
  if (format === "json") return await jsonWriter(target);
  const analyze = await import("../analyze/index.js");
  if (format === "parquet" || format === "atuin") {
    if (isTty) throw new UsageError(`${format} is no text for a terminal: name a file with --output`);
    return format === "parquet" ? await analyze.parquetWriter(target) : await analyze.atuinWriter(target);
  }
  const text = isTty ? await visibleTarget(target) : target;
  if (format === "csv") return analyze.csvWriter(text);
  const { TEXT_HISTORIES } = await import("../history/index.js");
  const history = TEXT_HISTORIES.find(({ name }) => name === format);
  if (history === undefined) throw new UsageError(`no history of ${format} can be written`);
  return analyze.historyWriter(history, text);
}

/** An array that is printed as it grows, safe for terminals. */
export async function jsonWriter(target: Pick<Target, "write">): Promise<CommandWriter> {
  const { PieceWriter } = await import("../analyze/index.js");
  const pieces = new PieceWriter(target);
  let isEmpty = true;
  return {
    add({ json }) {
      const item = safeJson([json], 2).slice(2, -2); // indented as within the whole array
      const before = isEmpty ? "[\n" : ",\n";
      isEmpty = false;
      return pieces.add(before + item);
    },
    async end() {
      await pieces.add(isEmpty ? "[]\n" : "\n]\n");
      await pieces.flush();
    },
  };
}

const MAX_SHOWN = 200;
/** Of a table, in shells within each other. */
const MAX_INDENT = 8;
/** The table's times, nanoseconds. */
const TENTH = 100_000_000;

async function tableWriter({ target, namesRecordings }: CommandWriterOptions): Promise<CommandWriter> {
  const { plainTable } = await import("./table.js");
  const { visibleText } = await import("../terminal/index.js");
  const shown = (text: string | null) => (text === null ? "-" : visibleText(text, { maxLength: MAX_SHOWN }));
  const rows: string[][] = [];
  return {
    add({ json }) {
      const { line, cwd, exitStatus, signal, startNs, durationNs, depth, recording, number } = json;
      rows.push([
        `${number ?? "-"}${signOf(json)}`,
        formatPosition(Math.floor(startNs / TENTH) * TENTH),
        durationNs === null ? "-" : formatDuration(durationNs),
        signal ?? exitStatus?.toString() ?? "-",
        shown(cwd),
        "  ".repeat(Math.min(depth, MAX_INDENT)) + shown(line),
        ...(namesRecordings ? [shown(recording)] : []),
      ]);
    },
    async end() {
      if (rows.length === 0) return;
      const head = ["n", "start", "took", "status", "folder", "command", ...(namesRecordings ? ["recording"] : [])];
      await target.write(Buffer.from(`${plainTable(head, rows)}\n`));
    },
  };
}

/** What tells of a command, where it is not proven. */
function signOf({ source, trusted }: CommandRow["json"]): string {
  if (source === "inferred") return "~";
  return trusted ? "" : "?";
}

/** A terminal that is shown text: each line made visible, whole lines at a time. */
async function visibleTarget(target: Target): Promise<Target> {
  const { visibleText } = await import("../terminal/index.js");
  return {
    ...target,
    write: (bytes) => {
      const lines = Buffer.from(bytes).toString("utf8").split(/\r?\n/);
      const last = lines.pop() ?? "";
      const text = lines.map((line) => `${visibleText(line)}\n`).join("") + visibleText(last);
      return target.write(Buffer.from(text));
    },
  };
}

/** What is written of a command whose recording says when it began. */
export function rowOf(json: CommandRow["json"], startTime: bigint | undefined): CommandRow {
  const isTimed = startTime !== undefined && json.startedAt !== null;
  return { json, time: isTimed ? startTime + BigInt(Math.round(json.startNs)) : undefined };
}

/** Where commands are written to: a file, or standard output. */
export async function openCommandOutput(
  output: string | undefined,
  overwrite: boolean,
  context: CommandContext,
): Promise<{ readonly target: Target; readonly isTty: boolean }> {
  const { openOutput } = await import("./output.js");
  const name = output ?? "-";
  return {
    target: await openOutput(name, overwrite, context),
    isTty: name === "-" && context.io.stdout.isTTY === true,
  };
}
