// Writing recordings: the loop from events to a committed target, and what is left when it fails.
import { describe, expect, it } from "vitest";
import { copyRecording, createWriter, getFormat } from "../../formats/index.js";
import type { Batch, Format } from "../../src/core/index.js";
import { recordingOf } from "../core/recordings.js";
import { MemoryTarget } from "../support/memory-io.js";

const BATCHES: readonly Batch[] = [
  [{ kind: "output", time: 1e9, data: Buffer.from("a") }],
  [
    { kind: "input", time: 2e9, data: Buffer.from("x") },
    { kind: "exit", time: 3e9, status: 0 },
  ],
];

describe("copyRecording", () => {
  it("writes everything, commits, and tells what was written and lost", async () => {
    const recording = recordingOf(BATCHES);
    const target = new MemoryTarget();
    const result = await copyRecording(recording, getFormat("raw"), target);
    expect(result).toEqual({
      events: 3,
      durationNanos: 3e9,
      losses: { time: 1, input: 1, exit: 1 },
      lossText: "1 rounded time, 1 input event, 1 exit status",
    });
    expect(Buffer.from(target.bytes()).toString()).toBe("a");
    expect(target.committed).toBe(true);
    expect(recording.closed).toBe(1);
  });

  it("writes a recording without events", async () => {
    const target = new MemoryTarget();
    expect(await copyRecording(recordingOf([]), getFormat("raw"), target)).toMatchObject({
      events: 0,
      durationNanos: 0,
    });
    expect(target).toMatchObject({ committed: true, log: [] });
  });

  it("passes options on to the encoder", async () => {
    const target = new MemoryTarget();
    await copyRecording(recordingOf(BATCHES), getFormat("asciicast-v2"), target, { precision: "ns" });
    expect(Buffer.from(target.bytes()).toString()).toContain("[1.000000000, ");
  });

  it("waits for targets that need time", async () => {
    const target = new MemoryTarget();
    let pending = 0;
    const slow = {
      name: "slow",
      write: async (bytes: Uint8Array) => {
        expect(pending).toBe(0);
        pending++;
        await new Promise((resolve) => setImmediate(resolve));
        target.write(bytes);
        pending--;
      },
      sibling: (name: string) => target.sibling(name),
      commit: () => target.commit(),
      abort: () => target.abort(),
    };
    await copyRecording(recordingOf(BATCHES), getFormat("asciicast-v3"), slow);
    expect(Buffer.from(target.bytes()).toString().trim().split("\n")).toHaveLength(4);
  });

  it("leaves nothing behind, and closes the recording, where reading or writing fails", async () => {
    async function* broken(): AsyncGenerator<Batch> {
      yield* BATCHES;
      throw new Error("unreadable");
    }
    const recording = recordingOf([]);
    const target = new MemoryTarget();
    await expect(copyRecording({ ...recording, batches: broken() }, getFormat("raw"), target)).rejects.toThrow(
      "unreadable",
    );
    expect(target).toMatchObject({ aborted: true, committed: false });
    expect(recording.closed).toBe(1);

    const full = new MemoryTarget();
    full.write = () => {
      throw new Error("full");
    };
    await expect(copyRecording(recordingOf(BATCHES), getFormat("raw"), full)).rejects.toThrow("full");
    expect(full.aborted).toBe(true);
  });

  it("stops where its signal says so", async () => {
    const target = new MemoryTarget();
    const copying = copyRecording(recordingOf(BATCHES), getFormat("raw"), target, {
      signal: AbortSignal.abort("enough"),
    });
    await expect(copying).rejects.toMatchObject({ code: "T2A_ABORTED", cause: "enough" });
    expect(target.aborted).toBe(true);
  });
});

describe("createWriter", () => {
  const state = { header: { cols: 80, rows: 24 }, lastTime: 0, complete: true };

  it("continues a recording without a header", async () => {
    const target = new MemoryTarget();
    const writer = await createWriter(getFormat("asciicast-v2"), target, {}, state);
    await writer.events(BATCHES[0] ?? []);
    await writer.end();
    expect(Buffer.from(target.bytes()).toString()).toBe('[1.000000, "o", "a"]\n');
  });

  it("refuses to append where the format cannot", async () => {
    await expect(createWriter(getFormat("txt"), new MemoryTarget(), {}, state)).rejects.toMatchObject({
      code: "T2A_FORMAT_UNSUPPORTED",
      message: "txt cannot be appended to: record into a new file and join them with t2a cat",
    });
  });

  it("refuses to write formats that can only be read", async () => {
    const { createEncoder: _, ...readOnly } = getFormat("raw");
    const format: Format = { ...readOnly, name: "read-only" };
    await expect(createWriter(format, new MemoryTarget())).rejects.toMatchObject({
      code: "T2A_FORMAT_UNSUPPORTED",
      message: "read-only can be read but not written",
    });
  });
});
