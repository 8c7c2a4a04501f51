// Recording into .t2r: whatever instant it ends at, file and journal together hold every event that was written.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { t2r } from "../../../formats/t2r/index.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import type { Event, Header } from "../../../src/core/index.js";
import { decodeFiles, type Files } from "../../conformance/format-io.js";
import { concatBytes, LoneTarget, MemoryTarget } from "../../support/memory-io.js";
import { demo, encode, source } from "./sample.js";

const HEADER: Header = { cols: 80, rows: 24 };
const JOURNAL = "live.t2r-journal";

/** Reads as a recorder gives them; each a little different, so that none is taken for another. */
const reads = (count: number, bytes: number): Event[] =>
  Array.from({ length: count }, (_, at): Event => {
    const data = new Uint8Array(bytes).fill(at % 251);
    return at % 7 === 3 ? { kind: "input", time: at * 1000, data } : { kind: "output", time: at * 1000, data };
  });

/** A target that dies at the write or rewinding of that number, having written so many bytes of it. */
class Dying extends MemoryTarget {
  readonly #at: number;
  readonly #bytes: number;

  constructor(at: number, bytes: number, log?: MemoryTarget["log"] & { length: number }) {
    super("live.t2r", log);
    this.#at = at;
    this.#bytes = bytes;
  }

  override sibling(name: string): MemoryTarget {
    const sibling = super.sibling(name);
    const write = sibling.write.bind(sibling);
    sibling.write = (bytes) => this.#until(bytes, write);
    return sibling;
  }

  override write(bytes: Uint8Array): void {
    this.#until(bytes, (part) => super.write(part));
  }

