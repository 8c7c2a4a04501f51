// docs/errors.md: a line for each code, and no other.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../src/core/index.js";

const text = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

describe("docs/errors.md", () => {
  it("has one row for every error code, in their order", () => {
    const rows = [...text.matchAll(/^\| `(T2A_[A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows).toEqual(Object.keys(ERROR_CODES));
  });

  it("names no code that does not exist", () => {
    const named = new Set(text.match(/\bT2A_[A-Z_]+\b/g));
    named.delete("T2A_DEBUG"); // a variable
    for (const code of Object.keys(ERROR_CODES)) named.delete(code);
    expect([...named].filter((name) => name !== "T2A_")).toEqual([]);
  });
});
