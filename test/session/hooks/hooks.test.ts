// Hooks: programs and functions that are told, and can hurt nobody.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadSettings } from "../../../src/config/index.js";
import { type HookEvent, Hooks, type HooksOptions, hookSettings } from "../../../src/session/index.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";

const session = { id: "01JD0000000000000000000001", name: "work", status: "active", config: { template: "mine" } };

function setup(options: HooksOptions = {}) {
  const path = tempDir();
  const problems: string[] = [];
  const env = { PATH: process.env.PATH, OUT: path("out"), HOME: path("") };
  const hooks = new Hooks({ env, onProblem: (problem) => problems.push(problem), ...options });
  onTestFinished(() => hooks.close());
  const script = (name: string, text: string) => {
    writeFileSync(path(name), `#!/bin/sh\n${text}\n`);
    chmodSync(path(name), 0o700);
    return path(name);
  };
  return { path, problems, hooks, script };
}

describe("Hooks", () => {
  it("hand a program what happened as JSON, and tell it which hook and session by its environment", async () => {
    const { hooks, path, problems } = setup({
      commands: {
        onSessionStart: ["sh", "-c", 'cat > "$OUT"; echo "$0 $T2A_HOOK $T2A_SESSION" >> "$OUT"', "one word"],
      },
      now: () => Date.UTC(2026, 0, 2),
    });
    hooks.run("onSessionStart", session, { reason: 'a "word"' });
    hooks.run("onSessionEnd", session);
    await hooks.settled();
    const [json = "", words] = readFileSync(path("out"), "utf8").split("\n");
    expect(JSON.parse(json)).toEqual({
      hook: "onSessionStart",
      time: "2026-01-02T00:00:00.000Z",
      session,
      data: { reason: 'a "word"' },
    });
    expect(words).toBe(`one word onSessionStart ${session.id}`);
    expect(problems).toEqual([]);
  });

  it("run the programs of the session's template beside those of the settings, ~ being the user's folder", async () => {
    const asked: string[] = [];
    const { hooks, path, script } = setup({
      commands: { onLimit: ["~/hook", "settings"] },
      findTemplateHooks: async (template) => {
        asked.push(template);
        return { onLimit: ["~/hook", "template"] };
      },
    });
    script("hook", 'touch "$OUT-$1"');
    hooks.run("onLimit", session);
    hooks.run("onLimit", { id: session.id });
    await hooks.settled();
    expect(asked).toEqual(["mine"]);
    expect([existsSync(path("out-settings")), existsSync(path("out-template"))]).toEqual([true, true]);
  });

  it("call functions with what they cannot change, until they are taken off", async () => {
    const { hooks, problems } = setup();
    const told: HookEvent[] = [];
    const off = hooks.on("onHandoff", (event) => void told.push(event));
    hooks.on("onHandoff", () => {
      throw new Error("thrown");
    });
    hooks.on("onHandoff", async () => {
      throw new Error("rejected");
    });
    const data = { to: "reviewer" };
    hooks.run("onHandoff", session, data);
    data.to = "changed";
    off();
    hooks.run("onHandoff", session, data);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ hook: "onHandoff", data: { to: "reviewer" } });
    expect(Object.isFrozen(told[0]?.data) && Object.isFrozen(told[0]?.session)).toBe(true);
    await pollUntil("the failure is told", () => problems.length > 0);
    expect(problems).toEqual(["a function for onHandoff failed: thrown"]); // once
  });

  it.each([
    [["/nonexistent/hook"], "cannot be started: ENOENT"],
    [["sh", "-c", "exit 3"], "exited with status 3"],
    [["sh", "-c", "kill -9 $$"], "was ended by SIGKILL"],
    [["\0"], "cannot be started: ERR_INVALID_ARG_VALUE"],
  ])("report once that %j failed", async (command, reason) => {
    const { hooks, problems } = setup({ commands: { onCommandExecute: command } });
    for (let count = 0; count < 5; count++) hooks.run("onCommandExecute", { id: "x" });
    await hooks.settled();
    expect(problems).toEqual([`onCommandExecute: ${command[0]} ${reason}`]);
  });

  it("kill a program that takes too long, with what it started", async () => {
    const { hooks, problems, path } = setup({
      commands: { onTaskStart: ["sh", "-c", 'sleep 1000 & echo $! > "$OUT"; wait'] },
      timeoutMs: 300,
    });
    hooks.run("onTaskStart", session);
    await hooks.settled();
    expect(problems).toEqual(["onTaskStart: sh took longer than 300 ms and was ended"]);
    const pid = Number(readFileSync(path("out"), "utf8"));
    await pollUntil("what it started is gone", () => {
      try {
        return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
      } catch {
        return true;
      }
    });
  });

  it("take no harm from a program that reads nothing and prints without end", async () => {
    const { hooks, problems } = setup({
      commands: { onTaskComplete: ["sh", "-c", "exec <&-; head -c 1000000 /dev/zero"] },
    });
    hooks.run("onTaskComplete", session, { output: "x".repeat(1_000_000) });
    await hooks.settled();
    expect(problems).toEqual([]);
  });

  it("run four programs at once, and let go of what waits behind two hundred", async () => {
    const { hooks, problems, path } = setup({
      commands: { onCommandExecute: ["sh", "-c", 'echo x >> "$OUT"; while ! [ -e "$OUT-go" ]; do sleep 0.01; done'] },
      timeoutMs: 30_000,
    });
    for (let count = 0; count < 300; count++) hooks.run("onCommandExecute", { id: "x" });
    await pollUntil("four run", () => existsSync(path("out")) && readFileSync(path("out"), "utf8").length === 8);
    expect(problems).toEqual([expect.stringContaining("more than 200 hooks wait")]);
    const closed = hooks.close(); // what waits is dropped, what runs is waited for
    hooks.run("onCommandExecute", { id: "x" });
    writeFileSync(path("out-go"), "");
    await closed;
    expect(readFileSync(path("out"), "utf8")).toBe("x\n".repeat(4));
  });

  it("are taken from the settings", async () => {
    const path = tempDir();
    const env = {
      HOME: path("home"),
      XDG_CONFIG_DIRS: path("none"),
      T2A_HOOKS_ON_LIMIT: "~/tell",
      T2A_HOOKS_TIMEOUT: "1.5",
    };
    expect(hookSettings((await loadSettings(env)).values)).toEqual({
      commands: { onLimit: ["~/tell"] },
      timeoutMs: 1500,
    });
  });
});
