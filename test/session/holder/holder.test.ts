// A holder in the process of the test, asked as daemons ask it: over its socket, frame by frame.
import { mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { encodeFrame, encodeJsonFrame, FrameReader, jsonOf } from "../../../src/session/holder/frame-codec.js";
import { HOLDER_FRAMES } from "../../../src/session/holder/holder-protocol.js";
import { Holder } from "../../../src/session/holding.js";
import { holderHouse, openHolderHere } from "../../support/holders.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";

const ID = "0123456789ab";

/** One that listens in a folder of its own. */
async function holder(options: { readonly idleMs?: number } = {}) {
  const path = tempDir();
  const logged: string[] = [];
  const opened = await Holder.open({
    folder: path("h"),
    id: ID,
    version: "1.0.0",
    log: (text) => logged.push(text),
    ...options,
  });
  onTestFinished(() => opened.end("SIGKILL"));
  return { path, folder: path("h"), opened, logged };
}

/** A daemon's connection that says who it is, and keeps what it is told. */
function daemon(folder: string, hello: object) {
  const socket = connect(`${folder}/${ID}.sock`);
  onTestFinished(() => void socket.destroy());
  const told: { readonly type: number; readonly session: number; readonly value: Record<string, unknown> }[] = [];
  const reader = new FrameReader();
  let isClosed = false;
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
  });
  socket.on("data", (chunk: Buffer) => {
    for (const { type, session, payload } of reader.read(chunk))
      told.push({ type, session, value: payload[0] === 0x7b ? jsonOf(payload) : {} });
  });
  socket.write(encodeJsonFrame(HOLDER_FRAMES.hello, 0, hello));
  const hears = async (type: number, session = 0) => {
    await pollUntil(`message ${type}`, () => told.some((one) => one.type === type && one.session === session));
    return told.find((one) => one.type === type && one.session === session)?.value;
  };
  return {
    socket,
    told,
    hears,
    isClosed: () => isClosed,
    say: (type: number, session: number, value: object) => void socket.write(encodeJsonFrame(type, session, value)),
    send: (type: number, session: number, bytes?: Uint8Array) => void socket.write(encodeFrame(type, session, bytes)),
  };
}

const hello = (instance: string) => ({ protocol: 1, version: "1.0.0", instance });

test("a lock is one holder's, and a place where none can listen is told of", async () => {
  const { folder, opened } = await holder();
  await expect(Holder.open({ folder, id: ID, version: "2" })).rejects.toMatchObject({
    code: "T2A_HOLDER",
    message: expect.stringContaining("another holder has the lock"),
  });
  const other = "ba9876543210";
  mkdirSync(`${folder}/${other}.sock.new`);
  await expect(Holder.open({ folder, id: other, version: "2" })).rejects.toMatchObject({
    code: "T2A_HOLDER",
    message: expect.stringContaining("cannot be listened on"),
  });
  await opened.end();
  await opened.over;
  await expect(Holder.open({ folder, id: ID, version: "2" })).resolves.toMatchObject({ sessions: [] });
});

test("a daemon of another protocol is refused in words, and one that was replaced does not come back", async () => {
  const { folder } = await holder();
  const newer = daemon(folder, { protocol: 99, oldest: 98, version: "9.9.9", instance: "newer" });
  expect(await newer.hears(HOLDER_FRAMES.problem)).toMatchObject({
    code: "T2A_DAEMON_VERSION",
    message: expect.stringContaining("t2a 9.9.9"),
  });
  const first = daemon(folder, hello("first"));
  expect(await first.hears(HOLDER_FRAMES.welcome)).toMatchObject({ version: "1.0.0", pid: process.pid, sessions: [] });
  const second = daemon(folder, hello("second"));
  await second.hears(HOLDER_FRAMES.welcome);
  await first.hears(HOLDER_FRAMES.replaced);
  await pollUntil("the first is let go", first.isClosed);
  const late = daemon(folder, hello("first"));
  await pollUntil("its answer", () => late.told.length > 0);
  expect(late.told[0]?.type).toBe(HOLDER_FRAMES.replaced);
  // The same daemon, whose connection broke, is not another one.
  const again = daemon(folder, hello("second"));
  await again.hears(HOLDER_FRAMES.welcome);
  await pollUntil("its connection before", second.isClosed);
  expect(second.told.some(({ type }) => type === HOLDER_FRAMES.replaced)).toBe(false);
});

