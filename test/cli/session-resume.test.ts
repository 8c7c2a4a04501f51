// t2a state, t2a session checkpoint, resume, restore and recover: through a real daemon, with real holders that are killed.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { daemonWorld } from "../support/daemon-world.js";
import { pollUntil } from "../support/poll-until.js";
import { PROGRAMS } from "../support/run-cli.js";

/** A user with a daemon of their own. Holders end with the test, and all that they hold. */
function user() {
  const world = daemonWorld(fileURLToPath(PROGRAMS).replace(/\/$/, ""), { SHELL: "/bin/bash", LANG: "C.UTF-8" });
  const holders = new Set<number>();
  const t2a = async (...args: string[]) => await world.cli(args);
  const ok = async (...args: string[]) => {
    const result = await t2a(...args);
    expect(result.status, result.stderr).toBe(0);
    return result.stdout;
  };
  const json = async (...args: string[]) => JSON.parse(await ok(...args, "--json"));
  const holderOf = async (session: string): Promise<number> => {
    const { live } = await json("session", "info", session);
    holders.add(live.holderPid);
    return live.holderPid;
  };
  onTestFinished(() => {
    for (const pid of holders) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // it has ended
    }
  });
  return { ...world, t2a, ok, json, holderOf };
}

describe("t2a state", () => {
  it("keeps values by key and scope", async () => {
    const { t2a, ok, json } = user();
    await ok("state", "set", "build.number", "17");
    await ok("state", "set", "a note", "see the \u001b[31mlog", "--text", "--scope", "app");
    expect(await ok("state", "get", "build.number")).toBe("17\n");
    expect(await ok("state", "get", "a note", "--scope", "app", "--text")).toBe("see the \u001b[31mlog\n");
    expect(await ok("state", "get", "a note", "--scope", "app")).not.toContain("\u001b");
    expect(await json("state", "ls", "--scope", "user")).toEqual({ "build.number": 17 });
    expect(await ok("state", "ls", "--scope", "app")).not.toContain("\u001b");
    expect(await t2a("state", "get", "nothing")).toMatchObject({ status: 1, stdout: "" });
    expect(await ok("state", "get", "nothing", "--default", "[1]")).toMatch(/^\[\s*1\s*\]\n$/);
    expect(await t2a("state", "set", "k", "no json")).toMatchObject({ status: 2 });
    expect(await t2a("state", "set", "", "1")).toMatchObject({ status: 2 });
    expect(await t2a("state", "set", "k", "1", "--scope", "session")).toMatchObject({ status: 2 });
    expect(await t2a("state", "set", "k", JSON.stringify("x".repeat(70_000)))).toMatchObject({ status: 2 });
    await ok("state", "rm", "build.number");
    expect((await t2a("state", "rm", "build.number")).status).toBe(1);
  }, 120_000);
});

describe("t2a session resume", () => {
  it("goes on with a session whose holder was killed, and recovers one whose files are damaged", async () => {
    const { ok, json, t2a, holderOf, cli, base } = user();
    const { id } = await json("session", "new", "-n", "work", "--detach", "--size", "100x20");
    const holder = await holderOf("work");
    await ok("session", "run", "work", "--", "cd /usr/share && echo 'before it was killed'");
    await ok("state", "set", "step", "3", "--session", "work");
    const inside = await cli(["state", "get", "step"], { env: { T2A_SESSION: id } });
    expect(inside.stdout).toBe("3\n");
    await ok("state", "set", "gone", "true", "--session", "work", "--scope", "temp");
    const checkpoint = await json("session", "checkpoint", "work");
    expect(checkpoint).toMatchObject({ reason: "asked", cwd: "/usr/share", isDamaged: false });
    expect(await ok("session", "checkpoints", "work")).toMatch(/NUMBER[\s\S]*asked[\s\S]*\/usr\/share/);

    process.kill(holder, "SIGKILL");
    const isInterrupted = async () => {
      const { status, stdout } = await t2a("session", "info", "work", "--json");
      return status === 0 && JSON.parse(stdout).status === "interrupted";
    };
    await pollUntil("the word of it", isInterrupted, 30_000);
    expect((await t2a("session", "resume", "work", "--rerun", "--detach")).status).toBe(2); // nobody can answer
    const resumed = await json("session", "resume");
    await holderOf("work");
    expect(resumed).toMatchObject({ id, name: "work", status: "active" });
    expect(await ok("session", "run", "work", "--", "pwd")).toBe("/usr/share\n");
    expect(await ok("session", "screen", "work")).toContain("before it was killed");
    expect(await json("state", "ls", "--session", "work")).toEqual({ step: 3 });
    expect(await json("state", "ls", "--session", "work", "--scope", "temp")).toEqual({});
    expect((await t2a("session", "resume", "work")).stderr).toContain("lives");

    await ok("session", "kill", "work");
    await pollUntil("both recordings", async () => (await json("session", "info", id)).recordings.length === 2, 60_000);
    const path = `${base}/data/t2a/sessions/${id}/session.json`;
    const before = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 700));
    await ok("library", "reindex", "-q");
    expect((await t2a("session", "restore", id, "--detach")).status).not.toBe(0);
    expect(await ok("session", "recover", id)).toBe(`${id}\n`);
    const after = JSON.parse(readFileSync(path, "utf8"));
    expect(after.recordings.map((one: { id: string }) => one.id)).toEqual(
      before.recordings.map((one: { id: string }) => one.id),
    );
    const restored = await json("session", "restore", id);
    await holderOf(id);
    expect(restored).toMatchObject({ id, status: "active" });
    expect(await ok("session", "run", id, "--", "pwd")).toBe("/usr/share\n");
    await ok("session", "kill", id);
    expect(await t2a("session", "recover", "01ARZ3NDEKTSV4RRFFQ69G5FAV")).toMatchObject({ status: 1 });
  }, 240_000);
});
