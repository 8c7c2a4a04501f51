// What goes between daemon and holder: frames and events, whole and as rubbish.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { customEvent, type Event, MAX_CELLS, SessionError } from "../../../src/core/index.js";
import { decodeEvents, encodeEvents } from "../../../src/session/holder/event-codec.js";
import { encodeFrame, encodeJsonFrame, FrameReader, jsonOf } from "../../../src/session/holder/frame-codec.js";
import { MAX_HOLDER_FRAME } from "../../../src/session/holder/holder-protocol.js";

const bytes = fc.uint8Array({ maxLength: 300 });
const cells = fc.integer({ min: 1, max: MAX_CELLS });
const payload = fc.oneof(
  fc.record({ kind: fc.constant("output" as const), data: bytes }),
  fc.record({ kind: fc.constant("input" as const), data: bytes }),
  fc.record({ kind: fc.constant("resize" as const), cols: cells, rows: cells }),
  fc.record({ kind: fc.constant("marker" as const), label: fc.string({ unit: "grapheme" }) }),
  fc.record({ kind: fc.constant("exit" as const), status: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }) }),
  fc.record({ kind: fc.constant("custom" as const), code: fc.string(), data: bytes }),
);
const meta = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)));
const events = fc
  .array(fc.tuple(payload, fc.integer({ min: 0, max: 2 ** 40 }), fc.option(meta, { nil: undefined })), {
    maxLength: 50,
  })
  .map((list) => {
    let time = 0;
    return list.map(([one, gap, more]): Event => {
      time += gap;
      return { ...one, time, ...(more === undefined ? {} : { meta: more }) };
    });
  });

describe("events", () => {
  it("come back as they were, with their meta and codes", () => {
    fc.assert(
      fc.property(events, (batch) => {
        const back = decodeEvents(encodeEvents(batch));
        // JSON knows no member called __proto__ of its own.
        expect(back).toEqual(
          batch.map((event) => (event.meta ? { ...event, meta: JSON.parse(JSON.stringify(event.meta)) } : event)),
        );
      }),
    );
  });

  it("may be as late and as large as a recording's", () => {
    const time = Number.MAX_SAFE_INTEGER;
    const data = new Uint8Array(900_000).fill(7);
    const batch: Event[] = [{ kind: "output", time: 1, data }, customEvent(time, "t2a.test", { a: 1 })];
    expect(decodeEvents(encodeEvents(batch))).toEqual(batch);
  });

  it("do not keep what they were read from", () => {
    const encoded = encodeEvents([{ kind: "output", time: 0, data: Uint8Array.of(1, 2, 3) }]);
    const [event] = decodeEvents(encoded);
    encoded.fill(0);
    expect(event).toMatchObject({ data: Uint8Array.of(1, 2, 3) });
  });

  it("of rubbish, and of bytes that are cut or changed, are refused in words or are events", () => {
    const look = (rubbish: Uint8Array) => {
      try {
        for (const event of decodeEvents(rubbish)) expect(Number.isSafeInteger(event.time)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(SessionError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), look));
    fc.assert(
      fc.property(events, fc.nat(), fc.nat(255), (batch, at, value) => {
        const encoded = encodeEvents(batch);
        if (encoded.length === 0) return;
        look(encoded.subarray(0, at % encoded.length));
        encoded[at % encoded.length] = value;
        look(encoded);
      }),
    );
  });
});

describe("frames", () => {
  it("come out as they went in, wherever they are cut", () => {
    const frame = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), bytes);
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const all = Buffer.concat(frames.map(([type, session, data]) => encodeFrame(type, session, data)));
        const reader = new FrameReader();
        const read: unknown[] = [];
        for (let at = 0, n = 0; at < all.length; n++) {
          const size = cuts.length === 0 ? all.length : (cuts[n % cuts.length] ?? 1);
          for (const { type, session, payload } of reader.read(all.subarray(at, at + size))) {
            read.push([type, session, Uint8Array.from(payload)]);
          }
          at += size;
        }
        expect(read).toEqual(frames);
      }),
    );
  });

  it("of an impossible length end the reading before memory is taken", () => {
    for (const length of [0, 4, MAX_HOLDER_FRAME + 1, 0xffffffff]) {
      const head = Buffer.alloc(9);
      head.writeUInt32BE(length, 0);
      expect(() => [...new FrameReader().read(head)]).toThrow(SessionError);
    }
    expect(() => encodeFrame(1, 1, Buffer.alloc(MAX_HOLDER_FRAME))).toThrow(SessionError);
    expect([...new FrameReader().read(encodeFrame(1, 2, Buffer.alloc(MAX_HOLDER_FRAME - 5)))]).toHaveLength(1);
  });

  it("of JSON hold an object, or are refused in words", () => {
    const [frame] = [...new FrameReader().read(encodeJsonFrame(1, 0, { a: 1 }))];
    expect(frame && jsonOf(frame.payload)).toEqual({ a: 1 });
    for (const text of ["", "[]", "1", "null", "{", "\xff"]) {
      expect(() => jsonOf(Buffer.from(text, "latin1"))).toThrow(SessionError);
    }
  });
});
