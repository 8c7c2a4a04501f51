// t2a convert, cat, info: the ways recordings are moved and looked at.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const CAST = `{"version":2,"width":80,"height":24,"title":"demo"}
[0.5, "o", "one\\r\\n"]
[1.0, "i", "x"]
[5.0, "r", "100x30"]
[5.5, "o", "two\\r\\n"]
[6.0, "m", "here"]
[6.25, "x", "3"]
`;

function setup() {
  const path = tempDir();
  writeFileSync(path("demo.cast"), CAST);
  return path;
}

const folderOf = (path: (name: string) => string) => readdirSync(dirname(path("x"))).sort();

describe("convert", () => {
  it("writes the format of the output's extension and tells what that cannot hold", async () => {
    const path = setup();
    const result = await runCli(["convert", path("demo.cast"), path("demo.ttyrec")]);
    expect(result).toMatchObject({ status: 0, stdout: "" });
    expect(result.stderr).toBe(
      "!!! ttyrec cannot hold everything: lost 1 header field, 1 input event, 1 resize event, 1 marker, 1 exit status\n",
    );
    expect(readFileSync(path("demo.ttyrec")).includes("one\r\n")).toBe(true);
    expect(statSync(path("demo.ttyrec")).mode & 0o777).toBe(0o600);
  });

  it("keeps quiet when asked to, and gives the losses as JSON", async () => {
    const path = setup();
    expect((await runCli(["convert", "-q", path("demo.cast"), path("a.raw")])).stderr).toBe("");
    const { stdout, status } = await runCli(["convert", "--json", path("demo.cast"), path("a.ttyrec")]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      inputFormat: "asciicast-v2",
      outputFormat: "ttyrec",
      events: 6,
      durationNs: 6_250_000_000,
      losses: { input: 1, resize: 1, marker: 1, exit: 1 },
      warnings: [],
    });
  });

  it("reads standard input and writes standard output", async () => {
    const { status, stdout } = await runCli(["convert", "-f", "raw", "-q", "-", "-"], { stdin: CAST });
    expect(status).toBe(0);
    expect(stdout).toBe("one\r\ntwo\r\n");
  });

  it("writes asciicast v3 to standard output where nothing names a format", async () => {
    const { stdout } = await runCli(["convert", "-", "-"], { stdin: CAST });
    expect(stdout.split("\n")[0]).toBe('{"version":3,"term":{"cols":80,"rows":24},"title":"demo"}');
  });

  it("compresses by suffix and reads what is compressed, whatever it is called", async () => {
    const path = setup();
    expect((await runCli(["convert", path("demo.cast"), path("a.cast.gz")])).status).toBe(0);
    expect(gunzipSync(readFileSync(path("a.cast.gz"))).toString()).toContain('"version":3');
    expect((await runCli(["convert", path("a.cast.gz"), path("b.json.zst")])).status).toBe(0);
    writeFileSync(path("noname"), gzipSync(CAST));
    const { stdout } = await runCli(["info", "--json", path("noname")]);
    expect(JSON.parse(stdout)).toMatchObject({ format: "asciicast-v2", events: { output: 2 } });
    const { stdout: fromZstd } = await runCli(["info", "--json", path("b.json.zst")]);
    expect(JSON.parse(fromZstd)).toMatchObject({ format: "json", events: { output: 2, exit: 1 } });
  });

  it("does not write what it only reads: .xz and .bz2", async () => {
    const path = setup();
    const { status, stderr } = await runCli(["convert", path("demo.cast"), path("a.cast.xz")]);
    expect(status).toBe(1);
    expect(stderr).toBe("t2a: t2a reads .xz files but does not write them: use .gz or .zst\n");
    expect(folderOf(path)).toEqual(["demo.cast"]);
  });

  it("leaves an existing file as it was unless told to replace it", async () => {
    const path = setup();
    writeFileSync(path("out.cast"), "precious");
    const { status, stderr } = await runCli(["convert", path("demo.cast"), path("out.cast")]);
    expect(status).toBe(1);
    expect(stderr).toContain("exists already: use --overwrite");
    expect(readFileSync(path("out.cast"), "utf8")).toBe("precious");
    expect((await runCli(["convert", "--overwrite", path("demo.cast"), path("out.cast")])).status).toBe(0);
    expect(readFileSync(path("out.cast"), "utf8")).toContain('"version":3');
  });

  it("replaces the file it reads, and the file a link points to", async () => {
    const path = setup();
    symlinkSync(path("demo.cast"), path("link.cast"));
    expect((await runCli(["convert", "--overwrite", path("link.cast"), path("link.cast")])).status).toBe(0);
    expect(readFileSync(path("demo.cast"), "utf8")).toContain('"version":3');
    expect(folderOf(path)).toEqual(["demo.cast", "link.cast"]);
  });

  it("leaves no half file behind when the input is damaged, and says where", async () => {
    const path = setup();
    writeFileSync(path("bad.cast"), `${CAST}[7, "o", "cut`);
    const { status, stderr } = await runCli(["convert", path("bad.cast"), path("out.cast")]);
    expect(status).toBe(1);
    expect(stderr).toBe("t2a: the last line is cut short at byte 169: convert --recover takes what is good\n");
    expect(folderOf(path)).toEqual(["bad.cast", "demo.cast"]);
    const recovered = await runCli(["convert", "--recover", path("bad.cast"), path("out.cast")]);
    expect(recovered).toMatchObject({
      status: 0,
      stderr: "!!! the last line is cut short at byte 169: 13 bytes left out\n",
    });
    expect(readFileSync(path("out.cast"), "utf8")).toContain('"m", "here"');
  });

  it("refuses oddities when strict", async () => {
    const path = setup();
    writeFileSync(path("odd.cast"), `${CAST}[1, "o", "back"]\n`);
    expect((await runCli(["convert", path("odd.cast"), path("a.cast")])).stderr).toBe(
      "!!! time runs backwards at byte 169: held where it was\n",
    );
    expect(await runCli(["convert", "--strict", path("odd.cast"), path("b.cast")])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("time runs backwards at byte 169"),
    });
  });

  it("cuts, and opens the cut with the screen as it then was", async () => {
    const path = setup();
    expect((await runCli(["convert", "--from", "5.2", "--to", "6", path("demo.cast"), path("cut.cast")])).status).toBe(
      0,
    );
    const lines = readFileSync(path("cut.cast"), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    expect(lines.map(([, code]) => code)).toEqual(["r", "o", "o", "m"]);
    expect(lines[0]).toEqual([0, "r", "100x30"]);
    expect(lines[1][2]).toContain("one");
    expect(lines[2].slice(0, 3)).toEqual([0.3, "o", "two\r\n"]);
    const { stdout } = await runCli(["convert", "-f", "txt", "-q", path("cut.cast"), "-"]);
    expect(stdout).toBe("one\ntwo\n");
  });

  it("opens the cut with the screen also where nothing happens in it", async () => {
    const path = setup();
    const cutting = ["convert", "-f", "raw", "--from", "3.1", "--to", "3.2", path("demo.cast"), "-"];
    const { status, stdout, stderr } = await runCli(cutting);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("one");
  });

  it("says so where the cut begins behind the end", async () => {
    const path = setup();
    const { status, stderr } = await runCli(["convert", "--from", "1:00:00", path("demo.cast"), path("cut.cast")]);
    expect(status).toBe(0);
    expect(stderr).toBe("!!! --from lies behind the end of the recording: nothing is left of it\n");
    expect(readFileSync(path("cut.cast"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("takes positions as shares of the duration", async () => {
    const path = setup();
    await runCli(["convert", "--to", "50%", path("demo.cast"), path("half.cast")]);
    expect(JSON.parse((await runCli(["info", "--json", path("half.cast")])).stdout)).toMatchObject({
      events: { output: 1, input: 1, exit: 0 },
    });
    expect(await runCli(["convert", "--to", "50%", "-", "-"], { stdin: CAST })).toMatchObject({ status: 2 });
    expect(await runCli(["convert", "--from", "5", "--to", "4", path("demo.cast"), "-"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--from lies after --to"),
    });
  });

  it("shortens pauses and changes the speed", async () => {
    const path = setup();
    await runCli(["convert", "-i", "1", "--speed", "2", path("demo.cast"), path("fast.cast")]);
    const info = JSON.parse((await runCli(["info", "--json", path("fast.cast")])).stdout);
    expect(info).toMatchObject({ durationNs: 1_625_000_000, largestGapNs: 500_000_000 });
  });

  it("writes nine decimals, and the classic timing file of script", async () => {
    const path = setup();
    await runCli(["convert", "--precision", "ns", path("demo.cast"), path("ns.cast")]);
    expect(readFileSync(path("ns.cast"), "utf8")).toContain("[0.500000000, ");
    await runCli(["convert", "-q", "--script-timing", "classic", path("demo.cast"), path("demo.typescript")]);
    const timing = folderOf(path).find((name) => name.endsWith(".timing"));
    expect(readFileSync(path(timing ?? ""), "utf8")).toMatch(/^0\.500000 5\n/);
  });

  it("reads bytes as raw only when told to, by extension or option", async () => {
    const path = setup();
    writeFileSync(path("bytes.raw"), Buffer.from([0x61, 0xff]));
    expect((await runCli(["convert", "-f", "json", path("bytes.raw"), "-"])).stdout).toContain('"base64":"Yf8="');
    expect(
      (await runCli(["convert", "--input-format", "raw", "-f", "json", "-", "-"], { stdin: "hello" })).stdout,
    ).toContain('"text":"hello"');
    expect(await runCli(["convert", "-", "-"], { stdin: "hello" })).toMatchObject({
      status: 1,
      stderr: "t2a: standard input is not a recording t2a knows: unknown format\n",
    });
  });

  it.each([
    [["convert", "missing.cast", "out.cast"], 1, "cannot read missing.cast: no such file or folder"],
    [["convert", "/", "out.cast"], 1, "cannot read /: it is a directory"],
    [["convert", "-f", "gif", "-", "-"], 2, 'unknown format "gif"'],
    [["convert", "--input-format", "txt", "-", "-"], 2, "txt can be written but not read"],
    [["convert", "-", "film.mp4"], 2, "no format has the extension .mp4"],
    [["convert", "--speed", "0", "-", "-"], 2, 'not a speed: "0"'],
    [["convert", "--from", "soon", "-", "-"], 2, 'not a position in time: "soon"'],
    [["convert", "--json", "-", "-"], 2, "--json and the recording cannot both go to standard output"],
    [["convert", "-"], 2, "missing required argument 'out'"],
    [["convert", "--nonsense"], 2, "unknown option '--nonsense'"],
    [["convrt"], 2, "Did you mean convert?"],
  ])("%j ends with %i and one clear line", async (args, status, message) => {
    const result = await runCli(args);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toContain("    at ");
    expect(existsSync("out.cast")).toBe(false);
  });

  it("writes to a device without trying to replace it", async () => {
    const path = setup();
    expect(await runCli(["convert", "-q", "-f", "raw", path("demo.cast"), "/dev/null"])).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("says when the output's folder is missing or is no folder", async () => {
    const path = setup();
    expect((await runCli(["convert", path("demo.cast"), path("none/out.cast")])).stderr).toContain(
      "no such file or folder",
    );
    mkdirSync(path("folder.cast"));
    expect((await runCli(["convert", path("demo.cast"), path("folder.cast")])).stderr).toContain("it is a directory");
  });

  it("never prints what a recording says raw", async () => {
    const path = setup();
    writeFileSync(path("evil.cast"), '{"version":2,"width":80,"height":24,"title":"\\u001b]52;c;AAAA\\u0007x"}\n');
    const { stdout } = await runCli(["info", path("evil.cast")]);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toContain("\u0007");
  });

  it.each([
    ["convert", "-f", "json", "-"],
    ["cat", "-", "-f", "json", "-o"],
  ])("leaves nothing behind when it is interrupted: %s", async (...args) => {
    const path = setup();
    async function* stdin() {
      yield Buffer.from(CAST);
      for (let i = 0; i < 20; i++) {
        if (i === 10) process.emit("SIGTERM", "SIGTERM");
        yield Buffer.from('[7, "o", "more"]\n');
      }
    }
    expect((await runCli([...args, path("out.json")], { stdin: stdin() })).status).toBe(143);
    expect(folderOf(path)).toEqual(["demo.cast"]);
  });

  it("prints JSON without bytes that terminals act on", async () => {
    const { stdout } = await runCli(["info", "--json", "-"], {
      stdin: '{"version":2,"width":80,"height":24,"title":"\u009b31m\u202e"}\n',
    });
    expect(stdout).toContain('"\\u009b31m\\u202e"');
    expect(JSON.parse(stdout).header.title).toBe("\u009b31m\u202e");
  });

  it("shows an internal error's place only when asked to", async () => {
    const path = setup();
    const { stderr } = await runCli(["convert", path("missing"), "-"], { env: { T2A_DEBUG: "1" } });
    expect(stderr).toContain("    at ");
  });
});

describe("cat", () => {
  it("joins recordings of any format, with a resize where the size differs", async () => {
    const path = setup();
    await runCli(["convert", "-q", path("demo.cast"), path("b.ttyrec")]);
    const { status, stdout, stderr } = await runCli(["cat", path("demo.cast"), path("b.ttyrec")]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const events = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    expect(events.map(([, code]) => code).join("")).toBe("oiromxroo");
    expect(events[6]).toEqual([0, "r", "80x24"]);
  });

  it("writes a file, tells losses, and refuses an existing one", async () => {
    const path = setup();
    const args = ["cat", "-o", path("all.ttyrec"), path("demo.cast"), path("demo.cast")];
    expect(await runCli(args)).toMatchObject({ status: 0, stderr: expect.stringContaining("2 input events") });
    expect(await runCli(args)).toMatchObject({ status: 1, stderr: expect.stringContaining("exists already") });
    expect(await runCli([...args, "--overwrite", "-q"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("leaves nothing behind where a later recording cannot be read", async () => {
    const path = setup();
    expect((await runCli(["cat", "-o", path("all.cast"), path("demo.cast"), path("missing")])).status).toBe(1);
    expect(folderOf(path)).toEqual(["demo.cast"]);
  });
});

describe("info", () => {
  it("gives counts, sizes and the header as JSON", async () => {
    const path = setup();
    const { stdout } = await runCli(["info", "--json", path("demo.cast")]);
    expect(JSON.parse(stdout)).toEqual({
      format: "asciicast-v2",
      sizeBytes: CAST.length,
      durationNs: 6_250_000_000,
      cols: 80,
      rows: 24,
      events: { output: 2, input: 1, resize: 1, marker: 1, exit: 1, custom: 0 },
      outputBytes: 10,
      inputBytes: 1,
      largestGapNs: 4_000_000_000,
      header: { cols: 80, rows: 24, title: "demo" },
      warnings: [],
    });
  });

  it("reads aloud for people", async () => {
    const path = setup();
    const { stdout } = await runCli(["info", path("demo.cast")]);
    expect(stdout).toContain("duration    6.3s\n");
    expect(stdout).toContain("events      2 output, 1 input, 1 resize, 1 marker, 1 exit\n");
    expect(stdout).toContain("title       demo\n");
  });

  it("shows what is good of a damaged recording, then the error", async () => {
    const { status, stdout, stderr } = await runCli(["info", "--json", "-"], { stdin: `${CAST}garbage\n` });
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ events: { output: 2 }, sizeBytes: CAST.length + 8 });
    expect(stderr).toBe("t2a: event 7 is no valid event line at byte 169: convert --recover takes what is good\n");
  });

  it("says that an empty file is empty", async () => {
    const path = setup();
    writeFileSync(path("empty"), "");
    expect((await runCli(["info", path("empty")])).stderr).toContain("it is empty");
  });

  it("tells the first warnings and how many more there are", async () => {
    const lines = Array.from({ length: 10 }, () => '[1, "o", "a", 1]\n').join("");
    const { stderr } = await runCli(["info", "-"], { stdin: `{"version":3,"term":{"cols":80,"rows":24}}\n${lines}` });
    expect(stderr.trim().split("\n")).toHaveLength(4);
    expect(stderr).toContain("!!! and 7 more of such");
  });
});
