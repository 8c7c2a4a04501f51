// t2a daemon: the process that keeps sessions. Commands start it by themselves; here it is looked at, ended and replaced.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { parseCount } from "../parse.js";

/** Registers the command. */
export function registerDaemon(program: Command, context: CommandContext): void {
  const daemon = program
    .command("daemon")
    .summary("look at, start, stop or replace the process that keeps sessions")
    .description(
      "The daemon keeps the screens of sessions and serves whoever is attached. It is started by the first command that needs it.\n" +
        "The terminals themselves are held by other processes, so they live on when the daemon ends or is replaced.",
    );
  daemon
    .command("status")
    .summary("say whether it runs, and what it is doing")
    .description("Says whether the daemon runs, and how many sessions, clients and holders of terminals there are.")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExit status: 0; 1 where no daemon runs.\n\nExamples:\n  t2a daemon status\n  t2a daemon status --json | jq .sessions",
    )
    .action((options: JsonOption) => status(options, context));
  daemon
    .command("start")
    .summary("start it, where it does not run")
    .description("Starts the daemon in background, where it does not run yet.")
    .option("--foreground", "run it in this terminal, until ctrl-c: sessions live on")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a daemon start\n  t2a daemon start --foreground")
    .action((options: StartOptions) => start(options, context));
  daemon
    .command("stop")
    .summary("end it")
    .description("Ends the daemon. While sessions live it is not ended, unless with --force, which ends them too.")
    .option("--force", "end the sessions that live, and what runs in them")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a daemon stop\n  t2a daemon stop --force")
    .action((options: StopOptions) => stop(options, context));
  daemon
    .command("restart")
    .summary("replace it by a new one; sessions live on")
    .description(
      "Ends the daemon and starts another, after an update of t2a for one. Sessions live on, attached terminals come back.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a daemon restart")
    .action((options: JsonOption) => restart(options, context));
  daemon
    .command("logs")
    .summary("show what it logged")
    .description("Shows the end of the daemon's log.")
    .option("-n, --lines <count>", "so many lines", parseCount(1), 50)
    .option("-f, --follow", "go on with what comes, until ctrl-c")
    .option("--json", "print the lines as they are: JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a daemon logs\n  t2a daemon logs -f\n  t2a daemon logs --json -n 1000 | jq 'select(.level == \"error\")'",
    )
    .action((options: LogsOptions) => logs(options, context));
  daemon.addHelpText("after", "\nExamples:\n  t2a daemon status\n  t2a daemon restart\n  t2a daemon logs -f");
}

interface JsonOption {
  readonly json?: boolean;
}

interface StartOptions extends JsonOption {
  readonly foreground?: boolean;
}

interface StopOptions extends JsonOption {
  readonly force?: boolean;
}

interface LogsOptions extends JsonOption {
  readonly lines: number;
  readonly follow?: boolean;
}

async function status({ json = false }: JsonOption, context: CommandContext): Promise<void> {
  const { findDaemon, printDaemon } = await import("../daemon-control.js");
  const about = await findDaemon(context);
  if (about !== undefined) return await printDaemon(about, json, context);
  if (json) context.printJson({ isRunning: false, pid: null, version: null, sessions: 0, clients: 0, holders: [] });
  else context.info("no daemon runs: t2a daemon start starts it, and so does every command that needs it");
  context.exit(1);
}

async function start({ foreground = false, json = false }: StartOptions, context: CommandContext): Promise<void> {
  const control = await import("../daemon-control.js");
  if (foreground) {
    context.exit(await control.runInForeground(context));
    return;
  }
  const isNew = await control.startDaemon(context);
  if (!json) context.info(isNew ? "the daemon runs now" : "the daemon ran already");
  const about = await control.findDaemon(context);
  if (about !== undefined) await control.printDaemon(about, json, context);
}

async function stop({ force = false, json = false }: StopOptions, context: CommandContext): Promise<void> {
  const { stopDaemon } = await import("../daemon-control.js");
  const pid = await stopDaemon(force, context);
  if (json) context.printJson({ stopped: pid !== undefined, pid: pid ?? null });
  else context.info(pid === undefined ? "no daemon runs" : `the daemon (process ${pid}) has ended`);
}

async function restart({ json = false }: JsonOption, context: CommandContext): Promise<void> {
  const { findDaemon, printDaemon, replaceDaemon } = await import("../daemon-control.js");
  await replaceDaemon(context);
  const about = await findDaemon(context);
  if (about !== undefined) await printDaemon(about, json, context);
}

async function logs({ lines, follow = false, json = false }: LogsOptions, context: CommandContext): Promise<void> {
  const { showLog } = await import("../daemon-log.js");
  await showLog({ lines, follow, json }, context);
}
