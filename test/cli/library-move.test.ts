// t2a library export, import, migrate, reindex, fsck and doctor: moving, mending and examining stores.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CliOptions, runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const hasTar = spawnSync("tar", ["--version"]).status === 0 && spawnSync("zstd", ["--version"]).status === 0;

/** A user with a data folder of their own. */
function user() {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache"), HOME: path("home") };
  const t2a = (args: readonly string[], options: CliOptions = {}) => runCli(["library", ...args], { ...options, env });
  const add = async (title: string, ...args: string[]) => {
    const events = Array.from({ length: 20 }, (_, at) => JSON.stringify([at / 10, "o", `${title} ${at}\r\n`]));
    const header = JSON.stringify({ version: 2, width: 80, height: 24, title, timestamp: 1_793_000_000 });
    writeFileSync(path(`${title}.cast`), `${[header, ...events].join("\n")}\n`);
    const { status, stderr } = await t2a(["add", path(`${title}.cast`), ...args]);
    expect([status, stderr.includes("t2a:")]).toEqual([0, false]);
  };
  const ls = async (...args: string[]) => {
    const { stdout } = await t2a(["ls", "--json", ...args]);
    return JSON.parse(stdout) as {
      id: string;
      name: string;
      error?: string;
      recordings: { name: string; sha256: string }[];
    }[];
  };
  return { path, env, t2a, add, ls };
}

