// Archives: what is exported, what comes back of it, and what is refused.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codecForSuffix, compressedTarget, zstdCompress } from "../../src/codec/index.js";
import { StoreError, type Target } from "../../src/core/index.js";
import { openFileTarget } from "../../src/files/index.js";
import { exportStore } from "../../src/library/export-store.js";
import { importStore } from "../../src/library/import-store.js";
import { FileStorage } from "../../src/store/drivers/files.js";
import { MemoryStorage } from "../../src/store/drivers/memory.js";
import type { Session, Store } from "../../src/store/index.js";
import { formatSession } from "../../src/store/session-json.js";
import { tempDir } from "../support/temp-dir.js";
import { manifestOf, sourceOf, type TarEntry, tarOf } from "./archives.js";
import { addSession, contentOf, newSession, newStore, putBytes, recordingOf } from "./stores.js";

const hasTar = spawnSync("tar", ["--version"]).status === 0 && spawnSync("zstd", ["--version"]).status === 0;

/** A target that keeps what is written. */
function memoryTarget(): Target & { readonly bytes: () => Buffer; committed: boolean } {
  const chunks: Uint8Array[] = [];
  return {
    name: "archive",
    bytes: () => Buffer.concat(chunks),
    committed: false,
    write: (bytes) => void chunks.push(bytes.slice()),
    sibling() {
      throw new Error("not asked for");
    },
    async commit() {
      this.committed = true;
    },
    abort: async () => {},
  };
}

async function exported(store: Store, options: { ids?: string[]; withDeleted?: boolean } = {}) {
  const target = memoryTarget();
  const result = await exportStore(store, target, { version: "0.1.0", ...options });
  expect(target.committed).toBe(true);
  return { bytes: target.bytes(), result };
}

const NOTHING = {
  ...{ imported: 0, unchanged: 0, kept: 0, updated: 0, restoredFiles: 0, values: 0 },
  ...{ leftOut: 0, notReached: 0 },
  ...{ problems: [], stopped: undefined },
};

