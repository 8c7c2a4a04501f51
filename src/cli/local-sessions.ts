// The sessions of this machine, for the daemon: the library, the holders and those who know a part of sessions each, put together.
import { spawn } from "node:child_process";
import { statfsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StoreError } from "../core/index.js";
import type { DaemonLog } from "../server/index.js";
import type { HeldSession, SessionManager } from "../session/index.js";
import type { CommandContext } from "./context.js";
import { configuredKeyPath } from "./keys.js";
import { openLibrary } from "./open-library.js";
import { openSessionParts } from "./session-parts.js";

/** Sessions, and where they are kept, as may be shown. */
export interface LocalSessions {
  readonly manager: SessionManager;
  readonly store: string;
  /** Ends holders that hold nothing: a new daemon starts its own. */
  readonly onEnd: () => void;
}

/**
 * Opens the sessions of this machine: those that live in holders are found. Whoever calls this closes the manager, and with it all that was
 * opened.
 * @throws what opening the library, the holders and the settings throws.
 */
export async function openLocalSessions(context: CommandContext, log: DaemonLog): Promise<LocalSessions> {
  const { userDataFolder } = await import("../config/index.js");
  const { AgentKeeper, CheckpointKeeper, LocalSessionManager, openHolderPool, runtimeFolder } = await import(
    "../session/index.js"
  );
  const { holderProgram, SessionResumer, StateKeeper, TerminalKeeper } = await import("../session/index.js");
  const { env: surroundings, programs, version } = context.io;
  const { values } = await context.settings();
  const env = Object.fromEntries(
    Object.entries(surroundings).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const runtime = runtimeFolder(surroundings);
  const onProblem = (problem: unknown, about: string) => log.warn({ err: problem, about }, "something failed");
  const problems: string[] = [];
  const library = await openLibrary({}, context).catch(async (error: unknown) => {
    if (!(error instanceof StoreError) || !isFull(error)) throw error;
    onProblem(error, "the library");
    problems.push(`${error.message}: what ends now is listed again when there is room and t2a daemon restart was run`);
    return await openLibrary({}, context, { isIndexInMemory: true });
  });
  const late: HeldSession[] = [];
  let takeFound = (found: readonly HeldSession[]): void => void late.push(...found);
  try {
    const pool = await openHolderPool({
      runtime,
      program: holderProgram(fileURLToPath(new URL("holder.js", programs))),
      perHolder: values["session.per_holder"],
      version,
      env,
      onLeftProcesses: (left) =>
        log.warn({ processes: left.map(({ pid }) => pid) }, "processes outlived the terminal of a holder that died"),
      onFound: (found) => takeFound(found),
      onProblem: (error) => onProblem(error, "a holder"),
    });
    const parts = await openSessionParts(context, onProblem);
    const terminals = new TerminalKeeper({
      ...parts.options,
      library,
      pool,
      runtime,
      liveFolder: join(userDataFolder(surroundings), "live"),
      env,
      version,
      sizePolicy: values["session.size"],
      sync: values["record.sync"],
      variables: values["session.checkpoint_env"],
      signKey: await configuredKeyPath(context),
      maxSessions: values["session.max_sessions"],
      collect: backgroundCollector(context),
      onProblem,
    });
    const agents = new AgentKeeper({
      library,
      terminals,
      ordersFolder: join(userDataFolder(surroundings), "orders"),
      env,
      onTold: parts.onTold,
      onProblem,
    });
    const checkpoints = new CheckpointKeeper({
      terminals,
      intervalMs: values["session.checkpoint_interval"] / 1e6,
      backups: values["session.checkpoint_backups"],
      onProblem,
    });
    const home = surroundings.HOME || homedir();
    const states = new StateKeeper({
      store: library.store,
      user: userName(),
      resolve: (reference) => terminals.resolve(reference),
      isLive: (id) => terminals.findLive(id) !== undefined,
      updateSession: (id, change) => terminals.updateDocument(id, change),
      onChange: ({ sessionId }) => sessionId !== undefined && checkpoints.stateChanged(sessionId),
    });
    terminals.on("end", ({ terminal }) => states.forget(terminal.id));
    const manager = new LocalSessionManager({
      terminals,
      checkpoints: new SessionResumer({ terminals, checkpoints, library, env, home, host: hostname() }),
      agents,
      states,
      pool,
      version,
      findProblems: () => [
        ...problems,
        ...pool.problems.map(({ message }) => message),
        ...fullDisks([runtime.folder, library.spool.folder]),
      ],
      others: [parts, library],
    });
    try {
      parts.follow(terminals);
      await terminals.open();
      takeFound = (found) => void terminals.takeFound(found);
      takeFound(late);
      await agents.open();
      const onEnd = () => {
        if (pool.sessions.length === 0) pool.endHolders();
      };
      return { manager, store: library.location, onEnd };
    } catch (error) {
      await terminals.close();
      throw error;
    }
  } catch (error) {
    await library.close();
    throw error;
  }
}

/**
 * Collects in a process of its own, which outlives the daemon: the final form of a recording takes long, and screens must not wait for it.
 * One at a time: what ends meanwhile is collected by the next.
 */
function backgroundCollector({ io }: CommandContext): () => Promise<void> {
  const program = fileURLToPath(new URL("../../bin/t2a.js", io.programs));
  const run = () =>
    new Promise<void>((resolve) => {
      const child = spawn(process.execPath, [program, "library", "collect", "--quiet"], {
        detached: true,
        stdio: "ignore",
        env: io.env,
      });
      // What stays in the spool is whole; the next collector tries again.
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
  let [running, next]: (Promise<void> | undefined)[] = [];
  const collect = async (): Promise<void> => {
    if (running === undefined) {
      running = run().finally(() => {
        running = undefined;
      });
      return await running;
    }
    next ??= running.then(() => {
      next = undefined;
      return collect();
    });
    return await next;
  };
  return collect;
}

function isFull({ details }: StoreError): boolean {
  return details.systemCode === "ENOSPC" || details.systemCode === "EDQUOT";
}

/** Less is as good as nothing, bytes. */
const FULL_BYTES = 64 * 1024;

/** What is said of disks on which nothing can be written. */
function fullDisks(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      const { bavail, bsize } = statfsSync(folder);
      const isFull = bavail * bsize < FULL_BYTES;
      return isFull ? [`the disk of ${folder} is full: sessions go on, and are not recorded until there is room`] : [];
    } catch {
      return []; // not there yet, or of a kind that does not tell
    }
  });
}

/** Of the account that the daemon runs as; its number where the system has no name for it. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "user");
  }
}
