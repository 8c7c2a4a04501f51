// The storage in PostgreSQL does what every storage must, on a real server; and what only a server's storage has to.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openPostgres, PostgresStorage, STORAGE_MIGRATIONS } from "../../../src/store/drivers/postgres.js";
import { PostgresClients, type PostgresTimes } from "../../../src/store/drivers/postgres-clients.js";
import type { PostgresMigrations } from "../../../src/store/drivers/postgres-migrations.js";
import { testStorage } from "../../conformance/storage.js";
import { bytesOf, collect, documentOf, idOf, inChunks, listOf } from "../../conformance/storage-case.js";
import { type Action, type Packet, startFaultProxy } from "../../support/fault-proxy.js";
import { pollUntil } from "../../support/poll-until.js";
import { type PostgresServer, postgresMissing, startPostgres } from "../../support/postgres-server.js";
import { tempDir } from "../../support/temp-dir.js";

let server: PostgresServer;

describe.skipIf(postgresMissing !== undefined)("PostgresStorage", () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  testStorage({
    name: "postgres",
    secret: "s3cret",
    kills: 32,
    create: async () => {
      const url = await server.newUrl();
      const open = () => opened(url);
      return {
        open,
        program: `
          import { PostgresStorage } from "src/store/drivers/postgres.js";
          import { PostgresClients } from "src/store/drivers/postgres-clients.js";
          const open = () => PostgresStorage.open(new PostgresClients(${JSON.stringify({ driver: "postgres", url })}));`,
        countLeftovers: () => countLeftovers(url),
        cleanUp: async () => {
          const storage = await open();
          await storage.sweep({ age: "0 seconds" });
          await storage.close();
        },
      };
    },
  });

  describe("over a network that fails", () => {
    it("saves every document once, wherever the connection ends", async () => {
      const { proxied, direct, proxy } = await behindProxy();
      let saves = 0;
      let previous: string | undefined;
      // The fault comes one packet later each time, and each ending has its turn: before, within and behind each message.
      for (let at = 1; at <= 24; at++) {
        for (const ending of ["close", "reset"] as const) {
          proxy.decide(once(at, ending, at % 2 === 0 ? 0 : 7));
          const { faults } = proxy;
          while (proxy.faults === faults) {
            const document = documentOf(idOf(1), ++saves, { at, ending });
            await proxied.putDocument(document, previous);
            previous = document.revision;
            expect(await direct.findDocument(idOf(1))).toMatchObject(document);
          }
        }
      }
      expect(proxy.faults).toBe(48);
    });

    it("tells of no conflict where its own save was saved over before it knew", async () => {
      const { proxied, direct, proxy } = await behindProxy();
      const [first, second, third] = [1, 2, 3].map((count) => documentOf(idOf(1), count)) as [Doc, Doc, Doc];
      await proxied.putDocument(first, undefined);
      let saved: Promise<unknown> | undefined;
      proxy.decide(({ direction }) => {
        if (direction === "up" || saved !== undefined) return "pass";
        saved = direct.putDocument(third, second.revision);
        return "reset";
      });
      // The next try waits for the other's save.
      await proxied.putDocument(second, first.revision);
      await saved;
      expect(await direct.findDocument(idOf(1))).toMatchObject(third);
    });

    it("creates and deletes once", async () => {
      const { proxied, direct, proxy } = await behindProxy();
      for (let at = 1; at <= 12; at++) {
        const document = documentOf(idOf(at));
        proxy.decide(once(at, "reset", 0));
        await proxied.putDocument(document, undefined);
        await expect(direct.putDocument(document, undefined)).rejects.toMatchObject({ code: "T2A_STORE_CONFLICT" });
        proxy.decide(once(at, "close", 3));
        await proxied.deleteDocument(document.id, document.revision);
        expect(await direct.findDocument(document.id)).toBeUndefined();
      }
    });

    it("puts every file once and whole, wherever the connection ends", async () => {
      const { proxied, direct, proxy, url } = await behindProxy();
      const bytes = bytesOf("a", 2_300_000);
      for (let at = 1; at <= 80; at += 3) {
        proxy.decide(every(at, at % 2 === 0 ? "reset" : "close"));
        const name = `${at}.t2r`;
        const put = proxied.putBlob(idOf(1), name, inChunks(bytes));
        const [end] = await Promise.allSettled([put]);
        proxy.decide(undefined);
        const stat = await direct.statBlob(idOf(1), name);
        // Often it is too often: then it is told, and nothing is there.
        if (end?.status === "rejected") {
          expect(end.reason).toMatchObject({ code: "T2A_STORE_UNAVAILABLE" });
          if (stat === undefined) continue;
        }
        expect(stat?.sizeBytes).toBe(bytes.length);
        expect((await collect(proxied.readBlob(idOf(1), name))).equals(bytes)).toBe(true);
        await expect(direct.putBlob(idOf(1), name, inChunks(bytes))).rejects.toMatchObject({
          code: "T2A_STORE_EXISTS",
        });
      }
      expect(proxy.faults).toBeGreaterThan(20);
      await direct.sweep({ age: "0 seconds" });
      expect(await countLeftovers(url)).toBe(0);
    });

    it("reads a file through connections that end", async () => {
      const { proxied, direct, proxy } = await behindProxy();
      const bytes = bytesOf("a", 3_300_000);
      await direct.putBlob(idOf(1), "a.t2r", inChunks(bytes));
      for (let at = 1; at <= 200; at += 20) {
        proxy.decide(once(at, "reset", 100));
        expect((await collect(proxied.readBlob(idOf(1), "a.t2r"))).equals(bytes)).toBe(true);
      }
    });

    it("ends in bounded time where the server stalls", async () => {
      const { proxied, proxy, url, direct } = await behindProxy({ connectMs: 100, statementMs: 100, tries: 3 });
      const unavailable = { code: "T2A_STORE_UNAVAILABLE", details: { reason: "timeout" } };
      await proxied.putDocument(documentOf(idOf(1)), undefined);
      proxy.decide(() => "stall");
      await expect(proxied.findDocument(idOf(1))).rejects.toMatchObject(unavailable);
      await expect(proxied.putDocument(documentOf(idOf(2)), undefined)).rejects.toMatchObject(unavailable);
      await expect(proxied.putBlob(idOf(2), "a.t2r", inChunks(bytesOf("a", 10)))).rejects.toMatchObject(unavailable);
      const through = new URL(url);
      through.port = String(proxy.port);
      await expect(opened(through.href, { connectMs: 100, tries: 2 })).rejects.toMatchObject(unavailable);
      proxy.decide(undefined);
      expect(await proxied.findDocument(idOf(1))).toBeDefined();
      expect(await direct.statBlob(idOf(2), "a.t2r")).toBeUndefined();
    });

    it("is ended by a signal while the server stalls", async () => {
      const { proxied, proxy } = await behindProxy();
      await proxied.putDocument(documentOf(idOf(1)), undefined);
      const controller = new AbortController();
      proxy.decide(() => {
        queueMicrotask(() => controller.abort());
        return "stall";
      });
      const isAborted = expect.objectContaining({ code: "T2A_ABORTED" });
      await expect(proxied.findDocument(idOf(1), { signal: controller.signal })).rejects.toEqual(isAborted);
    });

    it("loses nothing where the server is restarted or killed under many writers", async () => {
      const url = await server.newUrl();
      const times = { tries: 40, firstWaitMs: 20, totalMs: 60_000 };
      const storages = await Promise.all([opened(url, times), opened(url, times), opened(url, times)]);
      let isOver = false;
      const saved = new Map<string, { readonly count: number; readonly names: readonly string[] }>();
      const write = async (storage: PostgresStorage, id: string): Promise<void> => {
        let previous: string | undefined;
        const names: string[] = [];
        for (let count = 1; !isOver; count++) {
          const document = documentOf(id, count, { count });
          await storage.putDocument(document, previous);
          previous = document.revision;
          const name = `${count}.t2r`;
          await storage.putBlob(id, name, inChunks(bytesOf(id + name, 1_200_000)));
          names.push(name);
          saved.set(id, { count, names });
        }
      };
      const writing = Promise.all(
        storages.flatMap((storage, at) => [write(storage, idOf(2 * at)), write(storage, idOf(2 * at + 1))]),
      );
      const progress = async (): Promise<void> => {
        const before = new Map([...saved].map(([id, { count }]) => [id, count]));
        const hasGone = (id: string): boolean => (saved.get(id)?.count ?? 0) > (before.get(id) ?? 0);
        await pollUntil("every writer goes on", () => saved.size === 6 && [...saved.keys()].every(hasGone), 30_000);
      };
      try {
        await progress();
        for (const end of [server.kill, server.shutDown, server.kill]) {
          await end();
          await server.start();
          await progress();
        }
      } finally {
        isOver = true;
        await writing;
      }
      const [storage] = storages;
      for (const [id, { count, names }] of saved) {
        expect(JSON.parse((await storage.findDocument(id))?.json ?? "")).toMatchObject({ count });
        const found = (await listOf(storage.listBlobs({ sessionId: id }))).map(({ name }) => name);
        expect(found.sort()).toEqual([...names].sort());
        for (const name of names) {
          expect((await collect(storage.readBlob(id, name))).equals(bytesOf(id + name, 1_200_000))).toBe(true);
        }
      }
      await Promise.all(storages.map((one) => one.close()));
    });
  });

  describe("its tables", () => {
    const later: PostgresMigrations = [
      ...STORAGE_MIGRATIONS,
      "ALTER TABLE t2a_documents ADD COLUMN more int NOT NULL DEFAULT 7",
      "CREATE TABLE t2a_more AS SELECT id, more FROM t2a_documents",
    ];

    it("are brought forward from each earlier version, with what is in them", async () => {
      for (let version = 1; version < later.length; version++) {
        const url = await server.newUrl();
        const before = await opened(url, {}, later.slice(0, version));
        const document = documentOf(idOf(1));
        await before.putDocument(document, undefined);
        await before.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 1000)));
        await before.close();
        const after = await opened(url, {}, later);
        expect(await after.findDocument(idOf(1))).toMatchObject(document);
        expect(await collect(after.readBlob(idOf(1), "a.t2r"))).toEqual(bytesOf("a", 1000));
        expect(await rowsOf(url, "SELECT more FROM t2a_more")).toEqual([{ more: 7 }]);
        await after.close();
      }
    });

    it("are made and brought forward once where many come at once", async () => {
      const url = await server.newUrl();
      for (const migrations of [later.slice(0, 1), later]) {
        const all = await Promise.all(Array.from({ length: 8 }, () => opened(url, {}, migrations)));
        await all[0]?.putDocument(documentOf(idOf(migrations.length)), undefined);
        await Promise.all(all.map((one) => one.close()));
      }
      expect(await rowsOf(url, "SELECT count(*)::int AS n FROM t2a_more")).toEqual([{ n: 1 }]);
    });

    it("stay as they are where a step fails", async () => {
      const url = await server.newUrl();
      const before = await opened(url, {}, later.slice(0, 1));
      await before.putDocument(documentOf(idOf(1)), undefined);
      const failing = [...later.slice(0, 2), "SELECT 1 / 0"];
      await expect(opened(url, {}, failing)).rejects.toMatchObject({ code: "T2A_STORE_UNAVAILABLE" });
      expect(await before.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
      await (await opened(url, {}, later)).close();
      await before.close();
    });

    it("of a newer t2a are left alone", async () => {
      const url = await server.newUrl();
      await (await opened(url, {}, later)).close();
      await expect(opened(url)).rejects.toMatchObject({
        code: "T2A_STORE_VERSION",
        details: { version: later.length, supported: STORAGE_MIGRATIONS.length },
      });
    });

    it("are not made where the store is to be there", async () => {
      const url = await server.newUrl();
      const notFound = expect.objectContaining({ code: "T2A_STORE_NOT_FOUND" });
      const location = { driver: "postgres", url } as const;
      await expect(openPostgres(location, { cacheFolder: "", mustExist: true })).rejects.toEqual(notFound);
      expect(await rowsOf(url, "SELECT to_regclass('t2a_versions') AS table")).toEqual([{ table: null }]);
      const { storage, index } = await openPostgres(location, { cacheFolder: "" });
      await index.close();
      await storage.close();
      const again = await openPostgres(location, { cacheFolder: "", mustExist: true });
      await again.storage.close();
    });
  });

  describe("its password", () => {
    const secrets = ["s3cret", "s3cret:p@ss/w%rd", encodeURIComponent("s3cret:p@ss/w%rd"), "wr0ng-one"];
    const told = async (opening: Promise<unknown>): Promise<string> => {
      const error = await opening.then(
        () => {
          throw new Error("it was opened");
        },
        (reason: unknown) => reason,
      );
      const text = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
      for (const secret of secrets) expect(text).not.toContain(secret);
      expect(error).toMatchObject({ name: "StoreError", code: "T2A_STORE_UNAVAILABLE" });
      return (error as Error).message;
    };

    it("is in no message, whatever goes wrong", async () => {
      const url = await server.newUrl();
      const changed = (part: "password" | "pathname" | "port" | "hostname", value: string): string => {
        const other = new URL(url);
        other[part] = value;
        return other.href;
      };
      const wrong = changed("password", "wr0ng-one");
      expect(await told(opened(wrong))).toMatch(/refuses the user or the password/);
      expect(await told(opened(changed("pathname", "/nowhere")))).toMatch(/no such database/);
      expect(await told(opened(changed("port", "1"), { tries: 1 }))).toMatch(/ECONNREFUSED/);
      expect(await told(opened(`${url}&sslmode=require`))).toMatch(/does not support SSL/);
      await told(opened(`${url}&sslmode=verify-full&sslrootcert=/nowhere/ca.pem`));
      await told(opened(changed("hostname", "nowhere.invalid"), { tries: 1 }));
      const storage = await opened(url);
      const raised = `DO $$ BEGIN RAISE EXCEPTION 'the password is s3cret:p@ss/w%%rd'; END $$`;
      const clients = new PostgresClients({ driver: "postgres", url });
      expect(await told(clients.query(raised))).toContain("the password is ***");
      await clients.close();
      await storage.close();
      expect(inspect(storage, { depth: 10, showHidden: true })).not.toContain("s3cret");
    });

    it("is taken from PGPASSWORD, or from the password file that only its owner can read", async () => {
      const url = new URL(await server.newUrl());
      url.password = "";
      const path = tempDir()("pgpass");
      vi.stubEnv("PGPASSFILE", path);
      vi.stubEnv("PGPASSWORD", "");
      onTestFinished(() => void vi.unstubAllEnvs());
      await told(opened(url.href));
      const password = server.password.replaceAll(/[\\:]/g, "\\$&");
      writeFileSync(path, `# a comment\nother:*:*:*:wr0ng-one\n127.0.0.1:${url.port}:*:${server.user}:${password}\n`);
      chmodSync(path, 0o644);
      await told(opened(url.href));
      chmodSync(path, 0o600);
      await (await opened(url.href)).close();
      rmSync(path);
      vi.stubEnv("PGPASSWORD", server.password);
      await (await opened(url.href)).close();
    });
  });

  describe("TLS", () => {
    it.skipIf(opensslMissing)("is used as sslmode says", async () => {
      const path = tempDir();
      const made = spawnSync(
        "openssl",
        [
          ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
          ...["-addext", "subjectAltName=DNS:localhost", "-keyout", path("key.pem"), "-out", path("cert.pem")],
        ],
        { encoding: "utf8" },
      );
      expect(made.status).toBe(0);
      const secure = await startPostgres({
        settings: { ssl: "on" },
        certificate: path("cert.pem"),
        key: path("key.pem"),
      });
      onTestFinished(() => secure.close());
      const modes: Readonly<Record<string, boolean>> = {
        disable: false,
        allow: true,
        prefer: true,
        require: true,
        "verify-full": true,
        "no-verify": true,
      };
      const isSecure = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      for (const [mode, isOn] of Object.entries(modes)) {
        const url = new URL(await secure.newUrl({ parameters: { sslmode: mode } }));
        if (mode === "verify-full") {
          await expect(opened(url.href)).rejects.toMatchObject({ code: "T2A_STORE_UNAVAILABLE" });
          url.searchParams.set("sslrootcert", path("cert.pem"));
          await expect(opened(url.href)).rejects.toMatchObject({ code: "T2A_STORE_UNAVAILABLE" });
          url.hostname = "localhost";
        }
        expect(await rowsOf(url.href, isSecure)).toEqual([{ ssl: isOn }]);
      }
      // A server without TLS: what prefers it goes on without.
      const plain = await server.newUrl({ parameters: { sslmode: "prefer" } });
      expect(await rowsOf(plain, isSecure)).toEqual([{ ssl: false }]);
      expect(() => new PostgresClients({ driver: "postgres", url: `${plain}x` })).toThrow(/sslmode/);
    });
  });

  it("keeps the text of a document with halves of surrogate pairs", async () => {
    const storage = await opened(await server.newUrl());
    const document = { ...documentOf(idOf(1)), json: `{"a":"\ud800 \0 \udc00 세션"}` };
    await storage.putDocument(document, undefined);
    expect(await storage.findDocument(idOf(1))).toMatchObject(document);
    await storage.close();
  });

  it("sweeps what a dead writer left by the server's clock, and nothing that is being put", async () => {
    const url = await server.newUrl();
    const storage = await opened(url);
    const putting = storage.putBlob(
      idOf(1),
      "a.t2r",
      (async function* () {
        yield bytesOf("a", 1_500_000);
        await rowsOf(url, "UPDATE t2a_uploads SET touched_at = touched_at - interval '23 hours'");
        await (await opened(url)).close();
        yield bytesOf("b", 10);
      })(),
    );
    await putting;
    expect((await storage.statBlob(idOf(1), "a.t2r"))?.sizeBytes).toBe(1_500_010);
    const late = storage.putBlob(
      idOf(1),
      "b.t2r",
      (async function* () {
        yield bytesOf("a", 1_500_000);
        await rowsOf(url, "UPDATE t2a_uploads SET touched_at = touched_at - interval '25 hours'");
        await (await opened(url)).close();
        yield bytesOf("b", 10);
      })(),
    );
    await expect(late).rejects.toMatchObject({ code: "T2A_STORE_UNAVAILABLE", details: { reason: "swept" } });
    expect(await storage.statBlob(idOf(1), "b.t2r")).toBeUndefined();
    expect(await countLeftovers(url)).toBe(0);
    await storage.close();
  });
});

