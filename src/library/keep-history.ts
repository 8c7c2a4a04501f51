// Keeping a shell's history in a store: a session without recordings, whose commands are a file. One history is one session, however often
// it is imported; what it has grown by is a new file, which the document lists before the old one goes.
import { createHash } from "node:crypto";
import type { CommandJson } from "../analyze/index.js";
import type { Source } from "../core/index.js";
import type { NewSession, Session, Store } from "../store/index.js";
import { hasCode, hashOf, type KeptBlob, putFile } from "./keep-recording.js";
import { withoutLostNotes } from "./lost-notes.js";
import { idOfContent } from "./recording-id.js";
import { clip, defined, isTellable, MAX_TEXT, MAX_WORDS, type SessionWishes, tagsOf } from "./session-draft.js";

/** Whose history it is. */
export interface HistoryOrigin {
  /** `bash`, `zsh`, `fish`, `nushell`, `atuin`. */
  readonly kind: string;
  /** The real path of its file; undefined where it came through a pipe: each content is a history of its own then. */
  readonly path: string | undefined;
  readonly host: string;
  readonly user: string | undefined;
}

/** What a document says of commands. */
export class HistoryTally {
  #count = 0;
  #firstMs: number | undefined;
  #lastMs: number | undefined;
  #last: CommandJson | undefined;

  /** Commands in the order in which they stand in the file. */
  add(command: CommandJson): void {
    this.#count++;
    this.#last = command;
    const ms = command.startedAt === null ? Number.NaN : Date.parse(command.startedAt);
    if (!isTellable(ms)) return;
    this.#firstMs = Math.min(this.#firstMs ?? ms, ms);
    this.#lastMs = Math.max(this.#lastMs ?? ms, ms);
  }

  get count(): number {
    return this.#count;
  }

