// Targets over files: replaced on commit, written live, appended to; links, pipes, devices, full disks.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileTarget } from "../../src/files/index.js";
import { pollUntil } from "../support/poll-until.js";
import { run, start, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { mountSmallDisk, noSmallDisk, type SmallDisk } from "./small-disk.js";

const bytes = (text: string) => Buffer.from(text);
const read = (path: string) => readFileSync(path, "utf8");
const folderOf = (path: (name: string) => string) => readdirSync(dirname(path("x"))).sort();

describe("a target that replaces", () => {
  it("shows nothing under its name before commit, and everything after", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"));
    target.write(bytes("one "));
    target.write(bytes("two"));
    expect(existsSync(path("a"))).toBe(false);
    await target.commit();
    expect(read(path("a"))).toBe("one two");
    expect(folderOf(path)).toEqual(["a"]);
    expect(statSync(path("a")).mode & 0o777).toBe(0o600);
  });

  it("leaves nothing behind when aborted", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"));
    target.sibling("b").write(bytes("x"));
    target.write(bytes("x"));
    await target.abort();
    await target.abort();
    expect(folderOf(path)).toEqual([]);
  });

  it("commits once, and does nothing after that", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"));
    target.write(bytes("x"));
    await target.commit();
    target.write(bytes("late"));
    await target.commit();
    await target.abort();
    expect(read(path("a"))).toBe("x");
  });

  it("refuses an existing file unless told to overwrite it, which it does on commit alone", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "old");
    expect(() => openFileTarget(path("a"))).toThrow(
      expect.objectContaining({ code: "T2A_FILE_EXISTS", message: expect.stringContaining("use --overwrite") }),
    );
    const target = openFileTarget(path("a"), { overwrite: true });
    target.write(bytes("new"));
    expect(read(path("a"))).toBe("old");
    await target.commit();
    expect(read(path("a"))).toBe("new");
    expect(folderOf(path)).toEqual(["a"]);
  });

  it("fills an empty file without being told to overwrite", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "");
    const target = openFileTarget(path("a"));
    target.write(bytes("x"));
    await target.commit();
    expect(read(path("a"))).toBe("x");
  });

  it("does not replace a file that somebody makes meanwhile", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"));
    target.write(bytes("mine"));
    writeFileSync(path("a"), "theirs");
    await expect(target.commit()).rejects.toMatchObject({ code: "T2A_FILE_EXISTS" });
    expect(read(path("a"))).toBe("theirs");
    expect(folderOf(path)).toEqual(["a"]);
  });

  it("says so where the name becomes a folder meanwhile", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"), { overwrite: true });
    mkdirSync(path("a"));
    await expect(target.commit()).rejects.toMatchObject({ code: "T2A_FILE_IO" });
    expect(folderOf(path)).toEqual(["a"]);
  });

  it("says so where the folder goes away meanwhile", async () => {
    const path = tempDir();
    mkdirSync(path("d"));
    const target = openFileTarget(join(path("d"), "a"));
    rmSync(path("d"), { recursive: true });
    await expect(target.commit()).rejects.toMatchObject({ details: { systemCode: "ENOENT" } });
  });

  it("keeps a symbolic link and replaces what it points to", async () => {
    const path = tempDir();
    mkdirSync(path("d"));
    writeFileSync(join(path("d"), "file"), "old");
    symlinkSync("d/file", path("link"));
    symlinkSync("link", path("link2"));
    expect(() => openFileTarget(path("link2"))).toThrow(path("link2"));
    const target = openFileTarget(path("link2"), { overwrite: true });
    expect(target.name).toBe(path("link2"));
    target.write(bytes("new"));
    await target.commit();
    expect(read(join(path("d"), "file"))).toBe("new");
    expect(lstatSync(path("link")).isSymbolicLink()).toBe(true);
    expect(readdirSync(path("d"))).toEqual(["file"]);
  });

  it("makes the file that a link points to where it is not there yet", async () => {
    const path = tempDir();
    mkdirSync(path("d"));
    symlinkSync("../file", join(path("d"), "link"));
    const target = openFileTarget(join(path("d"), "link"));
    target.write(bytes("new"));
    await target.commit();
    expect(read(path("file"))).toBe("new");
    expect(lstatSync(join(path("d"), "link")).isSymbolicLink()).toBe(true);
  });

  it("writes siblings beside the name that was given, links or not", async () => {
    const path = tempDir();
    mkdirSync(path("d"));
    writeFileSync(join(path("d"), "file"), "");
    symlinkSync("d/file", path("link"));
    writeFileSync(join(path("d"), "timing"), "old");
    symlinkSync("d/timing", path("link.timing"));
    const target = openFileTarget(path("link"), { overwrite: true });
    target.write(bytes("data"));
    target.sibling("link.timing").write(bytes("times"));
    target.sibling("../../outside").write(bytes("kept inside"));
    await target.commit();
    expect(read(join(path("d"), "file"))).toBe("data");
    expect(read(join(path("d"), "timing"))).toBe("times");
    expect(folderOf(path)).toEqual(["d", "link", "link.timing", "outside"]);
  });

  it("refuses a sibling that exists", async () => {
    const path = tempDir();
    writeFileSync(path("a.timing"), "old");
    const target = openFileTarget(path("a"));
    expect(() => target.sibling("a.timing")).toThrow(expect.objectContaining({ code: "T2A_FILE_EXISTS" }));
    await target.abort();
    expect(folderOf(path)).toEqual(["a.timing"]);
  });

  it.each(["a", "a.timing"])("changes none of two files where %s cannot be replaced", async (wrong) => {
    const path = tempDir();
    for (const name of ["a", "a.timing"]) writeFileSync(path(name), "old");
    const target = openFileTarget(path("a"), { overwrite: true });
    target.sibling("a.timing").write(bytes("new"));
    target.write(bytes("new"));
    rmSync(path(wrong));
    mkdirSync(path(wrong));
    await expect(target.commit()).rejects.toMatchObject({ code: "T2A_FILE_IO" });
    await target.abort();
    expect(read(path(wrong === "a" ? "a.timing" : "a"))).toBe("old");
    expect(folderOf(path)).toEqual(["a", "a.timing"]);
  });

  it.each([
    ["a folder that is missing", "none/a", "no such file or folder"],
    ["a folder", ".", "it is a directory"],
    ["a file in place of a folder", "file/a", "a part of the path is not a folder"],
    ["links in a circle", "loop", "too many symbolic links"],
    ["a link into a folder that is missing", "lost", "no such file or folder"],
    ["a name that is too long", "x".repeat(300), "the name is too long"],
  ])("says what is wrong with %s", (_what, name, reason) => {
    const path = tempDir();
    writeFileSync(path("file"), "");
    symlinkSync("loop", path("loop"));
    symlinkSync("none/file", path("lost"));
    const failure = { code: "T2A_FILE_IO", message: `cannot write ${path(name)}: ${reason}` };
    expect(() => openFileTarget(path(name))).toThrow(expect.objectContaining(failure));
    expect(() => openFileTarget(path(name), { mode: "live" })).toThrow(expect.objectContaining(failure));
  });

  it.skipIf(process.getuid?.() === 0)(
    titled("says where it may not write", process.getuid?.() === 0 ? "root may write anywhere" : undefined),
    () => {
      const path = tempDir();
      chmodSync(path("."), 0o500);
      expect(() => openFileTarget(path("a"))).toThrow("permission denied");
    },
  );
});

