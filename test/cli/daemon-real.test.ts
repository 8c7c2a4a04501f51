// The daemon as it is: real holders, real shells. It is killed, replaced and ended; sessions live on until they are ended.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AttachMessage } from "../../src/session/index.js";
import { daemonWorld, isAlive } from "../support/daemon-world.js";
import { pollUntil } from "../support/poll-until.js";
import { missing, titled } from "../support/programs.js";
import { PROGRAMS } from "../support/run-cli.js";

const reason = missing("bash");

/** A world whose holders end with the test. */
function realWorld() {
  const world = daemonWorld(fileURLToPath(PROGRAMS).replace(/\/$/, ""), { SHELL: "/bin/bash", LANG: "C.UTF-8" });
  const holders = new Set<number>();
  onTestFinished(async () => {
    for (const pid of holders) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await pollUntil("the holders' end", () => ![...holders].some(isAlive));
  });
  const connect = () => {
    const client = world.connect();
    const note = async () => {
      const about = await client.stats();
      for (const { pid } of about.holders) holders.add(pid);
      return about;
    };
    return { client, note };
  };
  return { ...world, holders, connect };
}

describe("the daemon with real sessions", () => {
  it.skipIf(reason !== undefined)(
    titled("is killed, and its sessions live on, with their screens and who is attached", reason),
    async () => {
      const { env, connect, pid, cli, holders } = realWorld();
      const { client, note } = connect();
      const { id } = await client.createSession({ name: "kept", env, cols: 90, rows: 20 });
      const first = await note();
      expect(first).toMatchObject({ sessions: 1, holders: [{ sessions: 1 }] });
      expect((await client.wait(id, { prompt: true, timeoutMs: 20_000 })).reason).toBe("prompt");
      const ran = await client.runCommand(id, "echo before; (exit 7)");
      expect(ran).toMatchObject({ exitStatus: 7, output: expect.stringContaining("before") });
      const attachment = await client.attach(id, { cols: 90, rows: 20 });
      const seen: AttachMessage[] = [];
      const done = (async () => {
        for await (const message of attachment.messages) seen.push(message);
      })();
      await pollUntil("the screen", () => seen.some(({ type }) => type === "screen"));
      process.kill(first.pid, "SIGKILL");
      await pollUntil("the screen again", () => seen.filter(({ type }) => type === "screen").length === 2, 20_000);
      expect(pid()).not.toBe(first.pid);
      expect((await client.screen(id)).lines.join("\n")).toContain("before");
      attachment.send(Buffer.from("echo aft''er\r"));
      expect((await client.wait(id, { text: "^after", timeoutMs: 20_000 })).reason).toBe("text");

      const restarted = await cli(["daemon", "restart", "--json"]);
      expect(JSON.parse(restarted.stdout)).toMatchObject({ sessions: 1, holders: first.holders });
      await pollUntil("the screen again", () => seen.filter(({ type }) => type === "screen").length === 3, 20_000);
      const refused = await cli(["daemon", "stop"]);
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("--force") });
      expect(await cli(["daemon", "stop", "--force"])).toMatchObject({ status: 0 });
      await done;
      expect(seen.at(-1)?.type).toBe("exit");
      expect(pid()).toBeUndefined();
      await pollUntil("the holders' end", () => ![...holders].some(isAlive));
      // What was recorded comes into the library, by itself.
      await pollUntil(
        "the recording",
        async () => {
          const listed = await cli(["ls", "--json"]);
          const [session] = JSON.parse(listed.stdout) as { readonly recordings: readonly unknown[] }[];
          return session?.recordings.length === 1;
        },
        20_000,
      );
      const [session] = JSON.parse((await cli(["ls", "--json"])).stdout);
      expect(session).toMatchObject({ id, name: "kept", commandCount: 2 });
    },
  );

  it("says what is wrong with the settings or the store to the command that starts it", async () => {
    const { cli } = realWorld();
    const settings = await cli(["daemon", "start"], { env: { T2A_SESSION_PER_HOLDER: "none" } });
    expect(settings).toMatchObject({ status: 2, stderr: expect.stringContaining("T2A_SESSION_PER_HOLDER") });
    const store = await cli(["daemon", "start"], { env: { T2A_STORE: "gopher://x" } });
    expect(store).toMatchObject({ status: 2, stderr: expect.stringContaining("gopher") });
    expect((await cli(["daemon", "logs", "--json"])).stdout).toContain('"level":"fatal"');
  });

  it.skipIf(reason !== undefined)(
    titled("says once that a holder is silent, finds its session when it goes on, and starts others meanwhile", reason),
    async () => {
      const { env, connect, cli, holders, runtime } = realWorld();
      const { client, note } = connect();
      const { id } = await client.createSession({ name: "stopped", env });
      await note();
      const [pid = 0] = holders;
      onTestFinished(() => void (isAlive(pid) && process.kill(pid, "SIGCONT")));
      process.kill(pid, "SIGSTOP");
      expect((await cli(["daemon", "restart"])).status).toBe(0);
      const told = readFileSync(runtime.daemonLog, "utf8")
        .split("\n")
        .filter((line) => line.includes("T2A_HOLDER"));
      expect(told).toHaveLength(1);
      await client.createSession({ name: "other", env });
      await note();
      process.kill(pid, "SIGCONT");
      await pollUntil("it is found", async () => (await client.listActive()).some((session) => session.id === id));
      for (const one of await client.listActive()) await client.killSession(one.id);
      await cli(["daemon", "stop"]);
    },
    60_000,
  );
});
