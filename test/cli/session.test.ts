import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LIMIT_WORDS } from "../../src/cli/offered-values.js";
import { LIMIT_NAMES, LIMITS, type NewSessionConfig, type SessionInfo } from "../../src/session/index.js";
import { sessionApi } from "./session-api.js";

const json = (text: string) => JSON.parse(text);

describe("t2a session new", () => {
  it("starts a session with what it was told, and prints its id", async () => {
    const { t2a, sessions } = await sessionApi();
    const made = await t2a(
      [
        "new",
        "-n",
        "build",
        "-c",
        "make",
        "--tag",
        "ci",
        "--size",
        "100x30",
        "--cwd",
        "/srv",
        "--template",
        "big",
        "-I",
      ],
      { env: { COLOUR: "blue" } },
    );
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const id = made.stdout.trim();
    expect(id).toMatch(/^[0-9A-Z]{26}$/);
    expect(sessions.calls.find(([name]) => name === "createSession")?.[1]).toMatchObject({
      name: "build",
      command: "make",
      tags: ["ci"],
      cols: 100,
      rows: 30,
      cwd: "/srv",
      template: "big",
      env: { COLOUR: "blue" },
      recording: { captureInput: true },
    });
    expect(json((await t2a(["info", id.slice(0, 20), "--json"])).stdout)).toMatchObject({ id, name: "build" });
  });

  it("begins in this folder by a template that says none, else where that says", async () => {
    const { t2a, sessions, env } = await sessionApi();
    const folderOf = async (template: string) => {
      expect(await t2a(["new", "--json", "--template", template])).toMatchObject({ status: 0 });
      return (sessions.calls.findLast(([name]) => name === "createSession")?.[1] as NewSessionConfig).cwd;
    };
    expect(await folderOf("agent")).toBe(process.cwd());
    mkdirSync(join(env.XDG_CONFIG_HOME, "t2a/templates"), { recursive: true });
    writeFileSync(join(env.XDG_CONFIG_HOME, "t2a/templates/shop.toml"), 'cwd = "~/src/shop"\n');
    expect(await folderOf("shop")).toBeUndefined(); // the daemon takes the template's
  });

  it("takes a program and its arguments as they are, begins in this folder, and prints the session as JSON", async () => {
    const { t2a, sessions } = await sessionApi();
    const made = await t2a(["new", "--json", "--no-shell-integration", "--", "vim", "-R", "a b"]);
    expect(json(made.stdout)).toMatchObject({ status: "active", live: { cols: 80, rows: 24 } });
    expect(sessions.calls.find(([name]) => name === "createSession")?.[1]).toMatchObject({
      argv: ["vim", "-R", "a b"],
      cwd: process.cwd(),
      recording: { shellIntegration: false },
    });
    for (const args of [
      ["new", "-n", ""],
      ["rename", "build", ""],
    ]) {
      expect(await t2a(args)).toMatchObject({ status: 2, stderr: expect.stringMatching(/It must not be empty/) });
    }
    expect(await t2a(["new", "-c", "x", "--", "y"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/cannot both be meant/),
    });
  });

  it("bounds what it may use, and names the limits that there are", async () => {
    const { t2a, sessions } = await sessionApi();
    const limits = ["--limit", "memory=512M", "--limit", "wall_time=1h", "--limit", "processes=20"];
    expect(await t2a(["new", "--detach", ...limits])).toMatchObject({ status: 0, stderr: "" });
    expect(sessions.calls.find(([name]) => name === "createSession")?.[1]).toMatchObject({
      limits: { memoryBytes: 512 * 1024 ** 2, wallSeconds: 3600, processes: 20 },
    });
    const known = `names are ${LIMIT_WORDS.join(", ")}`;
    for (const word of ["memorie=1G", "memory", "memory="]) {
      const { status, stderr } = await t2a(["new", "--detach", "--limit", word]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: `t2a: not a limit: "${word}" (use NAME=VALUE; ${known})\n`,
      });
    }
    expect((await t2a(["new", "--limit", "memory=much"])).stderr).toMatch(/not a limit: "memory=much": not a size/);
    expect((await t2a(["new", "--help"])).stdout).toContain("--limit memory=2G");
    expect(LIMIT_WORDS).toEqual(LIMIT_NAMES.map((name) => LIMITS[name].word));
  });

  it("does not attach inside of a session", async () => {
    const { t2a } = await sessionApi();
    const made = await t2a(["new"], { env: { T2A_SESSION: "me" } });
    expect(made.stderr).toContain("t2a session switch");
    expect(made.status).toBe(0);
  });

  it("gives what the manager refuses as an error", async () => {
    const { t2a } = await sessionApi();
    expect(await t2a(["new", "-n", "taken"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "t2a: no more of that\n",
    });
  });
});

