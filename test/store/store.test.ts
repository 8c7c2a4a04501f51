// A store keeps its index in step with its documents, whoever writes and whoever ends when: over the real drivers.
import { writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import type { StoreError } from "../../src/core/index.js";
import { type NewSession, openStore, parseStoreUrl, type Session, Store } from "../../src/store/index.js";
import { formatSession } from "../../src/store/session-json.js";
import { collect, inChunks, listOf } from "../conformance/storage-case.js";
import { moduleProgram } from "../pty/programs.js";
import { pollUntil } from "../support/poll-until.js";
import { type Running, start } from "../support/programs.js";
import { testSession } from "../support/sessions.js";
import { tempDir } from "../support/temp-dir.js";

/** Stores that each test has a new one of. */
const DRIVERS = ["files", "sqlite", "memory"] as const;
/** Those that several processes can have. */
const SHARED = ["files", "sqlite"] as const;

/** The URL of a store that is not there yet. */
function newUrl(driver: (typeof DRIVERS)[number]): string {
  const path = tempDir();
  return { files: `file://${path("store")}`, sqlite: `sqlite://${path("store.db")}`, memory: "memory:" }[driver];
}

async function opened(url: string): Promise<Store> {
  const store = await openStore(parseStoreUrl(url), { cacheFolder: "/nonexistent" });
  onTestFinished(() => store.close());
  return store;
}

function newSession(changes: Partial<Session> = {}): NewSession {
  const { version: _, revision: __, savedAt: ___, ...session } = testSession(changes);
  return session;
}

/** Ids and tags, which both sides must say alike. */
async function expectInStep(store: Store): Promise<void> {
  expect(await listOf(store.index.listTags())).toEqual(await listOf(store.storage.listDocuments()));
  for await (const { id } of store.storage.listDocuments()) {
    expect(await store.index.findSession(id)).toEqual(await store.find(id));
  }
}

describe.each(DRIVERS)("a store: %s", (driver) => {
  it("saves sessions, finds them and lists them", async () => {
    const store = await opened(newUrl(driver));
    const session = newSession({ name: "one", tags: ["a"] });
    const created = await store.create(session);
    expect(created).toMatchObject({ ...session, version: 1, revision: expect.stringMatching(/^1-/) });
    expect(await store.get(session.id)).toEqual(created);
    const changed = await store.update(session.id, (was) => ({ ...was, tags: [...was.tags, "b"] }));
    expect(changed).toMatchObject({ tags: ["a", "b"], revision: expect.stringMatching(/^2-/) });
    expect((await store.index.listSessions({ tags: ["b"] })).sessions).toEqual([changed]);
    expect(await store.index.listPending()).toEqual([]);
    await expectInStep(store);
  });

  it("tells that there is no such session, or one already", async () => {
    const store = await opened(newUrl(driver));
    const session = newSession();
    const notFound = expect.objectContaining({ code: "T2A_STORE_NOT_FOUND" });
    expect(await store.find(session.id)).toBeUndefined();
    await expect(store.get(session.id)).rejects.toEqual(notFound);
    await expect(store.update(session.id, (was) => was)).rejects.toEqual(notFound);
    await store.create(session);
    await expect(store.create(session)).rejects.toEqual(expect.objectContaining({ code: "T2A_STORE_CONFLICT" }));
  });

  it("saves nothing that could not be read again, and nothing where nothing changes", async () => {
    const store = await opened(newUrl(driver));
    const created = await store.create(newSession());
    expect(await store.update(created.id, (was) => was)).toEqual(created);
    const damage = (changes: object) => store.update(created.id, (was) => ({ ...was, ...changes }));
    await expect(damage({ status: "asleep" })).rejects.toEqual(expect.objectContaining({ code: "T2A_STORE_DAMAGED" }));
    await expect(damage({ id: newSession().id })).rejects.toThrow(TypeError);
    const failure = new Error("changed my mind");
    await expect(
      store.update(created.id, () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await store.get(created.id)).toEqual(created);
    expect(await store.index.listPending()).toEqual([]);
  });

  it("does every change of many at once", async () => {
    const store = await opened(newUrl(driver));
    const { id } = await store.create(newSession());
    const more = () => store.update(id, (was) => ({ ...was, commandCount: was.commandCount + 1 }));
    await Promise.all(Array.from({ length: 20 }, more));
    expect(await store.get(id)).toMatchObject({ commandCount: 20, revision: expect.stringMatching(/^21-/) });
    await expectInStep(store);
  });

  it("removes a session with its files, and whatever is left of one", async () => {
    const store = await opened(newUrl(driver));
    const [one, other] = [await store.create(newSession()), await store.create(newSession())];
    for (const { id } of [one, other]) await store.storage.putBlob(id, "a.t2r", inChunks(Buffer.from("a")));
    await store.remove(one.id);
    expect(await store.find(one.id)).toBeUndefined();
    expect((await listOf(store.storage.listBlobs())).map(({ sessionId }) => sessionId)).toEqual([other.id]);
    expect(await collect(store.storage.readBlob(other.id, "a.t2r"))).toEqual(Buffer.from("a"));
    expect(await store.index.findSession(one.id)).toBeUndefined();
    expect(await store.index.listPending()).toEqual([]);
    await store.remove(one.id);
    // One that is not as it was any more.
    const newer = await store.update(other.id, (there) => ({ ...there, name: "newer" }));
    expect(await store.remove(other.id, { revision: other.revision })).toBe(false);
    expect(await store.find(other.id)).toEqual(newer);
    expect(await listOf(store.storage.listBlobs())).toHaveLength(1);
    // A file without a document.
    await store.storage.deleteDocument(other.id, newer.revision);
    expect(await store.remove(other.id, { revision: newer.revision })).toBe(false);
    expect(await listOf(store.storage.listBlobs())).toHaveLength(1);
    await store.remove(other.id);
    expect(await listOf(store.storage.listBlobs())).toEqual([]);
    await expectInStep(store);
  });

  it("brings the index in step where a writer ended between document and index", async () => {
    const store = await opened(newUrl(driver));
    await store.catchUp();
    const [created, kept, gone] = [newSession(), newSession(), newSession()];
    const was = await store.create(kept);
    const deleted = await store.create(gone);
    // As a store does it, up to the end of the writer.
    const begun = formatSession({ ...created, version: 1, revision: `1-${kept.id}`, savedAt: created.createdAt });
    const next = formatSession({ ...was, name: "another", revision: `2-${kept.id}` });
    for (const { id } of [created, kept, gone]) await store.index.markPending(id);
    await store.storage.putDocument(begun, undefined);
    await store.storage.putDocument(next, was.revision);
    await store.storage.deleteDocument(gone.id, deleted.revision);
    expect(await store.index.findSession(created.id)).toBeUndefined();
    await store.catchUp();
    await expectInStep(store);
    expect(await store.index.findSession(kept.id)).toMatchObject({ name: "another" });
    // The writer may still be at it: it is looked at again until its time is over.
    expect(await store.index.listPending()).toHaveLength(3);
    const { storage, index } = store;
    for (const past of [61_000, -61_000]) {
      for (const { id } of [created, kept]) await index.markPending(id);
      await new Store({ storage, index, check: "never" }, { now: () => Date.now() + past }).catchUp();
      expect(await index.listPending()).toEqual([]);
    }
  });

  it("holds a whole index against the documents, and mends it", async () => {
    const store = await opened(newUrl(driver));
    const sessions: Session[] = [];
    for (let i = 0; i < 20; i++) sessions.push(await store.create(newSession({ name: `session ${i}` })));
    expect(await store.checkIndex()).toBe(0);
    const [changed, gone, lost, unknown] = sessions as [Session, Session, Session, Session];
    await store.storage.putDocument(formatSession({ ...changed, revision: `2-${changed.id}` }), changed.revision);
    await store.storage.deleteDocument(gone.id, gone.revision);
    await store.index.removeSession(lost.id, { clearsPending: false });
    await store.index.putSession({ ...unknown, id: newSession().id }, "a tag", { clearsPending: false });
    const progress: number[][] = [];
    expect(await store.checkIndex({ onProgress: (...of) => progress.push(of) })).toBe(4);
    expect(progress.at(-1)).toEqual([4, 4]);
    expect(await store.checkIndex()).toBe(0);
    await expectInStep(store);
    expect(await store.rebuildIndex()).toBe(19);
    await expectInStep(store);
  });

  it("makes its index anew while others save and delete, and is in step with them", async () => {
    const store = await opened(newUrl(driver));
    const sessions: Session[] = [];
    for (let i = 0; i < 150; i++) sessions.push(await store.create(newSession({ name: `session ${i}` })));
    const damaged = newSession();
    const revision = `1-${damaged.id}`;
    await store.storage.putDocument({ id: damaged.id, revision, json: "{}" }, undefined);
    const others: Promise<unknown>[] = [];
    const told: string[] = [];
    expect(
      await store.rebuildIndex({
        onDamaged: (id) => told.push(id),
        // They have been read, but not all that was read is in the index yet.
        onProgress: (done) => {
          const [gone, changed] = sessions.slice(done - 2, done) as [Session, Session];
          if (done % 16 !== 0 || changed === undefined) return;
          others.push(store.remove(gone.id));
          others.push(store.update(changed.id, (was) => ({ ...was, name: "changed" })));
        },
      }),
    ).toBe(151);
    await Promise.all(others);
    expect(told).toEqual([damaged.id]);
    await store.remove(damaged.id);
    await expectInStep(store);
    expect((await store.index.listSessions({ name: "changed" })).total).toBe(9);
    expect((await store.index.listSessions({})).total).toBe(141);
  });

  it("leaves out documents that cannot be read, and tells which", async () => {
    const store = await opened(newUrl(driver));
    const [damaged, newer, good] = [newSession(), newSession(), await store.create(newSession())];
    const revision = `1-${good.id}`;
    const document = (session: NewSession, more: object) => ({
      id: session.id,
      revision,
      json: JSON.stringify({ ...session, version: 1, revision, savedAt: session.createdAt, ...more }),
    });
    await store.storage.putDocument(document(damaged, { tags: 5 }), undefined);
    await store.storage.putDocument(document(newer, { version: 9 }), undefined);
    const told: string[][] = [];
    const onDamaged = (id: string, { code }: StoreError) => told.push([id, code]);
    expect(await store.checkIndex({ onDamaged })).toBe(2);
    expect(told.sort()).toEqual(
      [
        [damaged.id, "T2A_STORE_DAMAGED"],
        [newer.id, "T2A_STORE_VERSION"],
      ].sort(),
    );
    expect((await store.index.listSessions({})).sessions).toEqual([good]);
    await store.remove(damaged.id);
    expect((await listOf(store.storage.listDocuments())).map(({ id }) => id).sort()).toEqual(
      [newer.id, good.id].sort(),
    );
  });

  it("goes by its documents' revisions and not by clocks", async () => {
    const { storage, index } = await opened(newUrl(driver));
    const at = (now: number) => new Store({ storage, index, check: "never" }, { now: () => now });
    const { id } = await at(Date.UTC(2040, 0, 1)).create(newSession());
    for (const [turn, now] of [Date.UTC(2020, 0, 1), Date.UTC(2050, 0, 1), 0].entries()) {
      const saved = await at(now).update(id, (was) => ({ ...was, commandCount: turn + 1 }));
      expect(saved.savedAt).toBe(new Date(now).toISOString());
      expect(saved.revision).toMatch(new RegExp(`^${turn + 2}-`));
      expect(await index.findSession(id)).toEqual(saved);
      await at(now).catchUp();
      expect(await index.findSession(id)).toEqual(saved);
    }
  });

  it("looks at all of it when it is told to: always, after a boot, or where the index is new", async () => {
    const { storage, index } = await opened(newUrl(driver));
    const appears = async (check: "never" | "after-boot" | "always", bootId: string): Promise<boolean> => {
      const session = newSession();
      await storage.putDocument(
        formatSession({ ...session, version: 1, revision: `1-${session.id}`, savedAt: session.createdAt }),
        undefined,
      );
      await new Store({ storage, index, check }, { bootId }).catchUp();
      return (await index.findSession(session.id)) !== undefined;
    };
    expect(await appears("never", "1")).toBe(true); // it is new
    expect(await appears("never", "1")).toBe(false);
    expect(await appears("after-boot", "1")).toBe(true);
    expect(await appears("after-boot", "1")).toBe(false);
    expect(await appears("after-boot", "2")).toBe(true);
    expect(await appears("always", "2")).toBe(true);
    await index.clear();
    expect(await appears("never", "2")).toBe(true);
  });

  it("ends by a signal", async () => {
    const store = await opened(newUrl(driver));
    const session = await store.create(newSession());
    const signal = AbortSignal.abort();
    const aborted = expect.objectContaining({ code: "T2A_ABORTED" });
    await expect(store.update(session.id, (was) => ({ ...was }), { signal })).rejects.toEqual(aborted);
    await expect(store.remove(session.id, { signal })).rejects.toEqual(aborted);
    await expect(store.checkIndex({ signal })).rejects.toEqual(aborted);
    expect(await store.get(session.id)).toEqual(session);
  });
});

describe.each(SHARED)("a store that several processes use: %s", (driver) => {
  const program = (url: string, text: string): Running =>
    start(
      process.execPath,
      moduleProgram(`
        import { writeSync } from "node:fs";
        import { openStore, parseStoreUrl } from "src/store/index.js";
        const store = await openStore(parseStoreUrl(${JSON.stringify(url)}), { cacheFolder: "/nonexistent" });
        ${text}`),
    );

  it("loses no change of eight processes, and its index is in step", async () => {
    const url = newUrl(driver);
    const store = await opened(url);
    const shared = await store.create(newSession());
    const own = Array.from({ length: 8 }, () => [newSession(), newSession(), newSession()]);
    const programs = own.map((sessions) =>
      program(
        url,
        `
        for (const session of ${JSON.stringify(sessions)}) {
          await store.create(session);
          for (let i = 0; i < 4; i++) {
            await store.update("${shared.id}", (was) => ({ ...was, commandCount: was.commandCount + 1 }));
          }
          await store.update(session.id, (was) => ({ ...was, name: "done" }));
        }
        await store.close();`,
      ),
    );
    await pollUntil("their ends", () => programs.every(({ ended }) => ended), 55_000);
    expect(programs.map(({ errors }) => errors)).toEqual(programs.map(() => ""));
    expect(await store.get(shared.id)).toMatchObject({ commandCount: 96, revision: expect.stringMatching(/^97-/) });
    await expectInStep(store);
    expect((await store.index.listSessions({ name: "done" })).total).toBe(24);
    expect((await store.index.listSessions({})).total).toBe(25);
  });

  it("has its index in step again at the next opening, wherever writers were killed", async () => {
    const url = newUrl(driver);
    const store = await opened(url);
    const sessions = [await store.create(newSession()), await store.create(newSession())];
    const said = new Map<string, number>();
    for (let killed = 0; killed < 12; killed += 2) {
      await Promise.all(
        sessions.map(async ({ id }) => {
          const writer = program(
            url,
            `
            for (;;) {
              const { commandCount } = await store.update("${id}", (was) => ({ ...was, commandCount: was.commandCount + 1 }));
              writeSync(1, commandCount + "\\n");
            }`,
          );
          const lines = 1 + Math.floor(Math.random() * 20);
          await pollUntil("its saves", () => writer.ended || writer.output.split("\n").length > lines, 30_000);
          writer.child.kill("SIGKILL");
          await pollUntil("its end", () => writer.ended);
          expect(writer.errors).toBe("");
          said.set(id, Number(writer.output.split("\n").slice(0, -1).at(-1)));
        }),
      );
      const next = await openStore(parseStoreUrl(url), { cacheFolder: "/nonexistent" });
      await next.catchUp();
      for (const { id } of sessions) {
        const session = await next.get(id);
        expect(session.commandCount - (said.get(id) ?? 0)).toBeGreaterThanOrEqual(0);
        expect(session.commandCount - (said.get(id) ?? 0)).toBeLessThanOrEqual(1);
        expect(await next.index.findSession(id)).toEqual(session);
      }
      await next.close();
    }
  });

  it("is not made where it must be there", async () => {
    const url = newUrl(driver);
    const options = { cacheFolder: "/nonexistent", mustExist: true };
    await expect(openStore(parseStoreUrl(url), options)).rejects.toEqual(
      expect.objectContaining({ code: "T2A_STORE_NOT_FOUND" }),
    );
    const session = await (await opened(url)).create(newSession());
    const store = await openStore(parseStoreUrl(url), options);
    expect(await store.get(session.id)).toEqual(session);
    await store.close();
  });
});

it("a store in files has an index that is made anew of the files alone", async () => {
  const path = tempDir();
  const url = `file://${path("store")}`;
  const store = await openStore(parseStoreUrl(url), { cacheFolder: "/nonexistent" });
  const session = await store.create(newSession());
  await store.close();
  for (const name of ["index.sqlite", "index.sqlite-wal"]) writeFileSync(path(`store/${name}`), "no database");
  const again = await opened(url);
  await again.catchUp();
  expect((await again.index.listSessions({})).sessions).toEqual([session]);
});
