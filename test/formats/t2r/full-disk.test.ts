// Recording into .t2r on a disk that fills up: what was recorded stays, the recording says that something is missing, and
// ends properly where there is room for that in what was held for it.
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { t2r } from "../../../formats/t2r/index.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import { type Event, StoreError, type Target } from "../../../src/core/index.js";
import { FormatSink } from "../../../src/record/index.js";
import { decodeFiles } from "../../conformance/format-io.js";
import { MemoryTarget } from "../../support/memory-io.js";
import { source } from "./sample.js";

/** A disk of so many bytes, taken by pages. */
class SmallDisk extends MemoryTarget {
  readonly #files: MemoryTarget[] = [this];
  readonly #capacity: number;
  reserved = 0;
  /** What others take once the disk has been full. */
  taken = 0;
  code = "ENOSPC";

  constructor(capacity: number) {
    super("live.t2r");
    this.#capacity = capacity;
  }

  get free(): number {
    const pages = (bytes: number) => Math.ceil(bytes / 4096) * 4096;
    const used = this.#files.reduce((sum, file) => sum + pages(file.size), 0);
    return this.#capacity - used - pages(this.reserved) - this.taken;
  }

  override write(bytes: Uint8Array): void {
    this.#fits(bytes.length);
    super.write(bytes);
  }

  reserve(bytes: number): void {
    this.#fits(bytes - this.reserved);
    this.reserved = bytes;
  }

  /** What was recorded live stays. */
  override async abort(): Promise<void> {
    this.aborted = !this.committed;
  }

  override sibling(name: string): MemoryTarget {
    const sibling = super.sibling(name);
    const write = sibling.write.bind(sibling);
    sibling.write = (bytes) => {
      if (sibling.position + bytes.length > sibling.size) this.#fits(bytes.length);
      write(bytes);
    };
    this.#files.push(sibling);
    return sibling;
  }

  #fits(bytes: number): void {
    if (bytes <= this.free) return;
    throw new StoreError("T2A_FILE_IO", "cannot write live.t2r: the disk is full", {
      details: { systemCode: this.code },
    });
  }
}

/** Records as long as it works; gives what was taken. */
async function record(disk: SmallDisk, synced: boolean, data: (at: number) => Uint8Array) {
  const events: Event[] = [];
  const writer = t2r.createLiveWriter?.(disk, { synced }) ?? expect.fail();
  const sink = FormatSink.start(writer, disk, { cols: 80, rows: 24 });
  let error: unknown;
  for (let at = 0; error === undefined; at++) {
    const event: Event = { kind: "output", time: at * 1e7, data: data(at) };
    try {
      await sink.write([event]);
      events.push(event);
    } catch (thrown) {
      error = thrown;
    }
  }
  expect(error).toMatchObject({ message: "cannot write live.t2r: the disk is full" });
  await sink.close();
  return events;
}

async function check(disk: SmallDisk, events: readonly Event[]): Promise<string> {
  const { state } = await verifyT2r(source(disk.bytes()));
  const files = { name: "live.t2r", bytes: disk.bytes(), siblings: state === "intact" ? {} : disk.siblingBytes() };
  const { events: all, error } = await decodeFiles(t2r, files);
  expect(error).toBeUndefined();
  const read = [...all];
  const gap = read.pop();
  expect(gap).toMatchObject({ kind: "custom", code: "t2a.gap" });
  expect(gap?.kind === "custom" && JSON.parse(Buffer.from(gap.data).toString())).toEqual({
    reason: "disk-full",
    startNs: gap?.time,
  });
  // The event with which it failed may be there: in the journal, when its block was too large.
  expect(read.length - events.length).toBeGreaterThanOrEqual(0);
  expect(read.length - events.length).toBeLessThanOrEqual(1);
  const isSame = (one: Event, other: Event | undefined) =>
    one.kind === "output" && other?.kind === "output" && Buffer.compare(one.data, other.data) === 0;
  expect(events.findIndex((event, at) => !isSame(event, read[at]))).toBe(-1);
  expect(gap?.time).toBe(events.length * 1e7);
  expect([disk.committed, disk.reserved]).toEqual([state === "intact", 0]);
  return state;
}

