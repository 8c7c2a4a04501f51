// What the manager itself notes of a session that belongs to an agent: a key of its state that is t2a's own.
import { z } from "zod";
import type { Session } from "../../store/index.js";
import type { JsonValue } from "../session-info.js";

/** The key in a session's state. Keys that begin so are not the user's. */
export const AGENT_STATE_KEY = "t2a.agent";

/** Owners before the present one that are remembered, at most. */
const MAX_FORMER = 100;
/** Paths that are remembered, at most. */
export const MAX_CHANGED_FILES = 2000;

const agentRecordSchema = z.object({
  /** When it was handed off, completed or failed; ISO 8601. */
  endedAt: z.string().optional(),
  /** What came out of it. */
  result: z.json().optional(),
  /** Why it failed, in its agent's words. */
  error: z.string().optional(),
  /** The commit that its worktree stood at when it began. */
  baseCommit: z.string().optional(),
  /** Paths in its worktree that had changed when it ended. */
  filesChanged: z.array(z.string()).optional(),
  /** Agents that had it before, by live handoffs, the oldest first. */
  formerAgents: z.array(z.object({ name: z.string(), purpose: z.string().optional(), until: z.string() })).optional(),
  /** Live handoffs so far. */
  liveHandoffs: z.int().min(0).optional(),
});
/** What is noted of an agent's session. */
export type AgentRecord = z.infer<typeof agentRecordSchema>;

/** What is noted; empty where nothing is, or nothing that can be used. */
export function agentRecord({ state }: Pick<Session, "state">): AgentRecord {
  const result = agentRecordSchema.safeParse(state.session[AGENT_STATE_KEY] ?? {});
  return result.success ? result.data : {};
}

/** The session with more noted. */
export function withAgentRecord<T extends Pick<Session, "state">>(session: T, more: AgentRecord): T {
  const record = { ...agentRecord(session), ...more };
  const formerAgents = record.formerAgents?.slice(-MAX_FORMER);
  const filesChanged = record.filesChanged?.slice(0, MAX_CHANGED_FILES);
  const noted = Object.fromEntries(
    Object.entries({ ...record, formerAgents, filesChanged }).filter(([, value]) => value !== undefined),
  ) as Record<string, NonNullable<Session["state"]["session"][string]>>;
  return { ...session, state: { ...session.state, session: { ...session.state.session, [AGENT_STATE_KEY]: noted } } };
}

/** What came out of a session; undefined where nothing was told. */
export function resultOf(session: Pick<Session, "state">): JsonValue | undefined {
  return agentRecord(session).result;
}
