// Going on in a .t2r: one chain over all of it, and nothing old or new lost at whatever instant it ends.
import { describe, expect, it } from "vitest";
import { createWriter, scanForAppend } from "../../../formats/index.js";
import { T2rEncoder } from "../../../formats/t2r/encoder.js";
import { buildFrame } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import { JournalWriter, journalName } from "../../../formats/t2r/journal.js";
import { FrameType } from "../../../formats/t2r/layout.js";
import { openT2r } from "../../../formats/t2r/reader.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import type { EncodeOptions, Event, Header, Signer } from "../../../src/core/index.js";
import { createKey } from "../../../src/security/index.js";
import { decodeFiles, type Files } from "../../conformance/format-io.js";
import { concatBytes, copyBytes, LoneTarget, MemorySource, MemoryTarget } from "../../support/memory-io.js";
import { tempDir } from "../../support/temp-dir.js";
import { demo, encode, pieces, source } from "./sample.js";

const HEADER: Header = { cols: 80, rows: 24 };
const NAME = "live.t2r";
const JOURNAL = journalName(NAME);

const reads = (count: number, bytes: number, from = 0): Event[] =>
  Array.from({ length: count }, (_, index): Event => {
    const at = from + index;
    return { kind: "output", time: at * 1000, data: new Uint8Array(bytes).fill(at % 251) };
  });

/** Files on a disk that fails at some change: a write is done in part then, others not at all. */
class Disk {
  changes = 0;
  readonly #dieAt: number;
  readonly #bytes: number;

  constructor(dieAt = Number.POSITIVE_INFINITY, bytes = 0) {
    this.#dieAt = dieAt;
    this.#bytes = bytes;
  }

  /** The target over what is there already, and over the journal beside it. */
  open(files: Files): MemoryTarget {
    const target = new MemoryTarget(NAME);
    target.write(files.bytes);
    for (const [name, bytes] of Object.entries(files.siblings ?? {})) target.sibling(name).write(bytes);
    this.#watch(target.sibling(JOURNAL));
    this.#watch(target);
    return target;
  }

