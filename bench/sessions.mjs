// How long `t2a session ls` takes beside `node -e 0` with 500 sessions alive, through a daemon that runs; and what starting the daemon costs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonClient, runtimeFolder } from "../dist/src/session/client/index.js";
import { inTurn, ratio, run, T2A, target } from "./measure.mjs";

const SESSIONS = 500;
/** Started at once. */
const AT_ONCE = 10;
const ADDED_MS = 110;

export async function* benchSessions() {
  // A socket's path is short.
  const base = mkdtempSync(join(tmpdir(), "t2b-"));
  const env = {
    ...process.env,
    HOME: base,
    XDG_RUNTIME_DIR: base,
    XDG_DATA_HOME: join(base, "data"),
    XDG_CONFIG_HOME: join(base, "config"),
    XDG_CACHE_HOME: join(base, "cache"),
  };
  const t2a = (...args) => spawnSync(process.execPath, [T2A, ...args], { env, stdio: "ignore" });
  const client = new DaemonClient({ socketPath: runtimeFolder(env).daemonSocket });
  try {
    const started = performance.now();
    t2a("daemon", "start");
    const startMs = performance.now() - started;
    yield { what: "t2a daemon start", figure: `${startMs.toFixed(0)} ms` };
    for (let at = 0; at < SESSIONS; at += AT_ONCE) {
      const wishes = Array.from({ length: AT_ONCE }, (_, n) => ({
        name: `bench-${at + n}`,
        argv: ["sleep", "100000"],
        env,
      }));
      await Promise.all(wishes.map((config) => client.createSession(config)));
    }
    const [ls, json, node] = inTurn(
      15,
      () => run(process.execPath, [T2A, "session", "ls"], { env }),
      () => run(process.execPath, [T2A, "session", "ls", "--json"], { env }),
      () => run(process.execPath, ["-e", "0"]),
    );
    for (const [what, { wall }] of [
      ["t2a session ls", ls],
      ["t2a session ls --json", json],
    ]) {
      const added = (wall - node.wall) * 1000;
      yield {
        what: `${what}, ${SESSIONS} sessions alive`,
        figure: `${(wall * 1000).toFixed(0)} ms`,
        peer: `node -e 0: ${(node.wall * 1000).toFixed(0)} ms, ${ratio(wall, node.wall)}`,
        verdict: target(added <= ADDED_MS, `${added.toFixed(0)} ms more (at most ${ADDED_MS})`),
      };
    }
  } finally {
    await client.close();
    t2a("daemon", "stop", "--force");
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
