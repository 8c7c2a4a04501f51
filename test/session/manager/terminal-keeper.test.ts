// Sessions as a daemon keeps them: real holders, real shells.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { managerHouse, ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

test("a session is made, typed into, waited for and ended", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const session = await keeper.createSession({ name: "work", cols: 100, rows: 30 });
  expect(session).toMatchObject({ name: "work", status: "active", live: { cols: 100, rows: 30, clients: 0 } });
  expect(await keeper.wait("work", { prompt: true, timeoutMs: 10_000 })).toEqual({ reason: "prompt" });
  await keeper.send("work", typed("echo $((6*7))\r"));
  expect(await keeper.wait("work", { text: "^42$", timeoutMs: 10_000 })).toEqual({ reason: "text", match: "42" });
  expect((await keeper.screen("work")).lines).toContain("42");
  expect(await keeper.runCommand("work", "printf 'a\\nb\\n'; false")).toMatchObject({
    exitStatus: 1,
    output: "a\nb",
    isCut: false,
  });
  const { lines } = await keeper.screen("work");
  expect(await keeper.killSession("work")).toMatchObject({ status: "failed", exitStatus: 129 });
  expect(keeper.live).toEqual([]);
  expect(await keeper.wait("work", { exit: true })).toEqual({ reason: "exit", exitStatus: 129 });
  expect(await keeper.wait("work", { text: "x" })).toEqual({ reason: "ended", exitStatus: 129 });
  const last = (await keeper.screen(session.id)).lines;
  expect(last.slice(0, 4)).toEqual(lines.slice(0, 4));
  await expect(keeper.send("work", typed("x"))).rejects.toMatchObject({ code: "T2A_SESSION_OVER" });
  await pollUntil("it is in the library", async () => (await keeper.getSession("work")).recordings.length === 1);
  expect((await keeper.getSession("work")).status).toBe("failed");
  expect((await keeper.screen(session.id)).lines.slice(0, 4)).toEqual(lines.slice(0, 4));
  expect(house.problems).toEqual([]);
});

test("a session that is over is told without what it recorded last only where that is said", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ command: "echo one; read line" });
  await keeper.wait(id, { text: "^one$" });
  let told = await keeper.killSession(id);
  await pollUntil("all of its figures", async () => {
    told = await keeper.getSession(id);
    return told.isSettling !== true;
  });
  expect(told.recordings).toHaveLength(1);
  expect(told.stats.outputBytes).toBe("one\r\n".length);
  const waiting = await managerHouse().manager({ collect: async () => {} });
  const other = await waiting.createSession({ command: "true" });
  await waiting.wait(other.id, { exit: true });
  expect(await waiting.getSession(other.id)).toMatchObject({ status: "completed", isSettling: true, recordings: [] });
});

test("a client gets the screen, then what comes, and what it types goes to the shell", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({});
  await keeper.wait(id, { prompt: true });
  const client = new ScreenClient(await keeper.attach(id, { cols: 90, rows: 20 }));
  await pollUntil("the first screen", () => client.messages.includes("screen"));
  client.attachment.send(typed("echo from the client; exit 3\r"));
  await client.over;
  expect(client.end).toMatchObject({ type: "exit", exitStatus: 3 });
  expect(client.messages[0]).toBe("screen");
  expect(client.screen).toMatchObject({ cols: 90, rows: 20 });
  expect(client.text).toContain("\nfrom the client\n");
  expect(await keeper.getSession(id)).toMatchObject({ status: "failed", exitStatus: 3 });
  expect(house.problems).toEqual([]);
});

