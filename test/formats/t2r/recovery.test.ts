// Recovery: what is told of what is lost, what is trusted, and what is not taken for a part of the recording.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openRecording } from "../../../formats/index.js";
import { buildFrame } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import type { Event } from "../../../src/core/index.js";
import { decodeFiles } from "../../conformance/format-io.js";
import { concatBytes, MemorySource } from "../../support/memory-io.js";
import { encodeBlocks, flipped, recorded, recovered, variedEvents, without } from "./damaged-files.js";
import { pieces, rebuilt } from "./sample.js";

const EVENTS = variedEvents(40, 500);
const inBlocks = (events: readonly Event[], size: number) =>
  Array.from({ length: Math.ceil(events.length / size) }, (_, at) => events.slice(at * size, (at + 1) * size));
const PARTS = encodeBlocks(inBlocks(EVENTS, 10));
const [HEAD, , SECOND, , LAST, END] = PARTS as [Uint8Array, ...Uint8Array[]] & Uint8Array[];
const FIRST_OF_SECOND = (SECOND?.length ?? 0) - 1;
const file = (...parts: (Uint8Array | undefined)[]) => ({
  name: "x.t2r",
  bytes: concatBytes(parts.map((part) => part ?? new Uint8Array(0))),
});
const codes = ({ warnings }: { warnings: readonly { code: string }[] }) => warnings.map(({ code }) => code);

