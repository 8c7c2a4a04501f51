// What is asked of a storage's documents. T2A_STORE_SESSIONS=10000 keeps so many where the suite keeps fewer.
import { expect } from "vitest";
import type { SessionStorage } from "../../src/store/index.js";
import {
  bytesOf,
  collect,
  documentOf,
  idOf,
  inChunks,
  listOf,
  openedFor,
  type StorageCase,
  type StorageUnderTest,
} from "./storage-case.js";

const CONFLICT = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_CONFLICT" });

export async function testEmpty(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  expect(await storage.findDocument(idOf(1))).toBeUndefined();
  expect(await listOf(storage.listDocuments())).toEqual([]);
  expect(await listOf(storage.listBlobs())).toEqual([]);
  expect(await listOf(storage.listBlobs({ sessionId: idOf(1) }))).toEqual([]);
  expect(await storage.statBlob(idOf(1), "a.t2r")).toBeUndefined();
  await storage.deleteBlob(idOf(1), "a.t2r");
  const notFound = expect.objectContaining({ name: "StoreError", code: "T2A_STORE_NOT_FOUND" });
  await expect(collect(storage.readBlob(idOf(1), "a.t2r"))).rejects.toEqual(notFound);
  await expect(storage.readBlobRange(idOf(1), "a.t2r", { start: 0, length: 1 })).rejects.toEqual(notFound);
  await expect(storage.deleteDocument(idOf(1), documentOf(idOf(1)).revision)).rejects.toEqual(CONFLICT);
}

export async function testKept(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const document = documentOf(idOf(1), 1, { text: "a\r\n\tb  \u2028" });
  const tag = await storage.putDocument(document, undefined);
  expect(await storage.findDocument(document.id)).toEqual({ ...document, tag });
  const again = documentOf(idOf(1), 2, { text: "y".repeat(3_000_000) });
  const nextTag = await storage.putDocument(again, document.revision);
  const other = await openedFor(store);
  expect(await other.findDocument(document.id)).toEqual({ ...again, tag: nextTag });
}

export async function testCompareAndSwap(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const [first, second, third] = [1, 2, 3].map((count) => documentOf(idOf(1), count)) as [Doc, Doc, Doc];
  await expect(storage.putDocument(second, first.revision)).rejects.toEqual(CONFLICT);
  expect(await storage.findDocument(idOf(1))).toBeUndefined();
  await storage.putDocument(first, undefined);
  await expect(storage.putDocument(second, undefined)).rejects.toEqual(CONFLICT);
  await expect(storage.putDocument(third, second.revision)).rejects.toEqual(CONFLICT);
  expect(await storage.findDocument(idOf(1))).toMatchObject(first);
  await storage.putDocument(second, first.revision);
  await expect(storage.putDocument(third, first.revision)).rejects.toEqual(CONFLICT);
  await expect(storage.deleteDocument(idOf(1), first.revision)).rejects.toEqual(CONFLICT);
  expect(await storage.findDocument(idOf(1))).toMatchObject(second);
  // Of many at once one is first, and the others are told so.
  const ends = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => storage.putDocument(documentOf(idOf(1), 3, { i }), second.revision)),
  );
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const end of ends) if (end.status === "rejected") expect(end.reason).toEqual(CONFLICT);
  const winner = ends.findIndex(({ status }) => status === "fulfilled");
  expect(JSON.parse((await storage.findDocument(idOf(1)))?.json ?? "")).toMatchObject({ i: winner });
}

type Doc = ReturnType<typeof documentOf>;

export async function testTags(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const tags = new Set<string>();
  let previous: string | undefined;
  for (let count = 10; count < 60; count++) {
    const document = documentOf(idOf(1), count);
    tags.add(await storage.putDocument(document, previous));
    previous = document.revision;
  }
  expect(tags.size).toBe(50);
}

