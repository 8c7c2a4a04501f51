// Errors: which commands failed and what they said, what such errors have in common, and what mended them.
import type { AnalyzedSession, Analyzer, CommandText } from "./analyzer.js";
import { wallMs } from "./calendar.js";
import type { Command } from "./command.js";
import { isoTime } from "./command-json.js";
import { type CommandOutcome, outcomeOf, showsTexts } from "./command-outcome.js";
import { TimesCounter, type TimesPart } from "./command-times.js";
import { ErrorPatterns, type PatternsPart } from "./error-patterns.js";
import type { ErrorReport, FailedCommand, FailedCommands, OutcomeCounts, Recovery } from "./error-report.js";
import { type ErrorFamily, STRONG_WEIGHT } from "./error-rules.js";
import { errorsOverTime } from "./error-times.js";
import { Latest, type LatestPart } from "./latest.js";
import { programOf } from "./program-of.js";
import { type FoundRecovery, RecoveryFinder } from "./recovery-finder.js";
import { ShellThreads } from "./shell-threads.js";
import { type TellingLine, tellingLines } from "./telling-lines.js";

const MAX_FAILED = 500;
/** Of each of the other lists. */
const MAX_LISTED = 100;
/** Texts are cut here, UTF-16 units. */
const MAX_SHOWN_UNITS = 1000;

type Counts = { -readonly [Key in keyof OutcomeCounts]: OutcomeCounts[Key] };

/** What an {@link ErrorAnalyzer} knows, as data. */
export interface ErrorPart {
  readonly counts: OutcomeCounts;
  readonly failed: LatestPart<FailedCommand>;
  readonly suspected: LatestPart<FailedCommand>;
  readonly succeededWithErrors: LatestPart<FailedCommand>;
  readonly families: readonly (readonly [ErrorFamily | "unknown", number])[];
  readonly patterns: PatternsPart;
  readonly times: TimesPart;
  readonly recoveries: LatestPart<Recovery>;
}

/** What is remembered of a command that failed. */
interface Told {
  readonly best: TellingLine | undefined;
  readonly pattern: string;
}