describe("a live target", () => {
  it("has every byte under its name at once", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"), { mode: "live" });
    expect(read(path("a"))).toBe("");
    expect(target.write(bytes("one"))).toBeUndefined();
    expect(read(path("a"))).toBe("one");
    expect(statSync(path("a")).mode & 0o777).toBe(0o600);
    await target.commit();
    await target.commit();
    target.write(bytes("late"));
    expect(read(path("a"))).toBe("one");
  });

  it("keeps what was written when aborted: a recording is never thrown away", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"), { mode: "live" });
    target.sibling("b").write(bytes("times"));
    target.write(bytes("one"));
    await target.abort();
    await target.abort();
    await target.commit();
    expect(read(path("a"))).toBe("one");
    expect(read(path("b"))).toBe("times");
  });

  it("refuses an existing file unless told to overwrite it, and empties it then", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "a long old text");
    expect(() => openFileTarget(path("a"), { mode: "live" })).toThrow(
      expect.objectContaining({ code: "T2A_FILE_EXISTS" }),
    );
    expect(read(path("a"))).toBe("a long old text");
    const target = openFileTarget(path("a"), { mode: "live", overwrite: true });
    target.write(bytes("new"));
    await target.commit();
    expect(read(path("a"))).toBe("new");
  });

  it("follows links, also to what is not there yet", async () => {
    const path = tempDir();
    symlinkSync("file", path("link"));
    const target = openFileTarget(path("link"), { mode: "live" });
    target.write(bytes("x"));
    await target.commit();
    expect(read(path("file"))).toBe("x");
  });

  it("writes its siblings live too", async () => {
    const path = tempDir();
    const target = openFileTarget(path("a"), { mode: "live" });
    const sibling = target.sibling("a.timing");
    sibling.write(bytes("1"));
    expect(read(path("a.timing"))).toBe("1");
    await target.commit();
    sibling.write(bytes("late"));
    expect(read(path("a.timing"))).toBe("1");
  });
});

