// What has changed in a folder under git since a commit, and what git itself says of it. git is asked as a program: bounded in time and
// output, and without what a repository could have it run.
import { execFile } from "node:child_process";
import { statSync } from "node:fs";

/** What has changed in a worktree. */
export interface WorktreeChanges {
  readonly worktree: string;
  /** The commit it is held against; absent where none was noted. */
  readonly baseCommit?: string | undefined;
  /** Paths below the worktree, sorted, with git's letters (`M`, `A`, `D`, `??` ...). */
  readonly files: readonly { readonly path: string; readonly status: string }[];
  /** There are more than these. */
  readonly isCut: boolean;
  /** What `git diff --stat` prints. */
  readonly stat: string;
  /** Why there is nothing of this, in words. */
  readonly problem?: string | undefined;
}

/** How git is asked. */
export interface GitOptions {
  /** Its environment; what points git elsewhere is left out. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for each question. */
  readonly timeoutMs?: number | undefined;
  /** Files that are listed at most. */
  readonly maxFiles?: number | undefined;
}

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const MAX_STAT_UNITS = 32 * 1024;
const MAX_FILES = 2000;
const COMMIT = /^[0-9a-f]{40,64}$/;
/** Paths longer than this are none that a document should hold, UTF-16 units. */
const MAX_PATH = 4096;

/** The commit that a worktree stands at; undefined where it is none, or has none yet. */
export async function findBaseCommit(worktree: string, options: GitOptions): Promise<string | undefined> {
  if (!isFolder(worktree)) return undefined;
  const { output } = await git(worktree, ["rev-parse", "--verify", "--quiet", "HEAD"], options);
  const commit = output?.trim();
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
}

/** What has changed since the commit, committed or not; without one what is not committed. Never throws: it says why it knows nothing. */
export async function worktreeChanges(
  worktree: string,
  baseCommit: string | undefined,
  options: GitOptions,
): Promise<WorktreeChanges> {
  const base = baseCommit !== undefined && COMMIT.test(baseCommit) ? baseCommit : undefined;
  const none = { worktree, ...(base && { baseCommit: base }), files: [], isCut: false, stat: "" };
  if (!isFolder(worktree)) return { ...none, problem: "the folder is not there" };
  const status = await git(worktree, ["status", "--porcelain=v1", "-z", "--untracked-files=all"], options);
  if (status.output === undefined) return { ...none, problem: status.problem };
  const changed = new Map<string, string>();
  const against = base ?? "HEAD";
  const names = await git(
    worktree,
    ["diff", ...NO_PROGRAMS, "--name-status", "--no-renames", "-z", against, "--"],
    options,
  );
  for (const [letters, path] of nameStatus(names.output ?? "")) changed.set(path, letters);
  for (const [letters, path] of porcelain(status.output)) changed.set(path, letters);
  const stat = await git(worktree, ["diff", ...NO_PROGRAMS, "--stat=100", against, "--"], options);
  const { maxFiles = MAX_FILES } = options;
  const all = [...changed].filter(([path]) => path.length <= MAX_PATH).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...none,
    files: all.slice(0, maxFiles).map(([path, letters]) => ({ path, status: letters })),
    isCut: all.length > maxFiles,
    stat: (stat.output ?? "").slice(0, MAX_STAT_UNITS),
  };
}

const NO_PROGRAMS = ["--no-ext-diff", "--no-textconv", "--no-color"] as const;

/** `XY PATH\0`, of what was renamed the old path behind it. */
function* porcelain(output: string): Generator<readonly [letters: string, path: string]> {
  const parts = output.split("\0");
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? "";
    if (part.length < 4) continue;
    const letters = part.slice(0, 2);
    yield [letters.trim(), part.slice(3)];
    if (/[RC]/.test(letters)) at++;
  }
}

/** `LETTER\0PATH\0`. */
function* nameStatus(output: string): Generator<readonly [letters: string, path: string]> {
  const parts = output.split("\0");
  for (let at = 0; at + 1 < parts.length; at += 2) yield [parts[at] ?? "", parts[at + 1] ?? ""];
}

type GitAnswer =
  | { readonly output: string; readonly problem?: undefined }
  | { readonly output?: undefined; readonly problem: string };

async function git(
  cwd: string,
  args: readonly string[],
  { env, timeoutMs = TIMEOUT_MS }: GitOptions,
): Promise<GitAnswer> {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("GIT_")));
  return await new Promise((resolve) => {
    execFile(
      "git",
      // Neither a monitor nor a hook of the repository is run, and nothing in it is changed by looking at it.
      [
        "--no-optional-locks",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.quotePath=false",
        ...args,
      ],
      {
        cwd,
        env: { ...own, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
        timeout: timeoutMs,
        maxBuffer: MAX_OUTPUT_BYTES,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ output: stdout });
        else if (error.code === "ENOENT") resolve({ problem: "git is not installed" });
        else if (error.killed) resolve({ problem: `git took longer than ${timeoutMs} ms, or said too much` });
        else
          resolve({
            problem: stderr.includes("not a git repository")
              ? "the folder is not under git"
              : `git: ${firstLine(stderr)}`,
          });
      },
    );
  });
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 200);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
