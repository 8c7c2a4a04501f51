// A stream that is kept: read from its beginning as often as one likes, while it comes and afterwards.
import { describe, expect, it } from "vitest";
import { SpooledStream } from "../../src/files/index.js";

async function* chunks(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield Buffer.from(`chunk ${at}\n`.repeat(500));
  if (failure !== undefined) throw failure;
}

async function read(spool: SpooledStream, atMost = Number.POSITIVE_INFINITY): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of spool.open().stream()) {
    parts.push(part);
    if (parts.length >= atMost) break;
  }
  return Buffer.concat(parts).toString();
}

describe("a spooled stream", () => {
  it("gives the same bytes to all who read it, at the same time or later, however far others came", async () => {
    const spool = new SpooledStream("-", chunks(100));
    const first = await read(spool, 3);
    const [one, two] = await Promise.all([read(spool), read(spool)]);
    const expected = Array.from({ length: 100 }, (_, at) => `chunk ${at}\n`.repeat(500)).join("");
    expect(one).toBe(expected);
    expect(two).toBe(expected);
    expect(expected.startsWith(first)).toBe(true);
    const source = spool.open();
    await source.close();
    expect([source.supports.restart, source.supports.ranges]).toEqual([true, false]);
    expect(await read(spool)).toBe(expected);
    await spool.close();
  });

  it("throws what the stream throws, to each, behind what has come", async () => {
    const failure = new Error("gone");
    const spool = new SpooledStream("-", chunks(2, failure));
    await expect(read(spool)).rejects.toThrow("-");
    await expect(read(spool)).rejects.toThrow("-");
    expect((await read(spool, 1)).startsWith("chunk 0")).toBe(true);
    await spool.close();
  });

  it("ends when it is closed, and releases the stream", async () => {
    let released = 0;
    const spool = new SpooledStream("-", chunks(0), () => released++);
    await spool.close();
    expect(await read(spool)).toBe("");
    expect(released).toBe(1);
  });
});
