// TARGETs: what a folder stands for, in which order, and what is told of the rest.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createContext } from "../../src/cli/context.js";
import type { CliIo } from "../../src/cli/io.js";
import { findTargets } from "../../src/cli/targets.js";
import { isCommandsFile } from "../../src/library/index.js";
import { tempDir } from "../support/temp-dir.js";

const cast = (timestamp?: number) =>
  `${JSON.stringify({ version: 2, width: 80, height: 24, timestamp })}\n[1,"o","x"]\n`;

async function find(...names: string[]) {
  const skipped: string[] = [];
  const context = createContext({} as CliIo, () => {});
  const found = await findTargets(names, {}, context, (name, error) => skipped.push(`${name}: ${error}`));
  return { found: found.map(({ name }) => name), skipped };
}

describe("targets", () => {
  it("a folder stands for the recordings in it, in order of their beginning, then of their names", async () => {
    const path = tempDir();
    mkdirSync(path("a/b"), { recursive: true });
    writeFileSync(path("z.cast"), cast(100));
    writeFileSync(path("a/b/late"), cast(300)); // known by content
    writeFileSync(path("a/packed.gz"), gzipSync(cast(200)));
    writeFileSync(path("a/timeless.cast"), cast());
    writeFileSync(path("a/b/demo.raw"), "hello"); // known by its name alone
    writeFileSync(path("notes.txt"), "hello");
    writeFileSync(path("package.json"), "{}");
    writeFileSync(path("waiters.json"), '{\n  "version": 2,\n  "waiters": {}\n}\n');
    writeFileSync(path("rules.json"), '{"version": 1.0, "rules": []}');
    const { found, skipped } = await find(path("."));
    expect(found).toEqual(["z.cast", "a/packed.gz", "a/b/late", "a/b/demo.raw", "a/timeless.cast"].map(path));
    expect(skipped).toEqual([]);
  });

  it("each recording comes once, and what is named is looked into whatever it is called", async () => {
    const path = tempDir();
    mkdirSync(path("a"));
    writeFileSync(path("a/x.cast"), cast(2));
    writeFileSync(path("y.json"), cast(1));
    expect((await find(path("a"), path("y.json"), path("a/../a/x.cast"), path("a"))).found).toEqual(
      ["y.json", "a/x.cast"].map(path),
    );
  });

  it("names that can be read only once stand last, as they were given", async () => {
    const path = tempDir();
    writeFileSync(path("x.cast"), cast(2));
    expect((await find("https://127.0.0.1:1/x", "-", path("x.cast"))).found).toEqual([
      path("x.cast"),
      "https://127.0.0.1:1/x",
      "-",
    ]);
  });

  it("what is damaged or missing is told of; other files are not", async () => {
    const path = tempDir();
    writeFileSync(path("bad.cast"), "nothing\n");
    writeFileSync(path("empty.cast"), "");
    writeFileSync(path("good.cast"), cast(1));
    writeFileSync(path("noise"), "nothing\n");
    const { found, skipped } = await find(path("."), path("missing"), path("noise"));
    expect(found).toEqual([path("good.cast")]);
    expect(skipped).toHaveLength(4);
    expect(skipped.join("\n")).toMatch(/bad\.cast.*\n.*empty\.cast.*it is empty\n.*missing.*\n.*noise.*unknown format/);
  });

  it("a single file is not looked into: whoever reads it tells what is wrong with it", async () => {
    const path = tempDir();
    expect(await find(path("missing"))).toEqual({ found: [path("missing")], skipped: [] });
  });

  it("links to files are followed, links to folders are not", async () => {
    const path = tempDir();
    mkdirSync(path("in"));
    mkdirSync(path("out"));
    writeFileSync(path("out/x.cast"), cast(1));
    symlinkSync(path("out/x.cast"), path("in/link.cast"));
    symlinkSync(path("in"), path("in/circle"));
    symlinkSync(path("nowhere"), path("in/broken.cast"));
    expect(await find(path("in"))).toEqual({ found: [path("in/link.cast")], skipped: [] });
  });

  it("a recording comes once, whatever links to it", async () => {
    const path = tempDir();
    writeFileSync(path("x.cast"), cast(1));
    symlinkSync(path("x.cast"), path("latest.cast"));
    expect((await find(path("."))).found).toEqual([path("latest.cast")]);
    expect((await find(path("x.cast"), path("latest.cast"))).found).toEqual([path("x.cast")]);
  });

  it("nothing is taken out of a pipe", async () => {
    const path = tempDir();
    execFileSync("mkfifo", [path("pipe")]);
    writeFileSync(path("x.cast"), cast(1));
    // Opening it would wait for somebody who writes.
    expect(await find(path("pipe"), path("x.cast"))).toEqual({ found: ["x.cast", "pipe"].map(path), skipped: [] });
    expect(await isCommandsFile(path("pipe"))).toBe(false);
  });

  it("a recording of more than one file comes once", async () => {
    const path = tempDir();
    for (const name of ["demo.typescript", "demo.timing", "demo.in"])
      copyFileSync(fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)), path(name));
    expect(await find(path("."))).toEqual({ found: [path("demo.typescript")], skipped: [] });
  });

  it.skipIf(process.getuid?.() === 0)("a folder that may not be read is told of", async () => {
    const path = tempDir();
    mkdirSync(path("closed"));
    chmodSync(path("closed"), 0);
    expect((await find(path("closed"))).skipped[0]).toMatch(/cannot read the folder .*EACCES/);
  });
});
