// .t2r: lossless, a plain zstd file to other programs, and what its index says.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asciicastV1 } from "../../../formats/asciicast/v1.js";
import { json } from "../../../formats/json/index.js";
import { buildFrame } from "../../../formats/t2r/frame.js";
import { walkFrames } from "../../../formats/t2r/frame-walker.js";
import { t2r } from "../../../formats/t2r/index.js";
import { indexFromJson, MAX_GAPS, MAX_LISTED, type RecordingIndex } from "../../../formats/t2r/recording-index.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import { customEvent, type Event } from "../../../src/core/index.js";
import { arbitraryRecording } from "../../conformance/arbitraries.js";
import { testFormat } from "../../conformance/format.js";
import { decodeFiles, encodeBatches } from "../../conformance/format-io.js";
import { concatBytes } from "../../support/memory-io.js";
import { missing, run, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";
import { demo, encode, pieces, rebuilt, source, twoBlocks } from "./sample.js";

const { header, events } = await demo();
const sample = await encode(header, [events]);

testFormat({
  format: t2r,
  samples: [{ name: "sample.t2r", bytes: sample, events: events.length }],
  odd: [{ name: "sample.t2r", bytes: concatBytes(pieces(sample).slice(0, 2)), warnings: ["truncated"] }],
  bad: [
    { name: "sample.t2r", bytes: sample.subarray(0, 10), code: "T2A_FORMAT_HEADER", offset: 0 },
    { name: "sample.t2r", bytes: sample.subarray(0, sample.length - 1), code: "T2A_FORMAT_DAMAGED" },
    { name: "sample.t2r", bytes: concatBytes([sample, sample]), code: "T2A_FORMAT_DAMAGED", offset: sample.length },
    { name: "sample.t2r", bytes: buildFrame(1, new Uint8Array(3)), code: "T2A_FORMAT_HEADER", offset: 0 },
  ],
  others: [json, asciicastV1],
});

async function indexOf(bytes: Uint8Array): Promise<RecordingIndex> {
  for await (const piece of walkFrames(source(bytes).stream())) {
    if (piece.kind !== "index") continue;
    const index = indexFromJson(JSON.parse(Buffer.from(piece.payload).toString("utf8")));
    if (index !== undefined) return index;
  }
  throw new Error("no index");
}

describe("a .t2r", () => {
  const reason = missing("zstd");

  it.skipIf(reason)(titled("is a zstd file that holds exactly the output", reason), async () => {
    const path = tempDir();
    for (const bytes of [sample, await twoBlocks()]) {
      writeFileSync(path("x.t2r"), bytes);
      run("zstd", ["-t", "-q", path("x.t2r")]);
      const { events: read } = await decodeFiles(t2r, { name: "x.t2r", bytes });
      const output = concatBytes(read.flatMap((event) => (event.kind === "output" ? [event.data] : [])));
      expect(run("zstd", ["-dc", path("x.t2r")]).equals(Buffer.from(output))).toBe(true);
    }
  });

  it("costs little where little was recorded", async () => {
    const bytes = await encode({ cols: 80, rows: 24 }, [[{ kind: "output", time: 1, data: Buffer.from("$ ") }]]);
    expect(bytes.length).toBeLessThan(1536);
  });

  it("keeps its proof through json and through blocks of other sizes", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRecording({}), async (recording) => {
        const whole = await encode(recording.header, recording.events.length > 0 ? [recording.events] : []);
        const asJson = await encodeBatches(json, recording.header, [recording.events]);
        const back = await decodeFiles(json, asJson.files);
        const again = await encode(
          back.header ?? recording.header,
          back.events.map((event) => [event]),
        );
        const chain = (await verifyT2r(source(whole))).chain;
        expect(chain).toMatch(/^[0-9a-f]{64}$/);
        expect((await verifyT2r(source(again))).chain).toBe(chain);
      }),
      { numRuns: 60 },
    );
  });

  it("has a proof that follows from the specification's words alone", async () => {
    const number = (value: number) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value));
      return bytes;
    };
    const bytes = await encode({ cols: 80, rows: 24, title: "t" }, [
      [
        { kind: "output", time: 5, data: Buffer.from("hi") },
        { kind: "exit", time: 6, status: -1, meta: { by: "x" } },
      ],
    ]);
    const canonical = Buffer.concat([
      Buffer.from('t2r1\n{"cols":80,"rows":24,"title":"t"}\n'),
      ...[Buffer.of(1), number(5), number(0), number(2), Buffer.from("hi")],
      ...[Buffer.of(5), number(6), number(10), Buffer.from('{"by":"x"}'), number(-1)],
    ]);
    expect((await verifyT2r(source(bytes))).chain).toBe(createHash("sha256").update(canonical).digest("hex"));
  });

  it("refuses an event that is larger than a reader takes", async () => {
    const huge: Event = { kind: "output", time: 0, data: new Uint8Array(64 * 1024 * 1024 + 1) };
    await expect(encode({ cols: 80, rows: 24 }, [[huge]])).rejects.toMatchObject({ code: "T2A_FORMAT_LIMIT" });
  });

  it("of a newer major version is refused by its number, and an unknown frame is passed over", async () => {
    const [head, ...rest] = pieces(sample);
    if (head === undefined) throw new Error("no header");
    const unknown = buildFrame(200, Buffer.from("of a later t2a"));
    const withUnknown = concatBytes([head, unknown, rebuiltEnd(rest, unknown.length)]);
    expect((await decodeFiles(t2r, { name: "x.t2r", bytes: withUnknown })).error).toBeUndefined();
    const newer = buildFrame(2, new Uint8Array(0));
    newer[11] = 9;
    newer.set(createHash("sha256").update(newer.subarray(0, -8)).digest().subarray(0, 8), newer.length - 8);
    const { error } = await decodeFiles(t2r, { name: "x.t2r", bytes: concatBytes([head, newer]) });
    expect(error).toMatchObject({ code: "T2A_FORMAT_UNSUPPORTED" });
    expect(String(error)).toContain("version 9");
  });
});

