// t2a session, agent and daemon as they are typed, before the daemon, holder and library of a user in this process.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { userHere } from "../support/daemon-here.js";
import { pollUntil } from "../support/poll-until.js";

async function user() {
  const here = userHere();
  const { client, over } = await here.start();
  return { ...here, client, over };
}

describe("t2a session info", () => {
  it("tells of a session while it lives and when it is over, with its limits, agent and checkpoints", async () => {
    const { ok, json, cli, client, path } = await user();
    mkdirSync(path("c/t2a/templates"));
    writeFileSync(path("c/t2a/templates/bounded.toml"), '[limits]\nwall_time = "1h"\nopen_files = 200\n');
    const first = await json("agent", "spawn", "Gen", "--purpose", "write it");
    const { id } = first;
    await client.wait(id, { prompt: true, timeoutMs: 20_000 });
    await ok("session", "run", "Gen", "--", "cd /usr; printf '\\033]2;its title\\007'; (exit 3)").catch(() => {});
    await ok("session", "checkpoint", "Gen");
    await client.send(id, Buffer.from("sleep 100\r"));
    await pollUntil("it runs", async () => (await client.getSession(id)).live?.commandLine === "sleep 100");
    const bounded = await json("session", "new", "--template", "bounded", "-n", "bounded", "--cwd", "/");
    await ok("session", "pause-recording", "bounded");
    const text = await ok("session", "info", "Gen");
    for (const line of [
      /^status {8}active$/m,
      /^cwd {11}\/usr$/m,
      /^agent {9}Gen$/m,
      /^purpose {7}write it$/m,
      /^title {9}its title$/m,
      /^running {7}sleep 100$/m,
      /^pid {11}\d+ \(held by \d+\)$/m,
      /^uses {10}.* in 2 processes, /m,
      /^1 +\d{4}-.* asked +\S+ +\/usr/m,
    ])
      expect(text).toMatch(line);
    expect(await ok("session", "info", "bounded")).toMatch(/^limits +open_files 200, wall_time 1:00:00/m);
    expect(await ok("session", "info", "bounded")).toMatch(/^recording +\S+, paused$/m);
    await ok("agent", "handoff", "Gen", "Review", "-c", "cat");
    await pollUntil("its recording", async () => (await client.getSession(id)).recordings.length === 1, 30_000);
    const past = await ok("session", "info", id);
    for (const line of [
      /^status {8}handed off$/m,
      /^recordings {4}1$/m,
      /^last command {2}sleep 100/m,
      /^handed to {5}.*Review/m,
      /^children {6}.*Review/m,
      /^size {10}80x24$/m,
    ])
      expect(past).toMatch(line);
    expect(past).not.toMatch(/^pid/m);
    expect((await cli(["session", "info", bounded.id.slice(0, 2)])).status).toBe(1);
  });
});

