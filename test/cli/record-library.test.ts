// t2a record without FILE: into the spool, then the library; whatever is killed when, nothing is lost and nothing is there twice.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** A user with a data folder of their own. */
function user() {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache") };
  const spool = path("data/t2a/spool");
  const t2a = (...args: string[]) => runCli(args, { env });
  const list = async (...args: string[]) => JSON.parse((await t2a("ls", "--json", ...args)).stdout);
  const rec = (...args: string[]) => t2a("record", "--headless", "-q", ...args);
  const inPty = (...args: string[]) => {
    const terminal = new PtyDriver(process.execPath, [T2A, ...args], { env: { ...process.env, ...env } });
    onTestFinished(() => terminal.close());
    return terminal;
  };
  const collector = (): ChildProcess =>
    spawn(process.execPath, [T2A, "library", "collect", "-q"], { env: { ...process.env, ...env }, stdio: "ignore" });
  const spooled = () => (existsSync(spool) ? readdirSync(spool) : []);
  return { path, env, spool, spooled, t2a, list, rec, inPty, collector };
}

describe("t2a record without FILE", () => {
  it("keeps the recording in the library, and says as what", async () => {
    const { t2a, list, spooled, path } = user();
    const result = await t2a(
      "record",
      "--headless",
      "--finalize",
      "wait",
      "--name",
      "my name",
      "--tag",
      "a",
      "--tag",
      "b",
      "-c",
      "echo hi; exit 3",
    );
    expect(result.status).toBe(0);
    const [session] = await list();
    expect(result.stderr).toBe(
      `::: Recording session started, writing to the library\n::: Recording session ended: kept as ${session.id} (t2a play @last)\n`,
    );
    expect(session).toMatchObject({
      name: "my name",
      tags: ["a", "b"],
      status: "failed",
      exitStatus: 3,
      config: { command: "echo hi; exit 3", cwd: process.cwd(), cols: 80, rows: 24 },
      stats: { outputBytes: 4 },
    });
    expect(session.recordings).toHaveLength(1);
    expect(spooled()).toEqual([]);
    expect((await t2a("play", "@last")).stdout).toBe("hi\r\n");
    const [recording] = session.recordings;
    expect(statSync(path(`data/t2a/sessions/${session.id}/${recording.name}`)).mode & 0o777).toBe(0o600);
  });

  it("finishes it in the background, and lists it from its first moment", async () => {
    const { inPty, list, spooled, spool } = user();
    const terminal = inPty("record", "-c", "echo begun; read x; echo $x");
    await terminal.sees("begun");
    const [note] = spooled().filter((name) => name.endsWith(".json"));
    expect(statSync(`${spool}/${note}`).mode & 0o777).toBe(0o600);
    expect(await list()).toMatchObject([{ status: "active", recordings: [] }]);
    terminal.type("typed\r");
    await terminal.sees(/kept as [0-9A-Z]{26} \(t2a play @last\)/);
    await terminal.ends();
    expect(await list()).toMatchObject([{ id: note?.slice(0, 26) }]);
    await pollUntil("the empty spool", () => spooled().length === 0);
    expect(await list()).toMatchObject([{ id: note?.slice(0, 26), status: "completed" }]);
  });

  it("is played under its session's name", async () => {
    const { inPty, t2a } = user();
    await t2a(
      "record",
      "--headless",
      "--finalize",
      "wait",
      "--name",
      "my session",
      "-c",
      "echo begun; sleep 1; echo over",
    );
    const terminal = inPty("play", "--speed", "0.1", "@last");
    await terminal.sees("my session");
    terminal.type("q");
    await terminal.ends();
  });

  it("refuses before it starts where nothing can be written, and says what to do", async () => {
    const { t2a, path } = user();
    writeFileSync(path("data"), "");
    const { status, stderr } = await t2a("record", "--headless", "-c", `touch ${path("started")}`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot write the library's folder .*XDG_DATA_HOME/);
    expect(existsSync(path("started"))).toBe(false);
  });

  it("leaves the recording whole in the spool where the store cannot be reached, says so, and moves it another time", async () => {
    const { t2a, list, path, spooled } = user();
    writeFileSync(path("blocked"), "");
    const store = `file://${path("blocked")}/store`;
    const { status, stderr } = await t2a(
      "record",
      "--headless",
      "--store",
      store,
      "--finalize",
      "wait",
      "-c",
      "echo kept",
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/!!! the recording is whole, and waits in the spool/);
    expect(spooled().filter((name) => name.endsWith(".t2r"))).toHaveLength(1);
    expect(await list()).toEqual([]); // it is another store's
    rmSync(path("blocked"));
    mkdirSync(path("blocked"));
    chmodSync(path("blocked"), 0o700);
    expect((await t2a("library", "stats", "--store", store)).status).toBe(0);
    expect(await list("--store", store)).toMatchObject([{ config: { command: "echo kept" } }]);
    expect(spooled()).toEqual([]);
  });

  it("with a FILE keeps out of the library, and says which options go with it", async () => {
    const { rec, list, path, t2a } = user();
    await rec("-c", "true", path("a.cast"));
    expect(await list()).toEqual([]);
    for (const option of [
      ["--name", "x"],
      ["--tag", "x"],
      ["--store", "/x"],
    ]) {
      const { status, stderr } = await t2a("record", "-c", "true", ...option, path("b.cast"));
      expect([status, stderr]).toEqual([2, expect.stringContaining("goes with the library")]);
    }
    expect((await rec("--append", "-c", "true")).status).toBe(2);
  });

  it("applies the policy of the settings after each recording, and none by default", async () => {
    const { env, list } = user();
    for (let i = 0; i < 4; i++)
      await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", `echo ${i}`], { env });
    expect(await list()).toHaveLength(4);
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo 4"], {
      env: { ...env, T2A_STORE_PRUNE_KEEP: "2" },
    });
    expect((await list()).map(({ name }: { name: string }) => name)).toEqual(["echo 4", "echo 3"]);
  });
});

