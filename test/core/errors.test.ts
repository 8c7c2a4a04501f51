// Errors: what they carry, and what the system's errors are told by.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ERROR_CODES,
  FormatError,
  PtyError,
  StoreError,
  systemCode,
  T2aError,
  UsageError,
} from "../../src/core/index.js";

describe("T2aError", () => {
  it("carries its code, and details and cause where they are given", () => {
    const cause = new Error("below");
    const error = new T2aError("T2A_CODEC", "what, which, what next", { details: { name: "a" }, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "T2aError", code: "T2A_CODEC", message: "what, which, what next" });
    expect(error.details).toEqual({ name: "a" });
    expect(error.cause).toBe(cause);
  });

  it("has empty details and no cause where none are given", () => {
    const error = new T2aError("T2A_CODEC", "x");
    expect(error.details).toEqual({});
    expect("cause" in error).toBe(false);
  });

  it.each([StoreError, PtyError])("is the base of %o, which goes by its own name", (Class) => {
    const error = new Class("T2A_FILE_IO", "x");
    expect(error).toBeInstanceOf(T2aError);
    expect(error.name).toBe(Class.name);
  });

  it("is a usage error of code T2A_USAGE unless another is named", () => {
    expect(new UsageError("x")).toMatchObject({ name: "UsageError", code: "T2A_USAGE" });
    expect(new UsageError("x", { code: "T2A_CONFIG" }).code).toBe("T2A_CONFIG");
  });

  it("says where in a recording the damage is", () => {
    expect(new FormatError("T2A_FORMAT_DAMAGED", "x", { offset: 7, eventNumber: 2 })).toMatchObject({
      offset: 7,
      eventNumber: 2,
    });
    expect(new FormatError("T2A_FORMAT_DAMAGED", "x").offset).toBeUndefined();
  });
});

describe("ERROR_CODES", () => {
  it("are told apart by their names alone", () => {
    for (const [code, meaning] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^T2A_[A-Z_]+$/);
      expect(meaning).not.toBe("");
    }
  });
});

describe("systemCode", () => {
  it("is the code of a failed system call", () => {
    let failure: unknown;
    try {
      readFileSync("/nonexistent");
    } catch (error) {
      failure = error;
    }
    expect(systemCode(failure)).toBe("ENOENT");
  });

  it.each([[undefined], [null], ["ENOENT"], [new Error("x")], [{ code: 5 }], [{}]])("is nothing for %o", (value) => {
    expect(systemCode(value)).toBeUndefined();
  });
});
