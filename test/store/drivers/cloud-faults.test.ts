// The storage in a bucket while servers and networks fail: nothing is lost, nothing is done twice, nothing is seen by halves. A real server,
// with a proxy before it. T2A_FAULTS=1 prints the counts.
import { ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CloudStorage, type CloudStorageOptions } from "../../../src/store/drivers/cloud-storage.js";
import type { S3Location } from "../../../src/store/location.js";
import { bytesOf, collect, documentOf, idOf, inChunks, listOf } from "../../conformance/storage-case.js";
import { moduleProgram } from "../../pty/programs.js";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.js";
import { type FalseAnswer, type HttpFaults, type RequestFate, startHttpFaults } from "../../support/http-faults.js";
import { pollUntil } from "../../support/poll-until.js";
import { start, titled } from "../../support/programs.js";
import { type S3Server, s3Missing, startS3 } from "../../support/s3-server.js";

const MB = 1024 * 1024;
const ID = idOf(1);
const CONFLICT = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_CONFLICT" });
const EXISTS = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_EXISTS" });
const UNAVAILABLE = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_UNAVAILABLE" });
const SLOW_DOWN: FalseAnswer = { status: 503, code: "SlowDown" };
/** Short, so that what is tried again is tried at once. */
const TIMES = { firstWaitMs: 5, tries: 12 };

/** What goes wrong, in turn; the rest passes. */
const FATES: readonly RequestFate[] = [
  { afterwards: "reset" },
  { answer: SLOW_DOWN },
  { afterwards: { status: 500, code: "InternalError" } },
  "reset",
  { answer: { status: 409, code: "ConditionalRequestConflict" } },
  { afterwards: { status: 503 } },
  { answer: { status: 500 } },
  "flip-request",
];

