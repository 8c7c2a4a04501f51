// Holders and daemons that die, hang, or are not what they say: what was shown is kept, and nothing stays behind unnoticed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { encodeEvents } from "../../../src/session/holder/event-codec.js";
import { encodeFrame, encodeJsonFrame, FrameReader } from "../../../src/session/holder/frame-codec.js";
import { HOLDER_FRAMES } from "../../../src/session/holder/holder-protocol.js";
import { startHolder } from "../../../src/session/holder/start-holder.js";
import type { LeftProcess } from "../../../src/session/index.js";
import { Follower, HOLDER_PROGRAM, type HolderHouse, holderHouse, kill } from "../../support/holders.js";
import { pollUntil } from "../../support/poll-until.js";
import { eventsOf } from "../../support/recorded.js";

/** A shell that prints lines until it is told to stop, and then its last words. */
const PRINTER = `n=0; while ! read -t 0; do n=$((n+1)); echo "line $n"; sleep 0.002; done; echo "last $n"`;

const hashOf = (events: readonly unknown[]) =>
  createHash("sha256")
    .update(
      JSON.stringify(events, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value)),
    )
    .digest("hex");

/** A daemon in a process of its own: it starts a session, follows it, and prints what it was told of as JSON lines. */
async function daemonProcess(house: HolderHouse, script: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./daemon-side.mjs", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.write(
    `${JSON.stringify({ runtime: house.runtime, program: HOLDER_PROGRAM, order: house.order(script) })}\n`,
  );
  const told: { events?: number; facts?: { path: string; pid: number } }[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) told.push(JSON.parse(line));
  });
  return { child, told };
}

test("kill -9 of the daemon: the shell lives on, every byte is recorded, and the next daemon follows without a gap", async () => {
  const house = holderHouse();
  const { child, told } = await daemonProcess(house, PRINTER);
  await pollUntil("it prints", () => told.some(({ events = 0 }) => events > 50));
  child.kill("SIGKILL");
  await once(child, "exit");
  const facts = told[0]?.facts;
  expect(kill(facts?.pid ?? 0, 0)).toBe(true);
  const pool = await house.open();
  const session = pool.sessions[0] as NonNullable<(typeof pool.sessions)[0]>;
  const follower = await Follower.of(session);
  const from = follower.position?.events ?? 0;
  // What the daemon before this one was told of is there: nothing is told that is not.
  expect(from).toBeGreaterThanOrEqual(Math.max(...told.map(({ events = 0 }) => events)));
  await pollUntil("it prints on", () => follower.events.length > 50);
  session.input(Buffer.from("\n"), "tester");
  await pollUntil("the end", () => follower.end !== undefined);
  const { events } = await eventsOf(facts?.path ?? "");
  expect(follower.numbers).toEqual(follower.events.map((_, index) => from + index));
  expect(hashOf(follower.events)).toBe(hashOf(events.slice(from)));
  const output = Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString();
  const lines = [...output.matchAll(/^line (\d+)\r$/gm)].map(([, n]) => Number(n));
  expect(lines).toEqual(lines.map((_, index) => index + 1));
  expect(output).toContain(`last ${lines.length}`);
});

