// What drawing costs while a recording is played: 200x50 cells, a tenth of them other characters in other colours in each
// frame, written to what takes it all at once. One core at 60 frames a second.
import { closeSync, openSync, writeSync } from "node:fs";
import { Screen, ScreenPainter } from "../dist/src/index.js";
import { target } from "./measure.mjs";

const SIZE = { cols: 200, rows: 50 };
const AREA = { x: 0, y: 0, ...SIZE, left: 0, top: 0 };
const FRAMES = 600;
const CHANGED = (SIZE.cols * SIZE.rows) / 10;
const FRAMES_PER_SECOND = 60;

export async function* benchPainter() {
  const screen = new Screen(SIZE);
  const painter = new ScreenPainter({ depth: "truecolor" });
  const sink = openSync("/dev/null", "w");
  painter.paint(screen, AREA);
  let bytes = 0;
  let micros = 0;
  for (let frame = 0; frame < FRAMES; frame++) {
    screen.feed(scattered(frame));
    const before = process.cpuUsage();
    const painted = painter.paint(screen, AREA);
    writeSync(sink, painted);
    writeSync(sink, painter.cursor(screen, AREA));
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
    bytes += painted.length;
  }
  closeSync(sink);
  const perFrame = micros / FRAMES / 1000;
  const share = (perFrame * FRAMES_PER_SECOND) / 10;
  yield {
    what: "draw 200x50, 10 % of the cells changed, 60 a second",
    figure: `${share.toFixed(1)} % of a core`,
    peer: `${perFrame.toFixed(2)} ms, ${(bytes / FRAMES / 1024).toFixed(0)} KB a frame`,
    verdict: target(share < 15, "under 15 %"),
  };
}

/** Single cells all over the screen: the worst case, since the cursor moves for each. */
function scattered(seed) {
  let random = seed + 1;
  const next = (limit) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(random / 65_536) % limit;
  };
  let text = "";
  for (let n = 0; n < CHANGED; n++) {
    const letter = String.fromCharCode(33 + next(94));
    text += `\x1b[${1 + next(SIZE.rows)};${1 + next(SIZE.cols)}H\x1b[38;5;${next(256)}m${letter}`;
  }
  return Buffer.from(text);
}