test("names are unique among those that live; references are ids, their beginnings, names and @last", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const one = await keeper.createSession({ name: "build", command: "cat" });
  const cats = await Promise.all([1, 2, 3].map(() => keeper.createSession({ argv: ["/bin/cat"] })));
  expect(cats.map(({ name }) => name).sort()).toEqual(["/bin/cat", "/bin/cat-2", "/bin/cat-3"]);
  await expect(keeper.createSession({ name: "build" })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.renameSession("/bin/cat", "build")).rejects.toMatchObject({ code: "T2A_USAGE" });
  expect(await keeper.renameSession("build", "deploy")).toMatchObject({ id: one.id, name: "deploy" });
  expect((await keeper.getSession(one.id.toLowerCase())).name).toBe("deploy");
  expect((await keeper.getSession("@last")).id).toBe((await keeper.listSessions())[0]?.id);
  await expect(keeper.getSession("01")).rejects.toMatchObject({ code: "T2A_SESSION_NOT_FOUND" });
  await expect(keeper.getSession("nobody")).rejects.toMatchObject({ code: "T2A_SESSION_NOT_FOUND" });
  await expect(keeper.deleteSession("deploy")).rejects.toMatchObject({ code: "T2A_SESSION_LIVE" });
  await keeper.killSession("deploy");
  await keeper.createSession({ name: "deploy", command: "cat", parent: one.id });
  expect((await keeper.getSession(one.id)).children).toHaveLength(1);
  expect((await keeper.getSession("deploy")).live).toBeDefined();
  expect((await keeper.listSessions({ isLive: false })).map(({ id }) => id)).toEqual([one.id]);
  expect(await keeper.listActive()).toHaveLength(4);
  await keeper.deleteSession(one.id); // also while it is on its way into the library
  await expect(keeper.getSession(one.id)).rejects.toMatchObject({ code: "T2A_SESSION_NOT_FOUND" });
  expect(house.problems).toEqual([]);
});

test("what cannot be started leaves nothing", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager({ maxLive: 1 });
  await expect(keeper.createSession({ argv: ["/no/such/program"] })).rejects.toMatchObject({ code: "T2A_PTY" });
  await expect(keeper.createSession({ cwd: "relative" })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.createSession({ cwd: "/no/such/folder" })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.createSession({ cols: 0 })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.createSession({ cols: 1e9 })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.createSession({ name: " " })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.createSession({ command: "ls", argv: ["ls"] })).rejects.toMatchObject({ code: "T2A_USAGE" });
  expect(await keeper.listSessions()).toEqual([]);
  expect(keeper.live).toEqual([]);
  await keeper.createSession({ command: "cat" });
  await expect(keeper.createSession({ command: "cat" })).rejects.toMatchObject({ code: "T2A_SESSION_LIMIT" });
});

test("a program knows its session, and nothing of the one it was started from", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const env = { ...house.env, T2A_SESSION: "another", T2A_CONTEXT: "/another", COLUMNS: "1", TERM: "dumb" };
  const told: string[] = [];
  keeper.on("start", ({ terminal, isFound }) => void told.push(`start ${terminal.name} ${isFound}`));
  keeper.on("end", ({ terminal, end }) => void told.push(`end ${terminal.name} ${end?.exitStatus}`));
  const { id } = await keeper.startSession(
    { name: "env", command: 'echo "$T2A_SESSION $T2A_CONTEXT $TERM $COLUMNS"; exit 4', env },
    { prepare: async ({ folder }) => ({ T2A_CONTEXT: `${folder}/context.json` }), document: { purpose: "to see" } },
  );
  expect(await keeper.wait(id, { exit: true })).toEqual({ reason: "exit", exitStatus: 4 });
  const [line = ""] = (await keeper.screen(id)).lines.join("").split("  ");
  expect(line.trim()).toBe(`${id} ${house.path(`live/${id}`)}/context.json xterm-256color`);
  expect(await keeper.getSession(id)).toMatchObject({ purpose: "to see", status: "failed", exitStatus: 4 });
  expect(told).toEqual(["start env false", "end env 4"]);
});

