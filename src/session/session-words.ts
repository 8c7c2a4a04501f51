// How messages name a session.
import type { SessionInfo } from "./session-info.js";

/** By its name; by its id as well where it is not at work any more, since others may be called so by now. */
export function sessionWords({ id, name, status }: Pick<SessionInfo, "id" | "name" | "status">): string {
  return status === "active" ? name : `${name} (${id})`;
}