type Doc = ReturnType<typeof documentOf>;

const opensslMissing = spawnSync("openssl", ["version"]).status !== 0;

/** Ends a connection once: at the so-manyth packet, after some of its bytes. */
function once(at: number, ending: "close" | "reset", passBytes: number): (packet: Packet) => Action {
  return ({ total }) => (total === at ? { passBytes, ending } : "pass");
}

/** Ends a connection at every so-manyth packet. */
function every(at: number, ending: "close" | "reset"): (packet: Packet) => Action {
  return ({ total }) => (total % at === 0 ? { passBytes: total % 3, ending } : "pass");
}

/** A storage reached through a proxy, and the same reached without. */
async function behindProxy(times: PostgresTimes = {}) {
  const url = await server.newUrl();
  const proxy = await startFaultProxy(server.port);
  onTestFinished(() => proxy.close());
  const through = new URL(url);
  through.port = String(proxy.port);
  const direct = await opened(url);
  const proxied = await opened(through.href, { firstWaitMs: 1, ...times });
  onTestFinished(async () => {
    await proxied.close();
    await direct.close();
  });
  return { url, proxy, direct, proxied };
}

async function opened(
  url: string,
  times: PostgresTimes = {},
  migrations?: PostgresMigrations,
): Promise<PostgresStorage> {
  const clients = new PostgresClients({ driver: "postgres", url }, times);
  try {
    return await PostgresStorage.open(clients, { migrations });
  } catch (error) {
    await clients.close();
    throw error;
  }
}

async function rowsOf(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const clients = new PostgresClients({ driver: "postgres", url });
  try {
    return (await clients.query(sql)).rows;
  } finally {
    await clients.close();
  }
}

async function countLeftovers(url: string): Promise<number> {
  const [row] = await rowsOf(
    url,
    `SELECT ((SELECT count(*) FROM t2a_uploads)
      + (SELECT count(*) FROM t2a_chunks WHERE blob NOT IN (SELECT blob FROM t2a_blobs)))::int AS n`,
  );
  return Number(row?.n);
}
