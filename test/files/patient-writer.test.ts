// Pipes whose reader pauses: nothing blocks, nothing is lost, and who wants to end is not held up.
import { closeSync, constants, openSync, readSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { openFileTarget, openPatientTarget } from "../../src/files/index.js";
import { run } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

/** A pipe with a name; `read` gives what is in it. */
function pipe() {
  const path = tempDir()("pipe");
  run("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onTestFinished(() => closeSync(reader));
  onTestFinished(() => closeSync(writer));
  const read = () => {
    const buffer = Buffer.alloc(1024 * 1024);
    return buffer.subarray(0, readSync(reader, buffer));
  };
  return { path, writer, read };
}

const counted = Buffer.from(Array.from({ length: 200_000 }, (_, index) => `${index}\n`).join(""));

describe.each(["a descriptor", "a name"])("a pipe given by %s", (by) => {
  const open = ({ path, writer }: ReturnType<typeof pipe>) => {
    const target = by === "a name" ? openFileTarget(path, { mode: "live" }) : openPatientTarget("output", writer);
    if (target === undefined) throw new Error("no target");
    return target;
  };

  it("has what it can hold when write returns", async () => {
    const given = pipe();
    const target = open(given);
    expect(target.write(Buffer.from("hi"))).toBeUndefined();
    expect(given.read().toString()).toBe("hi");
    await target.commit();
    await target.abort();
  });

  it("gets everything in order, however slowly it is read", async () => {
    const given = pipe();
    const target = open(given);
    let over = false;
    const written = Promise.resolve(target.write(counted)).finally(() => {
      over = true;
    });
    expect(over).toBe(false);
    const chunks = [given.read()];
    for (let size = chunks[0]?.length ?? 0; size < counted.length; size += chunks.at(-1)?.length ?? 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        chunks.push(given.read());
      } catch {
        chunks.push(Buffer.alloc(0)); // nothing there yet
      }
    }
    await written;
    expect(Buffer.concat(chunks).equals(counted)).toBe(true);
    await target.commit();
  });

  it("is waited for no longer than is asked, and no longer than it is open", async () => {
    const given = pipe();
    const target = open(given);
    const written = target.write(counted);
    target.stopWaiting?.(20);
    await expect(written).rejects.toMatchObject({
      code: "T2A_FILE_IO",
      message: expect.stringMatching(/^cannot write .*: its reader takes nothing any more$/),
    });
    const again = target.write(counted);
    await target.abort();
    await expect(again).rejects.toMatchObject({ code: "T2A_FILE_IO" });
  });
});

describe("openPatientTarget", () => {
  it("has no place for another file", () => {
    expect(() => openPatientTarget("output", pipe().writer)?.sibling("a.timing")).toThrow("can hold one file only");
  });

  it("is not for files", () => {
    const fd = openSync(tempDir()("a"), "w");
    expect(openPatientTarget("output", fd)).toBeUndefined();
    closeSync(fd);
  });
});
