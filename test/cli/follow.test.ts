// t2a play --follow beside a real t2a record: what the recorder shows, the follower shows, until the recorder is gone.
import { existsSync, renameSync, statSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { openRecording } from "../../formats/index.js";
import { CanonicalWriter } from "../../formats/t2r/canonical.js";
import { T2rEncoder } from "../../formats/t2r/encoder.js";
import { T2rLiveWriter } from "../../formats/t2r/live-writer.js";
import type { Event, Header, Warning } from "../../src/core/index.js";
import { openFileSource, openFileTarget } from "../../src/files/index.js";
import { pollUntil } from "../support/poll-until.js";
import { start } from "../support/programs.js";
import { PtyDriver } from "../support/pty-driver.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** A reader that goes on beside what the test does. */
function startFollowing(path: string) {
  const warnings: Warning[] = [];
  const seen = { events: [] as Event[] };
  const done = (async () => {
    const options = { follow: {}, onWarning: (warning: Warning) => warnings.push(warning) };
    const recording = await openRecording(await openFileSource(path), options);
    for await (const batch of recording.batches) for (const event of batch) seen.events.push(event);
  })();
  done.catch(() => {}); // thrown where it is awaited
  return { seen, warnings, done };
}

async function decode(path: string): Promise<Event[]> {
  const recording = await openRecording(await openFileSource(path), { recover: true });
  const events: Event[] = [];
  for await (const batch of recording.batches) for (const event of batch) events.push(event);
  return events;
}

function expectSame(read: readonly Event[], written: readonly Event[]): void {
  const canonical = (events: readonly Event[]) => {
    const writer = new CanonicalWriter();
    for (const event of events) writer.event(event);
    return writer.view();
  };
  expect(read.length).toBe(written.length);
  expect(Buffer.compare(canonical(read), canonical(written))).toBe(0);
}

describe("following a recording in progress", () => {
  it("gives all that a live writer writes, under its load and over the rewriting of its file", async () => {
    const path = tempDir()("live.t2r");
    const header: Header = { cols: 80, rows: 24, id: "01" };
    const target = openFileTarget(path, { mode: "live" });
    const writer = new T2rLiveWriter(target);
    const encoder = new T2rEncoder({ level: 1 });
    const rewritten = [Buffer.from(encoder.header(header))];
    const written: Event[] = [];
    writer.header(header);
    const { seen, warnings, done } = startFollowing(path);
    for (let at = 0; at < 2000; at++) {
      const data = Buffer.alloc((at * 7919) % 9000, `${at} `); // a block every sixty
      const batch: Event[] = [{ kind: "output", time: at * 1000, data }];
      written.push(...batch);
      writer.events(batch);
      rewritten.push(Buffer.from(encoder.events(batch)));
      if (at % 5 === 0) await nextTurn();
    }
    // The new file takes the old one's place while the follower is still behind, or not.
    writer.end();
    rewritten.push(Buffer.from(encoder.end()));
    writeFileSync(`${path}.tmp`, Buffer.concat(rewritten));
    renameSync(`${path}.tmp`, path);
    await target.commit();
    await done;
    expect(warnings).toEqual([]);
    expectSame(seen.events, written);
    expectSame(await decode(path), written);
  });

  it.each(["t2r", "cast", "json"])("gives what t2a record writes into .%s, to its end", async (extension) => {
    const path = tempDir()(`recorded.${extension}`);
    const command = 'for i in 1 2 3 4 5 6; do seq 1 4000; done; printf "a\\303\\244b"';
    const recorder = start(process.execPath, [
      T2A,
      "record",
      "-q",
      "--headless",
      "--finalize",
      "wait",
      "-c",
      command,
      path,
    ]);
    await pollUntil("the recording's begin", () => existsSync(path) && statSync(path).size > 0);
    const { seen, warnings, done } = startFollowing(path);
    await done;
    await pollUntil("the recorder's end", () => recorder.ended);
    expect(warnings).toEqual([]);
    expect(seen.events.at(-1)?.kind).toBe("exit");
    expectSame(seen.events, await decode(path));
  });

  it("gives all that is left of a recorder that was killed, and says so", async () => {
    const path = tempDir()("killed.t2r");
    const recorder = start(process.execPath, [T2A, "record", "-q", "--headless", "-c", "yes a line of text", path]);
    await pollUntil("a block", () => existsSync(path) && statSync(path).size > 2000);
    const { seen, warnings, done } = startFollowing(path);
    await pollUntil("events", () => seen.events.length > 100);
    recorder.child.kill("SIGKILL");
    await done;
    expect(warnings.map(({ code }) => code)).toEqual(["truncated"]);
    expectSame(seen.events, await decode(path));
  });
});

describe("t2a play --follow", () => {
  const drivers: PtyDriver[] = [];
  afterEach(() => {
    for (const driver of drivers.splice(0)) driver.close();
  });

  function terminal(...args: readonly string[]): PtyDriver {
    const env = { ...process.env, HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent", SHELL: "/bin/sh", PS1: "$ " };
    const driver = new PtyDriver(process.execPath, [T2A, ...args], { env });
    drivers.push(driver);
    return driver;
  }

  /** A recorder whose command says what it is told, line by line. */
  async function recorder(path: string): Promise<PtyDriver> {
    const driver = terminal(
      "record",
      "-q",
      "--finalize",
      "wait",
      "-c",
      'while read -r line; do echo "told: $line"; done',
      path,
    );
    driver.type("early\n");
    await driver.sees("told: early");
    return driver;
  }

  it.each(["t2r", "cast", "ttyrec", "raw"])("shows the screen of a .%s in progress, then what comes", async (kind) => {
    const path = tempDir()(`live.${kind}`);
    const recording = await recorder(path);
    const follower = terminal("play", "--bare", "--follow", path);
    await follower.sees("told: early");
    recording.type("later\n");
    await follower.sees("told: later");
    follower.type(" ");
    recording.type("unseen\n");
    await recording.sees("told: unseen");
    follower.type(" ");
    await follower.sees("told: unseen");
    recording.type("\x04");
    expect((await recording.ends()).status).toBe(0);
    expect((await follower.ends()).status).toBe(0);
    expect(follower.text).toContain("::: Recording ended\r\n");
  });

  it("ends by ctrl-c while it waits, and by the recorder's death, of which it tells", async () => {
    const path = tempDir()("live.t2r");
    const recording = await recorder(path);
    const [left, stays] = [terminal("play", "-f", path), terminal("play", "--bare", "-f", path)];
    await left.sees("told: early");
    await stays.sees("told: early");
    left.type("\x03");
    expect((await left.ends()).status).toBe(0);
    expect(left.text).toContain("::: Playback interrupted");
    process.kill(recording.pty.pid, "SIGKILL");
    expect((await stays.ends()).status).toBe(0);
    expect(stays.text).toContain("::: Recording ended without an exit: nobody writes it any more\r\n");
    expect(stays.text).toContain("it was not finished");
  });

  it("plays what there is first when told to, and all of a recording that has ended", async () => {
    const path = tempDir();
    const file = path("done.t2r");
    await runCli(["record", "-q", "--headless", "-c", "printf 'one\\ntwo\\n'", file]);
    const all = await runCli(["play", "--follow", "--from-start", file]);
    expect([all.stdout, all.status]).toEqual(["one\r\ntwo\r\n", 0]);
    expect(all.stderr).toBe(`::: Following the session in ${file}\n::: Recording ended\n`);
    const screen = await runCli(["play", "--follow", "-q", file]);
    expect(screen.stdout).toMatch(/^\x1b\[H\x1b\[2J.*one.*two/s);
    expect(screen.stderr).toBe("");
  });

  it.each([
    [["--loop"], "", 2, "--loop and --follow cannot both be meant"],
    [[], "nowhere.t2r", 1, "no such file"],
    [[], "-", 2, "standard input cannot be followed while it is written: it is no file"],
    [[], "packed.cast.gz", 2, "packed.cast.gz cannot be followed while it is written: it is compressed"],
    [[], "a.typescript", 2, "a.typescript cannot be followed while it is written: it is script"],
  ])("refuses %j %s", async (args, name, code, message) => {
    const path = tempDir();
    writeFileSync(path("packed.cast.gz"), gzipSync('{"version":2,"width":80,"height":24}\n[0,"o","a"]\n'));
    await runCli(["record", "-q", "--headless", "-c", "true", path("a.typescript")]);
    const file = name === "-" || name === "" ? name : path(name);
    const { status, stderr, stdout } = await runCli(["play", "--follow", ...args, file]);
    expect([status, stdout]).toEqual([code, ""]);
    expect(stderr).toContain(message);
  });

  it("takes --from-start with --follow alone", async () => {
    const { status, stderr } = await runCli(["play", "--from-start", "x"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--from-start goes with --follow")]);
  });
});
