// JSON values to typed ones.
import { describe, expect, it } from "vitest";
import { asObject, compact } from "../../formats/json-values.js";

describe("asObject", () => {
  it("is the object, and nothing for every other value", () => {
    const object = { a: 1 };
    expect(asObject(object)).toBe(object);
    for (const value of [null, undefined, 1, "a", true, [1]]) expect(asObject(value)).toBeUndefined();
  });
});

describe("compact", () => {
  it("leaves out what is undefined, and nothing else", () => {
    expect(compact<{ a?: number; b?: null; c?: string }>({ a: 0, b: null, c: undefined })).toEqual({ a: 0, b: null });
    expect(Object.keys(compact({ c: undefined }))).toEqual([]);
  });
});