describe("recovering a damaged .t2r", () => {
  it("says which time, how many events and how much output are lost, and that the chain ends there", async () => {
    const { kept, gaps, warnings } = await recovered(file(HEAD, PARTS[1], ...PARTS.slice(3)), EVENTS);
    expect(kept).toEqual(without(40, 10, 20));
    const outputBytes = EVENTS.slice(10, 20).reduce(
      (sum, one) => sum + (one.kind === "output" ? one.data.length : 0),
      0,
    );
    expect(gaps).toEqual([{ startNs: 5e9, endNs: 9.5e9, events: 10, outputBytes }]);
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `truncated: lost: 1 block, from 5.0s to 9.5s, 10 events, ${outputBytes} bytes of output`,
      expect.stringMatching(/^chain: behind what is lost, from byte \d+ on, the chain of all events cannot be checked/),
    ]);
  });

  it("tells what it can where no index is left: the events around, and the output by its offsets", async () => {
    const { kept, gaps } = await recovered(file(HEAD, PARTS[1], PARTS[3], PARTS[4]), EVENTS);
    expect(kept).toEqual(without(40, 10, 20));
    expect(gaps).toEqual([{ startNs: 4.5e9, endNs: 10e9, outputBytes: expect.any(Number) }]);
  });

  it("knows by the index of blocks that are missing at the end", async () => {
    const { kept, gaps } = await recovered(file(HEAD, PARTS[1], PARTS[2], END), EVENTS);
    expect(kept).toEqual(without(40, 20, 40));
    expect(gaps).toMatchObject([{ startNs: 10e9, endNs: 19.5e9, events: 20 }]);
  });

  it("believes an index only where it lists the blocks that are here", async () => {
    const other = encodeBlocks(inBlocks(variedEvents(60, 700), 10)).at(-1);
    const { kept, gaps } = await recovered(file(HEAD, PARTS[1], PARTS[3], PARTS[4], other), EVENTS);
    expect(kept).toEqual(without(40, 10, 20));
    expect(gaps).toEqual([{ startNs: 4.5e9, endNs: 10e9, outputBytes: expect.any(Number) }]);
  });

  it("keeps what is not output of a block whose output alone is damaged", async () => {
    const damaged = flipped(SECOND ?? HEAD, FIRST_OF_SECOND, 8);
    const { kept, gaps } = await recovered(file(HEAD, PARTS[1], damaged, ...PARTS.slice(3)), EVENTS);
    const others = EVENTS.flatMap(({ kind }, at) => (at >= 10 && at < 20 && kind !== "output" ? [at] : []));
    expect(others.length).toBeGreaterThan(2);
    expect(kept).toEqual([...without(10, 0, 0), ...others, ...without(40, 0, 20)]);
    expect(gaps).toMatchObject([{ startNs: 5e9, endNs: 9.5e9, events: 10 - others.length }]);
  });

  it("puts blocks in order, drops what stands twice, and tells of it", async () => {
    const result = await recovered(file(HEAD, PARTS[2], PARTS[4], PARTS[1], PARTS[1], PARTS[3], END), EVENTS);
    expect(result.kept).toEqual(without(40, 0, 0));
    expect(result.gaps).toEqual([]);
    expect(result.warnings.map(({ message }) => message)).toEqual([expect.stringContaining("stands twice")]);
  });

  it("finds the header wherever it is, and does without it where it is lost", async () => {
    const moved = await recovered(file(PARTS[1], PARTS[2], HEAD, ...PARTS.slice(3)), EVENTS);
    expect([moved.header?.cols, moved.kept.length]).toEqual([100, 40]);
    for (const bytes of [concatBytes(PARTS.slice(1)), flipped(file(...PARTS).bytes, 1, 1)]) {
      const lost = await recovered({ name: "x.t2r", bytes }, EVENTS);
      expect(lost.header).toEqual({ cols: 80, rows: 24 });
      expect(lost.kept).toEqual(without(40, 0, 0));
      expect(lost.gaps).toEqual([]);
      expect(codes(lost)).toEqual(expect.arrayContaining(["header", "chain"]));
      // By its name, where the content does not tell what it is.
      const recording = await openRecording(new MemorySource(bytes, { name: "x.t2r" }), { recover: true });
      expect([recording.format, recording.header.cols]).toEqual(["t2r", 80]);
      await recording.close();
    }
    const nothing = await recovered({ name: "x.t2r", bytes: concatBytes([END ?? HEAD]) }, EVENTS);
    expect(nothing.error).toMatchObject({ code: "T2A_FORMAT_HEADER" });
  });

  it("tells of a header that is not the one of these events", async () => {
    const [other] = encodeBlocks([]);
    const renamed = rebuilt(other ?? HEAD, (payload) => payload.write("TO BE", payload.indexOf("to be")));
    const result = await recovered(file(renamed, ...PARTS.slice(1)), EVENTS);
    expect([result.kept.length, result.gaps]).toEqual([40, []]);
    expect(result.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("not as they were recorded"),
    ]);
  });

  it("loses the rest of a block whose columns do not fit together", async () => {
    const wrong = rebuilt(SECOND ?? HEAD, (payload) => payload.writeUInt32LE(3, 4));
    const { kept, gaps } = await recovered(file(HEAD, PARTS[1], wrong, PARTS[3], PARTS[4]), EVENTS);
    expect(kept.length).toBeGreaterThanOrEqual(30);
    expect(gaps.length).toBeGreaterThan(0);
  });

  it("leaves out a block that does not follow, and refuses one of a newer version", async () => {
    const early = rebuilt(PARTS[3] ?? HEAD, (payload) => payload.writeBigUInt64LE(1n, 24));
    const result = await recovered(file(HEAD, PARTS[1], PARTS[2], early, LAST, END), EVENTS);
    expect(result.kept).toEqual(without(40, 20, 30));
    const newer = buildFrame(2, new Uint8Array(100));
    newer[11] = 9;
    newer.set(createHash("sha256").update(newer.subarray(0, -8)).digest().subarray(0, 8), newer.length - 8);
    const { error } = await recovered(file(HEAD, PARTS[1], newer), EVENTS);
    expect(error).toMatchObject({ code: "T2A_FORMAT_UNSUPPORTED" });
  });

  it("takes no frame of a recording that was shown in this one for its own", async () => {
    // What cannot be compressed stands in the file as it was printed: `cat other.t2r` is a .t2r in a .t2r.
    const noise = (at: number): Event => ({
      kind: "output",
      time: at * 1e9,
      data: createHash("shake256", { outputLength: 3000 }).update(`${at}`).digest(),
    });
    const inner = Array.from({ length: 8 }, (_, at) => noise(at + 100));
    const shown = concatBytes(encodeBlocks(inBlocks(inner, 1)));
    const outer = [0, 1, 2, 3, 4].map((at): Event => (at === 2 ? ({ ...noise(at), data: shown } as Event) : noise(at)));
    const parts = encodeBlocks(inBlocks(outer, 1));
    const [block = HEAD] = parts.slice(3);
    expect(Buffer.from(block).includes(Buffer.from(shown.subarray(1000, 2000)))).toBe(true);
    const bytes = concatBytes(parts);
    const start = parts.slice(0, 3).reduce((sum, part) => sum + part.length, 0);
    // In its frame, in what says how long that is, and in the output; with the index and without.
    for (const end of [bytes.length, bytes.length - (parts.at(-1)?.length ?? 0)]) {
      for (const at of [start + 30, start + 60, start + 400, start + block.length - 100]) {
        const { kept, gaps } = await recovered({ name: "x.t2r", bytes: flipped(bytes.subarray(0, end), at, 4) }, outer);
        expect([at - start, kept]).toEqual([at - start, [0, 1, 3, 4]]);
        expect(gaps).toHaveLength(1);
      }
    }
    for (const at of [start + 1, start + 5, start + 9]) {
      const { kept } = await recovered({ name: "x.t2r", bytes: flipped(bytes, at, 1) }, outer);
      expect([at - start, kept]).toEqual([at - start, [0, 1, 3, 4]]);
    }
    // Half of it written by a recorder that was killed.
    const { kept } = await recovered({ name: "x.t2r", bytes: bytes.subarray(0, start + block.length - 50) }, outer);
    expect(kept).toEqual([0, 1]);
  });

  it("gives what it has when it is stopped", async () => {
    const controller = new AbortController();
    const options = { recover: true, signal: controller.signal, onBatch: () => controller.abort() };
    const { events, error } = await decodeFiles(t2r, file(HEAD, PARTS[1], ...PARTS.slice(3)), options);
    expect(events.length).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: "T2A_ABORTED" });
  });
});

