// t2a library open: plays a recording of the library; t2a play does the same.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { registerPlay } from "../play.js";

/** Registers the command. */
export function registerOpen(parent: Command, context: CommandContext): void {
  registerPlay(parent, context, { name: "open", summary: "play a recording of the library (t2a play)" });
}
