// t2a run: one task recorded, with its status, how long it took and why it failed; and no daemon for it.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openRecording } from "../../formats/index.js";
import { type Event, eachEvent, parseTask } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { ANALYSIS_SCHEMA } from "../analyze/report-schema.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

/** A user with a library and a runtime folder of their own. */
function user() {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache"), XDG_RUNTIME_DIR: path("run") };
  const t2a = (...args: string[]) => runCli(args, { env });
  const run = (...args: string[]) => t2a("run", "--headless", "-q", "--finalize", "wait", ...args);
  const list = async (...args: string[]) => JSON.parse((await t2a("ls", "--json", ...args)).stdout);
  const events = async ({ id, recordings }: { id: string; recordings: readonly { readonly name: string }[] }) => {
    const source = await openFileSource(path(`data/t2a/sessions/${id}/${recordings[0]?.name}`));
    const recording = await openRecording(source);
    const all: Event[] = [];
    for await (const event of eachEvent(recording)) all.push(event);
    await recording.close();
    return all;
  };
  return { path, t2a, run, list, events };
}

describe("t2a run", () => {
  it("keeps the task in the library, with its command, status and duration, and starts no daemon", async () => {
    const { path, run, list, events } = user();
    expect(await run("--task", "build", "--tag", "ci", "--", "echo", "two words", "$HOME")).toMatchObject({
      status: 0,
      stderr: "",
    });
    const [session] = await list("--tag", "task:build");
    const command = "echo 'two words' '$HOME'";
    expect(session).toMatchObject({
      name: "build",
      status: "completed",
      exitStatus: 0,
      tags: ["task", "task:build", "ci"],
      config: { command },
      state: { session: { "t2a.task": { task: "build", command } } },
    });
    expect(session.error).toBeUndefined();
    const all = await events(session);
    expect(all.map(({ kind }) => kind)).toEqual(["custom", "output", "custom", "exit"]);
    const tasks = all.map(parseTask).filter((task) => task !== undefined);
    expect(tasks).toEqual([
      { state: "start", task: "build", command },
      { state: "end", task: "build", command, status: "completed", exitStatus: 0, durationNs: all.at(-1)?.time },
    ]);
    expect(Buffer.concat(all.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString()).toBe(
      "two words $HOME\r\n",
    );
    expect(existsSync(path("run"))).toBe(false);
  });

  it("is what t2a analyze tells of: how tasks ended, how long they took, why they failed", async () => {
    const { path, run, t2a } = user();
    await run("--task", "build", "--", "exit 3");
    await run("--task", "build", "--", "true");
    await run("--", "kill -9 $$");
    await t2a("record", "--headless", "-q", "--finalize", "wait", "-c", "echo no task", path("plain.t2r"));
    const { stdout, status } = await t2a("analyze", "--format", "json");
    expect(status).toBe(0);
    const { tasks } = JSON.parse(stdout);
    expect(ANALYSIS_SCHEMA.parse(JSON.parse(stdout)).tasks).toEqual(tasks);
    expect(tasks.counts).toEqual({ total: 3, completed: 1, failed: 2, unfinished: 0 });
    expect(tasks.tasks).toMatchObject([
      { task: "build", command: "true", runs: 2, failed: 1, last: "completed" },
      { task: "kill -9 $$", runs: 1, failed: 1, last: "failed" },
    ]);
    expect(tasks.runs).toMatchObject([
      { task: "build", command: "exit 3", status: "failed", exitStatus: 3, error: "exited with status 3" },
      { task: "build", command: "true", status: "completed", exitStatus: 0, error: null },
      { task: null, status: "failed", signal: "SIGKILL", error: "ended by SIGKILL" },
    ]);
    for (const { durationNs, startedAt } of tasks.runs) {
      expect(durationNs).toBeGreaterThan(0);
      expect(startedAt).toMatch(/^20/);
    }
    const text = (await t2a("analyze")).stdout;
    expect(text).toMatch(/^Tasks ─/m);
    expect(text).toContain("exited with status 3");
    for (const format of ["csv", "markdown", "html"])
      expect((await t2a("analyze", "--format", format)).stdout).toContain("exited with status 3");
    const plain = await t2a("analyze", path("plain.t2r"), "--format", "json");
    expect(JSON.parse(plain.stdout)).not.toHaveProperty("tasks");
    expect((await t2a("analyze", path("plain.t2r"))).stdout).not.toMatch(/^Tasks/m);
  });

  it("exits with the command's status, and says why it failed", async () => {
    const { run, list } = user();
    expect((await run("--", "echo no; exit 3")).status).toBe(3);
    expect((await list())[0]).toMatchObject({
      status: "failed",
      exitStatus: 3,
      error: "exited with status 3",
      tags: ["task"],
    });
    expect((await run("--", "kill -TERM $$")).status).toBe(143);
    expect((await list())[0]).toMatchObject({ status: "failed", error: "ended by SIGTERM" });
    expect((await run("--", "no-such-program-here", "x")).status).toBe(127);
    expect((await list())[0]).toMatchObject({ error: "exited with status 127: no such program" });
  });

  it("refuses what is no task", async () => {
    const { run, t2a } = user();
    expect((await run("--", " ")).status).toBe(2);
    expect((await run("--task", "a\nb", "--", "true")).status).toBe(2);
    expect((await t2a("run")).status).toBe(2);
  });

  it("is not kept from running by a name", async () => {
    const { run, list } = user();
    await run("--task", "a", "--name", "my name", "--", "true");
    expect(await list()).toMatchObject([{ name: "my name", tags: ["task", "task:a"] }]);
  });
});

describe("what a recording says of its task", () => {
  it.each([
    ["no JSON", "x"],
    ["no object", "1"],
    ["no command", '{"state": "start"}'],
    ["no state", '{"command": "a"}'],
    ["no status", '{"state": "end", "command": "a", "exitStatus": 0, "durationNs": 1}'],
    ["no time", '{"state": "end", "command": "a", "status": "failed", "exitStatus": 0, "durationNs": -1}'],
  ])("is not believed where it is rubbish: %s", (_, json) => {
    expect(parseTask({ kind: "custom", time: 0, code: "t2a.task", data: Buffer.from(json) })).toBeUndefined();
  });
});
