// t2a state: values by key, of a session, of the user, or of the whole store.
import { type Command, Option } from "commander";
import { UsageError } from "../../core/index.js";
import type { JsonValue, SessionStateScope, StatePlace } from "../../session/index.js";
import type { CommandContext } from "../context.js";
import { surroundingSession, withSessions } from "../session-access.js";

interface PlaceOptions {
  readonly scope?: SessionStateScope;
  readonly session?: string;
}

/** As of src/session, which is not loaded for help. */
const SCOPES = ["session", "user", "app", "temp"] as const satisfies readonly SessionStateScope[];

/** Registers the command. */
export function registerState(program: Command, context: CommandContext): void {
  const state = program
    .command("state")
    .summary("values by key: of a session, of yours, of the whole store")
    .description("Keeps JSON values by key, for scripts and programs that work together or one after another.")
    .addHelpText(
      "after",
      `
Scopes: session (with the session, in its document), user (all your sessions), app (all who use the store), temp (in memory, gone with the
session, never written). Inside of a session its own scope is meant, else yours; --session names another one.

A key has 1 to 256 printable characters, a value at most 64 KB as JSON, all values of a scope together 1 MB. Nobody's change is lost,
whoever else changes the scope at the same time.

Examples:
  t2a state set build.number 17
  t2a state set note 'see the log' --text --session build
  t2a state get build.number
  t2a state ls --scope app --json | jq keys`,
    );

  place(
    state.command("get").summary("print a value").description("Prints the value of a key as JSON.").argument("<key>"),
  )
    .option("--text", "print a text as it is, without quotes")
    .option("--default <json>", "print this where there is none")
    .addHelpText(
      "after",
      "\nExit status: 0; 1 where there is no value.\n\nExamples:\n  t2a state get build.number\n  t2a state get note --text",
    )
    .action((key: string, options: PlaceOptions & { readonly text?: boolean; readonly default?: string }) =>
      get(key, options, context),
    );
  place(
    state
      .command("set")
      .summary("set a value")
      .description("Sets the value of a key: JSON, or a text with --text.")
      .argument("<key>")
      .argument("<value>"),
  )
    .option("--text", "the value is a text as it stands")
    .addHelpText(
      "after",
      `\nExamples:\n  t2a state set done true\n  t2a state set files '["a.ts","b.ts"]' --scope user\n  t2a state set note 'a text' --text`,
    )
    .action(async (key: string, value: string, { text, ...where }: PlaceOptions & { readonly text?: boolean }) => {
      const parsed: JsonValue = text ? value : parseJson(value);
      await withSessions(context, (sessions) => sessions.setState(key, parsed, placeOf(where, context)));
    });
  place(state.command("ls").summary("list keys and values").description("Lists the values of a scope by key."))
    .option("--json", "print them as one JSON object")
    .addHelpText("after", "\nExamples:\n  t2a state ls\n  t2a state ls --scope user --json")
    .action((options: PlaceOptions & { readonly json?: boolean }) => list(options, context));
  place(
    state.command("rm").summary("delete values").description("Deletes keys with their values.").argument("<keys...>"),
  )
    .addHelpText(
      "after",
      "\nExit status: 0; 1 where one of them was not there.\n\nExamples:\n  t2a state rm build.number note",
    )
    .action(async (keys: readonly string[], options: PlaceOptions) => {
      const where = placeOf(options, context);
      const gone = await withSessions(context, async (sessions) => {
        const results: boolean[] = [];
        for (const key of keys) results.push(await sessions.deleteState(key, where));
        return results;
      });
      if (gone.includes(false)) context.exit(1);
    });
}

function place(command: Command): Command {
  return command
    .addOption(
      new Option("--scope <scope>", "session, user, app or temp; else session inside of one, user outside").choices(
        SCOPES,
      ),
    )
    .option("--session <session>", "id, beginning of an id, or name of a session");
}

/** The session that the command runs in is meant where one is needed or nothing else is said. */
function placeOf({ scope, session }: PlaceOptions, context: CommandContext): StatePlace {
  if (scope === "user" || scope === "app") {
    if (session !== undefined)
      throw new UsageError(`state of the scope ${scope} is of no session: leave --session out`);
    return { scope };
  }
  const own = session ?? surroundingSession(context);
  if (own === undefined && scope !== undefined)
    throw new UsageError(`state of the scope ${scope} is a session's: add --session`);
  return own === undefined ? { scope: "user" } : { scope: scope ?? "session", session: own };
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new UsageError(`that is no JSON: --text sets a text as it stands`, { code: "T2A_STATE", cause });
  }
}

async function get(
  key: string,
  options: PlaceOptions & { readonly text?: boolean; readonly default?: string },
  context: CommandContext,
): Promise<void> {
  const fallback = options.default === undefined ? undefined : parseJson(options.default);
  const where = placeOf(options, context);
  const value = await withSessions(context, (sessions) => sessions.getState(key, where));
  const shown = value === undefined ? fallback : value;
  if (shown === undefined) context.exit(1);
  else if (options.text && typeof shown === "string") context.print(await printable(shown, context));
  else context.printJson(shown);
}

async function list(options: PlaceOptions & { readonly json?: boolean }, context: CommandContext): Promise<void> {
  const where = placeOf(options, context);
  const values = await withSessions(context, (sessions) => sessions.listState(where));
  if (options.json) return context.printJson(values);
  const { visibleText } = await import("../../terminal/index.js");
  for (const key of Object.keys(values).sort())
    context.print(`${visibleText(key)} = ${visibleText(JSON.stringify(values[key]), { maxLength: 200 })}`);
}

/** A terminal must not act on what a value holds. */
async function printable(text: string, { io }: CommandContext): Promise<string> {
  if (io.stdout.isTTY !== true) return text;
  const { visibleText } = await import("../../terminal/index.js");
  return visibleText(text);
}
