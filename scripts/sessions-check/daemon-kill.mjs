// The daemon is killed while sessions print: their programs go on, whoever is attached is back soon, every recording holds every line.
import { spawnSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { TmuxPane } from "../player-check/tmux-pane.mjs";
import { expect, House, isAlive, kill, T2A, until } from "./house.mjs";
import { bytesLost, lastNumber, said, startTalkers, stopTalkers } from "./talkers.mjs";

const SESSIONS = 20;
const RATE = 2000;
/** Lines of each when the daemon is killed, at least, and from then on to their end. */
const LINES = RATE * 2;
/** Clients in tmux beside those that are connected from here. */
const PANES = 2;
const BACK_MS = 2000;

export async function daemonKill() {
  const house = new House();
  try {
    const client = house.client();
    const sessions = await startTalkers(house, client, SESSIONS, RATE);
    const panes = hasTmux() ? sessions.slice(0, PANES).map((session) => attachInTmux(house, session)) : [];
    await until("lines in all sessions", () => sessions.every(({ number }) => number >= LINES));
    for (const pane of panes) await until("a client in tmux", () => pane.number() > 0);
    const { pid } = await house.json("daemon", "status");
    const pids = sessions.map(({ info }) => info.live.pid);

    kill(pid);
    const killed = performance.now();
    const backs = await Promise.all([
      ...sessions.map(async ({ attached }) => (await attached.nextScreen()) - killed),
      ...panes.map(async (pane) => {
        const before = pane.number();
        await until("new lines on a client in tmux", () => pane.number() > before);
        return performance.now() - killed;
      }),
    ]);
    const after = await client.stats();
    expect(after.pid !== pid && !isAlive(pid), "the daemon that was killed answers");
    const living = await client.listActive();
    const dead = pids.filter((one) => !isAlive(one) || !living.some(({ live }) => live.pid === one));
    expect(dead.length === 0, `${dead.length} of ${SESSIONS} programs did not live on`);

    const reached = sessions.map(({ number }) => number);
    await until("more lines in all sessions", () => sessions.every(({ number }, at) => number >= reached[at] + LINES));
    stopTalkers(house);
    await Promise.all(sessions.map(({ info }) => client.wait(info.id, { exit: true })));
    await Promise.all(sessions.map(({ attached }) => attached.ended));
    let [bytes, lost] = [0, 0];
    for (const { info, path } of sessions) {
      const wanted = said(path);
      bytes += wanted.length;
      lost += bytesLost(wanted, await house.recorded(info.id));
    }
    const slowest = Math.max(...backs);
    const words = `${SESSIONS} sessions, ${SESSIONS * RATE} lines/s; programs that live on: ${SESSIONS - dead.length}; clients (${panes.length} in tmux) back after ${Math.round(slowest)} ms at most (bar ${BACK_MS}; the load is ${loadavg()[0].toFixed(1)} on ${cpus().length} cores); ${lost} of ${bytes} bytes lost`;
    expect(lost === 0 && slowest <= BACK_MS, words);
    return words;
  } finally {
    await house.close();
  }
}

function attachInTmux(house, { info }) {
  const words = [process.execPath, T2A, "session", "attach", info.id];
  const pane = house.closesWith(new TmuxPane(words, { cols: 80, rows: 24 }, house.env));
  return { number: () => lastNumber(info.name, pane.look().capture) };
}

function hasTmux() {
  return spawnSync("tmux", ["-V"]).status === 0;
}
