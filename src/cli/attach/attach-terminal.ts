// Attaching the user's terminal to a session, from a command: what is needed for it is looked up, and its end told in one line.
import { PtyError } from "../../core/index.js";
import type { UserTty } from "../../pty/index.js";
import type { SessionReference } from "../../session/index.js";
import type { CommandContext } from "../context.js";
import { untilSignalled } from "../ending-signals.js";
import type { AttachEnd, AttachSessions } from "./attach-ui.js";

/** Whether a terminal can be attached from here: input and output are one that can place its cursor. */
export function canAttach({ io }: CommandContext): boolean {
  return io.stdout.isTTY === true && io.stdin.isTTY === true && (io.env.TERM || "dumb") !== "dumb";
}

/**
 * The user's terminal.
 * @throws PtyError `T2A_TTY` where there is none that a session can be shown on.
 */
export async function attachableTty(context: CommandContext): Promise<UserTty> {
  const { findUserTty } = await import("../../pty/index.js");
  const { io } = context;
  const isTerminal = io.stdout.isTTY === true && io.stdin.isTTY === true;
  if (isTerminal && !canAttach(context)) {
    throw new PtyError(
      "T2A_TTY",
      `this terminal (TERM=${io.env.TERM ?? ""}) cannot show a session: t2a session screen prints what one shows`,
    );
  }
  const tty = isTerminal ? findUserTty(io.tty) : undefined;
  if (tty === undefined)
    throw new PtyError("T2A_TTY", "there is no terminal to attach: t2a session screen prints what a session shows");
  return tty;
}

/** What is to be attached. */
export interface AttachWish {
  readonly sessions: AttachSessions;
  readonly session: SessionReference;
  /** Taken over. */
  readonly tty: UserTty;
  readonly isReadOnly?: boolean | undefined;
  /** Nothing is said at the end. */
  readonly isQuiet?: boolean | undefined;
}

/** Attaches until the user or the session ends it. Sets the exit status where a signal, or the terminal's end, did. */
export async function attachTerminal(
  { sessions, session, tty, isReadOnly, isQuiet }: AttachWish,
  context: CommandContext,
): Promise<AttachEnd> {
  const { formatKey, parseKey } = await import("../../config/index.js");
  const { colorDepth } = await import("../../terminal/index.js");
  const { AttachUi } = await import("./attach-ui.js");
  const { env } = context.io;
  const byte = parseKey((await context.settings()).values["session.prefix_key"]);
  const ui = new AttachUi({
    sessions,
    tty,
    depth: colorDepth(env),
    prefix: byte === undefined ? undefined : { byte, shown: formatKey(byte) },
    isReadOnly,
    label: await terminalLabel(),
    // The Linux console would print what it does not know.
    hasTitle: !(env.TERM ?? "").startsWith("linux"),
  });
  let end: AttachEnd | undefined;
  const status = await untilSignalled(
    () => ui.detach(),
    async () => {
      end = await ui.run(session, (how) => (isQuiet === true ? "" : endLine(how)));
      return end.kind === "gone" ? "SIGHUP" : undefined;
    },
  );
  if (status !== 0) context.exit(status);
  if (end === undefined) throw new Error("attaching came to no end");
  return end;
}

/** How it ended, in one line. */
export function endLine(end: AttachEnd): string {
  if (end.kind === "gone") return "";
  if (end.kind === "detached")
    return end.reason === undefined ? `[detached from ${end.name}]` : `[detached from ${end.name}: ${end.reason}]`;
  return `[${end.name} ended: status ${end.exitStatus}${end.signal === undefined ? "" : `, ${end.signal}`}]`;
}

/** `tty pts/3`: who this is in lists of clients. */
async function terminalLabel(): Promise<string> {
  const { readlink } = await import("node:fs/promises");
  const path = await readlink("/proc/self/fd/0").catch(() => "");
  return path.startsWith("/dev/") ? `tty ${path.slice("/dev/".length)}` : "tty";
}