describe("t2a session complete", () => {
  it("offers names that need no quoting and stand for one session, ids for others, and says nothing where there is no library", async () => {
    const here = userHere();
    expect(await here.cli(["session", "complete"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const { client } = await here.start();
    const named = await client.createSession({ name: "plain", command: "cat" });
    const odd = await client.createSession({ name: "two words", command: "cat" });
    const over = await client.createSession({ name: "over", command: "cat" });
    await client.killSession(over.id);
    const offered = (await here.ok("session", "complete")).trim().split("\n");
    expect(offered).toHaveLength(2);
    expect(offered).toContain("plain");
    expect(odd.id.startsWith(offered.find((word) => word !== "plain") ?? "-")).toBe(true);
    expect(await here.ok("session", "complete", "--describe")).toContain(
      `plain\tactive ${named.createdAt.slice(0, 16)}`,
    );
    writeFileSync(here.path("c/t2a/config.toml"), "no settings at all");
    expect(await here.cli(["session", "complete"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });
});

describe("t2a session recover", () => {
  it("makes a session anew of its recording where its document and checkpoints are damaged", async () => {
    const { ok, cli, client, path } = await user();
    const { id } = await client.createSession({ name: "work" });
    await client.wait(id, { prompt: true, timeoutMs: 20_000 });
    await client.runCommand(id, "cd /usr; echo it was here");
    await client.checkpoint(id);
    expect(await cli(["session", "recover", "work"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("lives"),
    });
    await client.killSession(id);
    await pollUntil("its recording", async () => (await client.getSession(id)).recordings.length === 1, 30_000);
    const checkpoints = path(`d/t2a/live/${id}/checkpoints`);
    for (const name of readdirSync(checkpoints)) appendFileSync(`${checkpoints}/${name}`, "damage");
    const document = path(`d/t2a/sessions/${id}/session.json`);
    writeFileSync(document, readFileSync(document, "utf8").slice(0, 500));
    const recovered = await cli(["session", "recover", id]);
    expect(recovered).toMatchObject({ status: 0, stdout: `${id}\n` });
    expect(recovered.stderr).toMatch(/the checkpoint .* is damaged, and stays/);
    expect(recovered.stderr).toMatch(/::: checkpoint \d+ is made of the recordings/);
    const again = JSON.parse(await ok("session", "recover", id, "--json"));
    expect(again).toMatchObject({ session: { id, recordings: [{}] }, findings: [{ kind: "aside" }] });
    const resumed = await client.restore(id);
    expect(resumed).toMatchObject({ id, status: "active" });
    await client.wait(id, { prompt: true, timeoutMs: 20_000 });
    expect(await client.runCommand(id, "pwd")).toMatchObject({ output: "/usr" });
    expect((await client.screen(id)).lines.join("\n")).toContain("it was here");
    expect(await cli(["session", "recover", "01ARZ3NDEKTSV4RRFFQ69G5FAV"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no file of one"),
    });
    expect(await cli(["session", "recover", "nobody"])).toMatchObject({ status: 1 });
  });
});

describe("t2a session resume and restore", () => {
  it("go on where the session was, tell what is not as it was, and print its id", async () => {
    const { ok, json, cli, client, path } = await user();
    mkdirSync(path("gone"));
    const { id } = await client.createSession({ name: "work", cwd: path("gone") });
    await client.wait(id, { prompt: true, timeoutMs: 20_000 });
    await client.checkpoint(id);
    expect((await cli(["session", "resume"])).status).toBe(1); // none ended badly
    await client.runCommand(id, "rmdir $PWD");
    await client.killSession(id);
    const resumed = await cli(["session", "resume"]);
    expect(resumed).toMatchObject({ status: 0, stdout: `${id}\n`, stderr: expect.stringMatching(/^!!! .*gone/) });
    expect(await cli(["session", "resume", id])).toMatchObject({ status: 1, stderr: expect.stringContaining("lives") });
    await ok("session", "kill", id);
    expect(await json("session", "resume", id, "--size", "70x20", "--rerun", "--yes")).toMatchObject({
      live: { cols: 70, rows: 20 },
    });
    await ok("session", "kill", id);
    await pollUntil("its recordings", async () => (await client.getSession(id)).recordings.length === 3, 40_000);
    expect(await ok("session", "restore", id, "--detach")).toBe(`${id}\n`);
    expect(await cli(["session", "restore", "nobody"])).toMatchObject({ status: 1 });
  });
});

describe("t2a agent", () => {
  it("sums up in words what it tells programs as JSON", async () => {
    const { ok, cli, client, path } = await user();
    await ok("agent", "spawn", "Gen", "--purpose", "write \u001b[31mit", "-c", "echo made; cat");
    await client.wait("Gen", { text: "made", timeoutMs: 20_000 });
    await ok("agent", "fail", "Gen", "--error", "no idea");
    const second = (await ok("agent", "spawn", "Second", "--", "cat")).trim();
    await ok("agent", "handoff", second, "Third", "--stays-open", "-c", "cat").catch(() => "");
    expect(await ok("agent", "stats")).toMatch(
      /^total +\d\nactive +\d\nhanded off +\d\ncompleted +0\nfailed +1\nmean /,
    );
    const summary = await ok("agent", "summary", "Gen");
    expect(summary).toContain("Gen");
    expect(summary).not.toContain("\u001b");
    expect(await ok("agent", "ls")).toMatch(/Gen +failed/);
    expect(await cli(["agent", "log", "Gen"])).toMatchObject({ status: 0, stdout: "made\n" });
    expect(await cli(["agent", "claim", "Gen"])).toMatchObject({ status: 1 });
    expect(await cli(["agent", "complete", second, "--result", path("none.json")])).toMatchObject({ status: 1 });
    expect(await cli(["agent", "lineage", "nobody"])).toMatchObject({ status: 1 });
  });
});

describe("t2a state", () => {
  it("keeps what a session needs, and what all share", async () => {
    const { ok, cli, client } = await user();
    const { id } = await client.createSession({ name: "work", command: "cat" });
    await ok("state", "set", "step", "3", "--session", "work");
    await ok("state", "set", "who", "me \u001b[31m", "--text");
    expect(await ok("state", "get", "step", "--session", id)).toBe("3\n");
    expect((await cli(["state", "get", "step"], { env: { T2A_SESSION: id } })).stdout).toBe("3\n");
    expect(await ok("state", "ls", "--scope", "user")).not.toContain("\u001b");
    expect(await ok("state", "get", "who", "--scope", "user", "--text")).toBe("me \u001b[31m\n");
    expect((await cli(["state", "ls", "--scope", "none"])).status).toBe(2);
    expect((await cli(["state", "rm", "none"])).status).toBe(1);
    await ok("state", "rm", "who");
    expect(await cli(["state", "get", "step", "--session", "nobody"])).toMatchObject({ status: 1 });
  });
});

describe("t2a daemon", () => {
  it("tells of the one that runs, shows its log, and ends it with its sessions where that is wished", async () => {
    const { ok, cli, client, over, runtime, path } = await user();
    await client.createSession({ name: "work", command: "cat" });
    const told = await ok("daemon", "status");
    expect(told).toContain(`process ${process.pid}, t2a 0.1.0`);
    expect(told).toMatch(/^sessions +1 alive, 0 clients attached$/m);
    expect(told).toMatch(new RegExp(`^holders +process ${process.pid} with 1$`, "m"));
    expect(told).toContain(path("d/t2a"));
    expect(await cli(["daemon", "start"])).toMatchObject({ status: 0, stderr: "::: the daemon ran already\n" });
    appendFileSync(runtime.daemonLog, '"a text"\n{"level":"warn"\n');
    const log = await ok("daemon", "logs");
    expect(log).toMatch(/ info {2}the daemon listens sessions=0$/m);
    expect(log).toContain('"a text"\n{"level":"warn"');
    expect(await ok("daemon", "logs", "-n", "1")).toBe('{"level":"warn"\n');
    expect(await cli(["daemon", "stop"])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/a session lives: .*--force/),
    });
    expect(await cli(["daemon", "stop", "--force"])).toMatchObject({ status: 0 });
    expect(await over).toBe(0);
    expect(existsSync(runtime.daemonSocket)).toBe(false);
    expect(await cli(["daemon", "status"])).toMatchObject({ status: 1 });
  });
});
