// The library's use cases: adding, listing, finding, trash, pruning.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openT2r } from "../../formats/index.js";
import { openFileSource, openStreamSource } from "../../src/files/index.js";
import { checkStore, finalizeT2r, Library } from "../../src/library/index.js";
import { Store } from "../../src/store/index.js";
import { formatSession } from "../../src/store/session-json.js";
import { runCli } from "../support/run-cli.js";
import { testSession } from "../support/sessions.js";
import { tempDir } from "../support/temp-dir.js";
import { addFile, draftOf, openTestLibrary, writeCast } from "./libraries.js";

const DAY_S = 86_400;
const T0 = Date.UTC(2026, 0, 1) / 1000;

describe("adding", () => {
  it("keeps a recording of any format as a .t2r in its final form, with what it says of itself", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const cast = writeCast(path("a.cast"), { timestamp: T0, title: "Demo", command: "make", exit: 3 });
    const { outcome, session, recordingId } = await addFile(library, cast, { tags: ["x", "x", " "] });
    expect(outcome).toBe("added");
    expect(session).toMatchObject({
      name: "Demo",
      status: "failed",
      exitStatus: 3,
      createdAt: "2026-01-01T00:00:00.000Z",
      tags: ["x"],
      config: { command: "make", cols: 80, rows: 24 },
      stats: { outputBytes: 7, durationNs: 1_000_000_000, events: { output: 1, exit: 1 } },
      recordings: [{ id: recordingId, name: `${recordingId}.t2r`, format: "t2r", title: "Demo" }],
    });
    const [recording] = session.recordings;
    const bytes = await library.store.storage.readBlobRange(session.id, `${recordingId}.t2r`, {
      start: 0,
      length: 1e6,
    });
    expect(recording?.sizeBytes).toBe(bytes.length);
    writeFileSync(path("out.t2r"), bytes);
    const source = await openFileSource(path("out.t2r"));
    expect((await openT2r(source))?.index.keyframes).toBeDefined();
    await source.close();
    expect(readdirSync(path("spool"))).toEqual([]);
  });

  it("adds the same recording once, and another one of the same id beside it", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const one = await addFile(library, writeCast(path("a.cast"), { timestamp: T0 }));
    expect((await addFile(library, writeCast(path("copy.cast"), { timestamp: T0 }))).outcome).toBe("known");
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const recorded = await addFile(library, path("r.t2r"));
    expect((await addFile(library, path("r.t2r"))).session.id).toBe(recorded.session.id);
    await runCli(["marker", "add", path("r.t2r"), "0", "changed"]);
    const changed = await addFile(library, path("r.t2r"));
    expect(changed.outcome).toBe("added");
    expect(changed.recordingId).toBe(recorded.recordingId);
    expect((await addFile(library, path("r.t2r"))).outcome).toBe("known");
    expect(new Set([one, recorded, changed].map(({ session }) => session.id)).size).toBe(3);
    expect((await library.list()).total).toBe(3);
  });

  it("takes what can be read only once, and tells of what is no recording before its end", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const bytes = readFileSync(writeCast(path("a.cast"), { timestamp: T0, title: "piped" }));
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    }
    const { session } = await library.add(openStreamSource("-", pieces()), { keepsOriginal: true });
    expect(session).toMatchObject({ name: "piped", stats: { outputBytes: 7 } });
    expect(session.recordings[0]?.original?.sizeBytes).toBe(bytes.length);
    async function* endless() {
      for (;;) yield Buffer.alloc(65_536, 0xee);
    }
    await expect(library.add(openStreamSource("-", endless()))).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT" });
    expect((await library.list()).total).toBe(1);
  });

  it("copies a .t2r in its final form as it is", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const { session, recordingId } = await addFile(library, path("r.t2r"));
    const bytes = await library.store.storage.readBlobRange(session.id, `${recordingId}.t2r`, {
      start: 0,
      length: 1e6,
    });
    expect(Buffer.from(bytes).equals(readFileSync(path("r.t2r")))).toBe(true);
    expect(session).toMatchObject({ status: "completed", exitStatus: 0 });
  });

  it("keeps the original beside it where that is asked for", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const { session, recordingId } = await addFile(library, writeCast(path("a.cast")), { keepsOriginal: true });
    const original = session.recordings[0]?.original;
    expect(original).toMatchObject({ name: `${recordingId}.original.cast`, format: "asciicast-v3" });
    const bytes = await library.store.storage.readBlobRange(session.id, original?.name ?? "", {
      start: 0,
      length: 1e6,
    });
    expect(Buffer.from(bytes).equals(readFileSync(path("a.cast")))).toBe(true);
    expect((await addFile(library, path("a.cast"))).outcome).toBe("known");
  });

  it("refuses a damaged recording, and adds what is good of it where that is asked for", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    writeCast(path("a.cast"));
    writeFileSync(path("a.cast"), '{"damaged', { flag: "a" });
    await expect(addFile(library, path("a.cast"))).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    expect((await library.list()).total).toBe(0);
    expect(readdirSync(path("spool"))).toEqual([]);
    const { session } = await addFile(library, path("a.cast"), { recover: true });
    expect(session.stats.outputBytes).toBe(7);
  });

  it("takes nothing from a recording that would not fit into a document", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const title = `../../etc/passwd\u001b[31m${"x".repeat(100_000)}`;
    const { session } = await addFile(library, writeCast(path("a.cast"), { title, timestamp: 1e15 }));
    expect(session.name.length).toBeLessThanOrEqual(200);
    expect(session.recordings[0]?.title?.length).toBe(4096);
    expect(Number.isNaN(Date.parse(session.createdAt))).toBe(false);
  });
});