export async function testDelete(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const [document, beside] = [documentOf(idOf(1)), documentOf(idOf(2))];
  await storage.putDocument(document, undefined);
  await storage.putDocument(beside, undefined);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 1000)));
  await storage.deleteDocument(idOf(1), document.revision);
  expect(await storage.findDocument(idOf(1))).toBeUndefined();
  expect((await listOf(storage.listDocuments())).map(({ id }) => id)).toEqual([idOf(2)]);
  expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toEqual(bytesOf("a", 1000));
  await expect(storage.deleteDocument(idOf(1), document.revision)).rejects.toEqual(CONFLICT);
  // And anew.
  await storage.putDocument(document, undefined);
  expect(await storage.findDocument(idOf(1))).toMatchObject(document);
}

export async function testList(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const tags = new Map<string, string>();
  for (const number of [5, 40, 1, 33, 1000, 2, 31, 32]) {
    tags.set(idOf(number), await storage.putDocument(documentOf(idOf(number)), undefined));
  }
  const other = await openedFor(store);
  const listed = await listOf(other.listDocuments());
  expect(listed).toEqual([1, 2, 5, 31, 32, 33, 40, 1000].map(idOf).map((id) => ({ id, tag: tags.get(id) })));
  for (const { id, tag } of listed) expect((await other.findDocument(id))?.tag).toBe(tag);
}

/** What JSON can hold: everything, halves of characters included. */
const NAMES = [
  "日本語 세션 漢字 ไทย עברית العربية",
  "👩‍👩‍👧‍👦 🏳️‍🌈 \u{10ffff}",
  "e\u0301 \u00e9 \ufeff \u200b \u202e",
  "\ud800 and \udc00, \udc00\ud800",
  "\u0000 \u0001 \u001b[31m \u007f \u0085 \ufffe \uffff",
  "'; drop table x; -- \\ \" ' %s $1 ?",
  "../../../etc/passwd",
];

export async function testUnicode(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  for (const [number, name] of NAMES.entries()) {
    await storage.putDocument(documentOf(idOf(number), 1, { name, [name]: [name] }), undefined);
  }
  const other = await openedFor(store);
  for (const [number, name] of NAMES.entries()) {
    const document = await other.findDocument(idOf(number));
    expect(document).toMatchObject(documentOf(idOf(number), 1, { name, [name]: [name] }));
    expect(JSON.parse(document?.json ?? "")).toMatchObject({ name, [name]: [name] });
  }
}

export async function testMany(store: StorageUnderTest, { sessions: few = 10_000 }: StorageCase): Promise<void> {
  const sessions = Number(process.env.T2A_STORE_SESSIONS ?? few);
  const storage = await openedFor(store);
  await putMany(storage, sessions);
  const other = await openedFor(store);
  const listed = await listOf(other.listDocuments());
  expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: sessions }, (_, number) => idOf(number)));
  const last = idOf(sessions - 1);
  expect(await other.findDocument(last)).toMatchObject(documentOf(last));
}

async function putMany(storage: SessionStorage, sessions: number): Promise<void> {
  let next = 0;
  const put = async (): Promise<void> => {
    while (next < sessions) await storage.putDocument(documentOf(idOf(next++)), undefined);
  };
  await Promise.all(Array.from({ length: 8 }, put));
}

/** What a hostile document or archive could say. */
const NO_IDS = [
  "",
  "..",
  ".",
  "../x",
  "/etc",
  "01KAMEX5G00000000000000000/..",
  "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
  `${idOf(1)}\0`,
];
const NO_NAMES = [
  "",
  "..",
  ".",
  "../x",
  "/etc/passwd",
  ".hidden",
  "a/b",
  "a\\b",
  "a\0b",
  "ü",
  "a\n",
  "session.json",
  "Session.JSON",
  "x".repeat(129),
];

