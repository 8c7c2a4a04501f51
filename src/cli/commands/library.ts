// t2a library: everything that is kept. One file a subcommand in library/, and a line here.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";

/** Registers one subcommand of `t2a library`. */
type RegisterSubcommand = (library: Command, context: CommandContext) => void;

/** In the order help shows them. */
const SUBCOMMANDS: readonly RegisterSubcommand[] = [];

/** Registers the command. */
export function registerLibrary(program: Command, context: CommandContext): void {
  const library = program
    .command("library")
    .summary("keep, find and move recordings and sessions")
    .description("Everything that is kept: sessions and their recordings, in a store of files unless --store says otherwise.");
  for (const register of SUBCOMMANDS) register(library, context);
}
