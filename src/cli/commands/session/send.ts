// t2a session send: types into a session.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { dependsOnModes, keyBytes, splitKeyNames } from "../../key-names.js";
import { liveArgument } from "../../references.js";
import { withSessions } from "../../session-access.js";

interface SendOptions {
  readonly keys?: string;
  readonly enter?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerSend(parent: Command, context: CommandContext): void {
  parent
    .command("send")
    .summary("type into a session")
    .description("Types into a session: TEXT as it stands, or keys by their names.")
    .addArgument(liveArgument("<session>"))
    .argument("[text]", "typed as it stands, without the enter key")
    .option("--keys <names>", "keys by their names, separated by blanks; see below")
    .option("--enter", "and the enter key")
    .option("--json", "print JSON: the session's id, and how many bytes were typed")
    .addHelpText(
      "after",
      `
Keys are named as in tmux: Enter, Tab, BTab, Escape, Space, BSpace, Up, Down, Left, Right, Home, End, PPage, NPage, IC, DC, F1 to F12;
before them or a character C- (ctrl), M- (alt), S- (shift): C-c, M-x, C-Left. What is no name is typed as it stands.

Examples:
  t2a session send build 'make test' --enter
  t2a session send build --keys 'C-c'
  t2a session send editor --keys 'Escape :wq Enter'`,
    )
    .action((session: string, text: string | undefined, options: SendOptions) => send(session, text, options, context));
}

async function send(
  reference: string,
  text: string | undefined,
  { keys, enter, json }: SendOptions,
  context: CommandContext,
): Promise<void> {
  if (text === undefined && keys === undefined && !enter)
    throw new UsageError("nothing to send: give a text, --keys or --enter");
  await withSessions(context, async (sessions) => {
    const { id } = await sessions.getSession(reference);
    const bytes = Buffer.concat([
      Buffer.from(text ?? "", "utf8"),
      keys === undefined ? Buffer.alloc(0) : await bytesOf(splitKeyNames(keys), id, sessions),
      Buffer.from(enter ? "\r" : ""),
    ]);
    if (bytes.length > 0) await sessions.send(id, bytes, "cli");
    if (json) context.printJson({ id, bytes: bytes.length });
  });
}

/** Which form the cursor keys have is the program's choice: its screen knows. */
async function bytesOf(names: readonly string[], id: string, sessions: SessionManager): Promise<Uint8Array> {
  if (!dependsOnModes(names)) return keyBytes(names, { applicationCursorKeys: false });
  const { dump, cols, rows } = await sessions.screen(id);
  const { Screen } = await import("../../../terminal/index.js");
  const screen = new Screen({ cols, rows });
  screen.feed(dump);
  const { applicationCursorKeys } = screen.modes;
  screen.dispose();
  return keyBytes(names, { applicationCursorKeys });
}
