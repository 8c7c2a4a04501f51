// t2a session new: starts a session, and attaches to it where there is a terminal.
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { SessionError, UsageError } from "../../../core/index.js";
import type { NewSessionConfig, SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { addWord, parseWindowSize, parseWord } from "../../parse.js";
import { surroundingSession, withSessions } from "../../session-access.js";
import { startFolder } from "../../start-folder.js";

interface NewOptions {
  readonly name?: string;
  readonly command?: string;
  readonly template?: string;
  readonly tag?: readonly string[];
  readonly cwd?: string;
  readonly size?: { readonly cols?: number; readonly rows?: number };
  readonly captureInput?: boolean;
  readonly shellIntegration: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerNew(parent: Command, context: CommandContext): void {
  parent
    .command("new")
    .alias("start")
    .summary("start a session")
    .description(
      "Starts a session: your shell, or a command, in a terminal that lives on when nobody looks. Attaches to it where there is a terminal.",
    )
    .argument("[command...]", "program and its arguments, behind --")
    .option("-n, --name <name>", "its name; else the command's, or the shell's", parseWord)
    .option("-c, --command <command>", "command, by way of /bin/sh -c")
    .option("--template <name>", "how it is started (t2a template ls); what is said here goes before", parseWord)
    .option("--tag <tag>", "give it this tag; again: that one as well", addWord)
    .option("--cwd <folder>", "where it begins; else where its template says, or this folder")
    .option("--size <COLSxROWS>", "in cells; else that of this terminal, 80x24 where there is none", parseWindowSize)
    .option("-I, --capture-input", "record what is typed, hidden lines masked")
    .option("--no-shell-integration", "start bash, zsh or fish without marks around their commands")
    .option("-d, --detach", "do not attach")
    .option("--json", "do not attach, and print the session as JSON")
    .addHelpText(
      "after",
      `
The session has the environment of this command. Its id is printed where it is not attached. A command is ended by its session's end,
and a session by its command's.

Examples:
  t2a session new
  t2a session new -n build --cwd ~/src/t2a
  t2a session new -n logs --detach -c 'journalctl -f | grep ssh'
  t2a session new --detach --json -- vim -R notes.txt | jq -r .id`,
    )
    .action((words: readonly string[], options: NewOptions) => start(words, options, context));
}

async function start(words: readonly string[], options: NewOptions, context: CommandContext): Promise<void> {
  if (words.length > 0 && options.command !== undefined)
    throw new UsageError("--command and a command behind -- cannot both be meant");
  const { attachableTty, attachTerminal, canAttach } = await import("../../attach/attach-terminal.js");
  const isInside = surroundingSession(context) !== undefined;
  const isAttached = options.detach !== true && options.json !== true && !isInside && canAttach(context);
  const tty = isAttached ? await attachableTty(context) : undefined;
  try {
    await withSessions(context, async (sessions) => {
      const session = await sessions.createSession(await configOf(words, options, tty?.size(), context));
      if (options.json) return context.printJson(session);
      if (tty !== undefined) {
        await attachTerminal({ sessions, session: session.id, tty }, context).catch((error: unknown) =>
          tellEnd(error, session.id, sessions, context),
        );
        return;
      }
      context.print(session.id);
      if (options.detach !== true && isInside)
        context.info("not attached, since this is a session itself: t2a session switch goes there");
    });
  } finally {
    await tty?.close();
  }
}

const END_TRIES = 40;
const END_TRY_MS = 50;

/** A command that was quicker than the attaching is no mistake. */
async function tellEnd(error: unknown, id: string, sessions: SessionManager, context: CommandContext): Promise<void> {
  if (!(error instanceof SessionError) || error.code !== "T2A_SESSION_OVER") throw error;
  const { endLine } = await import("../../attach/attach-terminal.js");
  const { visibleText } = await import("../../../terminal/index.js");
  let { name, exitStatus, status } = await sessions.getSession(id);
  // How it ended is being written down just now.
  for (let tries = 0; status === "active" && tries < END_TRIES; tries++) {
    await setTimeout(END_TRY_MS);
    ({ name, exitStatus, status } = await sessions.getSession(id));
  }
  if (exitStatus === undefined) throw error;
  context.print(endLine({ kind: "ended", id, name: visibleText(name, { maxLength: 100 }), exitStatus }));
}

async function configOf(
  words: readonly string[],
  options: NewOptions,
  terminal: { readonly cols: number; readonly rows: number } | undefined,
  context: CommandContext,
): Promise<NewSessionConfig> {
  const { name, command, template, tag, cwd, size, captureInput, shellIntegration } = options;
  const env = Object.entries(context.io.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    name,
    command,
    argv: words.length === 0 ? undefined : words,
    cwd: cwd === undefined ? await startFolder(template, context) : resolve(cwd),
    env: Object.fromEntries(env),
    cols: size?.cols ?? terminal?.cols,
    rows: size?.rows ?? terminal?.rows,
    template,
    tags: tag,
    recording:
      captureInput === undefined && shellIntegration
        ? undefined
        : { captureInput, shellIntegration: shellIntegration ? undefined : false },
  };
}