  /** `createdAt`: where no command has a time. `now`: milliseconds since 1970. */
  facts(now: number, createdAt = new Date(now).toISOString()) {
    const { line, exitStatus, durationNs } = this.#last ?? {};
    const lastCommand = clip(line ?? undefined, MAX_TEXT);
    const lastResult = defined({ exitStatus: exitStatus ?? undefined, durationNs: durationNs ?? undefined });
    return {
      createdAt: this.#firstMs === undefined ? createdAt : new Date(this.#firstMs).toISOString(),
      lastActivityAt: new Date(this.#lastMs ?? now).toISOString(),
      commandCount: this.#count,
      ...(lastCommand === undefined ? {} : { lastCommand, lastResult }),
    };
  }
}

/** How to keep a history. */
export interface KeepHistoryOptions {
  readonly origin: HistoryOrigin;
  /** Of all commands in the source. */
  readonly tally: HistoryTally;
  /** A session that is there keeps its name where none is given, and its tags. */
  readonly wishes?: SessionWishes | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A history that is kept. `known`: it is there already; `deleted`: in the trash, where it stays as it is. */
export interface KeptHistory {
  readonly outcome: "kept" | "known" | "deleted";
  readonly session: Session;
}

/**
 * Keeps commands, an array as `t2a commands --json` prints it. The source is read twice, and stays open.
 * @throws what the store and the source throw; `T2A_ABORTED` or the signal's reason.
 */
export async function keepHistory(
  store: Store,
  source: Pick<Source, "stream">,
  options: KeepHistoryOptions,
): Promise<KeptHistory> {
  const { signal } = options;
  const content = await hashOf(source.stream(), signal);
  const id = idOfHistory(options.origin, content.sha256);
  const name = `${id}.commands-${content.sha256.slice(0, 16)}.json`;
  const there = await store.find(id, { signal });
  if (there?.deletedAt !== undefined) return { outcome: "deleted", session: there };
  const isThere = async () => (await store.storage.statBlob(id, name, { signal }))?.sizeBytes === content.sizeBytes;
  const isKnown = there?.commands?.name === name && (await isThere());
  const file = { stream: () => source.stream(), size: async () => content.sizeBytes };
  const commands: KeptBlob = isKnown ? there.commands : await putFile(store, id, name, file, signal);
  const { session, replaced } = await save(store, id, commands, options);
  // Another import may have taken the file for one that nobody wants any more.
  if (session.commands?.name === name && !(await isThere())) await putFile(store, id, name, file, signal);
  if (replaced !== undefined) await store.storage.deleteBlob(id, replaced, { signal });
  return { outcome: isKnown ? "known" : "kept", session };
}

/** Gives the session, and the file that it does not list any more. */
async function save(
  store: Store,
  id: string,
  commands: KeptBlob,
  options: KeepHistoryOptions,
): Promise<{ readonly session: Session; readonly replaced: string | undefined }> {
  const { wishes = {}, signal } = options;
  try {
    return { session: await store.create(newSession(id, commands, options), { signal }), replaced: undefined };
  } catch (error) {
    if (!hasCode(error, "T2A_STORE_CONFLICT")) throw error;
  }
  let replaced: string | undefined;
  const session = await store.update(
    id,
    (there) => {
      const tags = tagsOf([...there.tags, ...(wishes.tags ?? [])]);
      const name = clip(wishes.name, MAX_WORDS) ?? there.name;
      const isSame = there.commands?.sha256 === commands.sha256;
      replaced = isSame ? undefined : there.commands?.name;
      if (isSame && tags.length === there.tags.length && name === there.name) return there;
      return { ...(isSame ? there : withCommands(there, commands, options)), name, tags };
    },
    { signal },
  );
  return { session, replaced };
}

function withCommands(there: Session, commands: KeptBlob, { tally, now = Date.now }: KeepHistoryOptions): Session {
  const { error, lastCommand: _, lastResult: __, ...rest } = there;
  const left = withoutLostNotes(error, new Set([commands.name]));
  const storedBytes = there.stats.storedBytes - (there.commands?.sizeBytes ?? 0) + commands.sizeBytes;
  return {
    ...rest,
    ...tally.facts(now(), there.createdAt),
    ...defined({ error: left }),
    commands,
    stats: { ...there.stats, storedBytes },
  };
}

function newSession(id: string, commands: KeptBlob, options: KeepHistoryOptions): NewSession {
  const { origin, tally, wishes = {}, now = Date.now } = options;
  const { kind, path, host, user } = origin;
  const { createdAt, lastActivityAt, ...facts } = tally.facts(now());
  return {
    id,
    name: clip(wishes.name, MAX_WORDS) ?? `${kind} history of ${user === undefined ? host : `${user}@${host}`}`,
    status: "completed",
    createdAt,
    lastActivityAt,
    // No terminal is known.
    config: { env: {}, cols: 80, rows: 24 },
    ...defined({ purpose: path === undefined ? undefined : clip(`the commands of ${path}`, MAX_TEXT) }),
    children: [],
    state: { session: {} },
    recordings: [],
    commands,
    tags: tagsOf(["history", ...(wishes.tags ?? [])]),
    ...facts,
    stats: {
      events: {},
      outputBytes: 0,
      inputBytes: 0,
      durationNs: 0,
      storedBytes: commands.sizeBytes,
      dropped: 0,
    },
    ...defined({ host: clip(host, MAX_WORDS), user: clip(user, MAX_WORDS) }),
  };
}

/** The same for the same history. */
function idOfHistory({ kind, path, host, user }: HistoryOrigin, content: string): string {
  const parts = ["history", host, user ?? null, kind, path ?? null, path === undefined ? content : null];
  return idOfContent({}, createHash("sha256").update(JSON.stringify(parts)).digest("hex"));
}

/** Whether a name, or its end, is that of a file of commands in a store. */
export function isCommandsName(name: string): boolean {
  return /[0-9A-Z]{26}\.commands-[0-9a-f]{16}\.json$/.test(name);
}