test("who asks for a session twice gets one, and is told of its end until that is noted", async () => {
  const house = holderHouse();
  const { folder, opened } = await holder();
  const one = daemon(folder, hello("one"));
  const order = house.order("echo up; read x; exit 4");
  one.say(HOLDER_FRAMES.start, 1, order);
  one.say(HOLDER_FRAMES.start, 1, order);
  const facts = await one.hears(HOLDER_FRAMES.started, 1);
  one.say(HOLDER_FRAMES.start, 1, order);
  await pollUntil("it is told again", () => one.told.filter(({ type }) => type === HOLDER_FRAMES.started).length === 2);
  expect(opened.sessions).toMatchObject([{ pid: facts?.pid, sessionId: order.sessionId }]);
  expect(readdirSync(folder)).toContain(`${ID}.1.json`);
  one.send(HOLDER_FRAMES.end, 0); // not while it holds something
  one.send(HOLDER_FRAMES.follow, 1);
  await one.hears(HOLDER_FRAMES.position, 1);
  one.send(HOLDER_FRAMES.unfollow, 1);
  one.send(HOLDER_FRAMES.hold, 1, Uint8Array.of(1));
  one.send(HOLDER_FRAMES.input, 7, Buffer.from("\0nobody is there"));
  one.socket.destroy(); // what it held back goes on
  const two = daemon(folder, hello("two"));
  expect(await two.hears(HOLDER_FRAMES.welcome)).toMatchObject({ sessions: [{ number: 1 }] });
  two.send(HOLDER_FRAMES.input, 1, Buffer.from("\0\n"));
  expect(await two.hears(HOLDER_FRAMES.ended, 1)).toMatchObject({ exitStatus: 4, problems: [] });
  expect(readdirSync(folder)).not.toContain(`${ID}.1.json`);
  const three = daemon(folder, hello("three"));
  expect(await three.hears(HOLDER_FRAMES.ended, 1)).toMatchObject({ exitStatus: 4 });
  three.send(HOLDER_FRAMES.noted, 1);
  const four = daemon(folder, hello("four"));
  expect(await four.hears(HOLDER_FRAMES.welcome)).toMatchObject({ sessions: [] });
  four.send(HOLDER_FRAMES.end, 0);
  await opened.over;
  expect(readdirSync(folder)).toEqual([]);
});

test("a holder that nobody needs ends by itself, and one that is ended hangs up on what it holds", async () => {
  const idle = await holder({ idleMs: 20 });
  await idle.opened.over;
  expect(readdirSync(idle.folder)).toEqual([]);
  const house = holderHouse("here");
  const pool = await house.open();
  const session = await pool.start(house.order("echo up; read x"));
  const second = await openHolderHere(house.runtime); // one that holds nothing is no trouble to it
  await second.end();
  const [own] = pool.holders;
  expect(own).toMatchObject({ pid: process.pid, sessions: 1 });
  expect(session.holderPid).toBe(process.pid);
});

test("what says nothing that a daemon says is let go, and told of in the log", async () => {
  const { folder, logged } = await holder();
  const rubbish = daemon(folder, { protocol: 1, version: "1" });
  await pollUntil("it is let go", rubbish.isClosed);
  expect(logged).toEqual([expect.stringContaining("it did not say who it is")]);
  const one = daemon(folder, hello("one"));
  await one.hears(HOLDER_FRAMES.welcome);
  one.say(HOLDER_FRAMES.start, 3, { file: "/no/such/program" });
  expect(await one.hears(HOLDER_FRAMES.problem, 3)).toMatchObject({ code: "T2A_HOLDER" });
  one.send(HOLDER_FRAMES.start, 4, Buffer.from("?"));
  expect(await one.hears(HOLDER_FRAMES.problem, 4)).toMatchObject({ message: expect.any(String) });
  expect(logged).toHaveLength(2);
});