  #until(bytes: Uint8Array, write: (bytes: Uint8Array) => void): void {
    const dies = this.log.length >= this.#at;
    write(dies ? bytes.subarray(0, Math.min(bytes.length, this.#bytes)) : bytes);
    if (dies) throw new Error("died");
  }
}

const filesOf = (target: MemoryTarget): Files => ({
  name: "live.t2r",
  bytes: target.bytes(),
  siblings: target.siblingBytes(),
});

/** Where two lists of reads first differ, as far as the shorter goes; -1 where they do not. (toEqual takes minutes for this.) */
const firstDifference = (read: readonly Event[], written: readonly Event[]) =>
  read.findIndex((event, at) => {
    const other = written[at];
    const isSame = event.kind === other?.kind && event.time === other.time;
    return !(isSame && "data" in event && "data" in other && Buffer.compare(event.data, other.data) === 0);
  });

/** Records until the target dies; gives how many events the writer had taken when it did. */
function record(target: MemoryTarget, events: readonly Event[]): number {
  const writer = t2r.createLiveWriter?.(target);
  let taken = 0;
  try {
    void writer?.header(HEADER);
    for (const event of events) {
      void writer?.events([event]);
      taken++;
    }
    void writer?.end();
  } catch (error) {
    if (!(error instanceof Error && error.message === "died")) throw error;
  }
  return taken;
}

describe("recording into .t2r", () => {
  it("loses no event, whichever write it dies in and however much of it is done", async () => {
    const events = reads(40, 20_000); // three blocks
    const whole = new MemoryTarget("live.t2r");
    record(whole, events);
    for (let at = 1; at <= whole.log.length; at++) {
      for (const bytes of [0, 1, 20, 100, 30_000]) {
        const target = new Dying(at, bytes);
        const taken = record(target, events);
        const { events: read, error } = await decodeFiles(t2r, filesOf(target), { recover: true });
        if (at > 1) expect(error).toBeUndefined();
        expect(read.length, `died at ${at} after ${bytes} bytes`).toBeGreaterThanOrEqual(taken);
        expect(firstDifference(read, events)).toBe(-1);
      }
    }
  });

  it("can be read while it goes on, as far as it has come", async () => {
    const target = new MemoryTarget("live.t2r");
    const writer = t2r.createLiveWriter?.(target);
    const events = reads(60, 9000);
    void writer?.header(HEADER);
    for (const [index, event] of events.entries()) {
      void writer?.events([event]);
      const { events: read, warnings } = await decodeFiles(t2r, filesOf(target));
      expect(read).toHaveLength(index + 1);
      expect(warnings.map(({ code }) => code)).toEqual(["truncated"]);
    }
    expect(Math.max(...target.log.map(({ length }) => length))).toBeLessThan(300_000);
    expect(target.siblingBytes()[JOURNAL]?.length).toBeLessThan(300_000);
  });

  it("closes a block behind the batch that comes a second after its first output", async () => {
    const at = (ms: number, kind: "output" | "input" = "output"): Event => {
      return { kind, time: ms * 1e6, data: Uint8Array.of(120) };
    };
    const blocks = (batches: readonly (readonly Event[])[]) => {
      const target = new MemoryTarget("live.t2r");
      const writer = t2r.createLiveWriter?.(target);
      void writer?.header(HEADER);
      for (const batch of batches) void writer?.events(batch);
      return target.log.filter(({ name }) => name === "live.t2r").length - 1; // but for the header
    };
    expect(blocks([[at(0)], [at(999)]])).toBe(0);
    expect(blocks([[at(0)], [at(1000)]])).toBe(1);
    expect(blocks([[at(0)], [at(1000)], [at(1999)]])).toBe(1);
    expect(blocks([[at(0)], [at(1001)], [at(1500)], [at(2500, "input")]])).toBe(2);
    expect(blocks([[at(0, "input")], [at(5000, "input")], [at(5500)], [at(6400)]])).toBe(0);
    expect(blocks([[at(0), at(400), at(1200)]])).toBe(1);
  });

  it("keeps every kind of event in the journal, and needs none when it has ended", async () => {
    const { header, events } = await demo();
    const target = new MemoryTarget("live.t2r");
    const writer = t2r.createLiveWriter?.(target);
    void writer?.header(header);
    void writer?.events(events);
    void writer?.events([]);
    expect((await decodeFiles(t2r, filesOf(target))).events).toEqual((await converted()).events);
    void writer?.end();
    expect(target.siblings.get(JOURNAL)?.unwanted).toBe(true);
    expect(await verifyT2r(source(target.bytes()))).toMatchObject({ state: "intact", events: events.length });
    expect(writer?.losses.table()).toEqual({});

    async function converted() {
      return await decodeFiles(t2r, { name: "x.t2r", bytes: await encode(header, [events]) });
    }
  });

  it("does not take another recording's journal, an old one or a damaged one for its own", async () => {
    const events = reads(10, 100);
    const target = new MemoryTarget("live.t2r");
    const writer = t2r.createLiveWriter?.(target);
    void writer?.header(HEADER);
    for (const event of events) void writer?.events([event]);
    const mine = filesOf(target);
    const other = new MemoryTarget("live.t2r");
    const otherWriter = t2r.createLiveWriter?.(other);
    void otherWriter?.header({ cols: 9, rows: 9 });
    void otherWriter?.events(events);
    const count = async (files: Files) => (await decodeFiles(t2r, files, { recover: true })).events.length;
    expect(await count(mine)).toBe(10);
    expect(await count({ ...mine, siblings: other.siblingBytes() })).toBe(0);
    expect(await count({ ...mine, siblings: {} })).toBe(0);
    const journal = mine.siblings?.[JOURNAL] ?? new Uint8Array(0);
    const lastEntry = journal.length - (journal.length - 56) / events.length;
    for (let at = 0; at < journal.length; at += 13) {
      const flipped = journal.map((byte, index) => (index === at ? byte ^ 4 : byte));
      const files = { ...mine, siblings: { [JOURNAL]: flipped } };
      const { events: all } = await decodeFiles(t2r, files, { recover: true });
      const kept = all.filter(({ kind }) => kind !== "custom");
      // All but one entry, in whose place a gap stands; the head is not needed. Without recovery, what is before it.
      // The last one may just as well never have been written.
      expect(all.length, `byte ${at}`).toBe(at < lastEntry ? 10 : 9);
      expect(kept.length).toBeGreaterThanOrEqual(at < 56 ? 10 : 9);
      expect(kept.every((event) => events.some((original) => isDeepStrictEqual(event, original)))).toBe(true);
      const { events: before } = await decodeFiles(t2r, files);
      expect(before).toEqual(events.slice(0, before.length));
      expect(before.length).toBeLessThan(10);
    }
    const doubled = concatBytes([journal, journal]);
    expect(await count({ ...mine, siblings: { [JOURNAL]: doubled } })).toBe(10);
  });

  it("passes over entries of types it does not know, and takes a journal of another version for none", async () => {
    const target = new MemoryTarget("live.t2r");
    const writer = t2r.createLiveWriter?.(target);
    const [first, second] = reads(2, 10);
    void writer?.header(HEADER);
    void writer?.events(first === undefined ? [] : [first]);
    const before = target.siblingBytes()[JOURNAL]?.length ?? 0;
    const other = Buffer.alloc(20 + 3, 0xff);
    other.writeUInt32LE(3, 4);
    other.writeBigUInt64LE(1n, 8);
    other.writeUInt32LE(77, 16);
    const journal = Buffer.from(target.siblingBytes()[JOURNAL] ?? []);
    other.writeUInt32LE(crc32(other.subarray(4), journal.readUInt32LE(8)), 0);
    void writer?.events(second === undefined ? [] : [second]);
    const all = Buffer.from(target.siblingBytes()[JOURNAL] ?? []);
    const mixed = Buffer.concat([all.subarray(0, before), other, all.subarray(before)]);
    const read = async (bytes: Uint8Array) =>
      (await decodeFiles(t2r, { ...filesOf(target), siblings: { [JOURNAL]: bytes } }, { recover: true })).events.length;
    expect(await read(mixed)).toBe(2);
    mixed[before + 20] = 0; // damaged, but nothing is lost with it
    expect(await read(mixed)).toBe(2);
    all[4] = 1;
    all.set(createHash("sha256").update(all.subarray(0, 48)).digest().subarray(0, 8), 48);
    expect(await read(all)).toBe(0);
  });

  it("is refused where there is no place for a journal", () => {
    expect(() => t2r.createLiveWriter?.(new LoneTarget("-"))?.header(HEADER)).toThrow("no place");
  });
});
