// When checkpoints are written of sessions that live, and what stands in them.
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type CheckpointedTerminals,
  CheckpointKeeper,
  type CheckpointKeeperOptions,
  type LiveTerminal,
  type TerminalEvents,
} from "../../../src/session/index.js";
import { addSession, newStore } from "../../library/stores.js";
import { tempDir } from "../../support/temp-dir.js";

/** Terminals of a test's own: what they tell is told by the test. */
async function terminals() {
  const store = newStore();
  const session = await addSession(store, { status: "active", context: { issueNumber: 7 } }, []);
  const folder = tempDir();
  const listeners = new Map<string, Set<(told: never) => unknown>>();
  const terminal = {
    id: session.id,
    session: { ...session, state: { session: { step: 3 } } },
    facts: { recordingId: session.id, cols: 100, rows: 30 },
    position: { events: 10, timeNs: 1234 },
    cwd: "/srv",
    commandLine: "sleep 1000",
    environment: { LANG: "C", OLD: null } as LiveTerminal["environment"],
  };
  const live = [terminal as unknown as LiveTerminal];
  const source: CheckpointedTerminals = {
    live,
    findLive: (id) => live.find((one) => one.id === id),
    getLive: async () => live[0] as LiveTerminal,
    resolve: async () => session,
    dataFolder: (id) => folder(`live/${id}`),
    on(kind, listener) {
      const all = listeners.get(kind) ?? new Set();
      listeners.set(kind, all.add(listener as (told: never) => unknown));
      return () => void all.delete(listener as (told: never) => unknown);
    },
  };
  const tell = async <K extends keyof TerminalEvents>(kind: K, told: object = {}) => {
    for (const listener of listeners.get(kind) ?? []) await listener({ terminal, ...told } as never);
  };
  return { session, source, live, terminal, tell };
}

function keeperOf(source: CheckpointedTerminals, options: Partial<CheckpointKeeperOptions> = {}): CheckpointKeeper {
  const problems: unknown[] = [];
  const onProblem = (problem: unknown) => void problems.push(problem);
  const keeper = new CheckpointKeeper({ terminals: source, onProblem, ...options });
  onTestFinished(() => {
    keeper.close();
    expect(problems).toEqual([]);
  });
  return keeper;
}

describe("checkpoints of live sessions", () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance"] }),
  );
  afterEach(() => void vi.useRealTimers());

  const countOf = async (keeper: CheckpointKeeper, id: string) => (await keeper.listCheckpoints(id)).length;
  /** Writing takes its time, which is not the clock's that is turned here. */
  const settled = async (keeper: CheckpointKeeper, id: string, count: number) => {
    for (let looks = 0; (await countOf(keeper, id)) !== count; looks++) {
      if (looks > 10_000) throw new Error(`there are ${await countOf(keeper, id)} checkpoints`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it("say where it was, what ran, and what was told of it", async () => {
    const { session, source } = await terminals();
    const keeper = keeperOf(source, { now: () => 0 });
    expect(await keeper.checkpoint(session.id)).toEqual({
      ...{ number: 1, createdAt: "1970-01-01T00:00:00.000Z", reason: "asked", recordingId: session.id },
      ...{ timeNs: 1234, events: 10, cwd: "/srv", commandLine: "sleep 1000", isDamaged: false },
    });
    const last = await keeper.findLast(session.id);
    expect(last?.checkpoint).toMatchObject({
      ...{ sessionId: session.id, cols: 100, rows: 30, env: { LANG: "C", OLD: null }, state: { step: 3 } },
      contextSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("keep the variables that the shell before told of, until the new one tells", async () => {
    const { session, source, terminal } = await terminals();
    const keeper = keeperOf(source);
    await keeper.checkpoint(session.id);
    terminal.environment = undefined;
    await keeper.checkpoint(session.id);
    expect((await keeper.findLast(session.id))?.checkpoint.env).toEqual({ LANG: "C", OLD: null });
    terminal.environment = {};
    await keeper.checkpoint(session.id);
    expect((await keeper.findLast(session.id))?.checkpoint.env).toEqual({});
  });

  it("are written soon after changes, one for many of them", async () => {
    const { session, source, tell } = await terminals();
    const keeper = keeperOf(source, { settleMs: 1000 });
    for (let count = 0; count < 20; count++) await tell("command");
    await tell("cwd");
    vi.advanceTimersByTime(900);
    expect(await countOf(keeper, session.id)).toBe(0);
    keeper.stateChanged(session.id);
    vi.advanceTimersByTime(1100);
    await settled(keeper, session.id, 1);
    expect((await keeper.listCheckpoints(session.id))[0]).toMatchObject({ reason: "state" });
  });

  it("do not wait for ever while changes go on", async () => {
    const { session, source, tell } = await terminals();
    const keeper = keeperOf(source, { settleMs: 1000 });
    for (let count = 0; count < 11; count++) {
      await tell("command");
      vi.advanceTimersByTime(500);
    }
    await settled(keeper, session.id, 1);
  });

  it("are written each interval in which something happened", async () => {
    const { session, source, terminal } = await terminals();
    const keeper = keeperOf(source, { intervalMs: 60_000 });
    vi.advanceTimersByTime(60_000);
    await settled(keeper, session.id, 1);
    vi.advanceTimersByTime(200_000);
    expect(await countOf(keeper, session.id)).toBe(1);
    terminal.position = { events: 11, timeNs: 2000 };
    vi.advanceTimersByTime(60_000);
    await settled(keeper, session.id, 2);
    expect((await keeper.listCheckpoints(session.id))[0]).toMatchObject({ reason: "interval", events: 11 });
  });

  it("are written at the end, and for all where the daemon ends", async () => {
    const { session, source, live, terminal, tell } = await terminals();
    const keeper = keeperOf(source, { intervalMs: 60_000 });
    await keeper.checkpointAll("signal");
    live.splice(0);
    await tell("end", { session, end: undefined });
    expect((await keeper.listCheckpoints(session.id)).map(({ reason }) => reason)).toEqual(["exit", "signal"]);
    terminal.position = { events: 12, timeNs: 1 };
    await tell("command");
    vi.advanceTimersByTime(200_000);
    expect(await countOf(keeper, session.id)).toBe(2);
  });

  it("of the end wait for those that are being written", async () => {
    const { session, source, tell } = await terminals();
    const keeper = keeperOf(source);
    const all = keeper.checkpointAll("signal");
    await tell("end", { session, end: undefined });
    await all;
    expect((await keeper.listCheckpoints(session.id)).map(({ reason }) => reason)).toEqual(["exit", "signal"]);
  });
});
