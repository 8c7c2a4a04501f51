// t2a marker: seen as a user sees it.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { copyRecording, getFormat, openT2r } from "../../formats/index.js";
import { openFileSource, openFileTarget } from "../../src/files/index.js";
import { output, recordingOf } from "../core/recordings.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const CAST = `{"version": 3, "term": {"cols": 80, "rows": 24}, "tags": ["a"], "own": {"k": 1.0}}
# comment
[0.5, "o", "one\\r\\n"]
[1.5, "m", "first"]
[10.25, "o", "two"]
[60, "m", "\\u001b]0;evil\\u0007\\u202e"]
[1, "x", "0"]
`;
const LISTED = "1      2.0  first\n2  1:12.25  ␛]0;evil␇\\u202e\n";

function setup() {
  const path = tempDir();
  writeFileSync(path("demo.cast"), CAST);
  return path;
}

/** A recording, compressed. */
const BZ2 =
  "QlpoOTFBWSZTWW5+yrsAABtbgAAQUAR8UAAKKiediiAAVFAAZAAAap+qPSaBoPSMnpo8oD6tDRdXMRjvKXXk5hTEBTg1u1sYVZGQu6IGAHffF3JFOFCQbn7Kuw==";

const list = async (file: string) => (await runCli(["marker", "ls", file])).stdout;
const folderOf = (path: (name: string) => string) => readdirSync(dirname(path("x"))).sort();

describe("marker ls", () => {
  it("lists number, position and label, which are never printed raw", async () => {
    const path = setup();
    expect(await runCli(["marker", "ls", path("demo.cast")])).toMatchObject({ status: 0, stdout: LISTED, stderr: "" });
  });

  it("prints JSON, also where there are none, and reads standard input", async () => {
    const path = setup();
    expect(JSON.parse((await runCli(["marker", "ls", "--json", path("demo.cast")])).stdout)).toEqual([
      { number: 1, timeNs: 2e9, label: "first" },
      { number: 2, timeNs: 72.25e9, label: "\x1b]0;evil\x07\u202e" },
    ]);
    expect((await runCli(["marker", "ls", "-"], { stdin: CAST })).stdout).toBe(LISTED);
    writeFileSync(path("bytes.raw"), "x");
    expect((await runCli(["marker", "ls", "--json", path("bytes.raw")])).stdout).toBe("[]\n");
    expect((await runCli(["marker", "ls", path("bytes.raw")])).stdout).toBe("");
  });

  it("reads the index of a .t2r alone", async () => {
    const path = setup();
    await runCli(["convert", path("demo.cast"), path("demo.t2r")]);
    const bytes = readFileSync(path("demo.t2r"));
    const block = bytes.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) + 6; // inside of the output
    writeFileSync(
      path("damaged.t2r"),
      Buffer.concat([bytes.subarray(0, block), Buffer.of(255), bytes.subarray(block + 1)]),
    );
    expect((await runCli(["verify", path("damaged.t2r")])).status).toBe(1);
    expect(await list(path("damaged.t2r"))).toBe(LISTED);
    expect((await runCli(["marker", "ls", "--strict", path("damaged.t2r")])).status).toBe(1);
  });
});

describe("marker add and rm", () => {
  it("add a line to a .cast and take it away again, and touch no other byte", async () => {
    const path = setup();
    const added = await runCli(["marker", "add", path("demo.cast"), "1:02", "tests\x1b[1m pass"]);
    expect(added).toMatchObject({ status: 0, stdout: "", stderr: "::: added marker 2 at 1:02.0: tests pass\n" });
    expect(readFileSync(path("demo.cast"), "utf8")).toBe(
      CAST.replace("[60,", '[49.750000, "m", "tests\\u001b[1m pass"]\n[10.25,'),
    );
    const removed = await runCli(["marker", "rm", path("demo.cast"), "2"]);
    expect(removed.stderr).toBe("::: removed marker 2 at 1:02.0: tests pass\n");
    // The same interval again, with the decimals that it took meanwhile.
    expect(readFileSync(path("demo.cast"), "utf8")).toBe(CAST.replace("[60,", "[60.00,"));
    expect(folderOf(path)).toEqual(["demo.cast"]);
  });

  it("take positions as shares, and say nothing when asked to", async () => {
    const path = setup();
    expect((await runCli(["marker", "add", "-q", path("demo.cast"), "100%"])).stderr).toBe("");
    expect(await list(path("demo.cast"))).toBe(`${LISTED}3  1:13.25\n`);
  });

  it.each([
    [["1"], "2  1:12.25  ␛]0;evil␇\\u202e\n".replace("2 ", "1 ")],
    [["2.0"], "1  1:12.25  ␛]0;evil␇\\u202e\n"],
    [["1:12.25"], "1  2.0  first\n"],
    [["--label", "first"], "1  1:12.25  ␛]0;evil␇\\u202e\n"],
    [["1", "2", "0:02"], ""],
    [["--all"], ""],
  ])("rm %j", async (args, left) => {
    const path = setup();
    expect((await runCli(["marker", "rm", path("demo.cast"), ...args])).status).toBe(0);
    expect(await list(path("demo.cast"))).toBe(left);
  });

  it("counts what it removes where it is much, and leaves a file without markers as it is", async () => {
    const path = tempDir();
    const lines = Array.from({ length: 30 }, (_, at) => `[1, "m", "${at}"]\n`).join("");
    writeFileSync(path("many.cast"), `{"version":3,"term":{"cols":80,"rows":24}}\n${lines}`);
    const { stderr } = await runCli(["marker", "rm", "--all", path("many.cast")]);
    expect(stderr.trim().split("\n")).toHaveLength(21);
    expect(stderr).toContain("::: and 10 more\n");
    const before = statSync(path("many.cast")).ino;
    expect((await runCli(["marker", "rm", "--all", path("many.cast")])).stderr).toBe(
      "::: there are no markers: the file stays as it is\n",
    );
    expect(statSync(path("many.cast")).ino).toBe(before);
  });

  it.each([
    [["rm", "3"], "there is no marker 3: the recording has 2"],
    [["rm", "0"], "there is no marker 0"],
    [["rm", "2.5"], "there is no marker exactly at 2.5"],
    [["rm", "soon"], 'not a position in time: "soon"'],
    [["rm", "--label", "x"], 'no marker says "x"'],
    [["rm"], "say which markers"],
    [["add", "2:00"], "2:00.0 lies behind the end of the recording (1:13.3)"],
    [["add", "soon"], 'not a position in time: "soon"'],
    [["add"], "missing required argument 'position'"],
  ])("refuse %j in one clear line, and leave the file", async ([name = "", ...args], message) => {
    const path = setup();
    const { status, stderr } = await runCli(["marker", name, path("demo.cast"), ...args]);
    expect(status).toBe(2);
    expect(stderr.split("\n")[0]).toContain(message);
    expect(readFileSync(path("demo.cast"), "utf8")).toBe(CAST);
  });

  it("keep compression whatever the name says, permissions, and a link", async () => {
    const path = setup();
    writeFileSync(path("packed"), gzipSync(CAST));
    chmodSync(path("packed"), 0o640);
    symlinkSync(path("packed"), path("link"));
    expect((await runCli(["marker", "rm", "-q", path("link"), "1"])).status).toBe(0);
    expect(gunzipSync(readFileSync(path("packed"))).toString()).not.toContain("first");
    expect(statSync(path("packed")).mode & 0o777).toBe(0o640);
    expect(folderOf(path)).toEqual(["demo.cast", "link", "packed"]);
    await runCli(["convert", path("demo.cast"), path("demo.json.zst")]);
    expect((await runCli(["marker", "add", "-q", path("demo.json.zst"), "1", "z"])).status).toBe(0);
    expect(await list(path("demo.json.zst"))).toContain("1      1.0  z\n");
    expect([...readFileSync(path("demo.json.zst")).subarray(0, 4)]).toEqual([0x28, 0xb5, 0x2f, 0xfd]);
  });

  it("keep every event of a .json and a .t2r, and the keyframes of the latter", async () => {
    const path = tempDir();
    const demo = fileURLToPath(new URL("../../fixtures/demo.json", import.meta.url));
    await runCli(["convert", demo, path("demo.t2r")]);
    writeFileSync(path("demo.json"), readFileSync(demo));
    for (const name of ["demo.t2r", "demo.json"]) {
      expect(await runCli(["marker", "add", path(name), "0.26", "x"])).toMatchObject({ status: 0 });
      if (name === "demo.t2r") {
        expect((await runCli(["verify", path(name)])).status).toBe(0);
        expect(JSON.parse((await runCli(["info", "--json", path(name)])).stdout).keyframes).toBeDefined();
      }
      expect((await runCli(["marker", "rm", path(name), "0.26"])).status).toBe(0);
      expect((await runCli(["convert", "-q", "-f", "json", path(name), "-"])).stdout).toBe(readFileSync(demo, "utf8"));
    }
    await runCli(["convert", "--no-keyframes", demo, path("bare.t2r")]);
    await runCli(["marker", "add", path("bare.t2r"), "0.26"]);
    expect(JSON.parse((await runCli(["info", "--json", path("bare.t2r")])).stdout).keyframes).toBeUndefined();
  });

  it("keep a signature over what comes before, and say which is lost", async () => {
    const path = setup();
    const config = { XDG_CONFIG_HOME: path("config") };
    await runCli(["key", "create"], { env: config });
    await runCli(["convert", "--sign", path("demo.cast"), path("demo.t2r")], { env: config });
    const end = await runCli(["marker", "add", path("demo.t2r"), "100%", "end"]);
    expect(end.stderr).toBe("::: added marker 3 at 1:13.25: end\n");
    const middle = await runCli(["marker", "add", path("demo.t2r"), "3"]);
    expect(middle.stderr).toContain("!!! not everything could be kept: lost 1 signature\n");
  });

  it("say which sections are left out", async () => {
    const path = tempDir();
    async function* sections() {
      yield ["chapters", Buffer.from("1")] as const;
    }
    const target = openFileTarget(path("a.t2r"));
    await copyRecording(recordingOf([[output(1, "a")]]), getFormat("t2r"), target, { sections: sections() });
    expect((await runCli(["marker", "add", path("a.t2r"), "1"])).stderr).toContain(
      "!!! the section chapters was left out: it is about the recording as it was\n",
    );
    const source = await openFileSource(path("a.t2r"));
    expect([...((await openT2r(source))?.index.sections.keys() ?? [])]).toEqual(["commands"]);
    await source.close();
  });

  it("mend what is odd where it cannot be left as it is, and say so", async () => {
    const path = setup();
    writeFileSync(path("odd.cast"), '{"version":2,"width":80,"height":24}\n[2.0000005, "o", "a"]\n[1, "o", "b"]\n');
    const { status, stderr } = await runCli(["marker", "add", path("odd.cast"), "1", "m"]);
    expect(status).toBe(0);
    expect(stderr).toContain("!!! time runs backwards");
    expect(readFileSync(path("odd.cast"), "utf8")).toBe(
      '{"version":2,"width":80,"height":24}\n[1.000000000, "m", "m"]\n[2.000000500, "o", "a"]\n[2.000000500, "o", "b"]\n',
    );
  });

  it("refuse a recording in progress, and leave it alone", async () => {
    const path = setup();
    const live = openFileTarget(path("live.cast"), { mode: "live" });
    await live.write(Buffer.from(CAST));
    const { status, stderr } = await runCli(["marker", "add", path("live.cast"), "1"]);
    expect(status).toBe(1);
    expect(stderr).toBe(
      `t2a: ${path("live.cast")} is still being recorded or finished: its markers can be changed when that has ended\n`,
    );
    await live.commit();
    expect(readFileSync(path("live.cast"), "utf8")).toBe(CAST);
  });

  it("refuse what was not finished, is damaged, or cannot hold markers, and say what to do", async () => {
    const path = setup();
    await runCli(["convert", "-q", path("demo.cast"), path("demo.t2r")]);
    truncateSync(path("demo.t2r"), statSync(path("demo.t2r")).size - 10);
    await runCli(["convert", "-q", path("demo.cast"), path("demo.ttyrec")]);
    writeFileSync(path("cut.cast"), CAST.slice(0, -5));
    writeFileSync(path("demo.cast.bz2"), Buffer.from(BZ2, "base64"));
    await runCli(["convert", path("demo.cast"), path("packed.t2r.gz")]);
    mkdirSync(path("folder"));
    for (const [name, message] of [
      ["demo.t2r", "was not finished, or is damaged: t2a recover mends it\n"],
      ["demo.ttyrec", "is ttyrec, which holds no markers: t2a convert it to a format that does, .t2r or .cast"],
      ["cut.cast", "convert --recover takes what is good"],
      ["demo.cast.bz2", "is compressed with bzip2, which t2a only reads: t2a convert it to .gz or .zst"],
      ["packed.t2r.gz", "is a compressed .t2r: unpack it first (gzip)"],
      ["folder", "is no file: markers are changed in files alone"],
      ["missing.cast", "no such file or folder"],
    ] as const) {
      const before = existsSync(path(name)) && name !== "folder" ? readFileSync(path(name)) : undefined;
      const { status, stderr } = await runCli(["marker", "add", path(name), "0"]);
      expect([name, status, stderr]).toEqual([name, 1, expect.stringContaining(message)]);
      expect(before?.equals(readFileSync(path(name)))).toBe(before === undefined ? undefined : true);
    }
    for (const name of ["-", "http://localhost/x.cast"]) {
      expect(await runCli(["marker", "rm", "--all", name])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("markers are changed in a file: name one"),
      });
    }
  });

  it("leave the file as it was when they are interrupted", async () => {
    const path = setup();
    const lines = `[1, "o", "${"x".repeat(1000)}"]\n`.repeat(3000);
    writeFileSync(path("long.cast"), `${CAST}${lines}`);
    const before = readFileSync(path("long.cast"));
    setImmediate(() => process.emit("SIGTERM", "SIGTERM"));
    expect((await runCli(["marker", "rm", "--all", path("long.cast")])).status).toBe(143);
    expect(readFileSync(path("long.cast")).equals(before)).toBe(true);
    expect(folderOf(path)).toEqual(["demo.cast", "long.cast"]);
  });
});
