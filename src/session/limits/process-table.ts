// The processes of the machine by way of /proc: which are of a session, what they use. Linux alone has it.
import { readdirSync, readFileSync, statSync } from "node:fs";

/** One process, as /proc/PID/stat tells of it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Id of the session that its terminal is of: that of the process which was started in it. */
  readonly session: number;
  /** One letter: `Z` is one that is over and was not waited for. */
  readonly state: string;
  readonly threads: number;
  /** Clock ticks: its own, and of its children that are over and were waited for. */
  readonly ticks: number;
  /** Clock ticks from boot to its start. */
  readonly started: number;
}

/** A pass over all processes goes on for so long before others have their turn, milliseconds. */
const SLICE_MS = 2;

/** Reads all processes; between slices of 2 ms the event loop goes on. Empty where there is no /proc. */
export async function readProcesses(): Promise<ReadonlyMap<number, ProcessEntry>> {
  const found = new Map<number, ProcessEntry>();
  let turn = performance.now();
  for (const pid of listPids()) {
    const entry = readEntry(pid);
    if (entry !== undefined) found.set(pid, entry);
    if (performance.now() - turn < SLICE_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  }
  return found;
}

/** Reads all processes at once. */
export function readProcessesSync(): ReadonlyMap<number, ProcessEntry> {
  const found = new Map<number, ProcessEntry>();
  for (const pid of listPids()) {
    const entry = readEntry(pid);
    if (entry !== undefined) found.set(pid, entry);
  }
  return found;
}

/** Threads of all processes of a user. */
export function countUserTasks(uid: number): number {
  let tasks = 0;
  for (const pid of listPids()) {
    try {
      if (statSync(`/proc/${pid}`).uid === uid) tasks += readEntry(pid)?.threads ?? 0;
    } catch {
      // It is over.
    }
  }
  return tasks;
}

/**
 * The processes of each of the sessions that these processes lead: what they started, and what that started; and what is in the
 * leader's session still, though its parent is gone. Those that are over are left out. A process is of one of them.
 */
export function groupProcesses(
  processes: ReadonlyMap<number, ProcessEntry>,
  leaders: Iterable<number>,
): ReadonlyMap<number, readonly ProcessEntry[]> {
  const groups = new Map<number, ProcessEntry[]>();
  for (const leader of leaders) groups.set(leader, []);
  const owners = new Map<number, number | undefined>();
  for (const entry of processes.values()) {
    if (entry.state === "Z" || entry.state === "X") continue;
    const owner = ownerOf(entry, processes, groups, owners);
    if (owner !== undefined) groups.get(owner)?.push(entry);
  }
  return groups;
}

/** Goes up through the parents to the nearest leader; what was found on the way is kept for others. */
function ownerOf(
  entry: ProcessEntry,
  processes: ReadonlyMap<number, ProcessEntry>,
  groups: ReadonlyMap<number, unknown>,
  owners: Map<number, number | undefined>,
): number | undefined {
  const passed: number[] = [];
  let at: ProcessEntry | undefined = entry;
  let owner: number | undefined;
  while (at !== undefined) {
    if (owners.has(at.pid)) {
      owner = owners.get(at.pid);
      break;
    }
    if (groups.has(at.pid)) owner = at.pid;
    else if (groups.has(at.session)) owner = at.session;
    passed.push(at.pid);
    if (owner !== undefined || passed.length > processes.size) break;
    at = processes.get(at.parent);
  }
  for (const pid of passed) owners.set(pid, owner);
  return owner;
}

function listPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => name.charCodeAt(0) <= 0x39 && /^[1-9][0-9]*$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readEntry(pid: number): ProcessEntry | undefined {
  try {
    return parseEntry(pid, readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // it is over
  }
}

/** The name of a program stands in brackets and may hold anything, brackets too. */
function parseEntry(pid: number, text: string): ProcessEntry | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (index: number) => Number(fields[index - 3] ?? "0"); // counted from 1 in proc_pid_stat(5)
  return {
    pid,
    parent: number(4),
    session: number(6),
    state: fields[0] ?? "",
    threads: number(20),
    ticks: number(14) + number(15) + number(16) + number(17),
    started: number(22),
  };
}
