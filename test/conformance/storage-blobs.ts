// What is asked of a storage's files.
import { expect } from "vitest";
import {
  bytesOf,
  collect,
  documentOf,
  idOf,
  inChunks,
  listOf,
  openedFor,
  type StorageUnderTest,
} from "./storage-case.js";

const MB = 1024 * 1024;
const EXISTS = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_EXISTS" });
const NOT_FOUND = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_NOT_FOUND" });

/** Around where drivers cut. */
const SIZES = [0, 1, 65_536, MB - 1, MB, MB + 1, 2 * MB, 3 * MB + 7];

export async function testSizes(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const other = await openedFor(store);
  for (const size of SIZES) {
    const bytes = bytesOf(`${size}`, size);
    // Known beforehand or not; in chunks of any size, empty ones too, which may be used again.
    const isKnown = size % 2 === 0;
    await storage.putBlob(idOf(1), `${size}.t2r`, reused(bytes), isKnown ? { sizeBytes: size } : {});
    let longest = 0;
    const chunks: Uint8Array[] = [];
    for await (const chunk of other.readBlob(idOf(1), `${size}.t2r`)) {
      longest = Math.max(longest, chunk.length);
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(longest).toBeLessThanOrEqual(MB);
    const stat = await other.statBlob(idOf(1), `${size}.t2r`);
    expect(stat).toEqual({ sessionId: idOf(1), name: `${size}.t2r`, sizeBytes: size, putAtMs: expect.any(Number) });
    const path = other.localPath?.(idOf(1), `${size}.t2r`);
    expect(path === undefined).toBe(!other.supports.localPaths);
  }
  expect(await store.countLeftovers()).toBe(0);
}

async function* reused(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(300_001);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = Math.min([1, 0, 300_001, 4096][turn % 4] ?? 0, bytes.length - at);
    memory.set(bytes.subarray(at, at + length));
    yield memory.subarray(0, length);
    at += length;
  }
}

export async function testRanges(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const size = 2 * MB + 13;
  const bytes = bytesOf("ranges", size);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytes));
  await storage.putBlob(idOf(1), "empty.t2r", inChunks(bytes.subarray(0, 0)));
  const places = [0, 1, MB - 1, MB, MB + 1, 2 * MB, size - 1, size, size + 1, size + 5 * MB];
  for (const start of places) {
    for (const length of [0, 1, 2, 1000, MB, size, size + 1, 2 ** 40]) {
      const range = await storage.readBlobRange(idOf(1), "a.t2r", { start, length });
      expect(Buffer.from(range).equals(bytes.subarray(start, start + length))).toBe(true);
    }
    expect(await storage.readBlobRange(idOf(1), "empty.t2r", { start, length: 10 })).toHaveLength(0);
  }
  for (const range of [
    { start: -1, length: 1 },
    { start: 0, length: -1 },
    { start: 0.5, length: 1 },
    { start: 0, length: Number.NaN },
  ]) {
    await expect(storage.readBlobRange(idOf(1), "a.t2r", range)).rejects.toThrow(RangeError);
  }
}

export async function testNeverReplaced(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const bytes = bytesOf("first", 1_500_000);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytes));
  await expect(storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("second", 2_500_000)))).rejects.toEqual(EXISTS);
  await expect(storage.putBlob(idOf(1), "a.t2r", inChunks(new Uint8Array(0)))).rejects.toEqual(EXISTS);
  expect((await collect(storage.readBlob(idOf(1), "a.t2r"))).equals(bytes)).toBe(true);
  // The same name is another file in another session.
  await storage.putBlob(idOf(2), "a.t2r", inChunks(bytesOf("other", 10)));
  expect(await collect(storage.readBlob(idOf(2), "a.t2r"))).toEqual(bytesOf("other", 10));
  expect(await store.countLeftovers()).toBe(0);
}

