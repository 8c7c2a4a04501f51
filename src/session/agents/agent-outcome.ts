// What an agent says came of its work: a result, or why it failed. It is said once, also behind the end of the agent's program.
import { isDeepStrictEqual } from "node:util";
import { SessionError } from "../../core/index.js";
import type { Session } from "../../store/index.js";
import { sessionWords } from "../session-words.js";
import { type AgentRecord, agentRecord, withAgentRecord } from "./agent-record.js";

/** What came of a session's work, in its agent's words; nothing where its end says it all. */
export type AgentOutcome = Pick<AgentRecord, "result" | "error">;

/** Of all that a session's document says of errors, UTF-16 units. */
const MAX_ERRORS = 64 * 1024;

/** The session with what came of it, whatever was said before. */
export function withOutcome(session: Session, outcome: AgentOutcome): Session {
  const noted = withAgentRecord(session, outcome);
  const { error } = outcome;
  if (error === undefined) return noted;
  // What else it says there, of a limit or of files that were lost, is not the agent's.
  return { ...noted, error: noted.error === undefined ? error : `${error}\n${noted.error}`.slice(0, MAX_ERRORS) };
}

/**
 * The session, which ended as it should have, with what came of it; as it is where that was said already.
 * @throws SessionError `T2A_SESSION_TRANSITION` where something else was said.
 */
export function addOutcome(session: Session, outcome: AgentOutcome): Session {
  const record = agentRecord(session);
  let isNews = false;
  for (const key of ["result", "error"] as const) {
    if (outcome[key] === undefined || isDeepStrictEqual(outcome[key], record[key])) continue;
    isNews = true;
    if (record[key] === undefined) continue;
    const { id, status } = session;
    const what = key === "result" ? "a result" : "an error";
    const message = `the session ${sessionWords(session)} has ${what} already: what came of it is said once`;
    throw new SessionError("T2A_SESSION_TRANSITION", message, { details: { id, from: status, to: status } });
  }
  return isNews ? withOutcome(session, outcome) : session;
}
