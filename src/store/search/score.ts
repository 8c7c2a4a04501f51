// What makes one hit better than another.
import type { HitKind } from "./search.js";

/** What is known of a hit. */
export interface Ranked {
  readonly kind: HitKind;
  /** How often what was asked for is there. */
  readonly count: number;
  /** It stands there as whole words. */
  readonly isWhole: boolean;
  /** Milliseconds since 1970 when it happened. */
  readonly wallMs: number;
}

/** A session's own words say more of it than a command's line, and that more than what a screen showed. */
const BY_KIND: Readonly<Record<HitKind, number>> = { session: 3, command: 2, screen: 0 };
const WHOLE = 3;
/** For each doubling of the matches. */
const DOUBLED = 0.5;
/** What happened just now, against long ago; half of it is gone after so many days. */
const RECENT = 4;
const HALF_DAYS = 30;
const DAY_MS = 86_400_000;

/** How good a hit is at a time (milliseconds since 1970); greater is better. */
export function scoreOf({ kind, count, isWhole, wallMs }: Ranked, nowMs: number): number {
  const days = Math.max(0, nowMs - wallMs) / DAY_MS;
  const recent = RECENT * (HALF_DAYS / (HALF_DAYS + days));
  return BY_KIND[kind] + (isWhole ? WHOLE : 0) + DOUBLED * Math.log2(1 + count) + recent;
}