describe("references", () => {
  it("are ids, beginnings of ids, names, and places from the last", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const ids: string[] = [];
    for (let day = 0; day < 3; day++) {
      const cast = writeCast(path(`${day}.cast`), { timestamp: T0 + day * DAY_S, title: `day ${day}` });
      ids.push((await addFile(library, cast)).session.id);
    }
    const resolve = async (reference: string) => (await library.resolve(reference)).session.id;
    expect(await resolve("@last")).toBe(ids[2]);
    expect(await resolve("@-1")).toBe(ids[2]);
    expect(await resolve("@-3")).toBe(ids[0]);
    expect(await resolve("day 1")).toBe(ids[1]);
    expect(await resolve(ids[1] ?? "")).toBe(ids[1]);
    expect(await resolve((ids[1] ?? "").slice(0, 12).toLowerCase())).toBe(ids[1]);
    for (const unknown of ["@-4", "@-0", "nothing", "01K", "ZZZZ", "day"])
      await expect(resolve(unknown)).rejects.toMatchObject({ code: "T2A_STORE_NOT_FOUND" });
    const shared = (ids[0] ?? "").slice(0, 4);
    await expect(resolve(shared)).rejects.toThrow(/means several sessions: 01.* \(day 0\), 01/);
  });

  it("of one in the trash are not found unless the trash is meant", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const { session } = await addFile(library, writeCast(path("a.cast"), { title: "gone" }));
    await library.remove(await library.resolve("gone"));
    await expect(library.resolve("gone")).rejects.toMatchObject({ code: "T2A_STORE_NOT_FOUND" });
    await expect(library.resolve(session.id)).rejects.toMatchObject({ code: "T2A_STORE_NOT_FOUND" });
    expect((await addFile(library, path("a.cast"))).outcome).toBe("deleted");
    await library.undelete(await library.resolve("gone", { isDeleted: true }));
    expect((await library.resolve("gone")).session.deletedAt).toBeUndefined();
  });
});

describe("sessions", () => {
  it("are renamed and tagged", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await addFile(library, writeCast(path("a.cast"), { title: "one" }));
    await library.rename(await library.resolve("one"), "two");
    await library.tag(await library.resolve("two"), { add: ["a", "b"] });
    await library.tag(await library.resolve("two"), { add: ["c"], remove: ["a"] });
    expect((await library.resolve("two")).session.tags).toEqual(["b", "c"]);
    await expect(library.rename(await library.resolve("two"), " ")).rejects.toMatchObject({ code: "T2A_USAGE" });
  });

  it("stay 7 days in the trash", async () => {
    const path = tempDir();
    let now = Date.UTC(2026, 5, 1);
    const library = await openTestLibrary(path(""), () => now);
    await addFile(library, writeCast(path("a.cast"), { title: "old" }));
    await library.remove(await library.resolve("old"));
    now += 7 * DAY_S * 1000 - 1;
    expect(await library.purgeTrash()).toBe(0);
    now += 1;
    expect(await library.purgeTrash()).toBe(1);
    expect((await library.list({ isDeleted: true })).total).toBe(0);
    for await (const blob of library.store.storage.listBlobs()) throw new Error(`${blob.name} is left`);
  });
});

