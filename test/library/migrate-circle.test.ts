// The full circle: every recording from files through every kind of store and back to files, on real servers, each hash equal.
// T2A_MIGRATE_RECORDINGS=1000 moves so many in place of 40, and prints what each way takes.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkStore } from "../../src/library/check-store.js";
import { migrateStore } from "../../src/library/migrate-store.js";
import { openStore, parseStoreUrl, type Store } from "../../src/store/index.js";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.js";
import { type S3Server, s3Missing, startS3 } from "../support/s3-server.js";
import { tempDir } from "../support/temp-dir.js";
import { addSession, contentOf } from "./stores.js";

const RECORDINGS = Number(process.env.T2A_MIGRATE_RECORDINGS ?? 40);
const isMeasured = process.env.T2A_MIGRATE_RECORDINGS !== undefined;

describe("migrating full circle", () => {
  let postgres: PostgresServer | undefined;
  let s3: S3Server | undefined;
  const before = { ...process.env };

  beforeAll(async () => {
    [postgres, s3] = await Promise.all([
      postgresMissing === undefined ? startPostgres() : undefined,
      s3Missing === undefined ? startS3() : undefined,
    ]);
    if (s3 === undefined) return;
    process.env.AWS_ACCESS_KEY_ID = s3.keys.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = s3.keys.secretAccessKey;
  }, 60_000);

  afterAll(async () => {
    await Promise.all([postgres?.close(), s3?.close()]);
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it("keeps every document and every file as it is", { timeout: 600_000 }, async (context) => {
    const path = tempDir();
    const open = (url: string) => openStore(parseStoreUrl(url), { cacheFolder: path("cache") });
    const ways = [
      ...(postgres === undefined ? [] : [await postgres.newUrl()]),
      ...(s3 === undefined ? [] : [`s3://${s3.bucket}/${s3.newPrefix()}?endpoint=${s3.endpoint}`]),
      `sqlite://${path("x.db")}`,
      path("back"),
    ];
    let from = await open(path("files"));
    for (let count = 0; count < RECORDINGS; count++)
      await addSession(from, { name: `세션 ${count}` }, [randomBytes(1000 + ((count * 7919) % 50_000))]);
    await addSession(from, { deletedAt: "2026-11-02T00:00:00.000Z" }, [randomBytes(3_000_000)]);
    const content = await contentOf(from);
    for (const way of ways) {
      const to: Store = await open(way);
      const started = performance.now();
      const result = await migrateStore(from, to);
      const seconds = (performance.now() - started) / 1000;
      expect(result).toMatchObject({ moved: RECORDINGS + 1, files: RECORDINGS + 1, problems: [] });
      if (isMeasured) {
        const [kinds, rate] = [`${from.storage.driver} -> ${to.storage.driver}`, (result.files / seconds).toFixed(0)];
        console.log(`${kinds}: ${result.files} recordings in ${seconds.toFixed(1)} s, ${rate} a second`);
      }
      await from.close();
      from = to;
      expect(await migrateStore(from, to)).toMatchObject({ unchanged: RECORDINGS + 1, files: 0 });
    }
    expect(await contentOf(from)).toEqual(content);
    expect((await checkStore(from)).findings.filter(({ kind }) => kind !== "recording")).toEqual([]);
    await from.close();
    const missing = [postgresMissing, s3Missing].filter((reason) => reason !== undefined);
    if (missing.length > 0) context.annotate(`not over ${missing.join(", nor ")}`);
  });
});
