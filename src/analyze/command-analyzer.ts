// Command history and statistics: what was run how often, how long it took, how it ended, and when that was.
import type { AnalyzedSession, Analyzer } from "./analyzer.js";
import { wallMs } from "./calendar.js";
import type { Command } from "./command.js";
import { isoTime } from "./command-json.js";
import type { CommandReport, Retried, SlowCommand, Used } from "./command-report.js";
import { SequenceCounter, type SequencesPart } from "./command-sequences.js";
import { TimesCounter, type TimesPart } from "./command-times.js";
import { DistinctCounter, type DistinctPart } from "./distinct-counter.js";
import { Greatest } from "./greatest.js";
import { programOf } from "./program-of.js";
import { QuantileSketch, type SketchPart } from "./quantile-sketch.js";
import { SessionCounter, type SessionsPart } from "./session-figures.js";
import { ShellThreads } from "./shell-threads.js";
import { TopCounter, type TopPart } from "./top-counter.js";

/** Entries of each list of the report. */
const LISTED = 20;
/** A sequence that came less often is chance. */
const LEAST_SEQUENCE = 3;
/** Texts of slow commands are cut here, units. */
const MAX_SHOWN_UNITS = 2000;

const COUNTERS = ["programs", "lines", "directories", "retried"] as const;
const DISTINCT = ["lines", "programs", "directories"] as const;

/** What a {@link CommandAnalyzer} knows, as data. */
export interface CommandPart {
  readonly sums: Sums;
  readonly sessions: SessionsPart;
  readonly times: TimesPart;
  readonly durations: SketchPart;
  readonly counters: Readonly<Record<(typeof COUNTERS)[number], TopPart>>;
  readonly distinct: Readonly<Record<(typeof DISTINCT)[number], DistinctPart>>;
  readonly sequences: SequencesPart;
  readonly slowest: readonly SlowCommand[];
}

/** Plain sums. */
interface Sums {
  commands: number;
  withoutLine: number;
  trusted: number;
  inferred: number;
  outputBytes: number;
  succeeded: number;
  failed: number;
  bySignal: number;
  unknown: number;
}

