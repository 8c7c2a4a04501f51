// t2a library and its short forms: listing, showing, the trash, tags, pruning, and sessions where files are named.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writeCast } from "../library/libraries.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const DAY_S = 86_400;
const T0 = Date.UTC(2026, 0, 1) / 1000;
const EVIL = "evil\u001b]0;owned\u0007\u009b31m\nname";

/** A user with a data folder of their own. */
function user(store?: string) {
  const path = tempDir();
  const env = {
    XDG_DATA_HOME: path("data"),
    XDG_CACHE_HOME: path("cache"),
    ...(store === undefined ? {} : { T2A_STORE: store.replace("FOLDER", path("")) }),
  };
  const t2a = (...args: string[]) => runCli(args, { env });
  const ok = async (...args: string[]) => {
    const result = await t2a(...args);
    expect(result.status, result.stderr).toBe(0);
    return result;
  };
  const json = async (...args: string[]) => JSON.parse((await ok(...args, "--json")).stdout);
  return { path, env, t2a, ok, json };
}

/** With three sessions: `one` of day 0, `two` of day 1, which failed, `three` of day 2. */
async function filled(store?: string) {
  const its = user(store);
  for (const [day, title] of ["one", "two", "three"].entries()) {
    const file = writeCast(its.path(`${title}.cast`), {
      timestamp: T0 + day * DAY_S,
      title,
      command: `run ${title}`,
      output: `${title} was here\r\n`,
      exit: day === 1 ? 7 : 0,
    });
    await its.ok("library", "add", "-q", "--tag", day === 2 ? "last" : "early", file);
  }
  return its;
}

describe("t2a library add", () => {
  it("adds files and folders, each recording once, and says what became of each", async () => {
    const { path, t2a, json, ok } = await filled();
    writeFileSync(path("broken.cast"), '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.1, "o", "x"]\n[damaged');
    const { status, stderr } = await t2a("library", "add", path(""));
    expect(status).toBe(1);
    expect(stderr).toMatch(/one\.cast: the library has it already, as 01/);
    expect(stderr).toMatch(/!!! .*broken\.cast.*damaged|!!! .*broken\.cast/);
    expect(await json("ls")).toHaveLength(3);
    await ok("library", "add", "--recover", "--as", path("broken.cast"));
    const [session] = (await json("ls")).filter(({ name }: { name: string }) => name === "broken");
    expect(session.recordings[0].original.name).toMatch(/\.original\.cast$/);
    expect(await json("library", "add", path("one.cast"))).toMatchObject([{ outcome: "known" }]);
  });

  it("names a session after its file where the recording says nothing of itself", async () => {
    const { path, json, ok } = user();
    const header = '{"version": 2, "width": 80, "height": 24, "env": {"SHELL": "/bin/sh"}}';
    for (const name of ["a b.v2.cast", "bare"]) writeFileSync(path(name), `${header}\n[0.1, "o", "${name}"]\n`);
    await ok("library", "add", path("a b.v2.cast"), path("bare"));
    const names = (await json("ls")).map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(["a b.v2", "bare"]);
  });

  it("says which file is odd or no recording, once, and that a folder holds none", async () => {
    const { path, t2a } = user();
    writeFileSync(path("odd.cast"), '{"version": 2, "width": 80, "height": 24}\n[2, "o", "x"]\n[1, "o", "y"]\n');
    expect((await t2a("library", "add", path("odd.cast"))).stderr).toContain(
      `!!! ${path("odd.cast")}: time runs backwards`,
    );
    writeFileSync(path("text.md"), "words");
    const { stderr } = await t2a("library", "add", path("text.md"));
    expect(stderr.split(path("text.md"))).toHaveLength(2);
    mkdirSync(path("empty"));
    expect(await t2a("library", "add", path("empty"))).toMatchObject({
      stderr: `!!! no recordings in ${path("empty")}\n`,
    });
  });

  it("takes a typescript with its timing", async () => {
    const { path, ok, json } = user();
    await ok("record", "-q", "--headless", "-c", "echo typed", path("a.typescript"));
    await ok("library", "add", path("a.typescript"));
    expect(await json("ls")).toMatchObject([{ stats: { outputBytes: 7 } }]);
    expect(readdirSync(path("data/t2a/spool"))).toEqual([]);
  });
});