/** The pieces after a header, moved on by so many bytes: the END frame says where the index is. */
function rebuiltEnd(rest: readonly Uint8Array[], by: number): Uint8Array {
  const moved = rest.map((piece) =>
    piece[12] === 4
      ? rebuilt(piece, (payload) => {
          payload.writeBigUInt64LE(payload.readBigUInt64LE(0) + BigInt(by), 0);
          payload.writeBigUInt64LE(payload.readBigUInt64LE(12) + BigInt(by), 12);
        })
      : piece,
  );
  return concatBytes(moved);
}

describe("the index", () => {
  it("says where blocks, markers, resizes and pauses are", async () => {
    const bytes = await twoBlocks();
    const index = await indexOf(bytes);
    expect(
      index.blocks.map(({ startTime, endTime, outputOffset, outputBytes, events: count }) => [
        startTime,
        endTime,
        outputOffset,
        outputBytes,
        count,
      ]),
    ).toEqual([
      [1000, 2000, 0, 700_000, 2],
      [4_000_002_000, 4_000_002_000, 700_000, 700_000, 1],
      [5e9, 5e9, 1_400_000, 700_000, 1],
    ]);
    for (const { offset, size } of index.blocks) {
      expect(Buffer.from(bytes.subarray(offset + 8, offset + 11)).toString()).toBe("t2r");
      expect(size).toBeGreaterThan(0);
    }
    expect(index.markers).toEqual([{ time: 2000, label: "between" }]);
    expect(index.gaps).toEqual([{ startTime: 2000, length: 4e9 }]);
    expect(index.events).toEqual({ output: 3, input: 0, resize: 0, marker: 1, exit: 0, custom: 0 });
    expect([index.duration, index.outputBytes, index.truncated]).toEqual([5e9, 2_100_000, false]);
  });

  it("has a histogram whose steps grow with the recording and lose nothing", async () => {
    const many = Array.from(
      { length: 1000 },
      (_, at): Event => ({
        kind: "output",
        time: at * 700_000_000,
        data: new Uint8Array(at % 7),
      }),
    );
    const { histogram, outputBytes } = await indexOf(await encode({ cols: 80, rows: 24 }, [many]));
    expect(histogram.bytes.length).toBeLessThanOrEqual(512);
    expect(histogram.step * histogram.bytes.length).toBeGreaterThan(999 * 700_000_000);
    expect(histogram.bytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(outputBytes);
    const expected = histogram.bytes.map(() => 0);
    for (const event of many) {
      const at = Math.floor(event.time / histogram.step);
      if (event.kind === "output") expected[at] = (expected[at] ?? 0) + event.data.length;
    }
    expect(histogram.bytes).toEqual(expected);
  });

  it("keeps the longest pauses and stays bounded", async () => {
    const pauses = Array.from({ length: 3000 }, (_, at): Event => customEvent(at * at * 10_000_000, "x", at));
    const markers = Array.from({ length: MAX_LISTED + 5 }, (): Event => ({ kind: "marker", time: 1e14, label: "" }));
    const index = await indexOf(await encode({ cols: 80, rows: 24 }, [pauses, markers]));
    expect(index.gaps).toHaveLength(MAX_GAPS);
    const lengths = pauses.slice(1).map((event, at) => event.time - (pauses[at]?.time ?? 0));
    const last = 1e14 - (pauses.at(-1)?.time ?? 0);
    const longest = [...lengths, last].sort((a, b) => b - a).slice(0, MAX_GAPS);
    expect(index.gaps.map((gap) => gap.length).sort((a, b) => b - a)).toEqual(longest);
    expect([index.markers.length, index.truncated, index.events.marker]).toEqual([MAX_LISTED, true, MAX_LISTED + 5]);
  });

  it("is refused where it is not one", () => {
    expect(indexFromJson({})).toBeUndefined();
    expect(indexFromJson({ blocks: { offset: [-1] } })).toBeUndefined();
  });
});
