// Syncing: when what was written is brought to disk, and what may not be shown before.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Batch, Losses, type Writer } from "../../src/core/index.js";
import { EventRecorder, FormatSink, lossBoundOf, type SyncMode } from "../../src/record/index.js";
import { MemoryTarget } from "../support/memory-io.js";

const BATCH: Batch = [{ kind: "output", time: 0, data: Uint8Array.of(120) }];

/** A writer whose syncs last as long as the test says, 100 ms by itself. */
class SlowWriter implements Writer {
  readonly losses = new Losses();
  readonly syncs: { readonly begun: number; readonly writes: number }[] = [];
  millis = 100;
  failure: Error | undefined;
  writes = 0;

  header(): void {}

  events(): void {
    this.writes++;
  }

  end(): void {}

  async sync(): Promise<void> {
    this.syncs.push({ begun: Date.now(), writes: this.writes });
    await new Promise((resolve) => setTimeout(resolve, this.millis));
    if (this.failure !== undefined) throw this.failure;
  }
}

function started(mode: SyncMode) {
  const writer = new SlowWriter();
  const target = new MemoryTarget();
  const sink = FormatSink.start(writer, target, { cols: 80, rows: 24 }, mode);
  return { writer, target, sink };
}

const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis);

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

describe("a sink that is synced in intervals", () => {
  it("begins a sync half a second after the first write that is not on disk, and none where nothing is written", async () => {
    const { writer, sink } = started("interval");
    await pass(5000);
    expect(writer.syncs).toEqual([]);
    for (let count = 0; count < 4; count++) {
      expect(sink.write(BATCH)).toBeUndefined();
      await pass(150);
    }
    await pass(10_000);
    expect(writer.syncs).toEqual([{ begun: 5500, writes: 4 }]);
    sink.write(BATCH);
    await pass(550);
    sink.write(BATCH); // while the sync is under way, which may have come too late for it
    await pass(10_000);
    expect(writer.syncs.slice(1)).toEqual([
      { begun: 15_600 + 500, writes: 5 },
      { begun: 15_600 + 1050, writes: 6 },
    ]);
    await sink.close();
  });

  it("waits with what comes while the oldest write has been on its way to disk for a second", async () => {
    const { writer, sink } = started("interval");
    writer.millis = 1800;
    expect(sink.write(BATCH)).toBeUndefined();
    await pass(990);
    expect(sink.write(BATCH)).toBeUndefined();
    await pass(10);
    const held = sink.write(BATCH);
    const shown = vi.fn();
    void held?.then(shown);
    await pass(1299);
    expect(shown).not.toHaveBeenCalled();
    writer.millis = 10;
    await pass(1);
    expect(shown).not.toHaveBeenCalled(); // the second write has waited for 1.3 s now
    await pass(10);
    expect(shown).toHaveBeenCalled();
    expect(writer.syncs.map(({ writes }) => writes)).toEqual([1, 3]);
    await sink.close();
  });

  it("fails once, by what is written next, where a sync failed that nobody waited for", async () => {
    const { writer, target, sink } = started("interval");
    const told: unknown[] = [];
    const events = new EventRecorder({ onSinkError: ({ error }) => told.push(error) });
    events.addSink(sink);
    writer.failure = new Error("the device reports an input/output error");
    for (const _ of [1, 2, 3]) {
      events.add(BATCH[0] ?? expect.fail());
      events.flush();
      await pass(2000);
    }
    await events.close();
    expect(told).toEqual([writer.failure]);
    expect([writer.syncs.length, writer.writes, target.aborted]).toEqual([1, 1, true]);
  });

  it("begins no sync when it is closed, which is one", async () => {
    const { writer, target, sink } = started("interval");
    sink.write(BATCH);
    await sink.close();
    await pass(5000);
    expect([writer.syncs.length, target.committed]).toEqual([0, true]);
  });
});

describe("a sink that is always synced", () => {
  it("is done with a batch when a sync is that began after it", async () => {
    const { writer, sink } = started("always");
    const done: number[] = [];
    const note = () => void done.push(Date.now());
    void sink.write(BATCH)?.then(note);
    await pass(50);
    void sink.write(BATCH)?.then(note);
    await pass(1000);
    expect(done).toEqual([100, 200]);
    expect(writer.syncs).toHaveLength(2);
    await sink.close();
  });

  it("refuses a batch whose sync fails", async () => {
    const { writer, target, sink } = started("always");
    writer.failure = new Error("the disk is full");
    const refused = expect(sink.write(BATCH)).rejects.toThrow("the disk is full");
    await pass(100);
    await refused;
    await sink.close();
    expect(target.aborted).toBe(true);
  });
});

it("a sink is not synced where nobody asks for it, or its writer cannot be", async () => {
  const { writer, sink } = started("none");
  expect(sink.write(BATCH)).toBeUndefined();
  await pass(5000);
  expect(writer.syncs).toEqual([]);
  const { sync: _, ...rest } = new SlowWriter();
  const unable: Writer = { ...rest, header: () => {}, events: () => {}, end: () => {} };
  expect(FormatSink.continue(unable, new MemoryTarget(), "always").write(BATCH)).toBeUndefined();
});

it("the header's bound follows from the mode", () => {
  expect([lossBoundOf("none"), lossBoundOf("interval"), lossBoundOf("always")]).toEqual([undefined, 1e9, 0]);
});