test("waits come to what comes first", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({});
  await keeper.wait(id, { prompt: true });
  expect(await keeper.wait(id, { text: "never", timeoutMs: 30 })).toEqual({ reason: "timeout" });
  expect(await keeper.wait(id, { idleMs: 30 })).toEqual({ reason: "idle" });
  const screenful = keeper.wait(id, { text: "^number 17$" });
  const joined = keeper.wait(id, { text: `${"x".repeat(200)}y` });
  const prompt = keeper.runCommand(id, "seq -f 'number %g' 5000; printf 'x%.0s' {1..200}; echo y");
  expect(await screenful).toEqual({ reason: "text", match: "number 17" });
  expect((await joined).reason).toBe("text");
  expect(await prompt).toMatchObject({ exitStatus: 0, isCut: false });
  await expect(keeper.wait(id, { text: "(" })).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.wait(id, {})).rejects.toMatchObject({ code: "T2A_USAGE" });
  const cancelled = new AbortController();
  const waiting = keeper.wait(id, { text: "never" }, cancelled.signal);
  setImmediate(() => cancelled.abort(new Error("enough")));
  await expect(waiting).rejects.toThrow("enough");
  const hostile = keeper.wait(id, { text: "^(a+)+$" });
  await keeper.send(id, typed(`echo ${"a".repeat(60)}b\r`));
  await expect(hostile).rejects.toMatchObject({ code: "T2A_USAGE" });
  await keeper.wait(id, { prompt: true });
  const text = keeper.wait(id, { text: "never" });
  const exit = keeper.wait(id, { exit: true, text: "never" });
  await keeper.send(id, typed("exit 9\r"));
  expect(await text).toEqual({ reason: "ended", exitStatus: 9 });
  expect(await exit).toEqual({ reason: "exit", exitStatus: 9 });
});

test("commands are run at a prompt alone, and told of with the folder that they lead to", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const told: string[] = [];
  keeper.on("commandStart", ({ line }) => void told.push(`start ${line}`));
  keeper.on("command", ({ command }) => void told.push(`end ${command.line} ${command.exitStatus}`));
  keeper.on("cwd", ({ cwd }) => void told.push(`cwd ${cwd}`));
  const { id } = await keeper.createSession({});
  await keeper.wait(id, { prompt: true });
  expect(await keeper.runCommand(id, "cd /usr")).toMatchObject({ exitStatus: 0, output: "" });
  await keeper.wait(id, { prompt: true });
  expect(told).toEqual([`cwd ${house.path("home")}`, "start cd /usr", "end cd /usr 0", "cwd /usr"]);
  expect(await keeper.runCommand(id, "echo one; echo two >&2\nfalse")).toMatchObject({ exitStatus: 1 });
  expect(await keeper.runCommand(id, "# nothing at all")).toMatchObject({ exitStatus: undefined, output: "" });
  const long = await keeper.runCommand(id, "seq 400000");
  expect(long.isCut).toBe(true);
  expect(long.output.length).toBeLessThanOrEqual(1024 * 1024);
  expect(long.output).toMatch(/^1\n2\n3\n.*\n400000$/s);
  await keeper.send(id, typed("cat\r"));
  await pollUntil("it runs", async () => (await keeper.getSession(id)).live?.commandLine === "cat");
  await expect(keeper.runCommand(id, "ls")).rejects.toMatchObject({ code: "T2A_SESSION_BUSY" });
  await keeper.send(id, typed("\x04"));
  await keeper.wait(id, { prompt: true });
  await keeper.stopRecording(id);
  expect((await keeper.getSession(id)).live?.isRecording).toBe(false);
  await expect(keeper.runCommand(id, "ls")).rejects.toMatchObject({ code: "T2A_SESSION_BUSY" });
  await keeper.send(id, typed("echo un'recorded'\r"));
  await keeper.wait(id, { text: "^unrecorded", timeoutMs: 5000 });
  await keeper.startRecording(id);
  await keeper.mark(id, "here");
  await pollUntil("it is at its prompt", () => keeper.findLive(id)?.isAtPrompt !== false);
  expect(await keeper.runCommand(id, "exit 6")).toMatchObject({ exitStatus: 6 });
  expect(await keeper.wait(id, { exit: true })).toEqual({ reason: "exit", exitStatus: 6 });
  const other = await keeper.createSession({ argv: ["/bin/cat"] });
  await expect(keeper.runCommand(other.id, "ls")).rejects.toMatchObject({ code: "T2A_SESSION_BUSY" });
  expect(house.problems).toEqual([]);
});

