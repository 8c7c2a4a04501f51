// Locks: one writer for a file, and none left behind by a process that dies.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openFileTarget } from "../../src/files/index.js";
import { moduleProgram } from "../pty/programs.js";
import { pollUntil } from "../support/poll-until.js";
import { start } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

/** A process that opens the file as a recording does, says so or what hindered it, and stays. */
function holder(path: string) {
  const text = `
    import { openFileTarget } from "src/files/index.js";
    try {
      const target = openFileTarget(${JSON.stringify(path)}, { mode: "append" });
      target.write(Buffer.from("theirs"));
      console.log("open");
      setInterval(() => target, 1000);
    } catch (error) {
      console.log(error.code);
    }`;
  return start(process.execPath, moduleProgram(text));
}

describe("a file that is being recorded into", () => {
  it("refuses a second writer in another process, and is not touched by it", async () => {
    const path = tempDir()("a");
    const target = openFileTarget(path, { mode: "live" });
    target.write(Buffer.from("mine"));
    const other = holder(path);
    await pollUntil("the other's answer", () => other.ended);
    expect(other.output).toBe("T2A_FILE_LOCKED\n");
    expect(readFileSync(path, "utf8")).toBe("mine");
    await target.commit();
  });

  it("is free again when its writer was killed", async () => {
    const path = tempDir()("a");
    const other = holder(path);
    await pollUntil("the other's start", () => other.output === "open\n");
    expect(() => openFileTarget(path, { mode: "append" })).toThrow(
      expect.objectContaining({
        code: "T2A_FILE_LOCKED",
        message: `${path} is being written by another recording: choose another file`,
      }),
    );
    other.child.kill("SIGKILL");
    await pollUntil("the other's end", () => other.ended);
    const target = openFileTarget(path, { mode: "append" });
    target.write(Buffer.from(" and mine"));
    await target.commit();
    expect(readFileSync(path, "utf8")).toBe("theirs and mine");
  });

  it.each(["commit", "abort"] as const)("is free again after %s", async (end) => {
    const path = tempDir()("a");
    const first = openFileTarget(path, { mode: "live" });
    expect(() => openFileTarget(path, { mode: "live" })).toThrow("is being written");
    expect(() => openFileTarget(path, { mode: "live", overwrite: true })).toThrow("is being written");
    await first[end]();
    await openFileTarget(path, { mode: "live" }).commit();
  });

  it("is told to be locked rather than to exist", async () => {
    const path = tempDir()("a");
    writeFileSync(path, "");
    const first = openFileTarget(path, { mode: "live" });
    first.write(Buffer.from("x"));
    expect(() => openFileTarget(path, { mode: "live" })).toThrow(expect.objectContaining({ code: "T2A_FILE_LOCKED" }));
    await first.commit();
  });
});
