// Gathers hits from candidates, the newest first, until there are enough: in any index, so that all of them answer alike. One recording that
// shows the same over and over does not fill the answer: its further candidates are only looked at where others leave room.
import { ENOUGH_LOOKED, MAX_LOOKED, MAX_LOOKED_NEARLY, PATTERN_BATCH } from "./limits.js";
import type { SearchQuery } from "./search.js";

/** Hits of one recording, of each kind, that come before those of others have had their turn. */
const MAX_OF_ONE = 10;
/** Candidates that are put off, at most, where fewer hits are asked for. */
const MAX_PUT_OFF = 200;

/** What hits are gathered for. */
export interface HitGathering<Candidate, Hit> {
  readonly query: SearchQuery;
  /** Hits that are asked for, and that are compared with each other where there are so many. */
  readonly asked: number;
  readonly wanted: number;
  /** Tells recordings apart. */
  readonly ownerOf: (candidate: Candidate) => string;
  /** What is found in each: several at once where a pattern is held against them. */
  readonly look: (candidates: readonly Candidate[]) => readonly (readonly Hit[])[];
  /** Is called between looks: to let others have their turn, or to end it by throwing. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** What was gathered. */
export interface GatheredHits<Hit> {
  readonly hits: readonly Hit[];
  /** There was more that would have had to be looked at. */
  readonly isCut: boolean;
}

/** Put off: a candidate, with its hits where it has been looked at. */
interface PutOff<Candidate, Hit> {
  readonly candidate: Candidate;
  readonly hits: readonly Hit[] | undefined;
}

/** Looks at candidates as they come. What is found does not hang on how many are looked at together. */
export async function gatherHits<Candidate, Hit>(
  candidates: AsyncIterable<Candidate>,
  gathering: HitGathering<Candidate, Hit>,
): Promise<GatheredHits<Hit>> {
  const { query, asked, wanted, ownerOf, look, pause } = gathering;
  const most = query.isFuzzy ? MAX_LOOKED_NEARLY : MAX_LOOKED;
  const batchSize = query.pattern === undefined ? 1 : PATTERN_BATCH;
  const mostOfOne = query.recordings === undefined ? MAX_OF_ONE : Number.POSITIVE_INFINITY;
  const hits: Hit[] = [];
  const counts = new Map<string, number>();
  const putOff: PutOff<Candidate, Hit>[] = [];
  let hasDropped = false;
  let looked = 0;
  let batch: Candidate[] = [];

  const isFull = (candidate: Candidate) => (counts.get(ownerOf(candidate)) ?? 0) >= mostOfOne;
  const putOffToo = (one: PutOff<Candidate, Hit>) => {
    if (putOff.length < Math.max(MAX_PUT_OFF, asked)) putOff.push(one);
    else hasDropped = true;
  };
  /** Gives whether there is enough. */
  const take = (candidate: Candidate, found: readonly Hit[]): boolean => {
    if (isFull(candidate)) {
      if (found.length > 0) putOffToo({ candidate, hits: found });
      return false;
    }
    looked++;
    const owner = ownerOf(candidate);
    const count = counts.get(owner) ?? 0;
    const room = Math.min(found.length, mostOfOne - count);
    hits.push(...found.slice(0, room));
    if (found.length > 0) counts.set(owner, count + room);
    if (room < found.length) putOffToo({ candidate, hits: found.slice(room) });
    return hits.length >= wanted || (looked >= ENOUGH_LOOKED && hits.length >= asked);
  };
  const isEnough = (): boolean => {
    const some = batch;
    batch = [];
    const found = look(some);
    return some.some((candidate, number) => take(candidate, found[number] ?? []));
  };

  for await (const candidate of candidates) {
    if (isFull(candidate)) {
      putOffToo({ candidate, hits: undefined });
      continue;
    }
    if (looked + batch.length >= most) {
      if (isEnough()) return { hits, isCut: false };
      return { hits: fill(), isCut: true };
    }
    if (batch.push(candidate) < batchSize) continue;
    if (isEnough()) return { hits, isCut: false };
    await pause?.();
  }
  if (isEnough()) return { hits, isCut: false };
  const filled = fill();
  return { hits: filled, isCut: hasDropped && filled.length < asked };

  /** With what was put off, as far as there is room. */
  function fill(): readonly Hit[] {
    for (const { candidate, hits: found } of putOff) {
      if (hits.length >= asked) break;
      hits.push(...(found ?? look([candidate])[0] ?? []));
    }
    return hits;
  }
}
