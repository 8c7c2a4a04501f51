// Stores that earlier versions wrote (fixtures/stores): opened, brought forward and used by this one.
import { chmodSync, copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FILES_MIGRATIONS } from "../../src/store/drivers/store-note.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const FIXTURES = "fixtures/stores";
const VERSIONS = readdirSync(FIXTURES).sort();

/** What a checkout does not keep: that a store is its owner's alone. */
function copyStore(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
    chmodSync(`${entry.parentPath}/${entry.name}`, entry.isDirectory() ? 0o700 : 0o600);
  }
  chmodSync(to, 0o700);
}

function unpack(from: string, to: string): void {
  writeFileSync(to, gunzipSync(readFileSync(from)), { mode: 0o600 });
}

/** By kind of store: makes a copy, and gives its URL. */
const STORES: Readonly<Record<string, (version: string, path: (name: string) => string) => string>> = {
  "in files": (version, path) => {
    copyStore(`${FIXTURES}/${version}/files`, path("store"));
    return path("store");
  },
  "in files, with its index": (version, path) => {
    copyStore(`${FIXTURES}/${version}/files`, path("store"));
    unpack(`${FIXTURES}/${version}/index.sqlite.gz`, path("store/index.sqlite"));
    return path("store");
  },
  "in SQLite": (version, path) => {
    unpack(`${FIXTURES}/${version}/store.db.gz`, path("store.db"));
    return `sqlite://${path("store.db")}`;
  },
};

describe.each(VERSIONS)("a store as it was written by version %s", (version) => {
  it.each(Object.keys(STORES))("%s, has all that was in it, and takes more", async (kind) => {
    const path = tempDir();
    const store = STORES[kind]?.(version, path) ?? "";
    const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache"), T2A_STORE: store };
    const ok = async (...args: string[]) => {
      const { status, stdout, stderr } = await runCli(args, { env });
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: expect.not.stringMatching(/!!!|t2a:/) });
      return stdout;
    };
    const names = async (...args: string[]) =>
      (JSON.parse(await ok("ls", "--json", "--sort", "name", ...args)) as { name: string }[]).map(({ name }) => name);
    expect(await names()).toEqual(["demo 漢字", "history", "shell"]);
    expect(await names("--tag", "first")).toEqual(["demo 漢字"]);
    expect(await names("--deleted")).toEqual(["bare"]);
    await ok("library", "undelete", "bare"); // before its time is over
    // A copy's files are others to an index.
    if (kind.endsWith("index")) await ok("library", "reindex", "-q");
    expect(await ok("library", "fsck")).toBe("");
    for (const [name, fixture] of [
      ["demo 漢字", "demo-v3.cast"],
      ["shell", "ttyrec-shell.ttyrec"],
      ["bare", "demo.raw"],
    ] as const) {
      const shown = await ok("screen", "--format", "ansi", name);
      expect(shown).toBe(await ok("screen", "--format", "ansi", `fixtures/${fixture}`));
    }
    expect(JSON.parse(await ok("search", "--json", "--kind", "command", "push"))).toMatchObject([{ title: "history" }]);
    expect(JSON.parse(await ok("search", "--json", "漢字"))).toMatchObject([{ title: "demo 漢字" }]);
    copyFileSync("fixtures/ttyrec-by-termrec.ttyrec", path("more.ttyrec"));
    await ok("library", "add", "-q", "--name", "more", path("more.ttyrec"));
    await ok("library", "rename", "shell", "renamed");
    expect(await names()).toEqual(["bare", "demo 漢字", "history", "more", "renamed"]);
    expect(await ok("library", "fsck")).toBe("");
    if (!kind.startsWith("in files")) return;
    const note = JSON.parse(readFileSync(path("store/store.json"), "utf8")) as { version: number };
    expect(note.version).toBe(FILES_MIGRATIONS.length + 1);
  });
});
