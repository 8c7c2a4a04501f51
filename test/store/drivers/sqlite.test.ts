// The storage in SQLite does what every storage must, and what only a database has: versions, modes, damage.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import Sqlite from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { SqliteStorage } from "../../../src/store/drivers/sqlite.js";
import { SQLITE_MIGRATIONS } from "../../../src/store/drivers/sqlite-migrations.js";
import { testStorage } from "../../conformance/storage.js";
import { bytesOf, collect, documentOf, idOf, inChunks, listOf } from "../../conformance/storage-case.js";
import { mountSmallDisk, noSmallDisk } from "../../files/small-disk.js";
import { moduleProgram } from "../../pty/programs.js";
import { pollUntil } from "../../support/poll-until.js";
import { start, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";

testStorage({
  name: "sqlite",
  sessions: 4000, // a sync each
  create: async () => {
    const path = tempDir()("store.db");
    return {
      open: async (options) => await SqliteStorage.open(path, options),
      program: `
        import { SqliteStorage } from "src/store/drivers/sqlite.js";
        const open = () => SqliteStorage.open(${JSON.stringify(path)});`,
      countLeftovers: async () => countLeftovers(path),
      cleanUp: async () => {
        const storage = await SqliteStorage.open(path, { now: () => Date.now() + 3_600_000 });
        await storage.close();
      },
    };
  },
});

function countLeftovers(path: string): number {
  const database = new Sqlite(path);
  const count = `select (select count(*) from store_uploads)
    + (select count(*) from store_chunks where blob not in (select blob from store_blobs))`;
  const leftovers = database.prepare(count).pluck().get() as number;
  database.close();
  return leftovers;
}

const isRoot = process.geteuid?.() === 0;
const notRoot = isRoot ? undefined : "only root can give files away";
const access = (message: string) =>
  expect.objectContaining({ name: "AccessError", code: "T2A_ACCESS", message: expect.stringContaining(message) });
const storeError = (code: string) =>
  expect.objectContaining({ name: "StoreError", code, message: expect.stringMatching(/^[^\n]+$/) });

/** A store with a document and a file of the first session, open until the test is over. */
async function filled(path: string): Promise<SqliteStorage> {
  const storage = await SqliteStorage.open(path);
  onTestFinished(() => storage.close());
  await storage.putDocument(documentOf(idOf(1)), undefined);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 1000)));
  return storage;
}

describe("who may look into a store in SQLite", () => {
  it("is its owner alone, in what lies beside it too", async () => {
    const path = tempDir();
    await filled(path("deep/store.db"));
    expect(statSync(path("deep")).mode & 0o777).toBe(0o700);
    for (const end of ["", "-wal", "-shm"]) expect(statSync(path(`deep/store.db${end}`)).mode & 0o777).toBe(0o600);
  });

  it.each([0o644, 0o604, 0o602, 0o660, 0o666])("is not asked where the file's mode is %o", async (mode) => {
    const path = tempDir()("store.db");
    await (await filled(path)).close();
    chmodSync(path, mode);
    await expect(SqliteStorage.open(path)).rejects.toEqual(access(`chmod 600 ${path}`));
  });

  it("is not asked where its log is open to others", async () => {
    const path = tempDir()("store.db");
    await filled(path);
    chmodSync(`${path}-wal`, 0o644);
    await expect(SqliteStorage.open(path)).rejects.toEqual(access(`chmod 600 ${path}-wal`));
  });

  it.skipIf(notRoot)(titled("is not another user, root neither", notRoot), async () => {
    const path = tempDir()("store.db");
    await (await filled(path)).close();
    chownSync(path, 12345, 12345);
    await expect(SqliteStorage.open(path)).rejects.toEqual(access("belongs to another user (uid 12345)"));
  });
});