describe("recovering with a journal", () => {
  const whole = recorded(EVENTS);
  const JOURNAL = "live.t2r-journal";

  it("takes it where the header is lost, or the last blocks are", async () => {
    const frames = pieces(whole.bytes);
    const inJournal = (await verifyT2r(new MemorySource(whole.bytes, whole))).journal?.events ?? 0;
    expect(inJournal).toBeGreaterThan(0);
    const headless = await recovered({ ...whole, bytes: concatBytes(frames.slice(1)) }, EVENTS);
    expect([headless.header?.cols, headless.kept.length]).toEqual([80, 40]);
    const shortened = await recovered({ ...whole, bytes: concatBytes(frames.slice(0, -2)) }, EVENTS);
    expect(shortened.kept.slice(-inJournal)).toEqual(without(40, 0, 40 - inJournal));
    expect(shortened.gaps).toMatchObject([{ events: 40 - shortened.kept.length }]);
    expect(codes(shortened)).toContain("chain");
    const { state, problems } = await verifyT2r(new MemorySource(concatBytes(frames.slice(0, -2)), whole));
    expect([state, problems[0]?.reason]).toEqual(["damaged", expect.stringContaining("the journal takes up behind")]);
  });

  it("takes it where there is nothing else", async () => {
    const short = recorded(EVENTS.slice(0, 2));
    const { header, kept } = await recovered({ ...short, bytes: flipped(short.bytes, 20, 1) }, EVENTS);
    expect([header?.cols, kept]).toEqual([80, [0, 1]]);
  });

  it("tells of an end that it does not reach", async () => {
    // The block is torn, and so is the journal: the one is known to have held more than the other has.
    const all = [...variedEvents(4, 100), ...variedEvents(8, 400).slice(4)];
    const { bytes } = recorded(all);
    const { siblings } = recorded(all.slice(0, 2));
    const [head = HEAD, block = HEAD] = pieces(bytes);
    const torn = bytes.subarray(0, head.length + block.length - 2);
    const { kept, gaps } = await recovered({ name: "live.t2r", bytes: torn, siblings }, all);
    expect(kept).toEqual([0, 1]);
    expect(gaps).toMatchObject([{ startNs: all[1]?.time, events: expect.any(Number) }]);
    const verdict = await verifyT2r(new MemorySource(torn, { name: "live.t2r", siblings }));
    expect(verdict.state).toBe("damaged");
  });

  it("looks again where the file has grown meanwhile", async () => {
    const source = new MemorySource(whole.bytes, whole);
    let looks = 0;
    const grown = Object.assign(source, { size: async () => (looks++ === 0 ? 5 : whole.bytes.length) });
    expect((await verifyT2r(grown)).state).toBe("unfinished");
    expect(looks).toBe(4);
    const journal = whole.siblings[JOURNAL] ?? HEAD;
    const always = Object.assign(
      new MemorySource(whole.bytes, { name: whole.name, siblings: { [JOURNAL]: journal } }),
      {
        size: async () => looks++,
      },
    );
    expect((await verifyT2r(always)).state).toBe("unfinished");
  });
});
