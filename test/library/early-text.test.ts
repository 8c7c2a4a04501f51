// Long recordings: finished in a thread, their text indexed meanwhile, with what comes of it the same as one after the other.
import { statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createWriter, getFormat, openRecording } from "../../formats/index.js";
import { openFileSource, openFileTarget } from "../../src/files/index.js";
import { finalizeInWorker, type Library } from "../../src/library/index.js";
import { parseQuery } from "../../src/store/index.js";
import { PROGRAMS } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";
import { addFile, draftOf, openTestLibrary } from "./libraries.js";

const PROGRAM = new URL("finalize-worker.js", PROGRAMS);
const ID = "01KDVZ00000000000000000001";
const LINES = 40_000;

/** Some 2 MB of what a shell with marks shows. */
function writeLong(path: string, { end = "" } = {}): string {
  const lines: unknown[] = [{ version: 3, term: { cols: 100, rows: 30 }, timestamp: 1_767_225_600, title: "long" }];
  for (let number = 0; number < LINES; number++) {
    const command =
      number % 1000 === 0 ? `\x1b]133;D;1\x07\x1b]133;A\x07$ \x1b]133;B\x07make part${number}\r\n\x1b]133;C\x07` : "";
    lines.push([0.001, "o", `${command}line ${number} ${(number * 2_654_435_761).toString(36)}\r\n`]);
  }
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join("") + end);
  expect(statSync(path).size).toBeGreaterThan(1024 * 1024);
  return path;
}

const parseSearch = (text: string) => parseQuery(text, { home: "/home/ann", nowMs: Date.now() }).query;

/** Records a file as a recorder does, which then dies or not. */
async function record(cast: string, path: string, isWhole: boolean): Promise<void> {
  const recording = await openRecording(await openFileSource(cast));
  const target = openFileTarget(path, { mode: "live" });
  const writer = await createWriter(getFormat("t2r"), target, { live: true });
  await writer.header({ ...recording.header, id: ID });
  for await (const batch of recording.batches) await writer.events(batch);
  await recording.close();
  if (isWhole) {
    await writer.end();
    await target.commit();
  } else await target.abort();
}

/** Everything that a few questions find. */
async function findings(library: Library) {
  const found = [];
  for (const text of ["line 17", "make part9000", "exit:1", "title:long", "line 29999"]) {
    const hits = await library.store.index.search(parseSearch(text), { limit: 100 });
    found.push(hits.map(({ score: _, ...hit }) => hit));
  }
  return found;
}

it("is added with the same index as a short one, in a thread or not", async () => {
  const path = tempDir();
  const file = writeLong(path("long.cast"));
  const [plain, threaded] = [await openTestLibrary(path("1")), await openTestLibrary(path("2"))];
  const one = await addFile(plain, file);
  await plain.indexText();
  const other = await addFile(threaded, file, { thread: { program: PROGRAM, path: file } });
  expect(other.outcome).toBe("added");
  expect(await threaded.store.index.listUnindexed(1)).toEqual([]);
  const found = await findings(threaded);
  expect(found.map((hits) => hits.length > 0)).toEqual([true, true, true, true, true]);
  expect(found).toEqual(await findings(plain));
  const { savedAt: _, revision: __, recordings: ___, stats: ____, ...session } = other.session;
  expect(one.session).toMatchObject(session);
  expect(other.session.stats.events).toEqual(one.session.stats.events);
  expect(threaded.spool.isEmpty).toBe(true);
});

it("leaves nothing where it is damaged, and says what is wrong as ever", async () => {
  const path = tempDir();
  const file = writeLong(path("long.cast"), { end: "no event\n" });
  const library = await openTestLibrary(path(""));
  const thread = { program: PROGRAM, path: file };
  const plain = await addFile(library, file).catch((error: unknown) => error);
  const failed = await addFile(library, file, { thread }).catch((error: unknown) => error);
  expect(plain).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
  expect(failed).toMatchObject({ code: "T2A_FORMAT_DAMAGED", message: (plain as Error).message });
  expect((await library.list()).total).toBe(0);
  expect(await findings(library)).toEqual([[], [], [], [], []]);
  await addFile(library, file, { thread, recover: true });
  await library.indexText();
  expect((await library.store.index.search(parseSearch("line 29999"))).length).toBe(1);
});

it("is ended by a signal, with nothing left", async () => {
  const path = tempDir();
  const file = writeLong(path("long.cast"));
  const library = await openTestLibrary(path(""));
  const controller = new AbortController();
  const adding = addFile(library, file, { thread: { program: PROGRAM, path: file }, signal: controller.signal });
  controller.abort();
  await expect(adding).rejects.toThrow();
  expect(library.spool.isEmpty).toBe(true);
  expect((await library.list()).total).toBe(0);
});

it("is collected with its text, whether its recorder came to its end or died", async () => {
  const path = tempDir();
  const cast = writeLong(path("long.cast"));
  for (const isWhole of [true, false]) {
    const library = await openTestLibrary(path(isWhole ? "1" : "2"));
    const session = draftOf(ID, "kept");
    library.spool.begin({ purpose: "recording", recordingId: ID, store: "memory:", session }).release();
    const spooled = library.spool.recordingPath(ID);
    await record(cast, spooled, isWhole);
    expect(statSync(spooled).size).toBeGreaterThan(256 * 1024);
    await library.collect({
      isThreaded: true,
      finalize: (name, options) => finalizeInWorker(name, { ...options, program: PROGRAM }),
    });
    expect((await library.list()).sessions.map((listed) => listed.spooled)).toEqual([undefined]);
    // What was in a journal is read when it is in the store.
    expect(await library.store.index.listUnindexed(1)).toHaveLength(isWhole ? 0 : 1);
    await library.indexText();
    expect((await findings(library)).map((hits) => hits.length > 0)).toEqual([true, true, true, true, true]);
  }
});