describe("damage in a store in SQLite", () => {
  it("is told in one line where the file is no database any more", async () => {
    const path = tempDir()("store.db");
    await (await filled(path)).close();
    overwrite(path, 0, 100);
    await expect(SqliteStorage.open(path)).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
  });

  it("is told in one line where a page is not what it was", async () => {
    const path = tempDir()("store.db");
    const storage = await filled(path);
    for (let i = 2; i < 200; i++) await storage.putDocument(documentOf(idOf(i)), undefined);
    await storage.close();
    overwrite(path, 4096, statSync(path).size - 4096);
    const damaged = async (): Promise<void> => {
      const opened = await SqliteStorage.open(path);
      onTestFinished(() => opened.close());
      await opened.findDocument(idOf(150));
    };
    await expect(damaged()).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
  });

  it("is told where the file was cut short", async () => {
    const path = tempDir()("store.db");
    const storage = await filled(path);
    await storage.putBlob(idOf(1), "b.t2r", inChunks(bytesOf("b", 3_000_000)));
    await storage.close();
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 2_000_000));
    const read = async (): Promise<void> => {
      const opened = await SqliteStorage.open(path);
      onTestFinished(() => opened.close());
      await collect(opened.readBlob(idOf(1), "b.t2r"));
    };
    await expect(read()).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
  });

  it("is not done to databases of something else", async () => {
    const path = tempDir()("other.db");
    const other = new Sqlite(path);
    other.exec("create table places(url text); insert into places values('x')");
    other.close();
    chmodSync(path, 0o600);
    const before = readFileSync(path);
    await expect(SqliteStorage.open(path)).rejects.toThrow(`${path} is a database of something else`);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});

function overwrite(path: string, start: number, length: number): void {
  const fd = openSync(path, "r+");
  writeSync(fd, bytesOf("damage", length), 0, length, start);
  closeSync(fd);
}

describe("files on their way into a store in SQLite", () => {
  it("stay while their writer lives, and go after it", async () => {
    const path = tempDir()("store.db");
    const storage = await filled(path);
    const later = (): number => Date.now() + 3_600_000;
    await storage.putBlob(
      idOf(2),
      "a.t2r",
      (async function* () {
        yield bytesOf("a", 2_500_000);
        expect(countLeftovers(path)).toBe(3); // two chunks, and what notes them
        await (await SqliteStorage.open(path, { now: later })).close();
        expect(countLeftovers(path)).toBe(3);
      })(),
    );
    expect(countLeftovers(path)).toBe(0);
    expect((await collect(storage.readBlob(idOf(2), "a.t2r"))).equals(bytesOf("a", 2_500_000))).toBe(true);
  });

  it("leave no room taken when they are deleted", async () => {
    const path = tempDir()("store.db");
    const storage = await filled(path);
    await storage.putBlob(idOf(1), "long.t2r", inChunks(bytesOf("long", 40_000_000)));
    await storage.deleteBlob(idOf(1), "long.t2r");
    await storage.close();
    expect(statSync(path).size).toBeLessThan(1_000_000);
  });
});

const noDisk = noSmallDisk();

describe("a full disk under a store in SQLite", () => {
  it.skipIf(noDisk)(titled("fails a save or a file by one clear error, and leaves nothing of it", noDisk), async () => {
    const disk = mountSmallDisk("8m");
    if (disk === undefined) throw new Error("the disk could not be mounted");
    const path = `${disk.folder}/store.db`;
    onTestFinished(() => disk.remove());
    const storage = await filled(path);
    // Somebody else's, who will tidy up.
    writeFileSync(`${disk.folder}/filler`, Buffer.alloc(4_000_000));
    const full = expect.objectContaining({
      name: "StoreError",
      code: "T2A_FILE_IO",
      message: expect.stringContaining("the disk is full"),
      details: expect.objectContaining({ systemCode: "ENOSPC" }),
    });
    await expect(storage.putBlob(idOf(1), "b.t2r", inChunks(bytesOf("b", 8_000_000)))).rejects.toEqual(full);
    expect((await listOf(storage.listBlobs())).map(({ name }) => name)).toEqual(["a.t2r"]);
    const large = documentOf(idOf(1), 2, { text: "x".repeat(8_000_000) });
    await expect(storage.putDocument(large, documentOf(idOf(1)).revision)).rejects.toEqual(full);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    // To the last block.
    const fill = (): void => {
      for (;;) appendFileSync(`${disk.folder}/filler`, Buffer.alloc(4096));
    };
    expect(fill).toThrow("ENOSPC");
    let previous = documentOf(idOf(1));
    const save = async (): Promise<void> => {
      for (let count = 2; ; count++) {
        // What the log has room for already is saved.
        const next = documentOf(idOf(1), count, { text: "x".repeat(100_000) });
        await storage.putDocument(next, previous.revision);
        previous = next;
      }
    };
    await expect(save()).rejects.toEqual(full);
    expect(await storage.findDocument(idOf(1))).toMatchObject(previous);
    // When there is room again, all is well.
    rmSync(`${disk.folder}/filler`);
    await storage.putDocument(documentOf(idOf(2)), undefined);
    await storage.putBlob(idOf(2), "b.t2r", inChunks(bytesOf("b", 100_000)));
    expect(countLeftovers(path)).toBe(0);
    expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toEqual(bytesOf("a", 1000));
    await storage.close();
  });
});

