// The folder where a daemon and its holders meet.
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { prepareRuntimeFolder, runtimeFolder } from "../../src/session/index.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

it("a folder whose path is too long for sockets is refused before anything is made", async () => {
  const path = tempDir();
  const base = path("x".repeat(100));
  expect(() => prepareRuntimeFolder(runtimeFolder({ XDG_RUNTIME_DIR: base }))).toThrow(
    expect.objectContaining({ code: "T2A_HOLDER", message: expect.stringMatching(/too long for sockets/) }),
  );
  const env = { XDG_RUNTIME_DIR: base, XDG_DATA_HOME: path("d"), XDG_CONFIG_HOME: path("c") };
  const { status, stderr } = await runCli(["session", "ls"], { env });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^t2a: .* is too long for sockets: set XDG_RUNTIME_DIR to a folder of a shorter name\n$/);
  expect(existsSync(base)).toBe(false);
});

it("a folder is made for its user alone, and may be there already", () => {
  const folder = runtimeFolder({ XDG_RUNTIME_DIR: tempDir()("r") });
  prepareRuntimeFolder(folder);
  prepareRuntimeFolder(folder);
  expect(existsSync(folder.holders)).toBe(true);
});

it("a folder that others may enter is closed to them", () => {
  const path = tempDir();
  const runtime = runtimeFolder({ XDG_RUNTIME_DIR: path(".") });
  mkdirSync(runtime.folder);
  chmodSync(runtime.folder, 0o777);
  prepareRuntimeFolder(runtime);
  for (const path of [runtime.folder, runtime.holders, runtime.screens])
    expect(statSync(path).mode & 0o777).toBe(0o700);
});

it("a link in place of the folder is refused, whether it leads somewhere or nowhere", () => {
  const path = tempDir();
  const runtime = runtimeFolder({ XDG_RUNTIME_DIR: path(".") });
  symlinkSync(path("elsewhere"), runtime.folder);
  expect(() => prepareRuntimeFolder(runtime)).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
  mkdirSync(path("elsewhere"));
  expect(() => prepareRuntimeFolder(runtime)).toThrow(expect.objectContaining({ code: "T2A_ACCESS" }));
});
