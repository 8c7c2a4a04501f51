// .t2r: size, opening, seeking, recording, finalizing, converting; each beside its peer. Recordings of 1 GB with --large, else of
// 100 MB: what has to be independent of the size can be seen from both.
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAsciicast, writeListing } from "./data.mjs";
import { inTurn, ratio, run, T2A, target } from "./measure.mjs";
import { benchSize } from "./t2r-size.mjs";

const MB = 1e6;
const SEEKS = 200;
const PLAYER = fileURLToPath(new URL("player.mjs", import.meta.url));
const SEEK = fileURLToPath(new URL("seek.mjs", import.meta.url));

const t2a = (...args) => run(process.execPath, [T2A, ...args]);
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];

export async function* benchT2r(options) {
  yield* benchSize(options);
  yield* benchOverhead(options);
  yield* benchRecording(options);
  yield* benchFinalizing(options);
  const cast = join(options.folder, "large.cast");
  const bytes = (options.large ? 1000 : 100) * MB;
  const size = options.large ? "1 GB" : "100 MB";
  writeAsciicast(cast, bytes, 1000);
  const file = join(options.folder, "large.t2r");
  yield* benchConverting({ cast, file, size });
  rmSync(cast);
  yield* benchOpening({ file, size });
  yield* benchSeeking({ file, size });
  rmSync(file);
  yield* benchPlayer(options);
}

/** Of a session that printed two letters. */
function* benchOverhead({ folder }) {
  const file = join(folder, "small.t2r");
  t2a("record", "-q", "--headless", "--overwrite", ...when("--finalize", "wait"), "-c", "printf hi", file);
  const beyond = statSync(file).size - 2;
  const cast = join(folder, "small.cast");
  t2a("record", "-q", "--headless", "--overwrite", "-c", "printf hi", cast);
  yield {
    what: "a small recording beyond its output",
    figure: `${beyond} bytes`,
    peer: `asciicast v3: ${statSync(cast).size - 2} bytes`,
    verdict: target(beyond <= 1536, "at most 1.5 KB"),
  };
}

let help;
/** The option, where `t2a record` has it. */
function when(option, value) {
  help ??= t2a("record", "--help").stdout.toString();
  return help.includes(option) ? [option, value] : [];
}

/** The same bulk output into both formats, in turn. */
function* benchRecording({ folder, large }) {
  const bytes = (large ? 300 : 100) * MB;
  const listing = join(folder, "bulk.txt");
  writeListing(listing, bytes);
  const command = `stty raw; cat '${listing}'`;
  const options = [...when("--sync", "none"), ...when("--finalize", "never")];
  const record = (name) => () => {
    rmSync(join(folder, name), { force: true });
    return t2a("record", "-q", "--headless", ...options, "-c", command, join(folder, name));
  };
  const [t2r, cast] = inTurn(5, record("bulk.t2r"), record("bulk.cast"));
  yield {
    what: `record ${bytes / MB} MB to .t2r: wall`,
    figure: `${t2r.wall.toFixed(2)} s, ${ratio(t2r.wall, cast.wall)}`,
    peer: `.cast: ${cast.wall.toFixed(2)} s`,
    verdict: target(t2r.wall <= cast.wall * 1.2, "at most 1.2x"),
  };
  yield {
    what: "  CPU",
    figure: `${t2r.cpu.toFixed(2)} s, ${ratio(t2r.cpu, cast.cpu)}`,
    peer: `.cast: ${cast.cpu.toFixed(2)} s`,
    verdict: target(t2r.cpu <= cast.cpu * 1.2, "at most 1.2x"),
  };
}

/** What was recorded is packed anew; a replay to the end by another command is half of the least that it takes. */
function* benchFinalizing({ folder }) {
  for (const megabytes of [7, 60]) {
    const listing = join(folder, "finalize.txt");
    const file = join(folder, "finalize.t2r");
    const cast = join(folder, "finalize.cast");
    writeListing(listing, megabytes * MB);
    const record = (...args) =>
      t2a("record", "-q", "--headless", "--overwrite", ...args, "-c", `stty raw; cat '${listing}'`);
    record(...when("--finalize", "never"), file);
    record(cast);
    const replay = t2a("screen", cast);
    const done = t2a("recover", "-q", file);
    const perSecond = megabytes / done.wall;
    yield {
      what: `finalize ${megabytes} MB of output, whole process`,
      figure: `${done.wall.toFixed(1)} s, ${perSecond.toFixed(1)} MB/s`,
      peer: `one replay: ${(megabytes / replay.wall).toFixed(1)} MB/s; ${done.rssMb.toFixed(0)} MB peak`,
      verdict: megabytes > 8 ? target(perSecond >= 6, "at least 6 MB/s") : target(done.wall <= 4, "at most 4 s"),
    };
  }
}

