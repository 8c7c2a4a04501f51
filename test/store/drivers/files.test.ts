// The storage in files does what every storage must, and what only files have: modes, links, a disk that is full.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { FileStorage } from "../../../src/store/drivers/files.js";
import { testStorage } from "../../conformance/storage.js";
import { bytesOf, collect, documentOf, idOf, inChunks, listOf } from "../../conformance/storage-case.js";
import { mountSmallDisk, noSmallDisk } from "../../files/small-disk.js";
import { moduleProgram } from "../../pty/programs.js";
import { pollUntil } from "../../support/poll-until.js";
import { start, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";

testStorage({
  name: "files",
  sessions: 1500, // three syncs each
  create: async () => {
    const folder = tempDir()("store");
    return {
      open: async (options) => await FileStorage.open(folder, options),
      program: `
        import { FileStorage } from "src/store/drivers/files.js";
        const open = () => FileStorage.open(${JSON.stringify(folder)});`,
      countLeftovers: async () => readdirSync(`${folder}/incoming`).length,
      cleanUp: async () => {
        const storage = await FileStorage.open(folder, { now: later });
        await storage.close();
      },
    };
  },
});

const later = (): number => Date.now() + 3_600_000;
const isRoot = process.geteuid?.() === 0;
const notRoot = isRoot ? undefined : "only root can give files away";
const access = (message: string) =>
  expect.objectContaining({ name: "AccessError", code: "T2A_ACCESS", message: expect.stringContaining(message) });
const storeError = (code: string) => expect.objectContaining({ name: "StoreError", code });

/** A store with a document and a file of the first session. */
async function filled(folder: string): Promise<FileStorage> {
  const storage = await FileStorage.open(folder);
  await storage.putDocument(documentOf(idOf(1)), undefined);
  await storage.putBlob(idOf(1), "a.t2r", inChunks(bytesOf("a", 1000)));
  return storage;
}

describe("who may look into a store in files", () => {
  it("is its owner alone", async () => {
    const path = tempDir();
    const folder = path("deep/store");
    await filled(folder);
    const modes = (name: string): number => statSync(name).mode & 0o777;
    expect([path("deep"), folder].map(modes)).toEqual([0o700, 0o700]);
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const isFolder = statSync(`${folder}/${name}`).isDirectory();
      expect([name, modes(`${folder}/${name}`)]).toEqual([name, isFolder ? 0o700 : 0o600]);
    }
  });

  it.each([0o755, 0o701, 0o704, 0o702, 0o770, 0o777])("is not asked where the folder's mode is %o", async (mode) => {
    const folder = tempDir()("a store");
    await filled(folder);
    chmodSync(folder, mode);
    await expect(FileStorage.open(folder)).rejects.toEqual(access(`chmod 700 '${folder}'`));
    await expect(FileStorage.open(folder, { mustExist: true })).rejects.toEqual(access(`the library folder ${folder}`));
  });

  it.each([0o700, 0o750, 0o740])("may be more in its group where the folder's mode is %o", async (mode) => {
    const folder = tempDir()("store");
    await filled(folder);
    chmodSync(folder, mode);
    expect(await (await FileStorage.open(folder)).findDocument(idOf(1))).toBeDefined();
  });

  it.skipIf(notRoot)(titled("is not another user, root neither", notRoot), async () => {
    const folder = tempDir()("store");
    await filled(folder);
    chownSync(folder, 12345, 12345);
    await expect(FileStorage.open(folder)).rejects.toEqual(access("belongs to another user (uid 12345)"));
    await expect(FileStorage.open(folder)).rejects.toEqual(access(`chown -R 0 ${folder}`));
  });
});

