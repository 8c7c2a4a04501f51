// Progress: a bar where somebody watches and the work takes long, and nothing elsewhere.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { countingSource, Progress } from "../../src/cli/progress.js";
import { MemorySource } from "../support/memory-io.js";
import { pollUntil } from "../support/poll-until.js";
import { worldOf } from "./worlds.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("Progress", () => {
  it("shows a bar on a terminal after a second, and clears it at the end", async () => {
    const { context, stderr } = worldOf({ tty: true });
    const progress = new Progress(context, false);
    progress.update(10, 100);
    vi.setSystemTime(1000);
    progress.update(20, 100);
    expect(stderr()).toBe("");
    vi.setSystemTime(1001);
    progress.update(30, 100);
    progress.update(35, 100);
    await pollUntil("the bar", () => stderr().includes("%"));
    progress.update(50, 100);
    progress.stop();
    const shown = stderr();
    progress.update(60, 100);
    progress.stop();
    expect(stderr()).toBe(shown);
  });

  it.each([
    ["where nobody watches", false, false],
    ["where it is to be quiet", true, true],
  ])("shows nothing %s", async (_what, tty, quiet) => {
    const { context, stderr } = worldOf({ tty });
    const progress = new Progress(context, quiet);
    vi.setSystemTime(5000);
    progress.update(1, 100);
    await import("cli-progress");
    progress.stop();
    expect(stderr()).toBe("");
  });

  it("shows nothing where the work ends while the bar is prepared", async () => {
    const { context, stderr } = worldOf({ tty: true });
    const progress = new Progress(context, false);
    vi.setSystemTime(5000);
    progress.update(1, 100);
    progress.stop();
    await import("cli-progress");
    await new Promise((resolve) => setImmediate(resolve));
    expect(stderr()).toBe("");
  });
});

describe("countingSource", () => {
  class Counter extends Progress {
    readonly seen: (readonly [number, number])[] = [];
    override update(bytes: number, total: number): void {
      this.seen.push([bytes, total]);
    }
  }

  async function drain(source: MemorySource) {
    const progress = new Counter(worldOf().context, false);
    const counting = countingSource(source, progress);
    const chunks: Uint8Array[] = [];
    for await (const chunk of counting.stream()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("12345");
    return { counting, seen: progress.seen };
  }

  it("tells how many bytes of how many were read", async () => {
    expect((await drain(new MemorySource(Buffer.from("12345"), { chunkSize: 2 }))).seen).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it("tells nothing where the size is not known", async () => {
    expect((await drain(new MemorySource(Buffer.from("12345"), { ranges: false }))).seen).toEqual([]);
  });

  it("is otherwise the source itself", async () => {
    const source = new MemorySource(Buffer.from("12345"), { name: "a", siblings: { b: Buffer.from("x") } });
    const { counting } = await drain(source);
    expect(counting.name).toBe("a");
    expect(counting.supports).toBe(source.supports);
    expect(Buffer.from(await counting.readRange(1, 2)).toString()).toBe("23");
    expect(await counting.size()).toBe(5);
    expect((await counting.sibling("b"))?.name).toBe("b");
    await counting.close();
    expect(source.closed).toBe(1);
  });
});
