// Measuring whole processes: wall and CPU seconds, peak memory, medians of runs taken in turn.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const T2A = fileURLToPath(new URL("../bin/t2a.js", import.meta.url));

/** Whether a program is installed. */
export function has(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** One run: `{ wall, cpu, rssMb, stdout }`. `oneCore` pins it to a single processor. */
export function run(command, args, { oneCore = false, input, env } = {}) {
  const pinned = oneCore && has("taskset") ? ["taskset", "-c", "0", command, ...args] : [command, ...args];
  const timed = existsSync("/usr/bin/time") ? ["/usr/bin/time", "-f", "\n@%e %U %S %M", ...pinned] : pinned;
  const started = process.hrtime.bigint();
  const result = spawnSync(timed[0], timed.slice(1), {
    input,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 30,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${result.status}: ${result.stderr}`);
  const [, user = "0", sys = "0", rss = "0"] = /@\S+ (\S+) (\S+) (\S+)\s*$/.exec(result.stderr.toString()) ?? [];
  return { wall, cpu: Number(user) + Number(sys), rssMb: Number(rss) / 1024, stdout: result.stdout };
}

/** Runs several commands in turn, A B A B, and gives the median run of each by wall time; the first round does not count. */
export function inTurn(runs, ...commands) {
  const results = commands.map(() => []);
  for (let i = 0; i <= runs; i++)
    for (const [n, command] of commands.entries())
      if (i === 0) command();
      else results[n].push(command());
  return results.map((list) => list.sort((a, b) => a.wall - b.wall)[Math.floor(list.length / 2)]);
}

export const ratio = (a, b) => `${(a / b).toFixed(2)}x`;
export const target = (ok, text) => `${ok ? "ok" : "MISSED"}: ${text}`;
