import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReadStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PtyError } from "../../src/core/index.js";
import { type Pty, type PtyExit, spawnPty } from "../../src/pty/index.js";
import { pollUntil } from "../support/poll-until.js";

const open: Pty[] = [];

function spawn(file: string, args: readonly string[], options: Partial<Parameters<typeof spawnPty>[0]> = {}): Pty {
  const defaults = { cols: 80, rows: 24, cwd: process.cwd(), env: process.env, name: "xterm-256color" };
  const pty = spawnPty({ ...defaults, ...options, file, args });
  open.push(pty);
  return pty;
}

const shell = (script: string) => spawn("/bin/sh", ["-c", script]);

/** Collects what a pty gives until it ends. */
function collect(pty: Pty): { readonly chunks: Uint8Array[]; text(): string; readonly ended: Promise<PtyExit> } {
  const chunks: Uint8Array[] = [];
  pty.onData((bytes) => chunks.push(bytes));
  const ended = new Promise<PtyExit>((resolve) => pty.onExit(resolve));
  return { chunks, text: () => Buffer.concat(chunks).toString(), ended };
}

const size = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

afterEach(() => {
  for (const pty of open.splice(0)) {
    pty.kill("SIGKILL");
    pty.close();
  }
});

describe("output", () => {
  it("comes as bytes, also those that are no UTF-8", async () => {
    const { text, chunks, ended } = collect(shell("printf '\\377\\376\\342\\202'"));
    expect(await ended).toEqual({ status: 0 });
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0xff, 0xfe, 0xe2, 0x82]));
    expect(text()).toHaveLength(3);
  });

  it("is complete when the child prints 5 MB and exits while the pty is paused", async () => {
    const pty = shell("stty -opost; head -c 5000000 /dev/zero | tr '\\0' x; printf end");
    const { chunks, text, ended } = collect(pty);
    for (const pausedAt of [1, 100_000, 3_000_000]) {
      await pollUntil(`${pausedAt} bytes`, () => size(chunks) >= pausedAt);
      pty.pause();
      await new Promise((resolve) => setTimeout(resolve, 300));
      pty.resume();
    }
    expect(await ended).toEqual({ status: 0 });
    expect(size(chunks)).toBe(5_000_003);
    expect(text().endsWith("xend")).toBe(true);
  });

  it("is complete when the child ends long before a paused pty is resumed", async () => {
    const pty = shell("printf 'first'; sleep 0.1; printf 'last words'");
    const { chunks, text, ended } = collect(pty);
    let exited = false;
    void ended.then(() => {
      exited = true;
    });
    await pollUntil("the first output", () => chunks.length > 0);
    pty.pause();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(exited).toBe(false);
    pty.resume();
    expect(await ended).toEqual({ status: 0 });
    expect(text()).toBe("firstlast words");
  });

  it("is complete when the consumer blocks the event loop", async () => {
    const pty = shell("head -c 200000 /dev/zero | tr '\\0' x; printf end");
    const chunks: Uint8Array[] = [];
    pty.onData((bytes) => {
      chunks.push(bytes);
      const until = performance.now() + 30;
      while (performance.now() < until);
    });
    const exit = await new Promise<PtyExit>((resolve) => pty.onExit(resolve));
    expect(exit).toEqual({ status: 0 });
    expect(size(chunks)).toBe(200_003);
  });

  it("is complete, and the exit is told, when a child of the child keeps the terminal", async () => {
    // With the session's leader gone the kernel hangs the terminal up; without a leader (setsid) nothing tells the end.
    const { text, ended } = collect(shell("setsid sh -c 'trap \"\" HUP; sleep 2' & printf done"));
    const before = performance.now();
    expect(await ended).toEqual({ status: 0 });
    expect(text()).toBe("done");
    expect(performance.now() - before).toBeLessThan(1900);
  });

  it("goes on when the child closes its terminal and opens it again", async () => {
    const { text, ended } = collect(
      shell("T=$(tty); printf a; exec </dev/null >/dev/null 2>&1; sleep 0.3; exec >$T; printf b; exit 3"),
    );
    expect(await ended).toEqual({ status: 3 });
    expect(text()).toBe("ab");
  });

  it("is waited for without any work while the child has closed its terminal and the pty is paused", async () => {
    const pty = shell("T=$(tty); printf a; exec </dev/null >/dev/null 2>&1; sleep 1; exec >$T; printf b");
    const { text, ended } = collect(pty);
    await pollUntil("the first output", () => text() === "a");
    await new Promise((resolve) => setTimeout(resolve, 300));
    pty.pause();
    await new Promise((resolve) => setTimeout(resolve, 100)); // a look that was due already
    const timers = vi.spyOn(globalThis, "setTimeout");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(timers).toHaveBeenCalledTimes(1);
    timers.mockRestore();
    pty.resume();
    expect(await ended).toEqual({ status: 0 });
    expect(text()).toBe("ab");
  });
});

describe("exit", () => {
  it("gives the status of the child", async () => {
    expect(await collect(shell("exit 42")).ended).toEqual({ status: 42 });
  });

  it("gives the signal that ended the child and 128 + its number", async () => {
    expect(await collect(shell("kill -TERM $$")).ended).toEqual({ status: 143, signal: "SIGTERM" });
  });

  it("is 127 where the shell does not find the command", async () => {
    expect(await collect(shell("no-such-command-here")).ended).toEqual({ status: 127 });
  });

  it("comes after close(), which hangs the child up", async () => {
    const pty = shell("printf ready; sleep 60");
    const { text, ended } = collect(pty);
    await pollUntil("ready", () => text() === "ready");
    pty.close();
    pty.close();
    expect(await ended).toEqual({ status: 129, signal: "SIGHUP" });
    expect(pty.flags()).toBeUndefined();
    pty.resize(10, 10);
    pty.write(Buffer.from("x"));
  });
});

