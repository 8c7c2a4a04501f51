// Verification and damage: any bit, any cut, any frame out of place is found, and what is good is still counted.
import { describe, expect, it } from "vitest";
import { frameSize } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import { MAX_PROBLEMS } from "../../../formats/t2r/problems.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import { decodeFiles } from "../../conformance/format-io.js";
import { concatBytes } from "../../support/memory-io.js";
import { demo, encode, frameOffsets, pieces, rebuilt, source, twoBlocks } from "./sample.js";

const { header, events } = await demo();
const sample = await encode(header, [events]);
const flipped = (bytes: Uint8Array, at: number, mask: number) => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
};
/** As `verifyT2r`, a refusal of the version included. */
const stateOf = async (bytes: Uint8Array) =>
  (await verifyT2r(source(bytes)).catch((error) => ({ state: `refused: ${error.code}` }))).state;

describe("verifyT2r", () => {
  it("finds what was written intact", async () => {
    const verdict = await verifyT2r(source(sample));
    expect(verdict).toMatchObject({ state: "intact", problems: [], blocks: 1, events: events.length });
    expect(verdict.duration).toBe(events.at(-1)?.time);
  });

  it("detects every flipped bit", async () => {
    const undetected: number[] = [];
    for (let at = 0; at < sample.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128]) {
        if ((await stateOf(flipped(sample, at, mask))) === "intact") undetected.push(at);
      }
    }
    expect(undetected).toEqual([]);
  });

  it("detects every cut, and calls it unfinished only between frames", async () => {
    const whole = new Set(frameOffsets(sample));
    for (let length = 0; length < sample.length; length++) {
      const expected = length > 0 && whole.has(length) ? "unfinished" : "damaged";
      expect(await stateOf(sample.subarray(0, length)), `cut at ${length}`).toBe(expected);
    }
  });

  it("names the damaged block and its times, and counts what comes after it", async () => {
    const file = await twoBlocks();
    const [, , second = 0] = frameOffsets(file);
    const verdict = await verifyT2r(source(flipped(file, second + 130, 1)));
    expect(verdict).toMatchObject({ state: "damaged", blocks: 2, events: 3, outputBytes: 1_400_000, chain: undefined });
    expect(verdict.problems[0]).toMatchObject({ offset: second });
    const third = frameOffsets(file)[3] ?? 0;
    const output = flipped(file, third - 2, 1); // the zstd frame of the second block
    expect((await verifyT2r(source(output))).problems[0]).toMatchObject({
      offset: second,
      startTime: 4_000_002_000,
      endTime: 4_000_002_000,
    });
  });

  it("finds frames that are missing, doubled, exchanged or of another file", async () => {
    const file = pieces(await twoBlocks());
    const [head, first, second, third, index, end] = file as [Uint8Array, ...Uint8Array[]] & Uint8Array[];
    const build = (...parts: (Uint8Array | undefined)[]) => concatBytes(parts.map((part) => part ?? new Uint8Array(0)));
    const other = await encode({ cols: 9, rows: 9 }, [events]);
    for (const [name, bytes] of Object.entries({
      missing: build(head, first, third, index, end),
      doubled: build(head, first, first, second, third, index, end),
      exchanged: build(head, second, first, third, index, end),
      "without index": build(head, first, second, third, end),
      "without header": build(first, second, third, index, end),
      "two headers": build(head, head, first, second, third, index, end),
      "something behind": build(head, first, second, third, index, end, end),
      "another header": build(pieces(other)[0], first, second, third, index, end),
      "another index": build(head, first, second, third, pieces(other).at(-2), end),
      "rubbish between": build(head, first, Buffer.from("rubbish that is no frame at all"), second, third, index, end),
    })) {
      const { state, problems } = await verifyT2r(source(bytes));
      expect([name, state, problems.length > 0]).toEqual([name, "damaged", true]);
    }
  });

  it("finds an index that says something else, though its checksum holds", async () => {
    const file = pieces(await encode({ cols: 80, rows: 24 }, [[{ kind: "marker", time: 1, label: "a" }]]));
    const changed = file.map((piece) =>
      piece[12] === 3 && piece[14] === 0
        ? rebuilt(piece, (payload) => payload.write("b", payload.indexOf('"a"') + 1))
        : piece,
    );
    const { state, problems } = await verifyT2r(source(concatBytes(changed)));
    expect(state).toBe(concatBytes(changed).every((byte, at) => byte === concatBytes(file)[at]) ? "intact" : "damaged");
    expect(problems.every(({ reason }) => reason.includes("index"))).toBe(true);
  });

  it("tells of so many problems and no more", async () => {
    const [head = new Uint8Array(0)] = pieces(sample);
    const { state, problems } = await verifyT2r(source(concatBytes(Array(MAX_PROBLEMS + 50).fill(head))));
    expect([state, problems.length]).toEqual(["damaged", MAX_PROBLEMS]);
  });

  it("gives up an endless stream without frames", async () => {
    let given = 0;
    async function* endless() {
      const chunk = new Uint8Array(1024 * 1024).fill(7);
      for (;;) {
        given += chunk.length;
        yield chunk;
      }
    }
    const { state, recognized } = await verifyT2r(Object.assign(source(sample), { stream: endless }));
    expect([state, recognized]).toEqual(["damaged", false]);
    expect(given).toBeLessThan(200 * 1024 * 1024);
  });

  it("comes to an end with anything at all", async () => {
    const rubbish = [
      Buffer.from("54 2a 4d 18 ff ff ff 00 t2r"),
      Buffer.alloc(300_000, "T*M\x18\x20\0\0\0t2r\x01\x02\x01\0\0"),
    ];
    for (const bytes of [...rubbish, new Uint8Array(0)]) {
      expect(await stateOf(bytes)).toBe("damaged");
    }
  });
});

describe("decoding a damaged .t2r", () => {
  it("gives the blocks before the damage, then names the place", async () => {
    const file = await twoBlocks();
    const [, , second = 0] = frameOffsets(file);
    const { events: read, error } = await decodeFiles(t2r, { name: "x.t2r", bytes: flipped(file, second + 130, 1) });
    expect(read).toHaveLength(2);
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED", offset: second });
  });

  it("refuses columns that do not fit together, and verification any that are not the recorded ones", async () => {
    const file = pieces(await twoBlocks());
    const length = (frameSize(file[1] ?? new Uint8Array(0)) ?? 0) - 24;
    expect(length).toBeGreaterThan(88);
    for (let at = 0; at < length; at++) {
      const changed = concatBytes(
        file.map((piece, index) =>
          index !== 1
            ? piece
            : rebuilt(piece, (payload) => {
                payload[at] = (payload[at] ?? 0) ^ 3;
              }),
        ),
      );
      expect(await stateOf(changed), `byte ${at}`).toBe("damaged");
      const { error, events: read } = await decodeFiles(t2r, { name: "x.t2r", bytes: changed });
      if (STRUCTURE.has(at)) expect(error, `byte ${at}`).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
      expect(read.length).toBeLessThanOrEqual(4);
    }
  });
});

/** Places in a block's payload whose values other values depend on: sequence, count, sizes, the output's checksum. */
const STRUCTURE = new Set([0, 4, 5, 24, 32, 33, 36, 40, 47, 80]);
