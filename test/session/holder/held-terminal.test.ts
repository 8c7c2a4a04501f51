// What a daemon may ask of a session that is held.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { MARK_CODE } from "../../../src/core/index.js";
import { Spool } from "../../../src/library/index.js";
import type { HeldSession } from "../../../src/session/index.js";
import { Follower, holderHouse, kill } from "../../support/holders.js";
import { pollUntil } from "../../support/poll-until.js";
import { eventsOf } from "../../support/recorded.js";

test("what is typed says who typed it, hidden lines are masked, and the log has it before the program", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const auditPath = house.path("audit.ndjson");
  const script = `read x; echo shown:$x; read -s y; echo; echo hidden:$(printf %s "$y" | wc -c); wc -l < ${auditPath}`;
  const session = await pool.start(house.order(script, { captureInput: true, auditPath }));
  const follower = await Follower.of(session);
  session.input(Buffer.from("abc\n"), "alice");
  await pollUntil("the first line", () => follower.output.includes("shown:abc"));
  await pollUntil("the terminal does not echo", () => isSilent(session.facts.pid));
  session.input(Buffer.from("secret\n"), "bob");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("hidden:6\r\n");
  const typed = follower.events.filter((event) => event.kind === "input");
  expect(typed.map(({ data, meta }) => [Buffer.from(data).toString(), meta])).toEqual([
    ["abc\n", { "t2a.who": "alice" }],
    ["********", { "t2a.who": "bob" }],
    ["\n", { "t2a.who": "bob" }],
  ]);
  const lines = readFileSync(auditPath, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ who, base64 }) => [who, Buffer.from(base64, "base64").toString()])).toEqual([
    ["alice", "abc\n"],
    ["bob", "********"],
    ["bob", "\n"],
  ]);
  expect(Date.parse(lines[0].time)).toBeGreaterThan(Date.now() - 60_000);
  expect(statSync(auditPath).mode & 0o777).toBe(0o600);
  expect(follower.output).toMatch(/^3\r\n$/m); // all of it was there when the program had it
});

test("a hidden line is masked in the log of who typed, also while the recording is paused and where input is not recorded", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const auditPath = house.path("audit.ndjson");
  const script = `read -s a; echo one; read -s b; echo two; read c; printf "%s." "\${#a}" "\${#b}" "$c"`;
  const session = await pool.start(house.order(script, { auditPath }));
  const follower = await Follower.of(session);
  await pollUntil("the terminal does not echo", () => isSilent(session.facts.pid));
  for (const piece of ["hun", "ter2", "\n"]) session.input(Buffer.from(piece), "alice");
  await pollUntil("the first is read", () => follower.output.includes("one"));
  session.pauseRecording();
  await pollUntil("it does not echo again", () => isSilent(session.facts.pid));
  session.input(Buffer.from("a longer secret\n"), "bob");
  const unrecorded = () => Buffer.concat(follower.unrecorded).toString();
  await pollUntil("the second is read", () => unrecorded().includes("two"));
  session.input(Buffer.from("shown\n"), "bob");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(unrecorded()).toContain("7.15.shown.");
  const text = readFileSync(auditPath, "utf8");
  const pieces = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const typed = (who: string) =>
    pieces.map((piece) => (piece.who === who ? Buffer.from(piece.base64, "base64").toString() : "")).join("");
  expect([typed("alice"), typed("bob")]).toEqual(["********\n", "********\nshown\n"]);
});

/** It has printed something, be it before it was followed. */
async function printed(session: HeldSession, follower: Follower): Promise<void> {
  await pollUntil("it is up", () => session.facts.outputBytes > 0 || follower.position?.events !== 0);
}

/** The terminal of a process does not echo what is typed. */
function isSilent(pid: number): boolean {
  return spawnSync("stty", ["-a", "-F", `/proc/${pid}/fd/0`], { encoding: "utf8" }).stdout.includes("-echo ");
}

test("input that cannot be noted is told of once, and typed all the same", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("read x; read y; echo $x$y", { auditPath: "/no/such/folder/audit" }));
  const follower = await Follower.of(session);
  session.input(Buffer.from("a\n"), "w");
  session.input(Buffer.from("b\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("ab\r\n");
  expect(follower.problems).toEqual([expect.objectContaining({ code: "T2A_FILE_IO" })]);
});

