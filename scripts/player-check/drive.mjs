// Drives t2a play in a tmux of one size through one recording, and compares what is shown at each place with the replay.
import { fileURLToPath } from "node:url";
import { Picture, View } from "./picture.mjs";
import { TmuxPane } from "./tmux-pane.mjs";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
/** A seek may take long, most of all the first: the recording is being read. */
const ARRIVE_MS = 60_000;
/** The terminal shows it as soon as the player has drawn it. */
const SHOW_MS = 1500;
/** Columns and rows that one alt+arrow moves the part in view. */
const PAN = { cols: 10, rows: 4 };

/**
 * Makes all `moves` and calls `tell(move, differences, unshown)` after each. `screens` are those of the replay by number of events.
 * @throws where the player does not get anywhere.
 */
export async function drivePlayer(lib, { path, size, moves, screens, widths, options, tell }) {
  const command = [process.execPath, T2A, "play", "--loop", ...options, path];
  const pane = new TmuxPane(command, size, { XDG_CONFIG_HOME: "/nonexistent", NO_COLOR: "" });
  const part = { cols: size.cols, rows: size.rows - 1 };
  const arrive = (time) => {
    const line = new RegExp(`^‖ ${clock(time).replaceAll(".", "\\.")}(?: |$)`);
    return pane.until(
      ({ capture }) => line.test(statusLine(capture, size)),
      `status line with ${clock(time)}`,
      ARRIVE_MS,
    );
  };
  try {
    await pane.until(({ capture }) => /^[►»] /.test(statusLine(capture, size)), "player", ARRIVE_MS);
    pane.type(" ");
    await pane.until(({ capture }) => statusLine(capture, size).startsWith("‖"), "pause");
    const [start, ...rest] = moves;
    goTo(pane, start);
    await arrive(start.time);
    const view = new View();
    panToCorner(pane, screens.get(start.events));
    pane.keys("F12"); // no key of the player's: the part in view goes with the cursor again
    for (const move of [start, ...rest]) {
      if (move !== start) goTo(pane, move);
      const screen = screens.get(move.events);
      const picture = new Picture(lib, screen, view.follow(screen, part), widths);
      await arrive(move.time);
      const isThere = (look) => picture.differences(look).length === 0;
      const look = await pane.lookUntil(isThere, SHOW_MS);
      tell(move, picture.differences(look), picture.unshown);
    }
  } finally {
    pane.close();
  }
}

function goTo(pane, { typed, key }) {
  if (typed === undefined) pane.keys(key);
  else {
    pane.type(`g${typed}`);
    pane.keys("Enter");
  }
}

/** From there on it is known which part is in view. */
function panToCorner(pane, { cols, rows }) {
  pane.keys(...Array(Math.ceil(cols / PAN.cols)).fill("M-Left"), ...Array(Math.ceil(rows / PAN.rows)).fill("M-Up"));
}

/** The pane's last row without its styles. */
function statusLine(capture, { rows }) {
  return (capture.split("\n")[rows - 1] ?? "").replace(/\x1b\[[0-9;:]*m/g, "");
}

/** A position as the status line has it. */
function clock(nanos) {
  const tenths = Math.floor(nanos / 1e8);
  const [hours, minutes, seconds] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const rest = seconds.toFixed(1).padStart(4, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}