describe.skipIf(s3Missing !== undefined)(titled("CloudStorage while things fail", s3Missing), () => {
  let server: S3Server;
  let faults: HttpFaults;
  let tcp: FaultProxy;
  let location: S3Location;

  beforeAll(async () => {
    server = await startS3();
    faults = await startHttpFaults(server.port);
    tcp = await startFaultProxy(server.port);
    process.env.AWS_ACCESS_KEY_ID = server.keys.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.keys.secretAccessKey;
  });
  afterAll(async () => {
    await faults?.close();
    await tcp?.close();
    await server?.close();
  });

  /** A store of the test's own, opened beside the proxies; `through` opens it once more. */
  async function newStore(): Promise<{
    readonly direct: CloudStorage;
    readonly through: (endpoint?: string, options?: CloudStorageOptions) => Promise<CloudStorage>;
  }> {
    faults.decide(undefined);
    tcp.decide(undefined);
    location = {
      driver: "s3",
      bucket: server.bucket,
      prefix: server.newPrefix(),
      endpoint: server.endpoint,
      region: undefined,
      index: undefined,
    };
    const own = location;
    const through = async (endpoint = faults.endpoint, options: CloudStorageOptions = {}): Promise<CloudStorage> => {
      const storage = await CloudStorage.open({ ...own, endpoint }, { times: TIMES, ...options });
      onTestFinished(() => storage.close());
      return storage;
    };
    return { direct: await through(server.endpoint), through };
  }

  /** Every third request that the pattern means gets one of the fates, in turn. */
  function decideByTurns(pattern: RegExp, every = 3): void {
    let meant = 0;
    faults.decide(({ method, url }) => {
      if (!pattern.test(`${method} ${url}`) || ++meant % every !== 0) return "pass";
      return FATES[(meant / every) % FATES.length] ?? "pass";
    });
  }

  function report(what: string, more: object = {}): void {
    if (process.env.T2A_FAULTS === undefined) return;
    console.log(what, JSON.stringify({ requests: faults.requests, faults: faults.faults, ...more }));
  }

  async function uploads(): Promise<number> {
    const { Uploads = [] } = await server.client.send(
      new ListMultipartUploadsCommand({ Bucket: location.bucket, Prefix: `${location.prefix}/` }),
    );
    return Uploads.length;
  }

  async function keys(): Promise<readonly string[]> {
    const { Contents = [] } = await server.client.send(
      new ListObjectsV2Command({ Bucket: location.bucket, Prefix: `${location.prefix}/` }),
    );
    return Contents.map(({ Key = "" }) => Key.slice(location.prefix.length + 1));
  }

  it("every change is made once, whatever becomes of requests and answers", async () => {
    const { direct, through } = await newStore();
    const writers = await Promise.all(Array.from({ length: 4 }, () => through()));
    await direct.putDocument(documentOf(ID, 1, { sum: 0 }), undefined);
    decideByTurns(/^[A-Z]+ .*session\.json/);
    let conflicts = 0;
    const increment = async (storage: CloudStorage, writer: number, turn: number): Promise<void> => {
      for (;;) {
        const found = await storage.findDocument(ID);
        if (found === undefined) throw new Error("the document is gone");
        const count = Number.parseInt(found.revision, 10) + 1;
        const revision = `${count}-${idOf(1000 * (writer + 1) + turn)}`;
        const sum = JSON.parse(found.json).sum + 1;
        try {
          await storage.putDocument(
            { id: ID, revision, json: JSON.stringify({ id: ID, revision, sum }) },
            found.revision,
          );
          return;
        } catch (error) {
          expect(error).toEqual(CONFLICT);
          conflicts++;
        }
      }
    };
    await Promise.all(
      writers.map(async (storage, writer) => {
        for (let turn = 0; turn < 12; turn++) await increment(storage, writer, turn);
      }),
    );
    report("48 changes", { conflicts });
    const end = await direct.findDocument(ID);
    expect(JSON.parse(end?.json ?? "")).toMatchObject({ sum: 48 });
    expect(end?.revision).toMatch(/^49-/);
    expect(faults.faults).toBeGreaterThan(30);
  });

  it("of 32 who create a session at once one does, and is told so", async () => {
    const { direct, through } = await newStore();
    const storages = await Promise.all(Array.from({ length: 32 }, () => through()));
    decideByTurns(/^PUT .*session\.json/);
    const ends = await Promise.allSettled(
      storages.map((storage, i) => storage.putDocument(documentOf(ID, 1, { i }), undefined)),
    );
    report("32 creators");
    const winners = ends.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
    expect(winners).toHaveLength(1);
    for (const end of ends) if (end.status === "rejected") expect(end.reason).toEqual(CONFLICT);
    expect(JSON.parse((await direct.findDocument(ID))?.json ?? "")).toMatchObject({ i: winners[0] });
  });

  it("a save whose answer was lost is known again when another one has saved on top of it", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    const [first, second, third, fourth] = [1, 2, 3, 4].map((count) => documentOf(ID, count)) as [Doc, Doc, Doc, Doc];
    await storage.putDocument(first, undefined);
    await storage.putDocument(second, first.revision); // how ETags are to be named is known then
    let isLost = false;
    faults.decide(async ({ method }) => {
      if (method === "PUT" && !isLost) {
        isLost = true;
        return { afterwards: "reset" };
      }
      if (isLost && (await direct.findDocument(ID))?.revision === third.revision) {
        await direct.putDocument(fourth, third.revision);
      }
      return "pass";
    });
    await storage.putDocument(third, second.revision);
    expect(await direct.findDocument(ID)).toMatchObject(fourth);
    // And what it takes to be there is right afterwards.
    await expect(storage.putDocument(documentOf(ID, 4, { late: true }), third.revision)).rejects.toEqual(CONFLICT);
  });

  type Doc = ReturnType<typeof documentOf>;

  it("ETags are named in quotes, until the server has shown that it wants them bare", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    const [first, second, third, fourth] = [1, 2, 3, 4].map((count) => documentOf(ID, count)) as [Doc, Doc, Doc, Doc];
    const named: string[] = [];
    faults.decide(({ method, headers }) => {
      if (method === "PUT") named.push(String(headers["if-match"] ?? headers["if-none-match"]));
      return "pass";
    });
    const [one, two, three] = [
      await storage.putDocument(first, undefined),
      await direct.putDocument(second, first.revision),
      await direct.putDocument(third, second.revision),
    ];
    // Refused because another one was first: that tells nothing of quotes.
    await expect(storage.putDocument({ ...second, json: "{}" }, first.revision)).rejects.toEqual(CONFLICT);
    await storage.putDocument(fourth, third.revision);
    await storage.putDocument(documentOf(ID, 5), fourth.revision);
    const four = named.at(-1);
    expect(four).toMatch(/^[0-9a-f]{32}$/);
    expect(named).toEqual(["*", `"${one}"`, `"${three}"`, three, four]);
    expect(new Set([one, two, three, four]).size).toBe(4);
  });

  it("a deletion whose answer was lost is done once, and is no conflict", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    for (const fate of FATES) {
      const document = documentOf(ID);
      await storage.putDocument(document, undefined);
      let number = 0;
      faults.decide(({ method }) => (method !== "HEAD" && ++number <= 2 ? fate : "pass"));
      await storage.deleteDocument(ID, document.revision);
      faults.decide(undefined);
      expect(await direct.findDocument(ID)).toBeUndefined();
      await expect(storage.deleteDocument(ID, document.revision)).rejects.toEqual(CONFLICT);
    }
    expect(await listOf(direct.listDocuments())).toEqual([]);
  });

  it("files of all lengths arrive whole and once, and nothing is left over", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    decideByTurns(/^(PUT|POST|HEAD|DELETE) .*\.t2r/);
    const sizes = [0, 1, 70_000, 3 * MB, 8 * MB, 8 * MB + 1, 20 * MB];
    for (const [i, size] of sizes.entries()) {
      const bytes = bytesOf(`${size}`, size);
      const chunks = inChunks(bytes);
      await Promise.all([
        storage.putBlob(idOf(i), "a.t2r", chunks),
        storage.putBlob(idOf(i), "b.t2r", inChunks(bytes, 1_000_000), { sizeBytes: size }),
      ]);
      for (const name of ["a.t2r", "b.t2r"]) {
        expect((await collect(direct.readBlob(idOf(i), name))).equals(bytes)).toBe(true);
        await expect(storage.putBlob(idOf(i), name, inChunks(bytesOf("other", size)))).rejects.toEqual(EXISTS);
        expect((await collect(direct.readBlob(idOf(i), name))).equals(bytes)).toBe(true);
      }
    }
    report(`${2 * sizes.length} files`);
    expect(faults.faults).toBeGreaterThan(10);
    faults.decide(undefined);
    // The name of an upload was in an answer that was lost: only time tells that nobody is at it.
    await direct.removeLeftovers({ olderThanMs: -60_000 });
    expect(await uploads()).toBe(0);
  });

  it("a long file whose last answer was lost is there once", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    const bytes = bytesOf("long", 17 * MB);
    for (const [i, fate] of FATES.entries()) {
      let isDone = false;
      faults.decide(({ method, url }) => {
        if (isDone || method !== "POST" || !url.includes("uploadId=")) return "pass";
        isDone = true;
        return fate;
      });
      await storage.putBlob(idOf(i), "a.t2r", inChunks(bytes, MB));
      expect(isDone).toBe(true);
      expect((await collect(direct.readBlob(idOf(i), "a.t2r"))).equals(bytes)).toBe(true);
    }
    expect(await uploads()).toBe(0);
  });

  it("a long file is put on servers that do not know the condition, and where its upload was taken for over", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    const bytes = bytesOf("long", 9 * MB);
    const isCompletion = (method: string, url: string): boolean => method === "POST" && url.includes("uploadId=");
    faults.decide(({ method, url, headers }) =>
      isCompletion(method, url) && headers["if-none-match"] !== undefined
        ? { answer: { status: 501, code: "NotImplemented" } }
        : "pass",
    );
    await storage.putBlob(idOf(1), "a.t2r", inChunks(bytes, MB));
    await storage.putBlob(idOf(2), "a.t2r", inChunks(bytes, MB));
    const forgotten: FalseAnswer = { status: 404, code: "NoSuchUpload" };
    faults.decide(({ method, url }) => (isCompletion(method, url) ? { afterwards: forgotten } : "pass"));
    await storage.putBlob(idOf(3), "a.t2r", inChunks(bytes, MB));
    for (const number of [1, 2, 3]) {
      expect((await collect(direct.readBlob(idOf(number), "a.t2r"))).equals(bytes)).toBe(true);
      await expect(storage.putBlob(idOf(number), "a.t2r", inChunks(bytesOf("x", 9 * MB)))).rejects.toEqual(EXISTS);
    }
    // Forgotten in earnest: nothing is there, and it is said.
    for (const pattern of [/partNumber=2/, /^POST .*uploadId=/]) {
      faults.decide(({ method, url }) => (pattern.test(`${method} ${url}`) ? { answer: forgotten } : "pass"));
      await expect(storage.putBlob(idOf(4), "a.t2r", inChunks(bytes, MB))).rejects.toEqual(UNAVAILABLE);
    }
    expect(await direct.statBlob(idOf(4), "a.t2r")).toBeUndefined();
    expect(await uploads()).toBe(0);
  });

  it("a long file that the server has kept a part of is no file, and that is said", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    let save = "";
    let isOver = false;
    faults.decide(({ method, url, headers }) => {
      if (headers["x-amz-meta-t2a-save"] !== undefined) save = String(headers["x-amz-meta-t2a-save"]);
      isOver ||= method === "POST" && url.includes("uploadId=");
      const cut = { status: 200, headers: { etag: '"0"', "x-amz-meta-t2a-save": save } };
      return isOver && method === "HEAD" ? { answer: cut } : "pass";
    });
    const putting = storage.putBlob(ID, "a.t2r", inChunks(bytesOf("long", 9 * MB), MB));
    await expect(putting).rejects.toMatchObject({ code: "T2A_STORE_DAMAGED" });
    expect(await listOf(direct.listBlobs())).toEqual([]);
  });

  it("deleting what was never there is a conflict, also where the first answer was lost", async () => {
    const { through } = await newStore();
    const storage = await through();
    let isFirst = true;
    faults.decide(() => {
      const fate = isFirst ? "reset" : "pass";
      isFirst = false;
      return fate;
    });
    await expect(storage.deleteDocument(ID, documentOf(ID).revision)).rejects.toEqual(CONFLICT);
  });

  it("what cannot be put at all leaves nothing", async () => {
    const { direct, through } = await newStore();
    const storage = await through(faults.endpoint, { times: { firstWaitMs: 1, tries: 3 } });
    for (const size of [100, 20 * MB]) {
      let parts = 0;
      faults.decide(({ method, url }) =>
        method === "PUT" && (!url.includes("partNumber=") || ++parts > 1) ? { answer: SLOW_DOWN } : "pass",
      );
      await expect(storage.putBlob(ID, "a.t2r", inChunks(bytesOf("x", size)))).rejects.toEqual(UNAVAILABLE);
    }
    faults.decide(undefined);
    expect(await uploads()).toBe(0);
    expect(await listOf(direct.listBlobs())).toEqual([]);
    expect(await keys()).toEqual(["store.json"]);
  });

  it("reading goes on where a connection ended, wherever that was", async () => {
    const { direct, through } = await newStore();
    const bytes = bytesOf("long", 12 * MB);
    await direct.putBlob(ID, "a.t2r", inChunks(bytes, MB));
    const storage = await through(`http://127.0.0.1:${tcp.port}`, { times: { ...TIMES, idleMs: 300 } });
    const endings = ["reset", "close", "stall"] as const;
    let ended = 0;
    tcp.decide(({ direction, bytesBefore, bytes: packet }) => {
      if (direction === "up" || bytesBefore + packet.length < 700_000) return "pass";
      const ending = endings[ended++ % endings.length] ?? "reset";
      return { passBytes: Math.min(packet.length, 1000), ending };
    });
    expect((await collect(storage.readBlob(ID, "a.t2r"))).equals(bytes)).toBe(true);
    expect(ended).toBeGreaterThan(10);
    const range = await storage.readBlobRange(ID, "a.t2r", { start: 1_000_001, length: 5 * MB });
    expect(Buffer.from(range).equals(bytes.subarray(1_000_001, 1_000_001 + 5 * MB))).toBe(true);
    if (process.env.T2A_FAULTS !== undefined) console.log("reading 17 MB", JSON.stringify({ ended }));
  });

  it("reading a file that another one took the name of is an error, and no mixture", async () => {
    const { direct, through } = await newStore();
    await direct.putBlob(ID, "a.t2r", inChunks(bytesOf("one", 4 * MB), MB));
    const storage = await through(`http://127.0.0.1:${tcp.port}`);
    const reading = storage.readBlob(ID, "a.t2r")[Symbol.asyncIterator]();
    await reading.next();
    tcp.endAll("reset");
    await direct.deleteBlob(ID, "a.t2r");
    await direct.putBlob(ID, "a.t2r", inChunks(bytesOf("two", 4 * MB), MB));
    const rest = async (): Promise<void> => {
      while ((await reading.next()).done !== true);
    };
    await expect(rest()).rejects.toMatchObject({ code: "T2A_STORE_NOT_FOUND" });
  });

  it("a server that never answers, and one that is not there, are told of", async () => {
    const { through } = await newStore();
    const storage = await through(faults.endpoint, { times: { idleMs: 100, tries: 2, firstWaitMs: 1 } });
    for (const fate of ["stall", "reset", { answer: SLOW_DOWN }, { afterwards: "stall" }] as const) {
      faults.decide(() => fate);
      const chunks = () => inChunks(bytesOf("x", 9 * MB), MB);
      await expect(storage.findDocument(ID)).rejects.toEqual(UNAVAILABLE);
      await expect(storage.putDocument(documentOf(ID), undefined)).rejects.toEqual(UNAVAILABLE);
      await expect(listOf(storage.listDocuments())).rejects.toEqual(UNAVAILABLE);
      await expect(storage.putBlob(idOf(2), "a.t2r", chunks())).rejects.toEqual(UNAVAILABLE);
      await expect(collect(storage.readBlob(ID, "a.t2r"))).rejects.toEqual(UNAVAILABLE);
    }
    tcp.accept(false);
    onTestFinished(() => tcp.accept(true));
    const over = through(`http://127.0.0.1:${tcp.port}`, { times: { tries: 2, firstWaitMs: 1 } });
    await expect(over).rejects.toEqual(UNAVAILABLE);
  });

  it("a signal ends what waits for a server that does not answer", async () => {
    const { through } = await newStore();
    const storage = await through();
    faults.decide(() => "stall");
    for (const ask of [
      (signal: AbortSignal) => storage.findDocument(ID, { signal }),
      (signal: AbortSignal) => storage.putDocument(documentOf(ID), undefined, { signal }),
      (signal: AbortSignal) => collect(storage.readBlob(ID, "a.t2r", { signal })),
      (signal: AbortSignal) => storage.putBlob(ID, "a.t2r", inChunks(bytesOf("x", 10)), { signal }),
    ]) {
      const stop = new AbortController();
      const before = faults.requests;
      const asked = expect(ask(stop.signal)).rejects.toMatchObject({ code: "T2A_ABORTED" });
      await pollUntil("the request", () => faults.requests > before);
      stop.abort();
      await asked;
    }
  });

  it("a writer killed in the midst of a long file leaves nothing to be seen, and its parts go", async () => {
    const { direct } = await newStore();
    const writer = start(
      process.execPath,
      moduleProgram(`
        import { CloudStorage } from "src/store/drivers/cloud-storage.js";
        const storage = await CloudStorage.open(${JSON.stringify(location)});
        async function* chunks() {
          for (let i = 0; i < 30; i++) yield new Uint8Array(${MB}).fill(i);
          console.log("sent");
          await new Promise((resolve) => setTimeout(resolve, 600_000));
        }
        await storage.putBlob("${ID}", "a.t2r", chunks());`),
    );
    await pollUntil("its parts", () => writer.output !== "" || writer.ended, 30_000);
    expect(writer.errors).toBe("");
    writer.child.kill("SIGKILL");
    await pollUntil("its end", () => writer.ended);
    expect(await uploads()).toBe(1);
    expect(await listOf(direct.listBlobs())).toEqual([]);
    expect(await direct.statBlob(ID, "a.t2r")).toBeUndefined();
    // Not while it may be another's at work.
    expect(await direct.removeLeftovers()).toBe(0);
    expect(await uploads()).toBe(1);
    expect(await direct.removeLeftovers({ olderThanMs: -60_000 })).toBe(1);
    expect(await uploads()).toBe(0);
    await direct.putBlob(ID, "a.t2r", inChunks(bytesOf("again", 1000)));
  });

  it("what stands for a document whose deleter was killed is no document, and goes", async () => {
    const { direct, through } = await newStore();
    const storage = await through();
    for (const id of [ID, idOf(2)]) {
      await storage.putDocument(documentOf(id), undefined);
      // The deletion itself is never done.
      faults.decide(({ method }) => (method === "DELETE" ? "reset" : "pass"));
      await storage.deleteDocument(id, documentOf(id).revision);
      faults.decide(undefined);
    }
    expect(await keys()).toEqual([`sessions/${ID}/session.json`, `sessions/${idOf(2)}/session.json`, "store.json"]);
    expect(await listOf(direct.listDocuments())).toEqual([]);
    expect(await direct.findDocument(ID)).toBeUndefined();
    await expect(direct.deleteDocument(ID, documentOf(ID).revision)).rejects.toEqual(CONFLICT);
    await direct.putDocument(documentOf(ID, 7), undefined);
    expect(await storage.findDocument(ID)).toMatchObject(documentOf(ID, 7));
    expect(await direct.removeLeftovers()).toBe(0);
    expect(await direct.removeLeftovers({ olderThanMs: -60_000 })).toBe(1);
    expect(await keys()).toEqual([`sessions/${ID}/session.json`, "store.json"]);
  });

  it("a document that another program put there is read, and saved in place of", async () => {
    const { direct } = await newStore();
    const { json, revision } = documentOf(ID, 3);
    const key = `${location.prefix}/sessions/${ID}/session.json`;
    await server.client.send(new PutObjectCommand({ Bucket: location.bucket, Key: key, Body: json }));
    await expect(direct.putDocument(documentOf(ID, 2), documentOf(ID, 1).revision)).rejects.toEqual(CONFLICT);
    await direct.putDocument(documentOf(ID, 4), revision);
    await server.client.send(new PutObjectCommand({ Bucket: location.bucket, Key: key, Body: "no JSON" }));
    expect(await direct.findDocument(ID)).toMatchObject({ id: ID, revision: "", json: "no JSON" });
    await expect(direct.putDocument(documentOf(ID, 5), documentOf(ID, 4).revision)).rejects.toEqual(CONFLICT);
  });
});
