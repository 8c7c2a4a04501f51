// A holder is killed: its sessions are interrupted and nobody else's, what was shown is recorded, and they can be resumed.
import { mkdirSync } from "node:fs";
import { Attached } from "./attached.mjs";
import { expect, findCwd, House, isAlive, kill, until } from "./house.mjs";
import { bytesLost, said, startTalkers } from "./talkers.mjs";

const PER_HOLDER = 3;
const RATE = 500;
const KILLED_AT = 1000;

export async function holderKill() {
  const house = new House({ settings: `[session]\nper_holder = ${PER_HOLDER}\n` });
  try {
    const client = house.client();
    const [cwd, marker] = [house.path("work"), "the work of an hour"];
    mkdirSync(cwd);
    const shell = await client.createSession({ name: "shell", cwd: house.base, env: house.env });
    const watcher = await Attached.open(client, shell.id);
    await client.wait(shell.id, { prompt: true, timeoutMs: 30_000 });
    await client.runCommand(shell.id, `cd ${cwd}`);
    await client.runCommand(shell.id, `echo "${marker}"`);
    // Two fill the holder that is killed, the others are in the next.
    const talkers = await startTalkers(house, client, PER_HOLDER + 1, RATE);
    const holderOf = ({ info }) => info.live.holderPid;
    const doomed = talkers.filter((one) => holderOf(one) === shell.live.holderPid);
    const others = talkers.filter((one) => !doomed.includes(one));
    expect(
      doomed.length === PER_HOLDER - 1 && others.length === 2,
      "the sessions are not in holders as they should be",
    );
    await until("lines in all sessions", () => talkers.every(({ number }) => number >= KILLED_AT));
    const shellPids = [shell.live.pid, ...doomed.map(({ info }) => info.live.pid)];

    kill(shell.live.holderPid);
    const ids = [shell.id, ...doomed.map(({ info }) => info.id)];
    await until("the end of their sessions", async () => {
      const listed = await client.listSessions();
      return ids.every((id) => listed.find((one) => one.id === id)?.status === "interrupted");
    });
    const left = await until("the end of their programs", () => shellPids.every((pid) => !isAlive(pid)), 15_000)
      .then(() => 0)
      .catch(() => shellPids.filter(isAlive).length);
    await Promise.all([watcher.ended, ...doomed.map(({ attached }) => attached.ended)]);
    const listed = await house.json("session", "ls");
    expect(
      ids.every((id) => listed.some((one) => one.id === id && one.status === "interrupted")),
      "t2a session ls does not show what was interrupted",
    );
    let [shown, shownLost, changed] = [0, 0, 0];
    for (const { attached, info, path } of [{ attached: watcher, info: shell }, ...doomed]) {
      const recorded = await house.recorded(info.id);
      shown += attached.output.length;
      shownLost += unproven(recorded).includes(unproven(attached.output)) ? 0 : attached.output.length;
      // Its program may have said more than was read of it.
      if (path !== undefined) changed += bytesLost(said(path).subarray(0, recorded.length), recorded);
    }

    const before = await client.screen(shell.id);
    const resumed = await house.json("session", "resume", shell.id, "--detach");
    await client.wait(shell.id, { prompt: true, timeoutMs: 30_000 });
    const after = await client.screen(shell.id);
    const kept = before.lines.filter((line) => line !== "" && after.lines.includes(line)).length;
    const rows = before.lines.filter((line) => line !== "").length;
    const back = [
      resumed.id === shell.id && "id",
      findCwd(resumed.live.pid) === cwd && "folder",
      kept === rows && after.lines.includes(marker) && "screen",
    ];
    const grown = others.map(({ number }) => number);
    await until("more lines of the others", () => others.every(({ number }, at) => number > grown[at]));
    const words = [
      `${ids.length} sessions interrupted, ${left} of their programs left; ${others.length} of another holder go on`,
      `${shownLost} of ${shown} bytes shown lost, ${changed} changed; resumed with ${back.filter(Boolean).join(", ")} (${kept} of ${rows} rows)`,
    ].join("; ");
    expect(left + shownLost + changed === 0 && back.every(Boolean), words);
    return words;
  } finally {
    await house.close();
  }
}

/** Without the proofs of shells' marks, which clients are not given. */
function unproven(bytes) {
  return bytes.toString("latin1").replaceAll(/;t2a=[0-9a-f.]*/g, ";t2a=");
}
