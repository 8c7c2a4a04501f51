// What sessions use: CPU time, memory and processes of everything that runs in them. All of them in one pass over /proc; where there is
// none, pidtree and pidusage ask ps, which is slower.
import { readFileSync } from "node:fs";
import { groupProcesses, type ProcessEntry, readProcesses } from "./process-table.js";

/** What all processes of a session use together. */
export interface ProcessUsage {
  /** Percent of one core since the reading before; in the first one since the session's start. */
  readonly cpuPercent: number;
  /** CPU time since the session was first read, and before that as far as it is known. Never less than before. */
  readonly cpuSeconds: number;
  /** Pages that are shared are counted once. */
  readonly memoryBytes: number;
  readonly processes: number;
}

/** Who reads again within this time is given the same, milliseconds. */
const FRESH_MS = 100;

/** Of each session, by the process that was started in it, what the reading before found. */
interface Reading {
  readonly at: number;
  /** As it was found; it falls when a process ends that nobody of the session waited for. */
  readonly rawSeconds: number;
  /** What such processes had used. */
  readonly lostSeconds: number;
  readonly usage: ProcessUsage;
}

/** Reads what sessions use. One for a daemon: percentages are between two readings. */
export class UsageReader {
  readonly #readings = new Map<number, Reading>();
  #pending: Promise<void> = Promise.resolve();

  /**
   * What the sessions use that these processes lead. One that is over has no entry.
   * @param pids the processes that were started in the sessions' terminals.
   */
  async read(pids: Iterable<number>): Promise<ReadonlyMap<number, ProcessUsage>> {
    const wanted = [...new Set(pids)];
    await this.#pending; // who waited finds what was read meanwhile
    const now = performance.now();
    const stale = wanted.filter((pid) => now - (this.#readings.get(pid)?.at ?? Number.NEGATIVE_INFINITY) >= FRESH_MS);
    if (stale.length > 0) {
      this.#pending = this.#readAnew(stale);
      await this.#pending;
    }
    const found = new Map<number, ProcessUsage>();
    for (const pid of wanted) {
      const reading = this.#readings.get(pid);
      if (reading !== undefined) found.set(pid, reading.usage);
    }
    return found;
  }

  /** Forgets a session that is over: its process id may be another's soon. */
  forget(pid: number): void {
    this.#readings.delete(pid);
  }

  async #readAnew(pids: readonly number[]): Promise<void> {
    const samples = process.platform === "linux" ? await sampleProc(pids) : await samplePs(pids);
    const at = performance.now();
    for (const pid of pids) {
      const sample = samples.get(pid);
      if (sample === undefined) this.#readings.delete(pid);
      else this.#readings.set(pid, toReading(sample, at, this.#readings.get(pid)));
    }
  }
}

function toReading(sample: Sample, at: number, before: Reading | undefined): Reading {
  const { cpuSeconds: rawSeconds, ageSeconds, memoryBytes, processes } = sample;
  const lostSeconds = (before?.lostSeconds ?? 0) + Math.max(0, (before?.rawSeconds ?? 0) - rawSeconds);
  const cpuSeconds = rawSeconds + lostSeconds;
  const [used, seconds] =
    before === undefined ? [cpuSeconds, ageSeconds] : [cpuSeconds - before.usage.cpuSeconds, (at - before.at) / 1000];
  const cpuPercent = seconds > 0 ? (100 * used) / seconds : 0;
  return { at, rawSeconds, lostSeconds, usage: { cpuPercent, cpuSeconds, memoryBytes, processes } };
}

interface Sample {
  readonly cpuSeconds: number;
  /** Of the process that leads the session. */
  readonly ageSeconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

async function sampleProc(pids: readonly number[]): Promise<ReadonlyMap<number, Sample>> {
  const all = await readProcesses();
  const { ticksASecond, pageBytes } = systemUnits();
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  const samples = new Map<number, Sample>();
  // This process is none of a session's, though a client in one may have started it.
  const groups = groupProcesses(all, [...pids, process.pid]);
  for (const pid of pids) {
    const group = groups.get(pid) ?? [];
    if (group.length === 0) continue;
    samples.set(pid, {
      cpuSeconds: group.reduce((sum, { ticks }) => sum + ticks, 0) / ticksASecond,
      ageSeconds: uptime - Math.min(...group.map(({ started }) => started)) / ticksASecond,
      memoryBytes: memoryOf(group) * pageBytes,
      processes: group.length,
    });
  }
  return samples;
}

/** Pages: each process's own, and of what they share as much as the one that shares most. */
function memoryOf(group: readonly ProcessEntry[]): number {
  let own = 0;
  let shared = 0;
  for (const { pid } of group) {
    try {
      const [, resident = 0, common = 0] = readFileSync(`/proc/${pid}/statm`, "latin1").split(" ").map(Number);
      own += resident - common;
      shared = Math.max(shared, common);
    } catch {
      // It is over.
    }
  }
  return own + shared;
}

let units: { readonly ticksASecond: number; readonly pageBytes: number } | undefined;

/** What the kernel counts in: it tells every program at its start, in getauxval(3)'s vector of pairs of words. */
function systemUnits(): { readonly ticksASecond: number; readonly pageBytes: number } {
  if (units !== undefined) return units;
  const vector = readFileSync("/proc/self/auxv");
  const words = new BigUint64Array(vector.buffer.slice(vector.byteOffset, vector.byteOffset + (vector.length & ~15)));
  const find = (key: bigint, fallback: number) => {
    for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === key) return Number(words[at + 1]);
    return fallback;
  };
  units = { pageBytes: find(6n, 4096), ticksASecond: find(17n, 100) };
  return units;
}

/** Where there is no /proc. */
async function samplePs(pids: readonly number[]): Promise<ReadonlyMap<number, Sample>> {
  const [{ default: pidtree }, { default: pidusage }] = await Promise.all([import("pidtree"), import("pidusage")]);
  const samples = new Map<number, Sample>();
  for (const pid of pids) {
    try {
      const group = await pidtree(pid, { root: true });
      const usages = Object.values(await pidusage(group)).filter((usage) => usage !== undefined);
      samples.set(pid, {
        cpuSeconds: usages.reduce((sum, { ctime }) => sum + ctime / 1000, 0),
        ageSeconds: Math.max(0, ...usages.map(({ elapsed }) => elapsed / 1000)),
        memoryBytes: usages.reduce((sum, { memory }) => sum + memory, 0),
        processes: usages.length,
      });
    } catch {
      // It is over.
    }
  }
  return samples;
}
