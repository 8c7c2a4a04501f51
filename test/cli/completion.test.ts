// t2a completion: the scripts, tried by the shells they are for.
import { writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { createContext } from "../../src/cli/context.js";
import { createProgram } from "../../src/cli/program.js";
import { missing, run, titled } from "../support/programs.js";
import { PtyDriver } from "../support/pty-driver.js";
import { PROGRAMS, runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const stream = () => new PassThrough();
const program = createProgram(
  createContext(
    { stdin: stream(), stdout: stream(), stderr: stream(), env: {}, version: "0", programs: PROGRAMS },
    () => {},
  ),
);
const NAMES = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
const SHELLS = ["bash", "zsh", "fish"] as const;

/** The script for a shell in a file, beside recordings whose names need quoting. */
async function script(shell: string) {
  const path = tempDir();
  writeFileSync(path("completion"), (await runCli(["completion", shell])).stdout);
  writeFileSync(path("my first $demo.cast"), "");
  return { path, file: path("completion") };
}

describe("completion", () => {
  it.each(SHELLS)("has every command and every long option in it for %s", async (shell) => {
    const { status, stdout, stderr } = await runCli(["completion", shell]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
    const commands = program.commands.flatMap((command) => [command, ...program.createHelp().visibleCommands(command)]);
    const flags = commands.flatMap(({ options }) => options).filter(({ hidden }) => !hidden);
    for (const { long } of flags) {
      const word = shell === "fish" ? `-l ${long?.slice(2)}` : long;
      expect(stdout).toContain(word);
    }
  });

  it("refuses other shells", async () => {
    expect(await runCli(["completion", "tcsh"])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: 't2a: no completion for "tcsh": use bash, zsh or fish\n',
    });
  });

  for (const shell of SHELLS) {
    const reason = missing(shell);
    it.skipIf(reason !== undefined)(titled(`is sound to ${shell}`, reason), async () => {
      const { file } = await script(shell);
      run(shell, ["-n", file]);
    });
  }
});

describe("completion in bash", () => {
  const reason = missing("bash");

  /** What bash would offer for the last of the words. */
  async function offered(...words: readonly string[]): Promise<string[]> {
    const { file } = await script("bash");
    const text = `t2a() { printf "complete%s\\n" "$3"; }; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _t2a; printf "%s\\n" "\${COMPREPLY[@]}"`;
    const output = run("bash", ["--norc", "-c", text, "bash", file, ...words]).toString();
    return output.split("\n").filter((line) => line !== "");
  }

  it.skipIf(reason !== undefined)(titled("offers commands, options and the choices of an option", reason), async () => {
    expect(await offered("t2a", "")).toEqual([...NAMES, "help", "--version", "--help"]);
    expect(await offered("t2a", "conv")).toEqual(["convert"]);
    expect(await offered("t2a", "convert", "--prec")).toEqual(["--precision"]);
    expect(await offered("t2a", "convert", "--precision", "")).toEqual(["us", "ns"]);
    expect(await offered("t2a", "convert", "--precision", "n")).toEqual(["ns"]);
    expect(await offered("t2a", "cat", "-")).toEqual(expect.arrayContaining(["--output", "-o", "--help"]));
    expect(await offered("t2a", "cat", "fi")).toEqual([]);
    expect(await offered("t2a", "key", "")).toEqual(["create", "show"]);
    expect(await offered("t2a", "key", "create", "--o")).toEqual(["--output"]);
    expect(await offered("t2a", "key", "show", "")).toEqual([]);
    expect(await offered("t2a", "library", "show", "comp")).toEqual(["complete"]);
    expect(await offered("t2a", "library", "undelete", "comp")).toEqual(["complete--deleted"]);
    expect(await offered("t2a", "shell-init", "")).toEqual(["bash", "zsh", "fish"]);
    // The same option has other choices elsewhere.
    expect(await offered("t2a", "screen", "--format", "")).toEqual(["text", "ansi", "json"]);
    expect(await offered("t2a", "analyze", "--format", "h")).toEqual(["html"]);
    expect(await offered("t2a", "convert", "-f", "h")).toEqual([]);
  });

  it.skipIf(reason !== undefined)(titled("offers the sessions that live where one can be named", reason), async () => {
    const { file } = await script("bash");
    const complete = (...words: readonly string[]) => {
      const text = `source "$1"; shift; t2a() { case $1 in session) echo build deploy ;; template) echo agent shop ;; esac; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _t2a; printf "%s\\n" "\${COMPREPLY[@]}"`;
      return run("bash", ["--norc", "-c", text, "bash", file, ...words])
        .toString()
        .trim()
        .split("\n");
    };
    expect(complete("t2a", "session", "attach", "")).toEqual(["build", "deploy"]);
    expect(complete("t2a", "session", "a", "d")).toEqual(["deploy"]);
    expect(complete("t2a", "session", "new", "d")).toEqual([""]);
    expect(complete("t2a", "session", "new", "--template", "s")).toEqual(["shop"]);
    expect(complete("t2a", "agent", "spawn", "Coder", "--template", "")).toEqual(["agent", "shop"]);
    expect(complete("t2a", "template", "show", "a")).toEqual(["agent"]);
    expect(complete("t2a", "session", "start", "--limit", "m")).toEqual(["memory="]);
    expect(complete("t2a", "session", "ls", "--limit", "m")).toEqual([""]);
    expect(complete("t2a", "session", "att")).toEqual(["attach"]);
  });
});

describe("completion as it is typed", () => {
  let driver: PtyDriver | undefined;
  afterEach(() => driver?.close());

  /** Types a line with tabs in it, at a shell that knows the completion and a t2a that shows its arguments. */
  async function typed(shell: "bash" | "zsh", args: readonly string[], prepare: string, line: string): Promise<string> {
    const { path, file } = await script(shell);
    driver = new PtyDriver(shell, args, {
      cols: 200,
      cwd: path("."),
      env: { PATH: process.env.PATH, HOME: path("."), TERM: "xterm-256color", PS1: "$ ", INPUTRC: "/dev/null" },
    });
    driver.type(`${prepare}\nsource ${file}\nt2a() { printf 'got'; printf ':%s' "$@"; echo; }\nprintf 're%s\\n' ady\n`);
    await driver.sees("ready");
    driver.type(`${line}\n`);
    await driver.sees(/got:.*[\r\n]/);
    return /got:(.*?)[\r\n]/.exec(driver.text)?.[1] ?? "";
  }

  for (const [shell, args, prepare] of [
    ["bash", ["--norc", "--noprofile", "-i"], ":"],
    ["zsh", ["-f", "-i"], "autoload -Uz compinit; compinit -D -u"],
  ] as const) {
    const reason = missing(shell);
    it.skipIf(reason !== undefined)(
      titled(`finishes a command, an option and a file's name with spaces in ${shell}`, reason),
      async () => {
        expect(await typed(shell, args, prepare, "t2a conv\t--preci\tn\tmy\t")).toBe(
          "convert:--precision:ns:my first $demo.cast",
        );
      },
    );
  }

  const reason = missing("fish");
  it.skipIf(reason !== undefined)(titled("is offered by fish", reason), async () => {
    const { path, file } = await script("fish");
    const offered = (line: string) =>
      run("env", [
        `HOME=${path(".")}`,
        "fish",
        "--no-config",
        "-c",
        `cd ${path(".")}; source ${file}; function t2a; echo $argv; end; complete -C '${line}'`,
      ])
        .toString()
        .trim()
        .split("\n")
        .map((entry) => entry.split("\t")[0]);
    expect(offered("t2a ")).toEqual(expect.arrayContaining(NAMES));
    expect(offered("t2a conv")).toEqual(["convert"]);
    expect(offered("t2a convert --preci")).toEqual(["--precision"]);
    expect(offered("t2a convert --precision ")).toEqual(["ns", "us"]);
    expect(offered("t2a key ")).toEqual(["create", "show"]);
    expect(offered("t2a key create --out")).toEqual(["--output"]);
    expect(offered("t2a play my")).toEqual(["my first $demo.cast"]);
    expect(offered("t2a library undelete ")).toEqual(["library complete --deleted --describe"]);
  });
});