describe("t2a session ls", () => {
  it("lists those that live, and all where asked", async () => {
    const { t2a, sessions } = await sessionApi();
    expect((await t2a(["ls"])).stderr).toContain("t2a session new");
    expect((await t2a(["ls", "--json"])).stdout).toBe("[]\n");
    const [one, two] = [
      await sessions.createSession({ name: "one" }),
      await sessions.createSession({ name: "two\u001b[2J" }),
    ];
    await sessions.killSession(one.id);
    const { stdout } = await t2a(["ls"]);
    expect(stdout.split("\n")[0]).toMatch(/^ID {2,}NAME {2,}STATUS {2,}AGE {2,}SIZE {2,}CLIENTS {2,}RUNNING$/);
    expect(stdout).toMatch(new RegExp(`^${two.id.slice(0, 10)} .*two␛\\[2J +active +.*80x24`, "m"));
    expect(stdout).not.toContain("one");
    expect((await t2a(["ls", "--all"])).stdout).toMatch(/one +failed 129/);
    expect(json((await t2a(["ls", "--all", "--json"])).stdout).map(({ name }: SessionInfo) => name)).toEqual([
      "two\u001b[2J",
      "one",
    ]);
  });

  it("shows children behind their parents, and the parents of those that live", async () => {
    const { t2a, sessions } = await sessionApi();
    const parent = await sessions.createSession({ name: "parent" });
    const child = await sessions.createSession({ name: "child", agent: { name: "coder" } });
    const other = await sessions.createSession({ name: "other" });
    Object.assign(await sessions.getSession(child.id), { parent: parent.id });
    Object.assign(await sessions.getSession(other.id), { parent: child.id });
    await sessions.killSession(parent.id);
    const names = (text: string) =>
      text
        .split("\n")
        .slice(1, -1)
        .map((line) => / {2}((?:\s*\+ )?\w+)/.exec(line)?.[1]);
    expect(names((await t2a(["ls", "--tree"])).stdout)).toEqual(["parent", "+ child", "  + other"]);
    expect(names((await t2a(["ls"])).stdout)).toEqual(["child", "other"]);
    expect((await t2a(["ls", "--tree"])).stdout).toContain("coder");
  });

  it("draws again and again on a terminal alone", async () => {
    const { t2a } = await sessionApi();
    expect(await t2a(["ls", "--watch"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/no terminal/) });
    expect(await t2a(["ls", "--watch", "--json"])).toMatchObject({ status: 2 });
  });
});

