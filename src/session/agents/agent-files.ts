// Files of an agent's session, in the folder of its data beside the store, on this machine.
import { join } from "node:path";

/** Files in a session's folder of data. */
export interface AgentFiles {
  /** What the agent is told: T2A_CONTEXT. */
  readonly context: string;
  /** What was passed on to it: T2A_HANDOFF; it has the other name once a consumer has claimed it. */
  readonly bundle: string;
  readonly claimedBundle: string;
  /** All that its recordings show, as text. */
  readonly log: string;
}

/** The files in the folder of a session's data. */
export function agentFiles(folder: string): AgentFiles {
  return {
    context: join(folder, "context.json"),
    bundle: join(folder, "handoff.json"),
    claimedBundle: join(folder, "handoff.claimed.json"),
    log: join(folder, "log.txt"),
  };
}
