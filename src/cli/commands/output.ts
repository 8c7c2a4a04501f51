// t2a output: what one command of a recording printed.
import { InvalidArgumentError, Option, type Command as Program } from "commander";
import type { Command, OutputSpan } from "../../analyze/index.js";
import { counted, type Event, type Header, type Recording, UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { findCommands } from "../find-commands.js";
import { addInputOptions, type InputOptions } from "../input.js";
import { drained } from "../io.js";
import { PlayInput } from "../play-input.js";
import { recordingArgument } from "../references.js";
import { shownLine } from "../shown-line.js";

interface OutputOptions extends InputOptions {
  readonly format: "text" | "ansi" | "json";
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerOutput(program: Program, context: CommandContext): void {
  addInputOptions(
    program
      .command("output")
      .summary("print what a command of a recording printed")
      .description(
        "Prints what one command of a recording printed: the lines that a terminal shows of it, without what editors " +
          "and pagers showed on the alternate screen; or with colours, as it came.",
      )
      .addArgument(recordingArgument("<file>", "file, session of the library, URL or -"))
      .argument("[n]", "number of the command as t2a commands lists it; -1 is the last one", parseNumber, -1),
  )
    .addOption(
      new Option("--format <format>", "text, ansi (what it wrote, as far as it is safe for terminals) or json")
        .choices(["text", "ansi", "json"])
        .default("text"),
    )
    .option("--json", "the same as --format json: the command as t2a commands --json has it, and its text")
    .option("-q, --quiet", "show no progress")
    .addHelpText(
      "after",
      `
Exit status: 0, also where the command printed nothing; 1 where the recording cannot be read, 2 where it has no such command.

Examples:
  t2a output demo.cast 3
  t2a output demo.t2r -1 --format ansi | less -R
  t2a commands --failed demo.t2r; t2a output demo.t2r 12`,
    )
    .action((file: string, number: number, options: OutputOptions) => output(file, number, options, context));
}

function parseNumber(text: string): number {
  const number = /^-?[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (number === 0) throw new InvalidArgumentError("a command's number is 1 or more, or -1 and less from the end");
  return number;
}

async function output(file: string, number: number, options: OutputOptions, context: CommandContext): Promise<void> {
  const input = new PlayInput(file, options, context);
  try {
    const isSpooled = await input.spool();
    const open = isSpooled ? () => input.openFromStart() : undefined;
    const { commands, failure } = await findCommands(file, options, context, open);
    const command = commands.at(number > 0 ? number - 1 : number);
    if (command === undefined) {
      if (failure !== undefined) throw failure.error;
      throw missing(commands.length, number);
    }
    const place = number > 0 ? number : commands.length + number + 1;
    await print({ command, number: place }, await input.openFromStart(), options, context);
    // Counted from the end, or cut off itself, it may be another one than was meant, or not all of it.
    if (failure !== undefined && (number < 0 || command.duration === undefined)) throw failure.error;
  } finally {
    await input.release();
  }
}

function missing(count: number, number: number): UsageError {
  if (count === 0) return new UsageError("no commands found: t2a commands tells why");
  const have = `${count === 1 ? "is" : "are"} ${counted(count, "command")}`;
  return new UsageError(`there is no command ${number}: there ${have} (t2a commands lists them)`);
}

/** A command and its number in the recording, from 1. */
interface Chosen {
  readonly command: Command;
  readonly number: number;
}

async function print(
  chosen: Chosen,
  recording: Recording,
  { format, json }: OutputOptions,
  context: CommandContext,
): Promise<void> {
  try {
    if (json || format === "json") await printJson(chosen, recording, context);
    else if (format === "ansi") await printBytes(chosen.command, recording, context);
    else await printText(chosen.command, recording, context);
  } finally {
    await recording.close();
  }
}

async function printText(command: Command, recording: Recording, context: CommandContext): Promise<void> {
  const { stdout } = context.io;
  const shown = await shownLine(context);
  for await (const lines of textOf(command, recording)) {
    stdout.write(lines.map((line) => `${shown(line)}\n`).join(""));
    await drained(stdout);
  }
}

async function printBytes({ output: span }: Command, recording: Recording, context: CommandContext): Promise<void> {
  const { OutputFilter } = await import("../../terminal/index.js");
  const filter = new OutputFilter();
  const { stdout } = context.io;
  const write = async (bytes: Uint8Array) => {
    if (bytes.length === 0) return;
    stdout.write(bytes);
    await drained(stdout);
  };
  for await (const { data } of pieces(span, recording)) if (data !== undefined) await write(filter.filter(data));
  await write(filter.cleanup());
}

async function printJson({ command, number }: Chosen, recording: Recording, context: CommandContext): Promise<void> {
  const { commandToJson } = await import("../../analyze/index.js");
  const { KeptLines } = await import("../../terminal/index.js");
  const kept = new KeptLines(MAX_JSON_UNITS);
  for await (const lines of textOf(command, recording)) for (const line of lines) kept.push(line);
  const { header } = recording;
  const json = commandToJson(command, { name: "", header, source: "recording" }, number);
  context.printJson({ ...json, recording: undefined, text: kept.all().join("\n"), isCut: kept.leftOut > 0 });
}

/** The lines of a command's output, some at a time. */
async function* textOf({ output: span }: Command, recording: Recording): AsyncGenerator<readonly string[]> {
  const { OutputText } = await import("../../terminal/index.js");
  let lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  let reader: InstanceType<typeof OutputText> | undefined;
  const { cols, rows }: Header = recording.header;
  let size = { cols, rows };
  for await (const { data, resize } of pieces(span, recording)) {
    if (resize !== undefined) {
      size = resize;
      reader?.resize(size.cols, size.rows);
    }
    if (data === undefined) continue;
    reader ??= new OutputText({ ...size, onLine });
    reader.feed(data);
    if (lines.length > 0) yield lines;
    lines = [];
  }
  reader?.end();
  if (lines.length > 0) yield lines;
}

interface Piece {
  readonly data?: Uint8Array;
  readonly resize?: { readonly cols: number; readonly rows: number };
}

/** The bytes of a stretch of output; the resizes before it and within. */
async function* pieces(span: OutputSpan | undefined, recording: Recording): AsyncGenerator<Piece> {
  if (span === undefined) return;
  let offset = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) {
      if (offset >= span.endByte) return;
      if (event.kind === "resize") yield { resize: event };
      if (event.kind !== "output") continue;
      const piece = pieceOf(event, span, offset);
      offset += event.data.length;
      if (piece.length > 0) yield { data: piece };
    }
  }
}

function pieceOf({ data }: Event & { kind: "output" }, { startByte, endByte }: OutputSpan, offset: number): Uint8Array {
  return data.subarray(Math.max(0, startByte - offset), Math.max(0, endByte - offset));
}

/** Of a text in JSON so many UTF-16 units are kept. */
const MAX_JSON_UNITS = 8 * 1024 * 1024;
