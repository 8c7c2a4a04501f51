// Eight clients of different sizes in tmux look at one session, one of them stopped: the others go on, each shows what the session's screen
// has in its viewport, and the stopped one is brought back.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { TmuxPane } from "../player-check/tmux-pane.mjs";
import { expect, House, kill, Skip, T2A, until } from "./house.mjs";

/** Cells; the first one types, and its size is the session's. */
const SIZES = ["80x24", "100x30", "60x15", "132x43", "40x10", "80x12", "90x24", "120x20"];
const STOPPED = 3;
/** Printed while a client is stopped: more than waits for one. */
const FLOOD_LINES = 400_000;

export async function clients() {
  if (spawnSync("tmux", ["-V"]).status !== 0) throw new Skip("tmux is not installed");
  const house = new House();
  try {
    const client = house.client();
    const { id } = await client.createSession({ name: "shared", env: house.env, cwd: house.base });
    await client.wait(id, { prompt: true, timeoutMs: 30_000 });
    const panes = [];
    for (const size of SIZES) panes.push(await attach(house, client, id, size, panes.length + 1));
    const [writer] = panes;
    writer.pane.type("clear; stty size");
    writer.pane.keys("Enter");
    await until("the session's size", async () => (await client.screen(id)).lines.includes("24 80"));
    await agree(house, id, panes, "at first");

    const stopped = panes[STOPPED];
    kill(stopped.pid, "SIGSTOP");
    const others = panes.filter((pane) => pane !== stopped);
    const began = performance.now();
    writer.pane.type(`clear; seq ${FLOOD_LINES}; echo "over"'!'; tput cup 5 3; printf 'in its place'; tput cup 20 0`);
    writer.pane.keys("Enter");
    await until("the end of a flood", async () => (await client.screen(id)).lines.includes("over!"));
    const floodMs = performance.now() - began;
    await client.wait(id, { prompt: true, timeoutMs: 60_000 });
    await agree(house, id, others, "while one is stopped");
    expect(!stopped.rows().some((row) => row.includes("in its place")), "the client that is stopped goes on");
    kill(stopped.pid, "SIGCONT");
    const continued = performance.now();
    await agree(house, id, panes, "when it goes on");
    const backMs = performance.now() - continued;
    const { clients: count } = await client.stats();
    expect(count === SIZES.length, `${count} clients are attached at the end`);
    return `${SIZES.length} clients of ${SIZES.join(", ")} show the session's 80x24 screen, each in its viewport; ${FLOOD_LINES} lines with one stopped took ${Math.round(floodMs)} ms, which was back after ${Math.round(backMs)} ms`;
  } finally {
    await house.close();
  }
}

async function attach(house, client, id, size, number) {
  const [cols, rows] = size.split("x").map(Number);
  // A stopped child of its own is sent on by tmux: the shell between is not.
  const line = '"$@"; read -r nothing';
  const words = ["sh", "-c", line, "sh", process.execPath, T2A, "session", "attach", id];
  const mark = `T2A_SHOW_CLIENT=${number}.`;
  const pane = house.closesWith(new TmuxPane(words, { cols, rows }, { ...house.env, T2A_SHOW_CLIENT: `${number}.` }));
  await until("a client", async () => (await client.listClients(id)).length === number);
  const pid = house.processes(mark).find((one) => isClient(one));
  const read = () =>
    pane
      .look()
      .capture.replaceAll(/\x1b\[[0-9;:]*m|[\x0e\x0f]/g, "")
      .split("\n");
  return { pane, size, cols, lines: rows, rows: read, pid };
}

/** Whether it is the client, and not the shell before it. */
function isClient(pid) {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith(`${process.execPath}\0`);
}

/** Waits until each pane shows the session's screen as `t2a session screen` has it, or the part of it that it has room for. */
async function agree(house, id, panes, when) {
  let differing = panes;
  await until("all to show the same", async () => {
    const screen = await house.json("session", "screen", id);
    differing = panes.filter((pane) => !shows(pane, screen));
    return differing.length === 0;
  }).catch(() => {
    const told = differing.map(({ size, rows }) => `${size}:\n${rows().join("\n")}`);
    throw new Error(
      `${when} ${differing.length} of ${panes.length} clients do not show the session's screen: ${told.join("\n")}`,
    );
  });
}

/** Whether a pane shows the part of the screen that fits, the cursor in it. */
function shows(pane, { cols, rows, lines, cursor }) {
  const [width, height] = [Math.min(pane.cols, cols), Math.min(pane.lines, rows)];
  const shown = pane
    .rows()
    .slice(0, height)
    .map((row) => row.padEnd(width).slice(0, width));
  const whole = Array.from({ length: rows }, (_, row) => (lines[row] ?? "").padEnd(cols));
  for (let top = Math.max(0, cursor.row - height + 1); top <= Math.min(cursor.row, rows - height); top++)
    for (let left = Math.max(0, cursor.col - width + 1); left <= Math.min(cursor.col, cols - width); left++)
      if (shown.every((row, at) => row === whole[top + at].slice(left, left + width))) return true;
  return false;
}
