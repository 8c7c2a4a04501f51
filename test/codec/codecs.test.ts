// Codecs by magic and by suffix.
import { describe, expect, it } from "vitest";
import { codecForSuffix, codecOf, stripCodecSuffix } from "../../src/codec/index.js";
import { PACKED } from "./samples.js";

describe("codecOf", () => {
  it.each(Object.entries(PACKED))("knows %s by its first bytes", (name, bytes) => {
    expect(codecOf(bytes)?.name).toBe(name);
    const { length } = codecOf(bytes)?.magic ?? [];
    expect(codecOf(bytes.subarray(0, length))?.name).toBe(name);
    expect(codecOf(bytes.subarray(0, length - 1))).toBeUndefined();
  });

  it.each(["", "{", "BZ", "hello", "\x1f"])("knows none in %j", (text) => {
    expect(codecOf(Buffer.from(text))).toBeUndefined();
  });
});

describe("codecForSuffix and stripCodecSuffix", () => {
  it.each([
    ["a.cast.gz", "gzip", "a.cast"],
    ["A.CAST.GZ", "gzip", "A.CAST"],
    ["a.zst", "zstd", "a"],
    ["a.ttyrec.bz2", "bzip2", "a.ttyrec"],
    ["a.xz", "xz", "a"],
    ["a.cast", undefined, "a.cast"],
    ["gz", undefined, "gz"],
    ["a.gz.cast", undefined, "a.gz.cast"],
    ["", undefined, ""],
  ])("%j: %s, %j", (name, codec, plain) => {
    expect(codecForSuffix(name)?.name).toBe(codec);
    expect(stripCodecSuffix(name)).toBe(plain);
  });
});
