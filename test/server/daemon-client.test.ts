// Every method of a session manager, through the daemon's API and back: what is asked arrives, what is given comes back, what is thrown is thrown.
import { describe, expect, it } from "vitest";
import { AccessError, SessionError, T2aError, UsageError } from "../../src/core/index.js";
import { DaemonClient } from "../../src/session/client/index.js";
import type { AttachMessage, Attachment } from "../../src/session/index.js";
import { pollUntil } from "../support/poll-until.js";
import { tempDir } from "../support/temp-dir.js";
import { startApi } from "./api-server.js";

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "nothing was thrown",
    (error: unknown) => (error instanceof T2aError ? error.code : String(error)),
  );

describe("DaemonClient", () => {
  it("starts a session as it was wished for, and gives what the manager gives", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const config = {
      name: "näme / with % and ?",
      argv: ["sh", "-c", "echo 'é' \u{1f600}"],
      cwd: "/tmp",
      env: { A: "1", "b.c": "x\ny" },
      cols: 100,
      rows: 30,
      limits: { memoryBytes: 1000 },
      tags: ["t"],
      recording: { captureInput: true, captureEnv: ["HOME"], shellIntegration: false },
      agent: { name: "a", purpose: "p", context: { issueNumber: 4, deep: [{ a: null }] } },
      parent: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    };
    const info = await client.createSession(config);
    expect(sessions.calls.at(-1)).toEqual(["createSession", config]);
    expect(info).toEqual(await sessions.getSession(info.id));
    expect(await client.getSession(config.name)).toEqual(info);
    expect(await client.getSession("@last")).toEqual(info);
  });

  it("lists, filtered as asked", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const one = await client.createSession({ name: "one", tags: ["a b&c=d"] });
    const two = await client.createSession({ name: "two" });
    const over = await client.killSession("two", "SIGTERM");
    expect(over).toMatchObject({ id: two.id, exitStatus: 129 });
    expect(over.live).toBeUndefined();
    expect((await client.listSessions()).map(({ id }) => id)).toEqual([one.id, two.id]);
    expect(await client.listActive()).toEqual([one]);
    expect(await client.listSessions({ tag: "a b&c=d" })).toEqual([one]);
    const filter = { isLive: false, agent: "x", pastStatus: "interrupted", limit: 7 } as const;
    await client.listSessions(filter);
    expect(sessions.calls.at(-1)).toEqual(["listSessions", filter]);
  });

  it("renames, marks, pauses recording and deletes", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession({ name: "old" });
    expect(await client.renameSession("old", "..")).toMatchObject({ id, name: ".." });
    expect(await client.getSession("..")).toMatchObject({ id });
    expect((await client.stopRecording(id)).live?.isRecording).toBe(false);
    expect((await client.startRecording(id)).live?.isRecording).toBe(true);
    await client.mark("..", "a label\u0007");
    expect(sessions.calls.at(-1)).toEqual(["mark", id, "a label\u0007"]);
    expect(await code(client.deleteSession(id))).toBe("T2A_SESSION_LIVE");
    await client.killSession(id);
    await client.deleteSession(id);
    expect(await code(client.getSession(id))).toBe("T2A_SESSION_NOT_FOUND");
  });

  it("types bytes as they are, however many", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    const bytes = Uint8Array.from({ length: 700_001 }, (_, at) => (at * 7) % 256);
    await client.send(id, bytes, "me");
    const sent = sessions.calls.filter(([name]) => name === "send");
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.map(([, , data]) => data).join("")).toBe(Buffer.from(bytes).toString("latin1"));
    expect(new Set(sent.map(([, , , who]) => who))).toEqual(new Set(["me"]));
    await client.send(id, new Uint8Array());
    expect(sessions.calls.at(-1)).toEqual(["send", id, "", undefined]);
  });

  it("shows the screen, gives another size, says what is used", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    sessions.print(id, Buffer.from("héllo\nworld"));
    const screen = await client.screen(id);
    expect({ ...screen, dump: Buffer.from(screen.dump) }).toEqual(await sessions.screen(id));
    for (const lines of [0, 1, 100, 101, 1000])
      expect(await client.scrollback(id, lines)).toEqual(await sessions.scrollback(id, lines));
    expect((await client.resize(id, { cols: 132, rows: 43 })).live).toMatchObject({ cols: 132, rows: 43 });
    expect(await client.usage()).toEqual(await sessions.usage());
  });

  it("waits for as long as it takes, and gives up when told to", async () => {
    const { sessions, connect } = await startApi();
    const client = connect({ timeoutMs: 50 });
    const { id } = await client.createSession();
    const waiting = client.wait(id, { text: "re.dy", timeoutMs: 20_000 });
    await pollUntil("the wait's arrival", () => sessions.waiting === 1);
    sessions.print(id, Buffer.from("it is ready"));
    expect(await waiting).toEqual({ reason: "text", match: "ready" });
    expect(await client.wait(id, { exit: true, timeoutMs: 1 })).toEqual({ reason: "timeout" });
    const stop = new AbortController();
    const endless = client.wait(id, { exit: true }, stop.signal);
    await pollUntil("the wait's arrival", () => sessions.waiting === 1);
    stop.abort();
    expect(await code(endless)).toBe("T2A_ABORTED");
    await pollUntil("the wait's end in the daemon", () => sessions.waiting === 0);
    expect(sessions.givenUp).toBe(1);
    expect(await code(client.wait(id, {}, AbortSignal.abort()))).toBe("T2A_ABORTED");
    expect(await code(client.wait(id, { text: "(" }))).toBe("T2A_USAGE");
  });

  it("runs commands; one whose client goes is given up", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    expect(await client.runCommand(id, "true")).toEqual(await sessions.runCommand(id, "true"));
    expect(await client.runCommand(id, "x")).not.toHaveProperty("exitStatus");
    expect(await code(client.runCommand(id, "busy"))).toBe("T2A_SESSION_BUSY");
    const endless = code(client.runCommand(id, "forever"));
    await pollUntil("the command's arrival", () => sessions.waiting === 1);
    await client.close();
    expect(await endless).toBe("T2A_DAEMON");
    await pollUntil("the command's end in the daemon", () => sessions.waiting === 0);
  });

  it("makes checkpoints and resumes", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    expect(await client.checkpoint(id)).toEqual(await sessions.checkpoint(id));
    expect(await client.listCheckpoints(id)).toEqual(await sessions.listCheckpoints(id));
    expect(await code(client.resume(id))).toBe("T2A_SESSION_LIVE");
    await client.killSession(id);
    expect(await client.resume(undefined, { rerun: true, env: { A: "b" } })).toMatchObject({ id, status: "active" });
    expect(sessions.calls.at(-1)).toEqual(["resume", undefined, { rerun: true, env: { A: "b" } }]);
    expect(await client.resume(id, { cols: 90, rows: 20 })).toMatchObject({ id });
    expect(await client.restore(id)).toMatchObject({ id });
  });

  it("speaks for agents", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const context = { issueNumber: 7, previousResults: ["a"] };
    const { id } = await client.spawnAgentSession("CodeGen", "write it", context, { name: "w" });
    expect(sessions.calls).toContainEqual(["spawnAgentSession", "CodeGen", "write it", context, { name: "w" }]);
    const options = { context, purpose: "look", isLive: true, config: { command: "true" } };
    expect(await client.handoff(id, "Review", options)).toMatchObject({ id, agent: "Review" });
    expect(sessions.calls).toContainEqual(["handoff", id, "Review", options]);
    expect(await client.getLineage(id)).toEqual(await sessions.getLineage(id));
    expect(await client.summary(id)).toEqual(await sessions.summary(id));
    expect(await client.agentStats()).toEqual(await sessions.agentStats());
    expect(await client.failSession(id, "why")).toMatchObject({ status: "failed", error: "why" });
    expect(await client.completeSession(id, { done: [1, null] })).toMatchObject({ status: "completed" });
    expect(sessions.calls).toContainEqual(["completeSession", id, { done: [1, null] }]);
    expect(await code(client.handoff(id, "Late"))).toBe("T2A_SESSION_TRANSITION");
  });

  it("keeps state: any JSON under any key, frozen", async () => {
    const { connect } = await startApi();
    const client = connect();
    const place = { scope: "app", session: "a/b ?" } as const;
    const key = "a/b c.%2f\n..";
    for (const value of [0, "", false, null, [1, { a: [null] }], { "": { b: "é" } }]) {
      await client.setState(key, value, place);
      expect(await client.getState(key, place)).toEqual(value);
    }
    const kept = (await client.getState(key, place)) as { "": object };
    expect(Object.isFrozen(kept) && Object.isFrozen(kept[""])).toBe(true);
    expect(await client.getState(key)).toBeUndefined();
    expect(await client.getState(key, { fallback: 5 })).toBe(5);
    expect(await client.listState(place)).toEqual({ [key]: { "": { b: "é" } } });
    expect(await client.deleteState(key, place)).toBe(true);
    expect(await client.deleteState(key, place)).toBe(false);
    expect(await client.listState()).toEqual({});
  });

  it("throws what the manager throws: the same class, code, message and details", async () => {
    const { connect, logged } = await startApi();
    const client = connect();
    const error: unknown = await client.getSession("nobody").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({
      name: "SessionError",
      code: "T2A_SESSION_NOT_FOUND",
      message: "no session nobody",
      details: { reference: "nobody" },
    });
    expect(await code(client.createSession({ name: "taken" }))).toBe("T2A_SESSION_LIMIT");
    expect(await code(client.getSession(""))).toBe("T2A_SESSION_NOT_FOUND");
    expect(await code(client.getSession("x".repeat(5000)))).toBe("T2A_SESSION_NOT_FOUND");
    expect(await code(client.getSession("\u{1f600}".repeat(2000)))).toBe("T2A_SESSION_NOT_FOUND");
    expect(logged).toEqual([]);
    // What nobody expected is for the log alone.
    const failed = await client.createSession({ name: "broken" }).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(SessionError);
    expect(failed).toMatchObject({ code: "T2A_DAEMON", message: expect.not.stringContaining("secret") });
    expect(logged).toHaveLength(1);
  });

  it("refuses what cannot be meant before anything is done, naming the place", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const error = await client.createSession({ cols: 0 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(/^body\.cols: /);
    expect(await code(client.createSession({ wrong: 1 } as object))).toBe("T2A_USAGE");
    expect(await code(client.createSession({ env: { A: "x\0y" } }))).toBe("T2A_USAGE");
    expect(await code(client.createSession({ env: { A: "x".repeat(5e6) } }))).toBe("T2A_USAGE");
    expect(sessions.calls).toEqual([]);
  });

  it("says what the daemon is, and ends it", async () => {
    const { sessions, stopped, connect } = await startApi({ store: "file:///x" });
    const client = connect();
    expect(await client.stats()).toEqual({
      ...(await sessions.stats()),
      protocol: 1,
      oldestProtocol: 1,
      store: "file:///x",
    });
    await client.stopDaemon();
    await client.stopDaemon("end");
    expect(stopped).toEqual(["refuse", "end"]);
  });

  it("says that there is no daemon, or none that is the user's", async () => {
    const path = tempDir();
    const nobody = new DaemonClient({ socketPath: path("none") });
    const error = await nobody.listSessions().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "T2A_DAEMON", message: "no daemon runs: t2a daemon start starts it" });
    expect(error).not.toBeInstanceOf(AccessError);
    expect(await code(nobody.attach("x", { cols: 80, rows: 24 }))).toBe("T2A_DAEMON");
    await nobody.close();
    expect(await code(nobody.stats())).toBe("T2A_DAEMON");
  });

  it("starts the daemon where there is none, once, and asks again", async () => {
    const { socketPath } = await startApi();
    const started: string[] = [];
    const client = new DaemonClient({
      socketPath: `${socketPath}.later`,
      start: async () => void started.push("x"),
    });
    expect(await code(client.stats())).toBe("T2A_DAEMON");
    expect(started).toEqual(["x", "x"]);
    await client.close();
  });
});