describe("t2a library export and import", () => {
  it("bring a library to an empty machine", async () => {
    const one = user();
    await one.add("build", "--tag", "ci");
    await one.add("deploy");
    const file = one.path("backup.tar.zst");
    const made = await one.t2a(["export", file, "--json"]);
    expect([made.status, JSON.parse(made.stdout)]).toMatchObject([0, { file, sessions: 2, files: 4, problems: [] }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const other = user();
    const imported = await other.t2a(["import", file]);
    expect([imported.status, imported.stderr]).toEqual([0, `::: ${file}: sessions: 2 imported\n`]);
    expect(await other.ls()).toEqual(await one.ls());
    const again = await other.t2a(["import", file, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject([{ file, imported: 0, unchanged: 2, problems: [], stopped: null }]);
    expect(JSON.parse((await other.t2a(["fsck", "--json"])).stdout)).toMatchObject({
      sessions: 2,
      findings: [],
      left: 0,
    });
  });

  it("replace no file unasked, and take sessions by name, by options and through a pipe", async () => {
    const { path, t2a, add } = user();
    await add("build", "--tag", "ci");
    await add("deploy");
    const names = async (...args: string[]) => {
      const { status, stdoutBytes } = await t2a(["export", "-", ...args]);
      expect(status).toBe(0);
      const other = user();
      expect((await other.t2a(["import", "-"], { stdin: stdoutBytes })).status).toBe(0);
      return (await other.ls()).map(({ name }) => name).sort();
    };
    expect(await names("build")).toEqual(["build"]);
    expect(await names("--tag", "ci")).toEqual(["build"]);
    expect(await names("--since", "2000-01-01")).toEqual(["build", "deploy"]);
    expect(await t2a(["export", path("none.tar"), "--tag", "none"])).toMatchObject({
      status: 1,
      stderr: "t2a: nothing to export: the options mean no session\n",
    });
    expect(existsSync(path("none.tar"))).toBe(false);
    await t2a(["export", path("a.tar")]);
    const before = readFileSync(path("a.tar"));
    const refused = await t2a(["export", path("a.tar")]);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/exists already: use --overwrite/)]);
    expect(readFileSync(path("a.tar"))).toEqual(before);
    expect((await t2a(["export", path("a.tar"), "--overwrite"])).status).toBe(0);
  });

  it.each([
    [["export", "backup.zip"], /name it FILE\.tar\.zst/],
    [["export", "-", "--json"], /--json has no place there/],
    [["export", "a.tar", "x", "--failed"], /not both/],
    [["import", "/dev/null"], /no archive that t2a library export made/],
    [["fsck", "--delete-orphans"], /needs --repair/],
    [["migrate", "memory:", "memory:"], /the same store twice/],
  ])("%j is refused with a line", async (args, message) => {
    const { t2a, add } = user();
    await add("x");
    const { status, stderr } = await t2a(args);
    expect([status, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });

  it("tell of an archive that is cut, and take what is before", async () => {
    const one = user();
    for (const name of ["a", "b", "c"]) await one.add(name);
    await one.t2a(["export", one.path("x.tar")]);
    const bytes = readFileSync(one.path("x.tar"));
    writeFileSync(one.path("cut.tar"), bytes.subarray(0, bytes.length - 5000));
    const other = user();
    const { status, stderr } = await other.t2a(["import", one.path("cut.tar")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the archive is damaged/);
    expect((await other.ls()).length).toBe(2);
    expect((await other.t2a(["fsck"])).status).toBe(0);
  });

  it.skipIf(!hasTar)("make a store of files with tar alone (tar and zstd must be installed)", async () => {
    const { path, t2a, add, ls } = user();
    await add("build");
    await t2a(["export", path("x.tar.zst")]);
    mkdirSync(path("store"), { mode: 0o700 });
    expect(spawnSync("tar", ["--zstd", "-xf", path("x.tar.zst"), "-C", path("store")]).status).toBe(0);
    expect(await ls("--store", path("store"))).toEqual(await ls());
    expect((await t2a(["import", path("x.tar.zst"), "--store", path("store")])).stderr).toContain("1 there already");
  });
});

describe("t2a library migrate", () => {
  it("goes full circle over files and SQLite, and counts first where that is asked for", async () => {
    const { path, t2a, add, ls } = user();
    await add("build");
    await add("deploy");
    const before = await ls();
    const [files, sqlite, back] = [path("data/t2a"), `sqlite://${path("x.db")}`, path("back")];
    const dry = await t2a(["migrate", files, sqlite, "--dry-run"]);
    expect([dry.status, dry.stderr]).toEqual([0, expect.stringMatching(/^::: sessions: 2 to copy; files: 2, /)]);
    expect(await ls("--store", sqlite)).toEqual([]);
    const moved = await t2a(["migrate", files, sqlite, "--json"]);
    expect([moved.status, JSON.parse(moved.stdout)]).toMatchObject([0, { moved: 2, files: 2, problems: [] }]);
    expect((await t2a(["migrate", sqlite, back])).status).toBe(0);
    expect(await ls("--store", back)).toEqual(before);
    for (const { id, recordings } of before)
      for (const { name } of recordings)
        expect(readFileSync(path(`back/sessions/${id}/${name}`))).toEqual(
          readFileSync(path(`data/t2a/sessions/${id}/${name}`)),
        );
  });
});

describe("t2a library fsck, import and reindex", () => {
  it("bring back everything that is still somewhere, whatever was deleted or damaged", async () => {
    for (let round = 0; round < 3; round++) {
      const { path, t2a, add, ls } = user();
      for (let count = 0; count < 6; count++) await add(`session ${count}`);
      const before = await ls();
      await t2a(["export", path("backup.tar.zst")]);
      await add("after the backup");
      const root = path("data/t2a");
      for (const [at, { id, recordings }] of before.entries()) {
        const document = `${root}/sessions/${id}/session.json`;
        const file = `${root}/sessions/${id}/${recordings[0]?.name}`;
        const kind = (at + round) % 6;
        if (kind === 0) rmSync(document);
        if (kind === 1) writeFileSync(document, readFileSync(document).subarray(0, 300));
        if (kind === 2) rmSync(file);
        if (kind === 3) writeFileSync(file, readFileSync(file).subarray(0, 400));
        if (kind === 4) rmSync(`${root}/sessions/${id}`, { recursive: true });
        if (kind === 5) {
          const bytes = readFileSync(file);
          bytes[150 + round] = (bytes[150 + round] ?? 0) ^ 0xff;
          writeFileSync(file, bytes);
        }
      }
      for (const name of readdirSync(root)) if (name.startsWith("index")) rmSync(`${root}/${name}`);
      expect((await t2a(["fsck", "--all"])).status).toBe(1);
      const mended = await t2a(["fsck", "--all", "--repair"]);
      expect([mended.status, mended.stdout]).toEqual([0, expect.stringMatching(/mended/)]);
      const imported = await t2a(["import", "--update", path("backup.tar.zst")]);
      expect([imported.status, imported.stderr]).toEqual([0, expect.not.stringContaining("!!!")]);
      const checked = await t2a(["fsck", "--all"]);
      expect([checked.status, checked.stderr]).toEqual([0, expect.stringMatching(/whole/)]);
      const after = await ls();
      expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
      expect(after.some(({ name }) => name === "after the backup")).toBe(true);
      for (const { id, recordings } of before) {
        const session = after.find((other) => other.id === id);
        const hashes = session?.recordings.map(({ sha256 }) => sha256);
        expect([round, id, hashes]).toEqual([
          round,
          id,
          expect.arrayContaining(recordings.map(({ sha256 }) => sha256)),
        ]);
        expect([session?.name, session?.error ?? ""]).toEqual([
          before.find((other) => other.id === id)?.name,
          expect.not.stringMatching(/^(lost|remade): /m),
        ]);
      }
    }
  });

  it("make the index anew of the files alone", async () => {
    const { path, t2a, add, ls } = user();
    await add("build");
    const before = await ls();
    const { status, stderr } = await t2a(["reindex"]);
    expect([status, stderr]).toEqual([0, "::: indexed: 1 session, 1 recording\n"]);
    expect(await ls()).toEqual(before);
    writeFileSync(path(`data/t2a/sessions/${before[0]?.id}/session.json`), "{");
    const damaged = await t2a(["reindex", "--json"]);
    expect([damaged.status, JSON.parse(damaged.stdout)]).toEqual([
      1,
      { sessions: 0, recordings: 0, damaged: [before[0]?.id] },
    ]);
  });

  it("name no store that is not there", async () => {
    const { path, t2a } = user();
    for (const args of [["reindex"], ["fsck"], ["export", path("x.tar")], ["migrate", path("none"), path("to")]]) {
      const { status, stderr } = await t2a(args);
      expect([args[0], status, stderr]).toEqual([args[0], 1, expect.stringMatching(/^t2a: [^\n]*\n$/)]);
    }
    expect(existsSync(path("to"))).toBe(false);
  });
});

describe("t2a library doctor", () => {
  it("finds nothing wrong, leaves nothing behind, and says so before there is anything", async () => {
    const { path, t2a, add, ls } = user();
    const empty = JSON.parse((await t2a(["doctor", "--json"])).stdout) as { name: string; state: string }[];
    expect(empty.filter(({ state }) => state === "wrong")).toEqual([]);
    expect(existsSync(path("data"))).toBe(false);
    await add("build");
    const { status, stdout } = await t2a(["doctor", "--json"]);
    const all = JSON.parse(stdout) as { name: string; state: string }[];
    expect([status, all.filter(({ state }) => state === "wrong")]).toEqual([0, []]);
    expect(all.map(({ name }) => name)).toEqual([
      ...["t2a", "clock", "folder", "disk", "locks", "libraries"],
      ...["store", "saving", "files", "index", "search", "spool"],
    ]);
    expect(await ls("--deleted")).toEqual([]);
    expect(readdirSync(path("data/t2a/sessions"))).toHaveLength(1);
    expect((await t2a(["doctor"])).stdout).toMatch(/^CHECK +STATE +DETAIL\nt2a +ok +0\.1\.0, Node/);
  });

  it("says what to do about a folder that is open to others", async () => {
    const { path, t2a, add } = user();
    await add("build");
    chmodSync(path("data/t2a"), 0o755);
    const { status, stdout } = await t2a(["doctor"]);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/folder +wrong +.*chmod 700/)]);
  });

  it("tells of what waits for another store", async () => {
    const { path, t2a, add, env } = user();
    await add("build");
    await runCli(["record", "-c", "true", "--finalize", "never", "--store", `sqlite://${path("other.db")}`], { env });
    const { status, stdout } = await t2a(["doctor"]);
    const how = `t2a library collect --store sqlite://${path("other.db")}`;
    expect([status, stdout]).toEqual([0, expect.stringContaining("spool")]);
    expect(stdout).toMatch(/spool +note +1 recording waits/);
    expect(stdout).toContain(how);
  });

  it("is done with what waits for several stores by t2a library collect --all", async () => {
    const { path, t2a, env, ls } = user();
    const stores = [`sqlite://${path("other 100%.db")}`.replace("%", "%25"), path("folder")];
    const record = (...args: string[]) => runCli(["record", "-c", "true", "--finalize", "never", ...args], { env });
    for (const store of stores) await record("--store", store);
    await record();
    const { stdout } = await t2a(["doctor"]);
    expect(stdout).toContain("t2a library collect --all does all of that");
    expect((await t2a(["collect", "--all"])).status).toBe(0);
    for (const store of stores) expect(await ls("--store", store)).toMatchObject([{ status: "completed" }]);
    expect(await ls()).toHaveLength(1);
    expect((await t2a(["doctor"])).stdout).toMatch(/spool +ok +nothing waits/);
  });

  it("is not done where one store cannot be had, which is told; the others are", async () => {
    const { path, t2a, env, ls } = user();
    const record = (...args: string[]) => runCli(["record", "-c", "true", "--finalize", "never", ...args], { env });
    await record("--store", path("folder/store"));
    await record("--store", path("well"));
    rmSync(path("folder"), { recursive: true, force: true });
    writeFileSync(path("folder"), "in its place");
    const { status, stderr } = await t2a(["collect", "--all"]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^!!! the recording is whole, and waits .*folder\/store.*\n$/),
    ]);
    expect(await ls("--store", path("well"))).toHaveLength(1);
  });

  it("tells of an index that is not in step", async () => {
    const { path, t2a, add, ls } = user();
    await add("build");
    const [session] = await ls();
    rmSync(path(`data/t2a/sessions/${session?.id}`), { recursive: true });
    const { status, stdout } = await t2a(["doctor"]);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/index +wrong +not in step with 1 session:/)]);
  });
});
