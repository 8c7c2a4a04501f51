// Failed system calls in words.
import { describe, expect, it } from "vitest";
import { ioError, reasonOf } from "../../src/files/io-error.js";

describe("reasonOf", () => {
  it.each([
    [{ code: "ENOSPC" }, "the disk is full"],
    [{ code: "EROFS" }, "the file system is read-only"],
    [{ code: "EXOTIC" }, "EXOTIC"],
    [new Error("odd"), "odd"],
    ["odd", "odd"],
    [undefined, "undefined"],
  ])("of %o is %j", (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

describe("ioError", () => {
  it("carries name, system code and cause", () => {
    const cause = { code: "EACCES" };
    const error = ioError("read", "a.cast", cause);
    expect(error).toMatchObject({
      code: "T2A_FILE_IO",
      message: "cannot read a.cast: permission denied",
      details: { name: "a.cast", systemCode: "EACCES" },
      cause,
    });
  });

  it("has a code of its own for what is not there to be read, not for what is written", () => {
    expect(ioError("read", "a", { code: "ENOENT" }).code).toBe("T2A_FILE_NOT_FOUND");
    expect(ioError("write", "a", { code: "ENOENT" }).code).toBe("T2A_FILE_IO");
  });

  it("takes another code, and errors that are not the system's", () => {
    const error = ioError("read", "a", new Error("odd"), "T2A_NETWORK");
    expect(error).toMatchObject({ code: "T2A_NETWORK", message: "cannot read a: odd" });
    expect(error.details).toEqual({ name: "a" });
  });
});
