// What moving and mending need of a store: documents put as they are, an index made anew, what is good of a damaged document.
import { describe, expect, it } from "vitest";
import { formatSession, salvageFields } from "../../src/store/session-json.js";
import { addSession, newStore } from "../library/stores.js";

describe("Store.put", () => {
  it("saves a document as it is, and the index knows it", async () => {
    const [store, other] = [newStore(), newStore()];
    const session = await addSession(store, {}, []);
    const document = formatSession(session);
    expect(await other.put(document, undefined)).toEqual(session);
    expect((await other.storage.findDocument(session.id))?.json).toBe(document.json);
    expect(await other.index.findSession(session.id)).toEqual(session);
    expect(await other.index.listPending()).toEqual([]);
  });

  it("saves nothing over another revision, and nothing that could not be read again", async () => {
    const store = newStore();
    const session = await addSession(store, {}, []);
    const document = formatSession(session);
    await expect(store.put(document, undefined)).rejects.toMatchObject({ code: "T2A_STORE_CONFLICT" });
    await expect(store.put({ ...document, json: "{" }, session.revision)).rejects.toMatchObject({
      code: "T2A_STORE_DAMAGED",
    });
    expect((await store.storage.findDocument(session.id))?.json).toBe(document.json);
  });
});

describe("Store.rebuildIndex", () => {
  it("makes the index of the storage alone, and keeps what is noted of writers at work", async () => {
    const store = newStore();
    const session = await addSession(store, {}, []);
    await store.index.removeSession(session.id, { clearsPending: true });
    await store.index.markPending("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect(await store.rebuildIndex()).toBe(1);
    expect(await store.index.findSession(session.id)).toEqual(session);
    expect((await store.index.listPending()).map(({ id }) => id)).toEqual(["01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
  });

  it("that is ended is made up for by whoever opens the store next", async () => {
    const store = newStore();
    const sessions = [await addSession(store, {}, []), await addSession(store, {}, [])];
    await store.catchUp();
    await store.index.clear(); // and then no power
    expect((await store.index.listSessions({})).total).toBe(0);
    await store.catchUp();
    expect((await store.index.listSessions({})).total).toBe(sessions.length);
  });
});

describe("salvageFields", () => {
  it("gives every property that is good by itself", async () => {
    const session = await addSession(newStore(), { name: "kept", tags: ["a"] });
    const { status, ...rest } = salvageFields(JSON.stringify({ ...session, status: "done", __proto__: null, more: 1 }));
    const { status: _, ...expected } = session;
    expect([status, rest]).toEqual([undefined, expected]);
  });

  it.each(["", "{", "null", "[]", "5", '"x"', '{"name":5}'])("gives nothing of %j", (json) => {
    expect(salvageFields(json)).toEqual({});
  });
});
