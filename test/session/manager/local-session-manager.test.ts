// Everything that can be asked of a manager of sessions, asked of the daemon's own and through the daemon: who has one does not see which
// it is. The holder, the daemon and the library are those of a user, in this process.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { T2aError } from "../../../src/core/index.js";
import { LocalSessionManager, type LocalSessionManagerParts, type SessionManager } from "../../../src/session/index.js";
import { userHere } from "../../support/daemon-here.js";
import { ScreenClient, typed } from "../../support/manager.js";
import { MemorySessions } from "../../support/memory-sessions.js";
import { pollUntil } from "../../support/poll-until.js";

type User = ReturnType<typeof userHere>;

/** The two that a user may have. */
const MANAGERS: readonly (readonly [string, (user: User) => Promise<SessionManager>])[] = [
  ["the daemon's own", (user) => user.sessions()],
  ["the daemon, asked by its client", async (user) => (await user.start()).client],
];

/** The code of what a promise is rejected with. */
const code = (promise: Promise<unknown>) =>
  promise.then(
    (value) => `nothing was thrown: ${JSON.stringify(value)}`,
    (error: unknown) => (error instanceof T2aError ? error.code : String(error)),
  );

describe.each(MANAGERS)("a manager of sessions: %s", (_, open) => {
  it("makes sessions, tells of them by id, name and place, names them anew, and deletes what is over", async () => {
    const user = userHere();
    const sessions = await open(user);
    const one = await sessions.createSession({ name: "one", command: "cat", tags: ["mine"], cols: 90, rows: 20 });
    expect(one).toMatchObject({ status: "active", tags: ["mine"], live: { cols: 90, rows: 20, isRecording: true } });
    const two = await sessions.createSession({ argv: ["/bin/cat"], parent: one.id });
    expect(two).toMatchObject({ name: "/bin/cat", parent: one.id, live: { cols: 80, rows: 24 } });
    expect(await sessions.getSession("one")).toMatchObject({ id: one.id, children: [two.id] });
    expect((await sessions.getSession("@last")).id).toBe(two.id);
    expect((await sessions.listActive()).map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect((await sessions.listSessions({ tag: "mine" })).map(({ id }) => id)).toEqual([one.id]);
    expect(await sessions.renameSession(two.id, "two")).toMatchObject({ id: two.id, name: "two" });
    expect(await sessions.stats()).toMatchObject({
      pid: process.pid,
      version: "0.1.0",
      sessions: 2,
      clients: 0,
      holders: [{ pid: process.pid, sessions: 2 }],
    });
    expect(await code(sessions.createSession({ name: "two" }))).toBe("T2A_USAGE");
    expect(await code(sessions.createSession({ cwd: "/no/such/folder" }))).toBe("T2A_USAGE");
    expect(await code(sessions.createSession({ argv: ["/no/such/program"] }))).toBe("T2A_PTY");
    expect(await code(sessions.createSession({ template: "none" }))).toBe("T2A_TEMPLATE");
    expect(await code(sessions.getSession("none"))).toBe("T2A_SESSION_NOT_FOUND");
    expect(await code(sessions.renameSession("two", "one"))).toBe("T2A_USAGE");
    expect(await code(sessions.deleteSession("two"))).toBe("T2A_SESSION_LIVE");
    expect(await sessions.killSession("two")).toMatchObject({ status: "failed", exitStatus: 129 });
    await sessions.deleteSession("two");
    expect(await code(sessions.getSession(two.id))).toBe("T2A_SESSION_NOT_FOUND");
    expect(await sessions.listSessions({ isLive: false })).toEqual([]);
    expect(await sessions.listActive()).toHaveLength(1);
  });

  it("types, waits, runs commands and shows the screen, while the session lives and when it is over", async () => {
    const user = userHere();
    const sessions = await open(user);
    const { id } = await sessions.createSession({ name: "work" });
    expect(await sessions.wait(id, { prompt: true, timeoutMs: 20_000 })).toEqual({ reason: "prompt" });
    expect(await sessions.runCommand(id, "printf 'a\\nb\\n'; (exit 4)")).toMatchObject({
      exitStatus: 4,
      output: "a\nb",
      isCut: false,
    });
    await sessions.send(id, typed("echo typ''ed\r"), "somebody");
    expect(await sessions.wait(id, { text: "^typed", timeoutMs: 20_000 })).toMatchObject({ reason: "text" });
    await sessions.wait(id, { prompt: true });
    await sessions.mark(id, "here");
    expect((await sessions.stopRecording(id)).live?.isRecording).toBe(false);
    expect((await sessions.startRecording(id)).live?.isRecording).toBe(true);
    expect((await sessions.resize(id, { cols: 100, rows: 30 })).live).toMatchObject({ cols: 100, rows: 30 });
    const [usage] = await sessions.usage();
    expect(usage).toMatchObject({ id, name: "work", processes: 1, clients: 0 });
    await sessions.send(id, typed("cat\r"));
    await pollUntil("it runs", async () => (await sessions.getSession(id)).live?.commandLine === "cat");
    expect(await code(sessions.runCommand(id, "ls"))).toBe("T2A_SESSION_BUSY");
    expect(await code(sessions.wait(id, { text: "(" }))).toBe("T2A_USAGE");
    expect(await code(sessions.killSession(id, "SIGNONE"))).toBe("T2A_USAGE");
    expect((await sessions.screen(id)).lines).toContain("typed");
    expect(await sessions.killSession(id, "SIGKILL")).toMatchObject({ status: "failed", exitStatus: 137 });
    expect(await sessions.wait(id, { prompt: true })).toEqual({ reason: "ended", exitStatus: 137 });
    expect((await sessions.screen(id)).lines).toContain("typed");
    expect(await code(sessions.send(id, typed("x")))).toBe("T2A_SESSION_OVER");
    expect(await code(sessions.attach(id, { cols: 80, rows: 24 }))).toBe("T2A_SESSION_OVER");
    expect(existsSync(user.path(`d/t2a/live/${id}/audit.ndjson`))).toBe(true);
  });

  it("attaches clients, tells of them, takes and gives their keyboards, and tells them what comes", async () => {
    const sessions = await open(userHere());
    const { id } = await sessions.createSession({ name: "cat", argv: ["/bin/cat"] });
    const one = new ScreenClient(await sessions.attach(id, { cols: 80, rows: 24, label: "one" }));
    const two = new ScreenClient(await sessions.attach("cat", { cols: 80, rows: 24, label: "two", isReadOnly: true }));
    expect(await sessions.listClients(id)).toMatchObject([
      { label: "one", hasKeyboard: true, isReadOnly: false },
      { label: "two", hasKeyboard: false, isReadOnly: true },
    ]);
    expect(await sessions.stats()).toMatchObject({ sessions: 1, clients: 2 });
    await sessions.setKeyboard(id, one.attachment.clientId, false);
    one.attachment.send(typed("not this "));
    await sessions.setKeyboard(id, one.attachment.clientId, true);
    one.attachment.send(typed("but this"));
    await pollUntil("the echo", () => two.text.includes("but this"));
    expect(two.text).toBe("but this");
    expect(await code(sessions.setKeyboard(id, two.attachment.clientId, true))).toBe("T2A_USAGE");
    await sessions.renameSession(id, "dog");
    await pollUntil("the new name", () => two.session?.name === "dog");
    await sessions.detachClients(id, one.attachment.clientId);
    await one.over;
    expect(one.end).toMatchObject({ type: "detached" });
    await sessions.killSession("dog");
    await two.over;
    expect(two.end).toMatchObject({ type: "exit", exitStatus: 129, signal: "SIGHUP" });
    expect(await code(sessions.listClients("dog"))).toBe("T2A_SESSION_OVER");
  });

  it("keeps state by scope, and makes checkpoints that a session is resumed from", async () => {
    const user = userHere();
    const sessions = await open(user);
    const { id } = await sessions.createSession({ name: "work" });
    await sessions.wait(id, { prompt: true, timeoutMs: 20_000 });
    const place = { scope: "session", session: "work" } as const;
    await sessions.setState("step", { done: [1, 2] }, place);
    await sessions.setState("of me", 1);
    await sessions.setState("passing", true, { scope: "temp", session: id });
    expect(await sessions.getState("step", place)).toEqual({ done: [1, 2] });
    expect(await sessions.getState("none", { ...place, fallback: "else" })).toBe("else");
    expect(await sessions.listState(place)).toEqual({ step: { done: [1, 2] } });
    expect(await sessions.listState()).toEqual({ "of me": 1 });
    expect(await sessions.deleteState("of me")).toBe(true);
    expect(await sessions.deleteState("of me")).toBe(false);
    expect(await code(sessions.setState("", 1))).toBe("T2A_STATE");
    await sessions.runCommand(id, "cd /usr");
    expect(await sessions.checkpoint(id)).toMatchObject({ reason: "asked", cwd: "/usr", isDamaged: false });
    expect((await sessions.listCheckpoints(id)).map(({ reason }) => reason)).toContain("asked");
    expect(await code(sessions.resume(id))).toBe("T2A_SESSION_LIVE");
    await sessions.killSession(id);
    expect(await sessions.listState({ scope: "temp", session: id })).toEqual({});
    const resumed = await sessions.resume(undefined, { cols: 70, rows: 18 });
    expect(resumed).toMatchObject({ id, name: "work", status: "active", live: { cols: 70, rows: 18 } });
    await sessions.wait(id, { prompt: true, timeoutMs: 20_000 });
    expect(await sessions.runCommand(id, "pwd")).toMatchObject({ output: "/usr", exitStatus: 0 });
    expect(await sessions.getState("step", place)).toEqual({ done: [1, 2] });
    await sessions.killSession(id);
    await pollUntil("both recordings", async () => (await sessions.getSession(id)).recordings.length === 2, 30_000);
    expect(await sessions.restore(id)).toMatchObject({ id, status: "active" });
    expect(await code(sessions.restore(id))).toBe("T2A_SESSION_LIVE");
    expect(await code(sessions.resume("none"))).toBe("T2A_SESSION_NOT_FOUND");
  });

  it("makes sessions for agents, passes them on, and knows what became of them", async () => {
    const sessions = await open(userHere());
    const context = { issueNumber: 7 };
    const config = { command: "echo made; cat" };
    // What is said of an agent when a session is made is the same as asking for an agent's session.
    const first = await sessions.createSession({ ...config, agent: { name: "Gen", purpose: "write", context } });
    expect(first).toMatchObject({ name: "Gen", agent: "Gen", purpose: "write", context, status: "active" });
    const other = await sessions.createSession({ ...config, agent: { name: "Other" } });
    expect(await sessions.failSession(other.id, "no reason")).toMatchObject({ status: "failed", error: "no reason" });
    const second = await sessions.handoff(first.id, "Review", { purpose: "read", config });
    expect(second).toMatchObject({ parent: first.id, status: "active" });
    expect(await sessions.handoff(second.id, "alice", { isLive: true })).toMatchObject({ id: second.id });
    expect(await sessions.getLineage(second.id)).toMatchObject([
      { id: first.id, status: "handed_off", depth: 0 },
      { id: second.id, agent: "alice", formerAgents: ["Review"], depth: 1 },
    ]);
    expect(await sessions.completeSession(second.id, { passed: 12 })).toMatchObject({ status: "completed" });
    expect(await code(sessions.failSession(second.id, "late"))).toBe("T2A_SESSION_TRANSITION");
    expect(await code(sessions.handoff(first.id, "Nobody"))).toBe("T2A_SESSION_TRANSITION");
    expect(await sessions.agentStats()).toMatchObject({ total: 3, active: 0, handedOff: 1, completed: 1, failed: 1 });
    const { completed, current, failed } = await sessions.summary(second.id);
    expect([completed.length, current.length, failed.length]).toEqual([2, 0, 0]);
    const third = await sessions.spawnAgentSession("Test", "run it", { issueNumber: 8 }, config);
    expect(third).toMatchObject({ name: "Test", purpose: "run it", context: { issueNumber: 8 } });
    expect((await sessions.listSessions({ agent: "Test" })).map(({ id }) => id)).toEqual([third.id]);
  });

  it("starts sessions by the user's templates, within their limits, and runs their hooks", async () => {
    const user = userHere();
    mkdirSync(user.path("c/t2a/templates"));
    const hook = `["sh", "-c", "cat >> $HOME/told-$0", "NAME"]`;
    writeFileSync(
      user.path("c/t2a/config.toml"),
      `[hooks]\non_session_start = ${hook.replace("NAME", "start")}\non_session_end = ${hook.replace("NAME", "end")}\n`,
    );
    writeFileSync(
      user.path("c/t2a/templates/short.toml"),
      `command = "cat"\ntags = ["short"]\n[limits]\nwall_time = 1\n[hooks]\non_limit = ${hook.replace("NAME", "limit")}\n`,
    );
    const sessions = await open(user);
    const { id } = await sessions.createSession({ template: "short", name: "s" });
    expect(await sessions.getSession(id)).toMatchObject({
      tags: ["short"],
      config: { template: "short", limits: { wallSeconds: 1 } },
    });
    const other = await sessions.createSession({ command: "cat", name: "other" });
    expect(other.config).not.toHaveProperty("limits");
    expect(await sessions.wait(id, { exit: true, timeoutMs: 20_000 })).toEqual({ reason: "exit", exitStatus: 129 });
    expect(await sessions.getSession(id)).toMatchObject({ status: "failed", error: expect.stringMatching(/^limit: /) });
    for (const told of ["start", "limit", "end"])
      await pollUntil(`the hook that is told of ${told}`, () => existsSync(user.path(`told-${told}`)));
  });
});

describe("a manager that is closed", () => {
  it("leaves its sessions alive for the next one, which finds them as they are", async () => {
    const user = userHere();
    const first = await user.sessions();
    const { id } = await first.createSession({ name: "kept" });
    await first.wait(id, { prompt: true, timeoutMs: 20_000 });
    await first.runCommand(id, "echo bef''ore");
    const client = new ScreenClient(await first.attach(id, { cols: 80, rows: 24 }));
    await first.close();
    await first.close();
    await client.over;
    expect(client.end).toMatchObject({ type: "detached" });
    const next = await user.sessions();
    expect(await next.listActive()).toMatchObject([{ id, name: "kept" }]);
    expect((await next.screen(id)).lines).toContain("before");
    expect(await next.runCommand(id, "echo after")).toMatchObject({ output: "after" });
  });

  it("closes all its parts, whatever becomes of one, and throws what that threw", async () => {
    const closed: string[] = [];
    const closing = (name: string, problem?: string) =>
      Object.assign(new MemorySessions(), {
        close: async () => {
          closed.push(name);
          if (problem !== undefined) throw new Error(problem);
        },
      });
    const states = closing("states");
    const parts: LocalSessionManagerParts = {
      terminals: closing("terminals", "the second"),
      checkpoints: closing("checkpoints", "the first"),
      agents: closing("agents"),
      states,
      pool: { holders: [] },
      version: "1",
      others: [closing("library"), states],
      now: () => 0,
    };
    const manager = new LocalSessionManager(parts);
    onTestFinished(() => manager.close().catch(() => {}));
    expect(await manager.stats()).toMatchObject({ startedAt: "1970-01-01T00:00:00.000Z", sessions: 0 });
    await expect(manager.close()).rejects.toThrow("the first");
    await expect(manager.close()).rejects.toThrow("the first");
    expect(closed).toEqual(["agents", "checkpoints", "states", "terminals", "library"]);
  });
});
