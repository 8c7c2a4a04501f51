// Clocks: absolute due times, cancellable waits.
import { describe, expect, it } from "vitest";
import { ManualClock, SystemClock } from "../../src/play/index.js";

describe("SystemClock", () => {
  it("never ends a wait before its time, however short", async () => {
    const clock = new SystemClock();
    for (const wait of [1, 1000, 300_000, 1_700_000]) {
      const due = clock.now() + wait;
      await clock.waitUntil(due);
      expect(clock.now()).toBeGreaterThanOrEqual(due);
    }
  });

  it("does not wait for what is past", async () => {
    const clock = new SystemClock();
    await clock.waitUntil(clock.now() - 1);
    await clock.waitUntil(-1);
  });

  it("ends a wait of a hundred days at once when it is cancelled", async () => {
    const clock = new SystemClock();
    const cancel = new AbortController();
    const wait = clock.waitUntil(clock.now() + 100 * 86_400e9, cancel.signal);
    cancel.abort();
    await wait;
    await clock.waitUntil(clock.now() + 100 * 86_400e9, cancel.signal);
    expect(clock.now()).toBeLessThan(86_400e9);
  });
});

describe("ManualClock", () => {
  it("moves only when told and ends the waits whose time has come, in the order of their times", async () => {
    const clock = new ManualClock();
    const ended: number[] = [];
    const waits = [30, 10, 20].map((due) => clock.waitUntil(due).then(() => ended.push(due)));
    expect(await clock.nextWait()).toBe(10);
    clock.advanceTo(20);
    await Promise.all([waits[1], waits[2]]);
    expect(ended).toEqual([10, 20]);
    expect(clock.now()).toBe(20);
    clock.advanceTo(5);
    expect(clock.now()).toBe(20);
    clock.advanceTo(31);
    await Promise.all(waits);
    expect(ended).toEqual([10, 20, 30]);
  });

  it("says when somebody begins to wait", async () => {
    const clock = new ManualClock();
    const next = clock.nextWait();
    const wait = clock.waitUntil(7);
    expect(await next).toBe(7);
    clock.advanceTo(7);
    await wait;
  });

  it("ends a wait that is cancelled without moving", async () => {
    const clock = new ManualClock();
    const cancel = new AbortController();
    const wait = clock.waitUntil(5, cancel.signal);
    cancel.abort();
    await wait;
    await clock.waitUntil(5, cancel.signal);
    expect(clock.now()).toBe(0);
  });

  it("that skips waits stands at exactly the time waited for", async () => {
    const clock = new ManualClock({ skipsWaits: true });
    await clock.waitUntil(1234);
    await clock.waitUntil(1000);
    expect(clock.now()).toBe(1234);
  });
});
