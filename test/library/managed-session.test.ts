// Recordings of sessions that a manager keeps: on their way from the spool into the store.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { ulid } from "ulid";
import { expect, onTestFinished, test } from "vitest";
import { Library, Spool, sessionParts } from "../../src/library/index.js";
import { openStore } from "../../src/store/index.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";
import { draftOf, openTestLibrary, writeCast } from "./libraries.js";

const ID = "01KDVZ00000000000000000001";
const T0 = Date.UTC(2026, 0, 1);

/** A recording that ran `script`, as a recorder leaves it. */
async function recorded(path: (name: string) => string, script: string): Promise<Uint8Array> {
  const file = path(`${ulid()}.t2r`);
  await runCli(["record", "-q", "--headless", "--finalize", "never", "-c", script, file]);
  return readFileSync(file);
}

/** Puts a recording of the session into the spool, done, and gives its id. */
function spooled(library: Library, bytes: Uint8Array, n: number): string {
  const held = begin(library, n);
  writeFileSync(held.path, bytes);
  held.release();
  return held.note.recordingId;
}

function begin(library: Library, n: number) {
  const recordingId = ulid(T0 + n);
  const session = draftOf(ID, "managed");
  return library.spool.begin({ purpose: "recording", recordingId, store: "memory:", session, isManaged: true });
}

test("a recording is added to the document, and nothing else of that is changed but what follows from it", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  const made = await library.store.create({
    ...draftOf(ID, "renamed"),
    tags: ["t"],
    purpose: "to build",
    state: { session: { a: 1 } },
  });
  const recordingId = spooled(library, await recorded(path, "echo one; exit 2"), 1);
  await library.collect();
  const session = await library.store.get(ID);
  expect(session).toMatchObject({ name: "renamed", tags: ["t"], purpose: "to build", state: { session: { a: 1 } } });
  expect(session).toMatchObject({ createdAt: made.createdAt, config: made.config, status: "failed", exitStatus: 2 });
  expect(session.recordings.map(({ id }) => id)).toEqual([recordingId]);
  expect(session.stats).toEqual(session.recordings[0]?.stats);
  expect(session.stats.outputBytes).toBe(5);
  expect(readdirSync(path("spool"))).toEqual([]);
});

test("recordings stand in the order of their beginnings, whichever comes first, and their figures are added up", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await library.store.create(draftOf(ID, "managed"));
  const [first, second] = [await recorded(path, "echo one; exit 3"), await recorded(path, "echo three; exit 0")];
  const held = begin(library, 1); // the first cannot be collected yet
  writeFileSync(held.path, first);
  const later = spooled(library, second, 2);
  await library.collect();
  expect((await library.store.get(ID)).recordings.map(({ id }) => id)).toEqual([later]);
  held.release();
  await library.collect();
  const session = await library.store.get(ID);
  expect(session.recordings.map(({ id }) => id)).toEqual([held.note.recordingId, later]);
  expect(session.stats.outputBytes).toBe("one\r\n".length + "three\r\n".length);
  expect(session.stats.events).toMatchObject({ output: 2, exit: 2 });
  expect(session.stats.durationNs).toBe(session.recordings.reduce((sum, { stats }) => sum + stats.durationNs, 0));
  expect(session).toMatchObject({ status: "completed", exitStatus: 0 });
});

test("an earlier recording does not end a session that goes on", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await library.store.create(draftOf(ID, "managed"));
  spooled(library, await recorded(path, "exit 9"), 1);
  const live = begin(library, 2);
  writeFileSync(live.path, await recorded(path, "echo live"));
  await library.collect();
  const session = await library.store.get(ID);
  expect(session).toMatchObject({ status: "active", recordings: [expect.anything()] });
  expect(session.exitStatus).toBeUndefined();
  const listed = await library.resolve(ID);
  expect(library.find(listed)).toMatchObject({ path: live.path, isActive: true });
  expect(library.find(listed, session.recordings[0]?.id)).toMatchObject({ isActive: false });
  await expect(library.remove(listed)).rejects.toMatchObject({ code: "T2A_FILE_LOCKED" });
  await expect(library.purge(listed)).rejects.toMatchObject({ code: "T2A_FILE_LOCKED" });
  live.release();
  await library.collect();
  expect(await library.store.get(ID)).toMatchObject({ status: "completed", exitStatus: 0 });
});

test.each(["handed_off", "completed"] as const)("a session that is %s stays so", async (status) => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await library.store.create({ ...draftOf(ID, "managed"), status });
  spooled(library, await recorded(path, "exit 9"), 1);
  await library.collect();
  expect(await library.store.get(ID)).toMatchObject({ status, exitStatus: 9, recordings: [expect.anything()] });
});

test("a recording that has no end leaves its session interrupted", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await library.store.create(draftOf(ID, "managed"));
  await runCli(["convert", writeCast(path("a.cast")), path("a.t2r")]);
  spooled(library, readFileSync(path("a.t2r")), 1);
  await library.collect();
  const session = await library.store.get(ID);
  expect(session.recordings).toHaveLength(1);
  expect(session.status).toBe("interrupted");
});

test("a session without a document gets one from the note's draft; every step can be done again", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  const bytes = await recorded(path, "echo one");
  const recordingId = spooled(library, bytes, 1);
  await library.collect();
  const session = await library.store.get(ID);
  expect(session).toMatchObject({ name: "managed", status: "completed", recordings: [{ id: recordingId }] });
  spooled(library, bytes, 2); // another recording of the same bytes
  const again = library.spool.begin({
    purpose: "recording",
    recordingId,
    store: "memory:",
    session: draftOf(ID, "managed"),
    isManaged: true,
  });
  writeFileSync(again.path, bytes);
  again.release();
  await library.collect();
  const { recordings, stats } = await library.store.get(ID);
  expect(recordings).toHaveLength(2);
  expect(stats.outputBytes).toBe(10);
  expect(readdirSync(path("spool"))).toEqual([]);
});

test("in a store of files, too, a session's recordings are read and its commands counted", async () => {
  const path = tempDir();
  const store = await openStore({ driver: "files", folder: path("store") }, { cacheFolder: path("cache") });
  const library = new Library({ store, spool: new Spool(path("spool")), location: "memory:" });
  onTestFinished(() => library.close());
  await store.create(draftOf(ID, "managed"));
  const shell = `printf '\\033]133;A\\007$ \\033]133;B\\007\\033]133;C\\007x\\r\\n\\033]133;D;0\\007'`;
  const ids = [spooled(library, await recorded(path, shell), 1), spooled(library, await recorded(path, shell), 2)];
  await library.collect();
  const listed = await library.resolve(ID);
  const session = await library.get(listed);
  expect(session.recordings.map(({ id }) => id)).toEqual(ids);
  expect(session.commandCount).toBe(2);
  for (const id of ids) {
    const source = await library.open(library.find(listed, id));
    expect(await source.size()).toBeGreaterThan(0);
    await source.close();
  }
});

test("a recording that is moved into the store after its session was looked at is found all the same", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  await library.store.create(draftOf(ID, "managed"));
  const recordingId = spooled(library, await recorded(path, "echo one"), 1);
  const before = await library.store.get(ID);
  expect(await sessionParts(library, before)).toMatchObject([{ recordingId, blobName: undefined }]);
  await library.collect();
  expect(await sessionParts(library, before)).toMatchObject([{ recordingId, blobName: `${recordingId}.t2r` }]);
});
