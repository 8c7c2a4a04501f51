// Finalizing: the same recording in a better form, or the file as it was, whatever happens meanwhile.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createWriter,
  getFormat,
  type OpenT2r,
  openRecording,
  openT2r,
  scanForAppend,
  verifyT2r,
} from "../../formats/index.js";
import { T2rEncoder } from "../../formats/t2r/encoder.js";
import type { Event, Header, Keyframe } from "../../src/core/index.js";
import { holdFile, openFileSource, openFileTarget } from "../../src/files/index.js";
import { finalizeInWorker, finalizeT2r, proveKeyframes } from "../../src/library/index.js";
import { ScreenSeeker } from "../../src/play/index.js";
import { createKey } from "../../src/security/index.js";
import { SCREEN_ENGINE } from "../../src/terminal/index.js";
import { mountSmallDisk, noSmallDisk } from "../files/small-disk.js";
import { encode } from "../formats/t2r/sample.js";
import { moduleProgram } from "../pty/programs.js";
import { pollUntil } from "../support/poll-until.js";
import { start, titled } from "../support/programs.js";
import { PROGRAMS, runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const HEADER: Header = { cols: 40, rows: 10, title: "finalized" };
const t2r = getFormat("t2r");

/** Lines, a few resizes and markers between: enough for several blocks and keyframes. */
const events = (count: number): Event[] =>
  Array.from({ length: count }, (_, at): Event => {
    const time = at * 1_000_000;
    if (at % 1000 === 999) return { kind: "marker", time, label: `line ${at}` };
    if (at % 2500 === 2000) return { kind: "resize", time, cols: 30 + (at % 23), rows: 10 };
    const text = `\x1b[3${at % 8}mline ${at} ${"x".repeat(at % 60)}\r\n`;
    return { kind: "output", time, data: Buffer.from(text) };
  });

/** Records as a recorder does, in batches of 100; without an end where it dies. */
async function record(path: string, all: readonly Event[], { dies = false } = {}): Promise<void> {
  const target = openFileTarget(path, { mode: "live" });
  const writer = await createWriter(t2r, target, { live: true });
  await writer.header(HEADER);
  for (let at = 0; at < all.length; at += 100) await writer.events(all.slice(at, at + 100));
  if (dies) return await target.abort();
  await writer.end();
  await target.commit();
}

/** Continues it, as a recorder does. */
async function append(path: string, all: readonly Event[]): Promise<void> {
  const target = openFileTarget(path, { mode: "append" });
  const { state } = await scanForAppend(await openFileSource(path));
  const writer = await createWriter(t2r, target, { live: true }, state);
  await writer.events(all);
  await writer.end();
  await target.commit();
}

async function read(path: string): Promise<Event[]> {
  const recording = await openRecording(await openFileSource(path), { format: t2r });
  const read: Event[] = [];
  for await (const batch of recording.batches) for (const event of batch) read.push(event);
  return read;
}

const asText = (all: readonly Event[]): string[] =>
  all.map((event) =>
    JSON.stringify("data" in event ? { ...event, data: Buffer.from(event.data).toString("hex") } : event),
  );

async function expectFinalized(path: string, all: readonly Event[]): Promise<void> {
  expect(asText(await read(path))).toEqual(asText(all));
  const source = await openFileSource(path);
  expect((await verifyT2r(source)).state).toBe("intact");
  const open = await openT2r(source);
  expect(open?.index.keyframes?.entries.length).toBeGreaterThan(0);
  expect(open && (await proveKeyframes(open))).toEqual({ isKnownEngine: true, wrong: [] });
  await source.close();
}

/** Open until the test is over. */
async function openIn(path: string): Promise<OpenT2r | undefined> {
  const source = await openFileSource(path);
  onTestFinished(() => source.close());
  return await openT2r(source);
}

const filesIn = (path: string): string[] => readdirSync(dirname(path)).sort();

describe("a finished recording", () => {
  it("keeps its signatures and sections, and is finalized again when it was continued", async () => {
    const path = tempDir();
    const all = events(8000);
    const encoder = new T2rEncoder({ signer: createKey(path("key.pem")), level: 1 });
    const parts = [encoder.header(HEADER), encoder.events(all.slice(0, 6000))].map((bytes) => Buffer.from(bytes));
    const section = Buffer.from(encoder.section("notes", Buffer.from("mine")));
    writeFileSync(path("a.t2r"), Buffer.concat([...parts, section, encoder.end()]));
    for (const count of [6000, 7000, 8000]) {
      if (count > 6000) await append(path("a.t2r"), all.slice(count - 1000, count));
      expect(await finalizeT2r(path("a.t2r"))).toMatchObject({
        outcome: "finalized",
        events: count,
        droppedKeyframes: 0,
      });
      expect((await finalizeT2r(path("a.t2r"))).outcome).toBe("nothing-to-do");
      await expectFinalized(path("a.t2r"), all.slice(0, count));
      const open = await openIn(path("a.t2r"));
      expect([open?.index.generations, Buffer.from((await open?.section("notes")) ?? []).toString()]).toEqual([
        1,
        "mine",
      ]);
      const source = await openFileSource(path("a.t2r"));
      expect((await verifyT2r(source)).signatures).toMatchObject([{ events: 6000, valid: true }]);
      await source.close();
    }
  });

  it("becomes smaller, gets keyframes, and stays what it was", async () => {
    const path = tempDir()("a.t2r");
    const all = events(12_000);
    await record(path, all);
    const before = await openIn(path);
    const sizeBefore = statSync(path).size;
    const progress: number[] = [];
    const result = await finalizeT2r(path, { onProgress: ({ done, total }) => progress.push(done / total) });
    expect(result).toMatchObject({ outcome: "finalized", wasUnfinished: false, events: 12_000, droppedKeyframes: 0 });
    expect([result.sizeBefore, result.sizeAfter]).toEqual([sizeBefore, statSync(path).size]);
    expect(result.sizeAfter).toBeLessThan(sizeBefore);
    expect([progress.length > 3, progress.at(-1)]).toEqual([true, 1]);
    const after = await openIn(path);
    expect(after?.index.chain).toBe(before?.index.chain);
    expect(after?.index.blocks.length).toBeLessThan(before?.index.blocks.length ?? 0);
    await expectFinalized(path, all);
    expect([filesIn(path), statSync(path).mode & 0o777]).toEqual([["a.t2r"], 0o600]);
  });

  it("is left alone the second time", async () => {
    const path = tempDir()("a.t2r");
    await record(path, events(5000));
    await finalizeT2r(path);
    const bytes = readFileSync(path);
    expect(await finalizeT2r(path)).toMatchObject({ outcome: "nothing-to-do", events: 5000, sizeAfter: bytes.length });
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
  });

  it("shows the same screens afterwards", async () => {
    const path = tempDir()("a.t2r");
    await record(path, events(9000));
    copyFileSync(path, `${path}-before`);
    await finalizeT2r(path);
    const seekers = await Promise.all(
      [path, `${path}-before`].map(async (name) => {
        const open = await openIn(name);
        if (open === undefined) throw new Error("it does not open");
        return new ScreenSeeker(open);
      }),
    );
    for (const time of [8.9e9, 4.2e9, 0, 1, 4.0961e9]) {
      const [one, other] = await Promise.all(seekers.map(async (seeker) => (await seeker.seek(time)).saveState()));
      expect([time, one && other && Buffer.compare(one, other)]).toEqual([time, 0]);
    }
  });

  const noDisk = noSmallDisk();

  it.skipIf(noDisk)(titled("stays as it is where the disk has not room for both", noDisk), async () => {
    const disk = mountSmallDisk("600k");
    if (disk === undefined) throw new Error(noDisk);
    onTestFinished(() => disk.remove());
    const path = `${disk.folder}/a.t2r`;
    const noise = events(100).map(
      ({ time }): Event => ({
        kind: "output",
        time,
        data: createHash("shake256", { outputLength: 2000 }).update(`${time}`).digest(),
      }),
    );
    await record(path, noise);
    writeFileSync(`${disk.folder}/other`, Buffer.alloc(250_000));
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(150_000);
    expect(await finalizeT2r(path)).toMatchObject({ outcome: "no-room", events: 100, sizeAfter: bytes.length });
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    const { status, stderr } = await runCli(["recover", path]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("room for the file twice: it stays as it is, whole")]);
    rmSync(path);
  });
});