test("a command may be run in a session that has just been started", async () => {
  const keeper = await managerHouse("here").manager();
  const { id } = await keeper.createSession({});
  expect(await keeper.runCommand(id, "echo early; false")).toMatchObject({ exitStatus: 1, output: "early" });
});

test("what does not end when it is told to is killed, and all that runs in it", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({
    argv: ["/bin/bash", "-c", "trap '' HUP TERM; sleep 1000 & echo child:$!; while :; do read -t 1000 x; done"],
  });
  const { match = "" } = await keeper.wait(id, { text: "child:[0-9]+" });
  const child = Number(match.slice("child:".length));
  const before = performance.now();
  expect(await keeper.killSession(id)).toMatchObject({ status: "failed", exitStatus: 137 });
  expect(performance.now() - before).toBeGreaterThan(4000);
  await pollUntil("the child is gone", () => !isThere(child));
});

test("the rows that scrolled off are read from the recording, live and past", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ argv: ["/bin/bash", "-c", "printf '\\e[31m'; seq 5000; read x"] });
  await keeper.wait(id, { text: "^5000$" });
  const live = await keeper.scrollback(id, 1000);
  expect(live.lines).toEqual(Array.from({ length: 1000 }, (_, at) => String(3978 + at)));
  expect(live.styled[0]).toBe("\x1b[0;31m3978\x1b[0m");
  await keeper.send(id, typed("\r"));
  await keeper.wait(id, { exit: true });
  await pollUntil("it is in the library", async () => (await keeper.getSession(id)).recordings.length === 1);
  const past = await keeper.scrollback(id, 10_000);
  expect(past.lines.slice(0, 4977)).toEqual(Array.from({ length: 4977 }, (_, at) => String(1 + at)));
  expect(await keeper.scrollback(id, 0)).toEqual({ lines: [], styled: [] });
});

