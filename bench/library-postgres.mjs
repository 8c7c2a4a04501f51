// Fills an index in PostgreSQL with recordings and asks it all questions several times: what library-build.mjs and
// library-steps.mjs do with one in SQLite. usage: node library-postgres.mjs URL RECORDINGS BYTES [build|ask|peers]. Prints JSON.
// "peers" does the same with what PostgreSQL has itself: the text in rows, under pg_trgm's GIN and under a tsvector's.
import { PostgresClients } from "../dist/src/store/drivers/postgres-clients.js";
import { PostgresIndex } from "../dist/src/store/index/postgres-index.js";
import { questions, recordingText } from "./library-data.mjs";

const ROUNDS = 10;
const WRITERS = 3;
const [url, count, total, only] = process.argv.slice(2);
const recordings = Number(count);
const bytes = Math.ceil(Number(total) / recordings);
const clients = new PostgresClients({ driver: "postgres", url });
const index = await PostgresIndex.open(clients);
const stats = { events: {}, outputBytes: bytes, inputBytes: 0, durationNs: 1e9, storedBytes: bytes, dropped: 0 };
const idOf = (number, kind) => `01${kind}${String(number).padStart(23, "0")}`;

const result = {};
if (only === "peers") result.peers = await peers();
if (only !== "ask" && only !== "peers") result.build = await build();
if (only !== "build" && only !== "peers") result.ask = await ask();
result.sizes = await sizes();
await clients.close();
console.log(JSON.stringify(result, undefined, 1));

async function build() {
  let text = 0;
  let next = 0;
  const started = performance.now();
  const saves = [];
  const write = async () => {
    while (next < recordings) {
      const number = next++;
      const { session, recording, createdAt } = sessionOf(number);
      const saving = performance.now();
      await index.putSession(session, "tag", { clearsPending: false });
      saves.push(performance.now() - saving);
      const { passages, commands } = recordingText(number, bytes);
      for (const { lines } of passages) for (const line of lines) text += Buffer.byteLength(line.text) + 1;
      await index.putText({
        ...{ sessionId: session.id, recordingId: recording.id, title: recording.title, startMs: Date.parse(createdAt) },
        passages: (async function* () {
          yield* passages;
        })(),
        commands: () => commands,
      });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return { text, seconds: (performance.now() - started) / 1000, putSession: summary(saves) };
}

function sessionOf(number) {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + number * 600_000).toISOString();
  const recording = {
    ...{ name: `${idOf(number, "R")}.t2r`, sizeBytes: bytes, sha256: "0".repeat(64), id: idOf(number, "R") },
    ...{ format: "t2r", createdAt, cols: 80, rows: 24, title: `recording ${number}`, stats },
  };
  const id = idOf(number, "S");
  const session = {
    ...{ version: 1, id, revision: `1-${id}`, name: `session ${number}`, status: "completed", createdAt },
    ...{ lastActivityAt: createdAt, savedAt: createdAt, config: { command: "bash", env: {}, cols: 80, rows: 24 } },
    ...{ children: [], state: { session: {} }, recordings: [recording], tags: [`tag${number % 50}`], commandCount: 20 },
    ...{ stats, host: `host${number % 20}`, user: "user" },
  };
  return { session, recording, createdAt };
}

async function ask() {
  const kinds = {};
  const all = [];
  for (const [kind, queries] of Object.entries(questions(recordings))) {
    const times = [];
    let hits = 0;
    let cut = 0;
    let first = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const query of queries) {
        const started = performance.now();
        const found = await index.search(query, { onCut: () => cut++ });
        const ms = performance.now() - started;
        if (round === 0) {
          hits += found.length;
          first = Math.max(first, ms);
        }
        times.push(ms);
      }
    }
    all.push(...times);
    kinds[kind] = { ...summary(times), hits, cut: cut / ROUNDS, first };
  }
  return { ...kinds, all: summary(all) };
}

/** Megabytes of the packs' table without its long values, of these, and of its indexes; of the whole index. */
async function sizes() {
  const { rows } = await clients.query(`SELECT
    pg_relation_size('t2a_index_packs') / 1e6 AS rows,
    pg_table_size('t2a_index_packs') / 1e6 AS "rowsAndLongValues",
    pg_relation_size('t2a_index_pack_grams') / 1e6 AS grams,
    (SELECT sum(length(bytes)) FROM t2a_index_packs) / 1e6 AS texts,
    (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 't2a_index%' AND relkind = 'r'
      AND pg_table_is_visible(oid)) / 1e6 AS all`);
  return Object.fromEntries(Object.entries(rows[0]).map(([key, value]) => [key, Math.round(Number(value))]));
}

/** A row for each 24 KB of text; the words of a question as each of the two can be asked for them. */
async function peers() {
  await clients.query("CREATE EXTENSION IF NOT EXISTS pg_trgm");
  await clients.query("CREATE TABLE peer (row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)");
  let all = 0;
  for (let number = 0; number < recordings; number++) {
    const { passages } = recordingText(number, bytes);
    const texts = [];
    for (let at = 0; at < passages.length; at += 4) {
      const lines = passages.slice(at, at + 4).flatMap((passage) => passage.lines.map(({ text }) => text));
      texts.push(lines.join("\n"));
      all += Buffer.byteLength(texts.at(-1));
    }
    await clients.query("INSERT INTO peer (text) SELECT unnest($1::text[])", [texts]);
  }
  const sizeOf = async (name, size) => {
    const { rows } = await clients.query(`SELECT ${size}('${name}')::float8 AS size`);
    return rows[0].size / all;
  };
  const peersOf = {
    pg_trgm: ["gin (text gin_trgm_ops)", "text ILIKE $1", (text) => `%${text.replace(/[%_\\]/g, "\\$&")}%`],
    tsvector: [
      "gin (to_tsvector('simple', text))",
      "to_tsvector('simple', text) @@ plainto_tsquery('simple', $1)",
      (t) => t,
    ],
  };
  const answers = { text: all, table: await sizeOf("peer", "pg_table_size") };
  for (const [name, [index, condition, asValue]] of Object.entries(peersOf)) {
    const started = performance.now();
    await clients.query(`CREATE INDEX peer_in ON peer USING ${index}`, [], { patience: 20 });
    const seconds = (performance.now() - started) / 1000;
    const kinds = {};
    const times = [];
    for (const [kind, queries] of Object.entries(questions(recordings))) {
      let hits = 0;
      let there = 0;
      for (const { all: terms, none, pattern, isFuzzy } of queries) {
        if (pattern !== undefined || isFuzzy || none.length > 0) continue;
        const values = terms.map(({ text }) => asValue(text));
        const conditions = values.map((_, at) => condition.replace("$1", `$${at + 1}`));
        const sql = (where) => `SELECT row FROM peer WHERE ${where.join(" AND ")} ORDER BY row DESC LIMIT 20`;
        const asked = performance.now();
        hits += (await clients.query(sql(conditions), values, { patience: 20 })).count;
        times.push(performance.now() - asked);
        const is = terms.map((_, at) => `strpos(lower(text), $${at + 1}) > 0`);
        there += (
          await clients.query(
            sql(is),
            terms.map(({ text }) => text),
            { patience: 20 },
          )
        ).count;
      }
      kinds[kind] = `${hits} of ${there}`;
    }
    answers[name] = { seconds, index: await sizeOf("peer_in", "pg_relation_size"), ...summary(times), found: kinds };
    await clients.query("DROP INDEX peer_in");
  }
  await clients.query("DROP TABLE peer");
  return answers;
}

function summary(times) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) };
}
