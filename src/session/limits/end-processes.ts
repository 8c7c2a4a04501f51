// Ends everything that runs in a session, also what multiplies faster than it can be killed one by one.
import { systemCode } from "../../core/index.js";
import { groupProcesses, type ProcessEntry, readProcesses } from "./process-table.js";

/** More passes than these find nothing new, or find what cannot be ended. */
const MAX_PASSES = 50;
/** What is killed is gone at once, or as soon as the kernel lets go of it. */
const MAX_ROUNDS = 5;

/**
 * Kills every process of the session that this process leads. First all are stopped, in as many passes as it takes until none is found that
 * was not stopped before, then all are killed: what forks without end has nobody left who does. Gives how many were killed.
 */
export async function endProcesses(leader: number): Promise<number> {
  const killed = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stopped = await stopProcesses(leader);
    const before = killed.size;
    // The youngest first: an orphan is woken by the kernel, and its parent is older than it.
    for (const { pid, started } of stopped.sort((a, b) => b.started - a.started || b.pid - a.pid))
      if (send(pid, "SIGKILL")) killed.add(`${pid} ${started}`);
    if (killed.size === before) break; // none, or those that are going
  }
  return killed.size;
}

/** Stops all, and gives them. */
async function stopProcesses(leader: number): Promise<ProcessEntry[]> {
  const stopped = new Map<number, ProcessEntry>();
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const found = await findProcesses(leader);
    const fresh = found.filter(({ pid, started }) => stopped.get(pid)?.started !== started);
    if (fresh.length === 0) return [...found];
    for (const entry of fresh) {
      stopped.set(entry.pid, entry);
      send(entry.pid, "SIGSTOP");
    }
  }
  return [...stopped.values()];
}

/** Not this process, though a client in a session may have started it, nor what it has started otherwise. */
async function findProcesses(leader: number): Promise<readonly ProcessEntry[]> {
  return groupProcesses(await readProcesses(), [leader, process.pid]).get(leader) ?? [];
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (systemCode(error) !== "ESRCH" && systemCode(error) !== "EPERM") throw error;
    return false; // over, or another user's
  }
}
