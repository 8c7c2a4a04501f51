// A command line that starts a program within limits which the kernel holds: prlimit(1) for what each process may take, a scope of the
// user's systemd (cgroups v2) for what all of them may take together, where the user has one. What the kernel counts otherwise than a
// session's limit is set wider than asked for and only catches what runs away: `LimitWatch` ends the session at the limit itself.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../core/index.js";
import { findProgram } from "../../pty/index.js";
import type { SessionLimits } from "../session-limits.js";
import { countUserTasks } from "./process-table.js";

/** A program to start. */
export interface CommandToLimit {
  /** A path, or a name to be found in `env.PATH`. */
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd?: string | undefined;
}

/** What it is started as. */
export interface LimitedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** What the kernel does not hold here, in words. */
  readonly unenforced: readonly string[];
}

/** Where it is started. */
export interface LimitSurroundings {
  /** The child's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether scopes of the user's systemd can be had; found out once by default. */
  readonly hasScopes?: boolean | undefined;
  /** The user; this process's own by default. */
  readonly uid?: number | undefined;
}

/** Not the child's PATH: what is to hold it is not its to choose. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/local/bin";
/** A single process may take so much of what all of them together may, before the kernel refuses it more. */
const MEMORY_BACKSTOP = 2;
/** A scope counts the system's cache too, and is to bite after the watch. */
const SCOPE_BACKSTOP = 1.25;
/** The kernel counts threads, of which a process has several. */
const TASKS_A_PROCESS = 16;
const MORE_TASKS = 64;
const PROBE_TIMEOUT_MS = 2000;

/**
 * The command line to start instead. The program becomes the very process that is started: its id, and its name, stay what they would be.
 * @throws PtyError `T2A_PTY` where the program does not exist.
 */
export function limitedCommand(
  command: CommandToLimit,
  limits: SessionLimits,
  { env, hasScopes, uid = process.getuid?.() ?? -1 }: LimitSurroundings,
): LimitedCommand {
  const unenforced: string[] = [];
  const isRoot = uid === 0;
  const isScoped =
    (limits.memoryBytes !== undefined || limits.processes !== undefined) && (hasScopes ?? canMakeScopes(env));
  const resources = resourceLimits(limits, { isScoped, isRoot, uid });
  if (limits.processes !== undefined && !isScoped && isRoot) {
    unenforced.push(
      "processes: the kernel does not hold root to a number of processes (RLIMIT_NPROC is ignored); they are counted, and the session ends beyond it",
    );
  }
  let { file, args } = command;
  if (resources.length > 0) {
    const prlimit = findSystemProgram("prlimit");
    if (prlimit === undefined) {
      for (const { what, instead } of resources)
        unenforced.push(`${what}: prlimit(1) of util-linux is missing${instead ? `; ${instead}` : ""}`);
    } else {
      findProgram(file, env.PATH, command.cwd ?? "/"); // prlimit itself would be found, and then fail in the terminal
      args = [...resources.map(({ option }) => option), "--", file, ...args];
      file = prlimit;
    }
  }
  if (isScoped) {
    const run = findSystemProgram("systemd-run");
    if (run !== undefined) {
      if (file === command.file) findProgram(file, env.PATH, command.cwd ?? "/");
      args = [...scopeOptions(limits), "--", file, ...args];
      file = run;
    }
  }
  return { file, args, unenforced };
}

/** What prlimit is told, and who sees to it where there is none. */
interface ResourceLimit {
  readonly option: string;
  readonly what: string;
  readonly instead?: string;
}

const COUNTED = "it is measured, and the session ends beyond it";

function resourceLimits(
  limits: SessionLimits,
  { isScoped, isRoot, uid }: { readonly isScoped: boolean; readonly isRoot: boolean; readonly uid: number },
): readonly ResourceLimit[] {
  const found: ResourceLimit[] = [];
  const add = (option: string, resource: string, value: number, what: string, instead?: string) => {
    const bound = Math.min(value, hardLimit(resource)); // a higher one may not be asked for, and would end the start
    found.push({ option: `--${option}=${bound}`, what, ...(instead === undefined ? {} : { instead }) });
  };
  const { cpuSeconds, memoryBytes, processes, openFiles, fileBytes } = limits;
  // SIGXCPU behind the limit of the whole session, SIGKILL for who takes no notice.
  if (cpuSeconds !== undefined) add("cpu", "Max cpu time", cpuSeconds + 2, "cpu_time", COUNTED);
  if (openFiles !== undefined) add("nofile", "Max open files", openFiles, "open_files");
  if (fileBytes !== undefined) add("fsize", "Max file size", fileBytes, "file_size");
  if (processes !== undefined && !isScoped && !isRoot) {
    // The kernel counts all tasks of the user, in the session and elsewhere.
    const tasks = countUserTasks(uid) + processes * TASKS_A_PROCESS + MORE_TASKS;
    add("nproc", "Max processes", tasks, "processes", COUNTED);
  }
  // What a process writes to, not its address space, of which runtimes reserve gigabytes that they never use.
  if (memoryBytes !== undefined && !isScoped)
    add("data", "Max data size", memoryBytes * MEMORY_BACKSTOP, "memory", COUNTED);
  return found;
}

function scopeOptions({ memoryBytes, processes }: SessionLimits): readonly string[] {
  return [
    "--user",
    "--scope",
    "--quiet",
    "--collect",
    ...(memoryBytes === undefined
      ? []
      : ["-p", `MemoryMax=${Math.ceil(memoryBytes * SCOPE_BACKSTOP)}`, "-p", "MemorySwapMax=0"]),
    ...(processes === undefined ? [] : ["-p", `TasksMax=${processes * TASKS_A_PROCESS + MORE_TASKS}`]),
  ];
}

let scopes: boolean | undefined;

/** Whether the user has a systemd that makes scopes with limits which are in force. Found out once. */
export function canMakeScopes(env: Readonly<Record<string, string | undefined>>): boolean {
  const folder = env.XDG_RUNTIME_DIR;
  if (folder === undefined || !existsSync(join(folder, "systemd", "private"))) return false;
  scopes ??= probeScope(env);
  return scopes;
}

/** Starts a scope whose limits are told back by the kernel: controllers may not be the user's to use. */
function probeScope(env: Readonly<Record<string, string | undefined>>): boolean {
  const run = findSystemProgram("systemd-run");
  if (run === undefined || !existsSync("/sys/fs/cgroup/cgroup.controllers")) return false;
  const told = 'cd "/sys/fs/cgroup$(cut -d: -f3- /proc/self/cgroup)" && cat memory.max pids.max';
  const { status, stdout } = spawnSync(
    run,
    [...scopeOptions({ memoryBytes: 1024 * 1024 * 1024, processes: 1 }), "--", "/bin/sh", "-c", told],
    { env: { ...env }, timeout: PROBE_TIMEOUT_MS, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  return status === 0 && /^[0-9]+\n[0-9]+\n$/.test(stdout);
}

function findSystemProgram(name: string): string | undefined {
  try {
    return findProgram(name, SYSTEM_PATH, "/");
  } catch (error) {
    if (systemCode(error) === "T2A_PTY") return undefined;
    throw error;
  }
}

/** What this process may ask for at most, for those it starts. */
function hardLimit(resource: string): number {
  try {
    const line = readFileSync("/proc/self/limits", "utf8")
      .split("\n")
      .find((candidate) => candidate.startsWith(resource));
    const hard = line?.slice(resource.length).trim().split(/\s+/)[1];
    return hard === undefined || hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  } catch {
    return Number.POSITIVE_INFINITY; // no /proc: no Linux, and no prlimit
  }
}
