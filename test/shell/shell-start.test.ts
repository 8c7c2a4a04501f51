import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parseShellCommand, SHELL_KINDS, shellScript, startWithIntegration } from "../../src/shell/index.js";
import { missing, run, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

function start(command: string, env: Readonly<Record<string, string>>) {
  const shell = parseShellCommand(command, "/bin/sh");
  if (shell === undefined) throw new Error(`${command} is no shell`);
  return startWithIntegration(shell, env);
}

it.each(SHELL_KINDS)("keeps what starts %s where nobody else can read it, and removes it", (kind) => {
  const path = tempDir();
  const ready = start(kind, { XDG_RUNTIME_DIR: path("") });
  const [name = ""] = readdirSync(path(""));
  const [file = ""] = readdirSync(path(name));
  expect(statSync(path(name)).mode & 0o777).toBe(0o700);
  expect(statSync(path(`${name}/${file}`)).mode & 0o777).toBe(0o600);
  expect(readFileSync(path(`${name}/${file}`), "utf8")).toContain(ready?.nonce);
  expect(ready?.nonce).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify([ready?.file, ready?.args, ready?.env])).not.toContain(ready?.nonce);
  ready?.remove();
  ready?.remove();
  expect(readdirSync(path(""))).toEqual([]);
});

it("takes the next place where the runtime folder is none that a shell could name plainly", () => {
  const ready = start("bash", { XDG_RUNTIME_DIR: "/nonexistent/a b;$x" });
  expect(ready?.args[1]).toMatch(/^[A-Za-z0-9/._-]+$/);
  ready?.remove();
});

it.each([
  { POSIXLY_CORRECT: "y" },
  { SHELLOPTS: "braceexpand:posix" },
])("leaves a bash alone that starts with %j", (env) => {
  expect(start("bash", env)).toBeUndefined();
});

it("hands the user's own rc file on to bash in its own place", () => {
  const ready = start("bash --rcfile my.rc -i", { XDG_RUNTIME_DIR: tempDir()("") });
  const [, file = ""] = ready?.args ?? [];
  expect(ready?.args).toEqual(["--rcfile", file, "-i"]);
  expect(readFileSync(file, "utf8")).toContain("'my.rc'");
  expect(dirname(file)).not.toContain(" ");
});

for (const kind of SHELL_KINDS) {
  const reason = missing(kind);
  it.skipIf(reason)(titled(`${kind} finds no fault with the script`, reason), () => {
    const script = fileURLToPath(new URL(`../../src/shell/t2a.${kind}`, import.meta.url));
    expect(shellScript(kind)).toBe(readFileSync(script, "utf8"));
    expect(run(kind, ["-n", script]).toString()).toBe("");
  });
}
