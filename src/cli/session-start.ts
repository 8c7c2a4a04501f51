// How a session is started from the command line: the options of all commands that start one, and what they do once it is there.
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { SessionError, UsageError } from "../core/index.js";
import type { NewSessionConfig, SessionInfo, SessionManager } from "../session/index.js";
import type { CommandContext } from "./context.js";
import { limitOption, templateOption } from "./offered-values.js";
import { addWord, parseWindowSize } from "./parse.js";
import { surroundingSession, withSessions } from "./session-access.js";

/** Options of every command that starts a session. */
export interface StartOptions {
  readonly command?: string;
  readonly template?: string;
  readonly tag?: readonly string[];
  readonly cwd?: string;
  readonly size?: { readonly cols?: number; readonly rows?: number };
  readonly limit?: readonly string[];
}

/** Options of commands that attach to what they start. */
export interface AttachingOptions {
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Adds the options of {@link StartOptions} to a command; `folder` and `size`: what they are else, in words. */
export function addStartOptions(
  command: Command,
  { folder, size = "" }: { readonly folder: string; readonly size?: string },
): Command {
  return command
    .option("-c, --command <command>", "command, by way of /bin/sh -c")
    .addOption(templateOption("how it is started (t2a template ls); what is said here goes before"))
    .option("--tag <tag>", "give it this tag; again: that one as well", addWord)
    .option("--cwd <folder>", `where it begins; else ${folder}`)
    .option("--size <COLSxROWS>", `in cells${size === "" ? "" : `; else ${size}`}`, parseWindowSize)
    .addOption(limitOption("bound what it may use: memory=2G, wall_time=1h ...; again: that one as well"));
}

/** Adds the options of {@link AttachingOptions} to a command. */
export function addAttachingOptions(command: Command): Command {
  return command
    .option("-d, --detach", "do not attach")
    .option("--json", "do not attach, and print the session as JSON");
}

/** What they say; `words`: a program and its arguments. The session has the environment of this command. @throws UsageError. */
export async function startConfig(
  words: readonly string[],
  { command, template, tag, cwd, size, limit }: StartOptions,
  { io }: CommandContext,
): Promise<NewSessionConfig> {
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
    ...(limit !== undefined && { limits: (await import("../session/index.js")).parseLimits(limit) }),
    env: Object.fromEntries(env),
  };
}

/**
 * Starts a session, and attaches to it where there is a terminal and nothing else was asked for; its id is printed elsewhere. `start` is
 * given the size of that terminal.
 */
export async function startSession(
  { detach = false, json = false }: AttachingOptions,
  context: CommandContext,
  start: (sessions: SessionManager, terminal: NewSessionConfig) => Promise<SessionInfo>,
): Promise<void> {
  const { attachableTty, attachTerminal, canAttach } = await import("./attach/attach-terminal.js");
  const isInside = surroundingSession(context) !== undefined;
  const isAttached = !detach && !json && !isInside && canAttach(context);
  const tty = isAttached ? await attachableTty(context) : undefined;
  try {
    await withSessions(context, async (sessions) => {
      const session = await start(sessions, tty?.size() ?? {});
      if (json) return context.printJson(session);
      if (tty !== undefined) {
        await attachTerminal({ sessions, session: session.id, tty }, context).catch((error: unknown) =>
          tellEnd(error, session.id, sessions, context),
        );
        return;
      }
      context.print(session.id);
      if (!detach && isInside)
        context.info("not attached, since this is a session itself: t2a session switch goes there");
    });
  } finally {
    await tty?.close();
  }
}

/** Says what an agent's session is called where another one has the agent's name. */
export async function tellName(agent: string, { name }: SessionInfo, context: CommandContext): Promise<void> {
  if (name === agent) return;
  const { visibleText } = await import("../terminal/index.js");
  context.info(visibleText(`a live session is called ${agent} already: this one is ${name}`));
}

const END_TRIES = 40;
const END_TRY_MS = 50;

/** A command that was quicker than the attaching is no mistake. */
async function tellEnd(error: unknown, id: string, sessions: SessionManager, context: CommandContext): Promise<void> {
  if (!(error instanceof SessionError) || error.code !== "T2A_SESSION_OVER") throw error;
  const { endLine } = await import("./attach/attach-terminal.js");
  const { visibleText } = await import("../terminal/index.js");
  let { name, exitStatus, status } = await sessions.getSession(id);
  // How it ended is being written down just now.
  for (let tries = 0; status === "active" && tries < END_TRIES; tries++) {
    await setTimeout(END_TRY_MS);
    ({ name, exitStatus, status } = await sessions.getSession(id));
  }
  if (exitStatus === undefined) throw error;
  context.print(endLine({ kind: "ended", id, name: visibleText(name, { maxLength: 100 }), exitStatus }));
}
