// t2a compare: its words, its page, its data and its exit status; a recording against itself in other formats.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const osc = (mark: string) => `\u001b]133;${mark}\u0007`;

type Ran = readonly [line: string, printed: string, status: number, seconds?: number];

/** A recording of commands that a shell marked. */
function castOf(ran: readonly Ran[], { marks = true } = {}): string {
  let time = 0;
  const events: unknown[] = [];
  const add = (seconds: number, text: string) => {
    time += seconds;
    events.push([time, "o", text]);
  };
  const mark = (text: string) => (marks ? osc(text) : "");
  for (const [line, printed, status, seconds = 1] of ran) {
    add(1, `${mark("A")}$ ${mark("B")}`);
    add(1, line);
    add(0.5, `\r\n${mark("C")}`);
    add(0.25, printed.replaceAll("\n", "\r\n"));
    add(seconds, mark(`D;${status}`));
  }
  return `{"version":2,"width":60,"height":20}\n${events.map((event) => `${JSON.stringify(event)}\n`).join("")}`;
}

const BEFORE: readonly Ran[] = [
  ["make", "ok\n", 0],
  ["make test", "one\ntwo\nthree\n", 0, 2],
  ["rm x", "", 0],
  ["true", "", 0],
];
const AFTER: readonly Ran[] = [
  ["make", "ok\n", 0],
  ["make test", "one\nTWO\nthree\n", 137, 9],
  ["true", "", 0],
  ["pwd", "/home\n", 0],
];

/** Writes recordings, and gives their names. */
function written(...casts: readonly string[]): readonly string[] {
  const inFolder = tempDir();
  return casts.map((cast, n) => {
    const path = inFolder(`${"ab"[n]}.cast`);
    writeFileSync(path, cast);
    return path;
  });
}

const compare = (...args: readonly string[]) => runCli(["compare", ...args]);

