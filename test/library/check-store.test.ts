// Checking and mending a store: what is found, and that nothing is lost by mending it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openFileTarget } from "../../src/files/index.js";
import { type CheckStoreOptions, checkStore } from "../../src/library/check-store.js";
import { writeFinalForm } from "../../src/library/final-form.js";
import { MemoryStorage } from "../../src/store/drivers/memory.js";
import type { Store } from "../../src/store/index.js";
import { tempDir } from "../support/temp-dir.js";
import { sourceOf } from "./archives.js";
import { addSession, contentOf, newSession, newStore, putBytes, recordingOf } from "./stores.js";

const DAY_MS = 86_400_000;

/** A .t2r in its final form that shows this text. */
async function t2rOf(text: string): Promise<Buffer> {
  const path = tempDir();
  const events = Array.from({ length: 50 }, (_, at) => JSON.stringify([at / 10, "o", `${text} ${at}\r\n`]));
  const header = JSON.stringify({ version: 2, width: 80, height: 24, title: text, timestamp: 1_793_000_000 });
  const source = sourceOf(Buffer.from(`${[header, ...events].join("\n")}\n`));
  await writeFinalForm(source, openFileTarget(path("x.t2r")), {});
  return readFileSync(path("x.t2r"));
}

async function found(store: Store, options: CheckStoreOptions = {}) {
  const { findings, left } = await checkStore(store, options);
  return { kinds: findings.map(({ kind }) => kind), left, findings };
}

