// Moves recordings around through stores, exports and imports them; every hash is compared. Build first.
// usage: node bench/library-migrate.mjs [--recordings 1000] [--bytes 25000] [--large 0] [URL ...]
//   URL       stores to go through, in this order, from files and back to files; sqlite by default: postgres://..., s3://...
//   --bytes   of a recording, about
//   --large   one recording more, of so many bytes
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { monotonicFactory } from "ulid";
import { codecForSuffix, compressedTarget } from "../dist/src/codec/index.js";
import { openFileSource, openFileTarget } from "../dist/src/files/index.js";
import { exportStore } from "../dist/src/library/export-store.js";
import { importStore } from "../dist/src/library/import-store.js";
import { migrateStore } from "../dist/src/library/migrate-store.js";
import { openStore, parseStoreUrl } from "../dist/src/store/index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recordings: { type: "string", default: "1000" },
    bytes: { type: "string", default: "25000" },
    large: { type: "string", default: "0" },
  },
});
const [recordings, bytes, large] = [values.recordings, values.bytes, values.large].map(Number);
const folder = mkdtempSync(join(process.env.T2A_BENCH_DIR ?? tmpdir(), "t2a-migrate-"));
const ulid = monotonicFactory();
const CHUNK = randomBytes(1 << 20);

try {
  const open = (url) => openStore(parseStoreUrl(url), { cacheFolder: join(folder, "cache") });
  const first = await open(join(folder, "files"));
  for (let count = 0; count < recordings; count++) await add(first, Math.round(bytes * (0.5 + Math.random())));
  if (large > 0) await add(first, large);
  const content = await contentOf(first);
  let from = first;
  const ways = [...(positionals.length > 0 ? positionals : [`sqlite://${folder}/x.db`]), join(folder, "back")];
  for (const url of ways) {
    const to = await open(url);
    const { seconds, result } = await timed(() => migrateStore(from, to));
    tell(`${from.storage.driver} -> ${to.storage.driver}`, result.files, result.bytes, seconds);
    if (from !== first) await from.close();
    from = to;
  }
  const isSame = (await contentOf(from)) === content;
  console.log(`full circle: ${isSame ? "every hash equal" : "NOT EQUAL"}`);
  await from.close();

  const archive = join(folder, "all.tar.zst");
  const made = await timed(async () =>
    exportStore(first, await compressedTarget(codecForSuffix(archive), openFileTarget(archive)), { version: "bench" }),
  );
  tell("export", made.result.files, made.result.bytes, made.seconds);
  const restored = await open(join(folder, "restored"));
  const source = await openFileSource(archive);
  const imported = await timed(() => importStore(restored, source));
  await source.close();
  tell("import", imported.result.imported, statSync(archive).size, imported.seconds);
  console.log(`restored: ${(await contentOf(restored)) === content ? "every hash equal" : "NOT EQUAL"}`);
  console.log(`largest memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  await restored.close();
  await first.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function add(store, size) {
  const id = ulid();
  const hash = createHash("sha256");
  const chunks = async function* () {
    for (let left = size; left > 0; left -= CHUNK.length) {
      const chunk = CHUNK.subarray(0, left);
      hash.update(chunk);
      yield chunk;
    }
  };
  await store.storage.putBlob(id, `${id}.t2r`, chunks(), { sizeBytes: size });
  const at = new Date().toISOString();
  const stats = { events: {}, outputBytes: size, inputBytes: 0, durationNs: 1e9, storedBytes: size, dropped: 0 };
  const blob = { name: `${id}.t2r`, sizeBytes: size, sha256: hash.digest("hex") };
  await store.create({
    ...{ id, name: id, status: "completed", createdAt: at, lastActivityAt: at, tags: [], commandCount: 0, stats },
    ...{ config: { env: {}, cols: 80, rows: 24 }, children: [], state: { session: {} } },
    recordings: [{ ...blob, id, format: "t2r", createdAt: at, cols: 80, rows: 24, stats }],
  });
}

/** One hash of all documents and files. */
async function contentOf({ storage }) {
  const hash = createHash("sha256");
  for await (const { id } of storage.listDocuments()) hash.update((await storage.findDocument(id)).json);
  for await (const { sessionId, name } of storage.listBlobs()) {
    hash.update(`${sessionId}/${name}`);
    for await (const chunk of storage.readBlob(sessionId, name)) hash.update(chunk);
  }
  return hash.digest("hex");
}

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

function tell(what, count, size, seconds) {
  const rate = `${(count / seconds).toFixed(0)} a second, ${(size / 1e6 / seconds).toFixed(1)} MB/s`;
  console.log(`${what}: ${count} in ${seconds.toFixed(1)} s, ${rate}`);
}
