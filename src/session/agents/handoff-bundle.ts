// What is passed on when a session is handed to another agent: one JSON file in bounds, which one consumer may claim.
import { readFileSync, renameSync, statSync, utimesSync } from "node:fs";
import { z } from "zod";
import { SessionError, StoreError, systemCode } from "../../core/index.js";
import { ioError, writePrivateFile } from "../../files/index.js";
import type { Library } from "../../library/kept.js";
import type { Session } from "../../store/index.js";
import type { JsonObject } from "../session-info.js";
import type { SessionScreen } from "../session-manager.js";
import type { AgentContext } from "./agent-context.js";
import type { AgentFiles } from "./agent-files.js";
import { agentRecord } from "./agent-record.js";
import { recentCommands } from "./recent-commands.js";
import { sessionRecordings } from "./session-recordings.js";
import { type GitOptions, type WorktreeChanges, worktreeChanges } from "./worktree-changes.js";

/** Bytes of a bundle at most. */
export const MAX_BUNDLE_BYTES = 1024 * 1024;
/** Bytes of its parts at most, beside the context, which has a bound of its own. */
const MAX_COMMANDS_BYTES = 384 * 1024;
const MAX_SCREEN_BYTES = 192 * 1024;
const MAX_FILES_BYTES = 128 * 1024;
const MAX_COMMANDS = 200;
const MAX_OUTPUT_UNITS = 8 * 1024;
const MAX_PROBLEMS = 20;
const COMMANDS_TIMEOUT_MS = 10_000;

const someone = z.object({
  id: z.string(),
  name: z.string(),
  agent: z.string().optional(),
  purpose: z.string().optional(),
});

/** @see HandoffBundle */
export const handoffBundleSchema = z.object({
  kind: z.literal("t2a-handoff"),
  version: z.literal(1),
  /** ISO 8601. */
  createdAt: z.string(),
  /** The same terminal goes on: `from` and `to` are one session. */
  isLive: z.boolean(),
  from: someone,
  to: someone,
  /** What the new agent is told, as in T2A_CONTEXT. */
  context: z.record(z.string(), z.json()),
  /** `previousResults` of the context. */
  results: z.json(),
  /** The last commands that were run, the oldest first. */
  commands: z.array(
    z.object({
      number: z.int(),
      recordingId: z.string(),
      line: z.string().optional(),
      cwd: z.string().optional(),
      startedAt: z.string().optional(),
      durationNs: z.number().optional(),
      exitStatus: z.int().optional(),
      /** Plain text: its first and its last lines. */
      output: z.string(),
      isCut: z.boolean(),
    }),
  ),
  /** Commands before them that are not told. */
  commandsLeftOut: z.int(),
  /** What has changed in the worktree; absent where there is none. */
  changes: z
    .object({
      worktree: z.string(),
      baseCommit: z.string().optional(),
      files: z.array(z.object({ path: z.string(), status: z.string() })),
      isCut: z.boolean(),
      stat: z.string(),
      problem: z.string().optional(),
    })
    .optional(),
  /** What the terminal shows; absent where it was gone. */
  screen: z
    .object({
      cols: z.int(),
      rows: z.int(),
      title: z.string(),
      cursor: z.object({ col: z.int(), row: z.int(), isVisible: z.boolean() }),
      lines: z.array(z.string()),
      /** For a fresh terminal of that size, base64; absent where it is too large. */
      dump: z.string().optional(),
    })
    .optional(),
  /** What could not be told, in words. */
  problems: z.array(z.string()),
});
/** What is passed on from one agent to the next. */
export type HandoffBundle = z.infer<typeof handoffBundleSchema>;

