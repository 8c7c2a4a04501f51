// t2a session at a terminal: the command in this process, at a terminal of its own, before a daemon and shells as they are.
import { describe, expect, it } from "vitest";
import { userHere } from "../support/daemon-here.js";
import { pollUntil } from "../support/poll-until.js";
import { openSeat, type SeatHere } from "../support/seat-here.js";

/** A user with a daemon, who sits down at terminals. */
async function user() {
  const here = userHere({ TERM: "xterm-256color" });
  const { client } = await here.start();
  const at = (seat: SeatHere, ...args: readonly string[]) => here.cli(["session", ...args], { terminal: seat.path });
  return { ...here, client, at };
}

describe("t2a session new at a terminal", () => {
  it("attaches to what it starts, at the terminal's size, and gives the terminal back where it is left", async () => {
    const { client, at } = await user();
    const seat = await openSeat({ cols: 90, rows: 20 });
    const over = at(seat, "new", "-n", "work");
    await seat.shows("$");
    seat.type("stty size; printf '\\033[?2004h\\033]2;its title\\007'\r");
    await seat.shows("20 90");
    await pollUntil("the title", () => seat.screen.title === "its title");
    expect(await client.listClients("work")).toMatchObject([{ cols: 90, rows: 20, hasKeyboard: true }]);
    seat.resize(70, 15);
    await pollUntil("the new size", async () => (await client.getSession("work")).live?.cols === 70);
    seat.type("\x1dd");
    expect(await over).toMatchObject({ status: 0, stdout: "", stderr: "" });
    await seat.shows("[detached from work]");
    expect(seat.screen.alternate).toBe(false);
    expect(seat.screen.title).toBe("");
    expect(seat.screen.modes.bracketedPaste).toBe(false);
    expect((await client.getSession("work")).live).toMatchObject({ clients: 0 });
  });

  it("tells how a command ended, also one that was quicker than the attaching", async () => {
    const { at } = await user();
    const seat = await openSeat();
    const over = at(seat, "new", "-n", "short", "-c", "read x; exit 3");
    await seat.shows(/^$/);
    seat.type("\r");
    expect(await over).toMatchObject({ status: 0 });
    await seat.shows("[short ended: status 3]");
    const quick = await at(seat, "new", "-n", "quick", "-c", "exit 5");
    expect(quick.status).toBe(0);
    await pollUntil("its end", () => /\[quick ended: status 5\]/.test(`${seat.rows.join("\n")}\n${quick.stdout}`));
  });

  it("leaves alone a terminal that cannot show a session", async () => {
    const { cli, client } = await user();
    const seat = await openSeat();
    const dumb = { terminal: seat.path, env: { TERM: "dumb" } };
    const made = await cli(["session", "new", "-n", "work"], dumb);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout.trim()).toBe((await client.getSession("work")).id);
    expect(await cli(["session", "attach", "work"], dumb)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("TERM=dumb"),
    });
    expect(await cli(["session", "attach", "work"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("there is no terminal to attach"),
    });
    expect(await cli(["session", "ls", "--watch"], dumb)).toMatchObject({ status: 2 });
  });
});

describe("t2a session attach", () => {
  it("shows the newest that lives, and says how that ended", async () => {
    const { client, at, cli } = await user();
    const seat = await openSeat();
    expect(await at(seat, "attach")).toMatchObject({ status: 1, stderr: expect.stringContaining("no session lives") });
    await client.createSession({ name: "older", command: "cat" });
    const { id } = await client.createSession({ name: "newer", command: "echo here; cat" });
    const over = at(seat, "attach", "--json");
    await seat.shows("here");
    await client.killSession(id);
    const { status, stdout } = await over;
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      { kind: "ended", id, name: "newer", exitStatus: 129, signal: "SIGHUP" },
    ]);
    expect(await at(seat, "attach", "newer")).toMatchObject({ status: 1, stderr: expect.stringContaining("newer") });
    const inside = await cli(["session", "attach", "older"], { terminal: seat.path, env: { T2A_SESSION: id } });
    expect(inside).toMatchObject({ status: 2, stderr: expect.stringContaining("t2a session switch") });
  });

  it("only looks on where that is asked for, and is told who took the session away", async () => {
    const { client, at } = await user();
    const seat = await openSeat();
    await client.createSession({ name: "cat", argv: ["/bin/cat"] });
    const over = at(seat, "attach", "-r", "cat");
    await pollUntil("the client", async () => (await client.listClients("cat")).length === 1);
    seat.type("typed");
    await seat.shows(/what you type goes nowhere/);
    await client.send("cat", Buffer.from("sent\r"));
    await seat.shows("sent");
    await client.detachClients("cat");
    expect(await over).toMatchObject({ status: 0 });
    await seat.shows(/^\[detached from cat: /);
  });

  it("ends with its terminal, as a program that was hung up on; the session lives on", async () => {
    const { client, at } = await user();
    const seat = await openSeat();
    const { id } = await client.createSession({ name: "cat", argv: ["/bin/cat"] });
    const over = at(seat, "attach", "cat");
    await pollUntil("the client", async () => (await client.listClients(id)).length === 1);
    seat.hangUp();
    expect(await over).toMatchObject({ status: 129 });
    expect((await client.getSession(id)).live).toMatchObject({ clients: 0 });
  });
});

