// An index in a file: several processes at it, some killed; damaged, of another version.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { openSqliteIndex } from "../../../src/store/index/open-sqlite-index.js";
import { ask } from "../../conformance/store-index.js";
import { testRecording, testSession, testText } from "../../support/sessions.js";
import { tempDir } from "../../support/temp-dir.js";

const WRITER = fileURLToPath(new URL("index-writer.mjs", import.meta.url));
const write = (...args: readonly string[]) =>
  spawn(process.execPath, [WRITER, ...args], { stdio: ["ignore", "pipe", "inherit"] });

test("eight processes put what is all there in the end", async () => {
  const path = tempDir()("index.sqlite");
  const ends = Array.from({ length: 8 }, (_, writer) => once(write(path, String(writer), "10"), "exit"));
  for (const end of ends) expect(await end).toEqual([0, null]);
  const index = await openSqliteIndex(path);
  expect((await index.listSessions({})).total).toBe(80);
  expect(await index.listPending()).toEqual([]);
  expect(await index.listUnindexed(10)).toEqual([]);
  for (let writer = 0; writer < 8; writer++) {
    const hits = await index.search(ask(`writer${writer} number7 passage13`), { limit: 10 });
    expect(hits.map(({ snippet }) => snippet)).toEqual([`common words of writer${writer} number7 passage13`]);
  }
  await index.close();
  const database = new Sqlite(path, { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  database.close();
}, 60_000);

test("what a writer leaves that is killed in the middle of a text is not seen, and is taken away", async () => {
  const path = tempDir()("index.sqlite");
  const writer = write(path, "1", "1", "endless");
  for (let seen = 0; seen < 150; ) seen += ((await once(writer.stdout, "data")) as [Buffer])[0].length;
  writer.kill("SIGKILL");
  await once(writer, "exit");
  const count = () => {
    const database = new Sqlite(path, { readonly: true });
    const rows = database.prepare("select count(*) from index_passages").pluck().get() as number;
    database.close();
    return rows;
  };
  expect(count()).toBeGreaterThan(100);
  const later = Date.now() + 3_600_000;
  const index = await openSqliteIndex(path, { now: () => later });
  expect(await index.search(ask("common words"))).toEqual([]);
  expect(await index.listUnindexed(10)).toHaveLength(1);
  const session = testSession({ recordings: [testRecording()] });
  await index.putSession(session, "t", { clearsPending: false });
  await index.putText(testText(session, [["whole"]]));
  await index.close();
  expect(count()).toBe(1);
}, 60_000);

test("a damaged file is set aside, and the index made anew", async () => {
  const path = tempDir();
  writeFileSync(path("index.sqlite"), "this is no database at all, however long it is".repeat(300));
  const indexes = await Promise.all([1, 2, 3].map(() => openSqliteIndex(path("index.sqlite"))));
  for (const index of indexes) {
    expect(await index.listSessions({})).toEqual({ sessions: [], total: 0 });
    await index.close();
  }
  expect(readdirSync(path(".")).filter((name) => name.includes("damaged"))).toEqual(["index.sqlite.damaged"]);
  expect(statSync(path("index.sqlite")).mode & 0o777).toBe(0o600);
});

test("tables of another version are made anew; those of others stay", async () => {
  const path = tempDir()("index.sqlite");
  const index = await openSqliteIndex(path);
  await index.putSession(testSession(), "t", { clearsPending: false });
  await index.close();
  const database = new Sqlite(path);
  database.exec("update index_notes set value = '0' where key = 'version'; create table store_documents(id text)");
  database.close();
  const again = await openSqliteIndex(path);
  expect((await again.listSessions({})).total).toBe(0);
  await again.close();
  const after = new Sqlite(path, { readonly: true });
  expect(after.prepare("select count(*) from store_documents").pluck().get()).toBe(0);
  after.close();
  expect(existsSync(`${path}.damaged`)).toBe(false);
});