describe("sessions that are named", () => {
  it("are found by name, id and beginning, and by T2A_SESSION where none is named", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    for (const reference of ["build", id, id.slice(0, 24)])
      expect(json((await t2a(["info", reference, "--json"])).stdout).id).toBe(id);
    expect(json((await t2a(["info", "--json"], { env: { T2A_SESSION: id } })).stdout).id).toBe(id);
    expect(await t2a(["info"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/name a session/) });
    expect(await t2a(["info", "none"])).toMatchObject({ status: 1, stderr: "t2a: no session none\n" });
  });

  it("are renamed, marked, resized, paused: the one that is named first, or the one that this runs in", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    const env = { T2A_SESSION: id };
    expect(json((await t2a(["rename", "build", "deploy", "--json"])).stdout).name).toBe("deploy");
    expect(await t2a(["rename", "again"], { env })).toMatchObject({ status: 0, stdout: "" });
    expect(json((await t2a(["mark", "again", "a label", "--json"])).stdout)).toEqual({ id, label: "a label" });
    await t2a(["mark", "here"], { env });
    expect(sessions.calls.filter(([name]) => name === "mark").map(([, , label]) => label)).toEqual(["a label", "here"]);
    expect(json((await t2a(["resize", "again", "100x30", "--json"])).stdout).live).toMatchObject({
      cols: 100,
      rows: 30,
    });
    expect(json((await t2a(["resize", "x40", "--json"], { env })).stdout).live).toMatchObject({ cols: 100, rows: 40 });
    expect(await t2a(["resize", "again", "big"])).toMatchObject({ status: 2 });
    expect(json((await t2a(["pause-recording", "again", "--json"])).stdout).live.isRecording).toBe(false);
    expect((await t2a(["ls"])).stdout).toContain("active, not recorded");
    expect(json((await t2a(["resume-recording", "--json"], { env })).stdout).live.isRecording).toBe(true);
    expect(await t2a(["rename", "x"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/name a session and its new name/),
    });
  });

  it("tell all that is known of them", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build", tags: ["ci"], command: "make" });
    const { stdout } = await t2a(["info", id]);
    expect(stdout).toMatch(/^id {12}[0-9A-Z]{26}$/m);
    expect(stdout).toMatch(/^command {7}make$/m);
    expect(stdout).toMatch(/^tags {10}ci$/m);
    expect(stdout).toMatch(/^uses {10}0\.5 % CPU, 1 B in 1 process, /m);
    expect(stdout).toMatch(/^CHECKPOINT {2}WHEN/m);
    const told = json((await t2a(["info", id, "--json"])).stdout);
    expect(told).toMatchObject({ id, live: { cols: 80 }, clients: [], usage: { id }, checkpoints: [{ number: 1 }] });
  });

  it("tell what they have become where they end while they are asked for", async () => {
    const { t2a, sessions } = await sessionApi();
    const parent = await sessions.createSession({ name: "boss" });
    const { id } = await sessions.createSession({
      name: "build",
      parent: parent.id,
      limits: { memoryBytes: 1024 ** 3 },
    });
    const listClients = sessions.listClients.bind(sessions);
    sessions.listClients = async (reference) => {
      await sessions.killSession(id);
      return await listClients(reference);
    };
    const { status, stdout } = await t2a(["info", "build"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^exit status {3}129$/m);
    expect(stdout).not.toMatch(/^pid/m);
  });

  it("are ended, and moved into the trash", async () => {
    const { t2a, sessions } = await sessionApi();
    for (const name of ["a", "b", "c"]) await sessions.createSession({ name });
    expect(await t2a(["rm", "a"])).toMatchObject({ status: 1, stderr: "t2a: a lives\n" });
    expect(await t2a(["kill", "a", "none"])).toMatchObject({ status: 1 });
    expect(sessions.calls.some(([name]) => name === "killSession")).toBe(false);
    expect(json((await t2a(["kill", "a", "a", "b", "--signal", "int", "--json"])).stdout)).toHaveLength(2);
    expect(sessions.calls.filter(([name]) => name === "killSession").map(([, , signal]) => signal)).toEqual([
      "SIGINT",
      "SIGINT",
    ]);
    expect(await t2a(["kill", "c", "--signal", "NONE"])).toMatchObject({ status: 2 });
    expect(await t2a(["rm", "a"])).toMatchObject({ status: 0 });
    expect(json((await t2a(["rm", "--kill", "b", "c", "--json"])).stdout)).toHaveLength(2);
    expect(await sessions.listSessions()).toEqual([]);
  });
});

describe("t2a session send", () => {
  it("types text as it stands, keys by name, and the enter key", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    await t2a(["send", "build", "Enter C-c"]);
    await t2a(["send", "build", "--keys", "C-c Up :wq Enter"]);
    await t2a(["send", "build", "make é", "--enter"]);
    const sent = sessions.calls.filter(([name]) => name === "send").map(([, , text]) => text);
    expect(sent).toEqual(["Enter C-c", "\x03\x1b[A:wq\r", Buffer.from("make é\r").toString("latin1")]);
    expect(json((await t2a(["send", id, "x", "--json"])).stdout)).toEqual({ id, bytes: 1 });
    expect(await t2a(["send", "build"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/nothing to send/) });
  });

  it("gives cursor keys as the session's program wants them", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    sessions.print(id, Buffer.from("\x1b[?1h"));
    await t2a(["send", "build", "--keys", "Up"]);
    expect(sessions.calls.at(-1)).toEqual(["send", id, "\x1bOA", "cli"]);
  });
});

