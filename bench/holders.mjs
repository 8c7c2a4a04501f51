// Holders: what they take with many idle sessions, and fifty that print 100 KB a second each, with nothing lost on the way. The memory is
// what is theirs alone and their part of what they share (PSS); shells are not counted.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ulid } from "ulid";
import { openRecording } from "../dist/formats/index.js";
import { openFileSource } from "../dist/src/files/index.js";
import { holderProgram, openHolderPool, runtimeFolder } from "../dist/src/session/index.js";
import { target } from "./measure.mjs";

const HOLDER = fileURLToPath(new URL("../dist/cli/holder.js", import.meta.url));
const PRINTER = fileURLToPath(new URL("holders-printer.mjs", import.meta.url));
const PER_HOLDER = 50;
const RATE = 100_000;
const TICK_MS = 1000 / 100; // of the system's clock that CPU time is counted in

/** The rows of the table. */
export async function* benchHolders({ folder, large }) {
  const count = large ? 1000 : 100;
  const { pssMb, cpuPercent, holders } = await idleHolders(join(folder, "idle"), count);
  yield { what: `PSS of ${holders} holders, ${count} idle sessions`, figure: `${pssMb.toFixed(0)} MB` };
  yield {
    what: "their idle CPU, of a core",
    figure: `${cpuPercent.toFixed(2)} %`,
    verdict: target(cpuPercent < 5, "under 5 %"),
  };
  const busy = await busyHolder(join(folder, "busy"), large ? 60 : 10);
  yield {
    what: `50 sessions at 100 KB/s, ${busy.seconds.toFixed(0)} s: holder, who follows`,
    figure: `${busy.holderCores.toFixed(2)}, ${busy.clientCores.toFixed(2)} cores`,
    peer: "no screens",
  };
  yield {
    what: "sessions that lost or changed a byte",
    figure: `${busy.wrong} of 50`,
    verdict: target(busy.wrong === 0, "none"),
  };
}

/** Bash at its prompt, many times. */
async function idleHolders(folder, count) {
  const pool = await open(folder);
  try {
    for (let begun = 0; begun < count; begun += PER_HOLDER) {
      await Promise.all(
        Array.from({ length: Math.min(PER_HOLDER, count - begun) }, () => start(pool, folder, "/bin/bash", ["--norc"])),
      );
    }
    await settle(pool);
    const before = cpuOf(pool);
    await sleep(20_000);
    const cpuPercent = (cpuOf(pool) - before) / 200;
    const pssMb = pool.holders.reduce((sum, { pid }) => sum + pssOf(pid), 0) / 1024;
    return { pssMb, cpuPercent, holders: pool.holders.length, sessions: count };
  } finally {
    await end(pool);
  }
}

/** Fifty that print, followed by one process as a daemon follows them. */
async function busyHolder(folder, seconds) {
  const pool = await open(folder);
  try {
    const sessions = [];
    for (let n = 0; n < PER_HOLDER; n++) {
      const args = [PRINTER, String(RATE), String(seconds)];
      sessions.push(await follow(await start(pool, folder, process.execPath, args)));
    }
    await settle(pool);
    const [holderMs, clientUsage, began] = [cpuOf(pool), process.cpuUsage(), performance.now()];
    for (const { session } of sessions) session.input(Buffer.from("\n"), "bench");
    await Promise.all(sessions.map(({ ended }) => ended));
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(clientUsage);
    const holderCores = (cpuOf(pool) - holderMs) / ms;
    let wrong = 0;
    for (const one of sessions) if (!(await isWhole(one))) wrong++;
    return { holderCores, clientCores: (user + system) / 1000 / ms, seconds: ms / 1000, wrong };
  } finally {
    await end(pool);
  }
}

async function open(folder) {
  mkdirSync(folder, { recursive: true });
  const runtime = runtimeFolder({ XDG_RUNTIME_DIR: folder });
  return await openHolderPool({ runtime, program: holderProgram(HOLDER), perHolder: PER_HOLDER, version: "bench" });
}

function start(pool, folder, file, args) {
  const sessionId = ulid();
  return pool.start({
    sessionId,
    recordingId: ulid(),
    spool: { folder: join(folder, "spool"), store: "bench", session: { id: sessionId } },
    file,
    args,
    env: { PATH: process.env.PATH, HOME: folder },
    cwd: "/",
    cols: 80,
    rows: 24,
    termType: "xterm-256color",
    captureInput: false,
    captureEnv: [],
    sync: "interval",
    limits: {},
  });
}

async function follow(session) {
  const hash = createHash("sha256");
  const one = { session, hash, isMissed: false, ended: undefined };
  let tell;
  one.ended = new Promise((resolve) => {
    tell = resolve;
  });
  one.position = await session.follow({
    onEvents: (events) => {
      for (const event of events) if (event.kind === "output") hash.update(event.data);
    },
    onUnrecorded: () => {},
    onBehind: () => {
      one.isMissed = true;
    },
    onRecordingFailed: tell,
    onEnd: tell,
    onLost: tell,
  });
  return one;
}

/** What the program says that it printed is in the recording, and what was followed is the recording. */
async function isWhole({ session, hash, isMissed, position }) {
  const recording = await openRecording(await openFileSource(session.facts.path));
  const [all, followed, chunks] = [createHash("sha256"), createHash("sha256"), []];
  let number = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) {
      if (event.kind === "output") {
        chunks.push(event.data);
        if (number >= position.events) followed.update(event.data);
      }
      number++;
    }
  }
  await recording.close();
  const output = Buffer.concat(chunks);
  const tail = /\r\n#([0-9a-f]{64})\r\n$/.exec(output.subarray(-100).toString("latin1"));
  if (tail === null) return false;
  // The line feed that was typed is echoed first.
  const from = output.indexOf("\n") + 1;
  all.update(output.subarray(from, output.length - tail[0].length));
  return all.digest("hex") === tail[1] && (isMissed || followed.digest("hex") === hash.digest("hex"));
}

/** What just began has come to rest. */
async function settle(pool) {
  for (let before = -1, now = cpuOf(pool); now !== before; now = cpuOf(pool)) {
    before = now;
    await sleep(3000);
  }
}

/** Ends the holders and waits for them. */
async function end(pool) {
  const pids = pool.holders.map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, "SIGTERM");
  while (pool.holders.length > 0) await sleep(50);
  await pool.close();
}

/** Milliseconds of CPU time of all holders. */
function cpuOf(pool) {
  return pool.holders.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}

/** KB. */
function pssOf(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1]);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
