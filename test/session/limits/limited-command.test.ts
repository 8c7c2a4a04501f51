// What the kernel holds: programs that run into each limit, as an ordinary user, in a terminal.
import { chmodSync, statSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type PtyExit, spawnPty } from "../../../src/pty/index.js";
import {
  canMakeScopes,
  endProcesses,
  limitedCommand,
  type SessionLimits,
  UsageReader,
} from "../../../src/session/index.js";
import { asOrdinaryUser, ORDINARY_UID, whyNoOrdinaryUser, whyNoPrlimit } from "../../support/nobody.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";

const env = { PATH: process.env.PATH ?? "", HOME: "/", LC_ALL: "C" };
const why = whyNoPrlimit() ?? whyNoOrdinaryUser();

/** Starts a command of /bin/sh as an ordinary user under limits; whatever happens, nothing of it is left behind the test. */
function start(command: string, limits: SessionLimits, { hasScopes = false, folder = "/" } = {}) {
  const ordinary = asOrdinaryUser("sh", ["-c", command]);
  const surroundings = { env, hasScopes, uid: ORDINARY_UID };
  const limited = limitedCommand({ ...ordinary, cwd: "/" }, limits, surroundings);
  const pty = spawnPty({ ...limited, cols: 80, rows: 24, cwd: folder, env, name: "xterm-256color" });
  let output = "";
  pty.onData((bytes) => {
    output += Buffer.from(bytes).toString("latin1");
  });
  const exit = new Promise<PtyExit>((resolve) => pty.onExit(resolve));
  onTestFinished(async () => {
    await endProcesses(pty.pid);
    pty.close();
    await exit;
  });
  return { pty, exit, unenforced: limited.unenforced, output: () => output };
}

describe("limitedCommand", () => {
  it("leaves a command as it is that has no limits", () => {
    const command = { file: "sh", args: ["-c", "true"] };
    expect(limitedCommand(command, { wallSeconds: 1, outputRate: 5 }, { env })).toEqual({ ...command, unenforced: [] });
  });

  it("says what it cannot hold: root to a number of processes", () => {
    const { file, unenforced } = limitedCommand(
      { file: "sh", args: [] },
      { processes: 5 },
      { env, uid: 0, hasScopes: false },
    );
    expect(file).toBe("sh");
    expect(unenforced).toEqual([expect.stringMatching(/^processes: the kernel does not hold root/)]);
  });

  it.skipIf(why)("refuses a program that does not exist, before anything is started", () => {
    expect(() => limitedCommand({ file: "no-such-program", args: [] }, { openFiles: 5 }, { env })).toThrow(
      expect.objectContaining({ code: "T2A_PTY", message: expect.stringContaining("no-such-program") }),
    );
  });

  it.skipIf(why)("asks for no more than this process itself may have: the command starts", async () => {
    const { exit } = start("ulimit -n", { openFiles: 2 ** 40 });
    expect(await exit).toEqual({ status: 0 });
  });

  it.skipIf(why)("keeps the process id, the name and the status of the program", async () => {
    const { pty, exit, output } = start("echo $0 $$; exit 7", { openFiles: 64 });
    expect(await exit).toEqual({ status: 7 });
    expect(output()).toBe(`sh ${pty.pid}\r\n`);
  });

  it.skipIf(why)("bounds the open files of a process", async () => {
    const greedy =
      "try { for (;;) fs.openSync('/dev/null'); } catch (error) { console.log(error.code); process.exit(3); }";
    const { exit, output } = start(`ulimit -n; '${process.execPath}' -e "${greedy}"`, { openFiles: 64 });
    expect(await exit).toEqual({ status: 3 });
    expect(output()).toBe("64\r\nEMFILE\r\n");
  });

  it.skipIf(why)("ends a process that takes more CPU time than its session may", async () => {
    const { exit, output } = start("sh -c 'while :; do :; done'; echo ended $?", { cpuSeconds: 1 });
    expect(await exit).toEqual({ status: 0 }); // the shell goes on
    const killed = Number(/ended ([0-9]+)/.exec(output())?.[1]);
    expect([128 + 24, 128 + 9]).toContain(killed); // SIGXCPU
  });

  it.skipIf(why)("bounds what a process that hogs memory gets", async () => {
    const hog = `a=x; while :; do a=$a$a; done`;
    const { exit, output } = start(`sh -c '${hog}'; echo ended $?`, { memoryBytes: 64 * 1024 ** 2 });
    expect(await exit).toEqual({ status: 0 });
    expect(output()).toMatch(/ended ([1-9][0-9]*)/);
  });

  it.skipIf(why)("bounds the size of a file that is written", async () => {
    const path = tempDir();
    chmodSync(path(""), 0o777);
    const { exit, output } = start("yes > filler; echo ended $?", { fileBytes: 100_000 }, { folder: path("") });
    expect(await exit).toEqual({ status: 0 });
    expect(output()).toContain(`ended ${128 + 25}`); // SIGXFSZ
    expect(statSync(path("filler")).size).toBe(100_000);
  });

  it.skipIf(why)("bounds a fork bomb, and endProcesses ends it", async () => {
    // Bounded by its depth too: at most 2 ** 8 of them, were there no limit.
    const bomb =
      'bomb() { if [ "$1" -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 60; }; (bomb 8) & wait; sleep 60';
    const { pty, exit, output } = start(bomb, { processes: 1 });
    await pollUntil("a fork that is refused", () => /fork|Resource temporarily/i.test(output()));
    const usage = (await new UsageReader().read([pty.pid])).get(pty.pid);
    expect(usage?.processes).toBeGreaterThan(10);
    expect(usage?.processes).toBeLessThanOrEqual(16 + 64);
    expect(await endProcesses(pty.pid)).toBeGreaterThan(10);
    expect(await exit).toMatchObject({ status: 137, signal: "SIGKILL" });
    await pollUntil("none is left", async () => (await new UsageReader().read([pty.pid])).size === 0);
  });

  it("holds memory and processes in a scope where the user's systemd makes them", async ({ skip }) => {
    if (!canMakeScopes(process.env)) return skip("no systemd of the user's that makes scopes");
    const told = 'cat "/sys/fs/cgroup$(cut -d: -f3- /proc/self/cgroup)/memory.max"';
    const memoryBytes = 64 * 1024 ** 2;
    const limited = limitedCommand({ file: "sh", args: ["-c", told] }, { memoryBytes }, { env: process.env });
    const pty = spawnPty({ ...limited, cols: 80, rows: 24, cwd: "/", env: process.env, name: "xterm" });
    let output = "";
    pty.onData((bytes) => {
      output += Buffer.from(bytes).toString();
    });
    await new Promise((resolve) => pty.onExit(resolve));
    expect(Number(output)).toBe(memoryBytes * 1.25);
  });
});