test("much that is typed arrives whole, also from somebody with a long name", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("stty raw -echo; echo ready; head -c 300000 | md5sum"));
  const follower = await Follower.of(session);
  await printed(session, follower);
  session.input(Buffer.alloc(300_000, "x"), "ä".repeat(200));
  await pollUntil("the end", () => follower.end !== undefined, 50_000);
  const { createHash } = await import("node:crypto");
  expect(follower.output).toContain(createHash("md5").update("x".repeat(300_000)).digest("hex"));
}, 60_000);

test("a pause is shown and not recorded; what follows begins with the screen as it stands", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("for i in 1 2 3; do read x; echo got:$x; done"));
  const follower = await Follower.of(session);
  const type = async (text: string, seen: () => string) => {
    session.input(Buffer.from(`${text}\n`), "w");
    await pollUntil(text, () => seen().includes(`got:${text}`));
  };
  const unrecorded = () => Buffer.concat(follower.unrecorded).toString();
  await type("before", () => follower.output);
  session.pauseRecording();
  expect(session.facts.isRecording).toBe(false);
  session.mark("nobody sees it");
  await type("hidden", unrecorded);
  expect(follower.output).not.toContain("hidden");
  session.resumeRecording();
  await pollUntil("it goes on", () =>
    follower.events.some((event) => event.kind === "custom" && event.code === "t2a.pause"),
  );
  await type("after", () => follower.output);
  await pollUntil("the end", () => follower.end !== undefined);
  const { events } = await eventsOf(session.facts.path);
  expect(follower.events).toEqual(events.slice(follower.position?.events));
  expect(events.some(({ kind }) => kind === "marker")).toBe(false);
  const dump = events.find((event) => event.kind === "output" && event.data[0] === 0x1b && event.data[1] === 0x63);
  expect(dump?.kind === "output" && Buffer.from(dump.data).toString()).toContain("got:hidden");
});

test("markers, events of t2a's own and sizes are in the recording", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("read x; stty size"));
  const follower = await Follower.of(session);
  session.mark("here");
  session.addCustom("t2a.handoff", { from: "a", to: "b" });
  session.resize({ cols: 132, rows: 43 });
  session.resize({ cols: 0, rows: 0 }); // no size
  session.input(Buffer.from("\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("43 132");
  const { events } = await eventsOf(session.facts.path);
  expect(events).toContainEqual(expect.objectContaining({ kind: "marker", label: "here" }));
  expect(events).toContainEqual(expect.objectContaining({ kind: "resize", cols: 132, rows: 43 }));
  const custom = events.find((event) => event.kind === "custom");
  expect(custom?.kind === "custom" && [custom.code, JSON.parse(Buffer.from(custom.data).toString())]).toEqual([
    "t2a.handoff",
    { from: "a", to: "b" },
  ]);
});

test("a signal reaches what runs in the foreground, and a session that is held back waits", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const script = "trap 'echo int' INT; echo ready; read x; echo a; for i in $(seq 100000); do echo $i; done; echo over";
  const session = await pool.start(house.order(script));
  const follower = await Follower.of(session);
  await printed(session, follower);
  session.signal("SIGINT");
  await pollUntil("the trap", () => follower.output.includes("int"));
  session.hold(true);
  session.input(Buffer.from("\n"), "w");
  await pollUntil("it waits for the terminal", () => stateOf(session.facts.pid) === "S" && waitsFor(session.facts.pid));
  expect(follower.output).not.toContain("over");
  session.hold(false);
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("over");
});

function stateOf(pid: number): string | undefined {
  return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
}

/** It sleeps in a write: nobody reads its terminal. */
function waitsFor(pid: number): boolean {
  return /^1 0x1 /.test(readFileSync(`/proc/${pid}/syscall`, "utf8"));
}

test("hanging up ends what heeds it, with all its recording", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("echo up; read x"));
  const follower = await Follower.of(session);
  await printed(session, follower);
  session.hangUp();
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.end).toMatchObject({ exitStatus: 129, signal: "SIGHUP" });
});