/** What a bundle is made of. */
export interface BundleParts {
  readonly from: Session;
  readonly to: {
    readonly id: string;
    readonly name: string;
    readonly agent: string;
    readonly purpose: string | undefined;
  };
  readonly isLive: boolean;
  /** Of the new agent. */
  readonly context: AgentContext;
  /** Where work was done, as far as it is known. */
  readonly worktree: string | undefined;
  readonly screen: () => Promise<SessionScreen>;
  readonly library: Library;
  readonly git: GitOptions;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes a bundle. What cannot be told of the session is said in it, and keeps nobody from passing it on. */
export async function makeBundle(parts: BundleParts): Promise<HandoffBundle> {
  const { from, to, isLive, context, worktree, library, git, now } = parts;
  const problems: string[] = [];
  const [recent, changes, screen] = await Promise.all([
    recentCommands(sessionRecordings(library, from), {
      max: MAX_COMMANDS,
      maxUnits: MAX_OUTPUT_UNITS,
      timeoutMs: COMMANDS_TIMEOUT_MS,
    }),
    worktree === undefined ? undefined : worktreeChanges(worktree, agentRecord(from).baseCommit, git),
    parts.screen().catch((error: unknown) => {
      problems.push(`the screen is not known: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }),
  ]);
  problems.push(...recent.problems);
  const commands = newestWithin(recent.commands.map(withoutAbsent), MAX_COMMANDS_BYTES);
  const first = commands[0]?.number ?? 1;
  const { id, name, agent, purpose } = from;
  return {
    kind: "t2a-handoff",
    version: 1,
    createdAt: new Date(now).toISOString(),
    isLive,
    from: withoutAbsent({ id, name, agent, purpose }),
    to: withoutAbsent(to),
    context: { ...(context as Record<string, z.infer<ReturnType<typeof z.json>>>) },
    results: (context.previousResults ?? []) as z.infer<ReturnType<typeof z.json>>,
    commands,
    commandsLeftOut: recent.commands.length > 0 ? first - 1 : 0,
    ...(changes && { changes: boundedChanges(changes) }),
    ...(screen && { screen: boundedScreen(screen) }),
    problems: problems.slice(0, MAX_PROBLEMS).map((problem) => problem.slice(0, 500)),
  };
}

/** Writes a bundle where a consumer looks for it; one that was there and that nobody claimed goes. @throws StoreError `T2A_FILE_IO`. */
export function writeBundle({ bundle }: AgentFiles, content: HandoffBundle): void {
  const json = `${JSON.stringify(content, null, 1)}\n`;
  if (Buffer.byteLength(json) > MAX_BUNDLE_BYTES) throw new TypeError("a bundle has bounds");
  writePrivateFile(bundle, json);
}

/** How a bundle is claimed. */
export interface ClaimOptions {
  /** What the session is called in messages; its id by default. */
  readonly words?: string | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: number | undefined;
}

/**
 * Claims what was passed on to a session: of any number of consumers one gets it.
 * @throws SessionError `T2A_SESSION_TRANSITION` where there is none, or another one has claimed it; StoreError `T2A_STORE_DAMAGED`.
 */
export function claimBundle(
  { bundle, claimedBundle }: AgentFiles,
  sessionId: string,
  { words = sessionId, now = Date.now() }: ClaimOptions = {},
): HandoffBundle {
  try {
    // Whoever renames it first has it.
    renameSync(bundle, claimedBundle);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw ioError("claim", bundle, error);
    const claimed = statSync(claimedBundle, { throwIfNoEntry: false });
    const reason =
      claimed === undefined
        ? "nothing was passed on to it"
        : `it was claimed at ${claimed.mtime.toISOString()}: its consumer finds it in ${claimedBundle}`;
    throw new SessionError("T2A_SESSION_TRANSITION", `the session ${words} has no bundle to claim: ${reason}`, {
      details: { id: sessionId, isClaimed: claimed !== undefined },
    });
  }
  utimesSync(claimedBundle, now / 1000, now / 1000);
  const result = handoffBundleSchema.safeParse(readJson(claimedBundle));
  if (result.success) return result.data;
  throw new StoreError("T2A_STORE_DAMAGED", `${claimedBundle} is no bundle that t2a has written`, {
    details: { id: sessionId, name: claimedBundle },
  });
}

function readJson(path: string): unknown {
  try {
    if (statSync(path).size > MAX_BUNDLE_BYTES) return undefined;
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** As many of the last as fit. */
function newestWithin<T>(items: readonly T[], maxBytes: number): T[] {
  let bytes = 0;
  let first = items.length;
  while (first > 0) {
    bytes += jsonBytes(items[first - 1]);
    if (bytes > maxBytes) break;
    first--;
  }
  return items.slice(first);
}

function boundedChanges(changes: WorktreeChanges): NonNullable<HandoffBundle["changes"]> {
  const files: { path: string; status: string }[] = [];
  let bytes = jsonBytes(changes.stat);
  for (const file of changes.files) {
    bytes += jsonBytes(file);
    if (bytes > MAX_FILES_BYTES) break;
    files.push(file);
  }
  return { ...withoutAbsent(changes), files, isCut: changes.isCut || files.length < changes.files.length };
}

function boundedScreen({
  cols,
  rows,
  title,
  cursor,
  lines,
  dump,
}: SessionScreen): NonNullable<HandoffBundle["screen"]> {
  const kept = newestWithin([...lines], MAX_SCREEN_BYTES / 2);
  const base64 = Buffer.from(dump).toString("base64");
  const { col, row, isVisible } = cursor;
  return {
    cols,
    rows,
    title: title.slice(0, 1000),
    cursor: { col, row, isVisible },
    lines: kept,
    ...(base64.length <= MAX_SCREEN_BYTES / 2 && { dump: base64 }),
  };
}

/** With the indentation that it is written in. */
function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value, null, 1)) + 64;
}

/** JSON does not know what is undefined. */
function withoutAbsent<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** What an agent finds in the file that T2A_CONTEXT names: its context, and what t2a says of its session. */
export function writeContext(
  { context: path }: Pick<AgentFiles, "context">,
  context: AgentContext,
  own: {
    readonly session: string;
    readonly agent: string;
    readonly purpose?: string;
    readonly parent?: string;
    readonly handoff?: string;
  },
): void {
  const content: JsonObject = { ...context, t2a: { version: 1, ...own } };
  writePrivateFile(path, `${JSON.stringify(content, null, 2)}\n`);
}
