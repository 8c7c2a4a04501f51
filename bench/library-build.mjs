// Fills an index with recordings, in a process of its own. usage: node library-build.mjs INDEX RECORDINGS BYTES [PLAIN]
// PLAIN: a folder that the same text goes to as plain files. Prints JSON.
import { mkdirSync, writeFileSync } from "node:fs";
import { openSqliteIndex } from "../dist/src/store/index/open-sqlite-index.js";
import { recordingText } from "./library-data.mjs";

const [path, count, total, plain] = process.argv.slice(2);
const recordings = Number(count);
const bytes = Math.ceil(Number(total) / recordings);
const index = await openSqliteIndex(path);
if (plain !== undefined) mkdirSync(plain, { recursive: true });
const stats = { events: {}, outputBytes: bytes, inputBytes: 0, durationNs: 1e9, storedBytes: bytes, dropped: 0 };
const idOf = (number, kind) => `01${kind}${String(number).padStart(23, "0")}`;
let text = 0;
const started = performance.now();
for (let number = 0; number < recordings; number++) {
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
  await index.putSession(session, "tag", { clearsPending: false });
  const { passages, commands } = recordingText(number, bytes);
  for (const { lines } of passages) for (const line of lines) text += Buffer.byteLength(line.text) + 1;
  if (plain !== undefined) {
    const all = passages.flatMap(({ lines }) => lines.map((line) => line.text)).join("\n");
    writeFileSync(`${plain}/${number}.txt`, `${all}\n`);
  }
  await index.putText({
    ...{ sessionId: id, recordingId: recording.id, title: recording.title, startMs: Date.parse(createdAt) },
    passages: (async function* () {
      yield* passages;
    })(),
    commands: () => commands,
  });
}
await index.close();
console.log(
  JSON.stringify({ text, seconds: (performance.now() - started) / 1000, rssMb: process.memoryUsage().rss / 1e6 }),
);
