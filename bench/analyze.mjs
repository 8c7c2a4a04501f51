// Analyzing: one large recording on one core, with and without the text of its commands, beside reading its events alone; and a
// folder of a thousand recordings on all cores, beside reading them.
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeCommands } from "./data.mjs";
import { run, T2A, target } from "./measure.mjs";

const STEPS = fileURLToPath(new URL("analyze-steps.mjs", import.meta.url));
const BYTES = 100e6;
const FILES = 1000;
const FILE_BYTES = 100e3;

export async function* benchAnalyze({ folder }) {
  const cast = `${folder}/analyze.cast`;
  writeCommands(cast, BYTES, 2048);
  const t2r = `${folder}/analyze.t2r`;
  run(process.execPath, [T2A, "convert", "-q", cast, t2r]);
  const narrow = `${folder}/analyze-small.cast`;
  writeCommands(narrow, BYTES, 64);
  for (const [name, path, isTarget] of [
    ["asciicast, events of 2 KB", cast, true],
    [".t2r of it", t2r, true],
    ["asciicast, events of 64 bytes", narrow, false],
  ]) {
    const { read, plain, text, commands, rssMb } = JSON.parse(
      run(process.execPath, [STEPS, path], { oneCore: true }).stdout,
    );
    const rate = (seconds) => BYTES / 1e6 / seconds;
    yield {
      what: `100 MB of ${name}, ${commands} commands`,
      figure: `${rate(plain).toFixed(0)} MB/s`,
      peer: `reading alone ${rate(read).toFixed(0)} MB/s`,
      verdict: isTarget ? target(rate(plain) >= 100, "100 MB/s a core") : undefined,
    };
    yield {
      what: "  with the text of commands, and errors",
      figure: `${rate(text).toFixed(0)} MB/s`,
      peer: `process ${rssMb.toFixed(0)} MB`,
      verdict: isTarget ? target(rate(text) >= 20, "20 MB/s a core") : undefined,
    };
  }
  const many = `${folder}/analyze-many`;
  mkdirSync(many);
  for (let at = 0; at < FILES; at++) writeCommands(`${many}/${at}.cast`, FILE_BYTES, 512, at);
  const all = run(process.execPath, [T2A, "analyze", "-q", "-f", "json", many]);
  const bytes = FILES * statSync(`${many}/0.cast`).size;
  const cat = run("sh", ["-c", `cat ${many}/*.cast | wc -c`]);
  yield {
    what: `${FILES} recordings of ${(bytes / FILES / 1e3).toFixed(0)} KB, all reports`,
    figure: `${all.wall.toFixed(2)} s`,
    peer: `cpu ${all.cpu.toFixed(2)} s, cat ${cat.wall.toFixed(2)} s`,
    verdict: target(all.wall < 8, "under 8 s on 2 cores"),
  };
}