describe("kill -9", () => {
  it("of the recorder loses nothing that was shown: the next command moves it, as interrupted", async () => {
    const { inPty, list, t2a, spooled } = user();
    const terminal = inPty("record", "-q", "-c", 'i=0; while :; do i=$((i+1)); echo "line $i of many"; done');
    await pollUntil("output", () => terminal.bytes.length > 100_000);
    process.kill(terminal.pty.pid, "SIGKILL");
    await terminal.ends();
    const shown = terminal.text.slice(terminal.text.indexOf("line 1 "));
    await t2a("library", "stats");
    expect(spooled()).toEqual([]);
    const [session, ...others] = await list();
    expect([session.status, others]).toEqual(["interrupted", []]);
    const { stdout } = await t2a("convert", "-q", "-f", "raw", "@last", "-");
    expect(stdout.startsWith(shown.slice(0, -100))).toBe(true);
  });

  it("of the recorder before anything was shown leaves nothing, or a recording", async () => {
    const { inPty, list, t2a, spooled, spool } = user();
    for (let i = 0; i < 4; i++) {
      const terminal = inPty("record", "-q", "-c", "sleep 60");
      const before = spooled().length;
      await pollUntil("a note", () => spooled().length > before);
      if (i % 2 === 1)
        await pollUntil("a recording", () =>
          spooled().some((name) => name.endsWith(".t2r") && statSync(`${spool}/${name}`).size > 0),
        );
      process.kill(terminal.pty.pid, "SIGKILL");
      await terminal.ends();
      await t2a("library", "collect", "-q");
      expect(spooled()).toEqual([]);
    }
    for (const { status } of await list()) expect(status).toBe("interrupted");
  });

  it("of the collector, at any moment, loses nothing and makes nothing twice", async () => {
    const { rec, list, t2a, collector, spooled, path } = user();
    const ROUNDS = 8;
    for (let i = 0; i < ROUNDS; i++) {
      await rec("--finalize", "never", "-c", `seq ${2000 * (i + 1)}`, "--name", `r${i}`);
      const child = collector();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      // Some die before they begin, some in their midst, some when all is done.
      const wait = (i / ROUNDS) * 900;
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, wait))]);
      child.kill("SIGKILL");
      await ended;
    }
    await t2a("library", "stats");
    expect(spooled()).toEqual([]);
    const sessions = await list();
    expect(sessions.map(({ name }: { name: string }) => name).sort()).toEqual(
      Array.from({ length: ROUNDS }, (_, i) => `r${i}`),
    );
    for (const { id, name, recordings } of sessions) {
      const [recording, ...others] = recordings;
      expect(others).toEqual([]);
      const files = readdirSync(path(`data/t2a/sessions/${id}`)).sort();
      expect(files).toEqual([recording.name, "session.json"].sort());
      expect((await t2a("verify", id)).status).toBe(0);
      const lines = (await t2a("convert", "-q", "-f", "raw", id, "-")).stdout.trim().split("\r\n");
      expect(lines).toHaveLength(2000 * (Number(name.slice(1)) + 1));
    }
  });

  it("of nobody: four collectors at once do each thing once", async () => {
    const { rec, list, collector, spooled } = user();
    for (let i = 0; i < 3; i++) await rec("--finalize", "never", "-c", `seq ${i}`);
    const children = Array.from({ length: 4 }, collector);
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("exit", resolve))));
    await pollUntil("the empty spool", () => spooled().length === 0);
    expect(await list()).toHaveLength(3);
  });
});
