// Limits that bite in real sessions, as an ordinary user: what becomes of the session, what its recording says, how its command ended.
import { chmodSync, existsSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  followHooks,
  followLimits,
  type HookEvent,
  Hooks,
  measureWith,
  readLimitEvent,
  type SessionLimits,
  type TerminalKeeper,
  UsageReader,
} from "../../../src/session/index.js";
import { managerHouse } from "../../support/manager.js";
import { asOrdinaryUser, whyNoOrdinaryUser, whyNoPrlimit } from "../../support/nobody.js";
import { pollUntil } from "../../support/poll-until.js";

const why = whyNoPrlimit() ?? whyNoOrdinaryUser();

/** What the recording of a session says of its limits: `warn memory`. */
function told(keeper: TerminalKeeper): string[] {
  const found: string[] = [];
  keeper.on("custom", ({ event }) => {
    const limit = readLimitEvent(event);
    if (limit !== undefined) found.push(`${limit.action} ${limit.limit}`);
  });
  return found;
}

async function session(command: string, limits: SessionLimits) {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const events = told(keeper);
  followLimits(keeper);
  const { file, args } = asOrdinaryUser("sh", ["-c", command]);
  // Whatever becomes of the rest: no user has more processes than these.
  const info = await keeper.createSession({ argv: ["prlimit", "--nproc=600", "--", file, ...args], limits, cwd: "/" });
  return { house, keeper, events, id: info.id, info };
}

/** The session is over, and its document says so. */
async function ended(keeper: TerminalKeeper, id: string): Promise<void> {
  await keeper.wait(id, { exit: true, timeoutMs: 45_000 });
  await pollUntil("its end is known", () => keeper.findLive(id) === undefined);
}

describe.skipIf(why)("a limit that bites ends the session, and is told in its recording", () => {
  it.each<[string, string, SessionLimits, number, string]>([
    ["wall time", "sleep 1000", { wallSeconds: 1 }, 129, "wall_time"],
    ["idle time", "cat", { idleSeconds: 1 }, 129, "idle_time"],
    [
      "idle time, where hanging up is not minded",
      "trap '' HUP TERM; sleep 1000; sleep 1000",
      { idleSeconds: 1 },
      137,
      "idle_time",
    ],
    [
      "CPU time of all processes together",
      "(while :; do :; done) & (while :; do :; done) & wait",
      { cpuSeconds: 2 },
      137,
      "cpu_time",
    ],
    [
      "a memory hog",
      `'${process.execPath}' -e 'const all = []; setInterval(() => all.push(Buffer.alloc(2 << 20, 1)), 20)'`,
      { memoryBytes: 192 * 1024 ** 2 },
      137,
      "memory",
    ],
    [
      "a recording that fills the disk",
      "head -c 100000000 /dev/urandom | base64",
      { recordingBytes: 300_000 },
      129,
      "recording_size",
    ],
  ])("%s", async (_name, command, limits, exitStatus, limit) => {
    const { house, keeper, events, id } = await session(command, limits);
    await ended(keeper, id);
    expect(events.at(-1)).toBe(`kill ${limit}`);
    // What is quicker than it is looked at is not warned of.
    expect(events.slice(0, -1).filter((event) => event !== `warn ${limit}` && event !== `clear ${limit}`)).toEqual([]);
    const { status, exitStatus: actual, error } = await keeper.getSession(id);
    expect({ status, exitStatus: actual }).toEqual({ status: "failed", exitStatus });
    expect(error).toMatch(/^limit: .* the session was ended$/);
    expect(house.problems).toEqual([]);
  });

  it("a fork bomb, nothing of which is left", async () => {
    // Bounded by its depth, too.
    const bomb = 'bomb() { if [ "$1" -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 60; }; bomb 7';
    const { keeper, events, id, info } = await session(bomb, { processes: 20 });
    const pid = info.live?.pid ?? 0;
    if (process.getuid?.() === 0) expect(info.live?.warnings).toEqual([expect.stringMatching(/^processes: /)]);
    await ended(keeper, id);
    expect(events.at(-1)).toBe("kill processes");
    const { status, exitStatus, error } = await keeper.getSession(id);
    expect([status, exitStatus]).toEqual(["failed", 137]);
    expect(error).toMatch(/^limit: processes [0-9]+ of 20: /);
    await pollUntil("none is left", async () => (await new UsageReader().read([pid])).size === 0);
  });

  it("holds endless output to its rate, and loses none of it", async () => {
    const bytes = 1_300_000;
    const { keeper, events, id } = await session(`head -c ${bytes} /dev/zero | tr '\\0' x`, { outputRate: 100_000 });
    await pollUntil("output is held", () => events.includes("hold output_rate"));
    expect(keeper.findLive(id)?.facts.warnings).toEqual([expect.stringContaining("output waits")]);
    await ended(keeper, id);
    expect(await keeper.getSession(id)).toMatchObject({ status: "completed", exitStatus: 0 });
    await pollUntil("it is in the library", async () => (await keeper.getSession(id)).recordings.length === 1);
    const { stats } = await keeper.getSession(id);
    expect(stats.outputBytes).toBe(bytes);
    expect(stats.durationNs).toBeGreaterThan(2e9); // a million at once, the rest at 100,000 a second
  });

  it("bounds the size of a file, and says so where the kernel ended the session's program for it", async () => {
    const house = managerHouse("here");
    const keeper = await house.manager();
    const events = told(keeper);
    const folder = house.path("home");
    chmodSync(folder, 0o777);
    const command = `yes > ${folder}/filler`;
    const { id } = await keeper.createSession({ command: `exec ${command}`, limits: { fileBytes: 100_000 } });
    await ended(keeper, id);
    const { status, exitStatus, error } = await keeper.getSession(id);
    expect([status, exitStatus]).toEqual(["failed", 128 + 25]); // SIGXFSZ
    expect(error).toBe("limit: size of a file: the kernel ended what went beyond 98 KB");
    expect(events).toEqual(["kill file_size"]);
    expect(existsSync(`${folder}/filler`) && statSync(`${folder}/filler`).size).toBe(100_000);
  });

  it("bites while no daemon is there, and the next one knows why", async () => {
    const { house, keeper, id } = await session("sleep 1000", { wallSeconds: 1 });
    const pid = keeper.findLive(id)?.facts.pid ?? 0;
    await keeper.close();
    await pollUntil("it is over", async () => (await new UsageReader().read([pid])).size === 0);
    const next = await house.manager();
    await pollUntil("its end is known", async () => (await next.getSession(id)).status !== "active");
    expect(await next.getSession(id)).toMatchObject({
      status: "failed",
      exitStatus: 129,
      error: expect.stringMatching(/^limit: /),
    });
  });
});

