// How a session is started for an agent, from the command line.
import { resolve } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { NewSessionConfig } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { addWord, parseWindowSize, parseWord } from "../../parse.js";

/** Options of every command that starts a session for an agent. */
export interface StartOptions {
  readonly command?: string;
  readonly template?: string;
  readonly tag?: readonly string[];
  readonly cwd?: string;
  readonly size?: { readonly cols?: number; readonly rows?: number };
}

/** Adds the options of {@link StartOptions} to a command. */
export function addStartOptions(command: Command): Command {
  return command
    .option("-c, --command <command>", "command, by way of /bin/sh -c")
    .option("--template <name>", "how it is started (t2a template ls); what is said here goes before", parseWord)
    .option("--tag <tag>", "give it this tag; again: that one as well", addWord)
    .option("--cwd <folder>", "where it begins; else its worktree")
    .option("--size <COLSxROWS>", "in cells", parseWindowSize);
}

/** What they say; `words`: a program and its arguments. @throws UsageError. */
export function startConfig(
  words: readonly string[],
  { command, template, tag, cwd, size }: StartOptions,
  { io }: CommandContext,
): NewSessionConfig {
  if (words.length > 0 && command !== undefined)
    throw new UsageError("--command and a command behind -- cannot both be meant");
  const env = Object.entries(io.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...(command !== undefined && { command }),
    ...(words.length > 0 && { argv: words }),
    ...(template !== undefined && { template }),
    ...(tag !== undefined && { tags: tag }),
    ...(cwd !== undefined && { cwd: resolve(cwd) }),
    ...size,
    env: Object.fromEntries(env),
  };
}
