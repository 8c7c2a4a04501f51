// What is found out of a recording before it is continued.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { scanForAppend } from "../../formats/index.js";
import { MemorySource, type MemorySourceOptions } from "../support/memory-io.js";

const CAST = '{"version":2,"width":80,"height":24,"title":"t"}\n[1, "o", "a"]\n[2.5, "r", "100x30"]\n[3, "o", "b"]\n';

async function scan(bytes: string | Uint8Array, options: MemorySourceOptions = {}) {
  const source = new MemorySource(Buffer.from(bytes), options);
  try {
    return await scanForAppend(source);
  } finally {
    expect(source.closed).toBeGreaterThan(0);
    expect(source.openStreams).toBe(0);
  }
}

describe("scanForAppend", () => {
  it("gives the header with the size at the end, and the time of the last event", async () => {
    expect(await scan(CAST)).toEqual({
      formatName: "asciicast-v2",
      state: { header: { cols: 100, rows: 30, title: "t" }, lastTime: 3e9, complete: true },
    });
  });

  it("knows a recording without events", async () => {
    const { state } = await scan(CAST.slice(0, CAST.indexOf("\n") + 1));
    expect(state).toMatchObject({ lastTime: 0, complete: true, header: { cols: 80 } });
  });

  it("sees that the last line has no newline", async () => {
    const { state } = await scan(CAST.slice(0, CAST.indexOf("\n")));
    expect(state.complete).toBe(false);
  });

  it("cannot see the end of what has no size", async () => {
    expect((await scan(CAST, { ranges: false })).state.complete).toBe(false);
  });

  it("refuses damage: appending behind it would hide it", async () => {
    await expect(scan(`${CAST}[4, "o", "cu`)).rejects.toMatchObject({
      code: "T2A_FORMAT_DAMAGED",
      offset: CAST.length,
    });
  });

  it("refuses what is empty or no recording", async () => {
    await expect(scan("")).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT" });
    await expect(scan("hello")).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT" });
  });

  it("refuses compressed recordings: what is appended would not be compressed", async () => {
    await expect(scan(gzipSync(CAST), { name: "a.cast.gz" })).rejects.toMatchObject({
      code: "T2A_FORMAT_UNSUPPORTED",
      message: expect.stringMatching(/^a\.cast\.gz is compressed \(gzip\) .*t2a cat$/),
    });
  });
});
