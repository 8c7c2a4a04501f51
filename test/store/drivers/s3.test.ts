// Opening stores in buckets: their index, their version, and what is said where they cannot be opened.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CloudStorage } from "../../../src/store/drivers/cloud-storage.js";
import { openStore, parseStoreUrl, type Store } from "../../../src/store/index.js";
import type { S3Location } from "../../../src/store/location.js";
import { bytesOf, collect, documentOf, idOf, inChunks, listOf } from "../../conformance/storage-case.js";
import { type FalseAnswer, type HttpFaults, startHttpFaults } from "../../support/http-faults.js";
import { postgresMissing, startPostgres } from "../../support/postgres-server.js";
import { titled } from "../../support/programs.js";
import { type S3Server, s3Missing, startS3 } from "../../support/s3-server.js";
import { testSession } from "../../support/sessions.js";
import { tempDir } from "../../support/temp-dir.js";

describe.skipIf(s3Missing !== undefined)(titled("stores in buckets", s3Missing), () => {
  let server: S3Server;
  let faults: HttpFaults;

  beforeAll(async () => {
    server = await startS3();
    faults = await startHttpFaults(server.port);
    process.env.AWS_ACCESS_KEY_ID = server.keys.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.keys.secretAccessKey;
  });
  afterAll(async () => {
    await faults?.close();
    await server?.close();
  });

  function newLocation(more: Partial<S3Location> = {}): S3Location {
    faults.decide(undefined);
    return {
      driver: "s3",
      bucket: server.bucket,
      prefix: server.newPrefix(),
      endpoint: server.endpoint,
      region: undefined,
      index: undefined,
      ...more,
    };
  }

  async function opened(location: S3Location): Promise<CloudStorage> {
    const storage = await CloudStorage.open(location, { times: { tries: 3, firstWaitMs: 1 } });
    onTestFinished(() => storage.close());
    return storage;
  }

  /** What is said where the store cannot be opened, or answers so. */
  async function saidOf(location: S3Location, code = "T2A_STORE_UNAVAILABLE"): Promise<string> {
    const error: unknown = await opened(location).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: "StoreError", code });
    const { message, details } = error as { message: string; details: object };
    expect(message).not.toContain("\n");
    expect(message + JSON.stringify(details)).not.toContain(server.keys.secretAccessKey);
    return message;
  }

  async function putNote(location: S3Location, body: string): Promise<void> {
    const key = `${location.prefix}/store.json`;
    await server.client.send(
      new PutObjectCommand({ Bucket: location.bucket, Key: key, Body: body, ContentLength: body.length }),
    );
  }

  async function openedStore(url: string, cacheFolder: string): Promise<Store> {
    const store = await openStore(parseStoreUrl(url), { cacheFolder });
    onTestFinished(() => store.close());
    await store.catchUp();
    return store;
  }

  it("two machines see each other's sessions, each with an index of its own", async () => {
    const url = `s3://${server.bucket}/${server.newPrefix()}?endpoint=${server.endpoint}`;
    const folders = [tempDir()("cache/t2a"), tempDir()("cache/t2a")] as const;
    const [one, other] = [await openedStore(url, folders[0]), await openedStore(url, folders[1])];
    const session = await one.create(testSession({ id: idOf(1) }));
    expect((await one.index.listSessions({})).total).toBe(1);
    expect((await other.index.listSessions({})).total).toBe(0);
    await other.catchUp();
    expect(await other.index.findSession(session.id)).toEqual(session);
    const changed = await other.update(session.id, (before) => ({ ...before, name: "changed" }));
    await one.catchUp();
    expect(await one.index.findSession(session.id)).toEqual(changed);
    await one.remove(session.id);
    await other.catchUp();
    expect((await other.index.listSessions({})).total).toBe(0);
    const [name = ""] = readdirSync(folders[0]).filter((file) => file.endsWith(".sqlite"));
    expect(statSync(`${folders[0]}/${name}`).mode & 0o777).toBe(0o600);
    expect(statSync(folders[0]).mode & 0o777).toBe(0o700);
    expect(other.storage.location).toBe(`${url}/`);
  });

  it.skipIf(postgresMissing !== undefined)(
    titled("machines that share an index in PostgreSQL see each other's sessions at once", postgresMissing),
    async () => {
      const postgres = await startPostgres();
      onTestFinished(() => postgres.close());
      const index = await postgres.newUrl();
      const urlOf = (prefix: string) =>
        `s3://${server.bucket}/${prefix}?endpoint=${server.endpoint}&index=${encodeURIComponent(index)}`;
      const prefix = server.newPrefix();
      const cache = tempDir()("cache");
      const [one, other] = [await openedStore(urlOf(prefix), cache), await openedStore(urlOf(prefix), cache)];
      const session = await one.create(testSession({ id: idOf(1) }));
      expect(await other.index.findSession(session.id)).toEqual(session);
      expect(existsSync(cache)).toBe(false);
      expect(one.storage.location).toMatch(/&index=postgres:\/\/keeper@/); // without its password
      // An index is one store's.
      const mixed = openStore(parseStoreUrl(urlOf(server.newPrefix())), { cacheFolder: cache });
      await expect(mixed).rejects.toMatchObject({ message: expect.stringContaining("of another store") });
      await expect(mixed).rejects.not.toMatchObject({ message: expect.stringContaining(postgres.password) });
      // One that was cleared is made whole again by the next one.
      await one.index.clear();
      const again = await openedStore(urlOf(prefix), cache);
      expect(await again.index.findSession(session.id)).toEqual(session);
    },
  );

  it("an index is in step after one listing, which reads only what changed", async () => {
    const location = newLocation({ endpoint: faults.endpoint });
    const { bucket, prefix, endpoint } = location;
    const storage = await opened(location);
    for (let i = 0; i < 30; i++) await storage.putBlob(idOf(i), "a.t2r", inChunks(bytesOf("a", 10)));
    const cache = tempDir()("cache");
    const store = await openedStore(`s3://${bucket}/${prefix}?endpoint=${endpoint}`, cache);
    for (let i = 0; i < 20; i++) await store.create(testSession({ id: idOf(i) }));
    const asked: string[] = [];
    faults.decide(({ method, url }) => {
      asked.push(`${method} ${url}`);
      return "pass";
    });
    await store.catchUp();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("list-type=2");
  });

  it("a store is made once, whoever opens it first, and another one beside it is its own", async () => {
    const location = newLocation();
    const storages = await Promise.all(Array.from({ length: 8 }, () => opened(location)));
    expect(new Set(storages.map(({ id }) => id)).size).toBe(1);
    const [storage] = storages;
    if (storage === undefined) throw new Error("no store");
    expect(storage.supports).toEqual({ manyMachines: true, localPaths: false, durable: true });
    // Stores side by side in one bucket, also where one's prefix begins as the other's.
    const beside = await opened({ ...location, prefix: `${location.prefix}0` });
    await beside.putDocument(documentOf(idOf(1)), undefined);
    expect(await listOf(storage.listDocuments())).toEqual([]);
    expect(beside.id).not.toBe(storage.id);
  });

  it("a store may be the whole bucket, or lie under any prefix", async () => {
    const bucket = `t2a-${randomUUID()}`;
    await server.client.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const prefix of ["", "a b/ü+%/日本語", "x".repeat(800)]) {
      const storage = await opened(newLocation({ bucket, prefix }));
      await storage.putDocument(documentOf(idOf(1)), undefined);
      await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 9 * 1024 * 1024)));
      expect((await listOf(storage.listDocuments())).map(({ id }) => id)).toEqual([idOf(1)]);
      expect((await listOf(storage.listBlobs())).map(({ name }) => name)).toEqual(["a.t2r"]);
      expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toHaveLength(9 * 1024 * 1024);
    }
    expect(await saidOf(newLocation({ prefix: "x".repeat(900) }))).toContain("longer than");
  });

  it("what others put under the prefix is left alone and not listed", async () => {
    const location = newLocation();
    const storage = await opened(location);
    await storage.putDocument(documentOf(idOf(5)), undefined);
    for (const key of [
      "sessions/",
      "sessions/a/session.json",
      `sessions/${idOf(5)}/`,
      `sessions/${idOf(5)}/a/b`,
      "sessions/\u{1f600}",
      "sessions/\uffee",
    ]) {
      const Key = `${location.prefix}/${key}`;
      await server.client.send(new PutObjectCommand({ Bucket: location.bucket, Key, Body: "x" }));
    }
    expect((await listOf(storage.listDocuments())).map(({ id }) => id)).toEqual([idOf(5)]);
    expect(await listOf(storage.listBlobs())).toEqual([]);
  });

  it("a newer store, one that is damaged, and one that is not there are told apart", async () => {
    const location = newLocation();
    await expect(CloudStorage.open(location, { mustExist: true })).rejects.toMatchObject({
      code: "T2A_STORE_NOT_FOUND",
    });
    await putNote(location, JSON.stringify({ kind: "t2a-store", version: 2, id: idOf(1) }));
    expect(await saidOf(location, "T2A_STORE_VERSION")).toContain("version 2");
    for (const body of [
      "",
      "{",
      "[]",
      '{"kind":"x"}',
      '{"kind":"t2a-store","id":"x","version":0}',
      "x".repeat(70_000),
    ]) {
      await putNote(location, body);
      expect(await saidOf(location, "T2A_STORE_DAMAGED")).toContain("store.json");
    }
  });

  it("a server that does not keep conditions can have no store", async () => {
    for (const header of ["if-none-match", "if-match"]) {
      const location = newLocation({ endpoint: faults.endpoint });
      let puts = 0;
      faults.decide(({ method, headers }) => {
        const isMeant = method === "PUT" && headers[header] !== undefined && ++puts > (header === "if-match" ? 0 : 1);
        return isMeant ? { answer: { status: 200, headers: { etag: '"0"' } } } : "pass";
      });
      expect(await saidOf(location)).toContain("does not keep conditional puts");
      faults.decide(undefined);
      await expect(CloudStorage.open(location, { mustExist: true })).rejects.toMatchObject({
        code: "T2A_STORE_NOT_FOUND",
      });
    }
  });

  it("what keeps a store from being opened is said in one line, with what to do", async () => {
    expect(await saidOf(newLocation({ bucket: "no-such-bucket" }))).toMatch(/has no bucket no-such-bucket: create it/);
    expect(await saidOf(newLocation({ endpoint: "http://nowhere.invalid" }))).toMatch(/nowhere\.invalid/);
    expect(await saidOf(newLocation({ endpoint: "http://127.0.0.1:1" }))).toMatch(/ECONNREFUSED/);
    expect(await saidOf(newLocation({ endpoint: `https://127.0.0.1:${server.port}` }))).toMatch(
      /check the endpoint|hung up/,
    );
    const answers: readonly (readonly [FalseAnswer, RegExp])[] = [
      [{ status: 403, code: "AccessDenied" }, /denies access to the bucket .*docs\/stores\.md/],
      [{ status: 400, code: "ExpiredToken" }, /expired/],
      [
        { status: 301, code: "PermanentRedirect", headers: { "x-amz-bucket-region": "eu-west-9" } },
        /add \?region=eu-west-9/,
      ],
      [{ status: 403, code: "RequestTimeTooSkewed" }, /clock/],
      [{ status: 400, code: "\u001b[31m" }, /status 400/],
      [{ status: 503 }, /failed \(status 503\)/],
      [{ status: 200 }, /./],
    ];
    for (const [answer, said] of answers) {
      const location = newLocation({ endpoint: faults.endpoint });
      faults.decide(() => ({ answer }));
      const code = answer.status === 200 ? "T2A_STORE_DAMAGED" : "T2A_STORE_UNAVAILABLE";
      expect(await saidOf(location, code)).toMatch(said);
    }
  });

  it("wrong credentials and none are told apart", async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    onTestFinished(() => void Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }));
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    expect(await saidOf(newLocation())).toMatch(/does not accept the credentials \(SignatureDoesNotMatch\)/);
    process.env.AWS_ACCESS_KEY_ID = "nobody";
    expect(await saidOf(newLocation())).toMatch(/does not accept the credentials \(InvalidAccessKeyId\)/);
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" });
    onTestFinished(() => {
      delete process.env.AWS_EC2_METADATA_DISABLED;
      delete process.env.AWS_SHARED_CREDENTIALS_FILE;
    });
    expect(await saidOf(newLocation())).toMatch(/there are no credentials .*: set AWS_ACCESS_KEY_ID and/);
    expect(await saidOf(newLocation({ endpoint: undefined }))).toMatch(/no region is set|there are no credentials/);
  });

  it("a clock that is an hour wrong is no matter, though the server refuses such requests", async () => {
    for (const skew of [3_600_000, -3_600_000]) {
      const client = new S3Client({
        endpoint: server.endpoint,
        region: "us-east-1",
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: server.keys,
        systemClockOffset: skew,
      });
      const location = newLocation();
      const put = new PutObjectCommand({ Bucket: location.bucket, Key: "x", Body: "x" });
      await expect(client.send(put)).rejects.toMatchObject({ name: "RequestTimeTooSkewed" });
      client.destroy();
      const storage = await CloudStorage.open(location, { now: () => Date.now() + skew });
      onTestFinished(() => storage.close());
      await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 9 * 1024 * 1024)));
      expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toHaveLength(9 * 1024 * 1024);
    }
  });
});
