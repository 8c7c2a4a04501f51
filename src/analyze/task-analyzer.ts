// Which tasks were run (t2a run), how they ended and how long they took, as the events in their recordings tell.
import { type Event, parseTask, type TaskEnd, type TaskStart } from "../core/index.js";
import type { AnalyzedSession, Analyzer } from "./analyzer.js";
import { isoTime } from "./command-json.js";
import { Latest, type LatestPart } from "./latest.js";
import { QuantileSketch, type SketchPart } from "./quantile-sketch.js";
import type { TaskFigures, TaskReport, TaskRun } from "./task-report.js";

/** Runs that are kept, tasks that are counted apart, and those of them that are told of. */
const MAX_RUNS = 100;
const MAX_TASKS = 1000;
const MAX_SHOWN = 50;
/** Of each text, UTF-16 units. */
const MAX_UNITS = 1000;

/** What a {@link TaskAnalyzer} knows, as data. */
export interface TaskPart {
  readonly counts: TaskReport["counts"];
  readonly durations: SketchPart;
  readonly tasks: readonly TaskFigures[];
  readonly others: number;
  readonly runs: LatestPart<TaskRun>;
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] };

/** Tells of tasks where there are any; else there is no report. Memory is bounded whatever is analyzed. */
export class TaskAnalyzer implements Analyzer<TaskReport | undefined, TaskPart> {
  readonly #counts = { total: 0, completed: 0, failed: 0, unfinished: 0 };
  readonly #durations = new QuantileSketch();
  readonly #tasks = new Map<string, Open<TaskFigures>>();
  #others = 0;
  readonly #runs = new Latest<TaskRun>(MAX_RUNS);
  #session: AnalyzedSession | undefined;
  /** What has begun and not ended. */
  #open: { readonly start: TaskStart; readonly time: number } | undefined;

  session(session: AnalyzedSession): void {
    this.#session = session;
    this.#open = undefined;
  }

  event(event: Event): void {
    const told = parseTask(event);
    if (told === undefined) return;
    if (told.state === "start") {
      this.#close();
      this.#open = { start: told, time: event.time };
    } else {
      this.#take(told, this.#open?.time ?? Math.max(0, event.time - told.durationNs));
      this.#open = undefined;
    }
  }

  end(): void {
    this.#close();
  }

  part(): TaskPart {
    return {
      counts: this.#counts,
      durations: this.#durations.part(),
      tasks: [...this.#tasks.values()],
      others: this.#others,
      runs: this.#runs.part(),
    };
  }

  add({ counts, durations, tasks, others, runs }: TaskPart): void {
    for (const key of ["total", "completed", "failed", "unfinished"] as const) this.#counts[key] += counts[key];
    this.#durations.add(durations);
    for (const task of tasks) this.#addTask(task);
    this.#others += others;
    this.#runs.add(runs);
  }

  report(): TaskReport | undefined {
    if (this.#counts.total === 0) return undefined;
    const tasks = [...this.#tasks.values()].sort((one, other) => other.runs - one.runs);
    const shown = tasks.slice(0, MAX_SHOWN);
    const runs = this.#runs.items;
    return {
      counts: { ...this.#counts },
      durations: this.#durations.quantiles ?? null,
      totalNs: this.#durations.sum,
      tasks: shown,
      others: this.#others + tasks.slice(MAX_SHOWN).reduce((sum, task) => sum + task.runs, 0),
      runs,
      omitted: this.#runs.count - runs.length,
    };
  }

  /** What is open has no end. */
  #close(): void {
    if (this.#open !== undefined) this.#take(this.#open.start, this.#open.time);
    this.#open = undefined;
  }

  #take(told: TaskStart | TaskEnd, startNs: number): void {
    const ended = told.state === "end" ? told : undefined;
    const status = ended?.status ?? "unfinished";
    const run: TaskRun = {
      session: this.#session?.name.slice(0, MAX_UNITS) ?? "",
      task: told.task?.slice(0, MAX_UNITS) ?? null,
      command: told.command.slice(0, MAX_UNITS),
      status,
      exitStatus: ended?.exitStatus ?? null,
      signal: ended?.signal?.slice(0, MAX_UNITS) ?? null,
      durationNs: ended === undefined ? null : Math.round(ended.durationNs),
      error: ended?.error?.slice(0, MAX_UNITS) ?? null,
      startNs,
      startedAt: isoTime(this.#session?.header.startTime, startNs),
    };
    this.#counts.total++;
    this.#counts[status]++;
    if (run.durationNs !== null) this.#durations.take(run.durationNs);
    this.#addTask({
      task: run.task ?? run.command,
      command: run.command,
      runs: 1,
      failed: status === "failed" ? 1 : 0,
      unfinished: status === "unfinished" ? 1 : 0,
      totalNs: run.durationNs ?? 0,
      longestNs: run.durationNs ?? 0,
      last: status,
      lastStartedAt: run.startedAt,
    });
    this.#runs.take(run);
  }

  /** What comes later is of later. */
  #addTask(more: TaskFigures): void {
    const known = this.#tasks.get(more.task);
    if (known === undefined) {
      if (this.#tasks.size < MAX_TASKS) this.#tasks.set(more.task, { ...more });
      else this.#others += more.runs;
      return;
    }
    for (const key of ["runs", "failed", "unfinished", "totalNs"] as const) known[key] += more[key];
    known.longestNs = Math.max(known.longestNs, more.longestNs);
    known.command = more.command;
    known.last = more.last;
    known.lastStartedAt = more.lastStartedAt;
  }
}
