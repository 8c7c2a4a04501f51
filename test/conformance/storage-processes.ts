// What is asked of a storage that several processes use at once, or that they end in the midst of using. Their programs run
// over the built modules. T2A_STORE_BLOB_MB=300 puts a longer file than the suite does, T2A_STORE_KILLS=60 kills more writers.
import { createHash } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { moduleProgram } from "../pty/programs.js";
import { pollUntil } from "../support/poll-until.js";
import { type Running, start } from "../support/programs.js";
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

const PROCESSES = 8;
const INCREMENTS = 12;
const BLOB_MB = Number(process.env.T2A_STORE_BLOB_MB ?? 96);
/** Buffers wait to be collected; MB. Less than the file, and the same whatever its length. */
const MAX_GROWTH_MB = 80;
const MB = 1024 * 1024;

/** What every program begins with: functions that do as those of storage-case, which no other process can be handed. */
const PRELUDE = `
import { createHash, randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const idOf = (number) => {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let text = "";
  for (let rest = number; text.length < 16; rest = Math.floor(rest / 32)) text = digits[rest % 32] + text;
  return "01KAMEX5G0" + text;
};
const documentOf = (id, count = 1, more = {}) => {
  const revision = count + "-" + idOf(count);
  return { id, revision, json: JSON.stringify({ version: 1, id, revision, ...more, padding: "x".repeat(1500) }, null, 2) + "\\n" };
};
const bytesOf = (name, length) => {
  const bytes = Buffer.alloc(length);
  const seed = createHash("sha256").update(name).digest();
  for (let at = 0, block = 0; at < length; at += seed.length, block++) {
    seed.writeUInt32LE(block);
    seed.copy(bytes, at);
  }
  return bytes;
};
async function* inChunks(bytes, size = 100000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const say = (line) => writeSync(1, line + "\\n");
const isConflict = (error) => error.code === "T2A_STORE_CONFLICT";
`;

/** Starts a program over a store; its text may use `storage`. Undefined where no other process can have the storage. */
function startOver(store: StorageUnderTest, text: string): Running {
  if (store.program === undefined) throw new Error("this storage is for one process: skip the test");
  return start(process.execPath, moduleProgram(`${PRELUDE}\n${store.program}\nconst storage = await open();\n${text}`));
}

async function ended(programs: readonly Running[]): Promise<void> {
  await pollUntil("the programs' end", () => programs.every((program) => program.ended), 110_000);
  for (const { errors, child } of programs)
    expect({ errors, status: child.exitCode }).toEqual({ errors: "", status: 0 });
}

/** A file goes through in chunks, whatever it is long, putting and reading. */
export async function testFlatMemory(store: StorageUnderTest): Promise<void> {
  const program = startOver(
    store,
    `
    const rss = () => process.memoryUsage().rss / ${MB};
    async function* chunks(megabytes, look) {
      const random = randomBytes(${MB} / 4);
      for (let i = 0; i < megabytes * 4; i++) {
        random.writeUInt32LE(i);
        hash.update(random);
        yield new Uint8Array(random);
        look?.();
      }
    }
    let hash = createHash("sha256");
    await storage.putBlob(idOf(1), "warm.t2r", chunks(8));
    for await (const chunk of storage.readBlob(idOf(1), "warm.t2r")) hash.update(chunk);
    const before = rss();
    let most = before;
    const look = () => { most = Math.max(most, rss()); };
    hash = createHash("sha256");
    const putting = performance.now();
    await storage.putBlob(idOf(1), "long.t2r", chunks(${BLOB_MB}, look));
    const reading = performance.now();
    const back = createHash("sha256");
    let length = 0;
    for await (const chunk of storage.readBlob(idOf(1), "long.t2r")) { back.update(chunk); length += chunk.length; look(); }
    const end = performance.now();
    await storage.close();
    say(JSON.stringify({
      length, isSame: hash.digest("hex") === back.digest("hex"), growth: most - before,
      putMs: Math.round(reading - putting), readMs: Math.round(end - reading),
    }));`,
  );
  await ended([program]);
  const result = JSON.parse(program.output);
  if (process.env.T2A_STORE_BLOB_MB !== undefined) console.log(program.output);
  expect(result).toMatchObject({ length: BLOB_MB * MB, isSame: true });
  expect(result.growth).toBeLessThan(MAX_GROWTH_MB);
}