describe("t2a ls", () => {
  it("says that nothing is there, and makes nothing", async () => {
    const { t2a, path } = user();
    expect(await t2a("ls")).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining("the library is empty"),
    });
    expect((await t2a("ls", "--json")).stdout).toBe("[]\n");
    for (const command of ["show", "rm"])
      expect((await t2a(command, "@last", ...(command === "rm" ? ["--yes"] : []))).status).toBe(1);
    expect((await t2a("library", "exists", "@last")).status).toBe(1);
    expect(existsSync(path("data"))).toBe(false);
  });

  it("lists the newest first, filtered, sorted and paged", async () => {
    const { json } = await filled();
    const names = async (...args: string[]) => (await json("ls", ...args)).map(({ name }: { name: string }) => name);
    expect(await names()).toEqual(["three", "two", "one"]);
    expect(await names("--reverse")).toEqual(["one", "two", "three"]);
    expect(await names("--sort", "name")).toEqual(["one", "three", "two"]);
    expect(await names("--sort", "name", "--reverse")).toEqual(["two", "three", "one"]);
    expect(await names("--limit", "1", "--offset", "1")).toEqual(["two"]);
    expect(await names("--failed")).toEqual(["two"]);
    expect(await names("--status", "completed", "--tag", "early")).toEqual(["one"]);
    expect(await names("--command", "RUN T")).toEqual(["three", "two"]);
    expect(await names("--since", "2026-01-02T00:00Z", "--until", "2026-01-03T00:00Z")).toEqual(["two"]);
    expect(await names("--longer-than", "1h")).toEqual([]);
  });

  it("shows a table that fits the terminal, without a raw control character", async () => {
    const { env, path, ok } = await filled();
    await ok(
      "library",
      "add",
      "-q",
      "--name",
      EVIL,
      "--tag",
      "\u001b[2J",
      writeCast(path("e.cast"), { timestamp: T0 - 1, title: "x".repeat(300) }),
    );
    await ok(
      "library",
      "add",
      "-q",
      "--name",
      "セッション".repeat(40),
      writeCast(path("w.cast"), { timestamp: T0 - 2 }),
    );
    const { stdout } = await runCli(["ls"], { env, tty: true });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^ID +NAME +WHEN +LENGTH +STATUS +COMMANDS +SIZE +TAGS$/);
    expect(lines[2]).toContain("failed 7");
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(100);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    const shown = (await ok("show", EVIL)).stdout;
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(shown).toContain("evil␛]0;owned␇");
    expect((await ok("ls", "--json")).stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});

