// Puts sessions with texts into an index until it has put all, or is killed. usage: node index-writer.mjs INDEX NUMBER COUNT ENDLESS
import { openSqliteIndex } from "../../../dist/src/store/index/open-sqlite-index.js";

const [path, writer, count, endless] = process.argv.slice(2);
const index = await openSqliteIndex(path);
const stats = { events: {}, outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes: 0, dropped: 0 };
const createdAt = "2026-01-01T00:00:00.000Z";
for (let number = 0; number < Number(count); number++) {
  const id = `01${writer}${String(number).padStart(23, "0")}`;
  const recording = {
    id,
    name: `${id}.t2r`,
    sizeBytes: 0,
    sha256: "0".repeat(64),
    format: "t2r",
    createdAt,
    cols: 80,
    rows: 24,
    stats,
  };
  const session = {
    ...{
      version: 1,
      id,
      revision: `1-${id}`,
      name: `writer ${writer}`,
      status: "completed",
      createdAt,
      lastActivityAt: createdAt,
    },
    ...{ savedAt: createdAt, config: { env: {}, cols: 80, rows: 24 }, children: [], state: { session: {} }, tags: [] },
    ...{ recordings: [recording], commandCount: 0, stats },
  };
  await index.markPending(id);
  await index.putSession(session, "tag", { clearsPending: true });
  await index.putText({
    ...{ sessionId: id, recordingId: id, title: "", startMs: 0, commands: () => [] },
    passages: (async function* () {
      do {
        for (let passage = 0; passage < 20; passage++) {
          yield { lines: [{ timeNs: 0, text: `common words of writer${writer} number${number} passage${passage}` }] };
        }
        if (endless) process.stdout.write(".");
      } while (endless);
    })(),
  });
}
await index.close();
