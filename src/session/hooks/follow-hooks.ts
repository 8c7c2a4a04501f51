// Hooks of terminals: sessions that start and end, and commands that end in them. Those of agents are told by who keeps agents.
import type { TerminalKeeper } from "../manager/terminal-keeper.js";
import type { JsonObject, JsonValue } from "../session-info.js";
import type { Hooks } from "./hooks.js";

/** Tells onSessionStart, onSessionEnd and onCommandExecute. Gives what ends that. */
export function followHooks(terminals: Pick<TerminalKeeper, "on">, hooks: Hooks): () => void {
  const ends = [
    terminals.on("start", ({ terminal, isFound }) => {
      if (!isFound) hooks.run("onSessionStart", toJson(terminal.session));
    }),
    terminals.on("end", ({ session, end }) => {
      const { exitStatus = null, signal = null, limit = null } = end ?? {};
      hooks.run("onSessionEnd", toJson(session), { exitStatus, signal, limit });
    }),
    terminals.on("command", ({ terminal, command }) => {
      hooks.run("onCommandExecute", toJson(terminal.session), { command: toJsonValue(command) });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** A document is JSON. */
function toJson(session: { readonly id: string }): JsonObject & { readonly id: string } {
  return session as unknown as JsonObject & { readonly id: string };
}

function toJsonValue(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
