// Recording a fast printer: wall time beside util-linux script, a bare node-pty that writes nothing, and asciinema.
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeListing } from "./data.mjs";
import { has, inTurn, ratio, run, T2A, target } from "./measure.mjs";

const BYTES = 300e6;
const BARE = fileURLToPath(new URL("bare-pty.mjs", import.meta.url));

async function hash(path, skip = 0) {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(path, { start: skip })) digest.update(chunk);
  return digest.digest("hex");
}

export async function* benchRecord({ folder }) {
  const listing = join(folder, "listing.txt");
  writeListing(listing, BYTES);
  const command = `stty raw; cat '${listing}'`; // raw: the pty hands on the bytes as they are, so that they can be compared
  const out = join(folder, "recorded.cast");
  const t2a = () => run(process.execPath, [T2A, "record", "-q", "--headless", "--overwrite", "-c", command, out]);
  const peers = [["bare node-pty", () => run(process.execPath, [BARE, command]), 1.15]];
  if (has("script"))
    peers.push(["script -q -f", () => run("script", ["-q", "-f", "-c", command, join(folder, "typescript")]), 1.2]);
  if (has("asciinema")) {
    const env = { SHELL: "/bin/sh", LC_ALL: "C.UTF-8", LANG: "C.UTF-8" };
    peers.push([
      "asciinema",
      () => run("asciinema", ["rec", "-q", "--overwrite", "-c", command, join(folder, "peer.cast")], { env }),
      1,
    ]);
  }
  const [mine, ...theirs] = inTurn(3, t2a, ...peers.map(([, peer]) => peer));
  run(process.execPath, [T2A, "convert", "-q", "--overwrite", out, join(folder, "recorded.raw")]);
  const same = (await hash(join(folder, "recorded.raw"))) === (await hash(listing));
  const cpuPer100 = mine.cpu / (BYTES / 100e6);
  yield {
    what: "record 300 MB, headless",
    figure: `${mine.wall.toFixed(1)} s, ${(BYTES / 1e6 / mine.wall).toFixed(0)} MB/s`,
    peer: `bytes ${same ? "equal" : "DIFFER"}, ${mine.rssMb.toFixed(0)} MB peak`,
    verdict: target(same && cpuPer100 <= 3, `${cpuPer100.toFixed(2)} s CPU per 100 MB (at most 3)`),
  };
  if (has("bash")) yield withMarks(folder, listing);
  for (const [n, [name, , limit]] of peers.entries()) {
    const peer = theirs[n];
    yield {
      what: `  beside ${name}`,
      figure: ratio(mine.wall, peer.wall),
      peer: `${peer.wall.toFixed(1)} s, ${(peer.cpu / (BYTES / 100e6)).toFixed(2)} s CPU per 100 MB`,
      verdict: target(mine.wall <= peer.wall * limit, `at most ${limit}x`),
    };
  }
}

/** The same printed by a bash's start file, whose marks are looked for, and not. */
function withMarks(folder, listing) {
  const home = join(folder, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".bashrc"), `stty raw; cat '${listing}'; exit\n`);
  const out = join(folder, "marked.cast");
  const record = (...flags) => {
    return run(process.execPath, [T2A, "record", "-q", "--headless", "--overwrite", ...flags, "-c", "bash", out], {
      env: { HOME: home },
    });
  };
  const [marked, plain] = inTurn(
    3,
    () => record(),
    () => record("--no-shell-integration"),
  );
  return {
    what: "  a shell with its marks proven",
    figure: `${ratio(marked.cpu, plain.cpu)} CPU, ${marked.wall.toFixed(1)} s`,
    peer: `without integration ${plain.wall.toFixed(1)} s`,
    verdict: target(marked.cpu <= plain.cpu * 1.15, "at most 1.15x CPU"),
  };
}
