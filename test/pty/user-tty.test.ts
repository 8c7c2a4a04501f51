import { afterEach, describe, expect, it } from "vitest";
import { FixedSizeTty, findUserTty, NullTty, type UserTty } from "../../src/pty/index.js";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { moduleProgram } from "./programs.js";

const drivers: PtyDriver[] = [];
const ttys: UserTty[] = [];

function drive(file: string, args: readonly string[], options = {}): PtyDriver {
  const driver = new PtyDriver(file, args, options);
  drivers.push(driver);
  return driver;
}

/** A terminal whose name is known and whose modes nobody but the test changes. */
async function openTerminal(): Promise<{ readonly driver: PtyDriver; readonly tty: UserTty; readonly shown: number }> {
  const driver = drive("sh", ["-c", "tty; exec sleep 1000"]);
  await driver.sees(/\/dev\/\S+\r\n/);
  const tty = findUserTty(driver.text.trim());
  if (tty === undefined) throw new Error("the terminal cannot be opened");
  ttys.push(tty);
  return { driver, tty, shown: driver.bytes.length };
}

afterEach(async () => {
  for (const tty of ttys.splice(0)) await tty.close(0);
  for (const driver of drivers.splice(0)) driver.close();
});

describe("the user's terminal", () => {
  it("is raw from start() on: no echo, no line editing, and bare line feeds stay bare", async () => {
    const { driver, tty, shown } = await openTerminal();
    expect(driver.pty.flags()).toEqual({ echo: true, icanon: true });
    const typed: number[] = [];
    tty.onInput((bytes) => typed.push(...bytes));
    tty.start();
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    driver.type("a\r\x03\x1c\x13\x11\x16");
    await pollUntil("all keys", () => typed.length === 7);
    expect(typed).toEqual([97, 13, 3, 28, 19, 17, 22]);
    await tty.write(Buffer.from("one\ntwo\r\n"));
    await driver.sees("two");
    expect(driver.bytes.subarray(shown).toString()).toBe("one\ntwo\r\n");
  });

  it("gets its modes back on close, once", async () => {
    const { driver, tty } = await openTerminal();
    tty.start();
    await tty.close();
    await tty.close();
    expect(driver.pty.flags()).toEqual({ echo: true, icanon: true });
    await tty.write(Buffer.from("never shown"));
    expect(tty.pendingBytes).toBe(0);
  });

  it("delivers nothing before start(), and then what was typed ahead", async () => {
    const { driver, tty } = await openTerminal();
    let typed = "";
    tty.onInput((bytes) => {
      typed += Buffer.from(bytes).toString();
    });
    driver.type("early\r");
    await driver.sees("early"); // the echo
    expect(typed).toBe("");
    tty.start();
    await pollUntil("what was typed ahead", () => typed.startsWith("early"));
  });

  it("takes writes without blocking while it is stalled, and counts what waits", async () => {
    const { driver, tty, shown } = await openTerminal();
    tty.start();
    driver.pty.pause();
    let done = false;
    const bytes = new Uint8Array(1_000_000).fill(0x78);
    const written = tty.write(bytes).then(() => {
      done = true;
    });
    let turns = 0;
    await pollUntil("the event loop going on", () => ++turns > 20);
    expect(done).toBe(false);
    expect(tty.pendingBytes).toBe(1_000_000);
    driver.pty.resume();
    await written;
    expect(tty.pendingBytes).toBe(0);
    await pollUntil("all bytes shown", () => driver.bytes.length - shown === bytes.length);
  });

  it("gives a stalled terminal up on close after the time given", async () => {
    const { driver, tty } = await openTerminal();
    tty.start();
    driver.pty.pause();
    void tty.write(new Uint8Array(1_000_000).fill(0x78));
    const before = performance.now();
    await tty.close(100);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(driver.pty.flags()).toEqual({ echo: true, icanon: true });
  });

  it("waits on close for a slow terminal that makes progress", async () => {
    const { driver, tty, shown } = await openTerminal();
    tty.start();
    driver.pty.pause();
    const slowly = setInterval(() => {
      driver.pty.resume();
      setTimeout(() => driver.pty.pause(), 5);
    }, 60);
    void tty.write(new Uint8Array(500_000).fill(0x78));
    await tty.close(300);
    clearInterval(slowly);
    driver.pty.resume();
    await pollUntil("all bytes shown", () => driver.bytes.length - shown === 500_000);
  });

  it("tells its size, and of a new one", async () => {
    const { driver, tty } = await openTerminal();
    const sizes: unknown[] = [];
    tty.onResize((size) => sizes.push(size));
    tty.start();
    expect(tty.size()).toEqual({ cols: 80, rows: 24 });
    driver.pty.resize(132, 50);
    process.emit("SIGWINCH", "SIGWINCH"); // the kernel sends it to the terminal's foreground group, which we are not in
    expect(sizes).toEqual([{ cols: 132, rows: 50 }]);
  });

  it("is raw again after the process was stopped and continued", async () => {
    const { driver, tty } = await openTerminal();
    const sizes: unknown[] = [];
    tty.onResize((size) => sizes.push(size));
    tty.start();
    process.emit("exit", 0); // restores
    expect(driver.pty.flags()).toEqual({ echo: true, icanon: true });
    process.emit("SIGCONT", "SIGCONT");
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    expect(sizes).toHaveLength(1);
  });

  it("tells once that it is gone, and then swallows what is written", async () => {
    const { driver, tty } = await openTerminal();
    let hangups = 0;
    tty.onHangup(() => hangups++);
    tty.start();
    driver.close();
    await pollUntil("the hang-up", () => hangups > 0);
    await tty.write(Buffer.from("x"));
    await tty.close();
    expect(hangups).toBe(1);
    expect(tty.size()).toEqual({ cols: 80, rows: 24 });
  });

  it("is absent where there is none", () => {
    expect(findUserTty("/no/such/terminal")).toBeUndefined();
  });

  it("cannot be started where it is no longer a terminal", async () => {
    const { driver, tty } = await openTerminal();
    driver.close();
    await pollUntil("the hang-up", () => driver.pty.flags() === undefined);
    expect(() => tty.start()).toThrow(expect.objectContaining({ code: "T2A_TTY" }));
  });
});