  #watch(target: MemoryTarget): void {
    const write = target.write.bind(target);
    const cut = target.cut.bind(target);
    target.write = (bytes) => {
      const dies = ++this.changes >= this.#dieAt;
      write(dies ? bytes.subarray(0, this.#bytes) : bytes);
      if (dies) throw new Error("died");
    };
    target.cut = (size) => {
      if (++this.changes >= this.#dieAt) throw new Error("died");
      cut(size);
    };
  }
}

const filesOf = (target: MemoryTarget): Files => ({
  name: NAME,
  bytes: target.bytes(),
  siblings: target.siblingBytes(),
});
const sourceOf = ({ bytes, siblings = {} }: Files) => new MemorySource(bytes, { name: NAME, siblings });

/** Goes on in a recording, on a disk that may fail; gives how many events were taken. */
async function goOn(target: MemoryTarget, events: readonly Event[], options: EncodeOptions = {}): Promise<number> {
  const { state } = await scanForAppend(sourceOf(filesOf(target)));
  const writer = await createWriter(t2r, target, { ...options, live: true }, state);
  let taken = 0;
  try {
    for (const event of events) {
      await writer.events([event]);
      taken++;
    }
    await writer.end();
    target.siblings.delete(JOURNAL); // as commit does
  } catch (error) {
    if (!(error instanceof Error && error.message === "died")) throw error;
  }
  return taken;
}

/** As `goOn`, on what is there. */
async function continued(files: Files, events: readonly Event[], options: EncodeOptions = {}): Promise<Files> {
  const target = new Disk().open(files);
  await goOn(target, events, options);
  return filesOf(target);
}

const read = async (files: Files) => (await decodeFiles(t2r, files)).events;
const isSame = (a: readonly Event[], b: readonly Event[]) =>
  a.length === b.length &&
  a.every((event, at) => {
    const other = b[at];
    if (event.kind !== "output" || other?.kind !== "output") return event.kind === other?.kind;
    return event.time === other.time && Buffer.compare(event.data, other.data) === 0;
  });
const finished = async (events: readonly Event[]): Promise<Files> => ({
  name: NAME,
  bytes: await encode(HEADER, [events]),
});
/** What a recorder that died leaves: a block or two, and a journal. */
function died(events: readonly Event[], options: EncodeOptions = {}): Files {
  const target = new MemoryTarget(NAME);
  const writer = t2r.createLiveWriter?.(target, options);
  void writer?.header(HEADER);
  for (const event of events) void writer?.events([event]);
  return filesOf(target);
}
const newSigner = (): Signer => createKey(tempDir()("key.pem"));

describe("a .t2r that is continued", () => {
  it("is intact, with one chain and one index over all of it, as if written at once", async () => {
    const { header, events } = await demo();
    const last = events.at(-1)?.time ?? 0;
    const more = reads(30, 50_000).map((event) => ({ ...event, time: event.time + last }));
    const start = { name: NAME, bytes: await encode(header, [events]) };
    const once = await continued(start, more.slice(0, 13));
    const twice = await continued(once, more.slice(13));
    const verdict = await verifyT2r(sourceOf(twice));
    expect([verdict.state, verdict.problems]).toEqual(["intact", []]);
    const whole = await encode(header, [[...events, ...more]]);
    expect(verdict.chain).toBe((await verifyT2r(source(whole))).chain);
    expect(isSame(await read(twice), (await decodeFiles(t2r, { name: "x.t2r", bytes: whole })).events)).toBe(true);
    const [open, other] = [await openT2r(sourceOf(twice)), await openT2r(source(whole))];
    expect([open?.index.generations, other?.index.generations]).toEqual([3, 1]);
    for (const key of ["events", "outputBytes", "duration", "markers", "resizes", "gaps", "histogram"] as const) {
      expect(open?.index[key]).toEqual(other?.index[key]);
    }
    // What was there stays as it was.
    expect(Buffer.compare(twice.bytes.subarray(0, start.bytes.length), start.bytes)).toBe(0);
    const found: Event[] = [];
    for await (const batch of open?.batchesFrom(events.length + 20) ?? []) found.push(...batch);
    expect(isSame(found, more.slice(20))).toBe(true);
  });

  it("goes on with the size and the time at which it ended", async () => {
    const events: Event[] = [
      { kind: "resize", time: 1000, cols: 100, rows: 30 },
      { kind: "output", time: 2000, data: Buffer.from("x") },
    ];
    const { state } = await scanForAppend(sourceOf(await finished(events)));
    expect(state).toMatchObject({ header: { cols: 100, rows: 30 }, lastTime: 2000, complete: true });
    const { state: ofDead } = await scanForAppend(sourceOf(died(events)));
    expect(ofDead).toMatchObject({ header: { cols: 100, rows: 30 }, lastTime: 2000 });
    const empty = await continued(await finished([]), events);
    expect(await verifyT2r(sourceOf(empty))).toMatchObject({ state: "intact", events: 2 });
  });

  it("keeps its signatures, which hold for their part; a new one covers all", async () => {
    const [first, second] = [newSigner(), newSigner()];
    const events = reads(9, 100);
    const start = await encodeSigned(events.slice(0, 4), first);
    const unsigned = await continued(start, events.slice(4, 6));
    const signed = await continued(unsigned, events.slice(6), { signer: second });
    const { state, signatures } = await verifyT2r(sourceOf(signed));
    expect([state, signatures.map(({ events: count, valid }) => [count, valid])]).toEqual([
      "intact",
      [
        [4, true],
        [9, true],
      ],
    ]);

    async function encodeSigned(list: readonly Event[], signer: Signer): Promise<Files> {
      const encoder = new T2rEncoder({ signer });
      const parts = [encoder.header(HEADER), encoder.events(list), encoder.end()];
      return { name: NAME, bytes: concatBytes(parts.map(copyBytes)) };
    }
  });

  it("keeps its sections; one of the same name takes the place of the earlier", async () => {
    const encoder = new T2rEncoder();
    const parts = [encoder.header(HEADER), encoder.events(reads(1, 10)), encoder.section("a", Buffer.from("1"))];
    const bytes = concatBytes([...parts, encoder.section("b", Buffer.from("2")), encoder.end()].map(copyBytes));
    const once = await continued({ name: NAME, bytes }, reads(1, 10, 1));
    const open = await openT2r(sourceOf(once));
    expect(Buffer.from((await open?.section("b")) ?? []).toString()).toBe("2");
    expect((await verifyT2r(sourceOf(once))).state).toBe("intact");
  });

  it("is taken up where its recorder died, the journal's events and what signed them first", async () => {
    const signer = newSigner();
    for (const [count, bytes] of [
      [0, 10],
      [3, 10],
      [40, 20_000],
    ] as const) {
      const events = reads(count + 5, bytes);
      const dead = died(events.slice(0, count), { signer });
      const whole = await continued(dead, events.slice(count));
      expect(await verifyT2r(sourceOf(whole))).toMatchObject({ state: "intact", events: count + 5 });
      expect(isSame(await read(whole), events)).toBe(true);
      // Half a block in the file is no damage where the journal holds it; it is replaced.
      const torn = { ...dead, bytes: concatBytes([dead.bytes, Buffer.from("T*M\x18\xff\0\0\0t2r")]) };
      expect(isSame(await read(await continued(torn, events.slice(count))), events)).toBe(true);
    }
    // What the journal alone is signed by.
    const events = reads(6, 10);
    const dead = new MemoryTarget(NAME);
    const journal = new JournalWriter(dead.sibling(JOURNAL));
    const encoder = new T2rEncoder({ signer });
    dead.write(encoder.header(HEADER));
    journal.begin(encoder.chain(), 0);
    for (const event of events.slice(0, 4)) {
      encoder.add([event], journal.events([event], encoder.eventCount));
      const signature = encoder.signature();
      if (encoder.eventCount < 4 && signature !== undefined) journal.signature(signature);
    }
    const { state, signatures } = await verifyT2r(sourceOf(await continued(filesOf(dead), events.slice(4))));
    expect([state, signatures.map(({ events: count, valid }) => [count, valid])]).toEqual(["intact", [[3, true]]]);
  });

  it("is taken up also where a power cut tore blocks whose events the journal still holds", async () => {
    const events = reads(12, 100_000);
    const target = Object.assign(new MemoryTarget(NAME), { sync: async () => {} });
    const writer = t2r.createLiveWriter?.(target, { synced: true });
    void writer?.header(HEADER);
    for (const event of events.slice(0, 10)) void writer?.events([event]); // three blocks, all of them in the journal too
    const [head, block, second = new Uint8Array(0), third] = pieces(target.bytes());
    const torn = second.map((byte, at) => (at > 100 && at < 600 ? 0 : byte));
    const parts = [head, block, torn, third].map((part) => part ?? second);
    const dead = { ...filesOf(target), bytes: concatBytes(parts) };
    expect(isSame(await read(dead), events.slice(0, 10))).toBe(true);
    const whole = await continued(dead, events.slice(10));
    expect(await verifyT2r(sourceOf(whole))).toMatchObject({ state: "intact", events: 12 });
    expect(isSame(await read(whole), events)).toBe(true);
  });

  it("lets go of a dead recorder's journal only when what it held is on disk", async () => {
    const target = new Disk().open(died(reads(3, 10)));
    const order: string[] = [];
    const cut = target.sibling(JOURNAL).cut.bind(target.sibling(JOURNAL));
    target.sibling(JOURNAL).cut = (size) => {
      order.push("emptied");
      cut(size);
    };
    const synced = Object.assign(target, {
      sync: async () => {
        await Promise.resolve();
        order.push(`synced with ${pieces(target.bytes()).length} frames`);
      },
    });
    expect(await goOn(synced, reads(2, 10, 3), { synced: true })).toBe(2);
    expect(order).toEqual(["synced with 2 frames", "emptied"]);
    expect(await verifyT2r(sourceOf(filesOf(target)))).toMatchObject({ state: "intact", events: 5 });
  });

  it("is taken up where its recorder died between its index and its END", async () => {
    const events = reads(8, 10);
    const all = pieces((await finished(events.slice(0, 5))).bytes);
    const dead = { name: NAME, bytes: concatBytes(all.slice(0, -1)) };
    const whole = await continued(dead, events.slice(5));
    expect(await verifyT2r(sourceOf(whole))).toMatchObject({ state: "intact", events: 8 });
    expect(pieces(whole.bytes).map((piece) => piece[12])).toEqual([1, 2, 2, 3, 4]);
  });

  it("loses nothing old or new, whichever change it dies in and however much of it is done", async () => {
    const events = reads(45, 20_000);
    const starts: [string, Files, number][] = [
      ["finished", await finished(events.slice(0, 15)), 15],
      ["died", died(events.slice(0, 20)), 20],
    ];
    for (const [name, start, count] of starts) {
      const undisturbed = new Disk();
      await goOn(undisturbed.open(start), events.slice(count));
      for (let at = 1; at <= undisturbed.changes; at++) {
        for (const bytes of [0, 1, 10, 60, 30_000]) {
          const target = new Disk(at, bytes).open(start);
          const taken = await goOn(target, events.slice(count));
          const files = filesOf(target);
          const { events: found, error } = await decodeFiles(t2r, files);
          expect([name, at, bytes, error]).toEqual([name, at, bytes, undefined]);
          expect(found.length).toBeGreaterThanOrEqual(count + taken);
          expect(isSame(found, events.slice(0, found.length))).toBe(true);
          // And it can be continued again.
          const whole = await continued(files, events.slice(found.length));
          expect([name, at, bytes, (await verifyT2r(sourceOf(whole))).state]).toEqual([name, at, bytes, "intact"]);
          expect(isSame(await read(whole), events)).toBe(true);
        }
      }
    }
  });

  it("is refused where it is damaged, with a line that says so", async () => {
    const { bytes } = await finished(reads(5, 10));
    const flipped = bytes.map((byte, at) => (at === 80 ? byte ^ 1 : byte));
    const cut = bytes.subarray(0, bytes.length - 60);
    for (const damaged of [flipped, cut]) {
      const scan = scanForAppend(new MemorySource(damaged, { name: "x.t2r", siblings: {} }));
      await expect(scan).rejects.toMatchObject({
        code: "T2A_FORMAT_DAMAGED",
        message: expect.stringMatching(/^x\.t2r is damaged and cannot be appended to: .* at byte \d+$/),
      });
    }
    const encoder = new T2rEncoder();
    const unlisted = concatBytes([encoder.header(HEADER), encoder.section("a", new Uint8Array(0))].map(copyBytes));
    const scan = scanForAppend(new MemorySource(unlisted, { name: "x.t2r", siblings: {} }));
    await expect(scan).rejects.toThrow("its keyframes or sections have no index");
    const state = { header: HEADER, lastTime: 0, complete: true };
    expect(() => t2r.createLiveWriter?.(new LoneTarget("-"), {}, state)).toThrow("its own scan");
  });

  it("shows every flipped bit and every cut, but for one behind an END, which is the recording as it was", async () => {
    const [first, second] = [newSigner(), newSigner()];
    const encoder = new T2rEncoder({ signer: first });
    const parts = [encoder.header(HEADER), encoder.events(reads(2, 10)), encoder.section("notes", Buffer.from("mine"))];
    const start = { name: NAME, bytes: concatBytes([...parts, encoder.end()].map(copyBytes)) };
    const { bytes } = await continued(start, reads(2, 10, 2), { signer: second });
    const stateOf = async (file: Uint8Array) =>
      (await verifyT2r(source(file)).catch((error) => ({ state: `refused: ${error.code}` }))).state;
    const undetected: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const flipped = copyBytes(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      if ((await stateOf(flipped)) === "intact") undetected.push(`flipped at ${at}`);
      if ((await stateOf(bytes.subarray(0, at))) === "intact") undetected.push(`cut at ${at}`);
    }
    expect(undetected).toEqual([`cut at ${start.bytes.length}`]);
  });

  it("is damaged where a generation begins without an END before it, or has none of its own", async () => {
    const whole = await continued(await finished(reads(2, 10)), reads(2, 10, 2));
    const [head, block, index, end, generation, more, index2, end2] = pieces(whole.bytes) as Uint8Array[];
    const stateOf = async (...parts: (Uint8Array | undefined)[]) => {
      const { state, problems } = await verifyT2r(source(concatBytes(parts.map((part) => part ?? new Uint8Array(0)))));
      return problems[0]?.reason ?? state;
    };
    expect(generation?.[12]).toBe(FrameType.generation);
    expect(await stateOf(head, block, index, end, generation, more, index2, end2)).toBe("intact");
    expect(await stateOf(head, block, index, end, more, index2, end2)).toBe("something follows the END frame");
    expect(await stateOf(head, block, generation, more)).toBe("a generation begins where none has ended");
    expect(await stateOf(head, block, index, end, generation)).toBe("unfinished");
    expect(await stateOf(head, block, index, end, generation, more, end2)).toBe("the END frame is of another file");
    const empty = buildFrame(FrameType.generation, new Uint8Array(0));
    expect(await stateOf(head, block, index, end, empty, empty)).toBe("a generation begins where none has ended");
  });
});