export async function testWriters(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  await storage.putDocument(documentOf(idOf(0), 1, { sum: 0 }), undefined);
  const programs = Array.from({ length: PROCESSES }, (_, number) =>
    startOver(
      store,
      `
      for (let i = 0; i < ${INCREMENTS}; i++) {
        const own = documentOf(idOf(1000 * ${number + 1} + i), 1, { by: ${number} });
        await storage.putDocument(own, undefined);
        await storage.putBlob(own.id, "a.t2r", inChunks(bytesOf(own.id, 70_000), 20_000));
        for (let tries = 1; ; tries++) {
          const { json, revision } = await storage.findDocument(idOf(0));
          const count = parseInt(revision) + 1;
          // Two writers' revisions differ though their counts are the same.
          const next = documentOf(idOf(0), count, { sum: JSON.parse(json).sum + 1, by: ${number} });
          const mine = next.revision.slice(0, -2) + "${number}" + "0";
          try {
            await storage.putDocument({ ...next, revision: mine, json: next.json.replace(next.revision, mine) }, revision);
            break;
          } catch (error) {
            if (!isConflict(error) || tries > 2000) throw error;
            await setTimeout(Math.random() * 20);
          }
        }
      }
      await storage.close();`,
    ),
  );
  await ended(programs);
  const shared = await storage.findDocument(idOf(0));
  expect(JSON.parse(shared?.json ?? "")).toMatchObject({ sum: PROCESSES * INCREMENTS });
  expect(Number.parseInt(shared?.revision ?? "", 10)).toBe(1 + PROCESSES * INCREMENTS);
  const own = programs.flatMap((_, number) =>
    Array.from({ length: INCREMENTS }, (_, i) => idOf(1000 * (number + 1) + i)),
  );
  expect((await listOf(storage.listDocuments())).map(({ id }) => id)).toEqual([idOf(0), ...own]);
  for (const id of own) expect((await collect(storage.readBlob(id, "a.t2r"))).equals(bytesOf(id, 70_000))).toBe(true);
  expect(await store.countLeftovers()).toBe(0);
}

export async function testNamedWriters(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const programs = Array.from({ length: PROCESSES }, (_, number) =>
    startOver(
      store,
      `
      for (let i = 0; i < ${INCREMENTS}; i++) {
        for (let tries = 1; ; tries++) {
          const before = await storage.findNamed("counts");
          const count = before === undefined ? 1 : parseInt(before.revision) + 1;
          const revision = count + "-" + idOf(count * 10 + ${number});
          const values = before === undefined ? {} : JSON.parse(before.json).values;
          const next = { version: 1, revision, values: { ...values, ["${number}." + i]: true } };
          try {
            await storage.putNamed({ id: "counts", revision, json: JSON.stringify(next) }, before?.revision);
            break;
          } catch (error) {
            if (!isConflict(error) || tries > 2000) throw error;
            await setTimeout(Math.random() * 20);
          }
        }
      }
      await storage.close();`,
    ),
  );
  await ended(programs);
  const kept = await storage.findNamed("counts");
  expect(Object.keys(JSON.parse(kept?.json ?? "").values)).toHaveLength(PROCESSES * INCREMENTS);
  expect(Number.parseInt(kept?.revision ?? "", 10)).toBe(PROCESSES * INCREMENTS);
  expect(await store.countLeftovers()).toBe(0);
}

export async function testOneFile(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  const programs = Array.from({ length: PROCESSES }, (_, number) =>
    startOver(
      store,
      `
      for (let i = 0; i < 5; i++) {
        try {
          await storage.putBlob(idOf(i), "a.t2r", inChunks(bytesOf("${number}", 300_000 + ${number})));
          say("won " + i);
        } catch (error) {
          if (error.code !== "T2A_STORE_EXISTS") throw error;
        }
      }
      await storage.close();`,
    ),
  );
  await ended(programs);
  for (let i = 0; i < 5; i++) {
    const winners = programs.flatMap(({ output }, number) => (output.includes(`won ${i}\n`) ? [number] : []));
    expect(winners).toHaveLength(1);
    const kept = await collect(storage.readBlob(idOf(i), "a.t2r"));
    expect(kept.equals(bytesOf(String(winners[0]), 300_000 + Number(winners[0])))).toBe(true);
  }
  expect(await store.countLeftovers()).toBe(0);
}

/** Files of the killed writers: their names say how long they are. */
const lengthOf = (name: string): number => Number(/-(\d+)\./.exec(name)?.[1]);

