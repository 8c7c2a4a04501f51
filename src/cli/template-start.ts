// What the template of a session that is started leaves to the command: where it begins, and whether it has the size of the terminal.
import { UsageError } from "../core/index.js";
import type { CommandContext } from "./context.js";
import { openTemplates } from "./open-templates.js";

/** @see templateStart */
export interface TemplateStart {
  /** This folder; undefined where the template says one. */
  readonly cwd: string | undefined;
  /** The template says a size, which counts more than that of a terminal that is attached. */
  readonly hasSize: boolean;
}

/** What a template says; where it cannot be read, the daemon says so. */
export async function templateStart(template: string | undefined, context: CommandContext): Promise<TemplateStart> {
  if (template === undefined) return { cwd: process.cwd(), hasSize: false };
  try {
    const { template: found } = await (await openTemplates(context)).get(template);
    return { cwd: found.cwd === undefined ? process.cwd() : undefined, hasSize: found.size !== undefined };
  } catch (error) {
    if (error instanceof UsageError) return { cwd: undefined, hasSize: false };
    throw error;
  }
}
