// Size: a corpus's casts as .t2r, keyframes and index included, against the same as asciicast v3 under gzip and zstd.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openFileSource, openRecording } from "../dist/src/index.js";
import { encodeAsciicastV3 } from "./asciicast-v3.mjs";
import { has, run, T2A, target } from "./measure.mjs";

const LEAST_BYTES = 100_000;
/** Packed less than that, it is noise that no format makes smaller. */
const LEAST_RATIO = 2;

const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

export async function* benchSize({ folder, corpus }) {
  if (corpus === undefined) {
    yield { what: "size", figure: "not measured", peer: "give a corpus: --corpus DIR" };
    return;
  }
  const found = [];
  const out = join(folder, "size.t2r");
  for (const path of files(corpus)) {
    const v3 = await asAsciicast(path);
    if (v3 === undefined || v3.length < LEAST_BYTES) continue;
    const gzip = gzipSync(v3, { level: 9 }).length;
    if (v3.length / gzip <= LEAST_RATIO) continue;
    run(process.execPath, [T2A, "convert", "-q", "--recover", "--overwrite", path, out]);
    const zstd = has("zstd") ? run("zstd", ["-19", "-q", "-c"], { input: v3 }).stdout.length : undefined;
    found.push({ t2r: statSync(out).size, gzip, zstd });
  }
  if (found.length === 0) {
    yield { what: "size", figure: "not measured", peer: `no cast of ${LEAST_BYTES} bytes and more in ${corpus}` };
    return;
  }
  for (const [peer, name, bar] of [
    ["gzip", "gzip -9 of v3", 0.75],
    ["zstd", "zstd -19 of v3", 1.15],
  ]) {
    const ratios = found.flatMap((sizes) => sizes[peer] && sizes.t2r / sizes[peer]).sort((a, b) => a - b);
    if (ratios[0] === undefined) continue;
    const mean = geometricMean(ratios);
    yield {
      what: `size of ${found.length} casts, geometric mean`,
      figure: `${mean.toFixed(3)} x ${name}`,
      peer: `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)}`,
      verdict: target(mean <= bar, `at most ${bar}`),
    };
  }
}

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Undefined where the file is no asciicast. */
async function asAsciicast(path) {
  try {
    const recording = await openRecording(await openFileSource(path), { recover: true });
    if (recording.format.startsWith("asciicast")) return await encodeAsciicastV3(recording);
    await recording.close();
  } catch {
    // not a recording, or one without a good beginning
  }
  return undefined;
}
