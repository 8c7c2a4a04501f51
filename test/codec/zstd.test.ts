// zstd over whole pieces: what is packed, or only stored, is a frame that zstd itself reads.
import { describe, expect, it } from "vitest";
import { ZSTD_STORED, zstdCompress, zstdDecompress } from "../../src/codec/index.js";
import { missing, run, titled } from "../support/programs.js";

const SIZES = [0, 1, 131_071, 131_072, 131_073, 262_144, 300_001];
const content = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * 31) >> 3);

describe.each([ZSTD_STORED, 1, 19])("a frame of level %i", (level) => {
  it.each(SIZES)("holds %i bytes", (size) => {
    const bytes = content(size);
    const frame = zstdCompress(bytes, level);
    expect(Buffer.compare(zstdDecompress(frame, size), bytes)).toBe(0);
    expect(() => zstdDecompress(frame, size + 1)).toThrow(/zstd frame/);
    expect(() => zstdDecompress(frame.subarray(0, frame.length - 1), size)).toThrow(/zstd frame/);
  });

  const noZstd = missing("zstd");
  it.skipIf(noZstd)(titled("is read by zstd", noZstd), () => {
    for (const size of SIZES) {
      expect(Buffer.compare(run("zstd", ["-dc"], zstdCompress(content(size), level)), content(size))).toBe(0);
    }
  });
});

it("a stored frame takes 3 bytes more for each 128 KB, and 9", () => {
  expect(zstdCompress(content(300_001), ZSTD_STORED).length).toBe(300_001 + 9 + 3 * 3);
});