describe("links and other things in a store in files", () => {
  it("a store may be behind a link", async () => {
    const path = tempDir();
    await filled(path("real"));
    symlinkSync(path("real"), path("link"));
    const storage = await FileStorage.open(path("link"));
    expect(await collect(storage.readBlob(idOf(1), "a.t2r"))).toEqual(bytesOf("a", 1000));
  });

  it("sessions behind links are not there, and nothing is written behind them", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    mkdirSync(path("outside"));
    writeFileSync(path("outside/session.json"), documentOf(idOf(2)).json);
    writeFileSync(path("outside/a.t2r"), "secret");
    symlinkSync(path("outside"), path(`store/sessions/${idOf(2)}`));
    expect((await listOf(storage.listDocuments())).map(({ id }) => id)).toEqual([idOf(1)]);
    expect((await listOf(storage.listBlobs())).map(({ sessionId }) => sessionId)).toEqual([idOf(1)]);
    expect(await storage.findDocument(idOf(2))).toBeUndefined();
    expect(await storage.statBlob(idOf(2), "a.t2r")).toBeUndefined();
    await expect(collect(storage.readBlob(idOf(2), "a.t2r"))).rejects.toEqual(storeError("T2A_STORE_NOT_FOUND"));
    await expect(storage.putDocument(documentOf(idOf(2)), undefined)).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
    await expect(storage.putBlob(idOf(2), "b.t2r", inChunks(bytesOf("b", 9)))).rejects.toEqual(
      storeError("T2A_STORE_DAMAGED"),
    );
    await storage.deleteBlob(idOf(2), "a.t2r");
    expect(readdirSync(path("outside")).sort()).toEqual(["a.t2r", "session.json"]);
    expect(readdirSync(path("store/incoming"))).toEqual([]);
  });

  it("files behind links are not read", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    writeFileSync(path("secret"), documentOf(idOf(2)).json);
    mkdirSync(path(`store/sessions/${idOf(2)}`));
    symlinkSync(path("secret"), path(`store/sessions/${idOf(2)}/session.json`));
    symlinkSync(path("secret"), path(`store/sessions/${idOf(2)}/a.t2r`));
    expect(await listOf(storage.listBlobs({ sessionId: idOf(2) }))).toEqual([]);
    expect(await listOf(storage.listDocuments())).toHaveLength(1);
    const damaged = storeError("T2A_STORE_DAMAGED");
    await expect(storage.findDocument(idOf(2))).rejects.toEqual(damaged);
    await expect(collect(storage.readBlob(idOf(2), "a.t2r"))).rejects.toEqual(damaged);
    await expect(storage.readBlobRange(idOf(2), "a.t2r", { start: 0, length: 9 })).rejects.toEqual(damaged);
    await expect(storage.putDocument(documentOf(idOf(2)), undefined)).rejects.toEqual(damaged);
    await expect(storage.putBlob(idOf(2), "a.t2r", inChunks(bytesOf("b", 9)))).rejects.toEqual(
      storeError("T2A_STORE_EXISTS"),
    );
  });

  it("a pipe in place of a file keeps nobody waiting", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    execFileSync("mkfifo", [path(`store/sessions/${idOf(1)}/pipe.t2r`)]);
    await expect(collect(storage.readBlob(idOf(1), "pipe.t2r"))).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
    expect(await listOf(storage.listBlobs())).toHaveLength(1);
  });

  it("what is no session and no file of one is left alone", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    mkdirSync(path("store/sessions/notes"));
    writeFileSync(path(`store/sessions/${idOf(3)}`), "a file");
    writeFileSync(path(`store/sessions/${idOf(1)}/.hidden`), "");
    mkdirSync(path(`store/sessions/${idOf(1)}/folder`));
    expect(await listOf(storage.listDocuments())).toHaveLength(1);
    expect(await listOf(storage.listBlobs())).toHaveLength(1);
    expect(await storage.findDocument(idOf(3))).toBeUndefined();
  });
});

describe("damage in a store in files", () => {
  it.each([
    ["no JSON", Buffer.from('{"id": ')],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ["empty", Buffer.alloc(0)],
    ["without a revision", Buffer.from("[]")],
  ])("a document that is %s is found, and can be deleted or replaced by who has seen it", async (_, bytes) => {
    const path = tempDir();
    const storage = await filled(path("store"));
    writeFileSync(path(`store/sessions/${idOf(1)}/session.json`), bytes);
    const found = await storage.findDocument(idOf(1));
    expect(found?.revision).toMatch(/^damaged-[0-9a-f]{64}$/);
    await expect(storage.putDocument(documentOf(idOf(1), 2), documentOf(idOf(1)).revision)).rejects.toEqual(
      storeError("T2A_STORE_CONFLICT"),
    );
    await storage.putDocument(documentOf(idOf(1), 2), found?.revision);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1), 2));
  });

  it("a folder that somebody removed is made again", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    rmSync(path("store/incoming"), { recursive: true });
    await storage.putDocument(documentOf(idOf(2)), undefined);
    expect(await storage.findDocument(idOf(2))).toBeDefined();
  });

  it("the folder of all sessions taken away is told of: the store is not empty", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    rmSync(path("store/sessions"), { recursive: true });
    await expect(listOf(storage.listDocuments())).rejects.toMatchObject({ name: "StoreError" });
    await expect(listOf(storage.listBlobs())).rejects.toMatchObject({ name: "StoreError" });
    mkdirSync(path("elsewhere"), { mode: 0o700 });
    symlinkSync(path("elsewhere"), path("store/sessions"));
    expect(await listOf(storage.listDocuments())).toEqual([]);
  });

  it("an empty session's folder goes with what was last in it", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    await storage.deleteDocument(idOf(1), documentOf(idOf(1)).revision);
    expect(readdirSync(path("store/sessions"))).toEqual([idOf(1)]);
    await storage.deleteBlob(idOf(1), "a.t2r");
    expect(readdirSync(path("store/sessions"))).toEqual([]);
  });
});

