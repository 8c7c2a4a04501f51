// In which order files are replaced: what a power cut at any moment would leave. The calls are real, and noted.
import type * as fs from "node:fs";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";
import { openFileTarget, writePrivateFile } from "../../src/files/index.js";
import { tempDir } from "../support/temp-dir.js";

const calls: string[] = [];
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const noted = <F extends (...args: never[]) => unknown>(name: string, call: F) =>
    ((...args) => {
      calls.push(name);
      return call(...args);
    }) as F;
  return {
    ...real,
    fsyncSync: (fd: number) => {
      calls.push(real.fstatSync(fd).isDirectory() ? "sync folder" : "sync file");
      real.fsyncSync(fd);
    },
    closeSync: noted("close", real.closeSync),
    renameSync: noted("rename", real.renameSync),
    linkSync: noted("link", real.linkSync),
  };
});

beforeEach(() => void calls.splice(0));

it("has the bytes on the disk before they take the place of others", async () => {
  const path = tempDir();
  writeFileSync(path("a"), "old");
  const target = openFileTarget(path("a"), { overwrite: true });
  target.write(Buffer.from("new"));
  await target.commit();
  expect(readFileSync(path("a"), "utf8")).toBe("new");
  expect(calls).toEqual(["sync file", "close", "rename", "sync folder", "close"]);
});

it("does not wait for the disk where nothing is replaced", async () => {
  const path = tempDir();
  writeFileSync(path("empty"), "");
  for (const name of ["new", "empty"]) {
    const target = openFileTarget(path(name), { overwrite: true });
    target.write(Buffer.from("bytes"));
    await target.commit();
  }
  expect(calls).not.toContain("sync file");
});

it("makes all files ready before it renames the first", async () => {
  const path = tempDir();
  for (const name of ["a", "a.timing"]) writeFileSync(path(name), "old");
  const target = openFileTarget(path("a"), { overwrite: true });
  target.sibling("a.timing").write(Buffer.from("new"));
  target.write(Buffer.from("new"));
  await target.commit();
  expect(calls.slice(0, 4)).toEqual(["sync file", "close", "sync file", "close"]);
  expect(calls.filter((call) => call === "rename")).toHaveLength(2);
});

it("has a small file, and then its name, on the disk when it was written", () => {
  const path = tempDir();
  writePrivateFile(path("folder/note.json"), "old");
  calls.splice(0);
  writePrivateFile(path("folder/note.json"), "new");
  expect(readFileSync(path("folder/note.json"), "utf8")).toBe("new");
  expect(calls).toEqual(["sync file", "close", "rename", "sync folder", "close"]);
});
