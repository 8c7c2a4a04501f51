// Decompression: whole, joined, cut, damaged, in chunks of any size; in the tests' modules and in plain Node's.
import { createReadStream, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Codec, codecOf, decompressed } from "../../src/codec/index.js";
import { moduleProgram } from "../pty/programs.js";
import { run } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { BZIP2_OF_46_MB, PACKED, TEXT } from "./samples.js";

type Name = Codec["name"];
const NAMES = Object.keys(PACKED) as Name[]; // the keys of a const record of codecs

function codec(name: Name): Codec {
  const found = codecOf(PACKED[name]);
  if (found === undefined) throw new Error(`no codec ${name}`);
  return found;
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(name: Name, bytes: Uint8Array, size = bytes.length) {
  const out: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const chunk of decompressed(codec(name), inChunks(bytes, size))) out.push(Uint8Array.from(chunk));
  } catch (caught) {
    error = caught;
  }
  return { text: Buffer.concat(out).toString(), error };
}

const damage = (name: Name) =>
  expect.objectContaining({
    name: "T2aError",
    code: "T2A_CODEC",
    message: expect.stringMatching(new RegExp(`^the ${name} data is damaged or cut short \\([^\\n]+\\)$`)),
  });

const CASES = NAMES.flatMap((name) => [1, 7, 100_000].map((size) => [name, size] as const));

describe("decompressed", () => {
  it.each(CASES)("unpacks %s in chunks of %i", async (name, size) => {
    expect(await unpack(name, PACKED[name], size)).toEqual({ text: TEXT, error: undefined });
  });

  it.each(CASES)("unpacks several %s streams back to back in chunks of %i", async (name, size) => {
    const joined = Buffer.concat([PACKED[name], PACKED[name], PACKED[name]]);
    expect(await unpack(name, joined, size)).toEqual({ text: TEXT.repeat(3), error: undefined });
  });

  it.each(NAMES)("tells of %s that is cut at any byte, after what was good", async (name) => {
    const whole = PACKED[name];
    for (let length = codec(name).magic.length; length < whole.length; length++) {
      const { text, error } = await unpack(name, whole.subarray(0, length));
      expect(error).toEqual(damage(name));
      expect(TEXT.startsWith(text)).toBe(true);
    }
  });

  it.each(
    CASES,
  )("gives the first of two %s streams whole where the second is cut, in chunks of %i", async (name, size) => {
    const joined = Buffer.concat([PACKED[name], PACKED[name].subarray(0, -3)]);
    const { text, error } = await unpack(name, joined, size);
    expect(error).toEqual(damage(name));
    expect(text.startsWith(TEXT)).toBe(true);
    expect(TEXT.repeat(2).startsWith(text)).toBe(true);
  });

  it.each(CASES)("tells of %s with a wrong byte in it, in chunks of %i", async (name, size) => {
    const bytes = Buffer.from(PACKED[name]);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 0x55;
    expect((await unpack(name, bytes, size)).error).toEqual(damage(name));
  });

  it.each(CASES)("tells of garbage behind %s in chunks of %i", async (name, size) => {
    const { text, error } = await unpack(name, Buffer.concat([PACKED[name], Buffer.from("garbage, garbage")]), size);
    expect(error).toEqual(damage(name));
    // zlib and xz take back what shares their last piece of output with the damage.
    const whole = size < 100_000 || name === "zstd" || name === "bzip2";
    expect(whole ? text === TEXT : TEXT.startsWith(text)).toBe(true);
  });

  it.each(["gzip", "xz"] as const)("takes zeros behind %s for padding, as its tool does", async (name) => {
    const padded = Buffer.concat([PACKED[name], Buffer.alloc(512)]);
    expect(await unpack(name, padded)).toEqual({ text: TEXT, error: undefined });
  });

  it("passes on the source's own error, not as damage of the data", async () => {
    const broken = new Error("the disk broke");
    for (const name of NAMES) {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield PACKED[name].subarray(0, 10);
        throw broken;
      }
      const reading = (async () => {
        for await (const _ of decompressed(codec(name), source()));
      })();
      await expect(reading).rejects.toBe(broken);
    }
  });

  it.each(NAMES)("lets go of the source of %s when the reader leaves", async (name) => {
    const path = tempDir()("packed");
    writeFileSync(path, Buffer.concat(Array.from({ length: 200 }, () => PACKED[name])));
    const source = createReadStream(path, { highWaterMark: 1024 });
    for await (const _ of decompressed(codec(name), source)) break;
    expect(source.destroyed).toBe(true);
  });

  it.each(["gzip", "zstd", "bzip2"] as const)("holds little of a few bytes of %s that unpack to much", async (name) => {
    const zeros = Buffer.alloc(64 << 20);
    const { compress } = await import("zstd-napi");
    const frame = { gzip: () => gzipSync(zeros), zstd: () => compress(zeros), bzip2: () => BZIP2_OF_46_MB }[name]();
    const bomb = Buffer.concat(
      Array.from({ length: 20_000 }, () => frame).slice(0, Math.ceil((1 << 20) / frame.length)),
    );
    const before = process.memoryUsage().rss;
    let unpacked = 0;
    let most = 0;
    for await (const chunk of decompressed(codec(name), inChunks(bomb, bomb.length))) {
      unpacked += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
      if (unpacked > 200 << 20) break;
    }
    expect(unpacked).toBeGreaterThan(200 << 20);
    expect(most).toBeLessThan(250 << 20);
  });

  it("refuses zstd windows larger than the tool's own bound", async () => {
    // A frame header that asks for a window of 2^31 bytes, then an empty last block.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00]);
    expect((await unpack("zstd", frame)).error).toEqual(damage("zstd"));
  });

  it("keeps all that was written before a gzip stream breaks off", async () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `${Math.sin(index)}\n`).join("");
    const packed = gzipSync(text);
    const { text: got, error } = await unpack("gzip", packed.subarray(0, -20), 256 * 1024);
    expect(error).toEqual(damage("gzip"));
    expect(text.startsWith(got)).toBe(true);
    expect(text.length - got.length).toBeLessThan(100);
  });
});

describe("the built program in plain Node", () => {
  // The tests' own module loader takes CommonJS in ways that Node does not.
  it.each(NAMES)("unpacks %s", (name) => {
    const program = `
      import { codecOf, decompressed } from "src/codec/index.js";
      const bytes = Buffer.from("${PACKED[name].toString("base64")}", "base64");
      async function* chunks() { yield bytes; }
      for await (const chunk of decompressed(codecOf(bytes), chunks())) process.stdout.write(chunk);`;
    expect(run(process.execPath, moduleProgram(program)).toString()).toBe(TEXT);
  });
});
