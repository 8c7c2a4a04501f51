// Recordings and events: the small helpers around them.
import { describe, expect, it } from "vitest";
import { type Batch, customEvent, EVENT_KINDS, eachEvent, eventBytes, type Recording } from "../../src/core/index.js";
import { eventsOf, recordingOf } from "./recordings.js";

const BATCHES: readonly Batch[] = [
  [
    { kind: "output", time: 0, data: Buffer.from("one") },
    { kind: "input", time: 1, data: Buffer.from("x") },
  ],
  [{ kind: "exit", time: 2, status: 0 }],
];

describe("eachEvent", () => {
  it("gives the events of all batches in order", async () => {
    expect(await eventsOf(recordingOf(BATCHES))).toEqual(BATCHES.flat());
    expect(await eventsOf(recordingOf([]))).toEqual([]);
  });

  it("ends the batches where the reader leaves early", async () => {
    let ended = false;
    async function* batches(): AsyncGenerator<Batch> {
      try {
        yield* BATCHES;
      } finally {
        ended = true;
      }
    }
    const recording: Recording = { ...recordingOf([]), batches: batches() };
    for await (const event of eachEvent(recording)) {
      expect(event).toBe(BATCHES[0]?.[0]);
      break;
    }
    expect(ended).toBe(true);
  });
});

describe("eventBytes", () => {
  it("counts what an event carries", () => {
    const events = BATCHES.flat();
    expect(events.map(eventBytes)).toEqual([3, 1, 0]);
    expect(eventBytes({ kind: "resize", time: 0, cols: 1, rows: 1 })).toBe(0);
    expect(eventBytes(customEvent(0, "app.note", { a: "é" }))).toBe('{"a":"é"}'.length + 1);
  });
});

describe("customEvent", () => {
  it("holds its value as JSON in UTF-8", () => {
    const event = customEvent(5, "app.note", ["é", 1, null]);
    expect(event).toMatchObject({ kind: "custom", time: 5, code: "app.note" });
    expect(JSON.parse(new TextDecoder().decode(event.data))).toEqual(["é", 1, null]);
  });
});

describe("EVENT_KINDS", () => {
  it("names each kind once", () => {
    expect(new Set(EVENT_KINDS).size).toBe(EVENT_KINDS.length);
    expect(EVENT_KINDS).toHaveLength(6);
  });
});