describe("pruning", () => {
  async function filled() {
    const path = tempDir();
    const library = await openTestLibrary(path(""), () => (T0 + 10 * DAY_S) * 1000);
    for (let day = 0; day < 10; day++)
      await addFile(library, writeCast(path(`${day}.cast`), { timestamp: T0 + day * DAY_S, title: `day ${day}` }));
    await library.tag(await library.resolve("day 0"), { add: ["keep"] });
    return library;
  }
  const days = (sessions: readonly { readonly name: string }[]) => sessions.map(({ name }) => Number(name.slice(4)));

  it("lets go what the policy says, the oldest first, and nothing without one", async () => {
    const library = await filled();
    const gone = async (policy: Parameters<typeof library.findPrunable>[0]) => days(await library.findPrunable(policy));
    expect(await gone({})).toEqual([]);
    expect(await gone({ keepTagged: true })).toEqual([]);
    expect(await gone({ olderThanDays: 7 })).toEqual([0, 1, 2]);
    expect(await gone({ olderThanDays: 7, keepTagged: true })).toEqual([1, 2]);
    expect(await gone({ keep: 8 })).toEqual([0, 1]);
    expect(await gone({ olderThanDays: 5, keep: 8 })).toEqual([0, 1]);
    expect(await gone({ maxSizeBytes: 0, keep: 3 })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const { storedBytes } = await library.stats();
    expect(await gone({ maxSizeBytes: storedBytes })).toEqual([]);
    expect(await gone({ maxSizeBytes: storedBytes - 1 })).toEqual([0]);
    expect(await gone({ maxSizeBytes: 0, keepTagged: true, keep: 8 })).toEqual([1]);
    expect(await gone({ maxSizeBytes: storedBytes, olderThanDays: 9, keep: 2 })).toEqual([0]);
    expect(await gone({ keep: 100 })).toEqual([]);
  });

  it("goes through more sessions than are looked at together", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""), () => (T0 + 1300) * 1000 + 8 * DAY_S * 1000);
    for (let number = 0; number < 1300; number++) {
      const createdAt = new Date((T0 + number) * 1000).toISOString();
      const deletedAt = number % 2 === 0 ? undefined : createdAt;
      const session = testSession({ name: `session ${number}`, createdAt, ...(deletedAt && { deletedAt }) });
      await library.store.put(formatSession(session), undefined);
    }
    const names = (await library.findPrunable({ keep: 10 })).map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: 640 }, (_, number) => `session ${number * 2}`));
    expect(await library.findPrunable({ olderThanDays: 8, keep: 600 })).toHaveLength(50);
    expect(await library.prune({ keep: 10 })).toBe(640);
    expect(await library.purgeTrash()).toBe(650);
    expect((await library.list()).sessions.map(({ session: { name } }) => name).at(-1)).toBe("session 1280");
    expect((await library.list()).total).toBe(10);
  });

  it("leaves what was changed since it was looked at", async () => {
    const library = await filled();
    const going = await library.findPrunable({ keep: 7, keepTagged: true });
    expect(days(going)).toEqual([1, 2]);
    await library.tag(await library.resolve("day 1"), { add: ["precious"] });
    expect(days(await library.purgeUnchanged(going))).toEqual([2]);
    expect((await library.resolve("day 1")).session.tags).toEqual(["precious"]);
  });

  it("deletes for good", async () => {
    const library = await filled();
    await library.tend({ policy: { keep: 4, keepTagged: true } });
    expect(days((await library.list()).sessions.map(({ session }) => session))).toEqual([9, 8, 7, 6, 0]);
    expect((await library.list({ isDeleted: true })).total).toBe(0);
  });
});

