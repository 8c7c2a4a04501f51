// t2a record: what its flags mean, where the recording goes, and what is said when it cannot go there.
import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultName } from "../../src/cli/commands/record.js";
import { openFileTarget } from "../../src/files/index.js";
import { pollUntil } from "../support/poll-until.js";
import { run } from "../support/programs.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

const rec = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(["rec", "--headless", ...args], { env });
const lines = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const folderOf = (path: (name: string) => string) => readdirSync(dirname(path("x"))).sort();

describe("record", () => {
  it("records a command as asciicast v3 and says where", async () => {
    const path = tempDir();
    const result = await rec(["-t", "Title", "-i", "2.5", "-c", "printf hi", path("demo.cast")]);
    expect(result).toMatchObject({ status: 0, stdout: "" });
    expect(result.stderr).toMatch(
      /^::: Recording session started, writing to .*demo\.cast\n::: Recording session ended: .*demo\.cast \(0\.\ds\)\n$/,
    );
    const [header, ...events] = lines(path("demo.cast"));
    expect(header).toMatchObject({
      version: 3,
      term: { cols: 80, rows: 24 },
      title: "Title",
      command: "printf hi",
      idle_time_limit: 2.5,
    });
    expect(header.term).not.toHaveProperty("theme");
    expect(events.map(([, code, data]) => [code, data])).toEqual([
      ["o", "hi"],
      ["x", "0"],
    ]);
    expect(statSync(path("demo.cast")).mode & 0o777).toBe(0o600);
  });

  it("writes the format of the extension, or the one that is named", async () => {
    const path = tempDir();
    for (const name of ["a.ttyrec", "a.json", "a.raw", "a.typescript"])
      await rec(["-q", "-c", "printf hi", path(name)]);
    expect(readFileSync(path("a.raw"), "utf8")).toBe("hi");
    for (const [name, format] of [
      ["a.ttyrec", "ttyrec"],
      ["a.json", "json"],
      ["a.typescript", "script"],
    ] as const) {
      expect(JSON.parse((await runCli(["info", "--json", path(name)])).stdout)).toMatchObject({
        format,
        outputBytes: 2,
      });
    }
    await rec(["-q", "-f", "asciicast-v2", "-c", "printf hi", path("two")]);
    expect(lines(path("two"))[0]).toMatchObject({ version: 2 });
    await rec(["-q", "-c", "printf hi", path("any.log")]);
    expect(lines(path("any.log"))[0]).toMatchObject({ version: 3 });
  });

  it("takes the format of the settings where the name says nothing", async () => {
    const path = tempDir();
    await rec(["-q", "-c", "printf hi", path("demo")], { T2A_RECORD_FORMAT: "raw" });
    expect(readFileSync(path("demo"), "utf8")).toBe("hi");
  });

  it("warns where what is written is not crash-safe", async () => {
    const path = tempDir();
    expect((await rec(["-q", "-c", "printf hi", path("a.cast.gz")])).stderr).toContain("not crash-safe");
    expect(gunzipSync(readFileSync(path("a.cast.gz"))).toString()).toContain('"o", "hi"');
    expect((await rec(["-q", "-c", "printf hi", path("a.txt")])).stderr).toContain("not crash-safe");
    expect(readFileSync(path("a.txt"), "utf8")).toBe("hi\n");
  });

  it.each([
    [[], {}, 1e9],
    [["--sync", "always"], {}, 0],
    [["--sync", "none"], {}, undefined],
    [[], { T2A_RECORD_SYNC: "always" }, 0],
  ] as const)("syncs as it is told and says so in the header: %j %j", async (args, env, bound) => {
    const path = tempDir();
    for (const name of ["a.cast", "a.t2r", "a.json", "a.typescript"]) {
      await rec(["-q", ...args, "-c", "printf hi", path(name)], env);
      const { stdout } = await runCli(["convert", "-q", "-f", "json", path(name), "-"]);
      const [header, output] = stdout.split("\n").map((line) => line !== "" && JSON.parse(line));
      if (name !== "a.typescript") expect(header.header.extra?.lossBoundNs, name).toBe(bound);
      expect(output.text).toBe("hi");
    }
    await rec(["-q", "-c", "printf hi", path("a.cast.gz")], env);
    expect(gunzipSync(readFileSync(path("a.cast.gz"))).toString()).not.toContain("lossBound");
  });

  it("does not promise to sync what it cannot", async () => {
    const path = tempDir();
    for (const name of ["-", path("a.cast.gz"), path("a.txt"), "/dev/null"]) {
      const result = await rec(["-q", "--sync", "interval", "-c", "true", name]);
      expect(result).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("only a crash-safe format in a file"),
      });
    }
    expect((await rec(["--sync", "often", "-c", "true", path("a.cast")])).status).toBe(2);
    expect((await rec(["-c", "true", path("a.cast")], { T2A_RECORD_SYNC: "often" })).status).toBe(2);
    expect(folderOf(path)).toEqual([]);
  });

  it("exits with 0, or with the command's status when asked to", async () => {
    const path = tempDir();
    expect((await rec(["-q", "-c", "exit 7", path("a.cast")])).status).toBe(0);
    expect((await rec(["-q", "--return", "-c", "exit 7", path("b.cast")])).status).toBe(7);
    expect((await rec(["-q", "--return", "-c", "kill -9 $$", path("c.cast")])).status).toBe(137);
    expect(lines(path("c.cast")).at(-1)?.slice(1)).toEqual(["x", "137"]);
  });

  it("runs $SHELL where no command is given, and keeps the variables that are asked for", async () => {
    const path = tempDir();
    writeFileSync(path("shell"), "#!/bin/sh\nprintf '%s' \"$T2A_REC $ASCIINEMA_REC $T2A_RECORDING\"\n", {
      mode: 0o755,
    });
    await rec(["-q", "--capture-env", "SHELL,LANG,NONE", path("a.cast")], { SHELL: path("shell"), LANG: "C" });
    const [header, [, , output]] = lines(path("a.cast"));
    expect(header.env).toEqual({ SHELL: path("shell"), LANG: "C" });
    expect(output).toBe(`1 1 ${header.t2a.id}`);
  });

  it("leaves an existing file as it was, replaces it, or goes on in it", async () => {
    const path = tempDir();
    const file = path("a.cast");
    await rec(["-q", "-c", "printf one", file]);
    const before = readFileSync(file);
    const refused = await rec(["-c", "printf two", file]);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("exists already: use --overwrite") });
    expect(readFileSync(file).equals(before)).toBe(true);
    await rec(["-q", "--append", "--window-size", "100x30", "-c", "printf two", file]);
    expect(readFileSync(file).subarray(0, before.length).equals(before)).toBe(true);
    expect(
      lines(file)
        .slice(1)
        .map(([, code, data]) => (code === "t2a.anchor" ? code : `${code} ${data}`)),
    ).toEqual(["o one", "x 0", "r 100x30", "t2a.anchor", "o two", "x 0"]);
    await rec(["-q", "--overwrite", "-c", "printf three", file]);
    expect(
      lines(file)
        .slice(1)
        .map(([, code, data]) => `${code} ${data}`),
    ).toEqual(["o three", "x 0"]);
  });

  it("goes on in a .t2r, also where its recorder was killed, and again where that happens to who goes on", async () => {
    const path = tempDir();
    const file = path("a.t2r");
    const output = async () => (await runCli(["convert", "-q", "-f", "raw", file, "-"])).stdout;
    await rec(["-q", "--finalize", "never", "-c", "printf one", file]);
    await rec(["-q", "--finalize", "never", "--append", "-c", "printf two", file]);
    expect([await output(), (await runCli(["verify", file])).stdout]).toEqual(["onetwo", "intact, unsigned\n"]);
    for (const text of ["three", "four"]) {
      const args = [T2A, "record", "-q", "--headless", "--append", "-c", `printf ${text}; exec sleep 100`, file];
      const recorder = spawn(process.execPath, args, { stdio: "ignore" });
      onTestFinished(() => void recorder.kill("SIGKILL"));
      await pollUntil(
        "output in the journal",
        () => existsSync(`${file}-journal`) && readFileSync(`${file}-journal`).includes(text),
      );
      const ended = new Promise((resolve) => recorder.on("exit", resolve));
      recorder.kill("SIGKILL");
      await ended;
    }
    expect(await output()).toBe("onetwothreefour");
    await rec(["-q", "--finalize", "never", "-a", "-c", "printf five", file]);
    expect([await output(), (await runCli(["verify", file])).stdout]).toEqual([
      "onetwothreefourfive",
      "intact, unsigned\n",
    ]);
    expect(existsSync(`${file}-journal`)).toBe(false);
    const damaged = readFileSync(file);
    const inBlock = damaged.indexOf("T*M", 1) + 50;
    damaged[inBlock] = (damaged[inBlock] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    expect(await rec(["-a", "-c", "true", file])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^t2a: .*a\.t2r is damaged and cannot be appended to: .*: convert --recover takes/),
    });
    expect(readFileSync(file).equals(damaged)).toBe(true);
  });

  it("begins a recording where there is nothing to append to", async () => {
    const path = tempDir();
    writeFileSync(path("empty.cast"), "");
    for (const name of ["empty.cast", "new.cast"]) {
      expect((await rec(["-q", "-a", "-c", "printf hi", path(name)])).status).toBe(0);
      expect(lines(path(name))[0]).toMatchObject({ version: 3 });
    }
  });

  it("does not append to what is damaged, of another format, or cannot grow", async () => {
    const path = tempDir();
    writeFileSync(path("cut.cast"), '{"version":3,"term":{"cols":80,"rows":24}}\n[1, "o", "a');
    const cut = readFileSync(path("cut.cast"));
    expect((await rec(["-a", "-c", "true", path("cut.cast")])).status).toBe(1);
    expect(readFileSync(path("cut.cast")).equals(cut)).toBe(true);
    await rec(["-q", "-c", "true", path("a.cast")]);
    expect(await rec(["-a", "-f", "ttyrec", "-c", "true", path("a.cast")])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("cannot be continued as ttyrec"),
    });
    await rec(["-q", "-f", "asciicast-v1", "-c", "true", path("v1.cast")]);
    expect(await rec(["-a", "-c", "true", path("v1.cast")])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("cannot be appended to"),
    });
    expect((await rec(["-a", "--overwrite", "-c", "true", path("a.cast")])).status).toBe(2);
    writeFileSync(path("a.txt"), "what the screen showed\n");
    expect(await rec(["-a", "-c", "true", path("a.txt")])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("a.txt cannot be appended to, being txt: append to a recording (demo.cast)"),
    });
    expect(readFileSync(path("a.txt"), "utf8")).toBe("what the screen showed\n");
  });

  it("writes to standard output", async () => {
    const { stdout, stderr } = await rec(["-q", "-c", "printf hi", "-"]);
    expect(stderr).toBe("");
    expect(stdout.split("\n")[1]).toMatch(/"o", "hi"\]$/);
  });

  it("refuses the file that another recording is writing", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a.cast"), { mode: "live" });
    target.write(Buffer.from("outer"));
    expect(await rec(["--overwrite", "-c", "true", path("a.cast")])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("is being written by another recording"),
    });
    expect(readFileSync(path("a.cast"), "utf8")).toBe("outer");
    await target.commit();
  });

  it("records inside a recording, and says inside which", async () => {
    const path = tempDir();
    const outer = "01M7YB3S0S69F0D9W1GVCTVS2Q";
    await rec(["-q", "-c", "true", path("a.cast")], { T2A_RECORDING: outer, T2A_REC: "1" });
    expect(lines(path("a.cast"))[0].t2a.parentId).toBe(outer);
  });

  it("leaves no file where the command cannot be started", async () => {
    const path = tempDir();
    const result = await rec([path("a.cast")], { SHELL: "/no/such/shell" });
    expect(result.status).toBe(1);
    expect(result.stderr).toBe('t2a: cannot start "/no/such/shell": it is no executable file\n');
    expect(existsSync(path("a.cast"))).toBe(false);
  });

  it("leaves an old recording as it was where the new one cannot begin", async () => {
    const path = tempDir();
    await rec(["-q", "-c", "true", path("a.cast")]);
    const before = readFileSync(path("a.cast"));
    expect((await rec(["--overwrite", path("a.cast")], { SHELL: "/no/such/shell" })).status).toBe(1);
    expect((await rec(["--overwrite", "-f", "gif", "-c", "true", path("a.cast")])).status).toBe(2);
    expect(readFileSync(path("a.cast")).equals(before)).toBe(true);
    expect((await rec(["-a", "-c", "true", "-"])).status).toBe(2);
  });

  it.each(["2>/dev/full", "2>&-"])("goes on where messages cannot be written: %s", async (redirection) => {
    const path = tempDir();
    const command = `'${process.execPath}' '${T2A}' record --headless -c 'printf hi' '${path("a.cast")}' ${redirection}`;
    expect(spawnSync("sh", ["-c", command]).status).toBe(0);
    expect(lines(path("a.cast")).at(-1)?.[1]).toBe("x");
  });

  it.each([
    "| true",
    "> /dev/full",
  ])("says that it stopped where standard output fails at once: %s", async (redirection) => {
    const path = tempDir();
    const command = `'${process.execPath}' '${T2A}' record -q --headless -c 'sleep 0.2; touch ${path("done")}' - ${redirection}`;
    const { stderr } = spawnSync("sh", ["-c", command]);
    expect(stderr.toString()).toMatch(/^\r\n!!! recording stopped, the session goes on: [^\n]*\r\n$/);
    expect(existsSync(path("done"))).toBe(true);
  });

  it.each(["pipe", "socket"] as const)("ends on SIGTERM though nobody reads its %s, with the command", async (kind) => {
    const path = tempDir();
    let stdout: "pipe" | number = "pipe"; // which is a socket to Node
    if (kind === "pipe") {
      run("mkfifo", [path("fifo")]);
      const reader = openSync(path("fifo"), constants.O_RDONLY | constants.O_NONBLOCK);
      onTestFinished(() => closeSync(reader));
      stdout = openSync(path("fifo"), constants.O_WRONLY);
      onTestFinished(() => closeSync(Number(stdout)));
    }
    const command = `echo $$ > ${path("pid")}; exec yes`;
    const child = spawn(process.execPath, [T2A, "record", "-q", "--headless", "-c", command, "-"], {
      stdio: ["ignore", stdout, "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await pollUntil("the command's start", () => existsSync(path("pid")) && readFileSync(path("pid"), "utf8") !== "");
    await new Promise((resolve) => setTimeout(resolve, 500)); // until nothing more goes in
    child.kill("SIGTERM");
    expect(await ended).toBe(1);
    expect(said).toBe("\r\n!!! recording stopped: cannot write standard output: its reader takes nothing any more\r\n");
    expect(() => process.kill(Number(readFileSync(path("pid"), "utf8")), 0)).toThrow("ESRCH");
  });

  it("says so where the disk is full from the start", async () => {
    const result = await rec(["--overwrite", "-c", "true", "/dev/full"]);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("the disk is full");
  });

  it("stops recording when the disk fills up, says so once, and lets the command finish", async (context) => {
    const path = tempDir();
    mkdirSync(path("small"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path("small")]);
    context.skip(mounted.status !== 0, "a small file system cannot be mounted here");
    onTestFinished(() => void spawnSync("umount", [path("small")]));
    const file = join(path("small"), "a.cast");
    const marker = path("finished");
    const result = await rec([
      "-c",
      `i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done; touch ${marker}`,
      file,
    ]);
    expect(result.status).toBe(1);
    expect(result.stderr.match(/recording stopped, the session goes on: .*the disk is full/g)).toHaveLength(1);
    expect(result.stderr).toMatch(/\n::: Recording session ended, not all of it recorded: .*a\.cast \(.*\)\n$/);
    expect(existsSync(marker)).toBe(true);
    const info = await runCli(["info", "--json", file]);
    expect(info.status).toBe(0);
    expect(JSON.parse(info.stdout).events.output).toBeGreaterThan(0);
  });

  it.each([
    [["--window-size", "0x0"], 'not a window size: "0x0"'],
    [["--window-size", "wide"], 'not a window size: "wide"'],
    [["-i", "soon"], 'not a duration: "soon" (use seconds, 2 or 0.5'],
    [["-f", "gif"], 'unknown format "gif"'],
  ])("refuses %j with status 2", async (args, message) => {
    const path = tempDir();
    const result = await rec([...args, "-c", "true", path("a.cast")]);
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
    expect(folderOf(path)).toEqual([]);
  });

  it("records what is typed only when asked to", async () => {
    const path = tempDir();
    await rec(["-q", "-I", "-c", "stty raw -echo; printf '\\033[5n'; head -c 4 >/dev/null", path("a.json")]);
    const { stdout } = await runCli(["info", "--json", path("a.json")]);
    expect(JSON.parse(stdout)).toMatchObject({ events: { input: 1 }, inputBytes: 4 });
  });

  it("pins the dimensions that are named", async () => {
    const path = tempDir();
    await rec(["-q", "--window-size", "x40", "-c", "stty size", path("a.cast")]);
    const [header, [, , output]] = lines(path("a.cast"));
    expect(header.term).toMatchObject({ cols: 80, rows: 40 });
    expect(output).toBe("40 80\r\n");
  });

  it("names recordings by local time and the command's first word", () => {
    const now = new Date(2026, 0, 2, 3, 4, 5);
    expect(defaultName("/usr/bin/make -j4 test", now, ".t2r")).toBe("2026-01-02-030405-make.t2r");
    expect(defaultName("$(evil) x", now, ".t2r")).toBe("2026-01-02-030405-__evil_.t2r");
    expect(defaultName("   ", now, ".t2r")).toBe("2026-01-02-030405-session.t2r");
  });

  it.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("ends the command and finishes the file on %s", async (signal) => {
    const path = tempDir();
    const file = path("a.cast");
    const child = spawn(
      process.execPath,
      [T2A, "record", "-q", "--headless", "-c", "echo started; exec sleep 100", file],
      { stdio: "ignore" },
    );
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    await pollUntil(
      "the command has started",
      () => existsSync(file) && readFileSync(file, "utf8").includes("started"),
    );
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(lines(file).at(-1)?.[1]).toBe("x");
  });
});
