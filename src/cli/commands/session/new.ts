// t2a session new: starts a session, and attaches to it where there is a terminal.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { parseWord } from "../../parse.js";
import {
  type AttachingOptions,
  addAttachingOptions,
  addStartOptions,
  type StartOptions,
  startConfig,
  startSession,
} from "../../session-start.js";
import { templateStart } from "../../template-start.js";

interface NewOptions extends StartOptions, AttachingOptions {
  readonly name?: string;
  readonly captureInput?: boolean;
  readonly shellIntegration: boolean;
}

/** Registers the command. */
export function registerNew(parent: Command, context: CommandContext): void {
  const command = parent
    .command("new")
    .alias("start")
    .summary("start a session")
    .description(
      "Starts a session: your shell, or a command, in a terminal that lives on when nobody looks. Attaches to it where there is a terminal.",
    )
    .argument("[command...]", "program and its arguments, behind --")
    .option("-n, --name <name>", "its name; else the command's, or the shell's", parseWord);
  addStartOptions(command, {
    folder: "where its template says, or this folder",
    size: "its template's, that of this terminal, or 80x24",
  })
    .option("-I, --capture-input", "record what is typed, hidden lines masked")
    .option("--no-shell-integration", "start bash, zsh or fish without marks around their commands");
  addAttachingOptions(command)
    .addHelpText(
      "after",
      `
The session has the environment of this command. Its id is printed where it is not attached. A command is ended by its session's end,
and a session by its command's. Limits: cpu_time, memory, processes, open_files, file_size, wall_time, idle_time, output_rate,
recording_size; what is said of one goes before what its template says.

Examples:
  t2a session new
  t2a session new -n build --cwd ~/src/t2a
  t2a session new -n logs --detach -c 'journalctl -f | grep ssh'
  t2a session new --limit memory=2G --limit wall_time=8h -c 'npm test'
  t2a session new --detach --json -- vim -R notes.txt | jq -r .id`,
    )
    .action((words: readonly string[], options: NewOptions) => start(words, options, context));
}

async function start(words: readonly string[], options: NewOptions, context: CommandContext): Promise<void> {
  const { name, template, captureInput, shellIntegration } = options;
  const { cwd, hasSize } = await templateStart(template, context);
  const config = {
    cwd,
    ...(await startConfig(words, options, context)),
    ...(name !== undefined && { name }),
    ...((captureInput !== undefined || !shellIntegration) && {
      recording: { captureInput, shellIntegration: shellIntegration ? undefined : false },
    }),
  };
  await startSession(options, context, (sessions, terminal) =>
    sessions.createSession({ ...(hasSize ? {} : terminal), ...config }),
  );
}
