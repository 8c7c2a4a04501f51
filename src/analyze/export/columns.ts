// The columns of commands as a table, the same in CSV and Parquet: names that need no quotes in SQL.
import type { CommandJson } from "../command-json.js";

/** One command, as it is exported. */
export interface CommandRow {
  readonly json: CommandJson;
  /** Wall clock at its start, nanoseconds since 1970: finer than the JSON's; undefined where that has none. */
  readonly time: bigint | undefined;
}

/** A value of a cell: text, a whole number, a truth, or nothing. */
export type Cell = string | number | boolean | null;

/** A column. `time` is a wall clock; `count` a whole number of 64 bits. */
export interface CommandColumn {
  readonly name: string;
  readonly type: "text" | "count" | "truth" | "time";
  readonly value: (json: CommandJson) => Cell;
}

/** Every column, in order. */
export const COMMAND_COLUMNS: readonly CommandColumn[] = [
  { name: "line", type: "text", value: ({ line }) => line },
  { name: "cwd", type: "text", value: ({ cwd }) => cwd },
  { name: "user", type: "text", value: ({ user }) => user },
  { name: "host", type: "text", value: ({ host }) => host },
  { name: "exit_status", type: "count", value: ({ exitStatus }) => exitStatus },
  { name: "signal", type: "text", value: ({ signal }) => signal },
  { name: "started_at", type: "time", value: ({ startedAt }) => startedAt },
  { name: "start_ns", type: "count", value: ({ startNs }) => startNs },
  { name: "duration_ns", type: "count", value: ({ durationNs }) => durationNs },
  { name: "time_to_first_output_ns", type: "count", value: ({ timeToFirstOutputNs }) => timeToFirstOutputNs },
  { name: "output_bytes", type: "count", value: ({ outputBytes }) => outputBytes },
  { name: "output_lines", type: "count", value: ({ outputLines }) => outputLines },
  { name: "output_first_event", type: "count", value: ({ output }) => output?.firstEvent ?? null },
  { name: "output_last_event", type: "count", value: ({ output }) => output?.lastEvent ?? null },
  { name: "output_start_byte", type: "count", value: ({ output }) => output?.startByte ?? null },
  { name: "output_end_byte", type: "count", value: ({ output }) => output?.endByte ?? null },
  { name: "source", type: "text", value: ({ source }) => source },
  { name: "trusted", type: "truth", value: ({ trusted }) => trusted },
  { name: "depth", type: "count", value: ({ depth }) => depth },
  { name: "recording", type: "text", value: ({ recording }) => recording },
  { name: "number", type: "count", value: ({ number }) => number ?? null },
];