describe("the user's terminal of a process of its own", () => {
  const start = 'import { findUserTty } from "src/pty/index.js"; const tty = findUserTty(); tty.start();';
  /** A shell around the program, so that the terminal lives on and its modes can be looked at. */
  const inShell = (text: string) => {
    const quoted = [process.execPath, ...moduleProgram(start + text)].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    return drive("sh", ["-c", `${quoted.join(" ")}; printf "status=$?;"; stty -a; printf over`]);
  };
  const isRestored = (text: string) => / echo /.test(text) && / icanon /.test(text) && / onlcr /.test(text);

  it.each([
    ["it exits", "tty.write(Buffer.from('up')); setTimeout(() => process.exit(3), 100);", "status=3"],
    ["it throws", "setTimeout(() => { throw new Error('boom') }, 100)", "status=1"],
    [
      "a signal ends it",
      "tty.write(Buffer.from('up')); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100)",
      "143",
    ],
    ["it is hung up", "setTimeout(() => process.kill(process.pid, 'SIGHUP'), 100)", "129"],
    [
      "it exits with a write under way",
      "tty.write(Buffer.alloc(3e6, 120)); setTimeout(() => process.exit(3), 100)",
      "status=3",
    ],
  ])("is given back when %s", async (_, text, status) => {
    const driver = inShell(text);
    await driver.sees(/over$/);
    expect(driver.text).toContain(status);
    expect(isRestored(driver.text)).toBe(true);
  });

  it("stays raw at a signal that somebody else deals with", async () => {
    const driver = inShell(
      "process.on('SIGTERM', () => tty.write(Buffer.from('handled')));" +
        "tty.onInput((key) => (key[0] === 107 ? process.kill(process.pid, 'SIGTERM') : tty.close()));" +
        "tty.write(Buffer.from('up'))",
    );
    await driver.sees("up");
    driver.type("k");
    await driver.sees("handled");
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    driver.type("q");
    await driver.sees(/status=0.*over$/s);
    expect(isRestored(driver.text)).toBe(true);
  });
});

describe("no terminal", () => {
  it("has a size and takes everything", async () => {
    const tty = new NullTty();
    tty.start();
    tty.onInput();
    tty.onResize();
    tty.onHangup();
    await tty.write();
    await tty.close();
    expect([tty.size(), tty.pendingBytes]).toEqual([{ cols: 80, rows: 24 }, 0]);
    expect(new NullTty({ cols: 1, rows: 2 }).size()).toEqual({ cols: 1, rows: 2 });
  });
});

describe("a pinned size", () => {
  it("replaces the terminal's own, and is told on resize; all else passes through", async () => {
    const { driver, tty: inner, shown } = await openTerminal();
    const tty = new FixedSizeTty(inner, { cols: 100 });
    const sizes: unknown[] = [];
    let typed = "";
    let hangups = 0;
    tty.onResize((size) => sizes.push(size));
    tty.onInput((bytes) => {
      typed += Buffer.from(bytes).toString();
    });
    tty.onHangup(() => hangups++);
    tty.start();
    expect(tty.size()).toEqual({ cols: 100, rows: 24 });
    driver.pty.resize(90, 30);
    process.emit("SIGWINCH", "SIGWINCH");
    expect(sizes).toEqual([{ cols: 100, rows: 30 }]);
    driver.type("k");
    await pollUntil("the key", () => typed === "k");
    await tty.write(Buffer.from("out"));
    expect(tty.pendingBytes).toBe(0);
    await pollUntil("the output", () => driver.bytes.subarray(shown).toString() === "out");
    await tty.close();
    expect(hangups).toBe(0);
  });
});
