// One recording of a corpus: its screens, and whether it is the same as .t2r, for t2a itself, for zstd and for the Python reader.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomFrom } from "./points.mjs";
import { ScreenCheck } from "./screens.mjs";
import { checkSeeks, keyframeDistance, recut } from "./seeks.mjs";

const READER = fileURLToPath(new URL("../../test/formats/t2r/reader.py", import.meta.url));

/** Gathers comparisons: for each check how many and what differed, the first of them described. */
export class Findings {
  checks = {};

  tell = (check, isEqual, what) => {
    this.checks[check] ??= { points: 0, differences: 0, first: [] };
    const found = this.checks[check];
    found.points++;
    if (isEqual) return;
    found.differences++;
    if (found.first.length < 5) found.first.push(what);
  };
}

/** Opens a file by its content, as far as it is good: many recordings of a corpus are damaged on purpose. */
async function open(lib, path, format) {
  return await lib.openRecording(await lib.openFileSource(path), { recover: true, format });
}

/**
 * Checks one file; `folder` takes temporary ones. Gives `{ checks }`, or `{ passedOver }` with the reason where it is no recording.
 */
export async function checkRecording(lib, { path, name, format: formatName, folder, options }) {
  const format = formatName && lib.getFormat(formatName);
  let totals;
  try {
    totals = await countEvents(await open(lib, path, format));
  } catch (error) {
    if (error instanceof lib.T2aError) return { passedOver: `${error.code}: ${error.message}` };
    throw error;
  }
  const { tell, checks } = new Findings();
  const random = randomFrom(`${options.seed} ${name}`);
  await checkScreens(lib, await open(lib, path, format), { ...totals, points: options.points, random, tell });
  const t2r = join(folder, "checked.t2r");
  await convert(lib, await open(lib, path, format), t2r);
  tell("decoded .t2r", ...(await compareRecordings(lib, await open(lib, path, format), await open(lib, t2r))));
  const source = await lib.openFileSource(t2r);
  const verdict = await lib.verifyT2r(source);
  await source.close();
  tell("verified .t2r", verdict.state === "intact", verdict.state);
  if (options.zstd) {
    const { status, stderr } = spawnSync("zstd", ["-t", "-q", t2r], { encoding: "utf8" });
    tell("zstd -t", status === 0, stderr.trim());
    tell("zstd -dc", (await unpackedHash(t2r)) === totals.hash, "other output");
  }
  if (options.python) tell("Python reader", ...(await compareWithReader(lib, () => open(lib, path, format), t2r)));
  if (options.seeks > 0) {
    const cuts = [];
    const cut = recut(await open(lib, path, format), { random, cuts });
    await convert(lib, cut, t2r, keyframeDistance(totals));
    await checkSeeks(lib, t2r, { seeks: options.seeks, random, cuts, tell });
  }
  return { checks, format: totals.format };
}

async function countEvents(recording) {
  const hash = createHash("sha256");
  let events = 0;
  let outputBytes = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) {
      events++;
      if (event.kind !== "output") continue;
      outputBytes += event.data.length;
      hash.update(event.data);
    }
  }
  return { events, outputBytes, hash: hash.digest("hex"), format: recording.format };
}

async function checkScreens(lib, recording, options) {
  const check = new ScreenCheck(lib, recording.header, options);
  for await (const batch of recording.batches) for (const event of batch) check.event(event);
  check.end();
}

async function convert(lib, recording, to, distance) {
  const target = lib.openFileTarget(to, { overwrite: true });
  const createKeyframes = (size) => new lib.KeyframeMaker(size, distance);
  const { lossText } = await lib.copyRecording(recording, lib.getFormat("t2r"), target, { createKeyframes });
  if (lossText !== "") throw new Error(`.t2r lost something: ${lossText}`);
}

/** `[isEqual, what differs]` of two recordings, header and events. Both end closed. */
async function compareRecordings(lib, one, other) {
  const [first, second] = [one, other].map((recording) => lib.eachEvent(recording));
  try {
    const headers = [one, other].map(({ header }) => JSON.stringify(ordered(lib.headerToJson(header))));
    if (headers[0] !== headers[1]) return [false, "other header"];
    for (let number = 0; ; number++) {
      const [a, b] = [await first.next(), await second.next()];
      if (a.done && b.done) return [true];
      if (a.done || b.done) return [false, `${a.done ? "more" : "fewer"} events than ${number}`];
      if (!sameEvent(a.value, b.value)) return [false, `event ${number} differs`];
    }
  } finally {
    await first.return();
    await second.return();
    await one.close();
    await other.close();
  }
}

/** Objects say the same in whatever order their keys stand. */
function ordered(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  );
}

function sameEvent({ data, meta, ...one }, { data: otherData, meta: otherMeta, ...other }) {
  return (
    JSON.stringify(one) === JSON.stringify(other) &&
    JSON.stringify(meta) === JSON.stringify(otherMeta) &&
    Buffer.compare(data ?? Buffer.alloc(0), otherData ?? Buffer.alloc(0)) === 0
  );
}

async function unpackedHash(path) {
  const child = spawn("zstd", ["-dcq", path], { stdio: ["ignore", "pipe", "ignore"] });
  const hash = createHash("sha256");
  for await (const chunk of child.stdout) hash.update(chunk);
  return hash.digest("hex");
}

/** The reader prints t2a's `json` format. */
async function compareWithReader(lib, reopen, t2r) {
  const child = spawn("python3", [READER, t2r], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(0, 500);
  });
  let result;
  try {
    const read = await lib.openRecording(lib.openStreamSource("reader.py", child.stdout), {
      format: lib.getFormat("json"),
    });
    result = await compareRecordings(lib, await reopen(), read);
  } catch (error) {
    result = [false, error.message];
  }
  const [status] = await ended;
  return status === 0 ? result : [false, said.trim()];
}