test("a shell is started so that it marks its commands, and proves it", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const order = house.order("", {
    file: "/bin/bash",
    args: [],
    shell: { command: "/bin/bash --norc", shell: "/bin/bash" },
  });
  const session = await pool.start(order);
  const follower = await Follower.of(session);
  session.input(Buffer.from("echo hi; exit 5\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.end?.exitStatus).toBe(5);
  const { events } = await eventsOf(session.facts.path);
  expect(events.some((event) => event.kind === "custom" && event.code === MARK_CODE)).toBe(true);
});

test("the environment is the session's own, and the note is held while it lives", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const order = house.order("env | sort; read x");
  const session = await pool.start({ ...order, env: { ...order.env, OWN: "yes", TERM: "dumb" } });
  const follower = await Follower.of(session);
  const spool = new Spool(house.spoolFolder);
  expect(spool.entries("test")).toEqual([expect.objectContaining({ isActive: true })]);
  expect(spool.entries("test")[0]?.note).toMatchObject({ isManaged: true, session: { id: order.sessionId } });
  session.input(Buffer.from("\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  const { events } = await eventsOf(session.facts.path);
  const output = Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString();
  expect(output).toContain("OWN=yes\r\n");
  expect(output).toContain("TERM=xterm-256color\r\n");
  expect(output).toContain(`T2A_RECORDING=${order.recordingId}\r\n`);
  expect(output).not.toContain("UV_THREADPOOL_SIZE");
  expect(spool.entries("test")).toEqual([expect.objectContaining({ isHeld: false })]);
});

test("a recording that cannot be written is told of, and the terminal goes on", async () => {
  const house = holderHouse();
  const pool = await house.open();
  const session = await pool.start(
    house.order("read x; head -c 300000 /dev/urandom | base64; echo tail; read y; echo more"),
  );
  const follower = await Follower.of(session);
  spawnSync("prlimit", ["--fsize=100000", "--pid", String(session.holderPid)]);
  session.input(Buffer.from("\n"), "w");
  await pollUntil("the failure", () => follower.failures.length > 0);
  const unrecorded = () => Buffer.concat(follower.unrecorded).toString();
  await pollUntil("the tail", () => unrecorded().includes("tail"));
  session.input(Buffer.from("\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(unrecorded()).toContain("more");
  expect(follower.end?.problems).toHaveLength(1);
  const { events } = await eventsOf(session.facts.path);
  expect(follower.events.length).toBeLessThanOrEqual(events.length);
});

test("a holder ends when it has had nothing to hold for a while, and when it is told to", async () => {
  const house = holderHouse();
  const pool = await house.open({ holderIdleMs: 50 });
  const session = await pool.start(house.order("read x"));
  const { holderPid } = session;
  pool.endHolders(); // not while it has a session
  const follower = await Follower.of(session);
  session.input(Buffer.from("\n"), "w");
  await pollUntil("the end", () => follower.end !== undefined);
  await pollUntil("the holder is gone", () => !kill(holderPid, 0));
  await pollUntil("nobody has it any more", () => pool.holders.length === 0);
  expect(readdirSync(house.runtime.holders)).toEqual([]);
  const next = await pool.start(house.order("echo again"));
  expect(next.holderPid).not.toBe(holderPid);
});

test("a holder that is ended hangs up on its sessions, and their recordings are whole", async () => {
  const house = holderHouse();
  const pool = await house.open();
  const session = await pool.start(house.order("echo up; read x"));
  const follower = await Follower.of(session);
  await printed(session, follower);
  kill(session.holderPid, "SIGHUP"); // nothing to it
  kill(session.holderPid, "SIGTERM");
  await pollUntil("the end", () => follower.end !== undefined);
  await pollUntil("the holder is gone", () => !kill(session.holderPid, 0));
  expect(existsSync(`${session.facts.path}-journal`)).toBe(false);
  expect(readdirSync(house.runtime.holders)).toEqual([]);
  const { events } = await eventsOf(session.facts.path);
  expect(events.at(-1)).toMatchObject({ kind: "exit", status: 129 });
});