/** Everything that a writer was told to be kept is there and whole, and nothing else is half there, however it ended. */
export async function testKills(store: StorageUnderTest, { kills: few = 24 }: StorageCase): Promise<void> {
  const kills = Number(process.env.T2A_STORE_KILLS ?? few);
  for (let killed = 0; killed < kills; killed += PROCESSES) {
    const round = Array.from({ length: Math.min(PROCESSES, kills - killed) }, (_, i) => killed + i);
    await Promise.all(round.map((number) => killWriter(store, number)));
  }
  await store.cleanUp();
  expect(await store.countLeftovers()).toBe(0);
  const storage = await openedFor(store);
  for await (const { id } of storage.listDocuments()) {
    const document = await storage.findDocument(id);
    expect(JSON.parse(document?.json ?? "")).toMatchObject({ id, revision: document?.revision });
  }
  for await (const { sessionId, name, sizeBytes } of storage.listBlobs()) {
    expect(sizeBytes).toBe(lengthOf(name));
    expect((await collect(storage.readBlob(sessionId, name))).equals(bytesOf(name, lengthOf(name)))).toBe(true);
  }
}

async function killWriter(store: StorageUnderTest, number: number): Promise<void> {
  const id = idOf(100 + number);
  const writer = startOver(
    store,
    `
    say("begun");
    let previous;
    for (let i = 1; ; i++) {
      const document = documentOf("${id}", i, { i });
      await storage.putDocument(document, previous);
      previous = document.revision;
      say("document " + i);
      const length = [0, 10, 70_000, 2_500_000][i % 4];
      const name = i + "-" + length + ".t2r";
      await storage.putBlob("${id}", name, inChunks(bytesOf(name, length), 30_000));
      say("file " + name);
    }`,
  );
  // Anywhere: while it opens the store, in the first steps, in full flight.
  const lines = number % 8 === 0 ? 0 : Math.floor(Math.random() * 16);
  await pollUntil("what it does", () => writer.ended || writer.output.split("\n").length > lines, 60_000);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
  expect(writer.errors).toBe("");
  writer.child.kill("SIGKILL");
  await pollUntil("its end", () => writer.ended);
  const said = writer.output.split("\n").slice(0, -1);
  const storage = await store.open();
  try {
    const saves = said.filter((line) => line.startsWith("document ")).length;
    const document = await storage.findDocument(id);
    if (saves > 0) expect(document).toBeDefined();
    if (document !== undefined) {
      const { i, revision } = JSON.parse(document.json);
      expect(i).toBeGreaterThanOrEqual(saves);
      expect(i).toBeLessThanOrEqual(saves + 1);
      expect(revision).toBe(document.revision);
    }
    for (const name of said.filter((line) => line.startsWith("file ")).map((line) => line.slice(5))) {
      const kept = createHash("sha256")
        .update(await collect(storage.readBlob(id, name)))
        .digest("hex");
      expect(kept).toBe(
        createHash("sha256")
          .update(bytesOf(name, lengthOf(name)))
          .digest("hex"),
      );
    }
  } finally {
    await storage.close();
  }
}

const YEARS = 10 * 365 * 86_400_000;

/** A machine whose clock is wrong clears nothing that is in use, and saves in order. */
export async function testClock(store: StorageUnderTest): Promise<void> {
  const storage = await openedFor(store);
  let previous: string | undefined;
  const bytes = bytesOf("a", 2_500_000);
  const turns = [YEARS, -YEARS, 0];
  for (const [i, skew] of turns.entries()) {
    let other: Awaited<ReturnType<StorageUnderTest["open"]>> | undefined;
    // It comes while a file is being put.
    await storage.putBlob(
      idOf(1),
      `${i}.t2r`,
      (async function* () {
        yield* inChunks(bytes.subarray(0, 2_000_000));
        other = await store.open({ now: () => Date.now() + skew });
        yield* inChunks(bytes.subarray(2_000_000));
      })(),
    );
    if (other === undefined) throw new Error("the stream was not read");
    const opened = other;
    onTestFinished(() => opened.close());
    expect((await collect(opened.readBlob(idOf(1), `${i}.t2r`))).equals(bytes)).toBe(true);
    const document = documentOf(idOf(1), i + 1);
    const tag = await opened.putDocument(document, previous);
    previous = document.revision;
    expect(await storage.findDocument(idOf(1))).toEqual({ ...document, tag });
    await opened.putBlob(idOf(2), `${i}.t2r`, inChunks(bytes));
    expect((await collect(storage.readBlob(idOf(2), `${i}.t2r`))).equals(bytes)).toBe(true);
  }
  expect(await listOf(storage.listBlobs())).toHaveLength(2 * turns.length);
  expect(await store.countLeftovers()).toBe(0);
}
