// What sessions use, read of real processes.
import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { endProcesses, UsageReader } from "../../../src/session/index.js";
import { groupProcesses, type ProcessEntry } from "../../../src/session/limits/process-table.js";
import { pollUntil } from "../../support/poll-until.js";

/** A process that leads a session of its own, and what it starts. */
function lead(command: string): number {
  const { pid = 0 } = spawn("sh", ["-c", command], { detached: true, stdio: "ignore" });
  onTestFinished(async () => void (await endProcesses(pid)));
  return pid;
}

const entry = (pid: number, parent: number, session: number, state = "S"): ProcessEntry => ({
  pid,
  parent,
  session,
  state,
  threads: 1,
  ticks: 0,
  started: 0,
});

describe("groupProcesses", () => {
  it("gives each process to the nearest leader above it, orphans to the leader of their session, the dead to none", () => {
    const all = new Map(
      [
        entry(1, 0, 1),
        entry(10, 1, 10), // a daemon
        entry(20, 10, 20), // leads
        entry(21, 20, 20),
        entry(22, 21, 22), // in a session of its own, but below
        entry(23, 1, 20), // an orphan
        entry(24, 20, 20, "Z"),
        entry(30, 21, 30), // leads, below another
        entry(31, 30, 30),
        entry(40, 1, 40),
      ].map((one) => [one.pid, one]),
    );
    const groups = groupProcesses(all, [20, 30, 99]);
    const pids = (leader: number) => groups.get(leader)?.map(({ pid }) => pid);
    expect([pids(20), pids(30), pids(99)]).toEqual([[20, 21, 22, 23], [30, 31], []]);
  });
});

describe.skipIf(process.platform !== "linux")("UsageReader", () => {
  it("counts processes, memory and CPU time of whole sessions, all at once", async () => {
    const busy = lead("sleep 1000 & while :; do :; done");
    const idle = lead("sleep 1000 & sleep 1000 & wait");
    const reader = new UsageReader();
    await pollUntil("all have started", async () => {
      const found = await new UsageReader().read([busy, idle]);
      return found.get(busy)?.processes === 2 && found.get(idle)?.processes === 3;
    });
    const first = await reader.read([busy, idle, 2 ** 30]);
    expect([...first.keys()]).toEqual([busy, idle]);
    expect(first.get(idle)?.memoryBytes).toBeGreaterThan(100_000);
    await pollUntil("it has used more", async () => ((await reader.read([busy])).get(busy)?.cpuSeconds ?? 0) > 0.2);
    const second = await reader.read([busy, idle]);
    expect(second.get(busy)?.cpuPercent).toBeGreaterThan(0);
    expect(second.get(idle)?.cpuPercent).toBe(0);
    expect(await endProcesses(idle)).toBe(3);
    await pollUntil("it is over", async () => !(await reader.read([idle])).has(idle));
  });

  it("never gives less CPU time than before, whatever ends in the session", async () => {
    // The inner shell is nobody's to wait for once its parent is gone.
    const pid = lead("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done) & sleep 1000 & exec sleep 1000");
    const reader = new UsageReader();
    let last = 0;
    await pollUntil("it is over", async () => {
      const usage = (await reader.read([pid])).get(pid);
      expect(usage?.cpuSeconds ?? last).toBeGreaterThanOrEqual(last);
      last = usage?.cpuSeconds ?? last;
      return last > 0 && usage?.processes === 2;
    });
    expect((await reader.read([pid])).get(pid)?.cpuSeconds).toBeGreaterThanOrEqual(last);
  });
});