function* benchConverting({ cast, file, size }) {
  const done = t2a("convert", "-q", "--overwrite", cast, file);
  const peer = t2a("convert", "-q", "--overwrite", "-f", "asciicast-v3", cast, "/dev/null");
  yield {
    what: `convert a ${size} asciicast v2 to .t2r`,
    figure: `${done.wall.toFixed(1)} s, ${done.rssMb.toFixed(0)} MB peak`,
    peer: `to v3: ${peer.wall.toFixed(1)} s, ${peer.rssMb.toFixed(0)} MB peak`,
    verdict: target(done.rssMb <= 300, "at most 300 MB"),
  };
}

/** Whole processes. */
function* benchOpening({ file, size }) {
  const [screen, info, node] = inTurn(
    15,
    () => t2a("screen", file, "--at", "0"),
    () => t2a("info", file),
    () => run(process.execPath, ["-e", "0"]),
  );
  for (const [name, { wall }] of [
    ["screen --at 0", screen],
    ["info", info],
  ]) {
    const added = (wall - node.wall) * 1000;
    yield {
      what: `open ${size}: t2a ${name}`,
      figure: `${(wall * 1000).toFixed(0)} ms`,
      peer: `node -e 0: ${(node.wall * 1000).toFixed(0)} ms`,
      verdict: target(added <= 150, `${added.toFixed(0)} ms more (at most 150)`),
    };
  }
}

function* benchSeeking({ file, size }) {
  const { ms, rssMb } = JSON.parse(run(process.execPath, [SEEK, file, String(SEEKS)]).stdout);
  const [p50, p99] = [at(ms, 0.5), at(ms, 0.99)];
  const replay = t2a("screen", file, "--at", "50%");
  yield {
    what: `screen at ${SEEKS} random times of ${size}: p50, p99`,
    figure: `${p50.toFixed(1)}, ${p99.toFixed(1)} ms`,
    peer: `${rssMb.toFixed(0)} MB peak; t2a screen: ${(replay.wall * 1000).toFixed(0)} ms`,
    verdict: target(p50 <= 6 && p99 <= 25 && rssMb <= 200, "at most 6, 25 ms, 200 MB"),
  };
}

/** The player cannot hold 1 GB: Node's strings end before. Both get the same 100 MB. */
function* benchPlayer({ folder, player }) {
  if (player === undefined) {
    const peer = "npm pack asciinema-player@3, unpack it, give its folder: --player DIR";
    yield { what: "beside asciinema-player's loader", figure: "not measured", peer };
    return;
  }
  if (!existsSync(join(player, "dist"))) throw new Error(`${player} is no unpacked asciinema-player: it has no dist`);
  const cast = join(folder, "player.cast");
  const file = join(folder, "player.t2r");
  writeAsciicast(cast, 100 * MB, 1000);
  t2a("convert", "-q", "--overwrite", cast, file);
  const [mine, theirs] = inTurn(
    3,
    () => t2a("screen", file, "--at", "0"),
    () => run(process.execPath, [PLAYER, player, cast]),
  );
  yield {
    what: "100 MB to the first frame, whole process",
    figure: `${(mine.wall * 1000).toFixed(0)} ms, ${mine.rssMb.toFixed(0)} MB`,
    peer: `asciinema-player's loader: ${(theirs.wall * 1000).toFixed(0)} ms, ${theirs.rssMb.toFixed(0)} MB`,
    verdict: `${ratio(theirs.wall, mine.wall)} faster`,
  };
  const seek = JSON.parse(run(process.execPath, [SEEK, file, String(SEEKS)]).stdout);
  const back = JSON.parse(run(process.execPath, [PLAYER, player, cast, "9"]).stdout);
  yield {
    what: "100 MB, a seek backward: p50",
    figure: `${at(seek.ms, 0.5).toFixed(1)} ms`,
    peer: `its text fed to the same engine: ${at(back.backMs, 0.5).toFixed(0)} ms`,
    verdict: `${ratio(at(back.backMs, 0.5), at(seek.ms, 0.5))} faster`,
  };
}