describe("what is on its way into a store in files", () => {
  it("is cleared where its writer is dead, after a while", async () => {
    const path = tempDir();
    await filled(path("store"));
    const old = path("store/incoming/01KAMEX5G00000000000000000.tmp");
    writeFileSync(old, "half a recording");
    await FileStorage.open(path("store"));
    expect(existsSync(old)).toBe(true);
    // Whichever way the clock was wrong.
    for (const time of [Date.now() / 1000 - 3600, Date.now() / 1000 + 3600]) {
      writeFileSync(old, "half a recording");
      utimesSync(old, time, time);
      await FileStorage.open(path("store"));
      expect(existsSync(old)).toBe(false);
    }
  });

  it("stays while its writer lives", async () => {
    const path = tempDir();
    const storage = await filled(path("store"));
    await storage.putBlob(
      idOf(2),
      "a.t2r",
      (async function* () {
        yield bytesOf("a", 100);
        await FileStorage.open(path("store"), { now: later });
        expect(readdirSync(path("store/incoming"))).toHaveLength(1);
        expect(await listOf(storage.listBlobs({ sessionId: idOf(2) }))).toEqual([]);
      })(),
    );
    expect(await collect(storage.readBlob(idOf(2), "a.t2r"))).toEqual(bytesOf("a", 100));
  });
});

const noDisk = noSmallDisk();

describe("a full disk under a store in files", () => {
  it.skipIf(noDisk)(titled("fails a save or a file by one clear error, and leaves nothing of it", noDisk), async () => {
    const disk = mountSmallDisk("512k");
    if (disk === undefined) throw new Error("the disk could not be mounted");
    onTestFinished(() => disk.remove());
    const folder = `${disk.folder}/store`;
    const storage = await filled(folder);
    const full = expect.objectContaining({
      name: "StoreError",
      code: "T2A_FILE_IO",
      details: expect.objectContaining({ systemCode: "ENOSPC" }),
    });
    await expect(storage.putBlob(idOf(1), "b.t2r", inChunks(bytesOf("b", 900_000)))).rejects.toEqual(full);
    await expect(storage.putBlob(idOf(9), "b.t2r", inChunks(bytesOf("b", 900_000)))).rejects.toThrow(
      `cannot save b.t2r of the session ${idOf(9)} in ${folder}: the disk is full`,
    );
    expect((await listOf(storage.listBlobs())).map(({ name }) => name)).toEqual(["a.t2r"]);
    const large = documentOf(idOf(1), 2, { text: "x".repeat(900_000) });
    await expect(storage.putDocument(large, documentOf(idOf(1)).revision)).rejects.toEqual(full);
    await expect(storage.putDocument({ ...large, id: idOf(3) }, undefined)).rejects.toEqual(full);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    expect(readdirSync(`${folder}/incoming`)).toEqual([]);
    expect(readdirSync(`${folder}/sessions`)).toEqual([idOf(1)]);
    // To the last block.
    writeFileSync(`${disk.folder}/filler`, "");
    const fill = (): void => {
      for (;;) appendFileSync(`${disk.folder}/filler`, Buffer.alloc(4096));
    };
    expect(fill).toThrow("ENOSPC");
    await expect(storage.putDocument(documentOf(idOf(1), 2), documentOf(idOf(1)).revision)).rejects.toEqual(full);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    // When there is room again, all is well.
    rmSync(`${disk.folder}/filler`);
    await storage.putDocument(documentOf(idOf(1), 2), documentOf(idOf(1)).revision);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1), 2));
    expect(readdirSync(`${folder}/incoming`)).toEqual([]);
  });
});

