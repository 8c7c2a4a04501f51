// Going on with sessions whose holders were killed: real holders, real shells, nothing of what was shown is lost.
import { appendFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { eachEvent } from "../../../src/core/index.js";
import { Library, openPart, openSessionRecording, Spool, sessionParts } from "../../../src/library/index.js";
import { CheckpointKeeper, SessionResumer, type TerminalKeeperOptions } from "../../../src/session/index.js";
import { openStore } from "../../../src/store/index.js";
import { Screen } from "../../../src/terminal/index.js";
import { kill } from "../../support/holders.js";
import { type ManagerHouse, managerHouse, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

/** Bytes of a long recording; 200 MB (T2A_TEST_LONG_BYTES=200000000) take half a minute. */
const LONG_BYTES = process.env.T2A_TEST_LONG_BYTES ?? "20000000";

/** A daemon's part of it all. */
async function daemon(house: ManagerHouse, options: Partial<TerminalKeeperOptions> = {}) {
  const location = { driver: "files", folder: house.storeFolder } as const;
  const store = await openStore(location, { cacheFolder: house.path("cache") });
  const library = new Library({ store, spool: new Spool(house.path("spool")), location: "test" });
  const terminals = await house.manager({ library, ...options });
  const checkpoints = new CheckpointKeeper({ terminals, settleMs: 10 });
  onTestFinished(() => checkpoints.close());
  const home = house.path("home");
  const resumer = new SessionResumer({ terminals, checkpoints, library, env: house.env, home, host: hostname() });
  return { library, terminals, checkpoints, resumer };
}

type Daemon = Awaited<ReturnType<typeof daemon>>;

/** Kills the holder of a session, as nothing but a fault or a reboot does. */
async function killHolder({ terminals, library }: Daemon, id: string): Promise<void> {
  const pid = terminals.findLive(id)?.facts.holderPid;
  if (pid === undefined) throw new Error("it does not live");
  process.kill(pid, "SIGKILL");
  await pollUntil("the session's end", () => terminals.findLive(id) === undefined);
  await pollUntil("the word of it", async () => (await library.store.get(id)).status === "interrupted");
}

const all = async (library: Library, id: string) => {
  const parts = await sessionParts(library, await library.store.get(id));
  const recording = await openSessionRecording(parts.map((part) => () => openPart(library, part)));
  const outputs: Buffer[] = [];
  const screen = new Screen(recording.header);
  const screens: string[] = [];
  for await (const event of eachEvent(recording)) {
    if (event.kind === "resize") screen.resize(event.cols, event.rows);
    if (event.kind === "marker") screens.push(screen.text().join("\n"));
    if (event.kind !== "output") continue;
    outputs.push(Buffer.from(event.data));
    screen.feed(event.data);
  }
  return { output: Buffer.concat(outputs), screens, parts };
};

test("a session whose holder was killed goes on where it was, with all that was shown", async () => {
  const house = managerHouse();
  const its = await daemon(house);
  const { terminals, resumer, library, checkpoints } = its;
  const { id } = await terminals.createSession({ name: "work", cols: 90, rows: 20 });
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  const folder = house.path("home/a folder");
  mkdirSync(folder);
  await terminals.runCommand(id, `cd '${folder}'`);
  await terminals.runCommand(id, "printf '\\e[31mred\\e[0m %s\\n' {1..40}; export KEPT=1");
  await terminals.send(id, typed("sleep 1000\r"));
  await pollUntil("it runs", () => terminals.findLive(id)?.commandLine === "sleep 1000");
  await pollUntil(
    "a checkpoint of it",
    async () => (await checkpoints.findLast(id))?.checkpoint.commandLine === "sleep 1000",
  );
  const before = terminals.findLive(id)?.screen;
  await killHolder(its, id);
  await expect(terminals.send(id, typed("x"))).rejects.toMatchObject({ code: "T2A_SESSION_OVER" });
  const shown = await all(library, id);

  const resumed = await resumer.resume(undefined);
  expect(resumed).toMatchObject({ id, name: "work", status: "active", live: { cols: 90, rows: 20 } });
  expect(resumed.notes).toBeUndefined();
  expect(resumed.error).toBeUndefined();
  await expect(resumer.resume(id)).rejects.toMatchObject({ code: "T2A_SESSION_LIVE" });
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  const lines = (await terminals.screen(id)).lines;
  // All that was there, but for what the new prompt took at the bottom.
  const kept = before?.lines.filter((line) => line !== "") ?? [];
  expect(kept.at(-1)).toContain("sleep 1000");
  expect(lines.slice(0, kept.length)).toEqual(kept);
  expect(await terminals.runCommand(id, "pwd")).toMatchObject({ output: folder, exitStatus: 0 });
  await terminals.killSession(id);
  await pollUntil("both are in the library", async () => (await library.store.get(id)).recordings.length === 2);

  const whole = await all(library, id);
  expect(whole.output.subarray(0, shown.output.length).equals(shown.output)).toBe(true);
  expect(whole.parts).toHaveLength(2);
  // At the marker the screen is what it was when the holder was killed.
  expect(whole.screens).toEqual([before?.lines.join("\n")]);
  expect(house.problems).toEqual([]);
});

test("the command that was running is started again where that is asked for, in another size", async () => {
  const house = managerHouse();
  const its = await daemon(house);
  const { terminals, resumer, checkpoints } = its;
  const { id } = await terminals.createSession({});
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  await terminals.send(id, typed("echo begun; sleep 1000\r"));
  await pollUntil(
    "a checkpoint of it",
    async () => (await checkpoints.findLast(id))?.checkpoint.commandLine !== undefined,
  );
  await killHolder(its, id);
  const { live } = await resumer.resume(id, { rerun: true, cols: 60, rows: 12 });
  expect(live).toMatchObject({ cols: 60, rows: 12 });
  await pollUntil("it runs again", () => terminals.findLive(id)?.commandLine === "echo begun; sleep 1000");
  const begun = () => terminals.findLive(id)?.screen.lines.filter((line) => line === "begun").length;
  await pollUntil("what both printed", () => begun() === 2);
  expect(house.problems).toEqual([]);
});

test("a full-screen program that was killed leaves a terminal that a shell can use", async () => {
  const house = managerHouse();
  const its = await daemon(house);
  const { terminals, resumer } = its;
  const { id } = await terminals.createSession({});
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  const modes = "\\e[?1049h\\e[?1000h\\e[?1006h\\e[?1h\\e[?25l\\e[2;5r\\e[?6h\\e[4h\\e(0\\e[7mfull screen";
  await terminals.send(id, typed(`printf '${modes}'; sleep 1000\r`));
  await terminals.wait(id, { text: "^.{0,3}[^ ]", timeoutMs: 20_000 });
  await pollUntil("it is shown", () => terminals.findLive(id)?.screen.cursor.isVisible === false);
  await killHolder(its, id);
  await resumer.resume(id);
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  const { cursor, lines } = await terminals.screen(id);
  expect(cursor.isVisible).toBe(true);
  expect(lines.join("\n")).toMatch(/sleep 1000/);
  expect(await terminals.runCommand(id, "echo 'back again'")).toMatchObject({ output: "back again" });
  expect((await terminals.screen(id)).lines).toContain("back again");
});

test("what is not there any more is done without, and said", async () => {
  const house = managerHouse();
  const its = await daemon(house);
  const { terminals, resumer, checkpoints, library } = its;
  const { id } = await terminals.createSession({});
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  const folder = house.path("gone");
  mkdirSync(folder);
  await terminals.runCommand(id, `cd ${folder}`);
  await pollUntil("a checkpoint", async () => (await checkpoints.findLast(id))?.checkpoint.cwd === folder);
  await killHolder(its, id);
  await pollUntil("the last", async () => (await checkpoints.findLast(id))?.checkpoint.reason === "exit");
  const files = readdirSync(checkpoints.folderOf(id).folder).map((name) => Number.parseInt(name, 10));
  const newest = Math.max(...files);
  appendFileSync(`${checkpoints.folderOf(id).folder}/${newest}.json`, "damage");
  rmSync(folder, { recursive: true });
  const resumed = await resumer.resume(id, { rerun: true });
  expect(resumed.notes).toEqual([
    expect.stringContaining(`${newest}.json is damaged: the one before it is used`),
    expect.stringContaining(`the folder ${folder} is not there any more`),
    expect.stringContaining("no command was running"),
  ]);
  expect((await resumer.listCheckpoints(id)).find(({ number }) => number === newest)).toMatchObject({
    isDamaged: true,
  });
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  expect(await terminals.runCommand(id, "pwd")).toMatchObject({ output: house.path("home") });
  await terminals.killSession(id);
  await pollUntil("it is there", async () => (await library.store.get(id)).recordings.length === 2);

  // On another machine there are no checkpoints: the recording tells.
  rmSync(house.path("live"), { recursive: true });
  const restored = await resumer.restore(id);
  expect(restored).toMatchObject({ id, status: "active" });
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  expect(await terminals.runCommand(id, "pwd")).toMatchObject({ output: house.path("home") });
});

test("a long recording on its way into the library is not waited for", { timeout: 120_000 }, async () => {
  const house = managerHouse();
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let isCollected = false;
  const its: Daemon = await daemon(house, {
    collect: async () => {
      await gate;
      await its.library.collect();
      isCollected = true;
    },
  });
  const { terminals, resumer, library } = its;
  onTestFinished(() => open());
  const { id, live } = await terminals.createSession({});
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  await terminals.runCommand(id, `yes '${"a long line ".repeat(6)}' | head -c ${LONG_BYTES}; echo; echo the end`);
  await killHolder(its, id);
  const spooled = library.spool.hold(live?.recordingId ?? ""); // as one has it who collects
  const resumed = await resumer.resume(id);
  expect(isCollected).toBe(false);
  spooled?.release();
  expect(resumed.notes).toBeUndefined();
  expect((await library.store.get(id)).recordings).toEqual([]);
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  expect((await terminals.screen(id)).lines).toContain("the end");

  open();
  await pollUntil("it is there", async () => (await library.store.get(id)).recordings.length === 1, 60_000);
  expect(await library.store.get(id)).toMatchObject({ status: "active", recordings: [{ id: live?.recordingId }] });
  await terminals.killSession(id);
  await pollUntil("both are", async () => (await library.store.get(id)).recordings.length === 2);
  const { recordings, status } = await library.store.get(id);
  expect([recordings[0]?.id, status]).toEqual([live?.recordingId, "failed"]);
  expect(house.problems).toEqual([]);
});

test("a session whose holder is stopped is not started a second time", async () => {
  const house = managerHouse();
  const first = await daemon(house);
  const { id, live } = await first.terminals.createSession({});
  const pid = live?.holderPid ?? 0;
  await first.terminals.close();
  process.kill(pid, "SIGSTOP");
  onTestFinished(() => void kill(pid, "SIGCONT"));
  const second = await daemon(house, { pool: await house.open({ answerMs: 1000 }) });
  await expect(second.resumer.resume(id)).rejects.toMatchObject({
    code: "T2A_SESSION_LIVE",
    message: expect.stringContaining(`kill -CONT ${pid}`),
  });
});

test("what was handed off, is elsewhere, or in the trash is not resumed", async () => {
  const house = managerHouse();
  const { terminals, resumer, library } = await daemon(house);
  await expect(resumer.resume(undefined)).rejects.toMatchObject({ code: "T2A_SESSION_NOT_FOUND" });
  const { id } = await terminals.createSession({ command: "exit 0" });
  await pollUntil("its end", () => terminals.findLive(id) === undefined);
  await pollUntil("it is there", async () => (await library.store.get(id)).recordings.length === 1);
  for (const change of [{ status: "handed_off" }, { status: "active", host: "elsewhere" }] as const) {
    await library.store.update(id, (session) => ({ ...session, ...change }));
    await expect(resumer.resume(id)).rejects.toMatchObject({ code: "T2A_SESSION_TRANSITION" });
  }
});