/** Errors of commands. Needs their text. Memory is bounded whatever is analyzed. */
export class ErrorAnalyzer implements Analyzer<ErrorReport, ErrorPart> {
  readonly #counts: Counts = {
    ...{ total: 0, succeeded: 0, failed: 0, bySignal: 0, answered: 0 },
    ...{ interrupted: 0, unknown: 0, suspected: 0, succeededWithErrors: 0, shells: 0 },
  };
  readonly #failed = new Latest<FailedCommand>(MAX_FAILED);
  readonly #suspected = new Latest<FailedCommand>(MAX_LISTED);
  readonly #succeededWithErrors = new Latest<FailedCommand>(MAX_LISTED);
  readonly #families = new Map<ErrorFamily | "unknown", number>();
  readonly #patterns = new ErrorPatterns();
  readonly #times = new TimesCounter();
  readonly #recoveries = new Latest<Recovery>(MAX_LISTED);
  #session: AnalyzedSession | undefined;
  #shells = new ShellThreads();
  #mending = new RecoveryFinder<Told>();

  session(session: AnalyzedSession): void {
    this.#session = session;
    this.#shells = new ShellThreads();
    this.#mending = new RecoveryFinder();
  }

  command(command: Command, text: CommandText | undefined): void {
    this.#counts.total++;
    if (this.#shells.take(command).isShell) {
      this.#counts.shells++;
      this.#mending.other(command);
      return;
    }
    const { outcome, telling } = judge(command, text);
    this.#counts[outcome]++;
    if (outcome !== "unknown" && outcome !== "interrupted")
      this.#times.take(this.#wallMs(command), outcome === "failed", 0);
    if (outcome === "failed") this.#fail(this.#failedCommand(command, telling, text), command);
    else {
      if (telling.length > 0) this.#doubt(outcome, this.#failedCommand(command, telling, text));
      this.#passed(command, outcome);
    }
  }

  #fail(failed: FailedCommand, command: Command): void {
    if (command.signal !== undefined) this.#counts.bySignal++;
    const [best] = failed.telling;
    const family = best?.family ?? "unknown";
    this.#families.set(family, (this.#families.get(family) ?? 0) + 1);
    this.#failed.take(failed);
    this.#mending.failed(command, { best, pattern: this.#patterns.take(failed, true) });
  }

  /** An error in the output of a command that did not fail, as far as is known. */
  #doubt(outcome: CommandOutcome, command: FailedCommand): void {
    const kind = outcome === "unknown" ? "suspected" : "succeededWithErrors";
    this.#counts[kind]++;
    (kind === "suspected" ? this.#suspected : this.#succeededWithErrors).take(command);
    this.#patterns.take(command, false);
  }

  #passed(command: Command, outcome: CommandOutcome): void {
    if (outcome !== "succeeded") {
      this.#mending.other(command);
      return;
    }
    const found = this.#mending.succeeded(command);
    if (found === undefined) return;
    this.#patterns.recovered(found.told.pattern);
    this.#recoveries.take(this.#recovery(found));
  }

  #recovery({ failed, succeeded, told, attempts, removed, added, between }: FoundRecovery<Told>): Recovery {
    const isSame = removed.length === 0 && added.length === 0;
    return {
      failedLine: shown(failed.line),
      succeededLine: shown(succeeded.line),
      exitStatus: failed.exitStatus ?? null,
      rule: told.best?.rule ?? null,
      says: told.best?.says ?? null,
      attempts,
      change: isSame ? (between.length > 0 ? "between" : "nothing") : "line",
      removed: removed.map(shown),
      added: added.map(shown),
      between: between.map(shown),
      afterNs: Math.max(0, succeeded.start - (failed.start + (failed.duration ?? 0))),
      session: this.#session?.name ?? "",
      startNs: failed.start,
      startedAt: isoTime(this.#session?.header.startTime, failed.start),
    };
  }

  #failedCommand(command: Command, telling: readonly TellingLine[], text: CommandText | undefined): FailedCommand {
    const { line, cwd, exitStatus, signal, duration, source, start } = command;
    return {
      line: line === undefined ? null : shown(line),
      cwd: cwd === undefined ? null : shown(cwd),
      exitStatus: exitStatus ?? null,
      signal: signal ?? null,
      durationNs: duration ?? null,
      source,
      session: this.#session?.name ?? "",
      startNs: start,
      startedAt: isoTime(this.#session?.header.startTime, start),
      telling,
      isCut: text?.isCut ?? false,
    };
  }

  #wallMs({ start }: Command): number | undefined {
    return wallMs(this.#session?.header.startTime, start);
  }

  part(): ErrorPart {
    return {
      counts: this.#counts,
      failed: this.#failed.part(),
      suspected: this.#suspected.part(),
      succeededWithErrors: this.#succeededWithErrors.part(),
      families: [...this.#families],
      patterns: this.#patterns.part(),
      times: this.#times.part(),
      recoveries: this.#recoveries.part(),
    };
  }

  add(part: ErrorPart): void {
    for (const key of Object.keys(this.#counts) as (keyof Counts)[]) this.#counts[key] += part.counts[key];
    this.#failed.add(part.failed);
    this.#suspected.add(part.suspected);
    this.#succeededWithErrors.add(part.succeededWithErrors);
    for (const [family, count] of part.families) this.#families.set(family, (this.#families.get(family) ?? 0) + count);
    this.#patterns.add(part.patterns);
    this.#times.add(part.times);
    this.#recoveries.add(part.recoveries);
  }

  report(): ErrorReport {
    const { succeeded, failed, answered } = this.#counts;
    const known = succeeded + failed + answered;
    const { patterns, others } = this.#patterns.top(MAX_LISTED);
    return {
      commands: { ...this.#counts },
      rate: known === 0 ? null : failed / known,
      failed: listOf(this.#failed),
      suspected: listOf(this.#suspected),
      succeededWithErrors: listOf(this.#succeededWithErrors),
      families: [...this.#families].map(([family, count]) => ({ family, count })).sort((a, b) => b.count - a.count),
      patterns,
      inOtherPatterns: others,
      overTime: errorsOverTime(this.#times.times),
      recoveries: {
        count: this.#recoveries.count,
        latest: this.#recoveries.items,
        omitted: this.#recoveries.count - this.#recoveries.items.length,
      },
    };
  }
}

/** How it ended, and the lines that tell; none of a command that did well and says nothing else. */
function judge(
  command: Command,
  text: CommandText | undefined,
): { readonly outcome: CommandOutcome; readonly telling: readonly TellingLine[] } {
  const outcome = outcomeOf(command);
  const output = text?.text ?? "";
  if (outcome === "failed") return { outcome, telling: tellingLines(output, { guess: true }) };
  if (outcome === "interrupted") return { outcome, telling: [] };
  const telling = tellingLines(output, { minWeight: STRONG_WEIGHT }).filter((each) => isOwn(each, command));
  if (outcome !== "answered") return { outcome, telling };
  // grep ends with 1 where it found nothing, which says nothing.
  return telling.length > 0 ? { outcome: "failed", telling } : { outcome, telling };
}

/** `cat` shows errors of others; its own begin with its name. */
function isOwn({ text }: TellingLine, { line }: Command): boolean {
  if (line === undefined || !showsTexts(line)) return true;
  const { program } = programOf(line);
  return program !== undefined && text.startsWith(`${program}: `);
}

function listOf(latest: Latest<FailedCommand>): FailedCommands {
  return { commands: latest.items, omitted: latest.count - latest.items.length };
}

function shown(text: string): string {
  return text.slice(0, MAX_SHOWN_UNITS);
}