describe("a target that appends", () => {
  it("continues the existing file, or begins one", async () => {
    const path = tempDir();
    for (const text of ["one ", "two "]) {
      const target = openFileTarget(path("a"), { mode: "append" });
      target.write(bytes(text));
      target.sibling("b").write(bytes(text));
      await target.commit();
    }
    expect(read(path("a"))).toBe("one two ");
    expect(read(path("b"))).toBe("one two ");
  });

  it("keeps the mode of the file that is there", async () => {
    const path = tempDir();
    writeFileSync(path("a"), "x");
    chmodSync(path("a"), 0o640);
    await openFileTarget(path("a"), { mode: "append" }).commit();
    expect(statSync(path("a")).mode & 0o777).toBe(0o640);
  });
});

describe("pipes and devices", () => {
  it.each([
    "replace",
    "live",
    "append",
  ] as const)("are written to and stay what they are: /dev/null, %s", async (mode) => {
    const target = openFileTarget("/dev/null", { mode });
    target.write(bytes("x"));
    await target.commit();
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("may have many writers", async () => {
    const targets = [1, 2].map(() => openFileTarget("/dev/null"));
    for (const target of targets) {
      target.write(bytes("x"));
      await target.commit();
    }
  });

  it.skipIf(!existsSync("/dev/full"))(
    titled("tell that they are full", existsSync("/dev/full") ? undefined : "no /dev/full"),
    async () => {
      const target = openFileTarget("/dev/full");
      expect(() => target.write(bytes("x"))).toThrow(
        expect.objectContaining({ code: "T2A_FILE_IO", message: "cannot write /dev/full: the disk is full" }),
      );
      await target.abort();
    },
  );

  it("bring the bytes to who reads at the other end of a pipe", async () => {
    const path = tempDir();
    run("mkfifo", [path("fifo")]);
    const reader = start("cat", [path("fifo")]);
    const target = openFileTarget(path("fifo"));
    target.write(bytes("through"));
    await target.commit();
    await pollUntil("the reader's end", () => reader.ended);
    expect(reader.output).toBe("through");
    expect(lstatSync(path("fifo")).isFIFO()).toBe(true);
  });

  it("are written to as siblings too", async () => {
    const path = tempDir();
    symlinkSync("/dev/null", path("a.timing"));
    const target = openFileTarget(path("a"));
    target.sibling("a.timing").write(bytes("x"));
    await target.commit();
    expect(statSync(path("a.timing")).isCharacterDevice()).toBe(true);
    expect(read(path("a"))).toBe("");
  });
});

describe("a full disk", () => {
  const reason = noSmallDisk();
  let disk: SmallDisk | undefined;
  beforeEach(() => {
    disk = mountSmallDisk();
  });
  afterEach(() => disk?.remove());
  const onDisk = (name: string) => join(disk?.folder ?? "", name);
  const full = expect.objectContaining({
    code: "T2A_FILE_IO",
    details: { name: expect.any(String), systemCode: "ENOSPC" },
  });

  it.skipIf(reason !== undefined)(
    titled("does not leave a cut event in a live file, and more can follow when there is room again", reason),
    async () => {
      writeFileSync(onDisk("ballast"), Buffer.alloc(16 * 1024));
      const target = openFileTarget(onDisk("a"), { mode: "live" });
      target.write(bytes("one\n"));
      expect(() => target.write(Buffer.alloc(60 * 1024, 120))).toThrow(full);
      expect(read(onDisk("a"))).toBe("one\n");
      rmSync(onDisk("ballast"));
      target.write(bytes("two\n"));
      await target.commit();
      expect(read(onDisk("a"))).toBe("one\ntwo\n");
    },
  );

  it.skipIf(reason !== undefined)(titled("keeps what an appended file had before", reason), async () => {
    writeFileSync(onDisk("a"), "before\n");
    const target = openFileTarget(onDisk("a"), { mode: "append" });
    expect(() => target.write(Buffer.alloc(100 * 1024))).toThrow(full);
    await target.abort();
    expect(read(onDisk("a"))).toBe("before\n");
  });

  it.skipIf(reason !== undefined)(titled("leaves the file as it was that was to be replaced", reason), async () => {
    writeFileSync(onDisk("a"), "old");
    const target = openFileTarget(onDisk("a"), { overwrite: true });
    expect(() => target.write(Buffer.alloc(100 * 1024))).toThrow(full);
    await target.abort();
    expect(read(onDisk("a"))).toBe("old");
    expect(readdirSync(onDisk("."))).toEqual(["a"]);
  });
});