describe("a recording whose recorder died", () => {
  it("is ended, with what its journal holds", async () => {
    const path = tempDir()("a.t2r");
    const all = events(7000);
    await record(path, all, { dies: true });
    expect(filesIn(path)).toEqual(["a.t2r", "a.t2r-journal"]);
    expect(await finalizeT2r(path)).toMatchObject({ outcome: "finalized", wasUnfinished: true, events: 7000 });
    await expectFinalized(path, all);
    expect(filesIn(path)).toEqual(["a.t2r"]);
  });
});

describe("a file that is damaged", () => {
  it("is refused and left as it is", async () => {
    const path = tempDir()("a.t2r");
    await record(path, events(3000));
    const bytes = readFileSync(path);
    bytes[300] = (bytes[300] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(finalizeT2r(path)).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    expect(filesIn(path)).toEqual(["a.t2r"]);
  });

  it("is refused where it is no .t2r at all, or not there", async () => {
    const path = tempDir()("a.t2r");
    await expect(finalizeT2r(path)).rejects.toMatchObject({
      code: "T2A_FILE_NOT_FOUND",
      message: `cannot read ${path}: no such file or folder`,
    });
    writeFileSync(path, '{"version": 2, "width": 80, "height": 24}\n');
    await expect(finalizeT2r(path)).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT" });
  });
});

describe("a file that another has", () => {
  it("is not touched while it is recorded", async () => {
    const path = tempDir()("a.t2r");
    const target = openFileTarget(path, { mode: "live" });
    const writer = await createWriter(t2r, target, { live: true });
    await writer.header(HEADER);
    await expect(finalizeT2r(path)).rejects.toMatchObject({
      code: "T2A_FILE_LOCKED",
      details: { holder: "recorder" },
      message: `${path} is being recorded: it is finished when its recorder ends`,
    });
    expect((await runCli(["recover", path])).stderr).toContain("is being recorded");
    await writer.end();
    await target.commit();
  });

  it("is waited for while it is finalized", async () => {
    const path = tempDir()("a.t2r");
    await record(path, events(5000));
    const lock = holdFile(path);
    await expect(finalizeT2r(path)).rejects.toMatchObject({ details: { holder: "finalizer" } });
    const waiting = start(process.execPath, [fileURLToPath(new URL("../../bin/t2a.js", PROGRAMS)), "recover", path]);
    await pollUntil("it waits", () => waiting.errors.includes("waiting for it"));
    lock.release();
    await pollUntil("its end", () => waiting.ended);
    expect(waiting.errors).toContain("::: finished: 5000 events");
  });
});

describe("recording into a file that is being finalized", () => {
  it.each(["--append", "--overwrite"])("waits for it with %s", async (option) => {
    const path = tempDir()("a.t2r");
    await record(path, events(50));
    const lock = holdFile(path);
    const program = fileURLToPath(new URL("../../bin/t2a.js", PROGRAMS));
    const args = [program, "rec", "--headless", "--finalize", "never", option, "-c", "echo more", path];
    const run = start(process.execPath, args);
    await pollUntil("it waits", () => run.errors.includes("another process finishes the file: waiting for it"));
    lock.release();
    await pollUntil("its end", () => run.ended);
    const kept = option === "--append" ? 50 : 0;
    expect(asText((await read(path)).slice(0, kept))).toEqual(asText(events(kept)));
    expect((await read(path)).length).toBeGreaterThan(kept);
  });

  it("does not wait for another recorder", async () => {
    const path = tempDir()("a.t2r");
    const target = openFileTarget(path, { mode: "live" });
    const writer = await createWriter(t2r, target, { live: true });
    await writer.header(HEADER);
    const { status, stderr } = await runCli(["rec", "--headless", "--append", "-c", "true", path]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("is being written by another recording")]);
    await writer.end();
    await target.commit();
  });
});

