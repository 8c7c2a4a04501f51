// Whole characters out of bytes cut anywhere, against a twin that decodes all bytes at once.
import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Utf8Carry } from "../../../formats/ndjson/utf8-carry.js";
import { concatBytes } from "../../support/memory-io.js";

/** Every byte that matters to UTF-8: leads, continuations and their neighbours, and characters whole and cut. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc
    .array(
      fc.constantFrom(
        0x41,
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xe1,
        0xec,
        0xed,
        0xee,
        0xef,
        0xf0,
        0xf1,
        0xf3,
        0xf4,
        0xf5,
        0xff,
        0xbd,
      ),
      { maxLength: 8 },
    )
    .map((values) => Uint8Array.from(values)),
  fc.string({ unit: "binary", maxLength: 4 }).map((text) => new TextEncoder().encode(text)),
  fc.constantFrom("é", "日", "👩", "\ufffd", "\ufeff", "\u{10ffff}").chain((text) => {
    const whole = new TextEncoder().encode(text);
    return fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length))
      .map(([a, b]) => whole.slice(Math.min(a, b), Math.max(a, b)));
  }),
);

function push(chunks: readonly Uint8Array[]) {
  const carry = new Utf8Carry();
  const texts: Uint8Array[] = [];
  let invalidBytes = 0;
  for (const part of [...chunks.map((chunk) => carry.push(chunk)), carry.end()]) {
    texts.push(part.text);
    invalidBytes += part.invalidBytes;
  }
  return { texts, invalidBytes, holds: carry.holds };
}

/** Bytes that are in no valid character, found one by one. */
function invalidBytesOf(all: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < all.length; ) {
    const length = [1, 2, 3, 4].find((size) => at + size <= all.length && isUtf8(all.subarray(at, at + size)));
    if (length === undefined) count++;
    at += length ?? 1;
  }
  return count;
}

describe("Utf8Carry", () => {
  it("gives the text of a decoder that sees everything at once, and counts what is no text", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const all = concatBytes(chunks);
        const { texts, invalidBytes, holds } = push(chunks);
        const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(all);
        expect(Buffer.from(concatBytes(texts)).toString("utf8")).toBe(expected);
        expect(invalidBytes).toBe(invalidBytesOf(all));
        expect(holds).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("gives valid UTF-8 at every step, as early as a streaming decoder does", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const carry = new Utf8Carry();
        const twin = new TextDecoder("utf-8", { ignoreBOM: true });
        for (const chunk of chunks) {
          const { text } = carry.push(chunk);
          expect(isUtf8(text)).toBe(true);
          expect(Buffer.from(text).toString("utf8")).toBe(twin.decode(chunk, { stream: true }));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("holds what the next bytes may complete, in memory of its own", () => {
    const carry = new Utf8Carry();
    const euro = Buffer.from("€");
    const first = Buffer.from(euro.subarray(0, 2));
    expect(carry.push(first).text).toHaveLength(0);
    expect(carry.holds).toBe(true);
    first.fill(0);
    expect(Buffer.from(carry.push(euro.subarray(2)).text).toString()).toBe("€");
    expect(carry.holds).toBe(false);
  });

  it("passes text on without copying it", () => {
    const text = Buffer.from("plain é");
    expect(new Utf8Carry().push(text)).toEqual({ text, invalidBytes: 0 });
    expect(new Utf8Carry().push(text).text).toBe(text);
  });

  it("replaces what is never completed", () => {
    const { texts, invalidBytes } = push([Buffer.from([0xf0, 0x9f])]);
    expect(Buffer.concat(texts).toString()).toBe("\ufffd");
    expect(invalidBytes).toBe(2);
  });

  it("does not count replacement characters that were there", () => {
    expect(push([Buffer.from("\ufffd\xff", "utf8"), Buffer.from([0xff])]).invalidBytes).toBe(1);
  });
});
