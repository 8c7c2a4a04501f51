// The daemon's life in the process of the test: what it says of its start, what ends it, and what becomes of what it was made of.
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SessionError } from "../../src/core/index.js";
import { runDaemon } from "../../src/server/index.js";
import { findDaemonPid } from "../../src/session/client/index.js";
import { userHere } from "../support/daemon-here.js";
import { MemorySessions } from "../support/memory-sessions.js";
import { pollUntil } from "../support/poll-until.js";

/** A daemon whose sessions are in memory. */
async function start({ idleExitMs }: { readonly idleExitMs?: number } = {}) {
  const user = userHere();
  const sessions = new MemorySessions();
  const told: string[] = [];
  const close = sessions.close.bind(sessions);
  sessions.close = async () => {
    told.push("closed");
    await close();
  };
  const openManager = async () => ({
    manager: sessions,
    store: "file:///of/the/test",
    idleExitMs,
    onEnd: () => void told.push("ends"),
  });
  const listeners = (name: NodeJS.Signals | "uncaughtException" | "unhandledRejection") =>
    process.listeners(name as "SIGTERM");
  const kinds = ["SIGTERM", "SIGINT", "SIGHUP", "uncaughtException", "unhandledRejection"] as const;
  const before = new Map(kinds.map((kind) => [kind, new Set<unknown>(listeners(kind))]));
  const added = (kind: (typeof kinds)[number]) =>
    listeners(kind).filter((listener) => before.get(kind)?.has(listener) === false) as ((told: unknown) => void)[];
  const daemon = await user.start({ openManager });
  const log = () =>
    readFileSync(user.runtime.daemonLog, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  /** Nothing of it is left. */
  const isGone = () =>
    !existsSync(user.runtime.daemonSocket) &&
    findDaemonPid(user.runtime) === undefined &&
    kinds.every((kind) => added(kind).length === 0);
  return { ...user, ...daemon, sessions, told, added, log, isGone };
}

describe("a daemon", () => {
  it("says that it is ready when it can be asked, and holds the lock as long as it lives", async () => {
    const { said, client, runtime, over, told, isGone } = await start();
    expect(said).toEqual({ state: "ready" });
    expect(await client.stats()).toMatchObject({ store: "file:///of/the/test", sessions: 0 });
    expect(findDaemonPid(runtime)).toBe(process.pid);
    await client.stopDaemon();
    expect(await over).toBe(0);
    expect(told).toEqual(["ends", "closed"]);
    expect(isGone()).toBe(true);
  });

  it("lets no other one be beside it", async () => {
    const { runtime, path, client } = await start();
    const ready = path("second");
    const second = runDaemon({
      runtime,
      version: "2",
      openManager: async () => ({ manager: new MemorySessions() }),
      readyFd: openSync(ready, "w"),
    });
    await expect(second).rejects.toMatchObject({
      code: "T2A_DAEMON",
      message: expect.stringContaining("runs already"),
    });
    expect(JSON.parse(readFileSync(ready, "utf8"))).toMatchObject({
      state: "failed",
      body: { error: { code: "T2A_DAEMON", message: expect.stringContaining("t2a daemon status") } },
    });
    expect((await client.stats()).version).toBe("0.1.0");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends in order with %s, and not with its terminal", async (signal) => {
    const { added, over, sessions, client, log, told, isGone } = await start();
    const { id } = await client.createSession({ name: "kept" });
    for (const listener of added("SIGHUP")) listener("SIGHUP");
    expect((await client.getSession(id)).live).toBeDefined();
    for (const listener of added(signal)) listener(signal);
    expect(await over).toBe(0);
    expect((await sessions.listActive()).map(({ name }) => name)).toEqual(["kept"]);
    expect(log().at(-1)).toMatchObject({ msg: "the daemon ends", reason: signal });
    expect([told, isGone()]).toEqual([["ends", "closed"], true]);
  });

  it("ends for a client unless sessions live, with them where that is wished, and without where they are to be kept", async () => {
    const refusing = await start();
    const { client, sessions } = refusing;
    for (const name of ["one", "two"]) await client.createSession({ name });
    await expect(client.stopDaemon()).rejects.toMatchObject({
      code: "T2A_SESSION_LIVE",
      message: expect.stringContaining("2 sessions live"),
      details: { sessions: 2 },
    });
    await client.killSession("two");
    await expect(client.stopDaemon()).rejects.toThrow(/^a session lives/);
    sessions.killSession = () => Promise.reject(new Error("it does not heed"));
    await client.stopDaemon("end");
    expect(await refusing.over).toBe(0);
    expect(refusing.log()).toContainEqual(expect.objectContaining({ msg: "a session could not be ended" }));
    const keeping = await start();
    await keeping.client.createSession({ name: "kept" });
    await keeping.client.stopDaemon("keep");
    expect(await keeping.over).toBe(0);
    expect(await keeping.sessions.listActive()).toHaveLength(1);
  });

  it("ends by itself where nobody needs it, and not before", async () => {
    const { client, over, log } = await start({ idleExitMs: 60 });
    const { id } = await client.createSession();
    const { messages } = await client.attach(id, { cols: 80, rows: 24 });
    const first = await messages[Symbol.asyncIterator]().next();
    expect(first.value).toMatchObject({ type: "screen" });
    await client.killSession(id);
    await client.close();
    expect(await over).toBe(0);
    expect(log().at(-1)).toMatchObject({ reason: "nobody needs it" });
  });

  it("tells its log what nobody caught, and ends when that is too much", async () => {
    const { added, client, over, log } = await start();
    for (const listener of added("unhandledRejection")) listener(new Error("a stray"));
    expect(await client.listActive()).toEqual([]);
    expect(log()).toContainEqual(
      expect.objectContaining({ level: "error", msg: "thrown, and caught by nobody", err: expect.anything() }),
    );
    const [stray] = added("uncaughtException");
    for (let count = 0; count < 20; count++) stray?.(new Error("more of it"));
    expect(await over).toBe(1);
    expect(log().at(-1)).toMatchObject({ reason: "too much went wrong" });
  });

  it("says what it could not be started for, and lets go of all", async () => {
    const user = userHere();
    const failed = await user.start({
      openManager: () => Promise.reject(new SessionError("T2A_HOLDER", "no holder can be had")),
    });
    expect(failed.said).toMatchObject({
      state: "failed",
      body: { error: { code: "T2A_HOLDER", message: "no holder can be had" } },
    });
    await expect(failed.over).rejects.toThrow("no holder can be had");
    expect(findDaemonPid(user.runtime)).toBeUndefined();
    // The lock is free, and a socket that is left is in nobody's way.
    writeFileSync(user.runtime.daemonSocket, "left");
    const { over, client } = await user.start({ openManager: async () => ({ manager: new MemorySessions() }) });
    await pollUntil("it can be asked", async () => (await client.listActive()).length === 0);
    await client.stopDaemon();
    expect(await over).toBe(0);
  });

  it("minds nobody who is gone before it is ready", async () => {
    const user = userHere();
    const said = user.path("said");
    writeFileSync(said, "");
    const over = runDaemon({
      runtime: user.runtime,
      version: "1",
      openManager: async () => ({ manager: new MemorySessions() }),
      readyFd: openSync(said, "r"), // writing there fails
    });
    await pollUntil("it listens", () => existsSync(user.runtime.daemonSocket));
    await pollUntil("it can be asked", () =>
      user
        .connect()
        .stats()
        .then(
          () => true,
          () => false,
        ),
    );
    await user.connect().stopDaemon();
    expect(await over).toBe(0);
  });
});
