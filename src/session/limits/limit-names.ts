// What each limit is called, and how its values are said to people.
import { formatDuration, formatSize, NANOS_PER_SECOND } from "../../core/index.js";
import type { SessionLimits } from "../session-limits.js";

/** A limit's key. */
export type LimitName = keyof SessionLimits;

/** How a limit is called, in templates, options and events, and the kind of its value. */
export const LIMITS = {
  cpuSeconds: { word: "cpu_time", unit: "seconds", summary: "CPU time of all its processes together" },
  memoryBytes: { word: "memory", unit: "bytes", summary: "memory of all its processes together" },
  processes: { word: "processes", unit: "count", summary: "processes at once" },
  openFiles: { word: "open_files", unit: "count", summary: "open files of each process" },
  fileBytes: { word: "file_size", unit: "bytes", summary: "size of any file that it writes" },
  wallSeconds: { word: "wall_time", unit: "seconds", summary: "time from its start" },
  idleSeconds: { word: "idle_time", unit: "seconds", summary: "time without output or input" },
  outputRate: { word: "output_rate", unit: "bytes", summary: "output a second, over ten seconds: beyond it waits" },
  recordingBytes: { word: "recording_size", unit: "bytes", summary: "size of its recording" },
} as const satisfies Record<
  LimitName,
  { readonly word: string; readonly unit: "seconds" | "bytes" | "count"; readonly summary: string }
>;

/** All of them, in the order in which they are shown. */
export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[]; // the keys of a const object

/** A value of a limit for people: `512 MB`, `1m30s`, `20`. */
export function formatLimit(name: LimitName, value: number): string {
  const { unit } = LIMITS[name];
  if (unit === "bytes") return name === "outputRate" ? `${formatSize(value)} a second` : formatSize(value);
  return unit === "seconds" ? formatDuration(Math.round(value * NANOS_PER_SECOND)) : String(value);
}
