// Watching a file that is being written: what wakes who waits, whether somebody writes it, what takes its place.
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Source, Watch } from "../../src/core/index.js";
import { openFileSource, openFileTarget, openStreamSource } from "../../src/files/index.js";
import { tempDir } from "../support/temp-dir.js";

/** A source and a watch over it, closed at the test's end. */
async function watched(path: string, siblings: readonly string[] = []): Promise<{ source: Source; watch: Watch }> {
  const source = await openFileSource(path);
  const watch = source.watch(siblings);
  onTestFinished(async () => {
    watch.close();
    await source.close();
  });
  return { source, watch };
}

/** Time stands: what wakes then is the system's word alone. */
function withoutTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

describe("a watch", () => {
  it.each([
    ["the file grows", (path: (name: string) => string) => appendFileSync(path("a"), "more")],
    ["a file beside it grows", (path: (name: string) => string) => appendFileSync(path("a-journal"), "more")],
    ["another takes its name", (path: (name: string) => string) => renameSync(path("b"), path("a"))],
  ])("wakes who waits when %s", async (_, change) => {
    const path = tempDir();
    for (const name of ["a", "a-journal", "b"]) writeFileSync(path(name), name);
    const { watch } = await watched(path("a"), ["a-journal"]);
    withoutTimers();
    const waiting = watch.changed();
    change(path);
    await waiting;
  });

  it("wakes who waits after a while, whatever happens or not", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "");
    const { watch } = await watched(path("a"));
    withoutTimers();
    const waiting = watch.changed();
    vi.advanceTimersByTime(1000);
    await waiting;
  });

  it("looks where a symbolic link points, too", async () => {
    const path = tempDir();
    mkdirSync(path("elsewhere"));
    writeFileSync(path("elsewhere/a"), "");
    symlinkSync(path("elsewhere/a"), path("link"));
    const { source, watch } = await watched(path("link"));
    withoutTimers();
    const waiting = watch.changed();
    appendFileSync(path("elsewhere/a"), "more");
    await waiting;
    expect(await source.size()).toBe(4);
    expect(await watch.successor()).toBeUndefined();
  });

  it("gives the file that took the place of its own, and nothing where none did", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "old");
    writeFileSync(path("b"), "new");
    const { watch } = await watched(path("a"));
    expect(await watch.successor()).toBeUndefined();
    rmSync(path("a"));
    expect(await watch.successor()).toBeUndefined();
    renameSync(path("b"), path("a"));
    const successor = await watch.successor();
    expect(Buffer.from((await successor?.readRange(0, 9)) ?? []).toString()).toBe("new");
    await successor?.close();
  });

  it("does without a folder that is gone", async () => {
    const path = tempDir();
    mkdirSync(path("folder"));
    writeFileSync(path("folder/a"), "");
    const source = await openFileSource(path("folder/a"));
    rmSync(path("folder"), { recursive: true });
    const watch = source.watch();
    await watch.changed();
    expect(await watch.successor()).toBeUndefined();
    watch.close();
    await source.close();
  });

  it("says what hinders it from looking", async () => {
    const path = tempDir();
    mkdirSync(path("folder"));
    writeFileSync(path("folder/a"), "");
    const { watch } = await watched(path("folder/a"));
    rmSync(path("folder"), { recursive: true });
    writeFileSync(path("folder"), "");
    await expect(watch.successor()).rejects.toMatchObject({ code: "T2A_FILE_IO" });
  });

  it("knows whether somebody records into the file, and hinders nobody who wants to", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "");
    const { watch } = await watched(path("a"));
    expect(watch.isWritten()).toBe(false);
    const target = openFileTarget(path("a"), { mode: "live" });
    expect(watch.isWritten()).toBe(true);
    target.write(Buffer.from("x"));
    await target.commit();
    expect(watch.isWritten()).toBe(false);
    const next = openFileTarget(path("a"), { mode: "append" });
    await next.abort();
  });

  it("ends every wait when it is closed", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "");
    const { watch } = await watched(path("a"));
    const waiting = watch.changed();
    watch.close();
    watch.close();
    await waiting;
    await watch.changed();
    expect([watch.closed, watch.isWritten()]).toEqual([true, undefined]);
  });
});

it("is not to be had of a stream", () => {
  const source = openStreamSource("-", (async function* () {})());
  expect(source.supports.follow).toBe(false);
  expect(() => source.watch()).toThrow(TypeError);
});
