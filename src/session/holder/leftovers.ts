// What a dead holder's sessions left behind. The system hangs up on a terminal whose holder dies; what does not heed that is found by
// the session of the system that it is in, or by its environment.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { bootId } from "../../files/index.js";
import type { HeldNote } from "./holder-paths.js";
import { listProcesses, type RunningProcess, readProcess } from "./processes.js";

/** A process that outlived its terminal. */
export interface LeftProcess {
  readonly sessionId: string;
  readonly pid: number;
  /** As the system shortens it. */
  readonly name: string;
  /** It was in the terminal's own session, and was killed; else it had made itself independent, and is left alone. */
  readonly wasKilled: boolean;
}

/** How long what was hung up on is given to end by itself, milliseconds, and how often it is looked at. */
const GRACE_MS = 500;
const LOOK_MS = 20;
/** How often what is left is killed. */
const MAX_ROUNDS = 50;

/** Ends what is left of these sessions, whose holder is dead, and tells what that was. */
export async function endLeftovers(notes: readonly HeldNote[]): Promise<LeftProcess[]> {
  const ours = notes.filter((note) => note.bootId === undefined || note.bootId === bootId());
  if (ours.length === 0) return [];
  const inTerminal = () => ours.flatMap((note) => inSessionOf(note).map((process) => ({ note, process })));
  const until = performance.now() + GRACE_MS;
  let left = inTerminal();
  while (left.length > 0 && performance.now() < until) {
    await setTimeout(LOOK_MS);
    left = inTerminal();
  }
  const found: LeftProcess[] = [];
  // What is killed may just have begun another.
  for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round++) {
    for (const { note, process: one } of left) {
      if (kill(one)) found.push({ sessionId: note.sessionId, pid: one.pid, name: one.name, wasKilled: true });
    }
    await setTimeout(round);
    left = inTerminal().filter(({ process: { pid } }) => !found.some((killed) => killed.pid === pid));
  }
  const known = new Set(found.map(({ pid }) => pid));
  for (const { note, process: one } of ofRecordings(ours)) {
    if (!known.has(one.pid)) found.push({ sessionId: note.sessionId, pid: one.pid, name: one.name, wasKilled: false });
  }
  return found;
}

function inSessionOf({ pid, startTicks }: HeldNote): RunningProcess[] {
  const leader = readProcess(pid);
  // The number is another process's by now, which it could not be while anything is in that session.
  if (leader !== undefined && startTicks !== 0 && leader.startTicks !== startTicks) return [];
  return listProcesses().filter(({ session, isZombie }) => session === pid && !isZombie);
}

/** Those whose environment names one of the recordings. */
function ofRecordings(notes: readonly HeldNote[]): { readonly note: HeldNote; readonly process: RunningProcess }[] {
  const byId = new Map(notes.map((note) => [note.recordingId, note]));
  return listProcesses().flatMap((process) => {
    const id = recordingOf(process.pid);
    const note = id === undefined ? undefined : byId.get(id);
    return note === undefined || process.isZombie ? [] : [{ note, process }];
  });
}

function recordingOf(pid: number): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    return /(?:^|\0)T2A_RECORDING=([0-9A-Z]{26})(?:\0|$)/.exec(environment)?.[1];
  } catch {
    return undefined; // gone, or another user's
  }
}

/** Whether it was there to be killed: the same process as was seen. */
function kill({ pid, startTicks }: RunningProcess): boolean {
  if (readProcess(pid)?.startTicks !== startTicks) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}
