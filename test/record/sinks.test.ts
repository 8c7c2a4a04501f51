import { describe, expect, it } from "vitest";
import { type Batch, type Event, type Header, Losses, type Target, type Writer } from "../../src/core/index.js";
import { EventRecorder, FormatSink } from "../../src/record/index.js";
import { MemoryTarget } from "../support/memory-io.js";
import { MemorySink } from "./support.js";

const output = (text: string, time = 0): Event => ({ kind: "output", time, data: Buffer.from(text) });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const header: Header = { cols: 80, rows: 24 };

/** Writes `h`, the output, `e`. */
function writerOver(target: Target): Writer {
  const put = (text: string) => target.write(Buffer.from(text));
  return {
    losses: new Losses(),
    header: () => put("h"),
    events: (batch) => put(batch.map((event) => ("data" in event ? Buffer.from(event.data).toString() : "")).join("")),
    end: () => put("e"),
  };
}

/** A target whose writes are done when the test says so. */
class SlowTarget implements Target {
  readonly name = "slow";
  readonly waiting: { resolve(): void; reject(error: Error): void }[] = [];
  readonly end = { committed: false, aborted: false };
  text = "";

  write(bytes: Uint8Array): Promise<void> {
    this.text += Buffer.from(bytes).toString();
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  sibling(): Target {
    throw new Error("not needed");
  }

  async commit(): Promise<void> {
    this.end.committed = true;
  }

  async abort(): Promise<void> {
    this.end.aborted = true;
  }
}

describe("a sink over a format", () => {
  it("writes the header, each batch at once, and the end; then commits", async () => {
    const target = new MemoryTarget("file");
    const sink = FormatSink.start(writerOver(target), target, header);
    expect(sink.write([output("one")])).toBeUndefined();
    expect(Buffer.from(target.bytes()).toString()).toBe("hone");
    await sink.close();
    await sink.close();
    expect(Buffer.from(target.bytes()).toString()).toBe("honee");
    expect([target.committed, sink.name]).toEqual([true, "file"]);
  });

  it("writes no header where a recording is continued", async () => {
    const target = new MemoryTarget();
    const sink = FormatSink.continue(writerOver(target), target);
    sink.write([output("more")]);
    await sink.close();
    expect(Buffer.from(target.bytes()).toString()).toBe("moree");
  });

  it("throws what the target throws, and then keeps still and lets go", async () => {
    const target = new MemoryTarget();
    const sink = FormatSink.start(writerOver(target), target, header);
    target.write = () => {
      throw new Error("disk full");
    };
    expect(() => sink.write([output("one")])).toThrow("disk full");
    expect(sink.write([output("two")])).toBeUndefined();
    await sink.close();
    expect([target.committed, target.aborted]).toEqual([false, true]);
  });

  it("lets go of the target where the end cannot be written", async () => {
    const target = new MemoryTarget();
    const sink = FormatSink.start(writerOver(target), target, header);
    target.write = () => {
      throw new Error("disk full");
    };
    await expect(sink.close()).rejects.toThrow("disk full");
    expect(target.aborted).toBe(true);
  });

  it("hands a slow target one write after the other", async () => {
    const target = new SlowTarget();
    const sink = FormatSink.start(writerOver(target), target, header);
    const first = sink.write([output("1")]);
    const second = sink.write([output("2")]);
    expect([first, second].every((pending) => pending instanceof Promise)).toBe(true);
    expect(target.text).toBe("h");
    for (const expected of ["h1", "h12"]) {
      target.waiting.shift()?.resolve();
      await nextTurn();
      expect(target.text).toBe(expected);
    }
    target.waiting.shift()?.resolve();
    await Promise.all([first, second]);
    const closed = sink.close();
    await nextTurn();
    target.waiting.shift()?.resolve();
    await closed;
    expect(target.end.committed).toBe(true);
  });

  it("fails a write, and all after it, that a slow target refuses", async () => {
    const target = new SlowTarget();
    const sink = FormatSink.continue(writerOver(target), target);
    const first = sink.write([output("1")]);
    const second = sink.write([output("2")]);
    target.waiting.shift()?.reject(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    await expect(second).rejects.toThrow("gone");
    await sink.close();
    expect(target.end.aborted).toBe(true);
  });
});

describe("the event recorder", () => {
  it("writes the events of one turn in one batch, and tells afterwards", async () => {
    const order: string[] = [];
    const events = new EventRecorder({ onWritten: () => order.push("shown") });
    const sink = new MemorySink();
    events.addSink(sink);
    sink.onWrite = (batch) => order.push(`written ${batch.length}`);
    order.length = 0;
    events.add(output("a", 1));
    events.add(output("b", 2));
    expect(sink.batches).toHaveLength(0);
    await nextTurn();
    events.add(output("c", 3));
    await nextTurn();
    expect(order).toEqual(["written 2", "shown", "written 1", "shown"]);
    expect(sink.output).toBe("abc");
  });

  it("does not wait for the turn's end where a batch is full", () => {
    const events = new EventRecorder();
    const sink = new MemorySink();
    events.addSink(sink);
    for (let index = 0; index < 1024; index++) events.add(output("x"));
    expect(sink.batches.map((batch) => batch.length)).toEqual([1024]);
    events.add({ kind: "output", time: 0, data: new Uint8Array(256 * 1024) });
    expect(sink.batches.map((batch) => batch.length)).toEqual([1024, 1]);
  });

  it("tells of a failing sink at once, drops it, and goes on with the others", async () => {
    const told: unknown[] = [];
    const events = new EventRecorder({ onSinkError: (failure) => told.push(failure) });
    const [bad, good] = [new MemorySink("bad"), new MemorySink("good")];
    events.addSink(bad);
    events.addSink(good);
    bad.failure = new Error("disk full");
    bad.closeFailure = new Error("again");
    events.add(output("a"));
    events.flush();
    events.add(output("b"));
    await events.close();
    expect(told).toEqual([{ name: "bad", error: bad.failure, sessionGoesOn: true }]);
    expect(events.errors).toEqual(told);
    expect([good.output, good.closed, bad.output, bad.closed]).toEqual(["ab", 1, "", 1]);
    expect(events.recording).toBe(false);
  });

  it("tells of a sink that cannot be closed", async () => {
    const told: string[] = [];
    const events = new EventRecorder({ onSinkError: ({ name }) => told.push(name) });
    const sink = new MemorySink("slow disk");
    sink.closeFailure = new Error("no space");
    events.addSink(sink);
    await events.close();
    expect(told).toEqual(["slow disk"]);
  });

  it("says that a sink is busy until its writes are done", async () => {
    const busy: boolean[] = [];
    const resolvers: (() => void)[] = [];
    const events = new EventRecorder({ onBusy: (value) => busy.push(value) });
    const written: Batch[] = [];
    events.addSink({
      name: "network",
      write: (batch) => {
        written.push(batch);
        return new Promise((resolve) => resolvers.push(resolve));
      },
      close: async () => {},
    });
    events.add(output("a"));
    events.flush();
    events.add(output("b"));
    events.flush();
    expect(busy).toEqual([true]);
    resolvers[0]?.();
    await nextTurn();
    expect(busy).toEqual([true]);
    resolvers[1]?.();
    await nextTurn();
    expect(busy).toEqual([true, false]);
    expect(written).toHaveLength(2);
  });

  it("does not say that it is written before a sink that waits has written it, or is given up", async () => {
    const order: string[] = [];
    const waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
    const events = new EventRecorder({
      onWritten: () => order.push("shown"),
      onSinkError: ({ sessionGoesOn }) => order.push(`failed, ${sessionGoesOn ? "on it goes" : "the end"}`),
    });
    events.addSink({
      name: "pipe",
      write: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
      stopWaiting: (stallMs) => waiting[1]?.reject(new Error(`stalled for ${stallMs} ms`)),
      close: async () => {},
    });
    order.length = 0;
    events.add(output("a"));
    await nextTurn();
    expect(order).toEqual([]);
    waiting[0]?.resolve();
    await nextTurn();
    expect(order.splice(0)).toEqual(["shown"]);
    events.add(output("b"));
    await nextTurn();
    events.stopWaiting(500);
    await nextTurn();
    expect(order).toEqual(["failed, the end", "shown"]);
  });

  it("tells once of a sink whose writes all fail later", async () => {
    const told: string[] = [];
    const events = new EventRecorder({ onSinkError: ({ name }) => told.push(name) });
    events.addSink({ name: "network", write: () => Promise.reject(new Error("gone")), close: async () => {} });
    events.add(output("a"));
    events.flush();
    events.add(output("b"));
    events.flush();
    await nextTurn();
    await events.close();
    expect(told).toEqual(["network"]);
    expect(events.recording).toBe(false);
  });
});
