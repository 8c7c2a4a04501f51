// What one question may cost, in any index, and what an index's rows have to fit apart from their text: shared, so that all indexes
// answer alike.
import type { PassageMatcher } from "./match-passage.js";
import { HIT_KINDS, type HitKind, type SearchQuery } from "./search.js";

/** Candidates of each kind (passages, blocks of commands, sessions) that one question has looked at closely. */
export const MAX_LOOKED = 20_000;
/** And of those that may hold a word that is nearly so: each of their words is compared. */
export const MAX_LOOKED_NEARLY = 200;
/** Candidates that it passes over, as they are of sessions that are not meant. */
export const MAX_PASSED = 1_000_000;
/** Hits of each kind that are compared with each other, where fewer are asked for: the newest. */
export const MIN_RANKED = 60;
/** Looked closely at so many, as many hits as are asked for will do. */
export const ENOUGH_LOOKED = 200;
/** Candidates that a pattern is held against at once. */
export const PATTERN_BATCH = 32;
/** Recordings that a question may name. */
export const MAX_TEXTS = 2000;
/** Hits that are given where no number is asked for. */
export const DEFAULT_LIMIT = 20;

/** Kinds of hits that a question can have. */
export function kindsOf(
  { kinds = HIT_KINDS, exit, cwd, recordings }: SearchQuery,
  matcher: PassageMatcher,
): readonly HitKind[] {
  return (["session", "command", "screen"] as const).filter((kind) => {
    if (!kinds.includes(kind)) return false;
    if ((exit !== undefined || cwd !== undefined) && kind !== "command") return false;
    if (recordings !== undefined && kind === "session") return false;
    return kind !== "screen" || !matcher.isEmpty;
  });
}

/** What is known of a command, beside its line. */
export interface CommandFacts {
  readonly cwd: string | null;
  readonly exitStatus: number | null;
}

/** Whether a command that began then (milliseconds since 1970) is one that the question means. */
export function fits(
  { cwd, exitStatus }: CommandFacts,
  wallMs: number,
  { exit, cwd: folder, during }: SearchQuery,
): boolean {
  if (exit !== undefined && (exitStatus === null || (exitStatus === exit.status) === exit.isNot)) return false;
  if (folder !== undefined && cwd?.includes(folder) !== true) return false;
  return during === undefined || (wallMs >= during.sinceMs && wallMs < during.untilMs);
}
