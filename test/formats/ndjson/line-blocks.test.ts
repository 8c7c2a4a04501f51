// Blocks of whole lines out of chunks cut anywhere.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineBlock, lineBlocks, MAX_LINE_BYTES, readHeaderLine } from "../../../formats/ndjson/line-blocks.js";

async function* stream(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function blocksOf(chunks: readonly (string | Uint8Array)[]) {
  const blocks: LineBlock[] = [];
  for await (const block of lineBlocks(stream(chunks))) blocks.push(block);
  return blocks.map(({ bytes, offset, terminated }) => ({ text: bytes.toString(), offset, terminated }));
}

describe("lineBlocks", () => {
  it("ends each block with a newline, except perhaps the last", async () => {
    expect(await blocksOf(["a\nb\nc", "d", "", "\ne\n", "f"])).toEqual([
      { text: "a\nb\n", offset: 0, terminated: true },
      { text: "cd\ne\n", offset: 4, terminated: true },
      { text: "f", offset: 9, terminated: false },
    ]);
    expect(await blocksOf([])).toEqual([]);
    expect(await blocksOf(["", "\n"])).toEqual([{ text: "\n", offset: 0, terminated: true }]);
  });

  it("loses nothing and misplaces nothing, whatever the chunks", () => {
    const chunk = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 5 });
    return fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 10 }), async (chunks) => {
        let length = 0;
        const blocks = await blocksOf(chunks);
        for (const [index, { text, offset, terminated }] of blocks.entries()) {
          expect(offset).toBe(length);
          expect(text).not.toBe("");
          expect(terminated).toBe(text.endsWith("\n"));
          if (!terminated) expect(index).toBe(blocks.length - 1);
          length += text.length;
        }
        expect(blocks.map(({ text }) => text).join("")).toBe(chunks.join(""));
      }),
    );
  });

  it("refuses a line without an end before it takes more memory", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 97);
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first\n");
      for (;;) {
        read++;
        yield megabyte;
      }
    }
    const blocks = lineBlocks(endless());
    await blocks.next();
    await expect(blocks.next()).rejects.toMatchObject({ code: "T2A_FORMAT_LIMIT", offset: 6 });
    expect(read).toBe((MAX_LINE_BYTES >> 20) + 1);
  });
});

describe("readHeaderLine", () => {
  it("gives the first block and what is read of it", async () => {
    const blocks = lineBlocks(stream(["head\nmore\n", "rest\n"]));
    const { first, value } = await readHeaderLine(blocks, ({ bytes }) => bytes.indexOf(10));
    expect(first.bytes.toString()).toBe("head\nmore\n");
    expect(value).toBe(4);
    expect((await blocks.next()).value?.offset).toBe(10);
  });

  it("refuses a file without a line", async () => {
    await expect(readHeaderLine(lineBlocks(stream([])), () => 1)).rejects.toMatchObject({
      code: "T2A_FORMAT_HEADER",
      offset: 0,
    });
  });

  it("ends the stream where the header cannot be read", async () => {
    let ended = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from("bad\n");
        yield Buffer.from("more\n");
      } finally {
        ended = true;
      }
    }
    const failing = readHeaderLine(lineBlocks(chunks()), () => {
      throw new Error("no header");
    });
    await expect(failing).rejects.toThrow("no header");
    expect(ended).toBe(true);
  });
});
