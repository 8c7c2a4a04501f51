// What commands tell of habits: frequent tasks, tasks that often fail, productive hours, and what could be otherwise.
import type { AnalyzedSession, Analyzer } from "./analyzer.js";
import { LocalClock, wallMs } from "./calendar.js";
import type { Command } from "./command.js";
import { outcomeOf } from "./command-outcome.js";
import { SequenceCounter, type SequencesPart } from "./command-sequences.js";
import type { InsightReport, ProductiveHour, Task } from "./insight-report.js";
import { lastCommand } from "./last-command.js";
import { programOf } from "./program-of.js";
import { ShellThreads } from "./shell-threads.js";
import { suggestionsFor, THRESHOLDS } from "./suggestions.js";
import { type Tally, TopCounter, type TopPart } from "./top-counter.js";

const LISTED = 10;
const HOURS = 24;
/** Hours are named where so many commands say when they ran. */
const LEAST_DATED = 20;
/** The shell's status for a program that it does not find. */
const NOT_FOUND = 127;
const COUNTERS = ["tasks", "lines", "retried", "notFound", "elevated"] as const;

/** What an {@link InsightAnalyzer} knows, as data. */
export interface InsightPart {
  readonly counters: Readonly<Record<(typeof COUNTERS)[number], TopPart>>;
  readonly sequences: SequencesPart;
  /** By hour: commands, and those that succeeded. */
  readonly hours: readonly number[];
  readonly succeeded: readonly number[];
  readonly unnoticed: { readonly count: number; readonly totalNs: number };
}