describe("sessions", () => {
  it("are shown, tagged, renamed, put into the trash and taken out of it", async () => {
    const { t2a, ok, json } = await filled();
    expect((await ok("show", "two")).stdout).toMatch(/status +failed 7\n/);
    await ok("library", "tag", "two", "a", "b");
    await ok("library", "tag", "two", "--remove", "a");
    await ok("library", "rename", "two", "zwei");
    expect(await json("show", "zwei")).toMatchObject({ name: "zwei", tags: ["early", "b"] });
    expect((await t2a("rm", "zwei")).status).toBe(2);
    expect((await json("ls")).length).toBe(3);
    await ok("rm", "--yes", "zwei");
    expect((await t2a("library", "exists", "zwei")).status).toBe(1);
    expect(await json("ls", "--deleted")).toMatchObject([{ name: "zwei" }]);
    expect((await ok("show", "zwei")).stdout).toMatch(/in trash +since/);
    await ok("library", "undelete", "@last");
    expect((await t2a("library", "exists", "zwei")).status).toBe(0);
    await ok("rm", "--yes", "--purge", "one", "zwei", "one");
    expect(await json("ls")).toHaveLength(1);
    expect((await t2a("rm", "--yes", "@last", "nothing")).status).toBe(1);
    expect(await json("ls")).toHaveLength(1);
  });

  it("are asked for before they go, where somebody sits at a terminal", async () => {
    const { t2a, env, json } = await filled();
    const rm = (answer: string, ...args: readonly string[]) =>
      runCli(["rm", ...args], { env, stdin: answer, terminal: "/dev/null" });
    for (const answer of ["n\n", "\n", "yesterday\n", ""])
      expect(await rm(answer, "two")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("put this session into the trash? [y/N]"),
      });
    expect(await json("ls")).toHaveLength(3);
    expect(await rm("y\n", "one", "two")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("put these 2 sessions into the trash?"),
    });
    expect(await rm("YES\n", "--purge", "two")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("delete this session for good?"),
    });
    expect(await json("ls", "--deleted")).toMatchObject([{ name: "one" }]);
    expect((await t2a("rm", "--purge", "--yes", "nothing")).status).toBe(1);
  });

  it("have tags that are words, and are missed in the trash where they are not there", async () => {
    const { t2a } = await filled();
    expect(await t2a("library", "tag", "@last", " ")).toMatchObject({ status: 2, stderr: "t2a: a tag is not empty\n" });
    expect(await t2a("library", "undelete", "one")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^t2a: the trash has no session one: .*t2a ls --deleted/),
    });
  });

  it("are counted", async () => {
    const { json, ok } = await filled();
    const stats = await json("library", "stats");
    expect(stats).toMatchObject({
      sessions: 3,
      recordings: 3,
      deleted: 0,
      byProgram: [{ program: "run", sessions: 3 }],
    });
    expect(stats.storedBytes).toBeGreaterThan(0);
    expect((await ok("library", "stats")).stdout).toMatch(/sessions +3\n/);
    expect((await ok("library", "stats")).stdout).toMatch(/stored +[0-9.]+ KB, [0-9]+\.[0-9] times the output\n/);
  });

  it("are pruned by what the options say, and only then", async () => {
    const { t2a, json } = await filled();
    expect((await t2a("library", "prune")).status).toBe(2);
    expect((await t2a("library", "prune", "--keep", "1")).status).toBe(2);
    const dry = await t2a("library", "prune", "--keep", "1", "--dry-run");
    expect(dry.stderr).toContain("would go: 2 sessions");
    expect(await json("ls")).toHaveLength(3);
    expect((await t2a("library", "prune", "--keep", "1", "--yes")).stderr).toContain("deleted: 2 sessions");
    expect(await json("ls")).toMatchObject([{ name: "three" }]);
    expect(await json("ls", "--deleted")).toEqual([]);
  });
});

describe.each([
  ["files", undefined],
  ["sqlite", "sqlite://FOLDER/store.db"],
])("where files are named, sessions of a store in %s", (_, store) => {
  it("stand for their recordings, by id, name and place", async () => {
    const { ok, json } = await filled(store);
    const [{ id }] = await json("ls");
    for (const reference of [id, id.slice(0, 12), id.toLowerCase(), "@last", "@-1", "three"])
      expect((await ok("play", "-q", "-s", "1000", reference)).stdout).toBe("three was here\r\n");
    expect((await ok("library", "open", "-q", "-s", "1000", "@-2")).stdout).toBe("two was here\r\n");
    expect(await json("info", "@-3")).toMatchObject({ format: "t2r", outputBytes: 14 });
    expect((await ok("grep", "was", "@last")).stdout).toContain("three was here");
    expect((await ok("screen", "@last")).stdout).toContain("three was here");
  });

  it("are converted, verified, compared and analyzed", async () => {
    const { ok, path, t2a } = await filled(store);
    await ok("convert", "-q", "two", path("out.cast"));
    expect(readFileSync(path("out.cast"), "utf8")).toContain("two was here");
    await ok("cut", "-q", "--keep", "0..1", "@last", path("cut.cast"));
    await ok("verify", "@last");
    await ok("commands", "@last");
    await ok("marker", "ls", "@last");
    expect((await t2a("compare", "one", "two")).status).toBe(1);
    expect((await ok("analyze", "-f", "json", "one", "two")).stdout).toContain('"problems": []');
  });
});

describe.each([
  ["files", undefined],
  ["sqlite", "sqlite://FOLDER/store.db"],
])("t2a analyze without a target, of a store in %s", (_, store) => {
  it("reports on what the library keeps of the time", async () => {
    const { ok, t2a, path } = await filled(store);
    const report = async (...args: string[]) =>
      JSON.parse((await ok("analyze", "-q", "-f", "json", ...args)).stdout).files;
    expect(await report("--since", "2026-01-01T00:00Z", "--until", "2026-01-03T00:00Z")).toMatchObject({
      analyzed: 2,
      problems: [],
    });
    expect((await t2a("analyze", "--until", "2025-01-01")).status).toBe(2);
    await ok("library", "add", "-q", writeCast(path("now.cast"), { timestamp: Math.floor(Date.now() / 1000) - DAY_S }));
    expect(await report()).toMatchObject({ analyzed: 1, problems: [] });
  });
});

