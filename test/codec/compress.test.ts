// Compression on writing: what the codecs' own tools make of it.
import { writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Codec, codecForSuffix, codecOf, compressedTarget, decompressed } from "../../src/codec/index.js";
import { moduleProgram } from "../pty/programs.js";
import { concatBytes, MemoryTarget } from "../support/memory-io.js";
import { missing, run, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

/** Enough to be written in several pieces, and not too easy to pack. */
const TEXT = Array.from({ length: 20_000 }, (_, index) => `${Math.sin(index)}\n`).join("");

function codec(suffix: string): Codec {
  const found = codecForSuffix(suffix);
  if (found === undefined) throw new Error(`no codec for ${suffix}`);
  return found;
}

async function pack(suffix: string, chunks: readonly string[]): Promise<MemoryTarget> {
  const target = new MemoryTarget("a");
  const packed = await compressedTarget(codec(suffix), target);
  for (const chunk of chunks) await packed.write(Buffer.from(chunk));
  await packed.commit();
  return target;
}

async function unpack(bytes: Uint8Array): Promise<string> {
  const found = codecOf(bytes);
  if (found === undefined) throw new Error("not compressed");
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  const out: Uint8Array[] = [];
  for await (const chunk of decompressed(found, chunks())) out.push(Uint8Array.from(chunk));
  return Buffer.from(concatBytes(out)).toString();
}

const TOOLS = [
  [".gz", "gzip"],
  [".zst", "zstd"],
] as const;

describe("compressedTarget", () => {
  it.each(TOOLS)("writes %s that t2a reads", async (suffix) => {
    const target = await pack(suffix, TEXT.split(/(?<=9\n)/));
    expect(target.committed).toBe(true);
    expect(target.bytes().length).toBeLessThan(TEXT.length);
    expect(await unpack(target.bytes())).toBe(TEXT);
    expect(await unpack((await pack(suffix, [])).bytes())).toBe("");
  });

  for (const [suffix, tool] of TOOLS) {
    const reason = missing(tool);
    it.skipIf(reason !== undefined)(
      titled(`writes ${suffix} that ${tool} finds sound and unpacks`, reason),
      async () => {
        const path = tempDir()(`a${suffix}`);
        writeFileSync(path, (await pack(suffix, [TEXT])).bytes());
        run(tool, ["-t", path]);
        expect(run(tool, ["-dc", path]).toString()).toBe(TEXT);
      },
    );
  }

  it.each([".bz2", ".xz"])("does not write %s", async (suffix) => {
    await expect(compressedTarget(codec(suffix), new MemoryTarget())).rejects.toMatchObject({
      code: "T2A_FORMAT_UNSUPPORTED",
      message: `t2a reads ${suffix} files but does not write them: use .gz or .zst`,
    });
    expect(codec(suffix).writes).toBe(false);
  });

  it("is called as its target, and refuses recordings of several files, which could not be found again", async () => {
    const target = new MemoryTarget("a.gz");
    const packed = await compressedTarget(codec(".gz"), target);
    expect(packed.name).toBe("a.gz");
    expect(() => packed.sibling("a.timing")).toThrow("cannot be compressed");
    await packed.abort();
    expect(target.siblings.size).toBe(0);
  });

  it("commits once more without harm", async () => {
    const target = new MemoryTarget();
    const packed = await compressedTarget(codec(".gz"), target);
    await packed.write(Buffer.from("x"));
    await packed.commit();
    await packed.commit();
    await packed.abort();
    expect(gunzipSync(target.bytes()).toString()).toBe("x");
  });

  it("throws everything away when aborted, half-way and twice", async () => {
    for (const suffix of [".gz", ".zst"]) {
      const target = new MemoryTarget();
      const packed = await compressedTarget(codec(suffix), target);
      await packed.write(Buffer.from("x"));
      await packed.abort();
      await packed.abort();
      expect(target).toMatchObject({ aborted: true, committed: false });
    }
  });

  it.each([".gz", ".zst"])("passes on the failure of the target that %s goes to", async (suffix) => {
    const target = new MemoryTarget();
    target.write = () => {
      throw new Error("full");
    };
    const packed = await compressedTarget(codec(suffix), target);
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await packed.write(Buffer.from(TEXT));
      await packed.commit();
    })();
    await expect(writing).rejects.toThrow("full");
    expect(target.committed).toBe(false);
  });

  it("refuses to be written to when it was aborted", async () => {
    const packed = await compressedTarget(codec(".gz"), new MemoryTarget());
    await packed.abort();
    await expect(packed.write(Buffer.from("x"))).rejects.toThrow();
  });
});

describe("the built program in plain Node", () => {
  it.each(TOOLS)("packs %s", async (suffix) => {
    const program = `
      import { codecForSuffix, compressedTarget } from "src/codec/index.js";
      const out = { name: "-", write: (bytes) => void process.stdout.write(bytes), commit: async () => {}, abort: async () => {} };
      const target = await compressedTarget(codecForSuffix("a${suffix}"), out);
      await target.write(Buffer.from("packed"));
      await target.commit();`;
    expect(await unpack(run(process.execPath, moduleProgram(program)))).toBe("packed");
  });
});
