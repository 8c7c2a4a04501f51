// Tasks: pieces of work that are recorded one by one (`t2a run`), as their recordings tell of them.
import type { Event } from "./event.js";

/** Code of the custom events at a task's beginning and end. */
export const TASK_CODE = "t2a.task";

/** How a task's beginning is told. Texts come from outside: show none of them raw. */
export interface TaskStart {
  readonly state: "start";
  /** What whoever runs it calls it. */
  readonly task?: string | undefined;
  readonly command: string;
}

/** How its end is told. */
export interface TaskEnd {
  readonly state: "end";
  readonly task?: string | undefined;
  readonly command: string;
  readonly status: "completed" | "failed";
  readonly exitStatus: number;
  readonly signal?: string | undefined;
  readonly durationNs: number;
  /** In words; absent where it succeeded. */
  readonly error?: string | undefined;
}

/** What such an event says; undefined where it is none, or not one of t2a's. */
export function parseTask(event: Event): TaskStart | TaskEnd | undefined {
  if (event.kind !== "custom" || event.code !== TASK_CODE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(event.data));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { state, task, command, status, exitStatus, signal, durationNs, error } = value as Readonly<
    Record<string, unknown>
  >;
  if (typeof command !== "string") return undefined;
  const name = { task: text(task), command };
  if (state === "start") return { state, ...name };
  const isEnd = state === "end" && (status === "completed" || status === "failed");
  if (!isEnd || !Number.isInteger(exitStatus) || typeof durationNs !== "number") return undefined;
  if (!(durationNs >= 0 && durationNs <= Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    state,
    ...name,
    status,
    exitStatus: exitStatus as number,
    signal: text(signal),
    durationNs,
    error: text(error),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