describe("t2a session screen, wait and run", () => {
  it("prints what is shown", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build", rows: 2 });
    sessions.print(id, Buffer.from("hello\n\x1b[31mred"));
    expect((await t2a(["screen", "build", "--ansi"])).stdout).toMatch(/^hello\n.*\x1b\[[0-9;]*31mred/);
    const shown = json((await t2a(["screen", "--json"], { env: { T2A_SESSION: id } })).stdout);
    expect(shown).toMatchObject({ cols: 80, rows: 2, cursor: { col: 0 }, title: "" });
    expect(shown).not.toHaveProperty("dump");
  });

  it("waits for what is asked for, and says what came of it", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    sessions.print(id, Buffer.from("port 8080"));
    expect(await t2a(["wait", "build", "--text", "port [0-9]+"])).toMatchObject({ status: 0, stdout: "text\n" });
    expect(json((await t2a(["wait", "build", "--text", "port [0-9]+", "--json"])).stdout)).toEqual({
      reason: "text",
      match: "port 8080",
    });
    expect(await t2a(["wait", "build", "--text", "never", "--timeout", "0.05"])).toMatchObject({
      status: 124,
      stdout: "timeout\n",
    });
    expect(sessions.calls.at(-1)?.[2]).toMatchObject({ text: "never", timeoutMs: 50 });
    const waiting = t2a(["wait", "build", "--exit"]);
    const other = t2a(["wait", "build", "--prompt"]);
    await expect.poll(() => sessions.waiting).toBe(2);
    await sessions.killSession(id);
    expect(await waiting).toMatchObject({ status: 0, stdout: "exit\n" });
    expect(await other).toMatchObject({ status: 3, stdout: "ended\n" });
    expect(await t2a(["wait", "build"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/nothing to wait for/),
    });
    expect(await t2a(["wait", "build", "--text", "("])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--text/),
    });
    expect(await t2a(["wait", "build", "--idle", "0"])).toMatchObject({ status: 2 });
    expect(await t2a(["wait", "build", "--exit", "--timeout", "soon"])).toMatchObject({ status: 2 });
  });

  it("runs a command there, and ends as it does", async () => {
    const { t2a, sessions } = await sessionApi();
    await sessions.createSession({ name: "build" });
    expect(await t2a(["run", "build", "--", "true"])).toMatchObject({ status: 0, stdout: "true\n", stderr: "" });
    expect(await t2a(["run", "build", "--", "echo", "a b", "$HOME"])).toMatchObject({
      stdout: "echo 'a b' '$HOME'\n",
      stderr: expect.stringMatching(/does not tell/),
    });
    expect(await t2a(["run", "build", "--", "cd /srv && git pull"])).toMatchObject({ stdout: "cd /srv && git pull\n" });
    expect(json((await t2a(["run", "build", "--json", "--", "true"])).stdout)).toMatchObject({
      line: "true",
      exitStatus: 0,
    });
    expect(await t2a(["run", "build", "--", "busy"])).toMatchObject({ status: 1, stderr: "t2a: it is busy\n" });
  });

  it("shows what sessions use", async () => {
    const { t2a, sessions } = await sessionApi();
    expect((await t2a(["top"])).stdout).toContain("no session lives");
    await sessions.createSession({ name: "build" });
    expect((await t2a(["top"])).stdout).toMatch(
      /^1 session, 0\.5 % CPU, 1 B\n\nID +NAME +CPU % .*\n\S+ +build +0\.5 +1 B +1 +0 B\/s/,
    );
    expect(json((await t2a(["top", "--json"])).stdout)).toMatchObject([{ name: "build", cpuPercent: 0.5 }]);
  });
});

