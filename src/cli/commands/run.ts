// t2a run: records one task: a command with its status, how long it took, and why it failed. No daemon is needed for it.
import { type Command, Option } from "commander";
import { customEvent, TASK_CODE, type TaskEnd, type TaskStart, UsageError } from "../../core/index.js";
import type { JsonObject } from "../../session/index.js";
import type { CommandContext } from "../context.js";
import { addWord } from "../parse.js";
import { shellWord } from "../shell-word.js";
import { addStoreOption, type StoreOption } from "../store-option.js";
import { record } from "./record.js";

interface RunOptions extends StoreOption {
  readonly task?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly headless?: boolean;
  readonly quiet?: boolean;
  readonly finalize: "wait" | "background" | "never";
}

/** The tag of every task, and the key of its session's state that says what it is. */
const TASK_TAG = "task";
const TASK_STATE_KEY = "t2a.task";
const MAX_ID = 200;

/** Registers the command. */
export function registerRun(program: Command, context: CommandContext): void {
  const command = program
    .command("run")
    .summary("record one task")
    .description(
      "Runs a command, records it into the library with its status, how long it took and why it failed, and exits with its status.",
    )
    .argument("<command...>", "what is run: a single argument is a line for /bin/sh, several are the words of one")
    .option("--task <id>", "what the task is called: t2a ls --tag task:ID finds its runs")
    .option("--name <name>", "name of the session; else the task's, or the command")
    .option("--tag <tag>", "give the session this tag; again: that one as well", addWord);
  addStoreOption(command)
    .option(
      "--headless",
      "use no terminal (by itself where there is none): what the command prints is in the recording alone",
    )
    .addOption(
      new Option("--finalize <when>", "move the recording into the library, in the background after 0.3 s")
        .choices(["wait", "background", "never"])
        .default("background"),
    )
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
The recording holds two events (t2a.task), one at the beginning and one at the end: the command, its status, how long it took, and the
error where it failed. Its session has the tag task.

Exit status: that of the command, 128 + number where a signal ended it; 127 where there is no such program.

Examples:
  t2a run --task build -- make -j4
  t2a run --task deploy --name "deploy to staging" -- 'git pull && ./deploy.sh'
  t2a ls --tag task --failed`,
    )
    .action((words: readonly string[], options: RunOptions) => run(words, options, context));
}

async function run(words: readonly string[], options: RunOptions, context: CommandContext): Promise<void> {
  const { task, name, tag = [], finalize, store, headless, quiet } = options;
  const command = words.length === 1 ? (words[0] ?? "") : words.map(shellWord).join(" ");
  if (command.trim() === "") throw new UsageError("name a command to run");
  if (task !== undefined && (task.trim() === "" || task.length > MAX_ID || /\p{Cc}/u.test(task))) {
    throw new UsageError(`a task's id is a word of 1 to ${MAX_ID} characters, without control characters`);
  }
  const called = { ...(task !== undefined && { task }), command };
  const start: TaskStart = { state: "start", ...called };
  const tags = [TASK_TAG, ...(task === undefined ? [] : [`${TASK_TAG}:${task}`]), ...tag];
  const hooks = await taskHooks(context);
  let session: (JsonObject & { readonly id: string }) | undefined;
  await record(
    undefined,
    {
      command,
      tag: tags,
      ...((name ?? task) !== undefined && { name: name ?? task }),
      ...(store !== undefined && { store }),
      ...(headless !== undefined && { headless }),
      ...(quiet !== undefined && { quiet }),
      finalize,
      return: true,
      shellIntegration: true,
      task: {
        state: { session: { [TASK_STATE_KEY]: called } },
        beginning: [customEvent(0, TASK_CODE, start)],
        ending: ({ exitStatus, signal, timeNs }) => {
          const error = errorOf(exitStatus, signal);
          const ended = { exitStatus, ...(signal && { signal }), durationNs: timeNs, ...(error && { error }) };
          const end: TaskEnd = {
            state: "end",
            ...called,
            status: error === undefined ? "completed" : "failed",
            ...ended,
          };
          if (session !== undefined) {
            hooks?.run(
              "onTaskComplete",
              { ...session, status: end.status, exitStatus },
              { ...called, ...ended, status: end.status },
            );
          }
          return [customEvent(timeNs, TASK_CODE, end)];
        },
        onStart: (draft) => {
          session = JSON.parse(JSON.stringify(draft)) as JsonObject & { readonly id: string };
          hooks?.run("onTaskStart", session, called);
        },
      },
    },
    context,
  );
  await hooks?.settled();
}

/** What is told of tasks, where the settings name a program that is. */
async function taskHooks(context: CommandContext) {
  const { values } = await context.settings();
  if (values["hooks.on_task_start"].length + values["hooks.on_task_complete"].length === 0) return undefined;
  const { hookSettings, Hooks } = await import("../../session/index.js");
  return new Hooks({ ...hookSettings(values), env: context.io.env, onProblem: (problem) => context.warn(problem) });
}

/** Why it failed; undefined where it did not. */
function errorOf(exitStatus: number, signal: string | undefined): string | undefined {
  if (signal !== undefined) return `ended by ${signal}`;
  if (exitStatus === 0) return undefined;
  if (exitStatus === 127) return "exited with status 127: no such program";
  return `exited with status ${exitStatus}`;
}
