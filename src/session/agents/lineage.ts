// The line of descent of a session: from the first of it down to all that came of it. What documents say of each other is not believed:
// there may be circles in it, and ends that nobody has.
import type { Session, Store } from "../../store/index.js";
import type { LineageEntry } from "../session-manager.js";
import { agentRecord } from "./agent-record.js";

/** Sessions in a line at most. */
export const MAX_LINEAGE = 10_000;
/** Documents read at once. */
const PARALLEL = 8;

/** The sessions of the line that a session is in, children behind their parents. */
export async function findLineage(store: Pick<Store, "find">, session: Session): Promise<readonly Session[]> {
  return (await lineOf(store, session)).map(({ session: one }) => one);
}

/** As lists have it. */
export async function lineageEntries(store: Pick<Store, "find">, session: Session): Promise<readonly LineageEntry[]> {
  return (await lineOf(store, session)).map(({ session: one, depth, parent }) => ({
    id: one.id,
    name: one.name,
    agent: one.agent,
    status: one.status,
    purpose: one.purpose,
    depth,
    parent,
    ...formerAgents(one),
  }));
}

function formerAgents(session: Session): Pick<LineageEntry, "formerAgents"> {
  const { formerAgents: former = [] } = agentRecord(session);
  return former.length === 0 ? {} : { formerAgents: former.map(({ name }) => name) };
}

interface Placed {
  readonly session: Session;
  readonly depth: number;
  readonly parent: string | undefined;
}

async function lineOf(store: Pick<Store, "find">, session: Session): Promise<readonly Placed[]> {
  const first = await firstOf(store, session);
  const known = new Map([[first.id, first]]);
  const asked = new Set([first.id]);
  // By generations, so that documents are read together.
  let generation: readonly Session[] = [first];
  while (generation.length > 0 && known.size < MAX_LINEAGE) {
    const ids = generation.flatMap(childrenOf).filter((id) => !asked.has(id) && asked.add(id));
    const next: Session[] = [];
    for (let at = 0; at < ids.length && known.size < MAX_LINEAGE; at += PARALLEL) {
      const some = await Promise.all(ids.slice(at, at + PARALLEL).map((id) => store.find(id)));
      for (const one of some) {
        if (one === undefined || known.size >= MAX_LINEAGE) continue;
        known.set(one.id, one);
        next.push(one);
      }
    }
    generation = next;
  }
  return inOrder(first, known);
}

async function firstOf(store: Pick<Store, "find">, session: Session): Promise<Session> {
  const seen = new Set([session.id]);
  let first = session;
  while (first.parent !== undefined && !seen.has(first.parent) && seen.size < MAX_LINEAGE) {
    seen.add(first.parent);
    const parent = await store.find(first.parent);
    if (parent === undefined) break;
    first = parent;
  }
  return first;
}

function childrenOf({ children, handoffTo }: Session): readonly string[] {
  return handoffTo === undefined || children.includes(handoffTo) ? children : [...children, handoffTo];
}

function inOrder(first: Session, known: ReadonlyMap<string, Session>): readonly Placed[] {
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const waiting: Placed[] = [{ session: first, depth: 0, parent: undefined }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.session.id)) continue;
    seen.add(next.session.id);
    placed.push(next);
    const { session, depth } = next;
    for (const id of childrenOf(session).toReversed()) {
      const child = known.get(id);
      if (child !== undefined) waiting.push({ session: child, depth: depth + 1, parent: session.id });
    }
  }
  return placed;
}