describe("t2a compare", () => {
  it("has its status also where nobody reads what it says", () => {
    const path = tempDir();
    writeFileSync(path("a.cast"), castOf(BEFORE));
    writeFileSync(path("b.cast"), castOf(AFTER));
    const line = '"$0" "$1" compare "$2" "$3" | true; exit "$PIPESTATUS"';
    const { status } = spawnSync("bash", ["-c", line, process.execPath, T2A, path("a.cast"), path("b.cast")]);
    expect(status).toBe(1);
  });

  it("sets commands side by side, and shows what they printed otherwise and which cells differ", async () => {
    const [a = "", b = ""] = written(castOf(BEFORE), castOf(AFTER));
    const { status, stdout, stderr } = await compare(a, b);
    expect([status, stderr]).toEqual([1, ""]);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 2)).toEqual([`--- ${a}  16.0s, 60x20, 4 commands`, `+++ ${b}  23.0s, 60x20, 4 commands`]);
    expect(lines.slice(3, 9)).toEqual([
      "  STATUS          TOOK A    TOOK B   COMMAND",
      "  0                 1.3s      1.3s   make",
      "~ 0 -> SIGKILL      2.3s      9.3s > make test",
      "- 0                 1.3s         -   rm x",
      "  0                 1.3s      1.3s   true",
      "+ 0                    -      1.3s   pwd",
    ]);
    expect(stdout).toContain("what make test printed: 1 removed, 1 added\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n");
    expect(stdout).toContain('  row 5, columns 1-3: "two" -> "TWO"\n');
    expect(lines.at(-2)).toBe(
      "different: 2 commands same, 1 command changed, 1 command removed, 1 command added, 1 of 1 screens differ, slower in all",
    );
  });

  it("ends with status 0 for a recording and itself, 1 for others, 2 where something goes wrong", async () => {
    const [a = "", b = ""] = written(castOf(BEFORE), castOf(AFTER));
    const same = await compare(a, a);
    expect([same.status, same.stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "same: 4 commands same, screens same"]);
    expect(await compare("-q", a, b)).toMatchObject({ status: 1, stdout: "", stderr: "" });
    const damaged = `${a}.cut`;
    writeFileSync(damaged, `${readFileSync(a, "utf8")}[1, broken\n[2, "o", "x"]\n`);
    for (const [args, message] of [
      [[a, `${a}.none`], "a.cast.none"],
      [[damaged, a], "a.cast.cut"],
      [["-", "-"], "standard input can be one of the two"],
      [[a], "missing required argument"],
      [["--at", "x", a, b], "not a position"],
      [["--ignore", "x", a, b], 'cannot ignore "x"'],
      [["--format", "pdf", a, b], "pdf"],
      [["-o", a, a, b], "a.cast"],
    ] as const) {
      const failed = await compare(...args);
      expect([failed.status, failed.stdout], message).toEqual([2, ""]);
      expect(failed.stderr).toContain(message);
      expect(failed.stderr.trimEnd().split("\n").length).toBeLessThan(3);
    }
    expect((await compare("--recover", damaged, a)).status).toBe(0);
  });

  it.each([
    "t2r",
    "json",
    "asciicast-v3",
    "asciicast-v1",
    "ttyrec",
    "ttyrec2",
    "ttyrec3",
    "script",
    "raw",
  ])("finds a recording the same in the format %s", async (format) => {
    const [a = ""] = written(castOf(AFTER));
    const path = `${a}.${format}`;
    expect((await runCli(["convert", "-q", "-f", format, a, path])).status).toBe(0);
    for (const [one, other] of [
      [a, path],
      [path, a],
    ] as const) {
      const { status, stdout } = await compare(one, other);
      const verdict = /^same: 4 commands same, screens same(?:, (?:faster|slower) in all)?$/; // raw has no times
      expect([status, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, expect.stringMatching(verdict)]);
    }
  });

  it("counts durations where asked, and leaves out what is ignored", async () => {
    const [a = "", b = ""] = written(castOf([["make", "", 0, 1]]), castOf([["make", "", 0, 9]]));
    expect((await compare(a, b)).status).toBe(0);
    expect((await compare("--durations", a, b)).status).toBe(1);
    const [c = "", d = ""] = written(castOf([["make", "1\n", 0]]), castOf([["make", "2\n", 0]]));
    expect((await compare(c, d)).status).toBe(1);
    expect((await compare("--ignore", "output", c, d)).status).toBe(1);
    expect((await compare("--ignore", "screens", c, d)).status).toBe(1);
    expect((await compare("--ignore", "output", "--ignore", "screens", c, d)).status).toBe(0);
  });

  it("compares all text and the screens at the moments asked for, where shells marked nothing", async () => {
    const [a = "", b = ""] = written(castOf(BEFORE, { marks: false }), castOf(AFTER, { marks: false }));
    const { status, stdout } = await compare("--at", "0.5", "--at", "100%", "--at", "2.6", a, b);
    expect(status).toBe(1);
    expect(stdout).toContain("\nall text: 2 removed, 3 added\n");
    expect(stdout).toContain("\nthe screen at 16.0 and 23.0: ");
    expect(stdout).toMatch(/\ndifferent: text differs, 1 of 3 screens differ, slower in all\n$/);
    const cut = await compare("--at", "2", "--ignore", "output", a, b);
    expect([cut.status, cut.stdout]).toEqual([0, expect.stringMatching(/\nsame: screens same, slower in all\n$/)]);
  });

  it("takes one of the two from standard input, but no percentage of it", async () => {
    const [a = ""] = written(castOf(BEFORE));
    const stdin = castOf(BEFORE);
    expect((await runCli(["compare", "-", a], { stdin })).status).toBe(0);
    expect((await runCli(["compare", a, "-", "--at", "2"], { stdin })).status).toBe(0);
    expect((await runCli(["compare", a, "-", "--at", "50%"], { stdin })).status).toBe(2);
  });

  it("prints the same as data", async () => {
    const [a = "", b = ""] = written(castOf(BEFORE), castOf(AFTER));
    const { status, stdout } = await compare("--json", a, b);
    const data = JSON.parse(stdout);
    expect([status, data.same, data.commandsCount, data.pace, data.text]).toEqual([1, false, true, "slower", null]);
    expect(data.a).toEqual({ name: a, cols: 60, rows: 20, durationNs: 16_000_000_000, commands: 4 });
    expect(data.commands.map(({ kind }: { kind: string }) => kind)).toEqual([
      "same",
      "changed",
      "removed",
      "same",
      "added",
    ]);
    expect(data.commands[1]).toMatchObject({
      differs: ["status", "output"],
      pace: "slower",
      a: { line: "make test", exitStatus: 0, durationNs: 2_250_000_000 },
      b: { exitStatus: 137, signal: "SIGKILL" },
      output: { removed: 1, added: 1, hunks: [{ aStart: 1, aLines: 3 }] },
    });
    expect(data.commands[2].b).toBeNull();
    expect(data.screens[0]).toMatchObject({ aNs: null, same: false, sizes: { a: { cols: 60, rows: 20 } } });
    expect(data.screens[0].differences[0]).toEqual({ row: 4, from: 0, to: 3, kind: "text", a: "two", b: "TWO" });
  });

  it("writes a page without scripts or anything from elsewhere, everything escaped", async () => {
    const evil = `<script>alert("1")</script> & '`;
    const [a = "", b = ""] = written(
      castOf([[`echo ${evil}`, `${evil}\n`, 0]]),
      castOf([[`echo ${evil}`, `2${evil}\n`, 0]]),
    );
    const page = `${a}.html`;
    expect(await compare("-o", page, a, b)).toMatchObject({ status: 1, stdout: "" }); // its name says html
    const html = readFileSync(page, "utf8");
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(html).not.toMatch(/<script|javascript:|https?:|<link|<img|url\(/i);
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;");
    expect(html).toContain('<mark class="text">');
    const tags = [...html.matchAll(/<(\/?)([a-z0-9]+)[^>]*?>/g)].filter(([, , name]) => !/^(meta)$/.test(name ?? ""));
    const open: string[] = [];
    for (const [, isClosing, name = ""] of tags) {
      if (isClosing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
    expect((await compare("--format", "html", "-o", page, a, b)).status).toBe(2); // it is there
    expect((await compare("--format", "html", "--overwrite", "-o", page, a, a)).status).toBe(0);
    expect(readFileSync(page, "utf8")).toContain("<p>The same.</p>");
  });

  it("prints nothing that a terminal obeys, whatever recordings and names hold", async () => {
    const evil = "\u001b]0;title\u0007\u001b[31mred\u009b5n\u202e\r\u2028";
    const inFolder = tempDir();
    const [a, b] = [inFolder("a\u001b[5m.cast"), inFolder("b\u001b[5m.cast")];
    // The line as a mark tells it: backslashes and escapes and all.
    const line = `${osc("A")}$ \u001b]633;E;x\\x1b[31m\\x07\\xe2\\x80\\xae\u0007${osc("C")}`;
    const file = (text: string) =>
      `{"version":2,"width":60,"height":20}\n${JSON.stringify([0, "o", `${line}${text}\r\n${osc("D;1")}`])}\n`;
    writeFileSync(a, file(`one${evil}`));
    writeFileSync(b, file(`two${evil}`));
    for (const format of ["text", "json", "html"]) {
      const { status, stdout } = await compare("--format", format, a, b);
      expect(status).toBe(1);
      expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/);
    }
    const missing = await compare(a, `${b}.none`);
    expect(missing.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  it("is in colour on a terminal alone", async () => {
    const [a = "", b = ""] = written(castOf(BEFORE), castOf(AFTER));
    const { stdout } = await runCli(["compare", "-q", "-q", a, b], { tty: true });
    expect(stdout).toBe("");
    expect((await runCli(["compare", a, b], { tty: true })).stdout).toContain(
      "\x1b[31m-two\x1b[0m\n\x1b[32m+TWO\x1b[0m\n",
    );
    expect((await runCli(["compare", a, b], { tty: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\x1b");
    const path = `${a}.txt`;
    await runCli(["compare", a, b, "-o", path], { tty: true });
    expect(readFileSync(path, "utf8")).not.toContain("\x1b");
  });

  it("lists of a long run that is the same its ends alone", async () => {
    const many = Array.from({ length: 30 }, (_, n): Ran => [`run ${n}`, "", 0]);
    const [a = "", b = ""] = written(castOf(many), castOf([...many, ["last", "", 0]]));
    const { stdout } = await compare(a, b);
    expect(stdout).toContain("run 2\n  ... 24 more that are the same\n");
    expect(stdout.match(/run \d+\n/g)).toHaveLength(6);
    expect(stdout).toContain("run 29\n+ 0 ");
  });

  it("tells of sizes, styles and cursors that differ, in words and on the page, also where shells marked nothing", async () => {
    const file = (cols: number, text: string) =>
      `{"version":2,"width":${cols},"height":5}\n${[
        [0, "o", "same\r\n"],
        [1, "o", text],
      ]
        .map((event) => `${JSON.stringify(event)}\n`)
        .join("")}`;
    const [a = "", b = ""] = written(file(20, "plain\u001b[?25l"), file(30, "\u001b[1mplain\u001b[0m\r\n\u001b[?25h"));
    const words = await compare("--at", "0.5", "--at", "100%", a, b);
    expect(words.status).toBe(1);
    expect(words.stdout).toContain("20x5");
    expect(words.stdout).toContain("30x5");
    expect(words.stdout).toContain('style of "plain"');
    expect(words.stdout).toContain("hidden");
    const page = (await compare("--format", "html", "--at", "100%", a, b)).stdout;
    expect(page).toContain('<mark class="style">');
    const [c = "", d = ""] = written(file(20, "one\r\ntwo"), file(20, "one\r\nTWO"));
    expect((await compare("--format", "html", c, d)).stdout).toContain("<h2>All text</h2>");
    const half = file(20, `\u001b]133;A\u0007$ \u001b]133;B\u0007ls\r\n\u001b]133;C\u0007x`);
    const [e = "", f = ""] = written(half, castOf([["ls", "x\n", 2, 3]]));
    for (const format of ["text", "html", "json"]) expect((await compare("--format", format, e, f)).status).toBe(1);
  });
});
