// A reboot: everything is killed at once and the runtime folder is gone; sessions are interrupted, and come back with folder, screen and scrollback.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { expect, findCwd, House, isAlive, kill, until } from "./house.mjs";
import { startTalkers } from "./talkers.mjs";

const LINES = 200;
const RATE = 500;

export async function reboot() {
  const house = new House();
  try {
    const client = house.client();
    const cwd = house.path("work");
    mkdirSync(cwd);
    const shell = await client.createSession({ name: "shell", cwd: house.base, env: house.env });
    await client.wait(shell.id, { prompt: true, timeoutMs: 30_000 });
    await client.runCommand(shell.id, `cd ${cwd}`);
    await client.runCommand(shell.id, `for n in $(seq ${LINES}); do echo "row $n of the work"; done`);
    const [talker] = await startTalkers(house, client, 1, RATE);
    await until("lines of a program", () => talker.number > RATE);
    const before = await client.screen(shell.id);
    await client.close();

    const pids = house.processes();
    for (const pid of pids) kill(pid);
    await until("the end of all", () => pids.every((pid) => !isAlive(pid)));
    for (const name of readdirSync(house.env.XDG_RUNTIME_DIR)) {
      rmSync(`${house.env.XDG_RUNTIME_DIR}/${name}`, { recursive: true });
    }

    const listed = await house.json("session", "ls");
    const states = [shell.id, talker.info.id].map((id) => listed.find((one) => one.id === id)?.status);
    expect(
      states.every((status) => status === "interrupted"),
      `t2a session ls shows ${states.join(", ")}`,
    );
    const resumed = await house.json("session", "resume", shell.id, "--detach");
    const again = house.client();
    await again.wait(shell.id, { prompt: true, timeoutMs: 30_000 });
    const after = await again.screen(shell.id);
    // The prompt of the new shell is below what was there, which has moved up by as much as it takes.
    const [old, now] = [before, after].map(({ lines }) => lines.filter((line) => line !== ""));
    const kept = old.filter((line) => now.includes(line)).length;
    const isInPlace = old.length - kept <= 2;
    const text = await house.prints(["convert", "-q", "-f", "txt", shell.id, "-"]);
    const numbers = new Set([...text.matchAll(/^row ([0-9]+) of the work$/gm)].map(([, number]) => Number(number)));
    const words = [
      `${pids.length} processes killed, 2 sessions interrupted; resumed with`,
      `folder ${findCwd(resumed.live.pid) === cwd ? "as it was" : "LOST"},`,
      `${kept} of ${old.length} rows of its screen, ${numbers.size} of ${LINES} rows of its text`,
    ].join(" ");
    expect(isInPlace && findCwd(resumed.live.pid) === cwd && numbers.size === LINES, words);
    return words;
  } finally {
    await house.close();
  }
}