describe("exportStore and importStore", () => {
  it("bring every session back as it was, and change nothing the second time", async () => {
    const [store, other] = [newStore(), newStore()];
    await addSession(store, { name: "세션 漢字 \u{1F3AC}", tags: ["ü/\\..\u0000"] }, [
      randomBytes(3_000_000),
      new Uint8Array(),
    ]);
    await addSession(store, {}, []);
    const { bytes, result } = await exported(store);
    expect(result).toMatchObject({ sessions: 2, files: 4, problems: [] });
    expect(await importStore(other, sourceOf(bytes))).toEqual({ ...NOTHING, imported: 2 });
    const content = await contentOf(other);
    expect(content).toEqual(await contentOf(store));
    expect(await importStore(other, sourceOf(bytes, 100))).toEqual({ ...NOTHING, unchanged: 2 });
    expect(await contentOf(other)).toEqual(content);
    expect((await other.index.listSessions({})).total).toBe(2);
  });

  it("leave the trash out unless it is asked for, and everything but what is named", async () => {
    const store = newStore();
    const one = await addSession(store);
    const deleted = await addSession(store, { deletedAt: "2026-11-02T00:00:00.000Z" });
    const sessionsIn = async (options: Parameters<typeof exported>[1]) => {
      const other = newStore();
      await importStore(other, sourceOf((await exported(store, options)).bytes));
      return Object.keys(await contentOf(other))
        .filter((key) => !key.includes("/"))
        .sort();
    };
    expect(await sessionsIn({})).toEqual([one.id]);
    expect(await sessionsIn({ withDeleted: true })).toEqual([one.id, deleted.id].sort());
    expect(await sessionsIn({ ids: [deleted.id] })).toEqual([deleted.id]);
    expect(await sessionsIn({ ids: [] })).toEqual([]);
  });

  it("hold a session as it was when it was listed, whatever becomes of it meanwhile", async () => {
    const storage = new (class extends MemoryStorage {
      onRead: () => Promise<unknown> = async () => {};
      override async *readBlob(sessionId: string, name: string) {
        const { onRead } = this;
        this.onRead = async () => {};
        await onRead();
        yield* super.readBlob(sessionId, name);
      }
    })();
    const [store, other] = [newStore(storage), newStore()];
    const first = await addSession(store);
    const changed = await addSession(store);
    const deleted = await addSession(store);
    storage.onRead = async () => {
      await store.update(changed.id, (session) => ({ ...session, name: "changed" }));
      await store.remove(deleted.id);
      await addSession(store);
    };
    const { bytes, result } = await exported(store);
    expect(result).toMatchObject({ sessions: 2, problems: [{ sessionId: deleted.id }] });
    expect(await importStore(other, sourceOf(bytes))).toEqual({ ...NOTHING, imported: 2, leftOut: 1 });
    expect([await other.get(first.id), await other.get(changed.id)]).toEqual([first, changed]);
  });

  it("tell of what the store lacks or holds damaged, and hold the rest", async () => {
    const store = newStore();
    const lost = await addSession(store);
    const bad = await addSession(store);
    const good = await addSession(store);
    for (const { id, recordings } of [lost, bad]) await store.storage.deleteBlob(id, recordings[0]?.name ?? "");
    await putBytes(store, bad.id, bad.recordings[0]?.name ?? "", randomBytes(3000));
    const { bytes, result } = await exported(store);
    expect(result.problems.map(({ sessionId }) => sessionId)).toEqual([lost.id, bad.id]);
    const other = newStore();
    const imported = await importStore(other, sourceOf(bytes));
    expect(imported).toEqual({ ...NOTHING, imported: 1, leftOut: 2 });
    expect(Object.keys(await contentOf(other))[0]).toBe(good.id);
  });

  it("keep what the store has otherwise, and bring it up to date where that is asked for", async () => {
    const [store, other] = [newStore(), newStore()];
    const session = await addSession(store);
    await importStore(other, sourceOf((await exported(store)).bytes));
    const added = await addSession(store, {}, [randomBytes(70)]);
    const bytes70 = await store.storage.readBlobRange(added.id, added.recordings[0]?.name ?? "", {
      start: 0,
      length: 70,
    });
    await putBytes(store, session.id, added.recordings[0]?.name ?? "", bytes70);
    await store.update(session.id, (old) => ({
      ...old,
      name: "newer",
      recordings: [...old.recordings, ...added.recordings],
    }));
    const newer = (await exported(store, { ids: [session.id] })).bytes;
    const before = await contentOf(other);
    expect(await importStore(other, sourceOf(newer))).toEqual({ ...NOTHING, kept: 1 });
    expect(await contentOf(other)).toEqual(before);
    expect(await importStore(other, sourceOf(newer), { isUpdating: true })).toEqual({ ...NOTHING, updated: 1 });
    expect(await other.get(session.id)).toEqual(await store.get(session.id));
    expect(await importStore(other, sourceOf(newer), { isUpdating: true })).toEqual({ ...NOTHING, unchanged: 1 });
  });

  it("put a session that was deleted elsewhere long ago into the trash as from now", async () => {
    const [store, other] = [newStore(), newStore()];
    const session = await addSession(store);
    await importStore(other, sourceOf((await exported(store)).bytes));
    await store.update(session.id, (old) => ({ ...old, deletedAt: "2020-01-01T00:00:00.000Z" }));
    const { bytes } = await exported(store, { withDeleted: true });
    const now = () => Date.UTC(2026, 0, 1);
    expect(await importStore(other, sourceOf(bytes), { isUpdating: true, now })).toEqual({ ...NOTHING, updated: 1 });
    expect((await other.get(session.id)).deletedAt).toBe("2026-01-01T00:00:00.000Z");
    expect(await importStore(other, sourceOf(bytes), { isUpdating: true, now })).toEqual({ ...NOTHING, kept: 1 });
  });

  it("give a newer session of the store back the recordings that it has lost, and nothing else", async () => {
    const store = newStore();
    const session = await addSession(store, {}, [randomBytes(10), randomBytes(20)]);
    const { bytes } = await exported(store);
    const [first, second] = session.recordings;
    if (first === undefined || second === undefined) throw new Error("no recordings");
    await store.storage.deleteBlob(session.id, first.name);
    const error = `lost: ${first.name} (10 bytes, SHA-256 ${first.sha256}): the store has no such file`;
    await store.update(session.id, (old) => ({ ...old, name: "newer", recordings: [second], error }));
    expect(await importStore(store, sourceOf(bytes))).toEqual({ ...NOTHING, kept: 1 });
    expect(await importStore(store, sourceOf(bytes), { isUpdating: true })).toEqual({ ...NOTHING, updated: 1 });
    const restored = await store.get(session.id);
    expect([restored.name, restored.error, restored.stats.outputBytes]).toEqual(["newer", undefined, 30]);
    expect(restored.recordings.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
    expect(await importStore(store, sourceOf(bytes), { isUpdating: true })).toEqual({ ...NOTHING, kept: 1 });
  });

  it("put back files that the store's document lists and the store lacks", async () => {
    const store = newStore();
    const session = await addSession(store);
    const { bytes } = await exported(store);
    const content = await contentOf(store);
    await store.storage.deleteBlob(session.id, session.recordings[0]?.name ?? "");
    expect(await importStore(store, sourceOf(bytes))).toEqual({ ...NOTHING, unchanged: 1, restoredFiles: 1 });
    expect(await contentOf(store)).toEqual(content);
  });

  it("take up what an import that was ended has left", async () => {
    const [store, other] = [newStore(), newStore()];
    const file = randomBytes(50);
    const session = await addSession(store, {}, [file]);
    await putBytes(other, session.id, session.recordings[0]?.name ?? "", file);
    expect(await importStore(other, sourceOf((await exported(store)).bytes))).toEqual({ ...NOTHING, imported: 1 });
  });

  it("leave another file of the same name as it is", async () => {
    const [store, other] = [newStore(), newStore()];
    const session = await addSession(store);
    await putBytes(other, session.id, session.recordings[0]?.name ?? "", randomBytes(3000));
    const before = await contentOf(other);
    const result = await importStore(other, sourceOf((await exported(store)).bytes));
    expect(result).toMatchObject({ imported: 0, problems: [{ sessionId: session.id }] });
    expect(await contentOf(other)).toEqual(before);
  });

  it("import once what two import at once", async () => {
    const [store, other] = [newStore(), newStore()];
    for (let count = 0; count < 10; count++) await addSession(store);
    const { bytes } = await exported(store);
    const results = await Promise.all([1, 2, 3].map(() => importStore(other, sourceOf(bytes))));
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });

  it("hold names as long as a store takes them", async () => {
    const [store, other] = [newStore(), newStore()];
    const bytes = randomBytes(9);
    const draft = newSession();
    const recording = { ...recordingOf(bytes), name: "x".repeat(128) };
    await putBytes(store, draft.id, recording.name, bytes);
    await store.create({ ...draft, recordings: [recording] });
    expect(await importStore(other, sourceOf((await exported(store)).bytes))).toMatchObject({ imported: 1 });
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });
});

describe("exportStore that cannot go on", () => {
  const failing = (write: Target["write"]) => {
    const target = { ...memoryTarget(), aborted: false, write };
    return Object.assign(target, {
      abort: async () => {
        target.aborted = true;
      },
    });
  };

  it("throws its output away where that cannot be written, and says why", async () => {
    const store = newStore();
    await addSession(store, {}, [randomBytes(500_000)]);
    let left = 10_000;
    const target = failing((bytes) => {
      left -= bytes.length;
      if (left < 0) throw new StoreError("T2A_FILE_IO", "the disk is full");
    });
    await expect(exportStore(store, target, { version: "0.1.0" })).rejects.toThrow("the disk is full");
    expect([target.aborted, target.committed]).toEqual([true, false]);
  });

  it("throws its output away at its signal", async () => {
    const store = newStore();
    for (let count = 0; count < 10; count++) await addSession(store);
    for (const bytes of [0, 10_000]) {
      const controller = new AbortController();
      if (bytes === 0) controller.abort();
      const target = failing(() => {});
      const onProgress = (done: number) => done > bytes && controller.abort();
      const exporting = exportStore(store, target, { version: "0.1.0", signal: controller.signal, onProgress });
      await expect(exporting).rejects.toMatchObject({ code: "T2A_ABORTED" });
      expect([target.aborted, target.committed]).toEqual([true, false]);
    }
  });
});

describe("importStore at its signal", () => {
  it("leaves whole sessions alone, and goes on the next time", async () => {
    const [store, other] = [newStore(), newStore()];
    for (let count = 0; count < 10; count++) await addSession(store);
    const { bytes } = await exported(store);
    const controller = new AbortController();
    const onProgress = (done: number) => done > 20_000 && controller.abort();
    const importing = importStore(other, sourceOf(bytes, 1000), { signal: controller.signal, onProgress });
    await expect(importing).rejects.toMatchObject({ code: "T2A_ABORTED" });
    const content = Object.keys(await contentOf(other));
    expect(content.length).toBeGreaterThan(0);
    const ids = content.filter((key) => !key.includes("/"));
    expect(content.filter((key) => key.includes("/")).map((key) => key.split("/", 1)[0])).toEqual(ids);
    expect((await importStore(other, sourceOf(bytes))).imported).toBe(10 - ids.length);
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });
});

describe("a damaged archive", () => {
  it("brings what is before the place where it is cut, wherever that is, and nothing of what is not whole", async () => {
    const store = newStore();
    const sessions = [];
    for (let count = 0; count < 3; count++) sessions.push(await addSession(store, {}, [randomBytes(1500)]));
    const { bytes } = await exported(store);
    const all = await contentOf(store);
    for (let at = 0; at < bytes.length; at += 211) {
      const other = newStore();
      const result = await importStore(other, sourceOf(bytes.subarray(0, at))).catch((error: unknown) => error);
      const content = await contentOf(other);
      if (result instanceof Error) expect([at, content]).toEqual([at, {}]);
      else {
        const { imported, problems, notReached, stopped } = result as Awaited<ReturnType<typeof importStore>>;
        expect([at, imported + notReached + problems.length]).toEqual([at, 3]);
        if (imported < 3) expect([at, (stopped ?? problems).constructor.name === "Object"]).toEqual([at, false]);
      }
      for (const [key, value] of Object.entries(content)) expect(value).toBe(all[key]);
      for (const { id, recordings } of sessions) {
        expect(`${id}/${recordings[0]?.name}` in content, `cut at ${at}`).toBe(id in content);
      }
    }
  });

  it("brings every session but those whose bytes are not what was exported", async () => {
    const store = newStore();
    for (let count = 0; count < 4; count++) await addSession(store, {}, [randomBytes(700)]);
    const { bytes } = await exported(store);
    const all = await contentOf(store);
    for (let at = 5; at < bytes.length; at += 397) {
      const other = newStore();
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      await importStore(other, sourceOf(damaged)).catch(() => {});
      for (const [key, value] of Object.entries(await contentOf(other)))
        expect([at, key, value]).toEqual([at, key, all[key]]);
    }
  });

  it("is told apart from one that is compressed and cut", async () => {
    const store = newStore();
    for (let count = 0; count < 3; count++) await addSession(store);
    const { bytes } = await exported(store);
    const packed = Buffer.concat([zstdCompress(bytes.subarray(0, 9000), 3), zstdCompress(bytes.subarray(9000), 3)]);
    expect(await importStore(newStore(), sourceOf(packed))).toMatchObject({ imported: 3 });
    const cut = await importStore(newStore(), sourceOf(packed.subarray(0, packed.length - 100)));
    expect(cut.stopped?.code).toBe("T2A_CODEC");
    expect(cut.imported + cut.notReached + cut.problems.length).toBe(3);
  });
});

/** A session's files by their paths in an archive. */
function archiveFiles(session: Session, file: Uint8Array): Record<string, Uint8Array | string> {
  return {
    [`sessions/${session.id}/session.json`]: formatSession(session).json,
    [`sessions/${session.id}/${session.recordings[0]?.name}`]: file,
  };
}

describe("an archive of somebody who means ill", () => {
  const file = randomBytes(600);
  const saved = (parts: Partial<Session> = {}): Session => ({
    ...newSession({ recordings: [recordingOf(file)] }),
    version: 1,
    revision: "1-01ARZ3NDEKTSV4RRFFQ69G5FAV",
    savedAt: "2026-11-01T10:00:00.000Z",
    ...parts,
  });

  function entriesOf(files: Record<string, Uint8Array | string>): TarEntry[] {
    return Object.entries(files).map(([name, content]) => [{ name }, content]);
  }

  async function importEntries(entries: Iterable<TarEntry>) {
    const store = newStore();
    const bytes = await tarOf(entries);
    const result = await importStore(store, sourceOf(bytes)).catch((error: Error) => ({ error }));
    const { stopped, problems, error } = result as { stopped?: Error; problems?: { message: string }[]; error?: Error };
    return {
      message: (error ?? stopped ?? problems?.[0])?.message ?? "",
      content: Object.keys(await contentOf(store)),
    };
  }

  it.each<[string, TarEntry, RegExp]>([
    [
      "a path out of it",
      [{ name: "sessions/../../evil" }, "x"],
      /"sessions\/\.\.\/\.\.\/evil" is a name that no archive has/,
    ],
    ["an absolute path", [{ name: "/etc/passwd" }, "x"], /"\/etc\/passwd" is a name that no archive has/],
    ["backslashes", [{ name: "sessions\\..\\..\\evil" }, "x"], /is a name that no archive has/],
    ["a folder out of it", [{ name: "../", type: "directory" }], /"\.\.\/" is a folder that no archive has/],
    [
      "a symbolic link",
      [{ name: "sessions", type: "symlink", linkname: "/etc" }],
      /"sessions" is neither a file nor a folder/,
    ],
    ["a link", [{ name: "sessions/x", type: "link", linkname: "/etc/passwd" }], /is neither a file nor a folder/],
    [
      "a device",
      [{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }],
      /is neither a file nor a folder/,
    ],
    ["a pipe", [{ name: "pipe", type: "fifo" }], /is neither a file nor a folder/],
    [
      "a name with a NUL behind it",
      [{ name: "sessions/a\u0000b", pax: { path: "sessions/a\u0000b" } }, "x"],
      /is a name that no archive has/,
    ],
    ["a name of any Unicode", [{ name: "sessions/漢字/세션\u202e.t2r" }, "x"], /is a name that no archive has/],
    ["a long name", [{ name: `sessions/${"x".repeat(5000)}` }, "x"], /is a name that no archive has/],
    [
      "a file that its manifest does not list",
      [{ name: "sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/x.t2r" }, "x"],
      /is not in its manifest/,
    ],
  ])("with %s is refused there, and what came before it stays", async (_, entry, message) => {
    const session = saved();
    const files = archiveFiles(session, file);
    const result = await importEntries([[{ name: "manifest.json" }, manifestOf(files)], ...entriesOf(files), entry]);
    expect(result.message).toMatch(message);
    expect(result.content).toHaveLength(2);
  });

  it("with a file twice, a session twice, or another size is refused", async () => {
    const [session, other] = [saved(), saved()];
    const files = archiveFiles(session, file);
    const both = { ...files, ...archiveFiles(other, file) };
    const [document, blob] = entriesOf(files) as [TarEntry, TarEntry];
    const twice = await importEntries([[{ name: "manifest.json" }, manifestOf(files)], document, document, blob]);
    expect([twice.message, twice.content]).toEqual([expect.stringMatching(/is in it twice/), []]);
    const again = await importEntries([[{ name: "manifest.json" }, manifestOf(both)], ...entriesOf(both), document]);
    expect(again.message).toMatch(/is of a session that came before/);
    const larger = await importEntries([
      [{ name: "manifest.json" }, manifestOf(files)],
      document,
      [blob[0], Buffer.alloc(601)],
    ]);
    expect([larger.message, larger.content]).toEqual([
      expect.stringMatching(/has 601 bytes, and 600 in its manifest/),
      [],
    ]);
  });

  it("with the document of another session is refused", async () => {
    const session = saved();
    const files = archiveFiles(session, file);
    const [path = ""] = Object.keys(files);
    files[path] = formatSession(saved()).json;
    const { message, content } = await importEntries([
      [{ name: "manifest.json" }, manifestOf(files)],
      ...entriesOf(files),
    ]);
    expect([message, content]).toEqual([expect.stringMatching(/it is another session's/), []]);
  });

  it("whose document and manifest do not agree is refused", async () => {
    const session = saved();
    const more = { ...archiveFiles(session, file), [`sessions/${session.id}/more.t2r`]: "x" };
    const unlisted = await importEntries([[{ name: "manifest.json" }, manifestOf(more)], ...entriesOf(more)]);
    expect([unlisted.message, unlisted.content]).toEqual([expect.stringMatching(/does not list more\.t2r/), []]);
    const other = archiveFiles(session, randomBytes(600));
    const wrong = await importEntries([[{ name: "manifest.json" }, manifestOf(other)], ...entriesOf(other)]);
    expect([wrong.message, wrong.content]).toEqual([expect.stringMatching(/do not agree/), []]);
  });

  it("whose document is none, or of a newer t2a, is refused", async () => {
    for (const [json, reason] of [
      ["{", /no JSON/],
      [Buffer.from([0x22, 0xff, 0x22]), /no JSON/],
      [JSON.stringify({ version: 99 }), /newer t2a/],
      [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, /damaged/],
    ] as const) {
      const session = saved();
      const files = { ...archiveFiles(session, file), [`sessions/${session.id}/session.json`]: json };
      const { message, content } = await importEntries([
        [{ name: "manifest.json" }, manifestOf(files)],
        ...entriesOf(files),
      ]);
      expect([message, content]).toEqual([expect.stringMatching(reason), []]);
    }
  });

  it.each<[string, string, RegExp]>([
    ["no manifest", "{}", /first entry is no manifest/],
    ["a manifest that is no JSON", "{", /no JSON/],
    ["a manifest of a newer t2a", '{"kind":"t2a-export","version":3}', /newer t2a/],
    ["a manifest without files", '{"kind":"t2a-export","version":1}', /no files/],
    [
      "a manifest with a path out of it",
      '{"kind":"t2a-export","version":1,"files":[{"path":"../x"}]}',
      /lists a path that no archive has/,
    ],
    ["a manifest with no path", '{"kind":"t2a-export","version":1,"files":[null]}', /lists a path that no archive has/],
    [
      "a size that is none",
      '{"kind":"t2a-export","version":1,"files":[{"path":"sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/session.json","bytes":-1}]}',
      /lists no size/,
    ],
    [
      "a document of a terabyte",
      `{"kind":"t2a-export","version":1,"files":[{"path":"sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/session.json","bytes":1e12,"sha256":"${"0".repeat(64)}"}]}`,
      /a document of 1000000000000 bytes/,
    ],
    [
      "a file named as a document is, in other letters",
      `{"kind":"t2a-export","version":1,"files":[{"path":"sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/Session.JSON","bytes":1,"sha256":"${"0".repeat(64)}"}]}`,
      /a path that no archive has/,
    ],
    [
      "a session without a document",
      `{"kind":"t2a-export","version":1,"files":[{"path":"sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/x.t2r","bytes":1,"sha256":"${"0".repeat(64)}"}]}`,
      /lists no document/,
    ],
  ])("with %s is refused", async (_, manifest, message) => {
    const result = await importEntries([[{ name: "manifest.json" }, manifest]]);
    expect([result.message, result.content]).toEqual([expect.stringMatching(message), []]);
  });

  it("that is no archive is refused", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(10_240), randomBytes(5000), Buffer.from('{"version":2}\n')])
      await expect(importStore(newStore(), sourceOf(bytes))).rejects.toMatchObject({ code: "T2A_USAGE" });
  });

  it("is unpacked no further than its manifest says: bombs of folders, long names and zeros", async () => {
    const session = saved();
    const files = archiveFiles(session, file);
    const good = await tarOf([[{ name: "manifest.json" }, manifestOf(files)], ...entriesOf(files)]);
    const withoutEnd = good.subarray(0, good.length - 1024);
    const folder = (await tarOf([[{ name: "sessions/", type: "directory" }]])).subarray(0, 512);
    const long = (
      await tarOf([[{ name: "sessions/", type: "directory", pax: { comment: "x".repeat(500_000) } }]])
    ).subarray(0, -1024);
    for (const [piece, count] of [
      [folder, 1 << 20],
      [long, 1000],
      [Buffer.alloc(512), 1 << 20],
    ] as const) {
      let read = 0;
      const source = {
        ...sourceOf(Buffer.alloc(0)),
        async *stream() {
          yield withoutEnd;
          const block = Buffer.concat(Array.from({ length: Math.ceil(65_536 / piece.length) }, () => piece));
          for (; read < count * piece.length; read += block.length) yield Buffer.from(block);
        },
      };
      const store = newStore();
      const { stopped } = await importStore(store, source);
      expect(stopped?.message).toMatch(/larger than its manifest says/);
      expect(read).toBeLessThan(64 * 1024 * 1024);
    }
  });

  it("is unpacked no further where it is a bomb of zstd", async () => {
    const zeros = zstdCompress(Buffer.alloc(32 * 1024 * 1024), 1);
    const files = archiveFiles(saved(), file);
    const good = await tarOf([[{ name: "manifest.json" }, manifestOf(files)], ...entriesOf(files)]);
    const bomb = Buffer.concat([
      zstdCompress(good.subarray(0, good.length - 1024), 1),
      ...Array.from({ length: 50 }, () => zeros),
    ]);
    const { stopped, imported } = await importStore(newStore(), sourceOf(bomb));
    expect([imported, stopped?.message]).toEqual([1, expect.stringMatching(/larger than its manifest says/)]);
  });
});

describe.skipIf(!hasTar)("with the real tar and zstd (both must be installed)", () => {
  it("an archive is unpacked to a store of files, for its owner alone", async () => {
    const path = tempDir();
    const store = newStore();
    await addSession(store, {}, [randomBytes(5000), randomBytes(10)]);
    await addSession(store);
    const codec = codecForSuffix("x.zst");
    if (codec === undefined) throw new Error("no zstd");
    const file = path("library.tar.zst");
    await exportStore(store, await compressedTarget(codec, openFileTarget(file)), { version: "0.1.0" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    mkdirSync(path("out"), { mode: 0o700 });
    const { status, stderr } = spawnSync("tar", ["--zstd", "-xf", file, "-C", path("out")], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    const unpacked = newStore(await FileStorage.open(path("out")));
    expect(await contentOf(unpacked)).toEqual(await contentOf(store));
    for (const name of readdirSync(path("out/sessions"))) {
      expect(statSync(path(`out/sessions/${name}`)).mode & 0o777).toBe(0o700);
      for (const inside of readdirSync(path(`out/sessions/${name}`)))
        expect(statSync(path(`out/sessions/${name}/${inside}`)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(path("out/manifest.json"), "utf8")).toContain("t2a-export");
  });

  it.each(["gnu", "pax", "ustar"])("what tar packs again as %s is imported", async (format) => {
    const path = tempDir();
    const store = newStore();
    for (let count = 0; count < 5; count++) await addSession(store);
    const archive = openFileTarget(path("a.tar"));
    await exportStore(store, archive, { version: "0.1.0" });
    mkdirSync(path("out"));
    spawnSync("tar", ["-xf", path("a.tar"), "-C", path("out")]);
    const args = ["-C", path("out"), `--format=${format}`, "-cf", path("b.tar"), "./manifest.json", "./sessions"];
    expect(spawnSync("tar", args).status).toBe(0);
    const other = newStore();
    expect(await importStore(other, sourceOf(readFileSync(path("b.tar"))))).toEqual({ ...NOTHING, imported: 5 });
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });

  it("a sparse file is refused", async () => {
    const path = tempDir();
    mkdirSync(path("sessions"));
    writeFileSync(path("manifest.json"), manifestOf({}));
    const made = spawnSync("truncate", ["-s", "10M", path("sessions/sparse")]);
    const args = ["-C", path("."), "-S", "--format=gnu", "-cf", path("a.tar"), "manifest.json", "sessions/sparse"];
    expect([made.status, spawnSync("tar", args).status]).toEqual([0, 0]);
    const { stopped } = await importStore(newStore(), sourceOf(readFileSync(path("a.tar"))));
    expect(stopped?.message).toMatch(/is (neither a file nor a folder|a name that no archive has)/);
  });
});