const LINES = Array.from({ length: 30_000 }, (_, at) => `-rw-r--r-- 1 ann staff  12345 Jan 21 12:10 file-${at}\r\n`);
const LISTING = Buffer.from(LINES.join(""));
const listing = (at: number) => LISTING.subarray((at * 4000) % (LISTING.length - 4000)).subarray(0, 4000);

it.each([false, true])("ends intact, with a gap, whatever the size of the disk (synced: %s)", async (synced) => {
  for (let capacity = 80_000; capacity < 1_000_000; capacity = Math.round(capacity * 1.25) + 1234) {
    const disk = new SmallDisk(capacity);
    disk.code = capacity % 2 === 0 ? "ENOSPC" : "EDQUOT";
    const events = await record(disk, synced, listing);
    expect(events.length).toBeGreaterThan(0);
    expect(await check(disk, events), `${capacity} bytes`).toBe("intact");
    expect(disk.siblings.get("live.t2r-journal")?.unwanted).toBe(true);
  }
});

it("ends intact also with what does not pack at all", async () => {
  for (let capacity = 100_000; capacity < 1_000_000; capacity = Math.round(capacity * 1.3) + 777) {
    const disk = new SmallDisk(capacity);
    const events = await record(disk, false, () => randomBytes(4000));
    expect(await check(disk, events), `${capacity} bytes`).toBe("intact");
  }
});

it("loses nothing where others take the room for the end: the journal stays", async () => {
  for (const left of [0, 8192]) {
    const disk = new SmallDisk(500_000);
    const reserve = disk.reserve.bind(disk);
    disk.reserve = (bytes) => {
      reserve(bytes);
      if (bytes === 0 && disk.taken === 0) disk.taken = Math.max(0, disk.free - left);
    };
    const events = await record(disk, false, () => randomBytes(4000));
    expect([disk.aborted, disk.committed]).toEqual([true, false]);
    if (left > 0) expect(await check(disk, events)).toBe("unfinished");
  }
});

it("ends properly, with no gap, where only the end did not fit at first", async () => {
  const disk = new SmallDisk(1e9);
  const sink = FormatSink.start(t2r.createLiveWriter?.(disk) ?? expect.fail(), disk, { cols: 80, rows: 24 });
  sink.write([{ kind: "output", time: 0, data: listing(0) }]);
  const write = disk.write.bind(disk);
  disk.write = () => {
    disk.write = write;
    throw new StoreError("T2A_FILE_IO", "the disk is full", { details: { systemCode: "ENOSPC" } });
  };
  await expect(sink.close()).rejects.toThrow("the disk is full");
  expect(await verifyT2r(source(disk.bytes()))).toMatchObject({ state: "intact", events: 1 });
  expect(disk.committed).toBe(true);
});

it("holds more when the index needs more", async () => {
  const disk = new SmallDisk(1e9);
  const writer = t2r.createLiveWriter?.(disk) ?? expect.fail();
  void writer.header({ cols: 80, rows: 24 });
  expect(disk.reserved).toBe(64 * 1024);
  for (let at = 0; at < 3000; at++) void writer.events([{ kind: "output", time: at * 1e9, data: Uint8Array.of(1) }]);
  expect(disk.reserved).toBe(128 * 1024);
  const marker: Event = { kind: "marker", time: 1e13, label: "x".repeat(50_000) };
  void writer.events([marker, { kind: "output", time: 2e13, data: Uint8Array.of(1) }, { ...marker, time: 2e13 + 1e9 }]);
  expect(disk.reserved).toBeGreaterThan(200_000);
});

it("says no more than what failed where it was no full disk that failed", async () => {
  const target: Target = new MemoryTarget("live.t2r");
  const sink = FormatSink.start(t2r.createLiveWriter?.(target) ?? expect.fail(), target, { cols: 80, rows: 24 });
  target.sibling("live.t2r-journal").write = () => {
    throw new Error("the device reports an input/output error");
  };
  expect(() => sink.write([{ kind: "marker", time: 0, label: "" }])).toThrow("input/output");
  await sink.close();
  expect(target).toMatchObject({ aborted: true, committed: false });
});
