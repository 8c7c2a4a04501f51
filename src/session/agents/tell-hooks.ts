// What happens to agents' sessions, as hooks are told of it.
import type { Hooks } from "../hooks/hooks.js";
import type { JsonObject, SessionInfo } from "../session-info.js";
import type { AgentTold } from "./agent-keeper.js";
import { agentRecord } from "./agent-record.js";

/** Tells onTaskStart, onTaskComplete and onHandoff: for `AgentKeeperOptions.onTold`. */
export function tellHooks(hooks: Pick<Hooks, "run">): (told: AgentTold) => void {
  return (told) => {
    const { session } = told;
    const { agent = "", purpose = "", status, error } = session;
    if (told.kind === "start") hooks.run("onTaskStart", toJson(session), { agent, purpose });
    else if (told.kind === "handoff") {
      const { id, name, agent: former = "" } = told.from;
      hooks.run("onHandoff", toJson(session), { agent, isLive: id === session.id, from: { id, name, agent: former } });
    } else {
      const { result } = agentRecord(session);
      const out = { ...(result !== undefined && { result }), ...(error !== undefined && { error }) };
      hooks.run("onTaskComplete", toJson(session), { agent, status, ...out } as JsonObject);
    }
  };
}

/** A document is JSON. */
function toJson(session: SessionInfo): JsonObject & { readonly id: string } {
  return JSON.parse(JSON.stringify(session)) as JsonObject & { readonly id: string };
}
