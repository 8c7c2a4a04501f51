// t2a import-history and the library: what is kept, found, analyzed, and left out.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const seconds = (daysAgo: number) => Math.floor(Date.now() / 1000 - daysAgo * 86_400);

/** A user with a history of two commands, one of them years old. */
function user(more: Readonly<Record<string, string>> = {}) {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache"), HOME: path("home"), ...more };
  const file = path(".zsh_history");
  writeFileSync(file, `: 1500000000:3;make all\n: ${seconds(2)}:5;docker ps\n`);
  const run = (args: readonly string[], stdin = "") => runCli(args, { env, stdin });
  const sessions = async () => JSON.parse((await run(["ls", "--json"])).stdout) as Record<string, unknown>[];
  return { path, env, file, run, sessions };
}

describe("t2a import-history keeps a history in the library", () => {
  it("prints it all the same, and says in a line where it is", async () => {
    const { run, file, sessions } = user();
    const printed = await run(["import-history", "--no-keep", file]);
    expect([printed.status, printed.stderr, await sessions()]).toEqual([0, "", []]);
    const kept = await run(["import-history", file, "--tag", "work"]);
    const [session] = await sessions();
    expect(kept).toMatchObject({
      status: 0,
      stdout: printed.stdout,
      stderr: `::: 2 commands kept as ${session?.id} (t2a search 'kind:command session:${session?.id} ...')\n`,
    });
    expect(session).toMatchObject({
      name: expect.stringMatching(/^zsh history of .+@.+$/),
      ...{ tags: ["history", "work"], commandCount: 2, lastCommand: "docker ps", recordings: [] },
    });
  });

  it("keeps one session however often and under whichever name it is imported", async () => {
    const { run, file, path, sessions } = user();
    await run(["import-history", file]);
    symlinkSync(file, path("link"));
    expect((await run(["import-history", "--shell", "zsh", path("link")])).stderr).toContain("has them already");
    appendFileSync(file, `: ${seconds(1)}:1;kubectl get pods\n`);
    expect((await run(["import-history", file, "--name", "mine"])).stderr).toContain("3 commands kept");
    expect(await sessions()).toMatchObject([{ name: "mine", commandCount: 3, lastCommand: "kubectl get pods" }]);
    expect((await run(["library", "fsck"])).status).toBe(0);
    await run(["rm", "--yes", "mine"]);
    expect((await run(["import-history", file])).stderr).toContain("t2a library undelete");
  });

  it("keeps nothing of an empty history, and prints what a store does not take", async () => {
    const { run, path, sessions } = user();
    expect(await run(["import-history", "-"])).toMatchObject({ status: 0, stdout: "[]\n", stderr: "" });
    expect(await sessions()).toEqual([]);
    writeFileSync(path("data"), "no folder");
    const failed = await run(["import-history", "-"], "ls\n");
    expect([failed.status, JSON.parse(failed.stdout)]).toMatchObject([1, [{ line: "ls" }]]);
    expect(failed.stderr).toMatch(/^t2a: .*\n$/);
  });

  it("loses nothing where the reader of its output goes away", async () => {
    const { env, path, sessions } = user();
    writeFileSync(path("long"), `${Array.from({ length: 5000 }, (_, at) => `echo ${at}`).join("\n")}\n`);
    const child = spawn(process.execPath, [T2A, "import-history", path("long")], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout.once("data", () => child.stdout.destroy());
    await once(child, "exit");
    expect(await sessions()).toMatchObject([{ commandCount: 5000 }]);
  });

  it("is found by its lines, and shown, since there is nothing to play", async () => {
    const { run, file, sessions } = user();
    await run(["import-history", file]);
    const [session] = await sessions();
    const found = await run(["search", "kind:command", "docker"]);
    expect([found.status, found.stdout]).toEqual([
      0,
      expect.stringMatching(/^zsh history of .+ {2}command\n {2}docker ps\n {2}t2a show \w{10}\n$/),
    ]);
    const [hit] = JSON.parse((await run(["search", "--json", "make", "during:2017-07"])).stdout);
    expect(hit).toMatchObject({ sessionId: session?.id, recordingId: null, kind: "command", timeNs: 0 });
    expect((await run(["show", "@last"])).stdout).toMatch(/\nhistory +\w{26}\.commands-[0-9a-f]{16}\.json /);
    for (const command of ["play", "info", "screen", "commands", "verify"]) {
      const { status, stderr } = await run([command, "@last"]);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^t2a: the session \w{26} has no recording, .*\n$/)]);
    }
  });

  it.each(["file", "sqlite"])("is analyzed by name and as part of the library: %s", async (driver) => {
    const folder = tempDir();
    const { run, file, path } = user({ T2A_STORE: `${driver}://${folder("store.db")}` });
    const header = { version: 2, width: 80, height: 24, timestamp: seconds(3) };
    writeFileSync(path("a.cast"), `${JSON.stringify(header)}\n[1, "o", "x"]\n`);
    await run(["library", "add", path("a.cast")]);
    await run(["import-history", file]);
    const all = JSON.parse((await run(["analyze", "--format", "json"])).stdout);
    expect([all.files.analyzed, all.commands.totals.commands]).toEqual([2, 1]);
    const named = await run([
      "analyze",
      "--format",
      "json",
      JSON.parse((await run(["ls", "--json", "--tag", "history"])).stdout)[0].id,
    ]);
    expect(JSON.parse(named.stdout)).toMatchObject({ files: { analyzed: 1 }, commands: { totals: { commands: 2 } } });
  });
});
