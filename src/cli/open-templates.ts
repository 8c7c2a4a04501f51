// The user's templates, for commands.
import type { Templates } from "../session/index.js";
import type { CommandContext } from "./context.js";

/** Templates by the command's environment and settings. */
export async function openTemplates(context: CommandContext): Promise<Templates> {
  const { Templates, templatePlaces } = await import("../session/index.js");
  const { env } = context.io;
  const { homedir } = await import("node:os");
  const { values: settings } = await context.settings();
  return new Templates({ places: templatePlaces(env), home: env.HOME ?? homedir(), env, settings });
}