describe("finalizing that is ended", () => {
  it("by a signal leaves the file as it was, in a thread as well", async () => {
    const path = tempDir()("a.t2r");
    await record(path, events(4000));
    const bytes = readFileSync(path);
    const signal = AbortSignal.abort();
    await expect(finalizeT2r(path, { signal })).rejects.toMatchObject({ code: "T2A_ABORTED" });
    const program = new URL("finalize-worker.js", PROGRAMS);
    await expect(finalizeInWorker(path, { signal, program })).rejects.toMatchObject({ code: "T2A_ABORTED" });
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    expect(filesIn(path)).toEqual(["a.t2r"]);
  });

  it("by kill -9 leaves the old file or the new one, and what it had begun goes with the next", async () => {
    const path = tempDir()("a.t2r");
    const all = events(6000);
    await record(path, all, { dies: true });
    const text = `
      import { finalizeT2r } from "src/library/index.js";
      console.log("begins");
      await finalizeT2r(${JSON.stringify(path)});`;
    for (const wait of [0, 40, 80, 120, 160, 240]) {
      const process_ = start(process.execPath, moduleProgram(text));
      await pollUntil("its start", () => process_.output.includes("begins"));
      await setTimeout(wait); // wherever it then is
      process_.child.kill("SIGKILL");
      await pollUntil("its end", () => process_.ended);
      expect(asText(await read(path))).toEqual(asText(all));
    }
    await finalizeT2r(path);
    await expectFinalized(path, all);
    expect(filesIn(path)).toEqual(["a.t2r"]);
  });
});

