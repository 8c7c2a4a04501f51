// The sessions of this machine, for the daemon: the store, the holders and all keepers, put together.
import { SessionError } from "../core/index.js";
import type { DaemonLog } from "../server/index.js";
import type { SessionManager } from "../session/index.js";
import type { CommandContext } from "./context.js";

/** Sessions, and where they are kept, as may be shown. */
export interface LocalSessions {
  readonly manager: SessionManager;
  readonly store: string;
}

/** Opens the sessions of this machine. Whoever calls this closes the manager, and with it all that was opened. */
export async function openLocalSessions(_context: CommandContext, _log: DaemonLog): Promise<LocalSessions> {
  throw new SessionError("T2A_DAEMON", "there are no sessions yet");
}
