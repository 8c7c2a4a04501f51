// t2a template: how sessions of a kind are started.
import type { Command } from "commander";
import { UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { limitOption, templateArgument } from "../offered-values.js";
import { openTemplates } from "../open-templates.js";
import { addWord } from "../parse.js";

/** Registers the command and what belongs to it. */
export function registerTemplate(program: Command, context: CommandContext): void {
  const template = program
    .command("template")
    .summary("templates: how sessions of a kind are started")
    .description(
      "Templates say how sessions of a kind are started: t2a session new --template NAME. They stand in config.toml as\n[template.NAME], or each in a file of its own, templates/NAME.toml beside it. What a command asks for counts more than\nits template, a template more than the settings.",
    )
    .addHelpText(
      "after",
      `
A template, every key of which may be left out:
  description = "the tests of the shop"
  extends = "agent"                 what that one says, where this one says nothing
  command = "npm test -- --watch"   or argv = ["npm", "test"]; the user's shell by default
  cwd = "~/src/shop"
  size = "120x40"
  tags = ["shop"]
  redaction = "off"                 kept for later: nothing is taken out of recordings yet
  env = { NODE_ENV = "test" }
  [limits]                          each may be "none", too
  memory = "2G"                     cpu_time, processes, open_files, file_size, wall_time, idle_time, output_rate,
  wall_time = "8h"                  recording_size
  [recording]
  capture_input = false             shell_integration, capture_env = ["PATH"]
  [hooks]
  on_session_end = "~/bin/tell"     on_session_start, on_command_execute, on_task_start, on_task_complete, on_handoff,
                                    on_limit: a program, or a list of one and its arguments

Examples:
  t2a template ls
  t2a template add tests --command "npm test" --limit memory=2G --tag shop
  t2a session new --template tests`,
    );
  template
    .command("ls")
    .summary("list them")
    .description("Lists all templates, where each stands, and what is wrong with those that cannot be used.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a template ls\n  t2a template ls --json | jq -r '.[].name'")
    .action((options: JsonOption) => list(options, context));
  template
    .command("show")
    .summary("show one, with all that it extends")
    .description("Shows a template as TOML, with what it extends put together.")
    .addArgument(templateArgument("<name>", "the template"))
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a template show agent\n  t2a template show agent > mine.toml")
    .action((name: string, options: JsonOption) => show(name, options, context));
  template
    .command("add")
    .summary("add one: a TOML file, or what options say")
    .description(
      "Adds a template as templates/NAME.toml in $XDG_CONFIG_HOME/t2a (~/.config/t2a), once it is seen to be one: what FILE\nholds (- for standard input), else what the options say.",
    )
    .argument("<name>", "what it is to be called")
    .argument("[file]", "TOML")
    .option("-c, --command <command>", "command line to run")
    .option("-C, --cwd <folder>", "folder to start in")
    .option("-s, --size <size>", "cells of the terminal: 120x40")
    .option("--env <variable=value>", "a variable; may be given several times", addWord)
    .addOption(limitOption("a limit; may be given several times: memory=2G"))
    .option("--tag <tag>", "a tag; may be given several times", addWord)
    .option("--extends <name>", "the template that it is a kind of")
    .option("--description <words>", "what it is for")
    .option("--capture-input", "record what is typed, too")
    .option("-f, --force", "replace the file of one that is there")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a template add tests --command 'npm test' --cwd ~/src/shop --limit wall_time=1h\n  t2a template add build build.toml\n  t2a template show agent | t2a template add mine -",
    )
    .action((name: string, file: string | undefined, options: AddOptions) => add(name, file, options, context));
  template
    .command("rm")
    .summary("delete one's own file")
    .description("Deletes templates/NAME.toml. What stands in config.toml is taken out there.")
    .addArgument(templateArgument("<name>", "the template"))
    .option("-f, --force", "also where others extend it")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  t2a template rm tests")
    .action((name: string, options: RemoveOptions) => remove(name, options, context));
  template
    .command("complete", { hidden: true })
    .summary("print what can be named, for completion")
    .description("Prints the names of the templates that can be used, a line each, for the shell's completion.")
    .option("--describe", "a tab and a description behind each")
    .action((options: { readonly describe?: boolean }) => complete(options, context));
}

interface JsonOption {
  readonly json?: boolean;
}

interface RemoveOptions extends JsonOption {
  readonly force?: boolean;
}

interface AddOptions extends JsonOption {
  readonly command?: string;
  readonly cwd?: string;
  readonly size?: string;
  readonly env?: readonly string[];
  readonly limit?: readonly string[];
  readonly tag?: readonly string[];
  readonly extends?: string;
  readonly description?: string;
  readonly captureInput?: boolean;
  readonly force?: boolean;
}