it("what a shell completes is @last, names that need no quoting, and beginnings of ids", async () => {
  const { ok, path, json } = await filled();
  await ok(
    "library",
    "add",
    "-q",
    "--name",
    "$(evil) name",
    writeCast(path("now.cast"), { timestamp: T0 + 9 * DAY_S }),
  );
  const [{ id }] = await json("ls");
  expect((await ok("library", "complete")).stdout.trim().split("\n")).toEqual([
    "@last",
    id.slice(0, 10),
    "three",
    "two",
    "one",
  ]);
  expect(await user().t2a("library", "complete")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect((await ok("library", "complete", "--deleted")).stdout).toBe("");
  await ok("rm", "--yes", "two");
  expect((await ok("library", "complete", "--deleted")).stdout).toBe("@last\ntwo\n");
  expect((await ok("library", "complete")).stdout).not.toContain("two");
});

it("t2a library exists says yes to what means several, no to what is nothing, and prints neither", async () => {
  const { t2a, path, ok } = await filled();
  await ok("library", "add", "-q", "--name", "one", writeCast(path("other.cast"), { timestamp: T0 + 9 * DAY_S }));
  for (const [name, status] of [
    ["one", 0],
    ["two", 0],
    ["four", 1],
  ] as const) {
    expect(await t2a("library", "exists", name)).toEqual(expect.objectContaining({ status, stdout: "", stderr: "" }));
  }
});

describe("a store's URL that cannot be used", () => {
  const usage = (stderr: string) => ({
    status: 2,
    stderr: expect.stringMatching(new RegExp(`^t2a: ${stderr}[^\\n]*\\n$`)),
  });

  it("is told of with where it is from", async () => {
    const { path, env } = user();
    writeFileSync(path("config.toml"), '[store]\nurl = "ftp://host/x"\n');
    const ls = (more: Record<string, string>, ...args: string[]) =>
      runCli(["ls", ...args], { env: { ...env, ...more } });
    expect(await ls({}, "--store", "ftp://host/x")).toMatchObject(usage("--store: ftp: is no store"));
    expect(await runCli(["library", "migrate", "/a", "ftp://host/x"], { env })).toMatchObject(
      usage("TO: ftp: is no store"),
    );
    expect(await ls({ T2A_STORE: "ftp://host/x" })).toMatchObject(usage("T2A_STORE: ftp: is no store"));
    expect(await ls({ T2A_CONFIG: path("config.toml") })).toMatchObject(
      usage(`${path("config.toml")}: store\\.url: ftp: is no store`),
    );
  });
});

describe("references", () => {
  it("give way to files of that name, and a path is never one", async () => {
    const { t2a, path } = await filled();
    const before = process.cwd();
    process.chdir(path(""));
    try {
      writeCast(path("two"), { output: "a file\r\n" });
      expect((await t2a("play", "-q", "-s", "1000", "two")).stdout).toBe("a file\r\n");
      expect((await t2a("play", "-q", "./one")).stderr).toMatch(/cannot read \.\/one: no such file or folder/);
    } finally {
      process.chdir(before);
    }
  });

  it("that mean nothing are no files either; the library is spoken of where there is one", async () => {
    const { t2a } = await filled();
    expect((await t2a("play", "nothing")).stderr).toMatch(
      /cannot read nothing: no such file, and the library has no session/,
    );
    expect((await t2a("play", "@-9")).stderr).toMatch(/has not so many sessions/);
    expect((await user().t2a("play", "nothing")).stderr).toMatch(/cannot read nothing: no such file or folder/);
    expect((await user().t2a("play", "@last")).stderr).toMatch(/the library is empty/);
  });

  it("are refused by what would change the store's copy", async () => {
    const { t2a, json, path } = await filled();
    const [{ id, recordings }] = await json("ls");
    const file = path(`data/t2a/sessions/${id}/${recordings[0].name}`);
    const before = readFileSync(file);
    for (const args of [
      ["marker", "add", "@last", "0", "x"],
      ["marker", "rm", "@last", "1"],
      ["recover", "@last"],
    ]) {
      const { status, stderr } = await t2a(...args);
      expect([status, stderr]).toEqual([2, expect.stringContaining("never rewritten")]);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
