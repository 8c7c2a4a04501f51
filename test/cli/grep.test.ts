// t2a grep: where recordings showed a text.
import { appendFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

function recordings() {
  const path = tempDir();
  const cast = (...lines: string[]) => `${['{"version":2,"width":40,"height":5}', ...lines].join("\n")}\n`;
  writeFileSync(
    path("one.cast"),
    cast(
      '[0.5,"o","$ ma"]',
      '[1,"o","ke test\\r\\n"]',
      '[61.26,"o","\\u001b[31mEr\\u001b[1mror\\u001b[0m: no rule\\r\\n"]',
      '[70,"o","error: again\\r\\n"]',
    ),
  );
  writeFileSync(path("two.cast"), cast('[1,"o","all well\\r\\n"]'));
  const run = (args: string[], options: { tty?: boolean; stdin?: string } = {}) =>
    runCli(["grep", ...args], { ...options, env: { XDG_CACHE_HOME: path("cache") } });
  return { path, run };
}

describe("t2a grep", () => {
  it("prints file, time and line of each hit", async () => {
    const { path, run } = recordings();
    const result = await run(["error", path("one.cast"), path("two.cast")]);
    expect(result.stdout).toBe(
      `${path("one.cast")}  1:01.3  Error: no rule\n${path("one.cast")}  1:10.0  error: again\n`,
    );
    expect([result.status, result.stderr]).toEqual([0, ""]);
    expect((await run(["--no-filename", "make", path("one.cast")])).stdout).toBe("1.0s  $ make test\n");
    expect((await run(["\\v^\\w+: n", path("one.cast")])).stdout).toContain("Error: no rule");
  });

  it("says by its status whether there was a hit, or a file that could not be read", async () => {
    const { path, run } = recordings();
    expect((await run(["nowhere", path("one.cast")])).status).toBe(1);
    const failed = await run(["well", path("missing.cast"), path("two.cast")]);
    expect([failed.status, failed.stdout]).toEqual([2, `${path("two.cast")}  1.0s  all well\n`]);
    expect(failed.stderr.split("missing.cast")).toHaveLength(2); // named once
    expect((await run(["\\v(", path("one.cast")])).status).toBe(2);
    expect((await run(["-m", "0", "x", path("one.cast")])).status).toBe(2);
  });

  it("prints what is good of a damaged recording, and then that it is damaged", async () => {
    const { path, run } = recordings();
    appendFileSync(path("one.cast"), '[71,"o"\n[72,"o","error: third"]\n');
    const damaged = await run(["error", path("one.cast")]);
    expect(damaged.status).toBe(2);
    expect(damaged.stdout.split("\n").length).toBe(3);
    expect(damaged.stderr).toMatch(/^!!! .*at byte \d+: convert --recover takes what is good\n$/);
    const mended = await run(["--recover", "error", path("one.cast")]);
    expect(mended.status).toBe(0);
  });

  it("counts, names files, and stops early", async () => {
    const { path, run } = recordings();
    const files = [path("one.cast"), path("two.cast")];
    expect((await run(["-c", "error", ...files])).stdout).toBe(`${files[0]}  2\n${files[1]}  0\n`);
    expect((await run(["-l", "error", ...files])).stdout).toBe(`${files[0]}\n`);
    expect((await run(["-m", "1", "error", ...files])).stdout).toBe(`${files[0]}  1:01.3  Error: no rule\n`);
  });

  it("prints JSON", async () => {
    const { path, run } = recordings();
    const file = path("one.cast");
    const json = async (...args: string[]) => JSON.parse((await run(["--json", ...args])).stdout);
    expect(await json("error", file)).toEqual([
      { file, timeNs: 61_260_000_000, events: 3, line: "Error: no rule", start: 0, length: 5 },
      { file, timeNs: 70_000_000_000, events: 4, line: "error: again", start: 0, length: 5 },
    ]);
    expect(await json("nowhere", file)).toEqual([]);
    expect(await json("-c", "error", file)).toEqual([{ file, count: 2 }]);
    expect(await json("-l", "error", file)).toEqual([file]);
  });

  it("marks what it found on a terminal, and prints nothing raw", async () => {
    const { path, run } = recordings();
    expect((await run(["rule", path("one.cast")], { tty: true })).stdout).toContain(
      "Error: no \x1b[1;31mrule\x1b[0m\n",
    );
    const evil = '{"version":2,"width":40,"height":5}\n[1,"o","a\\u202ebad\\u200f b"]\n';
    const { stdout } = await run(["bad", "-"], { stdin: evil });
    expect(stdout).toBe("-  1.0s  a\\u202ebad\\u200f b\n");
  });

  it("prints of a very long line what is near", async () => {
    const { path, run } = recordings();
    const long = JSON.stringify(`${"a".repeat(600)}needle${"b".repeat(600)}`);
    writeFileSync(path("long.cast"), `{"version":2,"width":40,"height":5}\n[1,"o",${long}]\n`);
    const { stdout } = await run(["--no-filename", "needle", path("long.cast")]);
    expect(stdout).toBe(`1.0s  …${"a".repeat(500)}needle${"b".repeat(500)}…\n`);
  });

  it("finds the same in every format", async () => {
    const { path, run } = recordings();
    for (const name of ["one.t2r", "one.ttyrec", "one.script", "one.cast.gz"]) {
      const formats = name.endsWith(".script") ? ["-f", "script"] : [];
      await runCli(["convert", "-q", ...formats, path("one.cast"), path(name)]);
      for (let time = 0; time < 2; time++) {
        const { stdout } = await run(["--no-filename", "again", path(name)]);
        expect([name, stdout.slice(stdout.indexOf("  "))]).toEqual([name, "  error: again\n"]);
      }
    }
  });
});

describe("the cache of t2a grep", () => {
  it("is filled by the first search and read by the next", async () => {
    const { path, run } = recordings();
    expect((await run(["--no-cache", "nowhere", path("one.cast")])).status).toBe(1);
    expect(existsSync(path("cache"))).toBe(false);
    const first = await run(["error", path("one.cast")]);
    expect(readdirSync(path("cache/t2a/text")).length).toBe(1);
    expect(await run(["error", path("one.cast")])).toEqual(first);
    appendFileSync(path("one.cast"), '[80,"o","error: new\\r\\n"]\n');
    expect((await run(["new", path("one.cast")])).stdout).toContain("error: new");
    expect(readdirSync(path("cache/t2a/text")).length).toBe(2);
  });

  it("keeps nothing of standard input, recordings in progress, and those that are read as told", async () => {
    const { path, run } = recordings();
    await run(["error", "-"], { stdin: '{"version":2,"width":40,"height":5}\n[1,"o","x"]\n' });
    await run(["--strict", "error", path("one.cast")]);
    writeFileSync(path("one.cast-journal"), "");
    await runCli(["convert", "-q", path("one.cast"), path("one.t2r")]);
    writeFileSync(path("one.t2r-journal"), "");
    await run(["error", path("one.t2r")]);
    expect(existsSync(path("cache"))).toBe(false);
  });
});
