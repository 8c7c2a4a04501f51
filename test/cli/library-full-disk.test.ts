// A library on a disk without room: every command says so in one line, and nothing is lost.
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mountSmallDisk, noSmallDisk } from "../files/small-disk.js";
import { writeCast } from "../library/libraries.js";
import { titled } from "../support/programs.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const noDisk = noSmallDisk();

/** A user whose store, and spool where that is asked for, is on a small disk with one session. */
async function user(urlOf: (folder: string) => string, { isSpoolThere = false } = {}) {
  const disk = mountSmallDisk("2m");
  if (disk === undefined) throw new Error("the disk could not be mounted");
  onTestFinished(() => disk.remove());
  const path = tempDir();
  const env = {
    XDG_DATA_HOME: isSpoolThere ? join(disk.folder, "data") : path("data"),
    XDG_CACHE_HOME: path("cache"),
    T2A_STORE: urlOf(disk.folder),
  };
  const t2a = (...args: string[]) => runCli(args, { env });
  const file = writeCast(path("one.cast"), { title: "one", timestamp: 1_767_225_600, output: "kept words\r\n" });
  expect(await t2a("library", "add", "-q", file)).toMatchObject({ status: 0, stderr: "" });
  const filler = join(disk.folder, "filler");
  const fill = () => {
    writeFileSync(filler, "");
    expect(() => {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    }).toThrow("ENOSPC");
  };
  return { t2a, fill, makeRoom: () => rmSync(filler), path };
}

const STORES = [
  ["files", (folder: string) => join(folder, "store")],
  ["SQLite", (folder: string) => `sqlite://${join(folder, "store.db")}`],
] as const;

/** One line, whatever begins it. */
const FULL = /^(?:t2a|!!!)[^\n]*: the disk is full[^\n]*\n$/;

describe.skipIf(noDisk)(titled("a library on a full disk", noDisk), () => {
  it.each(STORES)("in %s says so in one line to whoever lists, searches or adds, and is whole", async (_, urlOf) => {
    const { t2a, fill, makeRoom, path } = await user(urlOf);
    const more = writeCast(path("two.cast"), { title: "two", output: `${"many words ".repeat(20_000)}\r\n` });
    fill();
    for (const args of [
      ["ls", "--json"],
      ["search", "--json", "kept"],
      ["library", "add", "-q", more],
      ["library", "rename", "one", "x".repeat(4000)],
    ]) {
      expect(await t2a(...args)).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(FULL) });
    }
    makeRoom();
    expect(JSON.parse((await t2a("ls", "--json")).stdout)).toMatchObject([{ name: "one" }]);
    expect(await t2a("library", "fsck", "-q")).toMatchObject({ status: 0, stdout: "" });
  });

  it.each(STORES)("in %s leaves what is recorded in the spool, and says so in one line", async (_, urlOf) => {
    const { t2a, fill, makeRoom } = await user(urlOf);
    fill();
    const { status, stderr } = await t2a(
      "record",
      "--headless",
      "-q",
      "--finalize",
      "wait",
      "-c",
      "echo recorded words",
    );
    expect([status, stderr]).toEqual([0, expect.stringMatching(FULL)]);
    expect(stderr).toContain("the recording is whole, and waits in the spool");
    makeRoom();
    expect(await t2a("library", "collect", "-q")).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse((await t2a("search", "--json", '"recorded words"')).stdout)).not.toEqual([]);
  });

  it("that is the spool's, too, refuses to record in one line", async () => {
    const { t2a, fill, makeRoom } = await user(STORES[0][1], { isSpoolThere: true });
    fill();
    expect(await t2a("record", "--headless", "-c", "echo hi")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(FULL),
    });
    makeRoom();
    expect(JSON.parse((await t2a("ls", "--json")).stdout)).toHaveLength(1);
  });
});
