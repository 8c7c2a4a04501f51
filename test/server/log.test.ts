// The daemon's log: JSON lines, for nobody else, in bounds.
import {
  appendFileSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { SessionError, StoreError } from "../../src/core/index.js";
import { openLog } from "../../src/server/log.js";
import { tempDir } from "../support/temp-dir.js";

describe("the daemon's log", () => {
  it("has errors by what they are, without what they carry", () => {
    const path = tempDir();
    const { log, close } = openLog(path("log"));
    onTestFinished(close);
    log.error({ err: new SessionError("T2A_STATE", "too large", { details: { value: "secret" } }) }, "a");
    log.error({ err: new TypeError("oops") }, "b");
    log.error({ err: "a word" }, "c");
    log.debug("not told");
    const text = readFileSync(path("log"), "utf8");
    const [one, two, three, four] = text.split("\n").map((line) => (line === "" ? undefined : JSON.parse(line)));
    expect(one).toMatchObject({ level: "error", msg: "a", err: { type: "SessionError", code: "T2A_STATE" } });
    expect(two).toMatchObject({ msg: "b", err: { type: "TypeError", message: "oops", stack: expect.any(String) } });
    expect(three).toMatchObject({ msg: "c", err: "a word", pid: process.pid });
    expect(four).toBeUndefined();
    expect(text).not.toContain("secret");
    expect(lstatSync(path("log")).mode & 0o777).toBe(0o600);
  });

  it("begins anew where it is too large, keeps the one before, and leaves who writes beside it alone", () => {
    const path = tempDir();
    writeFileSync(path("log"), `${"x".repeat(2000)}\n`, { mode: 0o644 });
    const beside = openSync(path("log"), "a"); // as standard error of the daemon is
    const { log, close } = openLog(path("log"), { maxBytes: 1000 });
    onTestFinished(close);
    expect(readFileSync(path("log.1"), "utf8")).toMatch(/^x{2000}\n$/);
    expect(lstatSync(path("log.1")).mode & 0o077).toBe(0);
    writeSync(beside, "said beside it\n");
    for (let line = 0; line < 100; line++) {
      log.info({ line }, "told");
      expect(statSync(path("log")).size).toBeLessThan(1200);
    }
    expect(readFileSync(path("log"), "utf8")).toContain('"line":99');
    expect(existsSync(path("log.2"))).toBe(false);
  });

  it("follows no link", () => {
    const path = tempDir();
    appendFileSync(path("other"), "");
    symlinkSync(path("other"), path("log"));
    expect(() => openLog(path("log"))).toThrow(StoreError);
  });
});