async function list({ json }: JsonOption, context: CommandContext): Promise<void> {
  const templates = await (await openTemplates(context)).list();
  if (json === true) return context.printJson(templates);
  const { plainTable } = await import("../table.js");
  const { visibleText } = await import("../../terminal/index.js");
  context.print(
    plainTable(
      ["name", "from", "extends", "description"],
      templates.map(({ name, kind, path, extends: base, description, problem }) =>
        [
          name,
          kind === "built-in" ? "t2a" : (path ?? ""),
          base ?? "-",
          problem ? "cannot be used" : (description ?? "-"),
        ].map((cell) => visibleText(cell)),
      ),
    ),
  );
  for (const { problem } of templates) if (problem !== undefined) context.warn(visibleText(problem));
}

async function complete({ describe }: { readonly describe?: boolean }, context: CommandContext): Promise<void> {
  try {
    const { visibleText } = await import("../../terminal/index.js");
    for (const { name, description = "", problem } of await (await openTemplates(context)).list())
      if (problem === undefined) context.print(describe ? `${name}\t${visibleText(description)}` : name);
  } catch {
    // whoever presses tab wants no message
  }
}

async function show(name: string, { json }: JsonOption, context: CommandContext): Promise<void> {
  const { info, template } = await (await openTemplates(context)).get(name);
  const { toTable } = await import("../../session/index.js");
  const table = toTable(template);
  if (json === true) return context.printJson({ ...info, template: table });
  const { formatToml } = await import("../../config/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const from = info.path ?? "comes with t2a";
  const words = `# ${name}: ${from}${info.extends === undefined ? "" : `, extends ${info.extends}`}`;
  context.print(visibleText(words));
  for (const line of (await formatToml(table)).trimEnd().split("\n")) context.print(visibleText(line));
}

async function add(
  name: string,
  file: string | undefined,
  options: AddOptions,
  context: CommandContext,
): Promise<void> {
  const templates = await openTemplates(context);
  const said = await tableOf(options);
  if (file !== undefined && said !== undefined)
    throw new UsageError("a template is either in a file or in options, not in both");
  if (file === undefined && said === undefined)
    throw new UsageError(`nothing is said of the template ${name}: give a file, or --command and other options`);
  const text = file === undefined ? (said ?? "") : await readText(file, context);
  const from = file === undefined ? "the options" : file === "-" ? "standard input" : file;
  const info = await templates.add(name, text, { from, isReplacing: options.force === true });
  if (options.json === true) return context.printJson(info);
  const { visibleText } = await import("../../terminal/index.js");
  context.info(`added the template ${name}: ${visibleText(info.path ?? "")}`);
}

/** What the options say, as TOML; undefined where they say nothing. */
async function tableOf(options: AddOptions): Promise<string | undefined> {
  const { command, cwd, size, env, limit, tag, description, captureInput } = options;
  const { parseLimits } = await import("../../session/index.js");
  parseLimits(limit ?? []); // says what is wrong in the option's own words
  const pairs = (words: readonly string[] | undefined) => words && Object.fromEntries(words.map(pairOf));
  const table = {
    description,
    extends: options.extends,
    command,
    cwd: cwd === undefined ? undefined : await absolute(cwd),
    size,
    tags: tag,
    env: pairs(env),
    limits: pairs(limit),
    recording: captureInput === true ? { capture_input: true } : undefined,
  };
  const said = Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
  if (Object.keys(said).length === 0) return undefined;
  const { formatToml } = await import("../../config/index.js");
  return await formatToml(said);
}

function pairOf(word: string): readonly [string, string] {
  const at = word.indexOf("=");
  if (at <= 0) throw new UsageError(`not NAME=VALUE: "${word}"`);
  return [word.slice(0, at), word.slice(at + 1)];
}

/** A shell has put the home folder for `~`; one that is quoted stays as it is. */
async function absolute(folder: string): Promise<string> {
  if (folder.startsWith("~")) return folder;
  const { resolve } = await import("node:path");
  return resolve(folder);
}

/** A template larger than this is none. */
const MAX_BYTES = 1024 * 1024;

async function readText(file: string, { io }: CommandContext): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const { createReadStream } = await import("node:fs");
  const source: AsyncIterable<Buffer> = file === "-" ? io.stdin : createReadStream(file);
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new UsageError(`${file} is too large for a template`, { code: "T2A_TEMPLATE" });
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { ioError } = await import("../../files/index.js");
    throw ioError("read", file, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function remove(name: string, { force, json }: RemoveOptions, context: CommandContext): Promise<void> {
  const info = await (await openTemplates(context)).remove(name, { isForced: force === true });
  if (json === true) return context.printJson(info);
  const { visibleText } = await import("../../terminal/index.js");
  context.info(`deleted the template ${name}: ${visibleText(info.path ?? "")}`);
}
