// What the system says of processes, of Linux: when they began, and which belong to a terminal whose holder is gone.
import { readdirSync, readFileSync } from "node:fs";

/** A process. */
export interface RunningProcess {
  readonly pid: number;
  /** As the system shortens it: 15 bytes. */
  readonly name: string;
  /** The session of the system that it is in: the number of the process that began that. */
  readonly session: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  /** It has ended, and its parent has not noticed. */
  readonly isZombie: boolean;
}

/** When a process began, clock ticks since boot; undefined where it is gone, or the system does not say. */
export function startTicksOf(pid: number): number | undefined {
  return readProcess(pid)?.startTicks;
}

/** One process; undefined where it is gone, or the system does not say. */
export function readProcess(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in brackets, and may hold brackets and blanks.
    const [open, close] = [stat.indexOf("("), stat.lastIndexOf(")")];
    const fields = stat.slice(close + 2).split(" ");
    const [state = "", , , session, startTicks] = [fields[0], fields[1], fields[2], fields[3], fields[19]];
    return {
      pid,
      name: Buffer.from(stat.slice(open + 1, close), "latin1").toString("utf8"),
      session: Number(session),
      startTicks: Number(startTicks),
      isZombie: state === "Z" || state === "X",
    };
  } catch {
    return undefined;
  }
}

/** All that can be seen. */
export function listProcesses(): RunningProcess[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^[1-9][0-9]*$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}
