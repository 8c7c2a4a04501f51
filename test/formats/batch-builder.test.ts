// Batches: within their bounds, in order, never empty.
import { describe, expect, it } from "vitest";
import { BatchBuilder } from "../../formats/batch-builder.js";
import { type Batch, type Event, MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from "../../src/core/index.js";

const output = (length: number): Event => ({ kind: "output", time: 0, data: new Uint8Array(length) });

function build(events: readonly Event[]): Batch[] {
  const builder = new BatchBuilder();
  const batches = events.map((event) => builder.push(event)).filter((batch) => batch !== undefined);
  return [...batches, ...builder.rest()];
}

describe("BatchBuilder", () => {
  it("gives nothing for nothing, and the rest once", () => {
    const builder = new BatchBuilder();
    expect([...builder.rest()]).toEqual([]);
    expect(builder.push(output(1))).toBeUndefined();
    expect([...builder.rest()]).toEqual([[output(1)]]);
    expect([...builder.rest()]).toEqual([]);
  });

  it("is full at its number of events", () => {
    const sizes = build(Array.from({ length: MAX_BATCH_EVENTS * 2 + 1 }, () => output(0))).map(({ length }) => length);
    expect(sizes).toEqual([MAX_BATCH_EVENTS, MAX_BATCH_EVENTS, 1]);
  });

  it("is full at its number of bytes, which a single event alone may exceed", () => {
    const half = MAX_BATCH_BYTES / 2;
    const sizes = (events: readonly Event[]) => build(events).map(({ length }) => length);
    expect(sizes([output(half), output(half), output(1)])).toEqual([2, 1]);
    expect(sizes([output(1), output(MAX_BATCH_BYTES), output(1)])).toEqual([1, 1, 1]);
    expect(sizes([output(MAX_BATCH_BYTES * 2), output(0)])).toEqual([1, 1]);
  });
});
