// The daemon as a process: started once however many want it, in nobody's way when it was killed, missed by nobody for long.
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { T2aError } from "../../src/core/index.js";
import { ensureDaemon } from "../../src/session/client/index.js";
import type { AttachMessage } from "../../src/session/index.js";
import { buildTestDaemon, daemonWorld, isAlive } from "../support/daemon-world.js";
import { pollUntil } from "../support/poll-until.js";

let programs = "";
beforeAll(async () => {
  programs = await buildTestDaemon();
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

const code = (promise: Promise<unknown>) =>
  promise.then(
    (value) => `nothing was thrown: ${String(value)}`,
    (error: unknown) => (error instanceof T2aError ? error.code : String(error)),
  );

describe("starting the daemon", () => {
  it("is done by the first that asks for something, in background, for nobody else to use", async () => {
    const world = daemonWorld(programs);
    const client = world.connect();
    const about = await client.stats();
    expect(about.pid).toBe(world.pid());
    expect(about.pid).not.toBe(process.pid);
    const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);
    expect(modeOf(world.runtime.folder)).toBe("700");
    for (const path of [world.runtime.daemonSocket, world.runtime.daemonLock, world.runtime.daemonLog])
      expect(modeOf(path)).toBe("600");
    // A session of processes of its own: no signal of the user's terminal is meant for it.
    const stat = readFileSync(`/proc/${about.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    expect(Number(stat[2])).toBe(about.pid); // process group
    expect(Number(stat[3])).toBe(about.pid); // session
    expect(await world.start()).toBe(false);
  });

  it("starts one where many want it at once", async () => {
    const world = daemonWorld(programs);
    const started = await Promise.all(Array.from({ length: 8 }, () => world.start()));
    expect(started.filter((isNew) => isNew)).toHaveLength(1);
    const pids = await Promise.all(Array.from({ length: 8 }, async () => (await world.connect().stats()).pid));
    expect(new Set(pids)).toEqual(new Set([world.pid()]));
  });

  it("starts one where many processes want it at once; a second daemon refuses", async () => {
    const world = daemonWorld(programs);
    world.prepare();
    const daemons = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, [join(programs, "daemon.js")], { env: world.env, stdio: "ignore" });
      onTestFinished(() => void child.kill("SIGKILL"));
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      return { child, ended };
    });
    await pollUntil("three that gave up", () => daemons.filter(({ child }) => child.exitCode === 1).length === 3);
    const [winner] = daemons.filter(({ child }) => child.exitCode === null);
    await pollUntil("the one that listens", () => existsSync(world.runtime.daemonSocket));
    expect((await world.connect({ start: undefined }).stats()).pid).toBe(winner?.child.pid);
    winner?.child.kill("SIGTERM");
    expect(await winner?.ended).toBe(0);
    expect(existsSync(world.runtime.daemonSocket)).toBe(false);
  });

  it("is in nobody's way when it was killed: socket and lock are taken over", async () => {
    const world = daemonWorld(programs);
    const client = world.connect();
    const { id } = await client.createSession({ name: "lives on" });
    const { pid } = await client.stats();
    process.kill(pid, "SIGKILL");
    await pollUntil("its end", () => world.pid() === undefined);
    expect(existsSync(world.runtime.daemonSocket)).toBe(true);
    expect((await client.getSession("lives on")).id).toBe(id);
    expect((await client.stats()).pid).not.toBe(pid);
  });

  it("minds no rubbish where its socket and lock should be", async () => {
    const world = daemonWorld(programs);
    world.prepare();
    writeFileSync(world.runtime.daemonLock, "99999999 rubbish\n");
    writeFileSync(world.runtime.daemonSocket, "no socket at all");
    expect(await world.start()).toBe(true);
    expect((await world.connect().stats()).pid).toBe(world.pid());
  });

  it("says what it failed with", async () => {
    const world = daemonWorld(programs, { TEST_DAEMON_FAILS: "1" });
    const error = await world
      .connect()
      .stats()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "T2A_DAEMON", message: expect.stringContaining("t2a daemon logs") });
    expect(readFileSync(world.runtime.daemonLog, "utf8")).toContain("not today");
    expect(world.pid()).toBeUndefined();
  });

  it("gives up one that says nothing", async () => {
    const world = daemonWorld(programs, { TEST_DAEMON_SILENT: "1" });
    const error = await ensureDaemon({ ...world.options, timeoutMs: 300 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "T2A_DAEMON", message: expect.stringContaining("does not answer") });
    const missing = ensureDaemon({ ...world.options, program: "/nonexistent.js" });
    expect(await code(missing)).toBe("T2A_DAEMON");
  });

  it("uses no folder that is another's, or a link", async () => {
    const world = daemonWorld(programs);
    mkdirSync(join(world.base, "elsewhere"), { mode: 0o700 });
    symlinkSync(join(world.base, "elsewhere"), world.runtime.folder);
    expect(await code(world.start())).toBe("T2A_ACCESS");
    expect(await world.cli(["daemon", "status"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("XDG_RUNTIME_DIR"),
    });
    rmSync(world.runtime.folder);
    mkdirSync(world.runtime.folder, { mode: 0o755 });
    chmodSync(world.runtime.folder, 0o755);
    await world.start();
    expect(statSync(world.runtime.folder).mode & 0o777).toBe(0o700);
  });

  it("takes what listens there and is no daemon for what it is", async () => {
    const world = daemonWorld(programs);
    world.prepare();
    const other = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
    await new Promise<void>((resolve) => other.listen(world.runtime.daemonSocket, resolve));
    onTestFinished(() => void other.close());
    const error = await world
      .connect()
      .stats()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "T2A_DAEMON", message: expect.stringContaining("is no daemon of t2a") });
  });
});

describe("the daemon's end", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("comes with %s, not with SIGHUP; sessions live on", async (signal) => {
    const world = daemonWorld(programs);
    const client = world.connect();
    await client.createSession({ name: "x" });
    const { pid } = await client.stats();
    process.kill(pid, "SIGHUP");
    await client.listActive();
    process.kill(pid, signal);
    await pollUntil("its end", () => !isAlive(pid));
    expect(existsSync(world.runtime.daemonSocket)).toBe(false);
    expect(await client.listActive()).toHaveLength(1);
  });

  it("comes when nobody needs it for so long, where it is told to", async () => {
    const world = daemonWorld(programs, { TEST_DAEMON_IDLE_MS: "300" });
    const client = world.connect({ start: undefined });
    await world.start();
    const { id } = await client.createSession();
    const { pid } = await client.stats();
    const attachment = await client.attach(id, { cols: 80, rows: 24 });
    await client.killSession(id);
    await attachment.detach();
    await pollUntil("its end", () => !isAlive(pid));
    expect(await code(client.stats())).toBe("T2A_DAEMON");
  });

  it("is logged as JSON lines, without what was typed and without names", async () => {
    const world = daemonWorld(programs, { T2A_DEBUG: "1" });
    const client = world.connect();
    const { id } = await client.createSession({ name: "secret-name", env: { TOKEN: "secret-env" } });
    await client.send(id, Buffer.from("secret-typed"));
    await code(client.createSession({ name: "broken" }));
    await client.setState("secret-key", "secret-value");
    await client.stopDaemon("keep");
    await pollUntil("its end", () => world.pid() === undefined);
    const text = readFileSync(world.runtime.daemonLog, "utf8");
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string; level: string });
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["the daemon starts", "the daemon listens", "a request failed", "the daemon ends"]),
    );
    expect(text).not.toMatch(/secret-/);
  });

  it("is no end for who is attached: killed or restarted, the screen comes anew, and what was typed meanwhile", async () => {
    const world = daemonWorld(programs);
    const client = world.connect();
    const { id } = await client.createSession({ name: "kept" });
    const attached = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const attachment = await client.attach("kept", { cols: 80, rows: 24 });
        const seen: AttachMessage[] = [];
        const done = (async () => {
          for await (const message of attachment.messages) seen.push(message);
        })();
        return { attachment, seen, done };
      }),
    );
    const screens = (count: number) => () =>
      attached.every(({ seen }) => seen.filter(({ type }) => type === "screen").length === count);
    await pollUntil("the screens", screens(1));
    const { pid } = await client.stats();
    const firstIds = attached.map(({ attachment }) => attachment.clientId);
    process.kill(pid, "SIGKILL");
    await pollUntil("its end", () => !isAlive(pid));
    attached[0]?.attachment.resize({ cols: 99, rows: 9 });
    await pollUntil("the screens again", screens(2), 15_000);
    attached[0]?.attachment.send(Buffer.from("typed"));
    await pollUntil("the echo", () => attached.every(({ seen }) => seen.some(({ type }) => type === "output")));
    expect(attached.map(({ attachment }) => attachment.clientId)).not.toEqual(firstIds);
    expect(await client.listClients(id)).toContainEqual(expect.objectContaining({ cols: 99, rows: 9 }));
    const second = await client.stats();
    expect(second.pid).not.toBe(pid);

    expect(await world.cli(["daemon", "restart", "--json"])).toMatchObject({ status: 0 });
    await pollUntil("the screens again", screens(3), 15_000);
    expect((await client.stats()).pid).not.toBe(second.pid);

    await client.killSession(id);
    await Promise.all(attached.map(({ done }) => done));
    for (const { seen } of attached) expect(seen.at(-1)).toMatchObject({ type: "exit", exitStatus: 129 });
  });

  it("is told to who is attached when nobody brings the daemon back", async () => {
    const world = daemonWorld(programs);
    const client = world.connect({ start: undefined, reconnectMs: 100 });
    await world.start();
    const { id } = await client.createSession();
    const { messages } = await client.attach(id, { cols: 80, rows: 24 });
    const { pid } = await client.stats();
    const seen: AttachMessage[] = [];
    for await (const message of messages) {
      seen.push(message);
      if (seen.length === 1) process.kill(pid, "SIGKILL");
    }
    expect(seen.at(-1)).toMatchObject({ type: "detached", reason: expect.stringContaining("no daemon runs") });
  });

  it("does not hide that a session ended meanwhile", async () => {
    const world = daemonWorld(programs);
    const client = world.connect({ start: undefined });
    await world.start();
    const { id } = await client.createSession({ name: "short" });
    const { messages } = await client.attach(id, { cols: 80, rows: 24 });
    const { pid } = await client.stats();
    const seen: AttachMessage[] = [];
    for await (const message of messages) {
      seen.push(message);
      if (seen.length > 1) continue;
      process.kill(pid, "SIGKILL");
      await pollUntil("its end", () => world.pid() === undefined);
      const file = join(world.runtime.folder, "sessions.json");
      const [{ live, ...document }] = JSON.parse(readFileSync(file, "utf8"));
      expect(live).toBeDefined();
      writeFileSync(file, JSON.stringify([{ ...document, status: "failed", exitStatus: 3 }]));
      // What is being killed may take connections until its last thread is gone.
      await pollUntil("another daemon", () => world.start());
    }
    expect(seen.at(-1)).toEqual({ type: "exit", exitStatus: 3 });
  });
});

describe("t2a daemon", () => {
  it("tells, starts, stops and restarts", async () => {
    const world = daemonWorld(programs);
    const none = await world.cli(["daemon", "status"]);
    expect(none).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("no daemon runs") });
    expect(existsSync(world.runtime.folder)).toBe(false);
    const noneJson = await world.cli(["daemon", "status", "--json"]);
    expect(noneJson.status).toBe(1);
    expect(JSON.parse(noneJson.stdout)).toMatchObject({ isRunning: false, pid: null, sessions: 0, holders: [] });
    expect(await world.cli(["daemon", "stop"])).toMatchObject({ status: 0, stderr: "::: no daemon runs\n" });

    expect(await world.cli(["daemon", "start"])).toMatchObject({ status: 0, stderr: "::: the daemon runs now\n" });
    expect(await world.cli(["daemon", "start"])).toMatchObject({ status: 0, stderr: "::: the daemon ran already\n" });
    const { id } = await world.connect().createSession();
    const status = JSON.parse((await world.cli(["daemon", "status", "--json"])).stdout);
    const pid = world.pid();
    expect(status).toMatchObject({ isRunning: true, pid, version: "0.1.0", sessions: 1, clients: 0 });
    expect(status.holders).toEqual([{ pid, sessions: 1 }]);
    const table = (await world.cli(["daemon", "status"])).stdout;
    expect(table).toContain(`process ${pid}`);
    expect(table).toContain(world.runtime.daemonLog);
    expect(table).toContain("file:///of/the/test");

    const refused = await world.cli(["daemon", "stop"]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/a session lives: .*--force/) });
    expect(world.pid()).toBe(pid);
    const restarted = JSON.parse((await world.cli(["daemon", "restart", "--json"])).stdout);
    expect(restarted).toMatchObject({ isRunning: true, sessions: 1 });
    expect(restarted.pid).not.toBe(pid);
    const stopped = JSON.parse((await world.cli(["daemon", "stop", "--force", "--json"])).stdout);
    expect(stopped).toEqual({ stopped: true, pid: restarted.pid });
    await pollUntil("the end of its process", () => !isAlive(restarted.pid));
    expect(await world.connect().getSession(id)).toMatchObject({ exitStatus: 129 });
  });

  it("says that another version runs; restart replaces it", async () => {
    const world = daemonWorld(programs, { TEST_DAEMON_VERSION: "9.9.9" });
    await world.start();
    expect(await world.cli(["daemon", "status"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("t2a daemon restart replaces the daemon"),
    });
    const pid = world.pid();
    expect(await world.cli(["daemon", "restart"])).toMatchObject({ status: 0 });
    expect(world.pid()).toBeDefined();
    expect(world.pid()).not.toBe(pid);
  });

  it("shows the log, for people and as it is", async () => {
    const world = daemonWorld(programs);
    expect(await world.cli(["daemon", "logs"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("nothing was logged"),
    });
    await world.start();
    writeFileSync(world.runtime.daemonLog, "no json\u001b[31m\n", { flag: "a" });
    const shown = await world.cli(["daemon", "logs"]);
    expect(shown.stdout).toMatch(/^\d{4}-\S+ info {2}the daemon starts version=0\.1\.0/m);
    expect(shown.stdout).toContain("no json");
    expect(shown.stdout).not.toContain("\u001b");
    const raw = await world.cli(["daemon", "logs", "--json", "-n", "3"]);
    const lines = raw.stdout.trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "info", msg: "the daemon listens" });
  });
});