export async function testNames(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const chunks = () => inChunks(bytesOf("x", 10));
  for (const id of NO_IDS) {
    await expect(storage.findDocument(id)).rejects.toThrow(TypeError);
    await expect(storage.putDocument({ ...documentOf(idOf(1)), id }, undefined)).rejects.toThrow(TypeError);
    await expect(storage.deleteDocument(id, "1-X")).rejects.toThrow(TypeError);
    await expect(storage.putBlob(id, "a.t2r", chunks())).rejects.toThrow(TypeError);
    await expect(listOf(storage.listBlobs({ sessionId: id }))).rejects.toThrow(TypeError);
  }
  for (const name of NO_NAMES) {
    await expect(storage.putBlob(idOf(1), name, chunks())).rejects.toThrow(TypeError);
    await expect(collect(storage.readBlob(idOf(1), name))).rejects.toThrow(TypeError);
    await expect(storage.readBlobRange(idOf(1), name, { start: 0, length: 1 })).rejects.toThrow(TypeError);
    await expect(storage.statBlob(idOf(1), name)).rejects.toThrow(TypeError);
    await expect(storage.deleteBlob(idOf(1), name)).rejects.toThrow(TypeError);
  }
  expect(await listOf(storage.listDocuments())).toEqual([]);
  expect(await listOf(storage.listBlobs())).toEqual([]);
  expect(await store.countLeftovers()).toBe(0);
}

/** A document of the store itself. */
function namedOf(name: string, count = 1, more: Readonly<Record<string, unknown>> = {}): Doc {
  const revision = `${count}-${idOf(count)}`;
  return { id: name, revision, json: `${JSON.stringify({ version: 1, name, revision, ...more })}\n` };
}

const NO_DOCUMENTS = ["", ".", "..", "../x", "a/b", "A", ".a", "a\0", "ü", "a\n", "x".repeat(121)];

export async function testNamed(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  expect(await storage.findNamed("app")).toBeUndefined();
  expect(await listOf(storage.listNamed())).toEqual([]);
  const [first, second, third] = [1, 2, 3].map((count) => namedOf("app", count, { text: NAMES })) as [Doc, Doc, Doc];
  await expect(storage.putNamed(second, first.revision)).rejects.toEqual(CONFLICT);
  await storage.putNamed(first, undefined);
  await expect(storage.putNamed(second, undefined)).rejects.toEqual(CONFLICT);
  await expect(storage.putNamed(third, second.revision)).rejects.toEqual(CONFLICT);
  const other = await openedFor(store);
  expect(await other.findNamed("app")).toEqual(first);
  await other.putNamed(second, first.revision);
  expect(await storage.findNamed("app")).toEqual(second);
  // Of many at once one is first, and the others are told so.
  const ends = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => storage.putNamed(namedOf("app", 3, { i }), second.revision)),
  );
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const end of ends) if (end.status === "rejected") expect(end.reason).toEqual(CONFLICT);
  const long = namedOf("app-0", 1, { text: "y".repeat(3_000_000) });
  await storage.putNamed(long, undefined);
  expect(await other.findNamed("app-0")).toEqual(long);
  // They are no sessions, and their names sort by themselves.
  await storage.putNamed(namedOf("app.b", 1), undefined);
  await storage.putNamed(namedOf("a_b-c.9", 1), undefined);
  expect(await listOf(other.listNamed())).toEqual(["a_b-c.9", "app", "app-0", "app.b"]);
  expect(await listOf(other.listDocuments())).toEqual([]);
  expect(await listOf(other.listBlobs())).toEqual([]);
  for (const name of NO_DOCUMENTS) {
    await expect(storage.findNamed(name)).rejects.toThrow(TypeError);
    await expect(storage.putNamed({ ...first, id: name }, undefined)).rejects.toThrow(TypeError);
  }
  expect(await store.countLeftovers()).toBe(0);
}

export async function testClose(store: StorageUnderTest): Promise<void> {
  const storage = await store.open();
  await storage.putDocument(documentOf(idOf(1)), undefined);
  await storage.close();
  await storage.close();
}

export async function testSecret(store: StorageUnderTest, { name, secret }: StorageCase): Promise<void> {
  const storage = await openedFor(store);
  expect(storage.driver).toBe(name);
  expect(storage.location).not.toBe("");
  if (secret !== undefined) expect(JSON.stringify({ ...storage, location: storage.location })).not.toContain(secret);
}
