// The command line's frame: help, version, errors and statuses; and the program as it is installed.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createContext } from "../../src/cli/context.js";
import { type CliIo, VERSION } from "../../src/cli/io.js";
import { main, processIo } from "../../src/cli/main.js";
import { createProgram } from "../../src/cli/program.js";
import { PROGRAMS, runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packageJson: { readonly version: string } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const BIN = `${root}bin/t2a.js`;

function ioOf(fields: Partial<CliIo> = {}): CliIo {
  return {
    stdin: new PassThrough().end(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    version: VERSION,
    programs: PROGRAMS,
    ...fields,
  };
}

const commands = createProgram(createContext(ioOf(), () => {})).commands;
const NAMES = commands.map((command) => command.name());

describe("t2a", () => {
  it("prints its version, which is package.json's", async () => {
    expect(VERSION).toBe(packageJson.version);
    for (const flag of ["--version", "-V"]) {
      expect(await runCli([flag])).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
    }
  });

  it("shows help with every command when asked to, on standard output", async () => {
    const { status, stdout, stderr } = await runCli(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const command of commands) {
      expect(command.summary()).not.toBe("");
      expect(stdout).toMatch(new RegExp(`^  ${command.name()}\\b.* ${command.summary().slice(0, 20)}`, "m"));
    }
    expect((await runCli(["help"])).stdout).toBe(stdout);
  });

  it.each(NAMES)("%s has help whose paragraphs fill the terminal, whatever its width", async (name) => {
    for (const columns of [50, 80, 140]) {
      const stdout = Object.assign(new PassThrough(), { columns });
      await main([name, "--help"], ioOf({ stdout }));
      const lines: string[] = stdout.read().toString().split("\n");
      for (const [at, line] of lines.entries()) {
        if (!/^\S/.test(line)) continue;
        expect(line.length).toBeLessThanOrEqual(columns);
        const next = lines[at + 1]?.match(/^\S+/)?.[0];
        if (next !== undefined) expect(`${line} ${next}`.length).toBeGreaterThan(columns);
      }
    }
  });

  it("shows help on standard error where nothing is asked, and fails", async () => {
    const { status, stdout, stderr } = await runCli([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: t2a");
  });

  it.each(NAMES)("%s has help: what it does, and what every option means", async (name) => {
    const command = commands.find((candidate) => candidate.name() === name);
    expect(command?.description()).toMatch(/^[A-Z].*\.$/s);
    for (const option of command?.options ?? [])
      expect([option.flags, option.description]).not.toEqual([option.flags, ""]);
    const { status, stdout, stderr } = await runCli([name, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`Usage: t2a ${name}`);
    expect(stdout.replace(/\s+/g, " ")).toContain(command?.description().replace(/\s+/g, " "));
    expect((await runCli(["help", name])).stdout).toBe(stdout);
  });

  it.each([
    [["nonsense"], "t2a: unknown command 'nonsense'"],
    [["pley"], "(Did you mean play?)"],
    [["--nonsense"], "t2a: unknown option '--nonsense'"],
    [["formats", "extra"], "t2a: too many arguments"],
    [["convert", "--precision", "ms", "-", "-"], "Allowed choices are us, ns"],
  ])("refuses %j with status 2 and a hint", async (args, message) => {
    const { status, stdout, stderr } = await runCli(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("t2a help COMMAND");
  });

  it("ends quietly where the reader of its output is gone", async () => {
    const gone = () =>
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
      });
    const stderr = new PassThrough();
    const stdin = new PassThrough().end("hello");
    const args = ["convert", "--input-format", "raw", "-f", "raw", "-", "-"];
    expect(await main(args, ioOf({ stdin, stdout: gone(), stderr }))).toBe(0);
    expect(stderr.read()).toBeNull();
    const broken = new PassThrough();
    broken.destroy(Object.assign(new Error("read EPIPE"), { code: "EPIPE" }));
    expect(await main(args, ioOf({ stdin: broken, stderr }))).toBe(0);
  });

  it("says that an error is its own where it did not expect it, in one line, and where when asked to", async () => {
    const failing = {
      get HOME(): string {
        throw new TypeError("odd\nthing \u001b[31m");
      },
    };
    const told = async (env: CliIo["env"]) => {
      const stderr = new PassThrough();
      expect(await main(["config"], ioOf({ stderr, env }))).toBe(1);
      return String(stderr.read());
    };
    expect(await told(failing)).toMatch(/^t2a: internal error: odd thing +\(T2A_DEBUG=1 shows where\)\n$/);
    const debugged = await told(Object.defineProperties({ T2A_DEBUG: "1" }, Object.getOwnPropertyDescriptors(failing)));
    expect(debugged).toMatch(/\n {4}at \S+/);
    expect(debugged).not.toContain("\u001b");
  });

  it("never prints names raw to a terminal", async () => {
    const { status, stderr } = await runCli(["info", "evil\u001b]0;title\u0007\n"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^t2a: cannot read evil[^\u0007\u001b]*: no such file or folder\n$/);
  });
});

describe("processIo", () => {
  it("is the process's own world", () => {
    const before = [process.stdout, process.stderr].map((stream) => [stream, stream.listeners("error")] as const);
    const io = processIo();
    expect(io.stdin).toBe(process.stdin);
    expect(io).toMatchObject({ env: process.env, version: VERSION });
    expect([io.stdout, io.stderr]).toEqual([process.stdout, process.stderr]);
    for (const [stream, listeners] of before) {
      for (const listener of stream.listeners("error")) {
        if (!listeners.includes(listener)) stream.off("error", listener as (...args: unknown[]) => void); // as it was added
      }
    }
  });
});

describe("bin/t2a.js", () => {
  const sh = (script: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", process.execPath, BIN, ...args], {
      encoding: "utf8",
      env: { ...process.env, HOME: "/nonexistent", T2A_DEBUG: "" },
    });
    return { status, stdout, stderr };
  };

  it("runs", () => {
    expect(sh('"$1" "$2" --version')).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: "" });
    expect(sh('"$1" "$2" nonsense')).toMatchObject({ status: 2, stdout: "" });
  });

  it("reads standard input and writes standard output", () => {
    const script = 'printf hello | "$1" "$2" convert --input-format raw -f raw - - | cat';
    expect(sh(script)).toEqual({ status: 0, stdout: "hello", stderr: "" });
  });

  it.each([
    ['convert -f raw "$3" -', "0"],
    ["formats --json", "0"],
  ])("ends quietly when its reader does: %s", (command, status) => {
    const path = tempDir();
    writeFileSync(path("long.raw"), "line\n".repeat(1_000_000));
    const script = `{ "$1" "$2" ${command}; echo $? > "$4"; } | head -c 5`;
    const { stdout, stderr } = sh(script, path("long.raw"), path("status"));
    expect(stdout).toHaveLength(5);
    expect(stderr).toBe("");
    expect(readFileSync(path("status"), "utf8").trim()).toBe(status);
  });

  it("says what to do where it was not built", () => {
    const path = tempDir();
    mkdirSync(path("bin"));
    cpSync(BIN, path("bin/t2a.js"));
    writeFileSync(path("package.json"), '{"type":"module"}');
    const { status, stdout, stderr } = spawnSync(process.execPath, [path("bin/t2a.js"), "--version"], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^t2a: not built yet: run "npm ci" \(or "npm run build"\) in \S+\n$/);
  });
});