test("kill -9 of a holder: what was told of is in the recordings, the loss is told, and nothing is left of it", async () => {
  const house = holderHouse();
  const left: LeftProcess[] = [];
  const pool = await house.open({ perHolder: 2, onLeftProcesses: (found) => left.push(...found) });
  const stubborn = `trap '' HUP TERM; (setsid sleep 300 &) ; while :; do echo tick; sleep 0.01; done 2> /dev/null`;
  const lost = await Promise.all([pool.start(house.order(PRINTER)), pool.start(house.order(stubborn))]);
  const other = await pool.start(house.order("read x; echo still here"));
  const [one, two, three] = await Promise.all([...lost, other].map((session) => Follower.of(session)));
  await pollUntil("both print", () => [one, two].every((follower) => (follower?.events.length ?? 0) > 20));
  const pid = lost[0]?.holderPid ?? 0;
  kill(pid, "SIGKILL");
  await pollUntil("the loss is told", () => one?.isLost === true && two?.isLost === true);
  await pollUntil("it is cleared away", () => left.length >= 2);
  // The shell that heeds no hang-up was killed; what had made itself independent is named.
  const { pid: stubbornPid, sessionId } = lost[1]?.facts ?? {};
  expect(left).toContainEqual(expect.objectContaining({ pid: stubbornPid, sessionId, wasKilled: true }));
  const independent = left.find(({ name }) => name === "sleep");
  for (const { pid: at } of left) kill(at, "SIGKILL");
  expect(independent).toBeDefined();
  for (const { facts } of lost) await pollUntil("the shell is gone", () => !kill(facts.pid, 0));
  for (const [index, follower] of [one, two].entries()) {
    const { events } = await eventsOf(lost[index]?.facts.path ?? "");
    const from = follower?.position?.events ?? 0;
    const toldOf = follower?.events ?? [];
    expect(hashOf(events.slice(from, from + toldOf.length))).toBe(hashOf(toldOf));
  }
  expect(readdirSync(house.runtime.holders).filter((name) => name.endsWith(".lock"))).toHaveLength(1);
  expect(pool.sessions.map(({ facts }) => facts.sessionId)).toEqual([other.facts.sessionId]);
  other.input(Buffer.from("\n"), "tester");
  await pollUntil("the other one's end", () => three?.end !== undefined);
  expect(three?.output).toContain("still here");
});

test("no session has a descriptor of another one's terminal", async () => {
  const house = holderHouse();
  const pool = await house.open();
  const sessions = await Promise.all([1, 2, 3].map(() => pool.start(house.order("read x; echo up; read y"))));
  const followers = await Promise.all(sessions.map((session) => Follower.of(session)));
  for (const session of sessions) session.input(Buffer.from("\n"), "tester");
  await pollUntil("all run", () => followers.every(({ output }) => output.includes("up")));
  for (const { facts } of sessions) {
    const folder = `/proc/${facts.pid}/fd`;
    const open = readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)));
    expect(open.filter((name) => /ptmx|\.t2r|\.lock|\.json/.test(name))).toEqual([]);
  }
});

test("a holder that died while no daemon was there is cleared away by the next", async () => {
  const house = holderHouse();
  const first = await house.open();
  const session = await first.start(house.order("trap '' HUP; while :; do sleep 1; done"));
  await first.close();
  kill(session.holderPid, "SIGKILL");
  await pollUntil("it is dead", () => !kill(session.holderPid, 0));
  const left: LeftProcess[] = [];
  const pool = await house.open({ onLeftProcesses: (found) => left.push(...found) });
  expect(pool.sessions).toEqual([]);
  expect(left).toContainEqual(expect.objectContaining({ pid: session.facts.pid, wasKilled: true }));
  await pollUntil("the shell is gone", () => !kill(session.facts.pid, 0));
  expect(readdirSync(house.runtime.holders)).toEqual([]);
});