describe("proving keyframes", () => {
  /** Keyframes behind every 100 events that hold the screen of nobody. */
  function lying(keyframe: (events: number, time: number) => Keyframe) {
    let count = 0;
    return () => ({
      engine: SCREEN_ENGINE,
      dropped: 0,
      take: ({ time }: Event) => (++count % 100 === 0 ? keyframe(count, time) : undefined),
      end: () => undefined,
    });
  }

  it.each<[string, (events: number, time: number) => Keyframe]>([
    ["shows another screen", (count, time) => ({ events: count, time, state: new Uint8Array(30) })],
    ["stands at another time", (count, time) => ({ events: count, time: time + 1, state: new Uint8Array(30) })],
    ["stands behind the end", (count, time) => ({ events: count + 1e6, time, state: new Uint8Array(30) })],
  ])("finds one that %s", async (_, keyframe) => {
    const path = tempDir()("a.t2r");
    const target = openFileTarget(path);
    const encoder = await t2r.createEncoder?.({ createKeyframes: lying(keyframe) });
    if (encoder === undefined) throw new Error("no encoder");
    for (const bytes of [encoder.header(HEADER), encoder.events(events(250)), encoder.end()]) await target.write(bytes);
    await target.commit();
    const { status, stdout } = await runCli(["verify", path]);
    expect([status, stdout.split("\n").length]).toEqual([1, 5]);
    expect(stdout).toMatch(
      /^damaged\n {2}byte \d+, \d+ bytes, .* a keyframe shows another screen than the recording\n/,
    );
    expect(await runCli(["verify", "--no-keyframes", path])).toMatchObject({ status: 0, stdout: "intact, unsigned\n" });
  });

  it("finds nothing wrong where there are none, and says so where another engine made them", async () => {
    const path = tempDir()("a.t2r");
    writeFileSync(path, await encode(HEADER, [events(10)]));
    expect(await runCli(["verify", path])).toMatchObject({ status: 0, stderr: "" });
    const other = () => ({
      engine: "another engine",
      dropped: 0,
      take: ({ time }: Event) => ({ events: 1, time, state: new Uint8Array(9) }),
      end: () => undefined,
    });
    const encoder = await t2r.createEncoder?.({ createKeyframes: other });
    if (encoder === undefined) throw new Error("no encoder");
    writeFileSync(
      path,
      Buffer.concat([encoder.header(HEADER), encoder.events(events(1)), encoder.end()].map(Buffer.from)),
    );
    expect(await runCli(["verify", path])).toMatchObject({
      status: 0,
      stderr: "!!! its keyframes are for another terminal engine: they were not checked, nor are they used\n",
    });
  });
});

describe("t2a record --finalize", () => {
  const program = fileURLToPath(new URL("../../bin/t2a.js", PROGRAMS));
  const command = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done";

  async function recordBy(when: string): Promise<string> {
    const path = tempDir()("a.t2r");
    const run = start(process.execPath, [program, "rec", "--headless", "--finalize", when, "-c", command, path]);
    await pollUntil("the recorder's end", () => run.ended);
    expect(run.errors).not.toContain("!!!");
    return path;
  }

  async function keyframes(path: string) {
    const source = await openFileSource(path);
    const open = await openT2r(source);
    await source.close();
    return open?.index.keyframes;
  }

  it("wait comes back when the file is in its final form", async () => {
    expect(await keyframes(await recordBy("wait"))).toBeDefined();
  });

  it("background brings it there, soon or later", async () => {
    const path = await recordBy("background");
    await pollUntil("the final form", async () => (await keyframes(path)) !== undefined);
    expect(existsSync(`${path}-journal`)).toBe(false);
  });

  it("never leaves it as it was recorded", async () => {
    expect(await keyframes(await recordBy("never"))).toBeUndefined();
  });
});
