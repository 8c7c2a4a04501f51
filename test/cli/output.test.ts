// What a command line names as output: the format by name and extension, the file or standard output.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openOutput, outputFormat } from "../../src/cli/output.js";
import { tempDir } from "../support/temp-dir.js";
import { worldOf } from "./worlds.js";

describe("outputFormat", () => {
  it.each([
    ["a.ttyrec", undefined, "ttyrec"],
    ["a.TTYREC.GZ", undefined, "ttyrec"],
    ["a.ttyrec", "json", "json"],
    ["-", undefined, "asciicast-v3"],
    ["a", undefined, "asciicast-v3"],
    ["a.gz", undefined, "asciicast-v3"],
    ["folder.d/a", undefined, "asciicast-v3"],
    [".hidden", undefined, "asciicast-v3"],
  ])("of %j and %j is %s", async (name, format, expected) => {
    expect((await outputFormat(name, format)).name).toBe(expected);
  });

  it.each([
    ["film.mp4", undefined, "no format has the extension .mp4: name one with -f"],
    ["a.b.gz", undefined, "no format has the extension .b"],
    ["a.cast", "gif", 'unknown format "gif"'],
  ])("refuses %j and %j", async (name, format, message) => {
    await expect(outputFormat(name, format)).rejects.toMatchObject({
      name: "UsageError",
      code: "T2A_UNKNOWN_FORMAT",
      message: expect.stringContaining(message),
    });
  });
});

describe("openOutput", () => {
  it("writes standard output, files, and compressed files", async () => {
    const path = tempDir();
    const { context, stdout } = worldOf();
    for (const name of ["-", path("a"), path("a.gz")]) {
      const target = await openOutput(name, false, context);
      await target.write(Buffer.from("x"));
      await target.commit();
    }
    expect(stdout()).toBe("x");
    expect(readFileSync(path("a"), "utf8")).toBe("x");
    expect(gunzipSync(readFileSync(path("a.gz"))).toString()).toBe("x");
  });

  it("leaves nothing behind where it cannot compress so", async () => {
    const path = tempDir();
    await expect(openOutput(path("a.xz"), false, worldOf().context)).rejects.toThrow("use .gz or .zst");
    expect(existsSync(path("a.xz"))).toBe(false);
    expect(readdirSync(path("."))).toEqual([]);
  });
});