test("two holders cannot have one lock; sockets and locks that nobody holds are no holders", async () => {
  const house = holderHouse();
  const pool = await house.open();
  await pool.start(house.order("read x"));
  const folder = house.runtime.holders;
  const [lock = ""] = readdirSync(folder).filter((name) => name.endsWith(".lock"));
  const id = lock.slice(0, 12);
  const args = [...HOLDER_PROGRAM.args, folder, id, "0.0.0-test", "1000"];
  const second = spawn(HOLDER_PROGRAM.file, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  let said = "";
  second.stdio[3]?.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  expect((await once(second, "close"))[0]).toBe(1);
  expect(said).toContain("another holder has the lock");
  expect(statSync(join(folder, `${id}.sock`)).mode & 0o777).toBe(0o600);
  // Left by one that died: a lock, a socket that nobody listens on, a note of a process that is another one by now.
  const dead = "0123456789ab";
  writeFileSync(join(folder, `${dead}.lock`), "");
  const server = createServer().listen(join(folder, `${dead}.sock`));
  await once(server, "listening");
  const note = { sessionId: "s", recordingId: "r", pid: process.pid, startTicks: 1 };
  writeFileSync(join(folder, `${dead}.1.json`), JSON.stringify(note));
  writeFileSync(join(folder, `${dead}.2.json`), "rubbish");
  const next = await house.open();
  server.close();
  expect(next.holders).toHaveLength(1);
  expect(readdirSync(folder).filter((name) => name.startsWith(dead))).toEqual([]);
});

test("a holder that is stopped keeps nobody up: its sessions are found when it goes on", async () => {
  const house = holderHouse();
  const first = await house.open();
  const session = await first.start(house.order("read x"));
  await first.close();
  kill(session.holderPid, "SIGSTOP");
  const found: string[] = [];
  const pool = await house.open({ onFound: (sessions) => found.push(...sessions.map(({ facts }) => facts.sessionId)) });
  expect(pool.problems).toEqual([expect.objectContaining({ code: "T2A_HOLDER" })]);
  const other = await pool.start(house.order("echo fine"));
  const follower = await Follower.of(other);
  await pollUntil("another holder works", () => follower.end !== undefined);
  kill(session.holderPid, "SIGCONT");
  await pollUntil("the session is found", () => found.length > 0);
  expect(found).toEqual([session.facts.sessionId]);
  expect([pool.problems, pool.holders.length]).toEqual([[], 2]);
});

test("a holder that is stopped while it is used is passed over, and starts nothing a second time", async () => {
  const house = holderHouse();
  const first = await house.open({ answerMs: 1000 });
  const { holderPid, facts } = await first.start(house.order("read x"));
  onTestFinished(() => void kill(holderPid, "SIGCONT"));
  kill(holderPid, "SIGSTOP");
  const started = house.path("started");
  const orders = [1, 2].map((number) => house.order(`echo ${number} >> ${started}; read x`));
  const [one, two] = await Promise.all(orders.map((order) => first.start(order)));
  expect(one?.holderPid).not.toBe(holderPid);
  expect(two?.holderPid).toBe(one?.holderPid);
  await pollUntil("both run", () => existsSync(started) && readFileSync(started, "utf8").length === 4);
  // What was asked of it is in its socket still; who asked dies before it goes on.
  await first.close();
  kill(holderPid, "SIGCONT");
  const second = await house.open({ perHolder: 2 });
  const ids = second.sessions.map(({ facts: { sessionId } }) => sessionId);
  expect(ids.sort()).toEqual([facts.sessionId, ...orders.map(({ sessionId }) => sessionId)].sort());
  // It works again, and has taken all that it was asked before.
  expect((await second.start(house.order("read x"))).holderPid).toBe(holderPid);
  expect(readFileSync(started, "utf8").split("\n").sort()).toEqual(["", "1", "2"]);
  expect(second.sessions).toHaveLength(4);
});

test("a holder that goes on is used again by the daemon that passed it over", async () => {
  const house = holderHouse();
  const pool = await house.open({ answerMs: 1000 });
  const { holderPid } = await pool.start(house.order("read x"));
  kill(holderPid, "SIGSTOP");
  const started = house.path("started");
  const other = await pool.start(house.order(`echo one >> ${started}; read x`));
  expect(other.holderPid).not.toBe(holderPid);
  kill(holderPid, "SIGCONT");
  await pollUntil("it is used", async () => (await pool.start(house.order("exit"))).holderPid === holderPid);
  expect(readFileSync(started, "utf8")).toBe("one\n");
});

test("rubbish on the socket ends that connection, and nothing else", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("read x; echo got:$x"));
  const follower = await Follower.of(session);
  const [name = ""] = readdirSync(house.runtime.holders).filter((one) => one.endsWith(".sock"));
  const hello = { protocol: 1, version: "0", instance: "rubbish" };
  for (const rubbish of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(100_000, 0xff),
    encodeFrame(HOLDER_FRAMES.input, 1, Buffer.from("\x00sneaked in\n")),
    encodeFrame(HOLDER_FRAMES.hello, 0, Buffer.from("{")),
    encodeJsonFrame(HOLDER_FRAMES.hello, 0, { protocol: 1, version: "0" }),
  ]) {
    const socket = connect(join(house.runtime.holders, name));
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(rubbish);
    await closed;
  }
  session.input(Buffer.from("fine\n"), "tester");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("got:fine");
  // One that says who it is, and then talks rubbish, is answered in words.
  const other = await pool.start(house.order("read x"));
  const socket = connect(join(house.runtime.holders, name));
  socket.on("error", () => {});
  socket.write(encodeJsonFrame(HOLDER_FRAMES.hello, 0, hello));
  const reader = new FrameReader();
  const types: number[] = [];
  socket.on("data", (chunk) => {
    for (const { type } of reader.read(chunk)) types.push(type);
  });
  const number = other.facts.number;
  for (const type of [HOLDER_FRAMES.start, HOLDER_FRAMES.custom])
    socket.write(encodeFrame(type, number, Buffer.from("?")));
  socket.write(encodeFrame(HOLDER_FRAMES.resize, number, Buffer.from("1")));
  socket.write(encodeFrame(HOLDER_FRAMES.signal, number, Buffer.from("SIGNONE")));
  socket.write(encodeFrame(HOLDER_FRAMES.input, number));
  socket.write(encodeFrame(63, number, Buffer.from("new")));
  await pollUntil("answers", () => types.length >= 6);
  expect(types).toEqual([HOLDER_FRAMES.welcome, ...Array(5).fill(HOLDER_FRAMES.problem)]);
  socket.destroy();
  expect(kill(other.facts.pid, 0)).toBe(true);
});

