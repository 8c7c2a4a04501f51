// Documents of the store itself: saved against other writers, exported, imported, moved and mended.
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/core/index.js";
import { checkStore } from "../../src/library/check-store.js";
import { exportStore } from "../../src/library/export-store.js";
import { importStore } from "../../src/library/import-store.js";
import { migrateStore } from "../../src/library/migrate-store.js";
import type { Store } from "../../src/store/index.js";
import { sourceOf, tarOf } from "./archives.js";
import { addSession, newStore } from "./stores.js";

const set = (store: Store, values: Readonly<Record<string, unknown>>, name = "state.app") =>
  store.updateNamed(name, (before) => ({ ...before, ...values }));

const valuesOf = async (store: Store, name = "state.app") => (await store.findNamed(name))?.values;

async function archiveOf(store: Store): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const target: Target = {
    name: "archive",
    write: (bytes) => void chunks.push(bytes.slice()),
    sibling() {
      throw new Error("not asked for");
    },
    commit: async () => {},
    abort: async () => {},
  };
  await exportStore(store, target, { version: "0.1.0" });
  return Buffer.concat(chunks);
}

describe("documents of a store itself", () => {
  it("keep what each of many writers put", async () => {
    const store = newStore();
    await Promise.all(Array.from({ length: 40 }, (_, i) => set(store, { [`key ${i}`]: i })));
    const kept = await store.findNamed("state.app");
    expect(Object.keys(kept?.values ?? {})).toHaveLength(40);
    expect(kept?.revision).toMatch(/^40-/);
    const values = await store.updateNamed("state.app", (before) => before);
    expect(values).toEqual(kept?.values);
    expect((await store.findNamed("state.app"))?.revision).toBe(kept?.revision);
  });

  it("go with an archive, and back: what is there stays, or what is newer", async () => {
    const [from, to] = [newStore(), newStore()];
    await addSession(from);
    await set(from, { a: 1, b: { c: "漢字 \u001b[31m" } });
    await set(from, { x: true }, "state.user.someone");
    const archive = await archiveOf(from);
    expect(await importStore(to, sourceOf(archive))).toMatchObject({ imported: 1, values: 3, problems: [] });
    expect(await valuesOf(to)).toEqual(await valuesOf(from));
    expect(await valuesOf(to, "state.user.someone")).toEqual({ x: true });
    const other = newStore();
    await set(other, { a: "own", own: 1 });
    expect(await importStore(other, sourceOf(archive))).toMatchObject({ values: 2 });
    expect(await valuesOf(other)).toEqual({ a: "own", own: 1, b: { c: "漢字 \u001b[31m" } });
    await new Promise((resolve) => setTimeout(resolve, 2)); // a later time, of milliseconds
    await set(from, { a: 3 });
    expect(await importStore(other, sourceOf(await archiveOf(from)), { isUpdating: true })).toMatchObject({
      values: 1,
    });
    expect(await valuesOf(other)).toMatchObject({ a: 3, own: 1 });
  });

  it("are refused where an archive does not say what they are", async () => {
    const [from, to] = [newStore(), newStore()];
    await set(from, { a: 1 });
    const archive = (await archiveOf(from)).toString("latin1");
    const changed = Buffer.from(archive.replace('"a": 1', '"a": 2'), "latin1");
    const { problems, values } = await importStore(to, sourceOf(changed));
    expect({ problems, values }).toEqual({
      problems: [expect.objectContaining({ sessionId: "state.app" })],
      values: 0,
    });
    expect(await valuesOf(to)).toBeUndefined();
    const manifest = '{"kind":"t2a-export","version":2,"files":[{"path":"named/../x.json","bytes":1,"sha256":"00"}]}';
    const hostile = await tarOf([[{ name: "manifest.json", size: manifest.length }, manifest]]);
    await expect(importStore(to, sourceOf(hostile))).rejects.toMatchObject({ code: "T2A_STORE_DAMAGED" });
  });

  it("go to another store, whose own values stay", async () => {
    const [from, to] = [newStore(), newStore()];
    await set(from, { a: 1, b: 2 });
    await set(to, { own: 1 });
    expect(await migrateStore(from, to)).toMatchObject({ values: 2, problems: [] });
    await set(from, { a: 5 });
    expect(await migrateStore(from, to)).toMatchObject({ values: 1, problems: [] });
    expect(await valuesOf(to)).toEqual({ own: 1, a: 5, b: 2 });
    await set(to, { a: "changed there" });
    await set(from, { a: 6, c: 7 });
    const { values, problems } = await migrateStore(from, to);
    expect({ values, problems }).toEqual({
      values: 1,
      problems: [expect.objectContaining({ kind: "conflict", sessionId: "state.app" })],
    });
    expect(await valuesOf(to)).toEqual({ own: 1, a: "changed there", b: 2, c: 7 });
  });

  it("are found damaged, and set aside without loss", async () => {
    const store = newStore();
    await set(store, { a: 1 });
    const before = await store.storage.findNamed("state.app");
    const torn = `${before?.json.slice(0, 40)}`;
    await store.storage.putNamed({ id: "state.app", revision: "damaged-1", json: torn }, before?.revision);
    await expect(store.findNamed("state.app")).rejects.toMatchObject({ code: "T2A_STORE_DAMAGED" });
    expect(await checkStore(store)).toMatchObject({ left: 1, findings: [{ kind: "document", name: "state.app" }] });
    expect(await checkStore(store, { isMending: true })).toMatchObject({ left: 0 });
    expect(await valuesOf(store)).toEqual({});
    const names: string[] = [];
    for await (const name of store.storage.listNamed()) names.push(name);
    const aside = names.find((name) => name.startsWith("lost."));
    expect(await valuesOf(store, aside)).toEqual({ name: "state.app", text: torn });
    expect(await checkStore(store)).toMatchObject({ left: 0, findings: [] });
  });
});
