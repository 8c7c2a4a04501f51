// What is to go by a policy, the oldest first. Nothing goes where no policy says so.
import type { Session } from "../store/index.js";

/** What may go. `keep` and `keepTagged` protect; where `keep` stands alone, all that it does not protect goes. */
export interface PrunePolicy {
  /** Sessions begun longer ago than so many days go. */
  readonly olderThanDays?: number | undefined;
  /** The newest so many stay. */
  readonly keep?: number | undefined;
  /** The oldest go until the rest takes no more bytes in the store. */
  readonly maxSizeBytes?: number | undefined;
  /** Sessions with a tag stay. */
  readonly keepTagged?: boolean | undefined;
}

const DAY_MS = 86_400_000;

/** Whether the policy lets anything go. */
export function prunesAnything({ olderThanDays, keep, maxSizeBytes }: PrunePolicy): boolean {
  return (olderThanDays ?? keep ?? maxSizeBytes) !== undefined;
}

/** What is known of a session to tell whether it goes. */
export interface PruneCandidate extends Pick<Session, "id" | "revision"> {
  /** When it began; of a history, which begins years ago and is still written, when it was written last. Milliseconds since 1970. */
  readonly ageFromMs: number;
  /** Of its files in the store. */
  readonly sizeBytes: number;
  readonly isTagged: boolean;
  readonly isAtWork: boolean;
}

/** What of a session's document tells whether it goes. */
export function pruneCandidate(session: Session): PruneCandidate {
  const { id, revision, createdAt, lastActivityAt, status, tags, recordings, commands } = session;
  const bytes = recordings.reduce((sum, { sizeBytes, original }) => sum + sizeBytes + (original?.sizeBytes ?? 0), 0);
  return {
    id,
    revision,
    ageFromMs: Date.parse(commands === undefined ? createdAt : lastActivityAt),
    sizeBytes: bytes + (commands?.sizeBytes ?? 0),
    isTagged: tags.length > 0,
    isAtWork: status === "active" || status === "handed_off",
  };
}

/** Sessions begun before that time go, where nothing protects them: milliseconds since 1970; undefined where age is not asked for. */
export function prunedBefore({ olderThanDays }: PrunePolicy, now: number): number | undefined {
  return olderThanDays === undefined ? undefined : now - olderThanDays * DAY_MS;
}

/**
 * The sessions that go, oldest first, of the oldest of a store, which ascend; `newer`: how many there are beside. With a greatest
 * size all are to be given. Sessions that are at work stay.
 */
export function prunedBy<T extends PruneCandidate>(
  candidates: readonly T[],
  newer: number,
  policy: PrunePolicy,
  now: number,
): T[] {
  if (!prunesAnything(policy)) return [];
  const { olderThanDays, keep = 0, maxSizeBytes, keepTagged } = policy;
  const isKeepAlone = olderThanDays === undefined && maxSizeBytes === undefined;
  const before = prunedBefore(policy, now) ?? Number.NEGATIVE_INFINITY;
  let bytes = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return candidates.slice(0, Math.max(0, candidates.length + newer - keep)).filter((candidate) => {
    if (candidate.isAtWork || (keepTagged && candidate.isTagged)) return false;
    const isTooMuch = maxSizeBytes !== undefined && bytes > maxSizeBytes;
    if (!isKeepAlone && !isTooMuch && candidate.ageFromMs >= before) return false;
    bytes -= candidate.sizeBytes;
    return true;
  });
}