describe("starting", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "t2a-pty-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ["a name that PATH does not have", "no-such-command-here", /"no-such-command-here": it is not found in PATH/],
    ["a path that does not exist", "/no/such/program", /it is no executable file/],
    ["a folder", "/tmp", /it is no executable file/],
    ["an empty name", "", /it is not found in PATH/],
  ])("%s is an error", (_, file, message) => {
    const error = grab(() => spawn(file, []));
    expect(error).toBeInstanceOf(PtyError);
    expect(error).toMatchObject({ code: "T2A_PTY", message: expect.stringMatching(message) });
  });

  it("refuses a file that is not executable", () => {
    writeFileSync(join(folder, "plain"), "#!/bin/sh\n", { mode: 0o600 });
    // root may read everything, but executes only what somebody may execute
    expect(grab(() => spawn("./plain", [], { cwd: folder }))).toMatchObject({ code: "T2A_PTY" });
  });

  it("refuses a folder that does not exist", () => {
    expect(grab(() => spawn("/bin/sh", [], { cwd: join(folder, "missing") }))).toMatchObject({ code: "T2A_PTY" });
  });

  it("refuses what node-pty refuses", () => {
    // `as`: what a caller without types may do
    expect(grab(() => spawn("/bin/sh", [], { name: 5 as unknown as string }))).toMatchObject({ code: "T2A_PTY" });
  });

  it("finds programs in the child's PATH, as the default one where it has none", async () => {
    writeFileSync(join(folder, "own-command"), "#!/bin/sh\nprintf found:$0", { mode: 0o700 });
    const { text, ended } = collect(spawn("own-command", [], { env: { PATH: `${folder}:/bin` } }));
    await ended;
    expect(text()).toContain("found:");
    expect(await collect(spawn("sh", ["-c", "exit 5"], { env: {} })).ended).toEqual({ status: 5 });
  });

  it("hands over the size, the folder, TERM and exactly the environment given", async () => {
    const script = "stty size; pwd; env | sort";
    const { text, ended } = collect(
      spawn("/bin/sh", ["-c", script], { cols: 101, rows: 33, cwd: folder, env: { A: "b", PATH: "/bin:/usr/bin" } }),
    );
    await ended;
    const lines = text().split("\r\n");
    expect(lines.slice(0, 2)).toEqual(["33 101", folder]);
    expect(lines).toEqual(expect.arrayContaining(["A=b", "TERM=xterm-256color", `PWD=${folder}`]));
    expect(text()).not.toContain("HOME=");
  });

  it("makes a terminal that knows input is UTF-8", async () => {
    const { text, ended } = collect(shell("stty -a"));
    await ended;
    expect(text()).toMatch(/[^-]iutf8/);
  });

  it("leaves the decoding of other terminals as it was", async () => {
    const { ended } = collect(shell("true"));
    expect(Object.hasOwn(ReadStream.prototype, "setEncoding")).toBe(false);
    await ended;
  });
});

describe("input and size", () => {
  it("types bytes, and reports the flags of the terminal as they change", async () => {
    const pty = shell("printf 1; read line; stty -echo; printf 2; read line; stty echo -icanon; printf 3; read line");
    const { text, ended } = collect(pty);
    await pollUntil("the first prompt", () => text().endsWith("1"));
    expect(pty.flags()).toEqual({ echo: true, icanon: true });
    pty.write(Buffer.from("a\r"));
    await pollUntil("the second prompt", () => text().endsWith("2"));
    expect(pty.flags()).toEqual({ echo: false, icanon: true });
    pty.write(Buffer.from("b\r"));
    await pollUntil("the third prompt", () => text().endsWith("3"));
    expect(pty.flags()).toEqual({ echo: true, icanon: false });
    pty.write(Buffer.from("c\r"));
    await ended;
    expect(pty.flags()).toBeUndefined();
  });

  it("keeps the output when something is typed after the child's end", async () => {
    const pty = shell("printf out; sleep 0.1; printf more");
    const { text, ended } = collect(pty);
    await pollUntil("output", () => text() === "out");
    pty.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    pty.write(Buffer.from("late"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    pty.resume();
    expect(await ended).toEqual({ status: 0 });
    expect(text()).toContain("outmore");
  });

  it("resizes, which the child is told of", async () => {
    const pty = shell("trap 'stty size; exit' WINCH; printf ready; while :; do sleep 0.05; done");
    const { text, ended } = collect(pty);
    await pollUntil("ready", () => text() === "ready");
    pty.resize(120, 40);
    await ended;
    expect(text()).toContain("40 120");
  });
});

describe("kill", () => {
  it("reaches the foreground job of an interactive shell as well", async () => {
    const pty = spawn("bash", ["--norc", "-i"]);
    const { text, ended } = collect(pty);
    pty.write(Buffer.from("sh -c 'trap \"echo caught; exit\" TERM; echo rea''dy; while :; do sleep 0.05; done'\r"));
    await pollUntil("the job", () => text().includes("ready"));
    pty.kill("SIGTERM"); // which an interactive bash ignores
    await pollUntil("the job's answer", () => text().includes("caught"));
    pty.write(Buffer.from("exit 4\r"));
    expect((await ended).status).toBe(4);
    pty.kill("SIGTERM");
  });

  it("of an unknown signal is a mistake of the caller", () => {
    // `as`: what a caller without types may do
    expect(() => shell("sleep 1").kill("SIGNOTHING" as NodeJS.Signals)).toThrow(TypeError);
  });
});

function grab(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
