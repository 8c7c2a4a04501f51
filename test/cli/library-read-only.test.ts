// A library whose folder cannot be written, a backup that is mounted: all that reads works, all that writes says in a line why not.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFreezable, noReadOnlyFolder } from "../files/read-only-folder.js";
import { writeCast } from "../library/libraries.js";
import { titled } from "../support/programs.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const noFolder = noReadOnlyFolder();

/** A library with two sessions that cannot be written any more, and a user who has it as a store. */
async function frozen(cache?: string) {
  const made = makeFreezable();
  if (made === undefined) throw new Error("no folder can be made read-only");
  onTestFinished(() => made.remove());
  const path = tempDir();
  const store = join(made.folder, "store");
  const t2a = (env: Record<string, string>, ...args: string[]) => runCli(args, { env: { T2A_STORE: store, ...env } });
  const maker = { XDG_DATA_HOME: path("other"), XDG_CACHE_HOME: path("other-cache") };
  for (const title of ["one", "two"]) {
    const file = writeCast(path(`${title}.cast`), {
      title,
      timestamp: 1_767_225_600,
      output: `kept words ${title}\r\n`,
    });
    expect((await t2a(maker, "library", "add", "-q", "--tag", title, file)).status).toBe(0);
  }
  made.freeze();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: cache ?? path("cache") };
  return { path, store, t2a: (...args: string[]) => t2a(env, ...args) };
}

describe.skipIf(noFolder)(titled("a library that can only be read", noFolder), () => {
  it("is listed, shown, played and searched, once as ever after", async () => {
    const { t2a, path, store } = await frozen();
    const before = readdirSync(store);
    for (let round = 0; round < 2; round++) {
      expect(JSON.parse((await t2a("ls", "--json", "--sort", "name")).stdout)).toMatchObject([
        { name: "one" },
        { name: "two" },
      ]);
      expect((await t2a("show", "one")).stdout).toContain("one");
      expect((await t2a("cat", "@last")).stdout).toContain("kept words");
      expect(await t2a("play", "--bare", "two")).toMatchObject({ status: 0 });
      const { stdout, stderr, status } = await t2a("search", "--json", '"words two"');
      expect([status, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toMatchObject([{ title: "two" }]);
      expect((await t2a("library", "fsck", "-q")).stdout).toBe("");
    }
    expect(readdirSync(store)).toEqual(before);
    expect(readdirSync(path("cache"), { recursive: true }).join(" ")).toMatch(/files-[0-9a-f]{32}\.sqlite/);
  });

  it("is listed and searched where nothing can be kept in the user's cache folder, too", async () => {
    const { t2a } = await frozen("/dev/null/cache");
    expect(JSON.parse((await t2a("ls", "--json")).stdout)).toHaveLength(2);
    expect(JSON.parse((await t2a("search", "--json", "words")).stdout)).toHaveLength(2);
  });

  it.each([
    ["rm", "--yes", "one"],
    ["rm", "--purge", "--yes", "one"],
    ["library", "tag", "one", "more"],
    ["library", "rename", "one", "other"],
    ["library", "prune", "--keep", "1", "--yes"],
  ])("says in one line that it is, to t2a %s %s", async (...args) => {
    const { t2a, store } = await frozen();
    const { status, stderr } = await t2a(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^t2a: the library folder .*\/store can be read only \(.*\): nothing can be put there or changed\n$/,
    );
    expect(stderr).toContain(store);
    expect(JSON.parse((await t2a("ls", "--json")).stdout)).toHaveLength(2);
  });

  it("is no place to add to: the file is named, and stays", async () => {
    const { t2a, path } = await frozen();
    const { status, stderr } = await t2a("library", "add", writeCast(path("three.cast"), { title: "three" }));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*three\.cast[^\n]* can be read only [^\n]*\n$/)]);
  });

  it("is no fault to t2a library doctor, which puts nothing there", async () => {
    const { t2a } = await frozen();
    await t2a("ls");
    const { stdout } = await t2a("library", "doctor", "--json");
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: "saving", state: "note" }));
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: "index", state: "ok" }));
  });
});
