// t2a search: over all of the library.
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

async function library() {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache") };
  const run = (args: readonly string[], tty = false) => runCli(args, { env, tty });
  const add = async (name: string, title: string, ...lines: readonly string[]) => {
    const header = { version: 2, width: 80, height: 24, timestamp: 1_793_000_000, title };
    const events = lines.map((line, at) => JSON.stringify([at + 0.51, "o", `${line}\r\n`]));
    writeFileSync(path(name), `${[JSON.stringify(header), ...events].join("\n")}\n`);
    const added = await run(["library", "add", path(name)]);
    expect([added.status, added.stderr]).toEqual([0, expect.stringContaining("added")]);
  };
  return { path, run, add };
}

describe("t2a search", () => {
  it("finds nothing where there is no library, and makes none", async () => {
    const { run } = await library();
    const result = await run(["search", "x"]);
    expect([result.status, result.stdout]).toEqual([1, ""]);
    expect((await run(["search", "--json", "x"])).stdout).toBe("[]\n");
  });

  it("shows each hit with its title, time and line, and the command that plays it from there", async () => {
    const { run, add } = await library();
    await add("one.cast", "the demo", "$ make", "error: out of", "memory \u001b[31m세션\u001b[0m");
    const result = await run(["search", '"out of memory"']);
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(
      /^the demo {2}1\.6s {2}2026-\d\d-\d\d \d\d:\d\d {2}screen\n {2}error: out of\n {2}t2a play \w{10} --start-at 1\.6s\n$/,
    );
    const id = /play (\w+)/.exec(result.stdout)?.[1] ?? "";
    expect((await run(["screen", id, "--at", "1.6s"])).stdout).toContain("out of");
    const [hit] = JSON.parse((await run(["search", "--json", "세션"])).stdout) as Record<string, unknown>[];
    expect(hit).toEqual({
      sessionId: expect.stringMatching(new RegExp(`^${id}`)),
      recordingId: expect.any(String),
      title: "the demo",
      timeNs: 2_510_000_000,
      snippet: "memory 세션",
      kind: "screen",
      score: expect.any(Number),
    });
    expect((await run(["search", "nowhere"])).status).toBe(1);
  });

  it("names the store in the command where it is not that of the settings", async () => {
    const { path, run } = await library();
    writeFileSync(path("one.cast"), '{"version":2,"width":80,"height":24}\n[1,"o","the word"]\n');
    await run(["library", "add", "-q", path("one.cast"), "--store", path("my store")]);
    const { stdout } = await run(["search", "word", "--store", path("my store")]);
    expect(stdout).toContain(`\n  T2A_STORE='file://${path("my store")}' t2a play `);
    const id = /play (\w+)/.exec(stdout)?.[1] ?? "";
    const env = { XDG_CACHE_HOME: path("cache"), T2A_STORE: `file://${path("my store")}` };
    expect((await runCli(["screen", id, "--at", "1s"], { env })).stdout).toContain("the word");
  });

  it("marks on a terminal what was found, and lets nothing through that it would act on", async () => {
    const { run, add } = await library();
    await add("one.cast", "evil \u001b]0;title\u0007", "an Error here");
    const { stdout } = await run(["search", "error"], true);
    expect(stdout).toContain("an \x1b[1;31mError\x1b[0m here");
    expect(stdout).not.toContain("\x1b]0;");
  });

  it("takes filters as options and in its text", async () => {
    const { run, add } = await library();
    await add("one.cast", "first", "the word");
    await add("two.cast", "second", "the word");
    const titles = async (...args: string[]) =>
      (JSON.parse((await run(["search", "--json", ...args])).stdout) as { title: string }[]).map(({ title }) => title);
    expect((await titles("word")).sort()).toEqual(["first", "second"]);
    expect(await titles("word title:second")).toEqual(["second"]);
    expect(await titles("word during:2026-10-20..30", "--limit", "1")).toHaveLength(1);
    expect(await titles("word during:2026-11")).toEqual([]);
    expect(await titles("word", "--status", "failed")).toEqual([]);
    expect(await titles("--regex", "^t.e w")).toHaveLength(2);
    expect(await titles("--fuzzy", "worrd")).toHaveLength(2);
    expect(await titles("--kind", "session", "first")).toEqual(["first"]);
    expect((await run(["search", "a since:7d", "--since", "7d"])).status).toBe(2);
    expect((await run(["search", ""])).status).toBe(2);
    expect((await run(["search", "--regex", "("])).stderr).toContain("not a regular expression");
  });

  it("takes what is said once, by the search or by options, and refuses what contradicts itself", async () => {
    const { run, add } = await library();
    await add("one.cast", "first one", "alpha beta", "gamma");
    await add("two.cast", "second", "alpha delta");
    const titles = async (...args: readonly string[]) => {
      const { status, stdout, stderr } = await run(["search", "--json", ...args]);
      if (stdout === "") return [status, stderr];
      return (JSON.parse(stdout) as { title: string }[]).map(({ title }) => title).sort();
    };
    expect(await titles("alpha")).toEqual(["first one", "second"]);
    expect(await titles("--limit", "1", "alpha")).toHaveLength(1);
    expect(await titles("--regex", "^alpha [bx]")).toEqual(["first one"]);
    expect(await titles("--fuzzy", "gama")).toEqual(["first one"]);
    expect(await titles("--kind", "screen", "--since", "1d", "alpha")).toEqual([]);
    expect(await titles("--kind", "screen", "--until", "2100-01-01", "alpha")).toHaveLength(2);
    expect(await titles("kind:screen alpha -beta")).toEqual(["second"]);
    expect(await titles("--kind", "session", "")).toEqual(["first one", "second"]);
    expect(await titles("--tag", "none", "")).toEqual([]);
    for (const [args, message] of [
      [["--regex", "--fuzzy", "x"], "--regex is exact"],
      [["--regex", "("], "regular expression"],
      [["--kind", "screen", "kind:screen", "x"], "both say the kind"],
      [["--tag", "a", "tag:b", "x"], "both say tags"],
      [["session:nobody", "x"], "nobody"],
    ] as const)
      expect(await titles(...args)).toEqual([expect.any(Number), expect.stringContaining(message)]);
    const shown = await run(["search", "alpha"], true);
    expect(shown.stdout).toContain("\u001b[1;31malpha\u001b[0m");
    expect(shown.stdout.split("\n\n")).toHaveLength(2);
  });
});
