// The whole recorder at a real terminal: what the user types, resizes and closes, and what is left afterwards.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const drivers: PtyDriver[] = [];

/** A user's shell in which t2a records; what is left of the terminal's modes is looked at afterwards. */
function recordInShell(args: readonly string[], env: Readonly<Record<string, string>> = {}): PtyDriver {
  const words = [process.execPath, T2A, "record", ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const script = `${words.join(" ")}; printf "[status=$?]"; stty -a; printf "[over]"`;
  const driver = new PtyDriver("sh", ["-c", script], { env: { ...process.env, ...env } });
  drivers.push(driver);
  return driver;
}

function recordDirectly(args: readonly string[], env: Readonly<Record<string, string>> = {}): PtyDriver {
  const driver = new PtyDriver(process.execPath, [T2A, "record", ...args], { env: { ...process.env, ...env } });
  drivers.push(driver);
  return driver;
}

/** `[code, data]` of each event. */
const events = (file: string): readonly (readonly [string, string])[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line).slice(1));
const outputOf = (file: string) => events(file).flatMap(([code, data]) => (code === "o" ? [data] : []));

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

afterEach(() => {
  for (const driver of drivers.splice(0)) driver.close();
});

describe("recording a shell at a terminal", () => {
  it("holds a typed line, a new size and the exit, and gives the terminal back", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["--return", file], { SHELL: "/bin/bash", PS1: "$ " });
    await driver.sees("Recording session started");
    await driver.sees("\x1b[c"); // nobody answers, which must not last
    driver.type("echo $((6*7)); stty size\r");
    await driver.sees("42");
    await driver.sees("24 80");
    driver.pty.resize(100, 30);
    await pollUntil("the new size", () => existsSync(file) && events(file).some(([code]) => code === "r"));
    driver.type("stty size; exit 3\r");
    await driver.sees("[over]");
    expect(driver.text).toContain("[status=3]");
    expect(driver.text).toMatch(/ echo .* icanon|icanon .* echo /s);
    expect(driver.text).toMatch(/ onlcr /);
    const recorded = events(file);
    expect(recorded.find(([code]) => code === "r")).toEqual(["r", "100x30"]);
    expect(recorded.at(-1)).toEqual(["x", "3"]);
    expect(outputOf(file).join("")).toContain("30 100");
  });

  it("pauses with the key: what is shown then is not recorded, but its screen is", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-c", "echo before; read x; echo 'in between'; read x; echo after; read x", file]);
    await driver.sees("before");
    driver.type("\x1c");
    driver.type("\r");
    await driver.sees("in between");
    expect(outputOf(file).join("")).not.toContain("in between");
    driver.type("\x1c");
    await pollUntil("the dump", () => events(file).some(([code]) => code === "t2a.pause"));
    driver.type("\r");
    await driver.sees("after");
    driver.type("\r");
    await driver.sees("[over]");
    const dump = outputOf(file).find((data) => data.includes("in between"));
    expect(dump?.startsWith("\x1bc")).toBe(true);
    expect(dump).toContain("before");
    expect(driver.text.match(/in between/g)).toHaveLength(1);
  });

  it("says on the terminal, and nowhere else, that it is paused and goes on", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-c", "echo before; read x; printf '\\033[?1049hfull'; read x", file]);
    await driver.sees("before\r\n");
    driver.type("\x1c");
    await driver.sees("before\r\n\r\n::: Recording paused: ^\\ goes on\r\n");
    driver.type("\x1c");
    await driver.sees("\r\n::: Recording goes on\r\n");
    driver.type("\r");
    await driver.sees("full");
    const shown = driver.text.length;
    driver.type("\x1c");
    await driver.sees("full\x07");
    driver.type("\x1c");
    await driver.sees("full\x07\x07");
    expect(driver.text.slice(shown)).toBe("\x07\x07");
    driver.type("\r");
    await driver.sees("[over]");
    expect(readFileSync(file, "utf8")).not.toMatch(/Recording|\\u0007/);
  });

  it("says nothing of a pause with --quiet", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-q", "-c", "echo before; read x; echo after; read x", file]);
    await driver.sees("before\r\n");
    driver.type("\x1c\r");
    await driver.sees("after\r\n");
    driver.type("\x1c");
    await pollUntil("the dump", () => events(file).some(([code]) => code === "t2a.pause"));
    driver.type("\r");
    await driver.sees("[over]");
    expect(driver.text).toContain("before\r\n\r\nafter\r\n\r\n[status");
  });

  it("tells where the screen after a pause could not be recorded", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-c", "echo before; read x", file]);
    await driver.sees("before\r\n");
    rmSync(file);
    driver.type("\x1c");
    driver.type("\x1c");
    await driver.sees("Recording goes on");
    driver.type("\r");
    await driver.sees("[over]");
    expect(driver.text).toMatch(
      /!!! playback is wrong after a pause until the screen is drawn anew: .*a\.cast.*\r\n::: Recording/,
    );
  });

  it("shows the output of programs that send bare line feeds as it is", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-q", "-c", "stty raw; printf 'one\\ntwo\\nend'", file]);
    await driver.sees("end");
    expect(driver.text).toContain("one\ntwo\nend");
  });
});