describe("versions of a store in SQLite", () => {
  const versionOf = (path: string): unknown => {
    const database = new Sqlite(path);
    const version = database.prepare("select value from store_notes where key = 'version'").pluck().get();
    database.close();
    return version;
  };
  /** Versions that there may be one day. */
  const later = [1, 2, 3].map((number) => (database: Sqlite.Database) => {
    database.exec(`create table store_later_${number}(x)`);
  });

  const now = SQLITE_MIGRATIONS.length;
  const all = [...SQLITE_MIGRATIONS, ...later];

  it.each(all.map((_, at) => at + 1))("are brought forward from %d, each step once", async (from) => {
    const path = tempDir()("store.db");
    const earlier = await SqliteStorage.open(path, { migrations: all.slice(0, from) });
    await earlier.putDocument(documentOf(idOf(1)), undefined);
    await earlier.close();
    expect(versionOf(path)).toBe(from);
    for (let times = 0; times < 2; times++) {
      const storage = await SqliteStorage.open(path, { migrations: [...SQLITE_MIGRATIONS, ...later] });
      expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
      await storage.close();
      expect(versionOf(path)).toBe(all.length);
    }
  });

  it("later than this one are left alone", async () => {
    const path = tempDir()("store.db");
    await (await SqliteStorage.open(path, { migrations: [...SQLITE_MIGRATIONS, ...later] })).close();
    const before = readFileSync(path);
    await expect(SqliteStorage.open(path)).rejects.toEqual(
      expect.objectContaining({
        code: "T2A_STORE_VERSION",
        message: expect.stringContaining(
          `is of version ${all.length}, and this t2a knows stores up to version ${now}: update t2a`,
        ),
      }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("that fail to be brought forward are as before", async () => {
    const path = tempDir()("store.db");
    await (await filled(path)).close();
    const failing = (): void => {
      throw new Error("no");
    };
    const migrations = [...SQLITE_MIGRATIONS, ...later, failing];
    await expect(SqliteStorage.open(path, { migrations })).rejects.toThrow("no");
    expect(versionOf(path)).toBe(now);
    const storage = await SqliteStorage.open(path);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    await storage.close();
  });

  /** A process that opens the store with a step that it says it is at. */
  const migrating = (path: string, isEndless: boolean) =>
    start(
      process.execPath,
      moduleProgram(`
        import { writeSync } from "node:fs";
        import { SqliteStorage } from "src/store/drivers/sqlite.js";
        import { SQLITE_MIGRATIONS } from "src/store/drivers/sqlite-migrations.js";
        await SqliteStorage.open(${JSON.stringify(path)}, { migrations: [...SQLITE_MIGRATIONS, (database) => {
          database.exec("create table store_later_1(x); insert into store_later_1 values(1)");
          writeSync(1, "at it\\n");
          ${isEndless ? "for (;;);" : ""}
        }] });`),
    );

  it("are brought forward by one of many processes", async () => {
    const path = tempDir()("store.db");
    const processes = Array.from({ length: 4 }, () => migrating(path, false));
    await pollUntil("their ends", () => processes.every(({ ended }) => ended), 60_000);
    expect(processes.map(({ errors }) => errors)).toEqual(["", "", "", ""]);
    expect(processes.map(({ output }) => output).join("")).toBe("at it\n");
    expect(versionOf(path)).toBe(now + 1);
  });

  it("are brought forward by the next one where a process was killed at it", async () => {
    const path = tempDir()("store.db");
    await (await filled(path)).close();
    const killed = migrating(path, true);
    await pollUntil("its step", () => killed.output === "at it\n");
    killed.child.kill("SIGKILL");
    await pollUntil("its end", () => killed.ended);
    expect(versionOf(path)).toBe(now);
    const storage = await SqliteStorage.open(path, { migrations: all });
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    await storage.close();
    expect(versionOf(path)).toBe(all.length);
  });

  it("are made for nobody who wants what is there", async () => {
    const path = tempDir();
    const notFound = storeError("T2A_STORE_NOT_FOUND");
    await expect(SqliteStorage.open(path("none.db"), { mustExist: true })).rejects.toEqual(notFound);
    expect(existsSync(path("none.db"))).toBe(false);
    writeFileSync(path("empty.db"), "", { mode: 0o600 });
    await expect(SqliteStorage.open(path("empty.db"), { mustExist: true })).rejects.toEqual(notFound);
    expect(statSync(path("empty.db")).size).toBe(0);
    await expect(SqliteStorage.open(path(""))).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
  });
});