export async function testTwoAtOnce(store: StorageUnderTest): Promise<void> {
  const storages = [await openedFor(store), await openedFor(store)];
  const contents = ["one", "other", "third"].map((name) => bytesOf(name, 2_500_000));
  // All have begun before the first ends.
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let waiting = 0;
  const ends = await Promise.allSettled(
    contents.map((bytes, i) => {
      const storage = storages[i % 2] ?? storages[0];
      return storage?.putBlob(idOf(1), "a.t2r", gated(bytes));
    }),
  );
  async function* gated(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 2_000_000);
    if (++waiting === contents.length) open();
    await gate;
    yield bytes.subarray(2_000_000);
  }
  const winner = ends.findIndex(({ status }) => status === "fulfilled");
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const end of ends) if (end.status === "rejected") expect(end.reason).toEqual(EXISTS);
  const kept = await collect((storages[0] as (typeof storages)[0]).readBlob(idOf(1), "a.t2r"));
  expect(kept.equals(contents[winner] as Uint8Array)).toBe(true);
  expect(await store.countLeftovers()).toBe(0);
}

export async function testFailingStream(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  for (const size of [0, 10, 3 * MB]) {
    const failure = new Error("the source failed");
    await expect(
      storage.putBlob(
        idOf(1),
        "a.t2r",
        (async function* () {
          yield* inChunks(bytesOf("x", size));
          throw failure;
        })(),
      ),
    ).rejects.toBe(failure);
    expect(await storage.statBlob(idOf(1), "a.t2r")).toBeUndefined();
    expect(await listOf(storage.listBlobs())).toEqual([]);
    await expect(collect(storage.readBlob(idOf(1), "a.t2r"))).rejects.toEqual(NOT_FOUND);
    expect(await store.countLeftovers()).toBe(0);
  }
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("x", 100)));
  expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toEqual(bytesOf("x", 100));
}

export async function testSignal(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const aborted = expect.objectContaining({ code: "T2A_ABORTED" });
  const document = documentOf(idOf(1));
  await storage.putDocument(document, undefined);
  await storage.putBlob(idOf(1), "there.t2r", inChunks(bytesOf("x", 3 * MB)));
  const bytes = bytesOf("x", 10);
  const over = { signal: AbortSignal.abort() };
  await expect(storage.findDocument(idOf(1), over)).rejects.toEqual(aborted);
  await expect(storage.putDocument(documentOf(idOf(1), 2), document.revision, over)).rejects.toEqual(aborted);
  await expect(storage.deleteDocument(idOf(1), document.revision, over)).rejects.toEqual(aborted);
  await expect(listOf(storage.listDocuments(over))).rejects.toEqual(aborted);
  await expect(storage.putBlob(idOf(1), "a.t2r", inChunks(bytes), over)).rejects.toEqual(aborted);
  await expect(collect(storage.readBlob(idOf(1), "there.t2r", over))).rejects.toEqual(aborted);
  await expect(storage.readBlobRange(idOf(1), "there.t2r", { start: 0, length: 1 }, over)).rejects.toEqual(aborted);
  await expect(listOf(storage.listBlobs(over))).rejects.toEqual(aborted);
  for (const size of [10, 3 * MB]) {
    const midway = new AbortController();
    await expect(
      storage.putBlob(
        idOf(1),
        "a.t2r",
        (async function* () {
          yield* inChunks(bytesOf("x", size));
          midway.abort();
          yield bytesOf("y", 10);
        })(),
        { signal: midway.signal },
      ),
    ).rejects.toEqual(aborted);
  }
  const reading = new AbortController();
  const read = async (): Promise<void> => {
    for await (const _ of storage.readBlob(idOf(1), "there.t2r", { signal: reading.signal })) reading.abort();
  };
  await expect(read()).rejects.toEqual(aborted);
  expect(await storage.statBlob(idOf(1), "a.t2r")).toBeUndefined();
  expect(await storage.findDocument(idOf(1))).toMatchObject(document);
  expect(await store.countLeftovers()).toBe(0);
}

