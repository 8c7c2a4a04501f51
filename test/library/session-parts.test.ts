// The recordings of a session as one: events in their order, times by the wall clock, sizes, ends.
import { describe, expect, it } from "vitest";
import { openRecording } from "../../formats/index.js";
import { type Event, eachEvent, type Header, type Recording } from "../../src/core/index.js";
import { openSessionRecording, sessionSource } from "../../src/library/index.js";

const S = 1_000_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);
const output = (time: number, text: string): Event => ({ kind: "output", time, data: bytes(text) });

/** Recordings that tell when they are opened and closed. */
function partsOf(recordings: readonly (readonly [Partial<Header>, readonly Event[]])[]) {
  const log: string[] = [];
  const parts = recordings.map(([header, events], at) => async (): Promise<Recording> => {
    log.push(`open ${at}`);
    const batches = async function* () {
      yield events.slice(0, 1);
      yield events.slice(1);
    };
    const close = async () => void log.push(`close ${at}`);
    return { header: { cols: 80, rows: 24, ...header }, format: "t2r", batches: batches(), close };
  });
  return { parts, log };
}

const all = async (recording: Recording): Promise<Event[]> => {
  const events: Event[] = [];
  for await (const event of eachEvent(recording)) events.push(event);
  return events;
};

describe("the recordings of a session as one", () => {
  const three = () =>
    partsOf([
      [
        { startTime: 1000n * BigInt(S), title: "first", duration: 5 },
        [output(0, "a"), output(S, "b"), { kind: "exit", time: 2 * S, status: 7 }],
      ],
      [{ startTime: 1010n * BigInt(S), cols: 100 }, [output(0, "c"), { kind: "resize", time: S, cols: 120, rows: 30 }]],
      [{ startTime: 900n * BigInt(S), cols: 120, rows: 30 }, [output(0, "d"), { kind: "exit", time: S, status: 0 }]],
    ]);

  it("has all events in their order, times by the clock of the wall, which may stand still", async () => {
    const { parts, log } = three();
    const recording = await openSessionRecording(parts);
    expect(recording.header).toEqual({ cols: 80, rows: 24, startTime: 1000n * BigInt(S), title: "first" });
    expect(await all(recording)).toEqual([
      output(0, "a"),
      output(S, "b"),
      { kind: "custom", time: 2 * S, code: "t2a.exit", data: bytes('{"status":7}') },
      { kind: "resize", time: 10 * S, cols: 100, rows: 24 },
      output(10 * S, "c"),
      { kind: "resize", time: 11 * S, cols: 120, rows: 30 },
      output(11 * S, "d"),
      { kind: "exit", time: 12 * S, status: 0 },
    ]);
    expect(log).toEqual(["open 0", "close 0", "open 1", "close 1", "open 2", "close 2"]);
  });

  it("bounds what is between them, and does without times", async () => {
    const day = 86_400 * S;
    const far = partsOf([
      [{ startTime: 0n }, [output(0, "a")]],
      [{ startTime: 900n * BigInt(day) }, [output(0, "b")]],
      [{}, [output(5, "c")]],
    ]);
    const times = (await all(await openSessionRecording(far.parts))).map(({ time }) => time);
    expect(times).toEqual([0, 30 * day, 30 * day + 5]);
  });

  it("closes what is open where it is left early", async () => {
    const { parts, log } = three();
    const recording = await openSessionRecording(parts);
    for await (const event of eachEvent(recording)) if (event.time >= 10 * S) break;
    expect(log).toEqual(["open 0", "close 0", "open 1", "close 1"]);
    await recording.close();
  });

  it("is a source of bytes that can be read more than once", async () => {
    const { parts } = three();
    const events = await all(await openSessionRecording(three().parts));
    const source = await sessionSource("session", parts);
    for (let times = 0; times < 2; times++) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source.stream()) chunks.push(chunk);
      expect(Buffer.concat(chunks).length).toBeGreaterThan(100);
    }
    expect(await all(await openRecording(source))).toEqual(events);
  });
});
