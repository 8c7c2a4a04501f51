// What is left of a session that was told to end: every process of the system's session that its command leads.
import { listProcesses } from "../holder/processes.js";

/** Kills what runs in the session of the system that `pid` began. Gives how many. */
export function killProcesses(pid: number): number {
  let count = 0;
  for (const { pid: other, session, isZombie } of listProcesses()) {
    if (session !== pid || isZombie) continue;
    try {
      process.kill(other, "SIGKILL");
      count++;
    } catch {
      // it has ended meanwhile
    }
  }
  return count;
}