describe("the spool", () => {
  const ID = "01KDVZ00000000000000000001";

  it("lists what is recorded before the store has it, and takes changes of it along", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await addFile(library, writeCast(path("a.cast"), { title: "stored", timestamp: T0 - DAY_S }));
    const held = library.spool.begin({
      purpose: "recording",
      recordingId: ID,
      store: "memory:",
      session: draftOf(ID, "now"),
    });
    library.spool.begin({
      purpose: "recording",
      recordingId: ID.replace(/1$/, "2"),
      store: "other:",
      session: draftOf(ID),
    });
    expect(statSync(path("spool")).mode & 0o777).toBe(0o700);
    expect(statSync(path(`spool/${ID}.json`)).mode & 0o777).toBe(0o600);
    const { sessions, total } = await library.list();
    expect([total, ...sessions.map(({ session, spooled }) => [session.name, spooled])]).toEqual([
      2,
      ["now", "active"],
      ["stored", undefined],
    ]);
    expect((await library.list({ limit: 1, offset: 1 })).sessions[0]?.session.name).toBe("stored");
    const listed = await library.resolve("@last");
    expect(library.find(listed)).toMatchObject({ path: path(`spool/${ID}.t2r`), isActive: true });
    await expect(library.remove(listed)).rejects.toMatchObject({ code: "T2A_FILE_LOCKED" });
    await library.rename(listed, "later");
    await library.tag(listed, { add: ["t"] });
    await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one; exit 2", path("r.t2r")]);
    writeFileSync(path(`spool/${ID}.t2r`), readFileSync(path("r.t2r")));
    await library.collect();
    expect((await library.resolve("later")).spooled).toBe("active");
    held.release();
    expect((await library.resolve("later")).spooled).toBe("waiting");
    await library.collect();
    const { session, spooled } = await library.resolve("later");
    expect([spooled, session.id, session.tags, session.status]).toEqual([undefined, ID, ["t"], "failed"]);
    expect(readdirSync(path("spool"))).toEqual([`${ID.replace(/1$/, "2")}.json`]);
  });

  it("does each step of collecting again where somebody did not come to its end", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const bytes = readFileSync(path("r.t2r"));
    const spool = (recording: Uint8Array | undefined) => {
      const held = library.spool.begin({
        purpose: "recording",
        recordingId: ID,
        store: "memory:",
        session: draftOf(ID),
      });
      if (recording !== undefined) writeFileSync(held.path, recording);
      held.release();
    };
    const kept = async () => {
      const blobs: string[] = [];
      for await (const { name } of library.store.storage.listBlobs()) blobs.push(name);
      return [(await library.list()).total, blobs.length, readdirSync(path("spool")).length];
    };
    // Killed while the file was put, and another one was in its place.
    async function* half() {
      yield new Uint8Array(10);
    }
    await library.store.storage.putBlob(ID, `${ID}.t2r`, half());
    spool(bytes);
    await library.collect();
    expect(await kept()).toEqual([1, 1, 0]);
    // Killed before the spool was cleared.
    spool(bytes);
    await library.collect();
    expect(await kept()).toEqual([1, 1, 0]);
    // Killed between the recording and its note.
    spool(undefined);
    await library.collect();
    expect(await kept()).toEqual([1, 1, 0]);
    const { sha256 } = (await library.store.get(ID)).recordings[0] ?? {};
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    // Killed before the document.
    await library.store.remove(ID);
    await library.store.storage.putBlob(
      ID,
      `${ID}.t2r`,
      (async function* () {
        yield bytes;
      })(),
    );
    spool(bytes);
    await library.collect();
    expect(await kept()).toEqual([1, 1, 0]);
    expect((await library.store.get(ID)).recordings).toHaveLength(1);
  });

  it("tells of what cannot be moved, leaves it whole, and moves the rest", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const other = ID.replace(/1$/, "2");
    await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one", path("r.t2r")]);
    for (const [id, bytes] of [
      [ID, Buffer.from("no recording at all, and longer than a header would be ........................")],
      [other, readFileSync(path("r.t2r"))],
    ] as const) {
      const held = library.spool.begin({
        purpose: "recording",
        recordingId: id,
        store: "memory:",
        session: draftOf(id),
      });
      writeFileSync(held.path, bytes);
      held.release();
    }
    const failed: string[] = [];
    await library.collect({ onFailed: (id) => failed.push(id) });
    expect(failed).toEqual([ID]);
    expect((await library.list()).sessions.map(({ spooled }) => spooled)).toContain("waiting");
    expect(readdirSync(path("spool")).sort()).toEqual([`${ID}.json`, `${ID}.t2r`]);
  });

  it("does not bring back what was deleted for good before the spool was cleared", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const note = { purpose: "recording", recordingId: ID, store: "memory:", session: draftOf(ID) } as const;
    for (let time = 0; time < 2; time++) {
      const held = library.spool.begin(note);
      writeFileSync(held.path, readFileSync(path("r.t2r")));
      held.release();
      if (time === 0) await library.collect(); // the second time its collector was killed at the end
    }
    await library.purge(await library.resolve(ID));
    await library.collect();
    expect([(await library.list()).total, readdirSync(path("spool"))]).toEqual([0, []]);
  });

  it("keeps what is good of a damaged recording, and the damaged one beside it", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one", path("r.t2r")]);
    const bytes = readFileSync(path("r.t2r"));
    bytes.fill(0x58, 60, 68); // in the header
    const held = library.spool.begin({
      purpose: "recording",
      recordingId: ID,
      store: "memory:",
      session: draftOf(ID, "hurt"),
    });
    writeFileSync(held.path, bytes);
    writeFileSync(held.journalPath, "what a journal held");
    held.release();
    const failed: unknown[] = [];
    await library.collect({ onFailed: (_, error) => failed.push(error) });
    expect(failed).toEqual([]);
    expect(readdirSync(path("spool"))).toEqual([]);
    const session = await library.store.get(ID);
    expect(session).toMatchObject({ name: "hurt", error: expect.stringMatching(/damaged \(.* at byte \d+\)/) });
    expect(session.stats.outputBytes).toBe(5);
    const read = async (name: string) =>
      Buffer.from(await library.store.storage.readBlobRange(ID, name, { start: 0, length: 1e6 }));
    expect(await read(session.recordings[0]?.original?.name ?? "")).toEqual(bytes);
    expect(`${await read(`lost.${ID}.t2r-journal`)}`).toBe("what a journal held");
  });

  it("leaves an empty recording whose journal is not empty", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const held = library.spool.begin({ purpose: "recording", recordingId: ID, store: "memory:", session: draftOf(ID) });
    writeFileSync(held.path, "");
    writeFileSync(held.journalPath, "what a journal held");
    held.release();
    const failed: string[] = [];
    await library.collect({ onFailed: (id) => failed.push(id) });
    expect(failed).toEqual([ID]);
    expect(readdirSync(path("spool")).sort()).toEqual([`${ID}.json`, `${ID}.t2r`, `${ID}.t2r-journal`]);
  });

  it("keeps its name and tags though a check of the store found the recording first", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const bytes = readFileSync(path("r.t2r"));
    const session = { ...draftOf(ID, "mine"), tags: ["t"] };
    const held = library.spool.begin({ purpose: "recording", recordingId: ID, store: "memory:", session });
    writeFileSync(held.path, bytes);
    held.release();
    // A collector was killed between the file and the document.
    const chunks = async function* () {
      yield bytes;
    };
    await library.store.storage.putBlob(ID, `${ID}.t2r`, chunks());
    await checkStore(library.store, { isMending: true, allOrphans: true });
    expect(await library.store.get(ID)).toMatchObject({ tags: ["recovered"] });
    await library.collect();
    const saved = await library.store.get(ID);
    expect(saved).toMatchObject({ name: "mine", tags: ["t"], status: "completed" });
    expect([saved.recordings.length, saved.error]).toEqual([1, undefined]);
    expect(readdirSync(path("spool"))).toEqual([]);
  });

  it("stays where its file is taken out of the store before all is done", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "wait", "-c", "echo one", path("r.t2r")]);
    const held = library.spool.begin({ purpose: "recording", recordingId: ID, store: "memory:", session: draftOf(ID) });
    writeFileSync(held.path, readFileSync(path("r.t2r")));
    held.release();
    const { storage } = library.store;
    // As an import does that fails after it had put the same file.
    const meddling = new Proxy(storage, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (key !== "putDocument") return typeof value === "function" ? value.bind(target) : value;
        return async (...given: Parameters<typeof target.putDocument>) => {
          await target.deleteBlob(ID, `${ID}.t2r`);
          return await target.putDocument(...given);
        };
      },
    });
    const { index } = library.store;
    const store = new Store({ storage: meddling, index, check: "never" });
    const meddled = new Library({ store, spool: library.spool, location: "memory:" });
    const failed: unknown[] = [];
    await meddled.collect({ onFailed: (_, error) => failed.push(error) });
    expect(failed).toMatchObject([{ code: "T2A_STORE_CONFLICT" }]);
    expect(readdirSync(path("spool"))).toHaveLength(2);
    await library.collect();
    expect(readdirSync(path("spool"))).toEqual([]);
    expect((await storage.statBlob(ID, `${ID}.t2r`))?.sizeBytes).toBeGreaterThan(0);
  });

  it("believes no note that it did not write", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    library.spool.prepare();
    for (const [at, text] of ["", "{}", "[]", JSON.stringify({ version: 1, recordingId: "../../x" })].entries())
      writeFileSync(path(`spool/01KDVZ0000000000000000000${at}.json`), text);
    writeFileSync(path("spool/..json"), "{}");
    const damaged: string[] = [];
    expect(library.spool.entries(undefined, (name) => damaged.push(name))).toEqual([]);
    expect(damaged).toHaveLength(4);
    expect((await library.list()).total).toBe(0);
  });

  it("tells of recordings whose note is lost or damaged, and takes them in when they are added", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one", path("r.t2r")]);
    const source = await openFileSource(path("r.t2r"));
    const id = (await openT2r(source))?.header.id ?? "";
    await source.close();
    library.spool.prepare();
    const stray = path(`spool/${id}.t2r`);
    for (const note of [undefined, '{"version": 1, "pur']) {
      writeFileSync(stray, readFileSync(path("r.t2r")));
      if (note !== undefined) writeFileSync(path(`spool/${id}.json`), note);
      expect(library.spool.strays()).toEqual([stray]);
      await library.collect();
      expect(library.spool.strays()).toEqual([stray]);
      expect((await addFile(library, stray)).outcome).toBe("added");
      expect(readdirSync(path("spool"))).toEqual([]);
      expect((await library.store.get(id)).stats.outputBytes).toBe(5);
      await library.purge(await library.resolve(id));
    }
  });

  it("keeps a recording in the spool that cannot be added from there", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one", path("r.t2r")]);
    const source = await openFileSource(path("r.t2r"));
    const id = (await openT2r(source))?.header.id ?? "";
    await source.close();
    // Another file has its place in the store.
    const other = async function* () {
      yield new Uint8Array(10);
    };
    await addFile(library, path("r.t2r"));
    await library.store.storage.deleteBlob(id, `${id}.t2r`);
    await library.store.storage.putBlob(id, `${id}.t2r`, other());
    writeFileSync(path(`spool/${id}.t2r`), readFileSync(path("r.t2r")));
    await library.store.update(id, (there) => ({
      ...there,
      recordings: there.recordings.map((one) => ({ ...one, sha256: "0".repeat(64) })),
    }));
    await expect(addFile(library, path("r.t2r"))).rejects.toMatchObject({ code: "T2A_FILE_LOCKED" });
    await expect(addFile(library, path(`spool/${id}.t2r`))).rejects.toMatchObject({ code: "T2A_STORE_EXISTS" });
    expect(readdirSync(path("spool"))).toContain(`${id}.t2r`);
  });

  it("lets nobody begin what another works on", async () => {
    const path = tempDir();
    const library = await openTestLibrary(path(""));
    const note = { purpose: "recording", recordingId: ID, store: "memory:", session: draftOf(ID) } as const;
    const held = library.spool.begin(note);
    expect(() => library.spool.begin(note)).toThrow(/on its way/);
    expect(library.spool.hold(ID)).toBeUndefined();
    held.remove();
    const adding = library.spool.begin({ ...note, purpose: "adding" });
    adding.release();
    library.spool.begin(note).release();
  });
});

it("a finished recording that is added again after its own finalizing is known", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", "echo one", path("r.t2r")]);
  const { session } = await addFile(library, path("r.t2r"));
  await finalizeT2r(path("r.t2r"));
  expect(await addFile(library, path("r.t2r"))).toMatchObject({ outcome: "known", session: { id: session.id } });
});
