// Commands as JSON: what `t2a commands --json` prints, docs/commands.schema.json describes and other tools read.
import type { Header } from "../core/index.js";
import type { AnalyzedSession } from "./analyzer.js";
import type { Command, OutputSpan } from "./command.js";

/** One command as JSON; null where it is not known. docs/commands.md describes each field. */
export interface CommandJson {
  readonly line: string | null;
  readonly cwd: string | null;
  /** Where the command itself did not say who and where: as its recording does. */
  readonly user: string | null;
  readonly host: string | null;
  readonly exitStatus: number | null;
  readonly signal: string | null;
  /** Nanoseconds since the recording's start; of a history since its first entry, negative where its clock went back. */
  readonly startNs: number;
  readonly durationNs: number | null;
  readonly timeToFirstOutputNs: number | null;
  readonly outputBytes: number;
  readonly outputLines: number;
  readonly output: OutputSpan | null;
  readonly source: Command["source"];
  readonly trusted: boolean;
  readonly depth: number;
  /** Wall time in ISO 8601, UTC, milliseconds; null where the recording does not say when it began. */
  readonly startedAt: string | null;
  /** The name by which the recording was given; null for histories. */
  readonly recording: string | null;
  /** Its number among the recording's commands, from 1, as `t2a output` takes it; absent in histories. */
  readonly number?: number | undefined;
}

/** What a command's session adds to it. */
export type CommandSession = Omit<AnalyzedSession, "header"> & {
  readonly header: Pick<Header, "startTime" | "user" | "host">;
};

/** The command as JSON; `session` adds wall time, recording, user and host; `number` is its own in the recording, from 1. */
export function commandToJson(command: Command, session?: CommandSession, number?: number): CommandJson {
  const header = session?.header;
  return {
    line: command.line ?? null,
    cwd: command.cwd ?? null,
    user: command.user ?? header?.user ?? null,
    host: command.host ?? header?.host ?? null,
    exitStatus: command.exitStatus ?? null,
    signal: command.signal ?? null,
    startNs: command.start,
    durationNs: command.duration ?? null,
    timeToFirstOutputNs: command.timeToFirstOutput ?? null,
    outputBytes: command.outputBytes,
    outputLines: command.outputLines,
    output: command.output ?? null,
    source: command.source,
    trusted: command.trusted,
    depth: command.depth,
    startedAt: isoTime(header?.startTime, command.start),
    recording: session?.source === "recording" ? session.name : null,
    ...(number === undefined ? {} : { number }),
  };
}

/** The command that such JSON is of. */
export function commandFromJson(json: CommandJson): Command {
  return {
    line: json.line ?? undefined,
    cwd: json.cwd ?? undefined,
    user: json.user ?? undefined,
    host: json.host ?? undefined,
    start: json.startNs,
    startEvents: undefined,
    duration: json.durationNs ?? undefined,
    exitStatus: json.exitStatus ?? undefined,
    signal: json.signal ?? undefined,
    timeToFirstOutput: json.timeToFirstOutputNs ?? undefined,
    outputBytes: json.outputBytes,
    outputLines: json.outputLines,
    output: json.output ?? undefined,
    source: json.source,
    trusted: json.trusted,
    depth: json.depth,
  };
}

/** The wall time of a moment so many nanoseconds after a start, to the nearest millisecond; null where Date cannot hold it. */
export function isoTime(startTime: bigint | undefined, time: number): string | null {
  if (startTime === undefined) return null;
  const nanos = startTime + BigInt(Math.round(time));
  // What is beyond 2^53 ns after the start is rounded by some ns: cutting could give the millisecond before.
  const date = new Date(Number((nanos + 500_000n) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Nanoseconds since 1970 that such a time stands for, to the millisecond. */
export function timeOfIso(startedAt: string): bigint {
  return BigInt(new Date(startedAt).getTime()) * 1_000_000n;
}