describe("an attachment through the daemon", () => {
  it("gets the screen, then what is printed; types; is resized; ends with the session", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession({ name: "s" });
    sessions.print(id, Buffer.from("before"));
    const attachment = await client.attach("s", { cols: 90, rows: 20, label: "tty" });
    const seen = follow(attachment);
    await pollUntil("the screen", () => seen.length > 0);
    expect(seen[0]).toMatchObject({ type: "screen", cols: 80, rows: 24 });
    expect(textOf(seen)).toBe("before");
    expect(await client.listClients(id)).toEqual([
      expect.objectContaining({ clientId: attachment.clientId, label: "tty", cols: 90, rows: 20, hasKeyboard: true }),
    ]);
    const binary = Uint8Array.from({ length: 256 }, (_, at) => at);
    attachment.send(binary);
    await pollUntil("the echo", () => textOf(seen).length === 262);
    expect(textOf(seen)).toBe(`before${Buffer.from(binary).toString("latin1")}`);
    attachment.resize({ cols: 70, rows: 10 });
    await pollUntil("the size", () => seen.some((message) => message.type === "resize"));
    expect(seen.find(({ type }) => type === "resize")).toEqual({ type: "resize", cols: 70, rows: 10 });
    await client.renameSession(id, "other");
    await pollUntil("the name", () =>
      seen.some((message) => message.type === "session" && message.session.name === "other"),
    );
    await client.setKeyboard(id, attachment.clientId, false);
    attachment.send(Buffer.from("lost"));
    await client.killSession(id);
    await pollUntil("the end", () => seen.at(-1)?.type === "exit");
    expect(seen.at(-1)).toEqual({ type: "exit", exitStatus: 129, signal: "SIGHUP" });
    expect(textOf(seen)).not.toContain("lost");
    await seen.done;
    await attachment.detach();
  });

  it("detaches, by itself and by others", async () => {
    const { connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    const one = await client.attach(id, { cols: 80, rows: 24 });
    const two = await client.attach(id, { cols: 80, rows: 24, isReadOnly: true });
    const [seenOne, seenTwo] = [follow(one), follow(two)];
    expect((await client.listClients(id)).map(({ isReadOnly }) => isReadOnly)).toEqual([false, true]);
    await one.detach();
    await seenOne.done;
    expect(seenOne.at(-1)?.type).toBe("detached");
    expect(await client.listClients(id)).toHaveLength(1);
    await client.detachClients(id, two.clientId);
    await seenTwo.done;
    expect(seenTwo.at(-1)).toEqual({ type: "detached", reason: "taken" });
    const three = await client.attach(id, { cols: 80, rows: 24 });
    const seenThree = follow(three);
    await client.detachClients(id);
    await seenThree.done;
    expect(await code(client.attach("nobody", { cols: 80, rows: 24 }))).toBe("T2A_SESSION_NOT_FOUND");
    expect(await code(client.attach(id, { cols: 0, rows: 24 }))).toBe("T2A_USAGE");
    await client.killSession(id);
    expect(await code(client.attach(id, { cols: 80, rows: 24 }))).toBe("T2A_SESSION_OVER");
  });

  it("detaches where its messages are not gone on with, and where the client is closed", async () => {
    const { connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    const one = await client.attach(id, { cols: 80, rows: 24 });
    for await (const message of one.messages) {
      expect(message.type).toBe("screen");
      break;
    }
    await pollUntil("its leave", async () => (await client.listClients(id)).length === 0);
    const other = connect();
    const two = await other.attach(id, { cols: 80, rows: 24 });
    const seen = follow(two);
    await other.close();
    await seen.done;
    await pollUntil("its leave", async () => (await client.listClients(id)).length === 0);
  });

  it("makes nobody wait where it does not read, and gets the screen when it does", async () => {
    const { sessions, connect } = await startApi();
    const client = connect();
    const { id } = await client.createSession();
    const slow = await client.attach(id, { cols: 80, rows: 24 });
    const quick = await connect().attach(id, { cols: 80, rows: 24 });
    const seen = follow(quick);
    const chunk = Buffer.alloc(64 * 1024, "x");
    let printed = 0;
    for (let round = 0; round < 200; round++) {
      sessions.print(id, chunk);
      printed += chunk.length;
      await pollUntil("the other client", () => bytesOf(seen) >= printed);
    }
    sessions.print(id, Buffer.from("THE END"));
    let [taken, screens, last] = [0, 0, ""];
    for await (const message of slow.messages) {
      if (message.type === "screen") screens++;
      if (message.type === "screen" || message.type === "output") {
        const data = message.type === "screen" ? message.dump : message.data;
        taken += data.length;
        last = Buffer.from(data).toString("latin1");
      }
      if (last.endsWith("THE END")) break;
    }
    expect(screens).toBe(2); // the first, and the one in place of what was dropped
    expect(taken).toBeLessThan(printed / 2);
  });
});

function follow(attachment: Attachment): AttachMessage[] & { done: Promise<void> } {
  const seen = Object.assign([] as AttachMessage[], { done: Promise.resolve() });
  seen.done = (async () => {
    for await (const message of attachment.messages) seen.push(message);
  })();
  return seen;
}

function textOf(messages: readonly AttachMessage[]): string {
  return Buffer.concat(
    messages.map((message) =>
      message.type === "screen" ? message.dump : message.type === "output" ? message.data : new Uint8Array(),
    ),
  ).toString("latin1");
}

function bytesOf(messages: readonly AttachMessage[]): number {
  return messages.reduce((sum, message) => sum + (message.type === "output" ? message.data.length : 0), 0);
}