export async function testList(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const before = Date.now();
  await storage.putDocument(documentOf(idOf(3)), undefined);
  await storage.putDocument(documentOf(idOf(4)), undefined);
  for (const [number, name] of [
    [3, "b.t2r"],
    [1, "a.t2r"],
    [3, "B.t2r"],
    [3, "a.original.cast"],
    [3, "a-b.t2r"],
    [2, "z"],
  ] as const) {
    await storage.putBlob(idOf(number), name, inChunks(bytesOf(name, name.length)));
  }
  const names = ["B.t2r", "a-b.t2r", "a.original.cast", "b.t2r"];
  const of = async (sessionId?: string) => await listOf(storage.listBlobs({ sessionId }));
  expect((await of(idOf(3))).map(({ name }) => name)).toEqual(names);
  const all = [[idOf(1), "a.t2r"], [idOf(2), "z"], ...names.map((name) => [idOf(3), name])];
  expect((await of()).map(({ sessionId, name }) => [sessionId, name])).toEqual(all);
  for (const blob of await of()) {
    expect(blob.sizeBytes).toBe(blob.name.length);
    expect(await storage.statBlob(blob.sessionId, blob.name)).toEqual(blob);
    // By the store's clock, which is near this one wherever it is tested.
    expect(Math.abs(blob.putAtMs - before)).toBeLessThan(600_000);
  }
}

export async function testDelete(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  for (const content of ["first", "second"]) {
    const bytes = bytesOf(content, 2_500_000);
    await storage.putBlob(idOf(1), "a.t2r", inChunks(bytes));
    await storage.putBlob(idOf(1), `${content}.t2r`, inChunks(bytes));
    expect((await collect(storage.readBlob(idOf(1), "a.t2r"))).equals(bytes)).toBe(true);
    await storage.deleteBlob(idOf(1), "a.t2r");
    await storage.deleteBlob(idOf(1), "a.t2r");
    expect(await storage.statBlob(idOf(1), "a.t2r")).toBeUndefined();
  }
  expect((await listOf(storage.listBlobs())).map(({ name }) => name)).toEqual(["first.t2r", "second.t2r"]);
  expect(await store.countLeftovers()).toBe(0);
}

export async function testDeletedWhileRead(store: StorageUnderTest): Promise<void> {
  const [storage, other] = [await openedFor(store), await openedFor(store)];
  const bytes = bytesOf("a", 8 * MB);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytes, MB));
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of storage.readBlob(idOf(1), "a.t2r")) {
      if (chunks.push(chunk) === 1) await other.deleteBlob(idOf(1), "a.t2r");
    }
  })();
  // To the end, or told: never a part as if it were the whole.
  const [end] = await Promise.allSettled([reading]);
  if (end?.status === "rejected") expect(end.reason).toEqual(NOT_FOUND);
  else expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  expect(await storage.statBlob(idOf(1), "a.t2r")).toBeUndefined();
}

export async function testListingWhileWriting(store: StorageUnderTest): Promise<void> {
  const [storage, other] = [await openedFor(store), await openedFor(store)];
  const lasting = Array.from({ length: 100 }, (_, i) => idOf(i * 10));
  for (const id of lasting) {
    await storage.putDocument(documentOf(id), undefined);
    await storage.putBlob(id, "a.t2r", inChunks(bytesOf("a", 100)));
  }
  let isOver = false;
  const write = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const id = idOf(5 + 10 * (turn % 100));
      await other.putDocument(documentOf(id), undefined);
      await other.putBlob(id, "a.t2r", inChunks(bytesOf("a", 200_000), 50_000));
      await other.deleteBlob(id, "a.t2r");
      await other.deleteDocument(id, documentOf(id).revision);
    }
  };
  const writing = write();
  try {
    for (let turn = 0; turn < 10; turn++) {
      const ids = (await listOf(storage.listDocuments())).map(({ id }) => id);
      expect(ids).toEqual([...ids].sort());
      expect(ids).toEqual(expect.arrayContaining(lasting));
      expect(new Set(ids).size).toBe(ids.length);
      const blobs = await listOf(storage.listBlobs());
      expect(blobs.map(({ sessionId }) => sessionId)).toEqual(expect.arrayContaining(lasting));
      for (const { sizeBytes } of blobs) expect([100, 200_000]).toContain(sizeBytes);
    }
  } finally {
    isOver = true;
    await writing;
  }
}