describe("sessions with limits", () => {
  it("are shells that mark their commands as others do", async () => {
    const house = managerHouse("here");
    const keeper = await house.manager();
    const { id } = await keeper.createSession({ limits: { openFiles: 128, cpuSeconds: 100 } });
    await keeper.wait(id, { prompt: true, timeoutMs: 10_000 });
    expect(await keeper.runCommand(id, "ulimit -n")).toMatchObject({
      exitStatus: 0,
      output: why ? expect.anything() : "128",
    });
    await keeper.killSession(id);
  });

  it("tell hooks, and what they use", async () => {
    const house = managerHouse("here");
    const keeper = await house.manager({ measure: measureWith(new UsageReader()) });
    const hooks = new Hooks();
    const events: HookEvent[] = [];
    for (const name of ["onSessionStart", "onCommandExecute", "onLimit", "onSessionEnd"] as const)
      hooks.on(name, (event) => void events.push(event));
    followHooks(keeper, hooks);
    followLimits(keeper, hooks);
    const busy = "for i in {1..200000}; do :; done";
    const { id } = await keeper.createSession({ limits: { wallSeconds: 5 } });
    await keeper.wait(id, { prompt: true, timeoutMs: 10_000 });
    await keeper.runCommand(id, busy);
    const [usage] = await keeper.usage();
    expect(usage).toMatchObject({ id, processes: 1 });
    expect(usage?.memoryBytes).toBeGreaterThan(500_000);
    expect(usage?.cpuPercent).toBeGreaterThan(0);
    await keeper.wait(id, { exit: true, timeoutMs: 10_000 });
    await pollUntil("all is told", () => events.at(-1)?.hook === "onSessionEnd");
    expect(events.map(({ hook }) => hook)).toEqual([
      "onSessionStart",
      "onCommandExecute",
      "onLimit",
      "onLimit",
      "onSessionEnd",
    ]);
    expect(events[1]).toMatchObject({ session: { id }, data: { command: { line: busy } } });
    expect(events[2]).toMatchObject({ data: { action: "warn", limit: "wall_time" } });
    expect(events[4]).toMatchObject({
      session: { status: "failed" },
      data: { limit: expect.stringMatching(/^limit: /) },
    });
  });
});
