// t2a info: what a recording holds, counted by reading it once.
import type { Command } from "commander";
import {
  EVENT_KINDS,
  type EventKind,
  eventBytes,
  formatDuration,
  type Header,
  type Recording,
  type Source,
  wrapSource,
} from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { recordingArgument } from "../references.js";

type KeyframeTable = import("../../../formats/index.js").KeyframeTable;

interface InfoOptions extends InputOptions {
  readonly json?: boolean;
}

/** Registers the command. */
export function registerInfo(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("info")
      .summary("show what a recording holds")
      .description(
        "Shows a recording's format, size, duration, counts of events, longest pause and header.\n" +
          "Of a finished .t2r from its index, whatever its size; --strict reads all of it.",
      )
      .addArgument(recordingArgument("<file>", "file, session of the library, URL or -")),
  )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a info demo.cast\n  t2a info --json demo.ttyrec.bz2 | jq .durationNs")
    .action((file: string, options: InfoOptions) => info(file, options, context));
}

interface Totals {
  readonly events: Record<EventKind, number>;
  durationNs: number;
  outputBytes: number;
  inputBytes: number;
  largestGapNs: number;
}

/** What is shown. */
interface Info {
  readonly header: Header;
  readonly format: string;
  readonly sizeBytes: number;
  readonly totals: Totals;
  readonly keyframes?: KeyframeTable | undefined;
  /** Why reading ended: what is good of a damaged recording is shown before the error. */
  readonly failure?: unknown;
}

async function info(file: string, options: InfoOptions, context: CommandContext): Promise<void> {
  const { headerToJson } = await import("../../../formats/index.js");
  const warnings = new WarningList();
  const source = await openSource(file, context);
  const found = (await fromIndex(source, options)) ?? (await fromEvents(source, file, options, context, warnings));
  const { header, format, sizeBytes, totals, keyframes } = found;
  if (options.json) {
    const { cols, rows } = header;
    const { events, outputBytes, inputBytes, largestGapNs, durationNs } = totals;
    const shown = {
      format,
      sizeBytes,
      durationNs,
      cols,
      rows,
      events,
      outputBytes,
      inputBytes,
      largestGapNs,
      ...(keyframes === undefined ? {} : { keyframes: { ...countKeyframes(keyframes), engine: keyframes.engine } }),
      header: headerToJson(header),
      warnings: warnings.all,
    };
    context.printJson(shown);
  } else {
    await printText(found, context);
    await warnings.tell(context);
  }
  if (found.failure !== undefined) throw found.failure;
}

/** A finished .t2r says it all at its end. Undefined for everything else, and where the content itself is asked for. */
async function fromIndex(source: Source, options: InfoOptions): Promise<Info | undefined> {
  if (!source.supports.ranges || options.strict === true || options.inputFormat !== undefined) return undefined;
  const { openT2r } = await import("../../../formats/index.js");
  const open = await openT2r(source);
  if (open === undefined) return undefined;
  const { header, index } = open;
  const sizeBytes = (await source.size()) ?? 0;
  await source.close();
  const { events, outputBytes, inputBytes, duration, largestGap } = index;
  const totals = { events, outputBytes, inputBytes, durationNs: duration, largestGapNs: largestGap };
  return { header, format: "t2r", sizeBytes, totals, keyframes: index.keyframes };
}

function countKeyframes({ entries, dropped }: KeyframeTable) {
  return { count: entries.length, dropped };
}

async function fromEvents(
  source: Source,
  file: string,
  options: InfoOptions,
  context: CommandContext,
  warnings: WarningList,
): Promise<Info> {
  const counted = countBytes(source);
  const recording = await openInput(file, options, context, { source: counted.source, onWarning: warnings.add });
  const totals: Totals = {
    events: { output: 0, input: 0, resize: 0, marker: 0, exit: 0, custom: 0 },
    durationNs: 0,
    outputBytes: 0,
    inputBytes: 0,
    largestGapNs: 0,
  };
  let failure: unknown;
  try {
    await count(recording, totals);
  } catch (error) {
    failure = error;
  } finally {
    await recording.close();
  }
  const { header, format } = recording;
  return { header, format, sizeBytes: counted.bytes(), totals, failure };
}

async function count(recording: Recording, totals: Totals): Promise<void> {
  for await (const batch of recording.batches) {
    for (const event of batch) {
      totals.events[event.kind]++;
      totals.largestGapNs = Math.max(totals.largestGapNs, event.time - totals.durationNs);
      totals.durationNs = event.time;
      if (event.kind === "output") totals.outputBytes += eventBytes(event);
      else if (event.kind === "input") totals.inputBytes += eventBytes(event);
    }
  }
}

/** The source, and how many bytes of it were read: streams do not know their size beforehand. */
function countBytes(source: Source): { readonly source: Source; bytes(): number } {
  let read = 0;
  let size: number | undefined;
  return {
    bytes: () => size ?? read,
    source: wrapSource(source, {
      async *stream() {
        size = await source.size();
        for await (const chunk of source.stream()) {
          read += chunk.length;
          yield chunk;
        }
      },
    }),
  };
}

async function printText(
  { header, format, sizeBytes, totals, keyframes }: Info,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../terminal/index.js");
  const events = EVENT_KINDS.filter((kind) => totals.events[kind] > 0).map(
    (kind) => `${grouped(totals.events[kind])} ${kind}`,
  );
  const where = [header.user, header.host].filter((part) => part !== undefined).join("@");
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["format", format],
    ["size", `${grouped(sizeBytes)} bytes`],
    ["duration", formatDuration(totals.durationNs)],
    ["terminal", `${header.cols}x${header.rows}${header.termType === undefined ? "" : ` ${header.termType}`}`],
    ["events", events.join(", ") || "none"],
    ["output", `${grouped(totals.outputBytes)} bytes`],
    ["input", totals.inputBytes > 0 ? `${grouped(totals.inputBytes)} bytes` : undefined],
    ["longest gap", formatDuration(totals.largestGapNs)],
    ["keyframes", keyframes === undefined ? undefined : keyframeText(keyframes)],
    ["time", header.startTime === undefined ? undefined : wallTime(header.startTime)],
    ["title", header.title],
    ["command", header.command],
    ["folder", header.cwd],
    ["by", where === "" ? undefined : where],
    ["tags", header.tags?.join(", ")],
  ];
  for (const [name, value] of rows)
    if (value !== undefined) context.print(`${name.padEnd(12)}${visibleText(value, { maxLength: 1000 })}`);
}

function keyframeText(table: KeyframeTable): string {
  const { count, dropped } = countKeyframes(table);
  return `${grouped(count)}${dropped > 0 ? `, ${grouped(dropped)} left out: they did not stand the proof` : ""}`;
}

function wallTime(nanos: bigint): string {
  const date = new Date(Number(nanos / 1_000_000n));
  return Number.isNaN(date.getTime()) ? "unknown" : date.toISOString();
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
