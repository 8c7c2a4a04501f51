// The index in PostgreSQL does what every index must, on a real server.
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PostgresClients, type PostgresTimes } from "../../../src/store/drivers/postgres-clients.js";
import { openPostgresIndex } from "../../../src/store/index/open-postgres-index.js";
import { PostgresIndex } from "../../../src/store/index/postgres-index.js";
import { INDEX_MIGRATIONS } from "../../../src/store/index/postgres-tables.js";
import { SqliteIndex } from "../../../src/store/index/sqlite-index.js";
import type { SearchQuery } from "../../../src/store/index.js";
import { ask, storeIndexConformance } from "../../conformance/store-index.js";
import { startFaultProxy } from "../../support/fault-proxy.js";
import { type PostgresServer, postgresMissing, startPostgres } from "../../support/postgres-server.js";
import { testRecording, testSession, testText } from "../../support/sessions.js";

let server: PostgresServer;

async function opened(url: string, times: PostgresTimes = {}, now?: () => number): Promise<PostgresIndex> {
  const clients = new PostgresClients({ driver: "postgres", url }, times);
  return await PostgresIndex.open(clients, { ownsClients: true, now });
}

describe.skipIf(postgresMissing !== undefined)("PostgresIndex", () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  storeIndexConformance("PostgresIndex", async () => await opened(await server.newUrl()), { runs: 8 });

  it("finds what an index in SQLite finds, in the same order", async () => {
    const now = () => Date.UTC(2026, 11, 1);
    const sqlite = new SqliteIndex(new Sqlite(":memory:"), { now });
    const postgres = await opened(await server.newUrl(), {}, now);
    const words = [
      "error",
      "warning",
      "deploy",
      "세션",
      "漢字",
      "shop",
      "Straße",
      "x9",
      "kubectl",
      "connection refused",
    ];
    for (let number = 0; number < 60; number++) {
      const session = testSession({
        name: `session ${words[number % 7]}`,
        tags: [`tag${number % 5}`],
        host: `host${number % 3}`,
        recordings: [testRecording()],
        ...(number % 10 === 9 ? { deletedAt: "2026-11-01T00:00:00.000Z" } : {}),
      });
      const passages = Array.from({ length: 6 }, (_, p) =>
        Array.from(
          { length: 20 },
          (_, l) => `${words[(number * 7 + p * 3 + l) % 10]} ${number * p * l} ${"pad ".repeat(20)}`,
        ),
      );
      const commands = words.slice(number % 6).map((word, at) => ({ line: `run ${word}`, exitStatus: at % 3 }));
      for (const index of [sqlite, postgres]) {
        await index.putSession(session, session.revision, { clearsPending: false });
        await index.putText(testText(session, passages, commands));
      }
    }
    const queries: readonly SearchQuery[] = [
      ...["error", "세", "漢字", "x9", "strasse", "1", "refused 12", "nothing of it"].map((text) => ask(text)),
      ask("error", "deploy"),
      { ...ask("deploy"), none: [{ text: "warning", match: "anywhere" }] },
      { ...ask("shop"), sessions: { tags: ["tag3"] } },
      { ...ask("shop"), sessions: { host: "host1", isDeleted: true } },
      { ...ask(), exit: { status: 0, isNot: true } },
      { ...ask("kubctl"), isFuzzy: true },
      { ...ask(), pattern: /refused 1\d+ /u },
      { ...ask("deploy"), sessions: { command: "run kube" } },
    ];
    for (const query of queries) {
      for (const options of [{}, { limit: 300 }, { limit: 7, offset: 90 }]) {
        expect(await postgres.search(query, options)).toEqual(await sqlite.search(query, options));
      }
    }
    await sqlite.close();
    await postgres.close();
  });

  it("finds the newest of many first, through windows of rows", async () => {
    const url = await server.newUrl();
    const index = await opened(url);
    const clients = new PostgresClients({ driver: "postgres", url });
    const put = async (word: string): Promise<string> => {
      const session = testSession({ recordings: [testRecording()] });
      await index.putSession(session, "t", { clearsPending: false });
      await index.putText(testText(session, [[`common ${word}`]]));
      return session.id;
    };
    const ids: string[] = [];
    // Rows far apart, at the borders of windows too.
    for (const row of [1, 4095, 4096, 40_000, 262_143, 262_144, 3_000_000, 2 ** 33, 2 ** 33 + 1]) {
      await clients.query(`SELECT setval('t2a_index_packs_row', $1, false)`, [row]);
      ids.push(await put(`number${row}`));
    }
    const hits = await index.search(ask("common"));
    expect(hits.map(({ sessionId }) => sessionId).sort()).toEqual([...ids].sort());
    for (const row of [1, 4096, 262_143, 2 ** 33]) expect(await index.search(ask(`number${row}`))).not.toEqual([]);
    await clients.close();
    await index.close();
  });

  it("is right and whole whenever connections end", async () => {
    const proxy = await startFaultProxy(server.port);
    onTestFinished(() => proxy.close());
    const url = await server.newUrl();
    const through = new URL(url);
    through.port = String(proxy.port);
    const direct = await opened(url);
    const proxied = await opened(through.href, { firstWaitMs: 1 });
    for (let at = 1; at <= 28; at++) {
      // One packet later each time: every step has its turn, before it is done and behind.
      proxy.decide(({ total }) => (total === at ? { passBytes: at % 3, ending: "reset" } : "pass"));
      const session = testSession({ name: `session ${at}`, recordings: [testRecording()] });
      await proxied.markPending(session.id);
      await proxied.putSession(session, "t", { clearsPending: true });
      await proxied.putText(testText(session, [[`needle${at}`], ["more"]], [{ line: `find needle${at}` }]));
      const hits = await proxied.search(ask(`needle${at}`));
      expect(hits.map(({ kind }) => kind).sort()).toEqual(["command", "screen"]);
      proxy.decide(undefined);
      expect(await direct.findSession(session.id)).toEqual(session);
      expect(await direct.search(ask(`needle${at}`))).toHaveLength(2);
      await proxied.putText(testText(session, [["other"]]));
      expect(await direct.search(ask(`needle${at}`))).toEqual([]);
    }
    expect(proxy.faults).toBe(28);
    expect(await direct.listUnindexed(10)).toEqual([]);
    await proxied.close();
    await direct.close();
  });

  it("has notes by one clock, whatever clock each machine has", async () => {
    const url = await server.newUrl();
    const hour = 3_600_000;
    const [ahead, behind] = [
      await opened(url, {}, () => Date.now() + hour),
      await opened(url, {}, () => Date.now() - hour),
    ];
    const { id } = testSession();
    await ahead.markPending(id);
    const [note] = await behind.listPending();
    expect(Math.abs((note?.sinceMs ?? 0) - (Date.now() - hour))).toBeLessThan(60_000);
    await ahead.clearPending([{ id, sinceMs: Date.now() + hour - 60_000 }]);
    expect(await behind.listPending()).toEqual([note]);
    await behind.clearPending(note === undefined ? [] : [note]);
    expect(await ahead.listPending()).toEqual([]);
    await ahead.close();
    await behind.close();
  });

  it("is brought forward from an earlier version with what is in it, and is left alone where a newer t2a made it", async () => {
    const url = await server.newUrl();
    const index = await opened(url);
    const session = testSession({ recordings: [testRecording()] });
    await index.putSession(session, "t", { clearsPending: false });
    await index.putText(testText(session, [["words"]]));
    const clients = new PostgresClients({ driver: "postgres", url });
    const migrations = [...INDEX_MIGRATIONS, "ALTER TABLE t2a_index_sessions ADD COLUMN more int"];
    const both = await Promise.all([1, 2].map(() => PostgresIndex.open(clients, { migrations })));
    expect(await both[0]?.search(ask("words"))).toHaveLength(1);
    await expect(opened(url)).rejects.toMatchObject({ code: "T2A_STORE_VERSION" });
    await clients.close();
    await index.close();
  });

  it("is of one store: another is told to take a schema of its own", async () => {
    const location = { driver: "postgres", url: await server.newUrl() } as const;
    const index = await openPostgresIndex(location, "one");
    await index.clear();
    await expect(openPostgresIndex(location, "other")).rejects.toMatchObject({ code: "T2A_STORE_URL" });
    await (await openPostgresIndex(location, "one")).close();
    await index.close();
  });
});