test("where a holder dies its sessions are interrupted, also when nobody was there", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const one = await keeper.createSession({ command: "echo shown; cat" });
  await keeper.wait(one.id, { text: "shown" });
  const client = new ScreenClient(await keeper.attach(one.id, { cols: 80, rows: 24 }));
  const waiting = keeper.wait(one.id, { exit: true });
  process.kill(one.live?.holderPid ?? 0, "SIGKILL");
  await client.over;
  expect(client.end).toMatchObject({ type: "detached" });
  expect(await waiting).toEqual({ reason: "exit" });
  expect(await keeper.getSession(one.id)).toMatchObject({ status: "interrupted" });
  const two = await keeper.createSession({ command: "echo shown; cat" });
  await keeper.wait(two.id, { text: "shown" });
  await keeper.close();
  process.kill(two.live?.holderPid ?? 0, "SIGKILL");
  await pollUntil("its holder is gone", () => !isThere(two.live?.holderPid ?? 0));
  const next = await house.manager();
  expect(next.live).toEqual([]);
  expect(await next.getSession(two.id)).toMatchObject({ status: "interrupted" });
  await pollUntil("its recording is kept", async () => (await next.getSession(two.id)).recordings.length === 1);
  expect((await next.screen(two.id)).lines[0]).toBe("shown");
  const ended = await next.createSession({ command: "true" });
  await next.wait(ended.id, { exit: true });
  const three = await next.createSession({ command: "cat" });
  const ids = async (pastStatus: "interrupted" | "completed") =>
    (await next.listSessions({ pastStatus })).map(({ id }) => id).sort();
  expect(await ids("interrupted")).toEqual([one.id, two.id, three.id].sort());
  expect(await ids("completed")).toEqual([ended.id, three.id].sort());
  expect(house.problems).toEqual([]);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("what cannot be asked is refused before anything is done, by what it says", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ name: "cat", argv: ["/bin/cat"] });
  const large = new Uint8Array(1024 * 1024 + 1);
  const refused: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["T2A_USAGE", () => keeper.send(id, large)],
    ["T2A_USAGE", () => keeper.runCommand(id, " ")],
    ["T2A_USAGE", () => keeper.runCommand(id, "x".repeat(large.length))],
    ["T2A_USAGE", () => keeper.mark(id, "x".repeat(100_000))],
    ["T2A_USAGE", () => keeper.scrollback(id, -1)],
    ["T2A_USAGE", () => keeper.scrollback(id, 1.5)],
    ["T2A_USAGE", () => keeper.wait(id, { exit: true, timeoutMs: -1 })],
    ["T2A_USAGE", () => keeper.wait(id, { idleMs: 1e12 })],
    ["T2A_USAGE", () => keeper.resize(id, { cols: 0, rows: 24 })],
    ["T2A_USAGE", () => keeper.renameSession(id, "a\u0007b")],
    ["T2A_USAGE", () => keeper.killSession(id, "HUP")],
    ["T2A_SESSION_LIVE", () => keeper.startSession({ command: "cat" }, { id })],
    ["T2A_SESSION_NOT_FOUND", () => keeper.createSession({ command: "cat", parent: "01ARZ3NDEKTSV4RRFFQ69G5FAV" })],
    ["T2A_SESSION_NOT_FOUND", () => keeper.getSession("")],
  ];
  for (const [code, ask] of refused) await expect(ask(), String(ask)).rejects.toMatchObject({ code });
  expect(() => keeper.dataFolder("../elsewhere")).toThrow(TypeError);
  expect(await keeper.listSessions()).toMatchObject([{ id, name: "cat", live: { cols: 80, rows: 24 } }]);
  expect((await keeper.screen(id)).lines.join("")).toBe("");
  expect(house.problems).toEqual([]);
});

test("one that is over is named anew, and what lives is measured by what it prints where nothing else is to be had", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ name: "over", command: "exit 0" });
  expect(await keeper.wait(id, { exit: true })).toEqual({ reason: "exit", exitStatus: 0 });
  await pollUntil("it is in the library", async () => (await keeper.getSession(id)).recordings.length === 1);
  expect(await keeper.renameSession(id, "long over")).toMatchObject({ id, name: "long over", status: "completed" });
  const other = await keeper.createSession({ name: "over", command: "echo printed; cat" });
  await keeper.wait(other.id, { text: "printed" });
  expect(await keeper.renameSession(other.id, "over")).toMatchObject({ name: "over" });
  await keeper.send(other.id, typed("typed\r"));
  await keeper.wait(other.id, { text: "typed" });
  const [usage] = await keeper.usage();
  expect(usage).toMatchObject({ id: other.id, name: "over", clients: 0, lastOutputAt: expect.any(String) });
  expect(usage?.outputBytes).toBeGreaterThanOrEqual("typed\r\n".length);
  expect(house.problems).toEqual([]);
});

test("beyond so many sessions those that are long over are deleted, and none that lives", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager({ maxSessions: 2 });
  const live = await keeper.createSession({ name: "live", command: "cat" });
  for (const name of ["one", "two", "three"]) {
    const { id } = await keeper.createSession({ name, command: "exit 0" });
    await keeper.wait(id, { exit: true });
    await pollUntil("it is in the library", async () => {
      const [found] = (await keeper.listSessions({ isLive: false })).filter((session) => session.id === id);
      return found !== undefined && found.recordings.length === 1;
    });
  }
  const names = async () => (await keeper.listSessions()).map(({ name }) => name);
  await pollUntil("the oldest is gone", async () => !(await names()).includes("one"));
  expect(await names()).toContain("three");
  expect(keeper.findLive(live.id)).toBeDefined();
});
