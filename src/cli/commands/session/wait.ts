// t2a session wait: until something is to be seen in a session, or it ends.
import { type Command, InvalidArgumentError } from "commander";
import { SessionError, UsageError } from "../../../core/index.js";
import type { SessionManager, WaitConditions, WaitResult } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { parseCount } from "../../parse.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

interface WaitOptions {
  readonly text?: string;
  readonly idle?: number;
  readonly exit?: boolean;
  readonly prompt?: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** As timeout(1) has it. */
const TIMED_OUT = 124;
const ENDED_FIRST = 3;

/** Registers the command. */
export function registerWait(parent: Command, context: CommandContext): void {
  parent
    .command("wait")
    .summary("wait until a session shows, does or ends something")
    .description("Waits for the first of the conditions that are given, and prints which one it was.")
    .addArgument(liveArgument("[session]"))
    .option("--text <pattern>", "a regular expression matches the screen, or what is printed from now on")
    .option("--idle <ms>", "nothing was printed for so many milliseconds", parseCount(1))
    .option("--exit", "the session ends")
    .option("--prompt", "its shell waits at the prompt")
    .option("--timeout <seconds>", "give up after so long", parseSeconds)
    .option("--json", "print JSON: reason, match, exitStatus")
    .addHelpText(
      "after",
      `
Exit status: 0 where a condition is met, 124 at the time-out, 3 where the session ended first. Standard output has the reason: text, idle,
exit, prompt, timeout or ended.

Examples:
  t2a session wait build --text 'listening on port [0-9]+' --timeout 30
  t2a session wait build --prompt
  t2a session wait agent --idle 5000 --exit --timeout 3600`,
    )
    .action((session: string | undefined, options: WaitOptions) => wait(session, options, context));
}

function parseSeconds(text: string): number {
  const seconds = /^[0-9]{1,9}(?:\.[0-9]{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 0)) throw new InvalidArgumentError("It must be a number of seconds.");
  return seconds;
}

async function wait(named: string | undefined, options: WaitOptions, context: CommandContext): Promise<void> {
  const { text, idle, exit, prompt, timeout, json } = options;
  if (text === undefined && idle === undefined && !exit && !prompt)
    throw new UsageError("nothing to wait for: give --text, --idle, --exit or --prompt");
  if (text !== undefined) checkPattern(text);
  const conditions: WaitConditions = {
    text,
    idleMs: idle,
    exit,
    prompt,
    timeoutMs: timeout === undefined ? undefined : Math.round(timeout * 1000),
  };
  const reference = sessionOrOwn(named, context);
  await withSessions(context, (sessions) =>
    interruptibly(context.exit, async (signal) => {
      const result = await waitFor(reference, conditions, sessions, signal);
      if (json) context.printJson(result);
      else context.print(result.reason);
      if (result.reason === "timeout") context.exit(TIMED_OUT);
      else if (result.reason === "ended") context.exit(ENDED_FIRST);
    }),
  );
}

/** Here, where the user sees what is wrong with it, and not first where it is used. */
function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern, "mu");
  } catch (error) {
    throw new UsageError(`--text: ${error instanceof Error ? error.message : "not a regular expression"}`);
  }
}

/** A session that is over is no mistake here: it ended before, which may be what is waited for. */
async function waitFor(
  reference: string,
  conditions: WaitConditions,
  sessions: SessionManager,
  signal: AbortSignal,
): Promise<WaitResult> {
  try {
    return await sessions.wait(reference, conditions, signal);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== "T2A_SESSION_OVER") throw error;
    const { exitStatus } = await sessions.getSession(reference);
    return { reason: conditions.exit ? "exit" : "ended", exitStatus };
  }
}
