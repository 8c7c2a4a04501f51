// t2a shell-init: prints the shell integration, for those who want it in every shell and not only in those t2a starts.
import type { Command } from "commander";
import { UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { oneOf } from "../parse.js";

/** Registers the command. */
export function registerShellInit(program: Command, context: CommandContext): void {
  program
    .command("shell-init")
    .summary("print the shell integration for bash, zsh or fish")
    .description("Prints a script that marks prompts and commands (OSC 633), for your own start file.")
    .addArgument(oneOf("<shell>", "whose start file it is for", ["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
t2a record starts these shells with it: it need not be in a start file for that. There it serves shells within a recorded one
(a nested shell, one behind ssh or sudo), and other recorders and terminals. Their marks are not proven: t2a commands says
"trusted": false of them. A shell that t2a record starts loads it once, proven, also where the start file has it.

Place it last in the start file. It works beside starship, powerlevel10k, atuin, bash-preexec and the integrations of terminals.

Examples:
  eval "$(t2a shell-init bash)"      in ~/.bashrc
  eval "$(t2a shell-init zsh)"       in ~/.zshrc
  t2a shell-init fish | source       in ~/.config/fish/config.fish`,
    )
    .action((shell: string) => shellInit(shell, context));
}

async function shellInit(shell: string, context: CommandContext): Promise<void> {
  const { SHELL_KINDS, shellScript } = await import("../../shell/index.js");
  const kind = SHELL_KINDS.find((name) => name === shell);
  if (kind === undefined) throw new UsageError(`no shell integration for "${shell}": use bash, zsh or fish`);
  context.print(shellScript(kind).trimEnd());
}
