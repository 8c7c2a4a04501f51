// Conversions on one core, start-up included: bytes and events a second, peak memory, and the output's hash checked.
import { createHash } from "node:crypto";
import { createReadStream, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeAsciicast, writeTtyrec } from "./data.mjs";
import { has, inTurn, ratio, run, T2A, target } from "./measure.mjs";

const MB = 1e6;

async function hash(stream) {
  const digest = createHash("sha256");
  for await (const chunk of stream) digest.update(chunk);
  return digest.digest("hex");
}

/** The hash of a recording's output bytes, by way of raw. */
async function outputHash(path, folder) {
  const raw = join(folder, "hash.raw");
  run(process.execPath, [T2A, "convert", "-q", "--overwrite", path, raw]);
  return await hash(createReadStream(raw));
}

export async function* benchConvert({ folder, large }) {
  const inputs = [
    { name: "100 MB, 1 KB events", bytes: 100 * MB, eventBytes: 1000 },
    { name: "100 MB, 32-byte events", bytes: 100 * MB, eventBytes: 32 },
    ...(large ? [{ name: "1 GB, 1 KB events", bytes: 1000 * MB, eventBytes: 1000 }] : []),
  ];
  for (const { name, bytes, eventBytes } of inputs) {
    const input = join(folder, "in.cast");
    const events = writeAsciicast(input, bytes, eventBytes);
    const wanted = await outputHash(input, folder);
    const size = statSync(input).size;
    for (const [title, format] of [
      ["v2 -> v3", "asciicast-v3"],
      ["v2 -> ttyrec", "ttyrec"],
    ]) {
      const output = join(folder, format === "ttyrec" ? "out.ttyrec" : "out.cast");
      const convert = () => {
        rmSync(output, { force: true }); // taking an old file's memory back is not converting
        return run(process.execPath, [T2A, "convert", "-q", "-f", format, input, output], { oneCore: true });
      };
      const [result] = inTurn(bytes > 500 * MB ? 3 : 9, convert);
      const same = (await outputHash(output, folder)) === wanted;
      const perSecond = size / MB / result.wall;
      const eventsPerSecond = events / result.wall / 1e6;
      const ok = eventBytes >= 1000 ? perSecond >= 200 : eventsPerSecond >= 0.8;
      const wantedSpeed = eventBytes >= 1000 ? "200 MB/s" : "0.8 M events/s";
      yield {
        what: `${title}, ${name}`,
        figure: `${perSecond.toFixed(0)} MB/s, ${eventsPerSecond.toFixed(2)} M/s`,
        peer: `${result.rssMb.toFixed(0)} MB peak, hash ${same ? "equal" : "DIFFERS"}`,
        verdict: target(ok && same && result.rssMb <= 150, `at least ${wantedSpeed}, at most 150 MB`),
      };
    }
  }
  const ttyrec = join(folder, "in.ttyrec");
  writeTtyrec(ttyrec, 100 * MB, 1000);
  const size = statSync(ttyrec).size;
  const output = join(folder, "from-ttyrec.cast");
  const t2a = () => {
    rmSync(output, { force: true });
    return run(process.execPath, [T2A, "convert", "-q", "-f", "asciicast-v2", ttyrec, output], { oneCore: true });
  };
  if (!has("termcat")) {
    const [mine] = inTurn(9, t2a);
    yield {
      what: "ttyrec -> v2, 100 MB",
      figure: `${(size / MB / mine.wall).toFixed(0)} MB/s`,
      peer: "termcat is not installed",
    };
    return;
  }
  const theirOutput = join(folder, "peer.cast");
  const termcat = () => {
    rmSync(theirOutput, { force: true });
    return run("sh", ["-c", `termcat '${ttyrec}' '${theirOutput}'`], { oneCore: true });
  };
  const [mine, theirs] = inTurn(9, t2a, termcat);
  const same = (await outputHash(output, folder)) === (await outputHash(theirOutput, folder));
  yield {
    what: "ttyrec -> v2, 100 MB",
    figure: `${(size / MB / mine.wall).toFixed(0)} MB/s`,
    peer: `termcat ${(size / MB / theirs.wall).toFixed(0)} MB/s, hash ${same ? "equal" : "DIFFERS"}`,
    verdict: target(mine.wall <= theirs.wall * 1.05, `${ratio(mine.wall, theirs.wall)} its time (at most level)`),
  };
}