/** Statistics of commands. Memory is bounded whatever is analyzed. */
export class CommandAnalyzer implements Analyzer<CommandReport, CommandPart> {
  readonly #sums: Sums = {
    ...{ commands: 0, withoutLine: 0, trusted: 0, inferred: 0, outputBytes: 0 },
    ...{ succeeded: 0, failed: 0, bySignal: 0, unknown: 0 },
  };
  readonly #sessions = new SessionCounter();
  readonly #times = new TimesCounter();
  readonly #durations = new QuantileSketch();
  readonly #counters = {
    programs: new TopCounter(),
    lines: new TopCounter(),
    directories: new TopCounter(),
    retried: new TopCounter(),
  };
  readonly #distinct = {
    lines: new DistinctCounter(),
    programs: new DistinctCounter(),
    directories: new DistinctCounter(),
  };
  readonly #sequences = new SequenceCounter();
  readonly #slowest = new Greatest<SlowCommand>(LISTED, ({ durationNs }) => durationNs);
  #session: AnalyzedSession | undefined;
  #shells = new ShellThreads();
  #before = { commands: 0, failed: 0 };

  session(session: AnalyzedSession): void {
    this.#session = session;
    this.#shells = new ShellThreads();
    this.#sequences.session();
    this.#before = { commands: this.#sums.commands, failed: this.#sums.failed };
  }

  command(command: Command): void {
    const { previous, isShell } = this.#shells.take(command);
    const hasFailed = isFailed(command);
    const duration = isShell ? undefined : command.duration;
    this.#sum(command, hasFailed);
    this.#count(command, hasFailed, duration);
    this.#sequences.take(command);
    const { line } = command;
    if (line !== undefined && previous !== undefined && previous.line === line && isFailed(previous))
      this.#counters.retried.count(line, hasFailed);
    const ms = wallMs(this.#session?.header.startTime, command.start);
    this.#times.take(ms, hasFailed, duration ?? 0);
    if (duration === undefined) return;
    this.#durations.take(duration);
    if (this.#slowest.wants(duration)) this.#slowest.take(this.#slow(command, duration));
  }

  end(duration: number): void {
    if (this.#session === undefined) return;
    const { commands, failed } = this.#sums;
    this.#sessions.take(this.#session, duration, commands - this.#before.commands, failed - this.#before.failed);
    this.#session = undefined;
  }

  #sum(command: Command, hasFailed: boolean): void {
    const sums = this.#sums;
    sums.commands++;
    if (command.line === undefined) sums.withoutLine++;
    if (command.trusted) sums.trusted++;
    if (command.source === "inferred") sums.inferred++;
    if (command.depth === 0) sums.outputBytes += command.outputBytes; // of those within it too
    if (command.exitStatus === undefined) sums.unknown++;
    else if (!hasFailed) sums.succeeded++;
    else {
      sums.failed++;
      if (command.signal !== undefined) sums.bySignal++;
    }
  }

  #count({ line, cwd }: Command, hasFailed: boolean, duration: number | undefined): void {
    if (cwd !== undefined) {
      this.#counters.directories.count(cwd, hasFailed, duration);
      this.#distinct.directories.count(cwd);
    }
    if (line === undefined) return;
    this.#counters.lines.count(line, hasFailed, duration);
    this.#distinct.lines.count(line);
    const { program } = programOf(line);
    if (program === undefined) return;
    this.#counters.programs.count(program, hasFailed, duration);
    this.#distinct.programs.count(program);
  }

  #slow({ line, cwd, start, exitStatus, signal }: Command, durationNs: number): SlowCommand {
    return {
      line: line?.slice(0, MAX_SHOWN_UNITS) ?? null,
      cwd: cwd?.slice(0, MAX_SHOWN_UNITS) ?? null,
      durationNs,
      exitStatus: exitStatus ?? null,
      signal: signal ?? null,
      session: this.#session?.name ?? "",
      startNs: start,
      startedAt: isoTime(this.#session?.header.startTime, start),
    };
  }

  part(): CommandPart {
    return {
      sums: this.#sums,
      sessions: this.#sessions.part(),
      times: this.#times.part(),
      durations: this.#durations.part(),
      counters: mapOf(COUNTERS, (name) => this.#counters[name].part()),
      distinct: mapOf(DISTINCT, (name) => this.#distinct[name].part()),
      sequences: this.#sequences.part(),
      slowest: this.#slowest.items,
    };
  }

  add(part: CommandPart): void {
    for (const key of Object.keys(this.#sums) as (keyof Sums)[]) this.#sums[key] += part.sums[key];
    this.#sessions.add(part.sessions);
    this.#times.add(part.times);
    this.#durations.add(part.durations);
    for (const name of COUNTERS) this.#counters[name].add(part.counters[name]);
    for (const name of DISTINCT) this.#distinct[name].add(part.distinct[name]);
    this.#sequences.add(part.sequences);
    this.#slowest.add(part.slowest);
  }

  report(): CommandReport {
    const { succeeded, failed, bySignal, unknown, ...totals } = this.#sums;
    const { programs, lines, directories } = this.#counters;
    const known = succeeded + failed;
    return {
      sessions: this.#sessions.figures,
      totals: {
        ...totals,
        distinctLines: this.#distinct.lines.total,
        distinctPrograms: this.#distinct.programs.total,
        distinctDirectories: this.#distinct.directories.total,
        runningNs: this.#durations.sum,
      },
      success: { succeeded, failed, bySignal, unknown, rate: known === 0 ? null : succeeded / known },
      durations: this.#durations.quantiles ?? null,
      programs: mostUsed(programs, "program"),
      lines: mostUsed(lines, "line"),
      directories: mostUsed(directories, "cwd"),
      missed: { programs: programs.missed, lines: lines.missed, directories: directories.missed },
      slowest: this.#slowest.items,
      when: this.#times.times,
      sequences: this.#sequences.top(LISTED, LEAST_SEQUENCE),
      retried: retried(this.#counters.retried),
    };
  }
}

/** Whether it is known to have ended with another status than 0. */
export function isFailed({ exitStatus }: Command): boolean {
  return exitStatus !== undefined && exitStatus !== 0;
}

function mostUsed<Key extends string>(counter: TopCounter, name: Key): readonly Used<Key>[] {
  return counter.top(LISTED).map(({ key, ...tally }) => ({ [name]: key, ...tally }) as unknown as Used<Key>);
}

function retried(counter: TopCounter): readonly Retried[] {
  return counter.top(LISTED).map(({ key, count, failed }) => ({ line: key, count, failedAgain: failed }));
}

function mapOf<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
