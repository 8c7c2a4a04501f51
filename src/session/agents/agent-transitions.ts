// What a session may become of: one table for all who change a status.
import { SessionError } from "../../core/index.js";
import type { SessionInfo } from "../session-info.js";
import { sessionWords } from "../session-words.js";

/** What a session's life can be at. */
type Status = SessionInfo["status"];

/** What each status may turn into. What is over stays as it is: only who was interrupted can go on. */
export const SESSION_TRANSITIONS: Readonly<Record<Status, readonly Status[]>> = {
  active: ["handed_off", "completed", "failed", "interrupted"],
  interrupted: ["active", "completed", "failed"],
  handed_off: [],
  completed: [],
  failed: [],
};

const VERBS: Readonly<Record<Status, string>> = {
  active: "be resumed",
  handed_off: "be handed off",
  completed: "be completed",
  failed: "fail",
  interrupted: "be interrupted",
};

/**
 * `heirSession`: the session that it was handed off to, where that is known.
 * @throws SessionError `T2A_SESSION_TRANSITION` where a session cannot become that of what it is.
 */
export function checkTransition(
  session: Pick<SessionInfo, "id" | "name" | "status" | "handoffTo">,
  to: Status,
  heirSession?: Pick<SessionInfo, "id" | "name" | "status">,
): void {
  const { id, status, handoffTo } = session;
  if (SESSION_TRANSITIONS[status].includes(to)) return;
  const heirWords = heirSession === undefined ? handoffTo : sessionWords(heirSession);
  const heir =
    status === "handed_off" && heirWords !== undefined ? ` to ${heirWords}, which goes on with the work` : "";
  const words = status === "handed_off" ? "was handed off" : status === "failed" ? "failed" : `is ${status}`;
  const hint = status === "interrupted" && to === "handed_off" ? " (t2a session resume goes on with it)" : "";
  const message = `the session ${sessionWords(session)} cannot ${VERBS[to]}: it ${words}${heir}${hint}`;
  throw new SessionError("T2A_SESSION_TRANSITION", message, { details: { id, from: status, to } });
}
