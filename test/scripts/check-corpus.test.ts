// scripts/check-corpus.mjs over our own fixtures, and over a folder in which it has to find what is wrong.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Report {
  readonly recordings: Readonly<Record<string, number>>;
  readonly passedOver: Readonly<Record<string, number>>;
  readonly checks: readonly { check: string; files: number; points: number; differences: number }[];
  readonly differences: number;
  readonly examples: readonly { check: string; name: string; what: string }[];
  readonly known: readonly { name: string; what: string }[];
  readonly unusable: Readonly<Record<string, number>>;
}

function check(folder: string, ...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}scripts/check-corpus.mjs`, folder, "--jobs", "1", "--json", ...options],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  return { status, stderr, report: (stdout === "" ? undefined : JSON.parse(stdout)) as Report };
}

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = tempDir();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), bytes);
  }
  return path(".");
}

describe("check:corpus", () => {
  it("finds all of our fixtures exact and lossless, whatever their format", () => {
    const { status, report } = check(`${root}fixtures`, "--points", "9", "--seeks", "12", "--no-python");
    expect(report.examples).toEqual([]);
    expect(status).toBe(0);
    expect(Object.keys(report.recordings).sort()).toEqual([
      "asciicast-v1",
      "asciicast-v2",
      "asciicast-v3",
      "json",
      "raw",
      "script",
      "t2r",
      "ttyrec",
      "ttyrec2",
      "ttyrec3",
    ]);
    const checks = report.checks.map(({ check: name }) => name);
    expect(checks).toEqual(expect.arrayContaining(["state, at once", "state, later", "dump, later", "seek"]));
    expect(checks).toEqual(expect.arrayContaining(["decoded .t2r", "verified .t2r", "keyframes proven"]));
    expect(report.checks.every(({ points, differences }) => points > 0 && differences === 0)).toBe(true);
  }, 120_000);

  it("compares what terminal emulators' tests feed with what they expect, and says what differs", () => {
    const rows = (...first: readonly string[]) => JSON.stringify([...first, ...Array(24 - first.length).fill("")]);
    const folder = folderWith({
      "conformance/a/good.in": "one\n  two\n",
      "conformance/a/good.text": `one\n  two\n${"\n".repeat(23)}`,
      "conformance/a/bad.in": "one\n",
      "conformance/a/bad.text": "two\n",
      "conformance/a/t0084-CBT.in": "listed\n",
      "conformance/a/t0084-CBT.text": "otherwise\n",
      "conformance/b/list.input": "\x1b[2;3Hx\x1b[?25l",
      "conformance/b/list.output": rows("", "  x"),
      "conformance/c/cells/1.typescript": "\x1b[31mé日",
      "conformance/c/cells/1.json": JSON.stringify({
        cells: {
          "0,0": { contents: "é", fgcolor: "1" },
          "0,1": { contents: "日", is_wide: true, fgcolor: "1" },
          "0,2": { contents: "", is_wide_continuation: true, fgcolor: "1" },
        },
        cursor_position: [0, 3],
      }),
      "conformance/c/cells/3.typescript": "later",
      "conformance/c/cells/3.json": "{}",
      "conformance/d/x/alacritty.recording": "\x1b[1;4Hz",
      "conformance/d/x/size.json": '{"columns":5,"screen_lines":2}',
      "conformance/d/x/expected-derived.txt": "   z\n\n",
      "conformance/e/steps.test":
        '!Rows\nRESET\nPUSH "ab"x2\n  ?screen_row 0 = "abab"\n  ?cursor = 0,4\n$SEQ 2 3: PUSH "\\e[\\#;1H\\#"\n  ?screen_row 2 = "3"\n' +
        '!Wrong\nPUSH "\\e[H"\n  ?cursor = 5,5\n',
    });
    const { status, report } = check(folder, "--points", "4", "--seeks", "4", "--no-python", "--no-zstd");
    expect(status).toBe(1);
    expect(report.differences).toBe(2);
    expect(report.examples.map(({ name, what }) => [name, what])).toEqual([
      ["xterm: bad", 'row 0: "one" instead of "two" (the engine alone shows the same)'],
      ["libvterm: steps: Wrong", 'cursor: "0,0" instead of "5,5"'],
    ]);
    expect(report.known.map(({ name }) => name)).toEqual(["xterm: t0084-CBT"]);
    expect(report.unusable).toEqual({ "an earlier step is not there": 1 });
    // What is fed is a stream like any other.
    expect(report.recordings).toEqual({ raw: 7 });
  });

  it("passes over what is no recording, and reads damaged ones as far as they are good", () => {
    const cast = '{"version":2,"width":80,"height":24}\n[1, "o", "ok"]\n[2, "o", "cu';
    const folder = folderWith({ "README.md": "# no recording", "damaged.cast": cast });
    const { status, report } = check(folder, "--points", "3", "--seeks", "3");
    expect([status, report.recordings, report.passedOver]).toEqual([
      0,
      { "asciicast-v2": 1 },
      { T2A_UNKNOWN_FORMAT: 1 },
    ]);
  });

  it("names what it needs", () => {
    const { status, stderr } = check("/nonexistent");
    expect([status, stderr]).toEqual([2, "give a folder of recordings: npm run check:corpus -- DIR\n"]);
    expect(check(`${root}fixtures`, "--points", "many").status).toBe(2);
  });
});
