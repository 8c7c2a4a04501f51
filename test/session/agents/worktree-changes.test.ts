// What has changed in a worktree, as git itself tells it; and why nothing is known where that is so.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findBaseCommit, worktreeChanges } from "../../../src/session/agents/worktree-changes.js";
import { missing, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";

const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent", GIT_DIR: "/nonexistent" };
const why = missing("git");

function repository() {
  const path = tempDir();
  const folder = path("work");
  mkdirSync(folder);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=ann", "-c", "user.email=ann@box", ...args], {
      cwd: folder,
      env: { PATH: env.PATH, HOME: path("home"), GIT_CONFIG_NOSYSTEM: "1" },
      encoding: "utf8",
    });
  const write = (name: string, text: string) => writeFileSync(`${folder}/${name}`, text);
  git("init", "-q");
  write("kept", "1\n");
  write("gone", "1\n");
  write("old name", "a long enough text, which is the same behind the renaming\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  return { path, folder, git, write, base: git("rev-parse", "HEAD").trim() };
}

it.skipIf(why)(titled("are those since a commit, committed or not", why), async () => {
  const { folder, git, write, base } = repository();
  expect(await findBaseCommit(folder, { env })).toBe(base);
  write("committed", "2\n");
  git("add", ".");
  git("commit", "-q", "-m", "second");
  write("kept", "2\n");
  write("세션 \u0001", "new\n");
  rmSync(`${folder}/gone`);
  git("mv", "old name", "new name");
  const changes = await worktreeChanges(folder, base, { env });
  expect(changes).toMatchObject({ worktree: folder, baseCommit: base, isCut: false });
  expect(changes.files).toEqual([
    { path: "committed", status: "A" },
    { path: "gone", status: "D" },
    { path: "kept", status: "M" },
    { path: "new name", status: "R" },
    { path: "old name", status: "D" },
    { path: "세션 \u0001", status: "??" },
  ]);
  expect(changes.stat).toContain("committed");
  const { files } = await worktreeChanges(folder, undefined, { env, maxFiles: 2 });
  expect(files.map(({ path }) => path)).toEqual(["gone", "kept"]);
  expect(await worktreeChanges(folder, "no commit", { env, maxFiles: 0 })).toMatchObject({ files: [], isCut: true });
});

it.skipIf(why)(titled("are not known, with the reason, where git can tell nothing", why), async () => {
  const { path, folder } = repository();
  const problemOf = async (where: string, more: object = {}) =>
    (await worktreeChanges(where, undefined, { env, ...more })).problem;
  expect(await problemOf(path("nowhere"))).toBe("the folder is not there");
  expect(await findBaseCommit(path("nowhere"), { env })).toBeUndefined();
  mkdirSync(path("plain"));
  expect(await problemOf(path("plain"))).toBe("the folder is not under git");
  expect(await findBaseCommit(path("plain"), { env })).toBeUndefined();
  expect(await problemOf(folder, { env: { PATH: path("empty") } })).toBe("git is not installed");
  renameSync(`${folder}/.git/HEAD`, `${folder}/.git/head`);
  writeFileSync(`${folder}/.git/HEAD`, "rubbish\n");
  expect(await problemOf(folder)).toMatch(/^(git: |the folder is not under git)/);
  mkdirSync(path("bin"));
  writeFileSync(path("bin/git"), "#!/bin/sh\nexec sleep 100\n");
  chmodSync(path("bin/git"), 0o755);
  const slow = { env: { PATH: `${path("bin")}:${env.PATH}` }, timeoutMs: 50 };
  expect(await problemOf(folder, slow)).toBe("git took longer than 50 ms, or said too much");
});

it.skipIf(why)(titled("run nothing that a repository names", why), async () => {
  const { path, folder, git, write, base } = repository();
  const trap = path("trap");
  writeFileSync(trap, `#!/bin/sh\ntouch '${path("sprung")}'\n`);
  chmodSync(trap, 0o755);
  git("config", "core.fsmonitor", trap);
  git("config", "diff.external", trap);
  git("config", "diff.trap.textconv", trap);
  write(".gitattributes", "* diff=trap\n");
  write("kept", "3\n");
  expect((await worktreeChanges(folder, base, { env })).files.length).toBe(2);
  expect(() => execFileSync("test", ["-e", path("sprung")])).toThrow();
});
