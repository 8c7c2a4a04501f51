// A session's limits on a clock of the test's own: what is near, what waits, what ends it.
import { beforeEach, describe, expect, it } from "vitest";
import { type LimitVerdict, LimitWatch, type SessionLimits } from "../../../src/session/index.js";

let now = 0;
let verdicts: LimitVerdict[] = [];

beforeEach(() => {
  now = 1_000_000;
  verdicts = [];
});

function watch(limits: SessionLimits): LimitWatch {
  return new LimitWatch({ limits, startedMs: now, now: () => now, onVerdict: (verdict) => verdicts.push(verdict) });
}

const told = () => verdicts.map(({ action, limit }) => `${action} ${limit}`);

describe("LimitWatch", () => {
  it("warns once at four fifths of the wall time and ends the session when it is over", () => {
    const session = watch({ wallSeconds: 10 });
    for (let second = 0; second < 12; second++) {
      now += 1000;
      session.output(10);
      session.tick();
    }
    expect(told()).toEqual(["warn wallSeconds", "kill wallSeconds"]);
    expect(verdicts[0]).toMatchObject({ used: 8, bound: 10 });
    expect(session.kill).toMatchObject({
      signal: "SIGHUP",
      words: expect.stringMatching(/^limit: time since its start/),
    });
  });

  it("counts as idle neither a session that prints nor one that is typed into", () => {
    const session = watch({ idleSeconds: 10 });
    for (let second = 0; second < 60; second += 5) {
      now += 5000;
      session.tick();
      if (second % 2 === 0) session.input();
      else session.output(1);
    }
    expect(told()).toEqual([]);
    now += 8000;
    session.tick();
    now += 500;
    session.tick();
    expect(told()).toEqual(["warn idleSeconds"]);
    expect(session.warnings).toEqual([expect.stringContaining("time without output and input 8.0s of 10.0s")]);
    session.input();
    session.tick();
    expect(session.warnings).toEqual([]);
    now += 10_000;
    session.tick();
    session.tick();
    expect(told()).toEqual(["warn idleSeconds", "clear idleSeconds", "kill idleSeconds"]);
  });

  it("begins to count idle time where an earlier watch knew of it", () => {
    const session = new LimitWatch({
      limits: { idleSeconds: 10 },
      startedMs: now - 100_000,
      lastActivityMs: now - 1000,
      now: () => now,
      onVerdict: (verdict) => verdicts.push(verdict),
    });
    session.tick();
    expect(told()).toEqual([]);
  });

  it.each([
    ["cpuSeconds", { cpuSeconds: 10 }, { cpuSeconds: 8 }, { cpuSeconds: 10 }],
    ["memoryBytes", { memoryBytes: 1000 }, { memoryBytes: 1000 }, { memoryBytes: 1001 }],
    ["processes", { processes: 10 }, { processes: 10 }, { processes: 11 }],
  ] as const)("ends a session at once beyond %s", (limit, limits, near, beyond) => {
    const session = watch(limits);
    const none = { cpuSeconds: 0, memoryBytes: 0, processes: 1 };
    session.usage(none);
    session.usage({ ...none, ...near });
    session.usage({ ...none, ...near });
    session.usage({ ...none, ...beyond });
    session.usage({ ...none, ...beyond });
    expect(told()).toEqual([`warn ${limit}`, `kill ${limit}`]);
    expect(session.kill?.signal).toBe("SIGKILL");
    expect(session.needsUsage).toBe(true);
  });

  it("warns again of what was well in between", () => {
    const session = watch({ memoryBytes: 1000 });
    for (const memoryBytes of [900, 950, 100, 900]) session.usage({ cpuSeconds: 0, memoryBytes, processes: 1 });
    expect(told()).toEqual(["warn memoryBytes", "clear memoryBytes", "warn memoryBytes"]);
  });

  it("ends a session whose recording is too large", () => {
    const session = watch({ recordingBytes: 1000 });
    for (const bytes of [100, 799, 800, 1000, 1001]) session.recording(bytes);
    expect(told()).toEqual(["warn recordingBytes", "kill recordingBytes"]);
  });

  it("lets bursts of ten seconds of the output rate pass, and holds what comes behind them to the rate", () => {
    const session = watch({ outputRate: 1000 });
    expect(session.output(7000)).toBe(0);
    expect(told()).toEqual([]);
    expect(session.output(2000)).toBe(0);
    expect(told()).toEqual(["warn outputRate"]);
    let printed = 9000;
    const started = now;
    while (now - started < 60_000) {
      const hold = session.output(400); // as fast as it is let
      printed += 400;
      now += hold;
    }
    const seconds = (now - started) / 1000;
    expect(printed).toBeLessThanOrEqual(10_000 + 1000 * seconds + 400);
    expect(printed).toBeGreaterThanOrEqual(10_000 + 1000 * seconds - 800);
    expect(told()).toEqual(["warn outputRate", "hold outputRate"]); // once, not at every pause
    expect(session.warnings).toEqual([expect.stringContaining("output waits")]);
    expect(session.kill).toBeUndefined();
  });

  it("tells of the output rate again once it was well for a while", () => {
    const session = watch({ outputRate: 1000 });
    session.output(20_000);
    now += 60_000;
    session.output(1);
    expect(session.warnings).toEqual([]);
    session.output(20_000);
    expect(told()).toEqual(["hold outputRate", "clear outputRate", "hold outputRate"]);
  });

  it("knows by its status that the kernel has ended a session's command at a limit that is the kernel's to hold", () => {
    const session = watch({ fileBytes: 1000 });
    session.exited(128 + 24); // SIGXCPU, of which it has no limit
    session.exited(1);
    expect(told()).toEqual([]);
    session.exited(128 + 25);
    expect(told()).toEqual(["kill fileBytes"]);
    expect(session.kill?.words).toMatch(/^limit: size of a file: the kernel ended what went beyond /);
    const killed = watch({ wallSeconds: 1, fileBytes: 1000 });
    now += 2000;
    killed.tick();
    killed.exited(128 + 25);
    expect(told().slice(1)).toEqual(["kill wallSeconds"]);
  });

  it("tells of nothing more once the session is to end", () => {
    const session = watch({ processes: 1, wallSeconds: 1, outputRate: 1 });
    session.usage({ cpuSeconds: 0, memoryBytes: 0, processes: 2 });
    now += 5000;
    session.tick();
    expect(session.output(1_000_000)).toBe(0);
    expect(told()).toEqual(["kill processes"]);
  });

  it("asks for nothing where nothing is limited, and takes a clock that goes back", () => {
    const session = watch({});
    expect([session.needsTicks, session.needsUsage]).toEqual([false, false]);
    const timed = watch({ wallSeconds: 5, outputRate: 10 });
    now -= 60_000;
    timed.tick();
    expect(timed.output(1)).toBe(0);
    expect(told()).toEqual([]);
  });
});
