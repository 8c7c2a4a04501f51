// What is told to a holder to start a session, from what was wished for.
import { statSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { DEFAULT_COLS, DEFAULT_ROWS, UsageError } from "../../core/index.js";
import { draftSession } from "../../library/kept.js";
import type { NewSession, Session } from "../../store/index.js";
import { clampSize } from "../../terminal/index.js";
import type { NewSessionConfig } from "../session-manager.js";

/** TERM inside of sessions: what their screens understand. */
export const SESSION_TERM = "xterm-256color";
const DEFAULT_CAPTURE_ENV = ["SHELL"];
const MAX_NAME = 200;
/** Of the terminal that the caller is in, or of the session. */
const NOT_INHERITED = ["T2A_SESSION", "T2A_CONTEXT", "T2A_HANDOFF", "COLUMNS", "LINES", "TERMCAP"];

/** A session that is about to be started. */
export interface PlannedSession {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly cols: number;
  readonly rows: number;
  readonly command: string | undefined;
  readonly shell: { readonly command: string | undefined; readonly shell: string } | undefined;
  readonly captureInput: boolean;
  readonly captureEnv: readonly string[];
}

/** This machine and user, as documents and recordings name them. */
export function whoAndWhere(): { readonly host: string; readonly user: string | undefined } {
  let user: string | undefined;
  try {
    user = userInfo().username;
  } catch {
    user = undefined; // a user whom the system does not know
  }
  return { host: hostname(), user };
}

/** @throws UsageError where the wishes contradict each other, or cannot be. */
export function planSession(
  config: NewSessionConfig,
  id: string,
  defaults: { readonly env: Readonly<Record<string, string>> },
): PlannedSession {
  const { command, argv, recording = {} } = config;
  if (command !== undefined && argv !== undefined) {
    throw new UsageError("a session is of a command line or of a program with its arguments, not of both");
  }
  if (argv !== undefined && (argv.length === 0 || argv[0] === "")) throw new UsageError("the program has no name");
  const env = { ...(config.env ?? defaults.env) };
  for (const key of NOT_INHERITED) delete env[key];
  Object.assign(env, { TERM: SESSION_TERM, T2A_SESSION: id });
  const shell = env.SHELL || "/bin/sh";
  const [file = shell, ...args] =
    argv !== undefined ? argv : command !== undefined ? ["/bin/sh", "-c", command] : [shell];
  const isMarked = argv === undefined && recording.shellIntegration !== false;
  return {
    file,
    args,
    env,
    cwd: checkedFolder(config.cwd ?? env.HOME ?? homedir()),
    ...checkedSize(config),
    command: command ?? argv?.map(shellWord).join(" "),
    shell: isMarked ? { command, shell } : undefined,
    captureInput: recording.captureInput === true,
    captureEnv: recording.captureEnv ?? DEFAULT_CAPTURE_ENV,
  };
}

/** The document of a session that begins. */
export function draftOf(
  config: NewSessionConfig,
  { command, cwd, cols, rows, env, captureEnv }: PlannedSession,
  { id, now, name }: { readonly id: string; readonly now: number; readonly name: string | undefined },
): NewSession {
  const { host, user } = whoAndWhere();
  const kept = Object.fromEntries(captureEnv.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]])));
  const header = {
    cols,
    rows,
    cwd,
    env: kept,
    host,
    ...(user === undefined ? {} : { user }),
    ...(command === undefined ? {} : { command }),
  };
  const shell = env.SHELL?.split("/").at(-1);
  const draft = draftSession(header, { id, now, wishes: { name, otherName: shell, tags: config.tags } });
  const { keepsSize, template, limits } = config;
  return {
    ...draft,
    config: {
      ...draft.config,
      ...(keepsSize === true ? { keepsSize } : {}),
      ...(template === undefined ? {} : { template }),
      ...(limits === undefined ? {} : { limits: { ...limits } as NonNullable<Session["config"]["limits"]> }),
    },
  };
}

/** A name that somebody chose. @throws UsageError where it is empty, too long, or could not be typed as it is shown. */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "") throw new UsageError("a session's name is not empty");
  if (trimmed.length > MAX_NAME) throw new UsageError(`a session's name has at most ${MAX_NAME} characters`);
  if (/\p{Cc}/u.test(trimmed)) throw new UsageError("a session's name has no control characters in it");
  if (/^@/.test(trimmed)) throw new UsageError('a session\'s name does not begin with "@": @last and @-2 mean others');
  return trimmed;
}

/** A size in cells. @throws UsageError where no terminal can have it. */
export function checkedSize({ cols = DEFAULT_COLS, rows = DEFAULT_ROWS }: Pick<NewSessionConfig, "cols" | "rows">): {
  readonly cols: number;
  readonly rows: number;
} {
  const isCount = (cells: number) => Number.isSafeInteger(cells) && cells >= 1;
  const size = isCount(cols) && isCount(rows) ? clampSize({ cols, rows }) : undefined;
  if (size?.cols === cols && size.rows === rows) return size;
  throw new UsageError(`a terminal of ${cols}x${rows} cells cannot be`);
}

function checkedFolder(cwd: string): string {
  if (!cwd.startsWith("/")) throw new UsageError(`the folder ${cwd} is no absolute path`);
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return cwd;
  throw new UsageError(`there is no folder ${cwd}`);
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
