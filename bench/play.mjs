// The player: going back in an asciicast, how long the event loop stands still, how late events are.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listing, writeAsciicast } from "./data.mjs";
import { ratio, run, T2A, target } from "./measure.mjs";

const PLAYBACK = fileURLToPath(new URL("playback.mjs", import.meta.url));
const PLAYER = fileURLToPath(new URL("player.mjs", import.meta.url));
const MB = 1e6;
const SEEKS = 40;
const SECONDS = 60;

const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
const playback = (...args) => JSON.parse(run(process.execPath, [PLAYBACK, ...args]).stdout);

export function* benchPlay({ folder, player }) {
  const cast = join(folder, "play.cast");
  writeAsciicast(cast, 127 * MB, 1000);
  const mine = playback("seek", cast, String(SEEKS));
  const theirs = peerOf(player, cast);
  const other = (ms) =>
    ms === undefined ? "asciinema-player: not measured (--player DIR)" : `asciinema-player: ${ms.toFixed(0)} ms`;
  yield {
    what: "127 MB asciicast: opened, and to 95 % for the first time",
    figure: `${mine.firstMs.toFixed(0)} ms, ${mine.rssMb.toFixed(0)} MB`,
    peer: other(theirs && theirs.loadMs + theirs.backMs[0]),
  };
  const back = at(mine.backMs, 0.5);
  yield {
    what: "127 MB asciicast: back again, p50, p99",
    figure: `${back.toFixed(1)}, ${at(mine.backMs, 0.99).toFixed(1)} ms`,
    peer: other(theirs && at(theirs.backMs, 0.5)),
    verdict: theirs && `${ratio(at(theirs.backMs, 0.5), back)} faster`,
  };
  const t2r = join(folder, "play.t2r");
  run(process.execPath, [T2A, "convert", "-q", "--overwrite", cast, t2r]);
  for (const [name, { stretchMs }] of [
    ["127 MB asciicast", mine],
    ["the same as .t2r", playback("seek", t2r, String(SEEKS))],
  ]) {
    yield {
      what: `longest stretch of seeking: ${name}`,
      figure: `${stretchMs.toFixed(1)} ms`,
      verdict: target(stretchMs <= 20, "at most 20 ms"),
    };
  }
  yield lateness(folder);
}

function peerOf(player, cast) {
  if (player === undefined || !existsSync(join(player, "dist"))) return undefined;
  return JSON.parse(run(process.execPath, [PLAYER, player, cast, "9"]).stdout);
}

/** A minute of events of up to 64 KB. */
function lateness(folder) {
  const file = join(folder, "late.cast");
  const lines = ['{"version":2,"width":80,"height":24}'];
  let time = 0;
  let n = 0;
  for (const part of listing(100 * MB)) {
    const size = n % 4 === 0 ? 65_000 : 50 * (1 + (n % 40));
    lines.push(JSON.stringify([time, "o", part.slice(0, size)]));
    time += 0.013 + (n % 7) * 0.011;
    n++;
    if (time > SECONDS) break;
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { lateMs } = playback("late", file);
  const p99 = at(lateMs, 0.99);
  return {
    what: `${SECONDS} s in real time, ${lateMs.length} events: lateness p50, p99`,
    figure: `${at(lateMs, 0.5).toFixed(2)}, ${p99.toFixed(2)} ms`,
    verdict: target(p99 <= 5, "at most 5 ms"),
  };
}
