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

/** The sessions that go, oldest first, of all of a store by descending time of creation. Sessions that are at work stay. */
export function prunedBy(sessions: readonly Session[], policy: PrunePolicy, now: number): Session[] {
  if (!prunesAnything(policy)) return [];
  const { olderThanDays, keep = 0, maxSizeBytes, keepTagged } = policy;
  const isKeepAlone = olderThanDays === undefined && maxSizeBytes === undefined;
  const before = olderThanDays === undefined ? Number.NEGATIVE_INFINITY : now - olderThanDays * DAY_MS;
  let bytes = sessions.reduce((sum, session) => sum + sizeOf(session), 0);
  const gone: Session[] = [];
  for (let at = sessions.length - 1; at >= keep; at--) {
    const session = sessions[at];
    if (session === undefined || isAtWork(session) || (keepTagged && session.tags.length > 0)) continue;
    const isTooMuch = maxSizeBytes !== undefined && bytes > maxSizeBytes;
    if (!isKeepAlone && !isTooMuch && ageFrom(session) >= before) continue;
    gone.push(session);
    bytes -= sizeOf(session);
  }
  return gone;
}

function sizeOf({ recordings, commands }: Session): number {
  const bytes = recordings.reduce((sum, { sizeBytes, original }) => sum + sizeBytes + (original?.sizeBytes ?? 0), 0);
  return bytes + (commands?.sizeBytes ?? 0);
}

/** A history begins years ago and is still written. Milliseconds since 1970. */
function ageFrom({ commands, createdAt, lastActivityAt }: Session): number {
  return Date.parse(commands === undefined ? createdAt : lastActivityAt);
}

function isAtWork({ status }: Session): boolean {
  return status === "active" || status === "handed_off";
}