describe("clients of a session", () => {
  it("are listed, have the keyboard given and taken, and are detached", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    expect((await t2a(["clients", "build"])).stderr).toContain("nobody is attached");
    const one = await sessions.attach(id, { cols: 100, rows: 30, label: "tty pts/1" });
    const two = await sessions.attach(id, { cols: 80, rows: 24, label: "web" });
    expect((await t2a(["clients", "build"])).stdout).toMatch(
      /^CLIENT +WHERE +SIZE +KEYBOARD +SINCE\n\S+ +tty pts\/1 +100x30 +yes/,
    );
    expect(json((await t2a(["clients", "build", "--json"])).stdout)).toHaveLength(2);
    expect(json((await t2a(["keyboard", "build", "--take", one.clientId, "--json"])).stdout)).toMatchObject([
      { hasKeyboard: false },
      { hasKeyboard: true },
    ]);
    expect((await t2a(["keyboard", "build"])).stdout).toContain("taken");
    await t2a(["keyboard", "build", "--give", one.clientId]);
    expect((await t2a(["keyboard", "build"])).stdout).not.toContain("taken");
    expect(json((await t2a(["detach", "build", "--client", two.clientId, "--json"])).stdout)).toEqual({
      id,
      detached: [two.clientId],
    });
    expect(await t2a(["detach"], { env: { T2A_SESSION: id } })).toMatchObject({ status: 0, stderr: "" });
    expect(await sessions.listClients(id)).toEqual([]);
    expect((await t2a(["detach", "build"])).stderr).toContain("nobody was attached");
  });

  it("are sent to another session from inside of theirs", async () => {
    const { t2a, sessions } = await sessionApi();
    const [here, there] = [
      await sessions.createSession({ name: "here" }),
      await sessions.createSession({ name: "there" }),
    ];
    const mine = await sessions.attach(here.id, { cols: 80, rows: 24, label: "tty pts/1" });
    await sessions.attach(here.id, { cols: 80, rows: 24, label: "web" });
    const env = { T2A_SESSION: here.id };
    const sent = await t2a(["switch", "there", "--json"], { env });
    expect(json(sent.stdout)).toEqual({ id: there.id, clients: [mine.clientId] });
    expect(await sessions.listClients(here.id)).toMatchObject([{ label: "web" }]);
    expect(await sessions.getState("t2a.switch", { scope: "temp", session: here.id })).toMatchObject({ to: there.id });
    expect((await t2a(["switch", "there"], { env })).stderr).toContain("nobody is attached here");
    await sessions.killSession(there.id);
    expect(await t2a(["switch", "there"], { env })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is over/),
    });
  });
});

describe("attaching", () => {
  it("wants a terminal, and no session around it", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    expect(await t2a(["attach", "build"])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no terminal to attach/),
    });
    expect(await t2a(["switch"])).toMatchObject({ status: 1, stderr: expect.stringMatching(/no terminal to attach/) });
    expect(await t2a(["attach"], { env: { T2A_SESSION: id } })).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/t2a session switch/),
    });
  });
});

describe("t2a session screen --scrollback", () => {
  it("prints the rows above the screen: as many as are asked for, with colours, as JSON", async () => {
    const { t2a, sessions } = await sessionApi();
    const { id } = await sessions.createSession({ name: "build" });
    const screen = (await t2a(["screen", id])).stdout;
    const { lines } = await sessions.scrollback(id, 2);
    expect(await t2a(["screen", id, "--scrollback", "2"])).toMatchObject({
      ...{ status: 0, stderr: "", stdout: `${lines.join("\n")}\n${screen}` },
    });
    expect((await t2a(["screen", id, "--scrollback", "2", "--ansi"])).stdout).toContain(
      `\x1b[0;31m${lines[0]}\x1b[0m\n`,
    );
    expect(json((await t2a(["screen", id, "--json", "--scrollback"])).stdout).scrollback).toHaveLength(1000);
    expect(json((await t2a(["screen", id, "--json"])).stdout)).not.toHaveProperty("scrollback");
    expect(await t2a(["screen", id, "--scrollback", "many"])).toMatchObject({ status: 2 });
  });
});
