// Moving everything from one store to another while both are in use.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { migrateStore } from "../../src/library/migrate-store.js";
import { MemoryStorage } from "../../src/store/drivers/memory.js";
import { addSession, contentOf, newStore, putBytes } from "./stores.js";

describe("migrateStore", () => {
  it("brings over every document and file as it is, the trash too", async () => {
    const [from, to] = [newStore(), newStore()];
    await addSession(from, { name: "세션 漢字 🎬", deletedAt: "2026-11-02T00:00:00.000Z" });
    await addSession(from, {}, [randomBytes(3_000_000), new Uint8Array(0)]);
    await addSession(from, {}, []);
    const result = await migrateStore(from, to);
    expect(await contentOf(to)).toEqual(await contentOf(from));
    expect(result).toEqual({
      ...{ moved: 3, updated: 0, unchanged: 0, removed: 0, values: 0, files: 3 },
      ...{ bytes: 3_003_000, passes: 2, problems: [] },
    });
    expect((await to.index.listSessions({})).total).toBe(3);
  });

  it("changes nothing the second time, and copies nothing", async () => {
    const [from, to] = [newStore(), newStore()];
    await addSession(from);
    await migrateStore(from, to);
    expect(await migrateStore(from, to)).toMatchObject({ moved: 0, unchanged: 1, files: 0, bytes: 0, problems: [] });
  });

  it("only counts where that is asked for", async () => {
    const [from, to] = [newStore(), newStore()];
    await addSession(from);
    expect(await migrateStore(from, to, { isDryRun: true })).toMatchObject({ moved: 1, files: 1, bytes: 3000 });
    expect(await contentOf(to)).toEqual({});
  });

  it("goes on where it was ended, copying what is missing alone", async () => {
    const [from, to] = [newStore(), newStore()];
    const session = await addSession(from, {}, [randomBytes(10), randomBytes(20)]);
    const [first] = session.recordings;
    if (first === undefined) throw new Error("no recording");
    const copy = await from.storage.readBlobRange(session.id, first.name, { start: 0, length: 10 });
    await putBytes(to, session.id, first.name, copy);
    expect(await migrateStore(from, to)).toMatchObject({ moved: 1, files: 1, bytes: 20 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });

  it("brings what is new and changed meanwhile, and takes away what is deleted", async () => {
    const storage = new (class extends MemoryStorage {
      onRead: () => Promise<unknown> = async () => {};
      override async *readBlob(sessionId: string, name: string) {
        const { onRead } = this;
        this.onRead = async () => {};
        await onRead();
        yield* super.readBlob(sessionId, name);
      }
    })();
    const [from, to] = [newStore(storage), newStore()];
    const early = await addSession(from);
    const late = await addSession(from);
    const last = await addSession(from);
    storage.onRead = async () => {
      await from.update(early.id, (session) => ({ ...session, name: "renamed" }));
      storage.onRead = async () => {
        await addSession(from, { name: "new" });
        await from.remove(late.id);
        await from.update(last.id, (session) => ({ ...session, tags: ["kept"] }));
      };
    };
    const result = await migrateStore(from, to, { parallel: 1 });
    expect(await contentOf(to)).toEqual(await contentOf(from));
    expect(result).toMatchObject({ moved: 3, problems: [] });
    expect(result.passes).toBeGreaterThan(1);
  });

  it("brings a change over to what an earlier run brought, and never over what was changed there", async () => {
    const [from, to] = [newStore(), newStore()];
    const one = await addSession(from);
    const other = await addSession(from);
    await migrateStore(from, to);
    await from.update(one.id, (session) => ({ ...session, name: "here" }));
    await from.update(other.id, (session) => ({ ...session, name: "here" }));
    const changed = await to.update(other.id, (session) => ({ ...session, name: "there" }));
    const result = await migrateStore(from, to);
    expect(result).toMatchObject({ updated: 1, problems: [{ sessionId: other.id, kind: "conflict" }] });
    expect([await to.get(one.id), await to.get(other.id)]).toEqual([await from.get(one.id), changed]);
  });

  it("tells of what is damaged where it comes from, and brings the rest", async () => {
    const [from, to] = [newStore(), newStore()];
    const bad = await addSession(from);
    const gone = await addSession(from);
    const good = await addSession(from);
    const ids = [bad, gone].map(({ id, recordings: [recording] }) => ({ id, name: recording?.name ?? "" }));
    for (const { id, name } of ids) await from.storage.deleteBlob(id, name);
    await putBytes(from, bad.id, ids[0]?.name ?? "", randomBytes(3000));
    const { problems, moved } = await migrateStore(from, to);
    expect(moved).toBe(1);
    expect(problems.map(({ sessionId, kind }) => [sessionId, kind]).sort()).toEqual(
      [bad.id, gone.id].map((id) => [id, "damaged"]).sort(),
    );
    expect(Object.keys(await contentOf(to)).filter((key) => !key.includes("/"))).toEqual([good.id]);
  });

  it("never takes another file of the target for its own", async () => {
    const [from, to] = [newStore(), newStore()];
    const { id, recordings } = await addSession(from);
    await putBytes(to, id, recordings[0]?.name ?? "", randomBytes(3000));
    const before = await contentOf(to);
    expect(await migrateStore(from, to)).toMatchObject({ moved: 0, problems: [{ sessionId: id, kind: "conflict" }] });
    expect(await contentOf(to)).toEqual(before);
  });

  it("ends at its signal, and leaves no half session", async () => {
    const [from, to] = [newStore(), newStore()];
    for (let count = 0; count < 20; count++) await addSession(from);
    const controller = new AbortController();
    const onProgress = ({ sessions }: { sessions: number }) => sessions > 5 && controller.abort();
    await expect(migrateStore(from, to, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: "T2A_ABORTED",
    });
    for await (const { id } of to.storage.listDocuments())
      for (const { name } of (await to.get(id)).recordings) expect(await to.storage.statBlob(id, name)).toBeDefined();
    await migrateStore(from, to);
    expect(await contentOf(to)).toEqual(await contentOf(from));
  });
});
