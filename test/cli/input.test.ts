// What a command line names as input: files, URLs, standard input, timing files; and what is said of oddities.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openInput, openSource, WarningList } from "../../src/cli/input.js";
import { UsageError } from "../../src/core/index.js";
import { eventsOf } from "../core/recordings.js";
import { MemorySource } from "../support/memory-io.js";
import { tempDir } from "../support/temp-dir.js";
import { worldOf } from "./worlds.js";

const CAST = '{"version":2,"width":80,"height":24}\n[1, "o", "a"]\n';

describe("openSource", () => {
  it("opens files, standard input and URLs", async () => {
    const server = createServer((_request, response) => void response.end(CAST));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo.cast`; // it listens on TCP
    const file = tempDir()("a.cast");
    writeFileSync(file, CAST);
    for (const name of [file, "-", url]) {
      const { context } = worldOf({ stdin: CAST });
      const source = await openSource(name, context);
      expect(source.name).toBe(name);
      await source.close();
      expect(await eventsOf(await openInput(name, {}, worldOf({ stdin: CAST }).context))).toHaveLength(1);
    }
  });

  it("takes what only begins like a URL for a file", async () => {
    await expect(openSource("http:", worldOf().context)).rejects.toMatchObject({ code: "T2A_FILE_NOT_FOUND" });
  });
});

describe("openInput", () => {
  it("reads as the format that is named", async () => {
    const recording = await openInput("-", { inputFormat: "raw" }, worldOf({ stdin: CAST }).context);
    expect(recording.format).toBe("raw");
    await recording.close();
    await expect(openInput("-", { inputFormat: "gif" }, worldOf().context)).rejects.toThrow(UsageError);
  });

  it("reads a script with its timing file from elsewhere, and closes both", async () => {
    const path = tempDir();
    writeFileSync(path("timing"), "0.5 5\n0.25 5\n");
    const text = "Script started on 2024-01-01 00:00:00+00:00\nhellothere\nScript done on 2024-01-01 00:00:01+00:00\n";
    const source = new MemorySource(Buffer.from(text), { name: "typescript" });
    const options = { inputFormat: "script", timing: path("timing") };
    const recording = await openInput("typescript", options, worldOf().context, { source });
    const output = (await eventsOf(recording)).filter(({ kind }) => kind === "output");
    expect(output.map(({ time }) => time)).toEqual([500_000_000, 750_000_000]);
    await recording.close();
    await recording.close();
    expect(source.closed).toBeGreaterThan(0);
  });

  it("tells which of the two files is missing", async () => {
    const path = tempDir();
    writeFileSync(path("timing"), "");
    const { context } = worldOf();
    await expect(openInput(path("none"), { timing: path("timing") }, context)).rejects.toThrow(path("none"));
    await expect(openInput(path("timing"), { timing: path("none") }, context)).rejects.toThrow(path("none"));
  });

  it("closes a source it was given where it cannot go on", async () => {
    const source = new MemorySource(Buffer.from(CAST));
    const { context } = worldOf();
    await expect(openInput("a", { timing: "/nonexistent/timing" }, context, { source })).rejects.toThrow("timing");
    expect(source.closed).toBeGreaterThan(0);
    const other = new MemorySource(Buffer.from(CAST));
    await expect(openInput("a", { inputFormat: "gif" }, context, { source: other })).rejects.toThrow("gif");
    expect(other.closed).toBeGreaterThan(0);
  });
});

describe("WarningList", () => {
  it("tells nothing of nothing, the first three, and how many more there are", async () => {
    for (const [count, lines] of [
      [0, []],
      [3, ["!!! odd 0", "!!! odd 1", "!!! odd 2"]],
      [500, ["!!! odd 0", "!!! odd 1", "!!! odd 2", "!!! and 497 more of such"]],
    ] as const) {
      const list = new WarningList();
      for (let index = 0; index < count; index++) list.add({ code: "size", message: `odd ${index}` });
      const { context, stderr } = worldOf();
      await list.tell(context);
      expect(stderr().split("\n").slice(0, -1)).toEqual(lines);
      expect(list.all).toHaveLength(Math.min(count, 100));
    }
  });

  it("quotes nothing raw", async () => {
    const list = new WarningList();
    list.add({ code: "text", message: "label \u001b]0;x\u0007" });
    const { context, stderr } = worldOf();
    await list.tell(context);
    expect(stderr()).not.toMatch(/[\u001b\u0007]/);
  });
});
