// Checkpoints on disk: written whole or not at all, bounded, and given up for the one before where they are damaged.
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../src/session/checkpoints/checkpoint.js";
import { type Checkpoint, CheckpointFolder } from "../../../src/session/index.js";
import { idOf } from "../../conformance/storage-case.js";
import { moduleProgram } from "../../pty/programs.js";
import { pollUntil } from "../../support/poll-until.js";
import { start } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";

const facts = (events = 1): Omit<Checkpoint, "number"> => ({
  ...{ sessionId: idOf(1), createdAt: "2026-11-21T10:00:00.000Z", reason: "command", recordingId: idOf(2) },
  ...{
    timeNs: 5,
    events,
    cols: 80,
    rows: 24,
    cwd: "/tmp/\u001b[31m漢字",
    commandLine: "make\nall",
    env: { A: null, B: "b" },
  },
  state: { key: [1, { x: "y" }] },
});

describe("a folder of checkpoints", () => {
  it("keeps what was put, newest first, and not more than the backups", async () => {
    const folder = new CheckpointFolder(tempDir()("session/checkpoints"));
    expect(await folder.list()).toEqual([]);
    expect(await folder.findLast()).toBeUndefined();
    for (let count = 1; count <= 30; count++) {
      expect(await folder.write(facts(count), 4)).toEqual({ ...facts(count), number: count });
    }
    expect((await folder.list()).map(({ number }) => number)).toEqual([30, 29, 28, 27, 26]);
    expect(await folder.findLast()).toEqual({ checkpoint: { ...facts(30), number: 30 }, damaged: [] });
    for (let count = 31; count <= 60; count++) await folder.write(facts(count), 1000);
    expect(readdirSync(folder.folder)).toHaveLength(20);
    expect(statSync(folder.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder.folder))
      expect(statSync(`${folder.folder}/${name}`).mode & 0o777).toBe(0o600);
  });

  it("gives many at once a number each", async () => {
    const folder = new CheckpointFolder(tempDir()("c"));
    const written = await Promise.all(Array.from({ length: 12 }, (_, i) => folder.write(facts(i), 19)));
    expect(written.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it("falls back to the one before where some are damaged, and says which", async () => {
    const folder = new CheckpointFolder(tempDir()("c"));
    for (let count = 1; count <= 5; count++) await folder.write(facts(count), 10);
    const path = (number: number) => `${folder.folder}/${number}.json`;
    truncateSync(path(5), 60);
    appendFileSync(path(4), "x");
    writeFileSync(path(3), readFileSync(path(2)));
    const found = await folder.findLast();
    expect(found?.checkpoint).toEqual({ ...facts(2), number: 2 });
    expect(found?.damaged).toEqual([path(5), path(4), path(3)]);
    expect((await folder.list()).map(({ checkpoint }) => checkpoint !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(await folder.write(facts(6), 10)).toMatchObject({ number: 6 });
  });

  it("takes nothing for a checkpoint of which any bit was changed, or that was cut", () => {
    const text = formatCheckpoint({ number: 1, ...facts() });
    expect(parseCheckpoint(text)).toEqual({ number: 1, ...facts() });
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const found = parseCheckpoint(changed.toString("utf8"));
        // White space between the words of the first line means nothing.
        if (found !== undefined) expect(found).toEqual({ number: 1, ...facts() });
        expect(parseCheckpoint(bytes.subarray(0, at).toString("utf8"))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it("is whole after each of many writers that were killed in the midst of writing", async () => {
    const folder = new CheckpointFolder(tempDir()("c"));
    let least = 0;
    for (let kill = 0; kill < 6; kill++) {
      const writer = start(
        process.execPath,
        moduleProgram(`
          import { writeSync } from "node:fs";
          import { CheckpointFolder } from "src/session/index.js";
          const folder = new CheckpointFolder(${JSON.stringify(folder.folder)});
          const facts = ${JSON.stringify(facts())};
          for (;;) {
            const { number } = await folder.write({ ...facts, state: { padding: "x".repeat(300000) } }, 10);
            writeSync(1, number + "\\n");
          }`),
      );
      const lines = 1 + kill;
      await pollUntil("checkpoints", () => writer.ended || writer.output.split("\n").length > lines, 60_000);
      expect(writer.errors).toBe("");
      writer.child.kill("SIGKILL");
      await pollUntil("its end", () => writer.ended);
      const told = Number(writer.output.split("\n").at(-2));
      expect(told).toBeGreaterThan(least);
      least = told;
      const files = await folder.list();
      expect(files.every(({ checkpoint }) => checkpoint !== undefined)).toBe(true);
      expect(files[0]?.number).toBeGreaterThanOrEqual(told);
    }
    await folder.write(facts(), 10);
    expect(readdirSync(folder.folder).every((name) => /^\d+\.json$/.test(name))).toBe(true);
  });
});
