// JSON text written byte by byte, held to what JSON.parse makes of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonWriter } from "../../../formats/ndjson/json-writer.js";

const textOf = (writer: JsonWriter) => Buffer.from(writer.bytes()).toString("utf8");

describe("JsonWriter.escaped", () => {
  it("means what JSON.stringify means, for any text", () => {
    const writer = new JsonWriter();
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.integer({ min: 0, max: 0x7f })).map((codes) => String.fromCharCode(...codes)),
    );
    fc.assert(
      fc.property(text, (value) => {
        writer.reset();
        const ascii = writer.escaped(Buffer.from(value, "utf8"));
        const written = textOf(writer);
        expect(JSON.parse(`"${written}"`)).toBe(value);
        expect(written.toLowerCase()).toBe(JSON.stringify(value).slice(1, -1).toLowerCase());
        expect(ascii).toBe(!/[^\0-\x7f]/.test(value));
      }),
      { numRuns: 1000 },
    );
  });

  it("knows every single byte of ASCII", () => {
    const writer = new JsonWriter();
    for (let code = 0; code < 128; code++) {
      writer.reset();
      writer.escaped(Uint8Array.of(code));
      expect(JSON.parse(`"${textOf(writer)}"`)).toBe(String.fromCharCode(code));
    }
  });

  it("leaves bytes alone that are not ASCII", () => {
    const writer = new JsonWriter();
    const bytes = Uint8Array.from({ length: 128 }, (_, index) => index + 128);
    expect(writer.escaped(bytes)).toBe(false);
    expect(writer.bytes()).toEqual(Buffer.from(bytes));
  });

  it("grows with what it is given", () => {
    const writer = new JsonWriter();
    const bytes = new Uint8Array(700_000).fill(7);
    writer.text("[");
    writer.escaped(bytes);
    expect(writer.length).toBe(1 + 6 * bytes.length);
    expect(textOf(writer)).toBe(`[${"\\u0007".repeat(bytes.length)}`);
  });
});

describe("JsonWriter.decimal", () => {
  it("divides exactly, with all decimals", () => {
    const writer = new JsonWriter();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 9 }),
        (units, decimals) => {
          writer.reset();
          writer.decimal(units, decimals);
          const digits = String(units).padStart(decimals + 1, "0");
          const split = digits.length - decimals;
          expect(textOf(writer)).toBe(decimals === 0 ? digits : `${digits.slice(0, split)}.${digits.slice(split)}`);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    [0, 6, "0.000000"],
    [9, 0, "9"],
    [10, 0, "10"],
    [1, 9, "0.000000001"],
    [1_000_000, 6, "1.000000"],
    [Number.MAX_SAFE_INTEGER, 9, "9007199.254740991"],
  ])("%i with %i decimals is %s", (units, decimals, text) => {
    const writer = new JsonWriter();
    writer.decimal(units, decimals);
    expect(textOf(writer)).toBe(text);
  });
});

describe("JsonWriter", () => {
  it("appends text and bytes, goes back, and begins anew", () => {
    const writer = new JsonWriter();
    writer.text('["é", ');
    const { length } = writer;
    writer.raw(Buffer.from("1, 2"));
    expect(textOf(writer)).toBe('["é", 1, 2');
    writer.truncate(length);
    writer.raw(Buffer.from("3]"));
    expect(JSON.parse(textOf(writer))).toEqual(["é", 3]);
    writer.reset();
    expect(writer.length).toBe(0);
    expect(writer.bytes()).toHaveLength(0);
  });

  it("keeps what it has when it grows", () => {
    const writer = new JsonWriter();
    writer.text("head");
    writer.raw(Buffer.alloc(600_000, 120));
    writer.raw(Buffer.alloc(600_000, 121));
    writer.text("tail");
    expect(textOf(writer)).toBe(`head${"x".repeat(600_000)}${"y".repeat(600_000)}tail`);
  });
});
