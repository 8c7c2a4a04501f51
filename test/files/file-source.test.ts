// Sources over files, pipes and devices.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Source } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { concatBytes } from "../support/memory-io.js";
import { run, start } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

/** Larger than several reads, and no two places alike. */
const LONG = Uint8Array.from({ length: 600_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

async function chunksOf(source: Source): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.stream()) chunks.push(chunk);
  return chunks;
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("a regular file", () => {
  it("streams from the start as often as asked, in chunks that stay as they are", async () => {
    const path = tempDir()("a");
    writeFileSync(path, LONG);
    const source = await openFileSource(path);
    expect(source).toMatchObject({ name: path, supports: { restart: true, ranges: true, siblings: true } });
    const [first, second] = [await chunksOf(source), await chunksOf(source)];
    expect(first.length).toBeGreaterThan(1);
    expect(same(concatBytes(first), LONG)).toBe(true);
    expect(same(concatBytes(second), LONG)).toBe(true);
    await source.close();
    await source.close();
  });

  it("can be read by two streams at once", async () => {
    const path = tempDir()("a");
    writeFileSync(path, LONG);
    const source = await openFileSource(path);
    const both = await Promise.all([chunksOf(source), chunksOf(source)]);
    for (const chunks of both) expect(same(concatBytes(chunks), LONG)).toBe(true);
    await source.close();
  });

  it("gives its size and any range, less at the end", async () => {
    const path = tempDir()("a");
    writeFileSync(path, "0123456789");
    const source = await openFileSource(path);
    expect(await source.size()).toBe(10);
    const range = async (start: number, length: number) =>
      Buffer.from(await source.readRange(start, length)).toString();
    expect(await range(0, 3)).toBe("012");
    expect(await range(8, 5)).toBe("89");
    expect(await range(10, 5)).toBe("");
    expect(await range(20, 5)).toBe("");
    expect(await range(3, 0)).toBe("");
    await source.close();
  });

  it("is empty without trouble", async () => {
    const path = tempDir()("a");
    writeFileSync(path, "");
    const source = await openFileSource(path);
    expect(await chunksOf(source)).toEqual([]);
    expect(await source.size()).toBe(0);
    await source.close();
  });

  it("finds the files beside it, by their last name alone", async () => {
    const path = tempDir();
    mkdirSync(path("d"));
    writeFileSync(path("outside"), "outside");
    for (const name of ["a", "b"]) writeFileSync(join(path("d"), name), name);
    const source = await openFileSource(join(path("d"), "a"));
    const sibling = await source.sibling("b");
    expect(sibling?.name).toBe(join(path("d"), "b"));
    expect(Buffer.concat(sibling === undefined ? [] : await chunksOf(sibling)).toString()).toBe("b");
    expect(await source.sibling("none")).toBeUndefined();
    expect(await source.sibling("../outside")).toBeUndefined();
    await sibling?.close();
    await source.close();
  });

  it("tells what is wrong with a file beside it that cannot be read", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "");
    mkdirSync(path("a.timing"));
    const source = await openFileSource(path("a"));
    await expect(source.sibling("a.timing")).rejects.toMatchObject({ message: expect.stringContaining("directory") });
    await source.close();
  });

  it("tells that it was closed under a reader", async () => {
    const path = tempDir()("a");
    writeFileSync(path, "x");
    const source = await openFileSource(path);
    await source.close();
    await expect(chunksOf(source)).rejects.toMatchObject({ code: "T2A_FILE_IO" });
  });
});

describe("a path that cannot be read", () => {
  it("is not found", async () => {
    await expect(openFileSource("/nonexistent/a")).rejects.toMatchObject({
      name: "StoreError",
      code: "T2A_FILE_NOT_FOUND",
      message: "cannot read /nonexistent/a: no such file or folder",
      details: { name: "/nonexistent/a", systemCode: "ENOENT" },
    });
  });

  it("is a folder, or a link in a circle", async () => {
    const path = tempDir();
    symlinkSync("loop", path("loop"));
    await expect(openFileSource(path("."))).rejects.toMatchObject({
      code: "T2A_FILE_IO",
      details: { systemCode: "EISDIR" },
    });
    await expect(openFileSource(path("loop"))).rejects.toMatchObject({ details: { systemCode: "ELOOP" } });
  });
});

describe("pipes and devices", () => {
  it("are streamed once, as the bytes come", async () => {
    const path = tempDir();
    run("mkfifo", [path("fifo")]);
    writeFileSync(path("data"), LONG);
    const writer = start("sh", ["-c", 'exec > "$1"; printf head; read _; cat "$2"', "sh", path("fifo"), path("data")]);
    const source = await openFileSource(path("fifo"));
    expect(source.supports).toEqual({ restart: false, ranges: false, siblings: false, follow: false });
    expect(await source.size()).toBeUndefined();
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.stream()) {
      chunks.push(chunk);
      if (chunks.length === 1) writer.child.stdin?.end("go\n"); // the rest comes when the head was read
    }
    const all = concatBytes(chunks);
    expect(Buffer.from(chunks[0] ?? []).toString()).toBe("head");
    expect(same(all, concatBytes([Buffer.from("head"), readFileSync(path("data"))]))).toBe(true);
    await source.close();
  });

  it("may be empty: /dev/null", async () => {
    const source = await openFileSource("/dev/null");
    expect(await chunksOf(source)).toEqual([]);
    await source.close();
  });
});
