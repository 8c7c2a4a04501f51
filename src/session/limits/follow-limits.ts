// What a daemon makes of its sessions' limits, which their holders see to: warnings where sessions are shown, hooks, and figures.
import type { CustomEvent } from "../../core/index.js";
import type { Hooks } from "../hooks/hooks.js";
import type { LiveTerminal } from "../manager/live-terminal.js";
import type { TerminalKeeper } from "../manager/terminal-keeper.js";
import type { JsonObject } from "../session-info.js";
import type { SessionUsage } from "../session-manager.js";
import { LIMIT_EVENT } from "./limit-guards.js";
import type { UsageReader } from "./usage.js";

/** Shows limits that are near or bite in sessions' warnings, and tells the hook onLimit. Gives what ends that. */
export function followLimits(terminals: Pick<TerminalKeeper, "on">, hooks?: Hooks): () => void {
  const warnings = new Map<string, Map<string, string>>();
  const ends = [
    terminals.on("custom", ({ terminal, event }) => {
      const told = readLimitEvent(event);
      if (told === undefined) return;
      const { action, limit, words } = told;
      const own = warnings.get(terminal.id) ?? new Map<string, string>();
      warnings.set(terminal.id, own);
      if (action === "clear") own.delete(limit);
      else own.set(limit, words);
      terminal.setLimitWarnings([...own.values()]);
      if (action !== "clear")
        hooks?.run("onLimit", terminal.session as unknown as JsonObject & { id: string }, { ...told });
    }),
    terminals.on("end", ({ terminal }) => void warnings.delete(terminal.id)),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What sessions use right now: for `TerminalKeeperOptions.measure`. */
export function measureWith(
  reader: UsageReader,
): (terminals: readonly LiveTerminal[]) => Promise<readonly SessionUsage[]> {
  return async (terminals) => {
    const usages = await reader.read(terminals.map(({ facts }) => facts.pid));
    return terminals.map(({ id, name, outputRate, facts }) => {
      const { cpuPercent = 0, memoryBytes = 0, processes = 0 } = usages.get(facts.pid) ?? {};
      const { outputBytes, clients, lastOutputAt } = facts;
      return { id, name, cpuPercent, memoryBytes, processes, outputRate, outputBytes, clients, lastOutputAt };
    });
  };
}

/** A limit's event, as its holder wrote it into the recording. */
export interface LimitEvent {
  readonly action: string;
  /** As in templates: `memory`. */
  readonly limit: string;
  readonly words: string;
}

/** What an event of a recording says of a limit; undefined where it is none. */
export function readLimitEvent({ code, data }: CustomEvent): LimitEvent | undefined {
  if (code !== LIMIT_EVENT) return undefined;
  try {
    const { action, limit, words } = JSON.parse(new TextDecoder().decode(data));
    return [action, limit, words].every((word) => typeof word === "string") ? { action, limit, words } : undefined;
  } catch {
    return undefined; // anybody may write a recording
  }
}
