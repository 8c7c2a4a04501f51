// Recordings that stay open: opened once, read once, within bounds, never closed under who uses them.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Event, SeekableRecording, Source } from "../../src/core/index.js";
import { OpenRecordings } from "../../src/library/index.js";
import { encode } from "../formats/t2r/sample.js";
import { MemorySource } from "../support/memory-io.js";
import { tempDir } from "../support/temp-dir.js";
import { addFile, openTestLibrary, writeCast } from "./libraries.js";

/** Incompressible output in 4 blocks of about 0.9 MB. */
async function large(): Promise<Uint8Array> {
  const noise = (at: number) => createHash("shake256", { outputLength: 300_000 }).update(`${at}`).digest();
  const events = Array.from({ length: 12 }, (_, at): Event => ({ kind: "output", time: at * 2e9, data: noise(at) }));
  return await encode({ cols: 80, rows: 24 }, [events]);
}

/** Opens sources of the same bytes, and counts what is asked of them. */
function counting(bytes: Uint8Array) {
  const counts = { opened: 0, closed: 0, read: 0 };
  const open = async (): Promise<Source> => {
    counts.opened++;
    const source = new MemorySource(bytes);
    const readRange = source.readRange.bind(source);
    source.readRange = (start, length) => {
      counts.read += length;
      return readRange(start, length);
    };
    source.close = async () => void counts.closed++;
    return source;
  };
  return { counts, open };
}

/** The hash of all events: comparing their bytes one by one takes seconds. */
async function all(recording: SeekableRecording): Promise<string> {
  const hash = createHash("sha256");
  for await (const batch of recording.batchesFrom(0)) {
    for (const event of batch) {
      hash.update(`${event.kind} ${event.time} `);
      if (event.kind === "output") hash.update(event.data);
    }
  }
  return hash.digest("hex");
}

describe("recordings that stay open", () => {
  it("are opened once, and what was decoded is not read again", async () => {
    const { counts, open } = counting(await large());
    const recordings = new OpenRecordings();
    const [one, other] = await Promise.all([recordings.borrow("a", open), recordings.borrow("a", open)]);
    const events = await all(one.recording);
    const { read } = counts;
    expect(await all(other.recording)).toEqual(events);
    await one.release();
    await other.release();
    const again = await recordings.borrow("a", open);
    expect(await all(again.recording)).toEqual(events);
    expect(counts).toEqual({ opened: 1, closed: 0, read });
    expect(recordings.decodedBytes).toBeGreaterThan(3_600_000);
    await recordings.close();
    await recordings.close();
    expect(counts.closed).toBe(1);
    await expect(recordings.borrow("a", open)).rejects.toThrow("closed");
  });

  it("hold no more bytes of decoded blocks than they may, and give the same for it", async () => {
    const { open } = counting(await large());
    const recordings = new OpenRecordings({ maxBytes: 1_000_000 });
    const { recording } = await recordings.borrow("a", open);
    const first = await all(recording);
    expect(await all(recording)).toEqual(first);
    expect(recordings.decodedBytes).toBeLessThanOrEqual(1_000_000);
    expect(recordings.decodedBytes).toBeGreaterThan(0);
    await recordings.close();
  });

  it("are closed where nobody uses them and there are too many, the one longest unused first; those in use never", async () => {
    const bytes = await large();
    const recordings = new OpenRecordings({ maxIdle: 1 });
    const [a, b, c] = [counting(bytes), counting(bytes), counting(bytes)];
    const used = await recordings.borrow("a", a.open);
    await (await recordings.borrow("b", b.open)).release();
    const last = await recordings.borrow("c", c.open);
    await last.release();
    await last.release();
    expect([a, b, c].map(({ counts }) => counts.closed)).toEqual([0, 1, 0]);
    expect(await all(used.recording)).toMatch(/^[0-9a-f]{64}$/);
    await used.release();
    expect([a, b, c].map(({ counts }) => counts.closed)).toEqual([1, 1, 0]);
    await recordings.close();
    expect([a, b, c].map(({ counts }) => counts.closed)).toEqual([1, 1, 1]);
  });

  it("are none that cannot be trusted, which is tried anew each time", async () => {
    const { counts, open } = counting((await large()).subarray(0, 100_000));
    const recordings = new OpenRecordings();
    for (let count = 1; count <= 2; count++) {
      await expect(recordings.borrow("a", open)).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
      expect(counts).toMatchObject({ opened: count, closed: count });
    }
  });
});

it("a library opens what it keeps by session and recording, and closes it with itself", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path(""));
  const { session, recordingId } = await addFile(library, writeCast(path("a.cast"), { title: "a", output: "kept" }));
  const one = await library.openRecording(session.id, recordingId);
  const other = await library.openRecording(session.id, recordingId);
  expect(other.recording).toBe(one.recording);
  expect(one.recording.index.outputBytes).toBe(4);
  await expect(library.openRecording(session.id, "01KAM3Q9ZX0000000000000000")).rejects.toMatchObject({
    code: "T2A_STORE_NOT_FOUND",
  });
  await library.close();
  await expect(library.borrow(library.find({ session, spooled: undefined }))).rejects.toThrow("closed");
});
