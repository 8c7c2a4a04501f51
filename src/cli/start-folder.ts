// Where a session begins whose command names no folder: where its template says, else here.
import { UsageError } from "../core/index.js";
import type { CommandContext } from "./context.js";
import { openTemplates } from "./open-templates.js";

/** This folder; undefined where the template says one, and where it cannot be read, which the daemon then says. */
export async function startFolder(template: string | undefined, context: CommandContext): Promise<string | undefined> {
  if (template === undefined) return process.cwd();
  try {
    const { template: found } = await (await openTemplates(context)).get(template);
    return found.cwd === undefined ? process.cwd() : undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
