// Which sessions a command means: the options that t2a library's commands share, and the filter that they make.
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../core/index.js";
import type { SessionFilter, SessionStatus } from "../store/index.js";
import { addWord, parseMoment } from "./parse.js";

/** A moment, or so long before now; milliseconds. */
type Moment = { readonly ms: number } | { readonly agoMs: number };

/** Options that say which sessions are meant, as {@link addSessionFilterOptions} adds them. */
export interface SessionFilterOptions {
  readonly since?: Moment;
  readonly until?: Moment;
  readonly tag?: readonly string[];
  readonly status?: readonly SessionStatus[];
  readonly command?: string;
  readonly agent?: string;
  readonly host?: string;
  readonly failed?: boolean;
  /** Nanoseconds. */
  readonly longerThan?: number;
}

/** As the store has them, which is loaded only when it is opened. */
const STATUSES: readonly SessionStatus[] = ["active", "handed_off", "completed", "failed", "interrupted"];

/** Adds the options of {@link SessionFilterOptions} to a command. */
export function addSessionFilterOptions(command: Command): Command {
  return command
    .option(
      "--since <moment>",
      "only such as began then or later: 2026-03-01, 2026-03-01T14:00, or 7d, that is a week ago",
      parseBound,
    )
    .option("--until <moment>", "only such as began before", parseBound)
    .option("--tag <tag>", "only with this tag; again: with all of them", addWord)
    .addOption(
      new Option("--status <status>", "only with this status; again: with one of them")
        .choices(STATUSES)
        .argParser(addStatus),
    )
    .option("--command <text>", "only where this is part of their command, or of one that was run in them")
    .option("--agent <name>", "only of this agent")
    .option("--host <name>", "only of this host")
    .option("--failed", "only such as failed, or ended with another status than 0")
    .option("--longer-than <duration>", "only with more recorded time: 90s, 5m, 1:30:00", parseDuration);
}

/** The filter that the options make; nothing of it says whether sessions in the trash are meant. `now`: milliseconds since 1970. */
export function sessionFilterOf(options: SessionFilterOptions, now: number): SessionFilter {
  const { since, until, tag, status, command, agent, host, failed, longerThan } = options;
  return {
    sinceMs: since && timeOf(since, now),
    untilMs: until && timeOf(until, now),
    tags: tag,
    statuses: status,
    command,
    agent,
    host,
    isFailed: failed === true ? true : undefined,
    longerThanNs: longerThan,
  };
}

/** Whether any of the options was given. */
export function hasSessionFilter(options: SessionFilterOptions): boolean {
  return Object.values(sessionFilterOf(options, 0)).some((value) => value !== undefined);
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function parseBound(text: string): Moment {
  const [, count, unit = ""] = /^([0-9]{1,6})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return { agoMs: Number(count) * (UNIT_MS[unit] ?? 0) };
  try {
    return { ms: parseMoment(text) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`${error.message.replace(/\.$/, "")}, or an age: 90m, 12h, 7d, 4w.`);
  }
}

function timeOf(moment: Moment, now: number): number {
  return "ms" in moment ? moment.ms : now - moment.agoMs;
}

/** Commander checks choices only where it parses values itself. */
function addStatus(text: string, statuses: readonly SessionStatus[] = []): readonly SessionStatus[] {
  const status = STATUSES.find((known) => known === text);
  if (status === undefined) throw new InvalidArgumentError(`Allowed choices are ${STATUSES.join(", ")}.`);
  return [...statuses, status];
}
