// Where a zstd frame ends: told as the zstd tool and the library write them.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { takeZstdFrame } from "../../../formats/t2r/zstd-frame.js";
import { zstdCompress } from "../../../src/codec/index.js";
import { missing, run, titled } from "../../support/programs.js";

/** How many bytes are taken for a frame; -1 where none is found. */
async function taken(bytes: Uint8Array): Promise<number> {
  let at = 0;
  const isFrame = await takeZstdFrame(async (length) => {
    const part = bytes.subarray(at, at + length);
    at += part.length;
    return part.length === length ? part : undefined;
  });
  return isFrame ? at : -1;
}

const noise = createHash("shake256", { outputLength: 400_000 }).update("noise").digest();
const CONTENTS = [
  new Uint8Array(1),
  new Uint8Array(70_000),
  noise.subarray(0, 300),
  noise,
  Buffer.from("text ".repeat(99_999)),
];

describe("takeZstdFrame", () => {
  it("takes whole frames of any level and content, and nothing behind them", async () => {
    for (const content of CONTENTS) {
      for (const level of [1, 3, 19]) {
        const frame = zstdCompress(content, level);
        expect(await taken(frame)).toBe(frame.length);
        expect(await taken(Buffer.concat([frame, noise]))).toBe(frame.length);
        for (const length of [0, 3, 7, frame.length - 1]) expect(await taken(frame.subarray(0, length))).toBe(-1);
      }
    }
  });

  const reason = missing("zstd");

  it.skipIf(reason)(titled("takes frames with a checksum, a window and no size", reason), async () => {
    for (const content of CONTENTS) {
      for (const options of [["--check"], ["--no-check"], ["--no-content-size"]]) {
        const frame = run("zstd", ["-qc", ...options, "-"], content);
        expect(await taken(Buffer.concat([frame, noise]))).toBe(frame.length);
      }
    }
  });

  it("takes nothing that is no frame, or is larger than a block can be", async () => {
    expect(await taken(noise)).toBe(-1);
    const head = Buffer.from("28b52ffd00" + "58", "hex");
    const reserved = Buffer.from("070000", "hex");
    expect(await taken(Buffer.concat([head, reserved, noise]))).toBe(-1);
    const endless = Buffer.alloc(4_000_000, Buffer.from("f2ffffff", "hex").subarray(0, 4)); // runs of one byte, never the last
    expect(await taken(Buffer.concat([head, endless]))).toBe(-1);
    const withDictionary = Buffer.concat([
      Buffer.from("28b52ffd01" + "58" + "07", "hex"),
      Buffer.from("090000", "hex"),
      Buffer.from("x"),
    ]);
    expect(await taken(withDictionary)).toBe(withDictionary.length);
  });
});
