// What the daemon's sessions have beside their terminals: templates, hooks and limits, by the user's settings.
import { homedir } from "node:os";
import type { AgentNews, Hooks, NewSessionConfig, TerminalKeeper, TerminalKeeperOptions } from "../session/index.js";
import type { CommandContext } from "./context.js";

/** Parts that belong together. */
export interface SessionParts {
  /** For the keeper of terminals. */
  readonly options: Pick<TerminalKeeperOptions, "resolveConfig" | "measure">;
  /** For the keeper of agents. */
  readonly onTold: (told: AgentNews) => void;
  readonly hooks: Hooks;
  /** Begins to tell hooks of terminals, and to show their limits. */
  follow(terminals: TerminalKeeper): void;
  /** Waits for the hooks that run. */
  close(): Promise<void>;
}

/** Puts them together. @throws what the settings throw. */
export async function openSessionParts(
  context: CommandContext,
  onProblem: (problem: unknown, about: string) => void,
): Promise<SessionParts> {
  const {
    agentHooks,
    followHooks,
    followLimits,
    Hooks,
    hookSettings,
    measureWith,
    Templates,
    templatePlaces,
    UsageReader,
  } = await import("../session/index.js");
  const { env } = context.io;
  const { values: settings } = await context.settings();
  const templates = new Templates({ places: templatePlaces(env), home: env.HOME || homedir(), env, settings });
  const hooks = new Hooks({
    ...hookSettings(settings),
    env,
    findTemplateHooks: (template) => templates.findHooks(template),
    onProblem: (problem) => onProblem(problem, "a hook"),
  });
  const reader = new UsageReader();
  const ends: (() => void)[] = [];
  return {
    options: {
      resolveConfig: async (config: NewSessionConfig) => {
        const { limits, ...resolved } = await templates.resolve(config);
        return Object.keys(limits).length === 0 ? resolved : { ...resolved, limits };
      },
      measure: measureWith(reader),
    },
    onTold: agentHooks(hooks),
    hooks,
    follow: (terminals) => {
      ends.push(
        followHooks(terminals, hooks),
        followLimits(terminals, hooks),
        terminals.on("end", ({ terminal }) => reader.forget(terminal.facts.pid)),
      );
    },
    close: async () => {
      for (const end of ends) end();
      await hooks.close();
    },
  };
}
