// t2a session info: all that is known of a session.
import type { Command } from "commander";
import { counted, formatDuration, formatSize } from "../../../core/index.js";
import type { CheckpointInfo, ClientInfo, SessionInfo, SessionManager, SessionUsage } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerInfo(parent: Command, context: CommandContext): void {
  parent
    .command("info")
    .summary("show all that is known of a session")
    .description(
      "Shows all that is known of a session, live or past: what it is, what it uses, who is attached, its limits and checkpoints.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--json", "print the session's document, and live, clients, usage and checkpoints beside it, as JSON")
    .addHelpText("after", "\nExamples:\n  t2a session info\n  t2a session info build --json | jq .live.pid")
    .action((session: string | undefined, { json }: { readonly json?: boolean }) =>
      info(session, json === true, context),
    );
}

/** What is told. */
interface Known {
  readonly session: SessionInfo;
  readonly clients: readonly ClientInfo[];
  readonly usage: SessionUsage | undefined;
  readonly checkpoints: readonly CheckpointInfo[];
}

async function info(named: string | undefined, asJson: boolean, context: CommandContext): Promise<void> {
  const reference = sessionOrOwn(named, context);
  const known = await withSessions(context, (sessions) => learn(reference, sessions));
  const { session, ...rest } = known;
  if (asJson) return context.printJson({ ...session, ...rest });
  const { visibleText } = await import("../../../terminal/index.js");
  for (const [name, value] of linesOf(known)) {
    if (value !== undefined && value !== "")
      context.print(`${name.padEnd(NAME_COLS)}${visibleText(value, { maxLength: 4000 })}`);
  }
  if (known.clients.length > 0) {
    const { clientTable } = await import("../../live-tables.js");
    context.print(`\n${await clientTable(known.clients)}`);
  }
  if (known.checkpoints.length > 0) context.print(`\n${await checkpointTable(known.checkpoints)}`);
}

async function learn(reference: string, sessions: SessionManager): Promise<Known> {
  const session = await sessions.getSession(reference);
  const { id, live } = session;
  const checkpoints = await sessions.listCheckpoints(id);
  if (live === undefined) return { session, clients: [], usage: undefined, checkpoints };
  const [clients, usage] = await Promise.all([sessions.listClients(id), sessions.usage()]);
  return { session, clients, usage: usage.find((each) => each.id === id), checkpoints };
}

const NAME_COLS = 14;

function linesOf({ session, usage }: Known): readonly (readonly [string, string | undefined])[] {
  const { live, config, stats, lastResult, limits = config.limits } = { limits: undefined, ...session };
  return [
    ["id", session.id],
    ["name", session.name],
    ["status", session.status.replace("_", " ")],
    ["exit status", session.exitStatus?.toString()],
    ["error", session.error],
    ["started", session.createdAt],
    ["last active", session.lastActivityAt],
    ["command", config.command],
    ["cwd", live?.cwd ?? config.cwd],
    ["template", config.template],
    ["agent", session.agent],
    ["purpose", session.purpose],
    ["parent", session.parent],
    ["children", session.children.join(" ")],
    ["handed to", session.handoffTo],
    ["tags", session.tags.join(", ")],
    ["size", live === undefined ? `${config.cols}x${config.rows}` : `${live.cols}x${live.rows}`],
    ["title", live?.title],
    ["running", live?.commandLine],
    ["pid", live === undefined ? undefined : `${live.pid} (held by ${live.holderPid})`],
    ["recording", live === undefined ? undefined : `${live.recordingId}${live.isRecording ? "" : ", paused"}`],
    ["recordings", session.recordings.length === 0 ? undefined : String(session.recordings.length)],
    ["recorded", stats.durationNs === 0 ? undefined : formatDuration(stats.durationNs)],
    ["commands", session.commandCount === 0 ? undefined : String(session.commandCount)],
    ["last command", session.lastCommand === undefined ? undefined : `${session.lastCommand}${endOf(lastResult)}`],
    ["output", formatSize(live?.outputBytes ?? stats.outputBytes)],
    ["uses", usage === undefined ? undefined : usageText(usage)],
    ["limits", limits === undefined ? undefined : limitsText(limits)],
    ...(live?.warnings ?? []).map((warning) => ["warning", warning] as const),
  ];
}

function endOf(result: SessionInfo["lastResult"]): string {
  return result?.exitStatus === undefined ? "" : ` (status ${result.exitStatus})`;
}

function usageText({ cpuPercent, memoryBytes, processes, outputRate }: SessionUsage): string {
  const rate = `${formatSize(Math.round(outputRate))}/s of output`;
  return `${cpuPercent.toFixed(1)} % CPU, ${formatSize(memoryBytes)} in ${counted(processes, "process", "processes")}, ${rate}`;
}

function limitsText(limits: Readonly<Record<string, unknown>>): string {
  return Object.entries(limits)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}

async function checkpointTable(checkpoints: readonly CheckpointInfo[]): Promise<string> {
  const { columnsUnder, localTime, visibleTextFor } = await import("../../session-table.js");
  const visible = await visibleTextFor(checkpoints.flatMap(({ cwd = "", commandLine = "" }) => [cwd, commandLine]));
  const rows = checkpoints.map(({ number, createdAt, reason, timeNs, cwd, commandLine, isDamaged }) => [
    String(number),
    localTime(createdAt),
    isDamaged ? `${reason}, damaged` : reason,
    formatDuration(timeNs),
    visible(cwd ?? "", { maxLength: 200 }),
    visible(commandLine ?? "", { maxLength: 200 }),
  ]);
  return columnsUnder(["checkpoint", "when", "why", "at", "cwd", "running"], rows, { cut: [] });
}