describe("versions of a store in files", () => {
  const note = (folder: string) => JSON.parse(readFileSync(`${folder}/store.json`, "utf8"));

  it("say what it is, once and for all", async () => {
    const folder = tempDir()("store");
    await FileStorage.open(folder);
    const first = note(folder);
    expect(first).toEqual({ kind: "t2a-store", version: 1, id: expect.stringMatching(/^[0-9A-Z]{26}$/) });
    await FileStorage.open(folder);
    expect(note(folder)).toEqual(first);
  });

  it.each([1, 2, 3])("are brought forward from %d, each step once", async (from) => {
    const folder = tempDir()("store");
    await filled(folder);
    writeFileSync(`${folder}/store.json`, JSON.stringify({ ...note(folder), version: from }));
    const done: number[] = [];
    const migrations = [1, 2, 3].map((number) => async () => void done.push(number));
    const storage = await FileStorage.open(folder, { migrations });
    expect(done).toEqual([1, 2, 3].slice(from - 1));
    expect(note(folder).version).toBe(4);
    expect(await storage.findDocument(idOf(1))).toMatchObject(documentOf(idOf(1)));
    await FileStorage.open(folder, { migrations });
    expect(done).toHaveLength(4 - from);
  });

  it("later than this one are left alone", async () => {
    const folder = tempDir()("store");
    await filled(folder);
    const later = JSON.stringify({ ...note(folder), version: 7 });
    writeFileSync(`${folder}/store.json`, later);
    await expect(FileStorage.open(folder)).rejects.toEqual(
      expect.objectContaining({
        code: "T2A_STORE_VERSION",
        message: expect.stringContaining("is of version 7, and this t2a knows stores up to version 1: update t2a"),
      }),
    );
    expect(readFileSync(`${folder}/store.json`, "utf8")).toBe(later);
  });

  it.each([
    "",
    "{",
    "[]",
    '{"kind":"t2a-store","version":0,"id":"x"}',
    '{"kind":"other","version":1,"id":"x"}',
  ])("are not guessed where store.json is %j", async (text) => {
    const folder = tempDir()("store");
    await filled(folder);
    writeFileSync(`${folder}/store.json`, text);
    await expect(FileStorage.open(folder)).rejects.toEqual(storeError("T2A_STORE_DAMAGED"));
    expect(readFileSync(`${folder}/store.json`, "utf8")).toBe(text);
  });

  /** A process that opens the store with a step that it says it is at. */
  const migrating = (folder: string, log: string, isEndless: boolean) =>
    start(
      process.execPath,
      moduleProgram(`
        import { appendFileSync } from "node:fs";
        import { FileStorage } from "src/store/drivers/files.js";
        await FileStorage.open(${JSON.stringify(folder)}, { migrations: [async () => {
          appendFileSync(${JSON.stringify(log)}, "step\\n");
          console.log("at it");
          ${isEndless ? "await new Promise(() => setInterval(() => {}, 1000));" : ""}
        }] });`),
    );

  it("are brought forward by one of many processes", async () => {
    const path = tempDir();
    await filled(path("store"));
    const processes = Array.from({ length: 4 }, () => migrating(path("store"), path("log"), false));
    await pollUntil("their ends", () => processes.every(({ ended }) => ended), 60_000);
    expect(processes.map(({ errors }) => errors)).toEqual(["", "", "", ""]);
    expect(readFileSync(path("log"), "utf8")).toBe("step\n");
    expect(note(path("store")).version).toBe(2);
  });

  it("are brought forward by the next one where a process was killed at it", async () => {
    const path = tempDir();
    await filled(path("store"));
    const killed = migrating(path("store"), path("log"), true);
    await pollUntil("its step", () => killed.output === "at it\n");
    killed.child.kill("SIGKILL");
    await pollUntil("its end", () => killed.ended);
    expect(note(path("store")).version).toBe(1);
    let steps = 0;
    await FileStorage.open(path("store"), { migrations: [async () => void steps++] });
    expect(steps).toBe(1);
    expect(note(path("store")).version).toBe(2);
  });

  it("are made for nobody who wants what is there", async () => {
    const path = tempDir();
    const notFound = storeError("T2A_STORE_NOT_FOUND");
    await expect(FileStorage.open(path("none"), { mustExist: true })).rejects.toEqual(notFound);
    mkdirSync(path("empty"), { mode: 0o700 });
    await expect(FileStorage.open(path("empty"), { mustExist: true })).rejects.toEqual(notFound);
    writeFileSync(path("file"), "");
    await expect(FileStorage.open(path("file"))).rejects.toEqual(storeError("T2A_FILE_IO"));
    expect(readdirSync(path(""))).toEqual(["empty", "file"]);
    expect(readdirSync(path("empty"))).toEqual([]);
  });
});