async function bytesOf(store: Store, sessionId: string, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.storage.readBlob(sessionId, name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Every file that ever was is in the store still, under whatever name. */
async function hashesIn(store: Store): Promise<Set<string>> {
  return new Set(Object.values(await contentOf(store)));
}

/** Replaces a file, which no driver does. */
async function replace(store: Store, sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
  await store.storage.deleteBlob(sessionId, name);
  await putBytes(store, sessionId, name, bytes);
}

describe("checkStore", () => {
  it("finds nothing in a store that is whole", async () => {
    const store = newStore();
    const one = await addSession(store, {}, [await t2rOf("one"), await t2rOf("two")]);
    await addSession(store, { parent: one.id });
    await addSession(store, { deletedAt: "2026-11-02T00:00:00.000Z" }, []);
    const findings = await found(store);
    expect(findings.kinds).toEqual(["recording"]); // random bytes are no recording
    const whole = newStore();
    await addSession(whole, {}, [await t2rOf("one")]);
    expect(await checkStore(whole)).toMatchObject({ sessions: 1, files: 1, findings: [], left: 0 });
    expect(await checkStore(newStore())).toEqual({ sessions: 0, files: 0, bytes: 0, findings: [], left: 0 });
  });

  it("finds each kind, and changes nothing unless it is asked to", async () => {
    const store = newStore();
    const t2r = await t2rOf("good");
    const cut = await addSession(store, {}, [t2r]);
    const flipped = await addSession(store, {}, [t2r]);
    const missing = await addSession(store, { parent: newSession().id }, [t2r]);
    const name = (session: typeof cut) => session.recordings[0]?.name ?? "";
    await replace(store, cut.id, name(cut), t2r.subarray(0, 100));
    const other = Buffer.from(t2r);
    other[200] = (other[200] ?? 0) ^ 1;
    await replace(store, flipped.id, name(flipped), other);
    await store.storage.deleteBlob(missing.id, name(missing));
    const orphan = newSession();
    await putBytes(store, orphan.id, "x.t2r", t2r);
    const bad = await addSession(store, {}, []);
    await store.storage.putDocument({ id: bad.id, revision: "x", json: "{" }, bad.revision);
    await store.index.removeSession(cut.id, { clearsPending: true });
    const before = await contentOf(store);
    const options = { now: () => Date.now() + 2 * DAY_MS };
    const { kinds, left } = await found(store, options);
    expect(kinds.sort()).toEqual(["damaged", "damaged", "document", "index", "missing", "orphan", "relation"]);
    expect(left).toBe(6);
    expect((await found(store, { ...options, isQuick: true })).kinds.filter((kind) => kind === "damaged")).toHaveLength(
      1,
    );
    expect((await found(store)).kinds).not.toContain("orphan");
    expect((await found(store, { allOrphans: true })).kinds).toContain("orphan");
    expect(await contentOf(store)).toEqual(before);
    await checkStore(store, { isMending: true, allOrphans: true });
    expect((await found(store, options)).left).toBe(0);
    const after = await hashesIn(store);
    for (const [key, value] of Object.entries(before)) if (key.includes("/")) expect(after.has(value), key).toBe(true);
  });

  it("leaves the document of a newer t2a alone", async () => {
    const store = newStore();
    const session = await addSession(store);
    const json = JSON.stringify({ ...session, version: 99 });
    await store.storage.putDocument({ id: session.id, revision: "2-x", json }, session.revision);
    expect(await found(store, { isMending: true, allOrphans: true })).toMatchObject({ kinds: ["newer"], left: 1 });
    expect((await store.storage.findDocument(session.id))?.json).toBe(json);
  });
});

describe("mending", () => {
  const all = { isMending: true, allOrphans: true };

  it("makes a recording that no session lists a session again", async () => {
    const store = newStore();
    const t2r = await t2rOf("lost and found");
    const [first, second] = [recordingOf(t2r), recordingOf(await t2rOf("another"))];
    const { id } = newSession();
    await putBytes(store, id, first.name, t2r);
    await putBytes(store, id, second.name, await t2rOf("another"));
    await putBytes(store, id, `${first.id}.original.cast`, Buffer.from("cast"));
    const { left } = await found(store, all);
    expect(left).toBe(0);
    const session = await store.get(id);
    expect(session).toMatchObject({ name: "lost and found", tags: ["recovered"], status: "interrupted" });
    expect(session.recordings).toMatchObject([
      { id: first.id, sha256: first.sha256, title: "lost and found", original: { format: "asciicast-v3" } },
      { id: second.id, sha256: second.sha256 },
    ]);
    expect(await found(store, all)).toMatchObject({ kinds: [] });
  });

  it("puts a recording back into its session", async () => {
    const store = newStore();
    const t2r = await t2rOf("back");
    const session = await addSession(store, { name: "kept" }, [await t2rOf("one")]);
    const added = recordingOf(t2r);
    await putBytes(store, session.id, added.name, t2r);
    expect((await found(store, all)).left).toBe(0);
    const mended = await store.get(session.id);
    expect([mended.name, mended.recordings.map(({ id }) => id)]).toEqual([
      "kept",
      [session.recordings[0]?.id, added.id],
    ]);
    expect(mended.stats.storedBytes).toBeGreaterThan(t2r.length);
  });

  it("leaves what is no recording where it is, unless it is told to delete it", async () => {
    const store = newStore();
    const { id } = newSession();
    await putBytes(store, id, "notes.txt", Buffer.from("hello"));
    expect(await found(store, all)).toMatchObject({ kinds: ["orphan"], left: 1 });
    expect(await bytesOf(store, id, "notes.txt")).toEqual(Buffer.from("hello"));
    expect(await found(store, { ...all, deletesOrphans: true })).toMatchObject({ left: 0 });
    expect(await contentOf(store)).toEqual({});
  });

  it("makes a document anew of what is good of it and of its recordings", async () => {
    for (const damage of [
      (json: string) => json.slice(0, 100),
      (json: string) => json.replace('"completed"', '"done"'),
      (json: string) => json.replace(/"recordings": \[[\s\S]*?\],\n {2}"tags"/, '"recordings": 5,\n  "tags"'),
      () => "[]",
      () => "\u0000".repeat(500),
    ]) {
      const store = newStore();
      const session = await addSession(store, { name: "mine", tags: ["a"] }, [await t2rOf("title")]);
      const document = await store.storage.findDocument(session.id);
      const json = damage(document?.json ?? "");
      await store.storage.putDocument({ id: session.id, revision: "damaged-x", json }, session.revision);
      const { findings, left } = await found(store, all);
      expect([left, findings[0]?.kind]).toEqual([0, "document"]);
      const mended = await store.get(session.id);
      expect(mended.recordings.map(({ id, sha256 }) => [id, sha256])).toEqual(
        session.recordings.map(({ id, sha256 }) => [id, sha256]),
      );
      if (json.includes('"mine"') && json.endsWith("}\n")) expect([mended.name, mended.tags]).toEqual(["mine", ["a"]]);
      else expect(mended.name).toBe("title");
      expect(Number.parseInt(mended.revision, 10)).toBeGreaterThan(Number.parseInt(session.revision, 10));
      const aside = /lost\.session\.[0-9A-Z]{26}\.json/.exec(mended.error ?? "")?.[0] ?? "";
      expect((await bytesOf(store, session.id, aside)).toString()).toBe(json);
      expect((await store.index.findSession(session.id))?.revision).toBe(mended.revision);
      expect((await found(store)).left).toBe(0);
    }
  });

  it("keeps a damaged recording aside, and what is good of it in its session", async () => {
    const store = newStore();
    const t2r = await t2rOf("long");
    const session = await addSession(store, {}, [t2r]);
    const [recording] = session.recordings;
    const cut = t2r.subarray(0, t2r.length - 60);
    await replace(store, session.id, recording?.name ?? "", cut);
    expect((await found(store, all)).left).toBe(0);
    const mended = await store.get(session.id);
    expect(mended.error).toContain(`lost: ${recording?.name} (${t2r.length} bytes`);
    expect(await bytesOf(store, session.id, `lost.${recording?.name}`)).toEqual(cut);
    expect(mended.recordings).toMatchObject([
      { title: "long (what is good of it)", stats: { events: { output: 50 } } },
    ]);
    expect(await store.storage.statBlob(session.id, recording?.name ?? "")).toBeUndefined();
    expect(await found(store, all)).toMatchObject({ kinds: ["aside"], left: 0 });
  });

  it("believes a recording's own checksums more than a document that says otherwise", async () => {
    const store = newStore();
    const t2r = await t2rOf("whole");
    const session = await addSession(store, {}, [t2r]);
    await store.update(session.id, (old) => ({
      ...old,
      recordings: old.recordings.map((one) => ({ ...one, sha256: "0".repeat(64) })),
    }));
    expect((await found(store, all)).left).toBe(0);
    // A recording made of another format has no id of its own, so that it could be any: it is kept aside and salvaged.
    const hashes = await hashesIn(store);
    expect(hashes.has(createHash("sha256").update(t2r).digest("hex"))).toBe(true);
  });

  it("goes on where it was ended, at every call that changes something", async () => {
    const t2r = await t2rOf("again");
    for (let calls = 0; ; calls++) {
      const storage = new FailingStorage();
      const store = newStore(storage);
      const cut = await addSession(store, {}, [t2r]);
      await replace(store, cut.id, cut.recordings[0]?.name ?? "", t2r.subarray(0, t2r.length - 60));
      const bad = await addSession(store, {}, [t2r]);
      await storage.putDocument({ id: bad.id, revision: "x", json: "{" }, bad.revision);
      await putBytes(store, newSession().id, recordingOf(t2r).name, t2r);
      const before = await contentOf(store);
      storage.callsLeft = calls;
      const isDone = await checkStore(store, all).then(
        () => true,
        () => false,
      );
      storage.callsLeft = Number.POSITIVE_INFINITY;
      await checkStore(store, all);
      const { findings, left } = await found(store, { allOrphans: true });
      expect([calls, left, findings]).toEqual([calls, 0, expect.anything()]);
      const after = await hashesIn(store);
      for (const [key, value] of Object.entries(before))
        if (key.includes("/")) expect(after.has(value), `${calls} ${key}`).toBe(true);
      if (isDone) break;
    }
  });
});

/** Ends like a machine without power: after so many changes nothing is changed any more. */
class FailingStorage extends MemoryStorage {
  callsLeft = Number.POSITIVE_INFINITY;

  #count(): void {
    if (--this.callsLeft < 0) throw new Error("no power");
  }

  override async putDocument(...args: Parameters<MemoryStorage["putDocument"]>): Promise<string> {
    this.#count();
    return await super.putDocument(...args);
  }

  override async putBlob(...args: Parameters<MemoryStorage["putBlob"]>): Promise<void> {
    this.#count();
    await super.putBlob(...args);
  }

  override async deleteBlob(...args: Parameters<MemoryStorage["deleteBlob"]>): Promise<void> {
    this.#count();
    await super.deleteBlob(...args);
  }
}