describe("t2a session switch", () => {
  it("attaches to the one that is chosen from a list, or to none", async () => {
    const { client, at } = await user();
    const seat = await openSeat();
    expect(await at(seat, "switch")).toMatchObject({ status: 1, stderr: expect.stringContaining("no session lives") });
    await client.createSession({ name: "one", command: "echo the first; cat" });
    const two = await client.createSession({ name: "two", command: "echo the second; cat" });
    const left = at(seat, "switch");
    await seat.shows(/^\S* *two/);
    seat.resize(60, 12);
    seat.type("\x1b");
    expect(await left).toMatchObject({ status: 0, stdout: "" });
    await pollUntil("the terminal given back", () => !seat.screen.alternate);
    const over = at(seat, "switch", "--json");
    await seat.shows(/^\S* *two/);
    seat.type("tw\r");
    await seat.shows("the second");
    seat.type("\x1dd");
    const { status, stdout } = await over;
    expect([status, JSON.parse(stdout)]).toEqual([0, { kind: "detached", id: two.id, name: "two" }]);
    const gone = at(seat, "switch");
    await seat.shows(/^\S* *two/);
    seat.hangUp();
    expect(await gone).toMatchObject({ status: 0 });
  });

  it("inside of a session sends those who are attached there to another one", async () => {
    const { client, at, cli } = await user();
    const seat = await openSeat();
    const one = await client.createSession({ name: "one", command: "echo the first; cat" });
    const two = await client.createSession({ name: "two", command: "echo the second; cat" });
    const over = at(seat, "attach", "one");
    await seat.shows("the first");
    const inside = (...args: readonly string[]) =>
      cli(["session", "switch", ...args], { env: { T2A_SESSION: one.id }, terminal: seat.path });
    expect(await inside("one", "--json")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"clients": []'),
    });
    expect(await inside("two", "--client", "c99")).toMatchObject({ stderr: expect.stringContaining("nobody goes") });
    const [attached] = await client.listClients(one.id);
    expect(JSON.parse((await inside("two", "--json")).stdout)).toEqual({ id: two.id, clients: [attached?.clientId] });
    await seat.shows("the second");
    await client.killSession(one.id);
    const from = { env: { T2A_SESSION: two.id } };
    expect(await cli(["session", "switch", "one"], from)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("t2a session resume"),
    });
    await client.killSession(two.id);
    expect((await over).status).toBe(0);
  });
});

describe("pages that are drawn again and again", () => {
  it.each([
    ["t2a session ls --watch", ["ls", "--watch"]],
    ["t2a session top", ["top"]],
  ])("%s shows what lives, until a key is pressed", async (_, args) => {
    const { client, at } = await user();
    const seat = await openSeat({ cols: 100, rows: 10 });
    await client.createSession({ name: "first", command: "cat" });
    const over = at(seat, ...args);
    await seat.shows(/first/);
    expect(seat.screen.alternate).toBe(true);
    await client.createSession({ name: "second", command: "cat" });
    await seat.shows(/second/);
    seat.resize(50, 8);
    seat.type("q");
    expect(await over).toMatchObject({ status: 0, stdout: "", stderr: "" });
    await pollUntil("the terminal given back", () => !seat.screen.alternate);
  });

  it("end where their terminal goes away", async () => {
    const { client, at } = await user();
    await client.createSession({ name: "first", command: "cat" });
    const seat = await openSeat({ cols: 100, rows: 10 });
    const over = at(seat, "ls", "--watch");
    await seat.shows(/first/);
    seat.hangUp();
    expect((await over).status).toBe(129);
  });
});

describe("t2a session resume at a terminal", () => {
  it("goes on with the session there, and asks before it runs a command again", async () => {
    const { client, at, cli } = await user();
    const seat = await openSeat();
    const { id } = await client.createSession({ name: "work", command: "echo runs; cat" });
    await client.wait(id, { text: "runs", timeoutMs: 20_000 });
    await client.killSession(id);
    const over = cli(["session", "resume", "--rerun"], { terminal: seat.path, stdin: "y\n" });
    await pollUntil("it lives again", async () => (await client.getSession(id)).live?.clients === 1);
    seat.type("\x1dd");
    const { status, stderr } = await over;
    expect(status).toBe(0);
    expect(stderr).toContain('start "echo runs; cat" again?');
    expect((await client.getSession(id)).live?.clients).toBe(0);
    await client.killSession(id);
    const restored = at(seat, "restore", id, "--size", "60x10");
    await pollUntil("it lives again", async () => (await client.getSession(id)).live?.clients === 1);
    await client.killSession(id);
    expect(await restored).toMatchObject({ status: 0 });
    expect(await cli(["session", "resume", "--rerun", "work"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--yes"),
    });
    expect(await cli(["session", "resume", "none", "--rerun"], { terminal: seat.path })).toMatchObject({ status: 1 });
  });
});