test("a daemon of another protocol is told so, and so is one that finds such a holder", async () => {
  const house = holderHouse();
  const pool = await house.open();
  await pool.start(house.order("read x"));
  const [name = ""] = readdirSync(house.runtime.holders).filter((one) => one.endsWith(".sock"));
  const socket = connect(join(house.runtime.holders, name));
  socket.write(encodeJsonFrame(HOLDER_FRAMES.hello, 0, { protocol: 99, oldest: 98, version: "9.9", instance: "x" }));
  const [chunk] = await once(socket, "data");
  expect(chunk.toString()).toContain("T2A_DAEMON_VERSION");
  expect(pool.holders).toHaveLength(1); // the one that was there stays
  // A holder that speaks another protocol: played by a process that has its lock.
  const paths = await startHolder({
    program: HOLDER_PROGRAM,
    folder: house.runtime.holders,
    version: "0",
    idleMs: 20_000,
    env: {},
  });
  const fake = createServer((one) => {
    one.end(encodeJsonFrame(HOLDER_FRAMES.problem, 0, { code: "T2A_DAEMON_VERSION", message: "too new" }));
  }).listen(`${paths.socket}.fake`);
  await once(fake, "listening");
  const { renameSync } = await import("node:fs");
  renameSync(`${paths.socket}.fake`, paths.socket);
  const second = await house.open();
  expect(second.problems).toEqual([expect.objectContaining({ code: "T2A_DAEMON_VERSION", message: "too new" })]);
  expect(second.sessions).toHaveLength(1);
  fake.close();
  const lockHolder = readFileSync("/proc/locks", "utf8")
    .split("\n")
    .find((line) => line.includes(`:${statSync(paths.lock).ino} `));
  kill(Number(lockHolder?.trim().split(/\s+/)[4]), "SIGKILL");
});

test("a stopped daemon never stalls a terminal, and catches up by the recording", async () => {
  const house = holderHouse("here");
  await (await house.open()).close();
  const flood = `read x; head -c 20000000 /dev/zero | tr '\\0' x; echo done; read y`;
  const { child, told } = await daemonProcess(house, flood);
  await pollUntil("it follows", () => told.length > 1);
  const facts = told[0]?.facts;
  child.stdin.write("go\n");
  await pollUntil("it prints", () => told.some(({ events = 0 }) => events > 10));
  child.kill("SIGSTOP");
  // Everything is printed while nobody takes it.
  await pollUntil(
    "all is recorded",
    () => statSync(facts?.path ?? "").size > 0 && isPrinted(facts?.path ?? ""),
    30_000,
  );
  child.kill("SIGCONT");
  await pollUntil("it was told how far the recording is", () => told.some((one) => "behind" in one), 30_000);
  const { events } = await eventsOf(facts?.path ?? "");
  const behind = told.findLast((one) => "behind" in one) as { behind: number } | undefined;
  expect(behind?.behind).toBeLessThanOrEqual(events.length);
  const output = Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : [])));
  expect(output.filter((byte) => byte === 0x78).length).toBe(20_000_000);
  expect(output.toString("latin1", output.length - 10)).toContain("done");
});

