// What keeping takes: one session's document saved and loaded, all listed, a long recording put and read, in the stores that need
// no server. On the disk and not in memory, since saving is mostly waiting for it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { openStore, parseStoreUrl } from "../dist/src/store/index.js";
import { ratio, target } from "./measure.mjs";

const SAVES = 500;
const MB = 1024 * 1024;

/** `large`: 100,000 sessions and 1 GB instead of 20,000 and 100 MB. */
export async function* benchStore({ large }) {
  const folder = mkdtempSync(join(process.env.T2A_BENCH_DIR ?? tmpdir(), "t2a-bench-store-"));
  try {
    yield* benchDocuments(folder);
    yield* benchListing(folder, large ? 100_000 : 20_000);
    yield* benchLong(folder, large ? 1024 : 100);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* benchDocuments(folder) {
  const stores = {
    files: await openStore(parseStoreUrl(`file://${folder}/store`), { cacheFolder: folder }),
    sqlite: await openStore(parseStoreUrl(`sqlite://${folder}/store.db`), { cacheFolder: folder }),
  };
  const session = newSession(0);
  for (const store of Object.values(stores)) await store.create(session);
  const { json } = await stores.files.storage.findDocument(session.id);
  const times = {};
  const time = async (name, task) => {
    const start = performance.now();
    await task();
    times[name] = [...(times[name] ?? []), performance.now() - start];
  };
  mkdirSync(join(folder, "plain"));
  // In turn: whatever else the disk has to do, all have to wait for it alike.
  for (let i = 0; i < SAVES; i++) {
    await time("plain save", () => savePlainly(join(folder, "plain"), json));
    await time("plain load", () => readFile(join(folder, "plain/document"), "utf8"));
    for (const [name, store] of Object.entries(stores)) {
      await time(`${name} save`, async () => {
        const was = await store.storage.findDocument(session.id);
        const revision = `${i + 2}-${session.id}`;
        await store.storage.putDocument(
          { ...was, revision, json: was.json.replace(was.revision, revision) },
          was.revision,
        );
      });
      await time(`${name} load`, () => store.find(session.id));
      await time(`${name} update`, () => store.update(session.id, (was) => ({ ...was, commandCount: i })));
    }
  }
  for (const store of Object.values(stores)) await store.close();
  for (const [what, peer] of [
    ["save", "plain save"],
    ["load", "plain load"],
    ["update", "plain save"],
  ]) {
    for (const name of Object.keys(stores)) {
      const p99 = quantile(times[`${name} ${what}`], 0.99);
      const plain = quantile(times[peer], 0.99);
      yield {
        what: `${name}: ${what} a document, median, p99`,
        figure: `${quantile(times[`${name} ${what}`], 0.5).toFixed(2)}, ${p99.toFixed(2)} ms`,
        peer: `${peer}: p99 ${plain.toFixed(2)} ms, ${ratio(p99, plain)}`,
        verdict:
          what === "update"
            ? undefined
            : target(p99 < Math.max(10, 1.5 * plain), "p99 under 10 ms, or 1.5 x plain on a busy disk"),
      };
    }
  }
}

/** As any program would that wants the bytes to be there after a power cut. */
async function savePlainly(folder, text) {
  const file = await open(join(folder, "new"), "w", 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(join(folder, "new"), join(folder, "document"));
  const directory = await open(folder);
  await directory.sync();
  await directory.close();
}

async function* benchListing(folder, count) {
  const urls = { files: `file://${folder}/many`, sqlite: `sqlite://${folder}/many.db` };
  for (const url of Object.values(urls)) await (await openStore(parseStoreUrl(url), { cacheFolder: folder })).close();
  const database = new Sqlite(join(folder, "many.db"));
  const insert = database.prepare("insert into store_documents values(?, ?, ?)");
  // Straight into their places, and not synced: the listing is what is measured.
  database.transaction(() => {
    for (let i = 0; i < count; i++) {
      const session = { ...newSession(i), version: 1, revision: `1-${idOf(i)}`, savedAt: "2026-01-01T00:00:00.000Z" };
      const json = JSON.stringify(session, null, 2);
      mkdirSync(join(folder, "many/sessions", session.id));
      writeFileSync(join(folder, "many/sessions", session.id, "session.json"), json);
      insert.run(session.id, session.revision, json);
    }
  })();
  database.close();
  for (const [name, url] of Object.entries(urls)) {
    const store = await openStore(parseStoreUrl(url), { cacheFolder: folder });
    for await (const _ of store.storage.listDocuments()) break;
    const before = process.memoryUsage().rss;
    let [listed, most] = [0, 0];
    const start = performance.now();
    for await (const _ of store.storage.listDocuments()) {
      if (listed++ % 1000 === 0) most = Math.max(most, process.memoryUsage().rss);
    }
    const ms = performance.now() - start;
    await store.close();
    yield {
      what: `${name}: list ${listed.toLocaleString("en")} documents with their tags`,
      figure: `${ms.toFixed(0)} ms, ${((most - before) / MB).toFixed(0)} MB`,
    };
  }
}

async function* benchLong(folder, megabytes) {
  const block = Buffer.alloc(MB / 4, "recorded ");
  async function* chunks() {
    for (let i = 0; i < megabytes * 4; i++) yield block;
  }
  const plain = await elapsed(async () => {
    const file = await open(join(folder, "long"), "w", 0o600);
    for await (const chunk of chunks()) await file.write(chunk);
    await file.sync();
    await file.close();
  });
  for (const [name, url] of [
    ["files", `file://${folder}/long-store`],
    ["sqlite", `sqlite://${folder}/long.db`],
  ]) {
    const store = await openStore(parseStoreUrl(url), { cacheFolder: folder });
    const put = await elapsed(() => store.storage.putBlob(idOf(1), "a.t2r", chunks()));
    const read = await elapsed(async () => {
      for await (const _ of store.storage.readBlob(idOf(1), "a.t2r"));
    });
    const ranges = [];
    for (let i = 0; i < 500; i++) {
      const start = Math.floor(((i * 7919) % 500) * (megabytes / 500) * MB);
      const length = 256 * 1024;
      ranges.push(await elapsed(() => store.storage.readBlobRange(idOf(1), "a.t2r", { start, length })));
    }
    await store.close();
    const rate = (ms) => `${((megabytes / ms) * 1000).toFixed(0)} MB/s`;
    yield {
      what: `${name}: put, read ${megabytes} MB`,
      figure: `${rate(put)}, ${rate(read)}`,
      peer: `plain write and sync: ${rate(plain)}, ${ratio(put, plain)}`,
    };
    yield {
      what: `${name}: a range of 256 KB of them, median, p99`,
      figure: `${quantile(ranges, 0.5).toFixed(2)}, ${quantile(ranges, 0.99).toFixed(2)} ms`,
    };
  }
}

async function elapsed(task) {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

function quantile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
}

/** A ULID that a number stands for. */
function idOf(number) {
  return `01KAMEX5G0${String(number).padStart(16, "0")}`;
}

/** About 2 KB. */
function newSession(number) {
  const stats = {
    events: { output: 1000, input: 50 },
    outputBytes: 123_456,
    inputBytes: 60,
    durationNs: 9e10,
    storedBytes: 34_567,
    dropped: 0,
  };
  const id = idOf(number);
  return {
    id,
    name: `session ${number}`,
    status: "completed",
    createdAt: "2026-01-01T00:00:00.000Z",
    lastActivityAt: "2026-01-01T00:01:30.000Z",
    config: {
      command: "make test",
      cwd: "/home/somebody/project",
      env: { TERM: "xterm-256color", LANG: "C.UTF-8" },
      cols: 120,
      rows: 40,
    },
    children: [],
    state: { session: {} },
    recordings: [
      {
        name: `${id}.t2r`,
        sizeBytes: 34_567,
        sha256: "0".repeat(64),
        id,
        format: "t2r",
        createdAt: "2026-01-01T00:00:00.000Z",
        cols: 120,
        rows: 40,
        title: "make test",
        stats,
      },
    ],
    tags: ["build", "ci"],
    commandCount: 12,
    lastCommand: "make test",
    lastResult: { exitStatus: 0, durationNs: 2e9 },
    exitStatus: 0,
    stats,
    host: "a-host",
    user: "somebody",
  };
}
