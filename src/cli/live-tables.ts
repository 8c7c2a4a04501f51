// Live sessions, their clients, what they use, as tables for people: nothing in them that a terminal would obey.
import { formatSize } from "../core/index.js";
import type { ClientInfo, SessionInfo, SessionUsage } from "../session/index.js";
import { columnsUnder, localTime, shownIdLength, statusText, visibleTextFor } from "./session-table.js";

/** How a table of sessions is made. */
export interface LiveTableOptions {
  /** Nothing is cut to a width where absent. */
  readonly cols?: number | undefined;
  /** Children stand behind their parents. */
  readonly isTree?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Sessions, live or past, in their order. */
export async function liveTable(
  sessions: readonly SessionInfo[],
  { cols, isTree, now }: LiveTableOptions,
): Promise<string> {
  const visible = await visibleTextFor(
    sessions.flatMap((session) => [session.name, session.agent ?? "", runningText(session)]),
  );
  const length = shownIdLength(sessions.map(({ id }) => id));
  const hasAgents = sessions.some(({ agent }) => agent !== undefined);
  const placed = isTree ? inTree(sessions) : sessions.map((session) => ({ session, indent: "" }));
  const head = ["id", "name", "status", "age", "size", "clients", ...(hasAgents ? ["agent"] : []), "running"];
  const rows = placed.map(({ session, indent }) => [
    session.id.slice(0, length),
    indent + visible(session.name, { maxLength: 200 }),
    liveStatus(session),
    ageText(now - Date.parse(session.createdAt)),
    session.live === undefined ? "" : `${session.live.cols}x${session.live.rows}`,
    session.live === undefined || session.live.clients === 0 ? "" : String(session.live.clients),
    ...(hasAgents ? [visible(session.agent ?? "", { maxLength: 100 })] : []),
    visible(runningText(session), { maxLength: 200 }),
  ]);
  return columnsUnder(head, rows, { cols, cut: [head.length - 1, 1] });
}

/** What became of it; of one that lives also that its recording pauses, or that a limit is near. */
function liveStatus(session: SessionInfo): string {
  const { live } = session;
  if (live === undefined) return statusText(session, undefined);
  const notes = [...(live.isRecording ? [] : ["not recorded"]), ...(live.warnings.length > 0 ? ["limit"] : [])];
  return notes.length === 0
    ? session.status.replace("_", " ")
    : `${session.status.replace("_", " ")}, ${notes.join(", ")}`;
}

/** Not yet safe to print. */
function runningText({ live, config, lastCommand }: SessionInfo): string {
  return live?.commandLine ?? (live === undefined ? (lastCommand ?? config.command ?? "") : (config.command ?? ""));
}

/** Each behind its parent, where that one is there. */
function inTree(sessions: readonly SessionInfo[]): { readonly session: SessionInfo; readonly indent: string }[] {
  const ids = new Set(sessions.map(({ id }) => id));
  const children = new Map<string | undefined, SessionInfo[]>();
  for (const session of sessions) {
    const parent = session.parent !== undefined && ids.has(session.parent) ? session.parent : undefined;
    children.set(parent, [...(children.get(parent) ?? []), session]);
  }
  const placed: { session: SessionInfo; indent: string }[] = [];
  const seen = new Set<string>();
  const place = (parent: string | undefined, depth: number) => {
    for (const session of children.get(parent) ?? []) {
      if (seen.has(session.id)) continue;
      seen.add(session.id);
      placed.push({ session, indent: depth === 0 ? "" : `${"  ".repeat(Math.min(depth, 20) - 1)}+ ` });
      place(session.id, depth + 1);
    }
  };
  place(undefined, 0);
  // Parents that go in a circle are nobody's children.
  for (const session of sessions) if (!seen.has(session.id)) placed.push({ session, indent: "" });
  return placed;
}

/** Who is attached. */
export async function clientTable(clients: readonly ClientInfo[]): Promise<string> {
  const visible = await visibleTextFor(clients.flatMap(({ clientId, label }) => [clientId, label]));
  const rows = clients.map(({ clientId, label, cols, rows: height, isReadOnly, hasKeyboard, attachedAt }) => [
    visible(clientId, { maxLength: 64 }),
    visible(label, { maxLength: 100 }),
    `${cols}x${height}`,
    isReadOnly ? "looks on" : hasKeyboard ? "yes" : "taken",
    localTime(attachedAt),
  ]);
  return columnsUnder(["client", "where", "size", "keyboard", "since"], rows, { cut: [] });
}

/** What sessions use, the busiest first. */
export async function usageTable(
  usage: readonly SessionUsage[],
  { cols }: { readonly cols?: number | undefined } = {},
): Promise<string> {
  const visible = await visibleTextFor(usage.map(({ name }) => name));
  const length = shownIdLength(usage.map(({ id }) => id));
  const sorted = [...usage].sort((one, other) => other.cpuPercent - one.cpuPercent || (one.id < other.id ? -1 : 1));
  const rows = sorted.map((each) => [
    each.id.slice(0, length),
    visible(each.name, { maxLength: 200 }),
    each.cpuPercent.toFixed(1),
    formatSize(each.memoryBytes),
    String(each.processes),
    `${formatSize(Math.round(each.outputRate))}/s`,
    formatSize(each.outputBytes),
    String(each.clients),
  ]);
  const head = ["id", "name", "cpu %", "memory", "procs", "output", "in all", "clients"];
  return columnsUnder(head, rows, { cols, cut: [1] });
}

/** How long, in its two greatest units. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m${seconds % 60}s`;
  return days < 2 ? `${hours}h${minutes % 60}m` : `${days}d${hours % 24}h`;
}
