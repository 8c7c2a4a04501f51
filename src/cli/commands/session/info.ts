// t2a session info: all that is known of a session.
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { counted, formatDuration, formatSize, SessionError } from "../../../core/index.js";
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
  /** Names of parent, children and heir by their ids, where they are known. */
  readonly relatives: ReadonlyMap<string, string>;
  /** The figures are without the last recording. */
  readonly isSettling: boolean;
}

async function info(named: string | undefined, asJson: boolean, context: CommandContext): Promise<void> {
  const reference = sessionOrOwn(named, context);
  const known = await withSessions(context, (sessions) => learn(reference, sessions));
  const { session, relatives, isSettling, ...rest } = known;
  if (isSettling) context.warn("its last recording is being finished: the figures are without it");
  if (asJson) return context.printJson({ ...session, ...rest });
  const { formatLimit, LIMIT_NAMES, LIMITS } = await import("../../../session/index.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const limits = session.config.limits ?? {};
  const limitWords = LIMIT_NAMES.flatMap((name) => {
    const value = limits[name];
    return typeof value === "number" ? [`${LIMITS[name].word} ${formatLimit(name, value)}`] : [];
  });
  for (const [name, value] of linesOf(known, limitWords)) {
    if (value !== undefined && value !== "")
      context.print(`${name.padEnd(NAME_COLS)}${visibleText(value, { maxLength: 4000 })}`);
  }
  if (known.clients.length > 0) {
    const { clientTable } = await import("../../live-tables.js");
    context.print(`\n${await clientTable(known.clients)}`);
  }
  if (known.checkpoints.length > 0) context.print(`\n${await checkpointTable(known.checkpoints)}`);
}

/** Of a session that has just ended, the figures come a moment later: so long they are waited for, milliseconds, and so far apart. */
const SETTLING_MS = 5000;
const LOOK_MS = 50;

async function learn(reference: string, sessions: SessionManager): Promise<Known> {
  const since = performance.now();
  for (let named = reference; ; await setTimeout(LOOK_MS)) {
    const { isSettling, ...session } = await sessions.getSession(named);
    const { id, live } = session;
    named = id;
    const isPatient = performance.now() - since < SETTLING_MS;
    if (isSettling && isPatient) continue;
    const checkpoints = await sessions.listCheckpoints(id);
    const relatives = await namesOf(session, sessions);
    const known = { session, clients: [], usage: undefined, checkpoints, relatives, isSettling: isSettling === true };
    if (live === undefined) return known;
    try {
      const [clients, usage] = await Promise.all([sessions.listClients(id), sessions.usage()]);
      return { ...known, clients, usage: usage.find((each) => each.id === id) };
    } catch (error) {
      // It ended since it was asked for: what it has become is asked for again.
      if (!(error instanceof SessionError) || error.code !== "T2A_SESSION_OVER" || !isPatient) throw error;
    }
  }
}

/** Relatives whose names are asked for at most. */
const MAX_NAMED = 20;

async function namesOf(
  { parent, children, handoffTo }: SessionInfo,
  sessions: SessionManager,
): Promise<ReadonlyMap<string, string>> {
  const ids = [parent, handoffTo, ...children].filter((id) => id !== undefined);
  const names = new Map<string, string>();
  for (const id of new Set(ids.slice(0, MAX_NAMED))) {
    const found = await sessions.getSession(id).catch(() => undefined); // one that was deleted has no name
    if (found !== undefined) names.set(id, found.name);
  }
  return names;
}

const NAME_COLS = 14;

function linesOf(
  { session, usage, relatives }: Known,
  limits: readonly string[],
): readonly (readonly [string, string | undefined])[] {
  const { live, config, stats, lastResult, parent, children, handoffTo } = session;
  const named = (id: string) => (relatives.has(id) ? `${relatives.get(id)} (${id})` : id);
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
    ["parent", parent && named(parent)],
    ["children", children.map(named).join(", ")],
    ["handed to", handoffTo && named(handoffTo)],
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
    ["limits", limits.join(", ")],
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
