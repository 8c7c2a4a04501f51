// The library: `t2a ls` of many sessions beside `node -e 0`; saving and loading a session document; adding a 10 MB recording until it
// is listed, and until it is finished and indexed. With --large there are 100,000 sessions.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { Library, Spool } from "../dist/src/library/index.js";
import { openStore } from "../dist/src/store/index.js";
import { inTurn, ratio, run, T2A, target } from "./measure.mjs";

const DOCUMENTS = 300;
const RECORDING_BYTES = 10 * 1024 * 1024;

export async function* benchLibrary({ large = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "t2a-bench-library-"));
  try {
    yield* benchList(join(folder, "many"), large ? 100_000 : 2000);
    yield* benchDocuments(join(folder, "documents"));
    yield* benchAdding(join(folder, "adding"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Documents as plain files, which is how a store is restored from a backup; the index is made of them. */
async function* benchList(folder, sessions) {
  const data = join(folder, "t2a");
  const first = await openStore({ driver: "files", folder: data }, { cacheFolder: folder });
  await first.close();
  for (let at = 0; at < sessions; at++) {
    const few = { tags: ["tag", `tag${at % 10}`], host: `host${at % 10}` };
    const session = { ...sessionAt(Date.UTC(2026, 0, 1) + at * 60_000, `session ${at}`), ...few };
    const own = join(data, "sessions", session.id);
    mkdirSync(own, { mode: 0o700 });
    const whole = { version: 1, revision: `1-${session.id}`, savedAt: session.createdAt, ...session };
    writeFileSync(join(own, "session.json"), JSON.stringify(whole, null, 2), { mode: 0o600 });
  }
  const store = await openStore({ driver: "files", folder: data }, { cacheFolder: folder });
  const start = performance.now();
  await store.rebuildIndex();
  const seconds = (performance.now() - start) / 1000;
  await store.catchUp();
  const { total } = await store.index.listSessions({ limit: 0 });
  if (total !== sessions) throw new Error(`the index has ${total} sessions instead of ${sessions}`);
  await store.close();
  const many = sessions.toLocaleString("en-US");
  yield { what: `making the index of ${many} sessions anew`, figure: `${seconds.toFixed(1)} s` };
  const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder, T2A_STORE: "" };
  delete env.T2A_STORE;
  const list =
    (...filter) =>
    () =>
      run(process.execPath, [T2A, "ls", "--limit", "50", ...filter], { env });
  // A tag and a host that every tenth has.
  const filters = [[], ["--tag", "tag3"], ["--host", "host3"]];
  const all = inTurn(15, ...filters.map((filter) => list(...filter)), () => run(process.execPath, ["-e", "0"]));
  const node = all.at(-1);
  for (const [at, filter] of filters.entries()) {
    const added = (all[at].wall - node.wall) * 1000;
    yield {
      what: `t2a ${["ls", ...filter].join(" ")}, newest 50 of ${many}`,
      figure: `${(all[at].wall * 1000).toFixed(0)} ms`,
      peer: `node -e 0: ${(node.wall * 1000).toFixed(0)} ms, ${ratio(all[at].wall, node.wall)}`,
      verdict: target(added <= 110, `${added.toFixed(0)} ms more (at most 110)`),
    };
  }
}

async function* benchDocuments(folder) {
  for (const location of [
    { driver: "files", folder: join(folder, "files") },
    { driver: "sqlite", path: join(folder, "store.db") },
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const store = await openStore(location, { cacheFolder: folder });
    const times = [];
    for (let at = 0; at < DOCUMENTS; at++) {
      const session = sessionAt(Date.now() + at, `session ${at}`);
      const start = performance.now();
      await store.create(session);
      await store.get(session.id);
      times.push(performance.now() - start);
    }
    await store.close();
    times.sort((one, other) => one - other);
    const p99 = times[Math.floor(times.length * 0.99)];
    yield {
      what: `saving and loading a session document, ${location.driver}, p99`,
      figure: `${p99.toFixed(1)} ms`,
      peer: `median ${times[times.length >> 1].toFixed(1)} ms`,
      verdict: target(p99 <= 10, "at most 10 ms"),
    };
  }
}

async function* benchAdding(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "long.cast");
  writeFileSync(file, castOf(RECORDING_BYTES));
  const data = join(folder, "t2a");
  const store = await openStore({ driver: "files", folder: data }, { cacheFolder: folder });
  const library = new Library({ store, spool: new Spool(join(data, "spool")), location: store.storage.location });
  const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder, T2A_STORE: undefined };
  const start = performance.now();
  const child = spawn(process.execPath, [T2A, "library", "add", file], { env, stdio: "ignore" });
  const ended = once(child, "exit");
  let listed;
  const watch = setInterval(async () => {
    if ((await library.list()).total > 0) listed ??= performance.now() - start;
  }, 20);
  await ended;
  const indexed = performance.now() - start;
  clearInterval(watch);
  const left = await store.index.listUnindexed(1);
  const { total } = await library.list();
  await library.close();
  if (child.exitCode !== 0 || total !== 1 || left.length > 0)
    throw new Error("the recording is not there with its text");
  listed ??= indexed;
  yield {
    what: "adding a 10 MB recording: listed",
    figure: `${listed.toFixed(0)} ms`,
    verdict: target(listed <= 1000, "at most 1 s"),
  };
  yield {
    what: "adding a 10 MB recording: finished and indexed",
    figure: `${indexed.toFixed(0)} ms`,
    verdict: target(indexed <= 5000, "at most 5 s"),
  };
}

function sessionAt(ms, name) {
  const id = ulid(ms);
  const at = new Date(ms).toISOString();
  const stats = {
    events: { output: 100 },
    outputBytes: 5000,
    inputBytes: 0,
    durationNs: 5e9,
    storedBytes: 3000,
    dropped: 0,
  };
  return {
    id,
    name,
    status: "completed",
    createdAt: at,
    lastActivityAt: at,
    config: { command: "make test", cwd: "/home/user/project", env: { SHELL: "/bin/bash" }, cols: 80, rows: 24 },
    children: [],
    state: { session: {} },
    recordings: [
      {
        id,
        name: `${id}.t2r`,
        sizeBytes: 3000,
        sha256: "0".repeat(64),
        format: "t2r",
        createdAt: at,
        cols: 80,
        rows: 24,
        stats,
      },
    ],
    tags: ["tag"],
    commandCount: 1,
    lastCommand: "make test",
    lastResult: { exitStatus: 0 },
    exitStatus: 0,
    stats,
    host: "host",
    user: "user",
  };
}

/** Lines of a build, coloured, a few of them an event. */
function castOf(bytes) {
  const lines = [JSON.stringify({ version: 3, term: { cols: 120, rows: 40 }, timestamp: 1_767_225_600 })];
  for (let done = 0, number = 0; done < bytes; number++) {
    const data = `\x1b[32m[${number}]\x1b[0m compiling src/module-${(number * 7919) % 10_007}.c: ${(number * 2_654_435_761).toString(36)} of ${number}\r\n`;
    lines.push(JSON.stringify([0.001, "o", data]));
    done += data.length;
  }
  return `${lines.join("\n")}\n`;
}
