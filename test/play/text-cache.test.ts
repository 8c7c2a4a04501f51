// Text indexes kept between runs.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsePattern, TextCache, TextIndex } from "../../src/play/index.js";
import { textIndexToBytes } from "../../src/play/text-index-bytes.js";
import { tempDir } from "../support/temp-dir.js";
import { output, recordingOf } from "./recordings.js";

async function indexOf(text: string): Promise<TextIndex> {
  const index = TextIndex.build(recordingOf([output(0, text)]));
  await index.done;
  return index;
}

const KEYS = ["a", "b", "c"].map((letter) => letter.repeat(64));

describe("the cache of text indexes", () => {
  it("gives back what was kept, from files for their owner alone", async () => {
    const path = tempDir();
    const cache = new TextCache(path("new/text"));
    const [key = ""] = KEYS;
    expect(await cache.load(key)).toBeUndefined();
    await cache.save(key, await indexOf("hello"));
    const found = await (await cache.load(key))?.find(parsePattern("hello"), { from: 0, direction: 1 });
    expect(found).toMatchObject({ line: "hello", events: 1 });
    const [name = ""] = readdirSync(path("new/text"));
    expect(statSync(path("new/text")).mode & 0o777).toBe(0o700);
    expect(statSync(path(`new/text/${name}`)).mode & 0o777).toBe(0o600);
  });

  it("throws a damaged file away", async () => {
    const path = tempDir();
    const cache = new TextCache(path("text"));
    const [key = ""] = KEYS;
    await cache.save(key, await indexOf("hello"));
    const file = path(`text/${readdirSync(path("text"))[0]}`);
    for (const damaged of [readFileSync(file).subarray(0, 40), Buffer.from("not an index"), Buffer.alloc(0)]) {
      writeFileSync(file, damaged);
      expect(await cache.load(key)).toBeUndefined();
      expect(existsSync(file)).toBe(false);
    }
  });

  it("lets those go that were not used for longest, and nothing that is not its own", async () => {
    const path = tempDir();
    const index = await indexOf("hello");
    const size = (await textIndexToBytes(index)).length;
    const cache = new TextCache(path("text"), { maxBytes: size * 2 });
    const [first = "", second = "", third = ""] = KEYS;
    await cache.save(first, index);
    await cache.save(second, index);
    writeFileSync(path("text/letter.txt"), Buffer.alloc(size));
    const long = path(`text/${first}.t2atext`);
    utimesSync(long, new Date(0), new Date(0));
    utimesSync(path(`text/${second}.t2atext`), new Date(1000), new Date(1000));
    expect(await cache.load(first)).toBeDefined(); // used now
    await cache.save(third, index);
    expect(readdirSync(path("text")).sort()).toEqual([`${first}.t2atext`, `${third}.t2atext`, "letter.txt"]);
    await new TextCache(path("small"), { maxBytes: size - 1 }).save(first, index);
    expect(existsSync(path("small"))).toBe(false);
  });

  it("goes by all that a file is", async () => {
    const path = tempDir();
    writeFileSync(path("one"), "1");
    writeFileSync(path("two"), "1");
    const one = await TextCache.keyOf(path("one"));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(await TextCache.keyOf(path("one"))).toBe(one);
    expect(await TextCache.keyOf(path("two"))).not.toBe(one);
    appendFileSync(path("one"), "2");
    expect(await TextCache.keyOf(path("one"))).not.toBe(one);
    expect(await TextCache.keyOf(path("none"))).toBeUndefined();
    expect(await TextCache.keyOf(path("."))).toBeUndefined();
  });

  it("that cannot be written is none", async () => {
    const path = tempDir();
    writeFileSync(path("file"), "");
    const cache = new TextCache(path("file/text"));
    const [key = ""] = KEYS;
    await cache.save(key, await indexOf("hello"));
    expect(await cache.load(key)).toBeUndefined();
  });
});