/** The journal holds the last words. */
function isPrinted(path: string): boolean {
  const journal = `${path}-journal`;
  return existsSync(journal) && readFileSync(journal).includes("done\r\n");
}

test("the newest daemon wins: an older one is let go, and does not come back", async () => {
  const house = holderHouse("here");
  const problems: string[] = [];
  const first = await house.open({ onProblem: ({ message }) => problems.push(message) });
  await first.start(house.order("read x"));
  const second = await house.open();
  expect(second.sessions).toHaveLength(1);
  await pollUntil("the first is told", () => problems.length > 0);
  expect(problems[0]).toContain("another daemon");
  expect(first.sessions).toEqual([]);
  expect(second.holders).toHaveLength(1);
});

test("a connection that breaks is made anew: what was printed meanwhile is told of, and it goes on", async () => {
  const house = holderHouse();
  const pool = await house.open();
  const session = await pool.start(house.order("for i in 1 2 3 4; do read x; echo answer:$x; done"));
  const follower = await Follower.of(session);
  session.input(Buffer.from("a\n"), "tester");
  await pollUntil("an answer", () => follower.output.includes("answer:a"));
  // A message that no daemon understands: it gives the connection up.
  kill(session.holderPid, "SIGSTOP");
  for (const socket of poolSockets()) socket.destroy();
  kill(session.holderPid, "SIGCONT");
  await pollUntil("it is there again", () => {
    session.input(Buffer.from("b\n"), "tester");
    return follower.output.includes("answer:b") || follower.behind.length > 0;
  });
  await pollUntil("the end", () => {
    session.input(Buffer.from("c\n"), "tester");
    return follower.end !== undefined;
  });
  const { events } = await eventsOf(session.facts.path);
  for (const [index, number] of follower.numbers.entries()) expect(follower.events[index]).toEqual(events[number]);
});

/** Client sockets of this process. */
function poolSockets(): { destroy(): void }[] {
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return handles.filter(
    (handle): handle is { destroy(): void } =>
      handle?.constructor?.name === "Socket" &&
      (handle as { _handle?: { constructor: { name: string } } })._handle?.constructor.name === "Pipe" &&
      (handle as { bytesWritten: number }).bytesWritten > 0 &&
      (handle as { remoteAddress?: string }).remoteAddress === undefined,
  );
}

test("fifty sessions that all print lose nothing", async () => {
  const house = holderHouse();
  const pool = await house.open();
  // Less in all than may wait for a daemon that is slow: nobody is behind. The full size is a bench.
  const script = `read x; for i in $(seq 1 5); do head -c 5000 /dev/urandom | base64 -w 76; sleep 0.1; done`;
  const sessions = await Promise.all(Array.from({ length: 50 }, () => pool.start(house.order(script))));
  const followers = await Promise.all(sessions.map((session) => Follower.of(session)));
  for (const session of sessions) session.input(Buffer.from("\n"), "tester");
  await pollUntil("all ends", () => followers.every(({ end }) => end !== undefined), 50_000);
  for (const [index, { facts }] of sessions.entries()) {
    const follower = followers[index];
    const { events } = await eventsOf(facts.path);
    expect(follower?.behind).toEqual([]);
    expect(hashOf(follower?.events ?? [])).toBe(hashOf(events.slice(follower?.position?.events)));
  }
}, 90_000);

test("what a session begins with stands first in its recording", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  const data = Buffer.from("the screen as it was\r\n");
  const beginning = encodeEvents([
    { kind: "output", time: 5, data },
    { kind: "marker", time: 9, label: "resumed" },
  ]).toString("base64");
  const session = await pool.start(house.order("echo new", { beginning }));
  const follower = await Follower.of(session);
  await pollUntil("the end", () => follower.end !== undefined);
  const { events } = await eventsOf(session.facts.path);
  expect(events.slice(0, 2)).toEqual([
    { kind: "output", time: 0, data: Uint8Array.from(data) },
    { kind: "marker", time: 0, label: "resumed" },
  ]);
});