/** Habits, and suggestions with their figures. Memory is bounded whatever is analyzed. */
export class InsightAnalyzer implements Analyzer<InsightReport, InsightPart> {
  readonly #counters = {
    tasks: new TopCounter(),
    lines: new TopCounter(),
    retried: new TopCounter(),
    notFound: new TopCounter(),
    elevated: new TopCounter(),
  };
  readonly #sequences = new SequenceCounter();
  readonly #clock = new LocalClock();
  readonly #hours: number[] = new Array(HOURS).fill(0);
  readonly #succeeded: number[] = new Array(HOURS).fill(0);
  #unnoticed = { count: 0, totalNs: 0 };
  #startTime: bigint | undefined;
  #shells = new ShellThreads();
  /** When a full screen was shown last. */
  #fullScreenAt = Number.NEGATIVE_INFINITY;
  /** Commands that failed, as long as anybody knows them. */
  readonly #failed = new WeakSet<Command>();
  /** The last command, if one waited for its end. */
  #waitedFor: Command | undefined;

  session({ header }: AnalyzedSession): void {
    this.#startTime = header.startTime;
    this.#shells = new ShellThreads();
    this.#sequences.session();
    this.#fullScreenAt = Number.NEGATIVE_INFINITY;
    this.#waitedFor = undefined;
  }

  alternate(_isOn: boolean, time: number): void {
    this.#fullScreenAt = time;
  }

  command(command: Command): void {
    const { previous, isShell } = this.#shells.take(command);
    const { line, exitStatus } = command;
    const { program, task, isElevated } = line === undefined ? NO_PROGRAM : programOf(line);
    const isWaiting = !isShell && this.#fullScreenAt < command.start && !isInteractive(command, program);
    const duration = isWaiting ? command.duration : undefined;
    this.#sequences.take(command);
    this.#hour(command);
    if (previous !== undefined && previous === this.#waitedFor) this.#pause(previous, command.start);
    this.#waitedFor = isWaiting ? command : undefined;
    if (line === undefined) return;
    // The line's status is that of its last command; a shell's is that of the last command in it.
    const last = exitStatus === undefined || exitStatus === 0 ? line : lastCommand(line);
    const ended = last === line ? { program, task } : programOf(last);
    const hasFailed = !isShell && isFailed(command, ended.program);
    if (hasFailed) this.#failed.add(command);
    this.#counters.lines.count(line, hasFailed, duration);
    if (task !== undefined) this.#counters.tasks.count(task, hasFailed && ended.task === task, duration);
    if (exitStatus !== undefined && ended.program !== undefined)
      this.#counters.notFound.count(ended.program, exitStatus === NOT_FOUND);
    if (previous?.line === undefined || !this.#failed.has(previous)) return;
    if (previous.line === line) this.#counters.retried.count(line, hasFailed);
    else if (isElevated && line.trimEnd().endsWith(previous.line.trim())) this.#counters.elevated.count(previous.line);
  }

  #hour({ start, exitStatus }: Command): void {
    const ms = wallMs(this.#startTime, start);
    if (ms === undefined) return;
    const { hour } = this.#clock.at(ms);
    this.#hours[hour] = (this.#hours[hour] ?? 0) + 1;
    if (exitStatus === 0) this.#succeeded[hour] = (this.#succeeded[hour] ?? 0) + 1;
  }

  #pause({ start, duration }: Command, next: number): void {
    if (duration === undefined || duration < THRESHOLDS.unnoticedCommand) return;
    const pause = next - start - duration;
    if (pause < THRESHOLDS.unnoticedPause || pause > THRESHOLDS.break) return;
    this.#addUnnoticed({ count: 1, totalNs: pause });
  }

  #addUnnoticed({ count, totalNs }: InsightPart["unnoticed"]): void {
    this.#unnoticed = { count: this.#unnoticed.count + count, totalNs: this.#unnoticed.totalNs + totalNs };
  }

  part(): InsightPart {
    const { tasks, lines, retried, notFound, elevated } = this.#counters;
    return {
      counters: {
        tasks: tasks.part(),
        lines: lines.part(),
        retried: retried.part(),
        notFound: notFound.part(),
        elevated: elevated.part(),
      },
      sequences: this.#sequences.part(),
      hours: this.#hours,
      succeeded: this.#succeeded,
      unnoticed: this.#unnoticed,
    };
  }

  add(part: InsightPart): void {
    for (const name of COUNTERS) this.#counters[name].add(part.counters[name]);
    this.#sequences.add(part.sequences);
    for (let hour = 0; hour < HOURS; hour++) {
      this.#hours[hour] = (this.#hours[hour] ?? 0) + (part.hours[hour] ?? 0);
      this.#succeeded[hour] = (this.#succeeded[hour] ?? 0) + (part.succeeded[hour] ?? 0);
    }
    this.#addUnnoticed(part.unnoticed);
  }

  report(): InsightReport {
    const { tasks, lines, retried, notFound, elevated } = this.#counters;
    const { failingRuns, failing } = THRESHOLDS;
    const rateOf = ({ count, failed }: Tally) =>
      count >= failingRuns && failed / count >= failing ? failed / count : 0;
    const all = (counter: TopCounter) => counter.top(Number.POSITIVE_INFINITY);
    return {
      frequentTasks: tasks.top(LISTED).map(taskOf),
      failingTasks: tasks.top(LISTED, rateOf).map(taskOf),
      failing: { leastCount: failingRuns, leastRate: failing },
      productiveHours: this.#productiveHours(),
      suggestions: suggestionsFor({
        lines: all(lines),
        retried: all(retried),
        // One that ended otherwise is there: npm and docker end with 127 where what they run is not found.
        notFound: all(notFound).filter(({ count, failed }) => failed === count),
        elevated: all(elevated),
        tasks: all(tasks),
        sequences: this.#sequences.top(LISTED, THRESHOLDS.sequence),
        unnoticed: this.#unnoticed,
      }),
    };
  }

  #productiveHours(): readonly ProductiveHour[] {
    const dated = this.#hours.reduce((sum, count) => sum + count, 0);
    const all = this.#succeeded.reduce((sum, count) => sum + count, 0);
    if (dated < LEAST_DATED || all === 0) return [];
    return this.#succeeded
      .map((succeeded, hour) => ({ hour, commands: this.#hours[hour] ?? 0, succeeded, share: succeeded / all }))
      .filter(({ succeeded }) => succeeded > 0)
      .sort((a, b) => b.succeeded - a.succeeded)
      .slice(0, 5);
  }
}

/** `false`, and what ends a shell with the status of another command, do what they are told. */
const FAIL_ON_PURPOSE: ReadonlySet<string> = new Set(["false", "exit", "return", "logout"]);

/** Neither answers, such as grep's where nothing matches, nor what ctrl-C ended: nothing of them could be otherwise. */
function isFailed(command: Command, program: string | undefined): boolean {
  return outcomeOf(command) === "failed" && (program === undefined || !FAIL_ON_PURPOSE.has(program));
}

const NO_PROGRAM = { program: undefined, task: undefined, isElevated: false } as const;

/** Programs that one talks with, or looks at until one has seen enough: the time in them is not waited. */
const INTERACTIVE: ReadonlySet<string> = new Set(
  (
    "bash zsh fish sh dash ksh nu su ssh mosh tmux screen python python3 ipython node irb pry psql mysql sqlite3 redis-cli gdb lldb " +
    "vi vim nvim nano emacs hx micro less more man top htop btop watch tail fg claude codex aider"
  ).split(" "),
);

function isInteractive({ signal }: Command, program: string | undefined): boolean {
  return signal === "SIGINT" || (program !== undefined && INTERACTIVE.has(program));
}

function taskOf({ key, count, failed, runningNs }: Tally & { readonly key: string }): Task {
  return { task: key, count, failed, failureRate: failed / count, runningNs };
}
