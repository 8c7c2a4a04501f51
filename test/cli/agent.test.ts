// t2a agent: as a user has it, with the daemon that the first command starts.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { runCli } from "../support/run-cli.js";

/** A user with a daemon of their own, which ends with the test. */
function user() {
  const base = mkdtempSync(join(tmpdir(), "t2g-")); // a socket's path has 107 bytes at most
  const path = (name: string) => join(base, name);
  const env = {
    HOME: base,
    SHELL: "/bin/sh",
    XDG_RUNTIME_DIR: base,
    XDG_DATA_HOME: path("data"),
    XDG_CACHE_HOME: path("cache"),
    XDG_CONFIG_HOME: path("config"),
  };
  const t2a = (...args: string[]) => runCli(args, { env });
  const json = async (...args: string[]) => JSON.parse((await t2a(...args, "--json")).stdout);
  onTestFinished(async () => {
    const status = await t2a("daemon", "status", "--json");
    if (status.status === 0) {
      const { pid, holders } = JSON.parse(status.stdout);
      for (const { id } of await json("session", "ls")) await t2a("session", "kill", id);
      await t2a("daemon", "stop", "--force");
      const pids: number[] = [pid, ...holders.map((holder: { readonly pid: number }) => holder.pid)];
      for (const one of pids) {
        try {
          process.kill(one, "SIGKILL");
        } catch {
          // it has ended
        }
      }
      await pollUntil("their end", () => pids.every((one) => !existsSync(`/proc/${one}/exe`)));
    }
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  });
  return { base, path, env, t2a, json };
}

it("agents pass work on from the command line, and each step can be asked for", async () => {
  const { path, t2a, json } = user();
  writeFileSync(path("context.json"), '{"previousResults": [{"ok": true}], "style": "plain"}');
  const first = await json(
    ...["agent", "spawn", "CodeGenAgent", "--purpose", "write it", "--issue", "7", "--phase", "CodeGeneration"],
    ...["--context", path("context.json"), "-c", `echo made; touch ${path("made")}; sleep 600`],
  );
  expect(first).toMatchObject({ name: "CodeGenAgent", status: "active", context: { issueNumber: 7, style: "plain" } });
  await pollUntil("its work", () => existsSync(path("made")));
  const second = await json(
    ...["agent", "handoff", "CodeGenAgent", "ReviewAgent", "--phase", "Review"],
    ...["-c", `cp "$T2A_HANDOFF" ${path("bundle.new")}; mv ${path("bundle.new")} ${path("bundle")}; sleep 600`],
  );
  expect(second).toMatchObject({ name: "ReviewAgent", status: "active", parent: first.id });
  await pollUntil("its bundle", () => existsSync(path("bundle")));
  expect(JSON.parse(readFileSync(path("bundle"), "utf8"))).toMatchObject({
    from: { id: first.id, agent: "CodeGenAgent" },
    context: { issueNumber: 7, currentPhase: "Review", style: "plain" },
    results: [{ ok: true }],
    screen: { lines: expect.arrayContaining(["made"]) },
  });
  expect(JSON.parse((await t2a("agent", "claim", "ReviewAgent")).stdout)).toMatchObject({ to: { id: second.id } });
  expect(await t2a("agent", "claim", "ReviewAgent")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("it was claimed at"),
  });
  expect((await t2a("agent", "handoff", "ReviewAgent", "alice", "--live", "--purpose", "look at it")).status).toBe(0);
  const third = (await t2a("agent", "handoff", "ReviewAgent", "TestAgent", "--", "sleep", "600")).stdout.trim();
  expect((await t2a("agent", "lineage", third)).stdout).toBe(
    "1: CodeGenAgent (handed_off)\n  2: alice (handed_off, before: ReviewAgent)\n    3: TestAgent (active)\n",
  );
  expect(await json("agent", "lineage", third)).toMatchObject([{ depth: 0 }, { depth: 1 }, { id: third, depth: 2 }]);
  expect((await json("agent", "ls", "--active")).map(({ id }: { id: string }) => id)).toEqual([third]);
  writeFileSync(path("result.json"), '{"passed": 12}');
  expect((await t2a("agent", "complete", third, "--result", path("result.json"))).status).toBe(0);
  expect(await t2a("agent", "fail", third, "--error", "late")).toMatchObject({
    status: 1,
    stderr: `t2a: the session TestAgent (${third}) cannot fail: it is completed\n`,
  });
  expect(await json("agent", "stats")).toMatchObject({ total: 3, active: 0, handedOff: 2, completed: 1, failed: 0 });
  expect((await json("agent", "summary", third)).completed).toHaveLength(3);
  expect((await t2a("agent", "log", "CodeGenAgent")).stdout).toBe("made\n");
  expect((await t2a("agent", "ls")).stdout).toMatch(/TestAgent +completed/);
  expect((await t2a("agent", "ls")).stdout).toMatch(/ReviewAgent +alice +handed_off/);
}, 60_000);

it("says what a session is called whose agent's name another one has", async () => {
  const { t2a, json } = user();
  expect(await t2a("agent", "spawn", "Coder", "--detach", "-c", "sleep 600")).toMatchObject({ status: 0, stderr: "" });
  const second = await t2a("agent", "spawn", "Coder", "--detach", "-c", "sleep 600");
  expect(second.stderr).toBe("::: a live session is called Coder already: this one is Coder-2\n");
  expect(second.stdout).toMatch(/^[0-9A-Z]{26}\n$/);
  const third = await t2a("agent", "spawn", "Coder", "--json", "-c", "sleep 600");
  expect(third.stderr).toBe("");
  expect(JSON.parse(third.stdout)).toMatchObject({ name: "Coder-3", agent: "Coder" });
  const next = await t2a("agent", "handoff", "Coder-3", "Coder", "-c", "sleep 600");
  expect(next.stderr).toBe("::: a live session is called Coder already: this one is Coder-4\n");
  expect(await t2a("session", "new", "-n", "Coder", "--detach")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("a live session is called Coder already: choose another name"),
  });
  expect((await json("agent", "ls")).length).toBe(4);
}, 60_000);

it("what is wrong is said before anything is started", async () => {
  const { path, t2a, base } = user();
  writeFileSync(path("bad.json"), "{");
  writeFileSync(path("list.json"), "[]");
  const refused = async (...args: string[]) => {
    const { status, stderr } = await t2a("agent", ...args);
    expect(status).toBe(2);
    return stderr;
  };
  expect(await refused("spawn", "A", "--context", path("bad.json"))).toContain("holds no JSON");
  expect(await refused("spawn", "A", "--context", path("list.json"))).toContain("no JSON object");
  expect(await refused("spawn", "A", "--issue", "x")).toContain("whole number");
  expect(await refused("spawn", "A", "-c", "a", "--", "b")).toContain("cannot both be meant");
  expect(await refused("handoff", "a", "b", "--live", "--", "c")).toContain("nothing is started");
  expect(await refused("fail", "a")).toContain("--error");
  expect(await refused("lineage")).toContain("name a session");
  expect(existsSync(join(base, "t2a/daemon.sock"))).toBe(false);
});

it("every command has help with examples", async () => {
  for (const name of ["spawn", "handoff", "claim", "complete", "fail", "ls", "lineage", "summary", "stats", "log"]) {
    expect((await runCli(["agent", name, "--help"])).stdout).toContain("Examples:");
  }
  expect((await runCli(["completion", "bash"])).stdout).toContain("agent");
});