describe("recording on a machine that koffi has no binary for", () => {
  it("goes without a lock, says so once, and does with stty what it needs of the terminal", async () => {
    const path = tempDir();
    writeFileSync(
      path("no-koffi.cjs"),
      `const { Module } = require("node:module");
       const load = Module._load;
       Module._load = (name, ...rest) => {
         if (name === "koffi") throw new Error("no binary");
         return load(name, ...rest);
       };`,
    );
    const file = path("a.cast");
    const command = "stty size; stty raw -echo; printf 'one\\ntwo\\n'; head -c 1; stty sane; stty size";
    const driver = recordInShell(["-c", command, file], { NODE_OPTIONS: `--require ${path("no-koffi.cjs")}` });
    await driver.sees("one\ntwo\n");
    expect(driver.text).toContain("24 80\r\n");
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    driver.pty.resize(100, 30);
    await pollUntil("the new size", () => events(file).some(([code]) => code === "r"));
    driver.type("x");
    await driver.sees("[over]");
    expect(driver.text).toContain("30 100\r\n");
    expect(driver.text.match(/^!!! this machine cannot lock files/gm)).toHaveLength(1);
    expect(driver.text).toContain("[status=0]");
    expect(driver.text).toMatch(/ echo .* icanon|icanon .* echo /s);
    expect(driver.text).toMatch(/ onlcr /);
  });
});

describe("the end of a recording at a terminal", () => {
  it("finishes the file and leaves no process when the window is closed", async () => {
    const path = tempDir();
    const file = path("a.cast");
    const driver = recordDirectly(["-c", "echo pid=$$=; trap '' HUP; sleep 1000", file]);
    await driver.sees(/pid=\d+=/);
    const child = Number(/pid=(\d+)=/.exec(driver.text)?.[1]);
    const recorder = driver.pty.pid;
    driver.pty.close();
    await pollUntil("the recorder's end", () => isGone(recorder));
    expect(events(file).at(-1)?.[0]).toBe("x");
    await pollUntil("the child's end", () => isGone(child));
  });

  it("comes soon on SIGTERM while the terminal takes nothing", async () => {
    const file = tempDir()("a.cast");
    const driver = recordDirectly(["-q", "-c", "yes", file]);
    await driver.sees("y\r\ny");
    driver.pty.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(driver.pty.pid, "SIGTERM");
    await pollUntil("the exit in the file", () => readFileSync(file, "utf8").endsWith('"x", "143"]\n'));
    driver.pty.resume();
    expect((await driver.ends()).status).toBe(0);
  });

  it("comes when the command ends while the terminal takes nothing", async () => {
    const file = tempDir()("a.cast");
    const driver = recordDirectly(["-c", "echo begun; read x; head -c 300000 /dev/zero | tr '\\0' x", file]);
    await driver.sees("begun");
    driver.pty.pause();
    driver.type("\r");
    await pollUntil("the recorder's end", () => isGone(driver.pty.pid));
    expect(events(file).at(-1)).toEqual(["x", "0"]);
  });

  it("is told of last, on a line of its own, and also where a signal comes", async () => {
    const file = tempDir()("a.cast");
    const driver = recordDirectly(["-c", "echo begun; exec sleep 1000", file]);
    await driver.sees("begun");
    process.kill(driver.pty.pid, "SIGTERM");
    await driver.ends();
    expect(driver.text).toMatch(/\r\n::: Recording session ended: .*a\.cast \(\d\.\ds\)\r\n$/);
  });

  it("leaves a terminal in its own modes when a signal comes", async () => {
    const file = tempDir()("a.cast");
    const driver = recordInShell(["-q", "-c", "echo recorder=$PPID=; exec sleep 1000", file]);
    await driver.sees(/recorder=\d+=/);
    process.kill(Number(/recorder=(\d+)=/.exec(driver.text)?.[1]), "SIGTERM");
    await driver.sees("[over]");
    expect(driver.text).toMatch(/ icanon /);
    expect(events(file).at(-1)).toEqual(["x", "143"]);
  });
});
