// Hooks of agents: what their keeper tells.
import type { JsonObject } from "../session-info.js";
import type { Hooks } from "./hooks.js";

/** What is told of an agent's session. */
export type AgentNews =
  | { readonly kind: "start" | "end"; readonly session: { readonly id: string } }
  | { readonly kind: "handoff"; readonly session: { readonly id: string }; readonly from: { readonly id: string } };

/** Tells onTaskStart, onTaskComplete and onHandoff: for `AgentKeeperOptions.onTold`. */
export function agentHooks(hooks: Hooks): (told: AgentNews) => void {
  return (told) => {
    const session = toJson(told.session);
    if (told.kind === "handoff") hooks.run("onHandoff", session, { from: toJson(told.from) });
    else hooks.run(told.kind === "start" ? "onTaskStart" : "onTaskComplete", session);
  };
}

/** What is known of a session is JSON, but for what is undefined. */
function toJson(session: { readonly id: string }): JsonObject & { readonly id: string } {
  return JSON.parse(JSON.stringify(session)) as JsonObject & { readonly id: string };
}
