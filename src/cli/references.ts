// Sessions of the library on the command line: arguments say that they may name one, and this alone puts in its place what is read: the
// path of a file, or a name that `openSource` knows what the store gives by.
import { stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { Argument, type Command } from "commander";
import { type Source, StoreError, UsageError } from "../core/index.js";
import type { BorrowedRecording, FoundRecording, Library, ListedSession } from "../library/index.js";
import type { SessionQuery } from "../store/index.js";
import type { CommandContext } from "./context.js";

/**
/**
 * What a reference in an argument stands for: a session of the library, one in the trash, one that lives or did of late, its recording to be
 * read, that or else its commands, or a recording that would be changed.
 */
type ReferenceKind = "session" | "deleted" | "live" | "recording" | "analyzed" | "changed";

const KINDS = new WeakMap<Argument, ReferenceKind>();

/** An argument that names a session of the library; the command resolves it. */
export function sessionArgument(name: string): Argument {
  return marked(new Argument(name, "id, beginning of an id, name, @last or @-2"), "session");
}

/** An argument that names a session in the trash; the command resolves it. */
export function deletedArgument(name: string): Argument {
  return marked(new Argument(name, "id, beginning of an id, or name"), "deleted");
}

/** An argument that names a session, alive or not; its manager resolves it. Shells offer those that live. `name`: as commander has it. */
export function liveArgument(name: string, description = "id, beginning of an id, or name of a session"): Argument {
  return marked(new Argument(name, description), "live");
}

/** An argument that names a recording to be read: a file, or a session of the library. */
export function recordingArgument(name: string, description: string): Argument {
  return marked(new Argument(name, description), "recording");
}

/** As `recordingArgument`; of a session without recordings it is its commands. */
export function analyzedArgument(name: string, description: string): Argument {
  return marked(new Argument(name, description), "analyzed");
}

/** An argument that names a file which the command changes: what is in the library is refused. */
export function changedFileArgument(name: string, description: string): Argument {
  return marked(new Argument(name, description), "changed");
}

function marked(argument: Argument, kind: ReferenceKind): Argument {
  KINDS.set(argument, kind);
  return argument;
}

/** Who completes the argument: sessions of the library, those in the trash, or those that live; undefined where it takes no session. */
export function completerOf(argument: Argument): "library" | "trash" | "session" | undefined {
  const kind = KINDS.get(argument);
  if (kind === undefined) return undefined;
  return kind === "live" ? "session" : kind === "deleted" ? "trash" : "library";
}

/** What is open for one run of a command. */
interface Opened {
  library: Promise<Library | undefined> | undefined;
  readonly sources: Map<string, () => Promise<Source>>;
  /** Recordings in the store. */
  readonly kept: Map<string, () => Promise<BorrowedRecording>>;
  /** Names of sessions, by what their references were resolved to. */
  readonly names: Map<string, string>;
}

const OPENED = new WeakMap<CommandContext, Opened>();

/** Before each command: puts what is read in place of references among its arguments. */
export function resolveReferences(program: Command, context: CommandContext): void {
  program.hook("preAction", async (_, command) => {
    for (const [at, argument] of command.registeredArguments.entries()) {
      const kind = KINDS.get(argument);
      if (kind === undefined || kind === "session" || kind === "deleted" || kind === "live") continue;
      const value: unknown = command.processedArgs[at];
      if (typeof value === "string") command.processedArgs[at] = await readableName(value, kind, context);
      else if (Array.isArray(value)) {
        const names: string[] = [];
        for (const name of value as readonly string[]) names.push(await readableName(name, kind, context));
        command.processedArgs[at] = names;
      }
    }
  });
}

/** What a reference was resolved to is not open any more. */
export async function closeReferences(context: CommandContext): Promise<void> {
  const opened = OPENED.get(context);
  OPENED.delete(context);
  await (await opened?.library?.catch(() => undefined))?.close();
}

/** Opens what the store gives for a name that a reference was resolved to; undefined for all other names. */
export function findStoredSource(name: string, context: CommandContext): (() => Promise<Source>) | undefined {
  return OPENED.get(context)?.sources.get(name);
}

/** Opens a recording of the store by its index, for a name that a reference was resolved to; undefined for all other names. */
export function findKeptRecording(
  name: string,
  context: CommandContext,
): (() => Promise<BorrowedRecording>) | undefined {
  return OPENED.get(context)?.kept.get(name);
}

/** The name of the session that a reference was resolved to; undefined for what is no session's. */
export function findSessionName(name: string, context: CommandContext): string | undefined {
  return OPENED.get(context)?.names.get(name);
}

/** Shorter beginnings of ids are too much like names of files. */
const MIN_PREFIX = 8;

async function readableName(name: string, kind: ReferenceKind, context: CommandContext): Promise<string> {
  if (!mayBeReference(name) || (!name.startsWith("@") && (await isThere(name)))) return name;
  if (name.startsWith("@") && !/^@(?:last|-[1-9][0-9]*)$/.test(name)) return name;
  const library = await libraryOf(context);
  if (library === undefined) {
    if (!name.startsWith("@")) return name; // whoever opens it says that there is no such file
    throw new StoreError("T2A_STORE_NOT_FOUND", `${name}: the library is empty: t2a record records into it`);
  }
  const { listed, recordingId } = await findListed(name, library, context);
  if (kind === "changed") {
    throw new UsageError(
      `${name} is in the library, whose copy is never rewritten: t2a convert ${name} FILE.t2r makes one to change`,
    );
  }
  if (recordingId !== undefined) return nameOf(library.find(listed, recordingId), library, context);
  return (await nameOfParts(listed, library, context)) ?? nameOf(readableOf(listed, kind, library), library, context);
}

/** A name for all recordings of a session that was resumed, in their order; undefined where it has but one, in the store. */
async function nameOfParts(
  { session, spooled }: ListedSession,
  library: Library,
  context: CommandContext,
): Promise<string | undefined> {
  // Nothing is loaded for most of them.
  if (spooled !== undefined || (session.recordings.length === 1 && library.spool.isEmpty)) return undefined;
  if (session.recordings.length === 0 && session.commands !== undefined) return undefined;
  const { openPart, sessionParts, sessionSource } = await import("../library/index.js");
  const parts = await sessionParts(library, session);
  const [only] = parts;
  // Its recording may have been moved into the store since the session was found.
  const isOther = only?.blobName === undefined || session.recordings.length === 0;
  if (parts.length === 1 && only !== undefined && isOther) return nameOf(only, library, context);
  if (parts.length < 2) return undefined;
  const { sources, names } = openedBy(context);
  names.set(session.id, session.name);
  const opens = parts.map((part) => () => openPart(library, part));
  sources.set(session.id, () => sessionSource(session.id, opens));
  return session.id;
}

/** The path of the recording's file, else a name that `openSource` knows it by. */
function nameOf(found: FoundRecording, library: Library, context: CommandContext): string {
  const shown = found.path ?? `${found.session.id}/${found.blobName}`;
  const { sources, kept, names } = openedBy(context);
  names.set(shown, found.session.name);
  if (found.blobName?.endsWith(".t2r")) kept.set(shown, () => library.borrow(found));
  if (found.path === undefined) sources.set(shown, () => library.open(found));
  return shown;
}

/**
 * The recordings and commands of all sessions of a time, the oldest first, by names as of arguments; none where there is no library.
 * Milliseconds since 1970.
 */
export async function namesOfSessions(
  { sinceMs, untilMs }: Pick<SessionQuery, "sinceMs" | "untilMs">,
  context: CommandContext,
): Promise<string[]> {
  const library = await libraryOf(context);
  if (library === undefined) return [];
  const { tendLibrary } = await import("./collector.js");
  await tendLibrary(library, { isQuiet: true }, context);
  const { sessions } = await library.list({ sinceMs, untilMs, isDeleted: false, isAscending: true });
  const older = sinceMs === undefined ? [] : await historiesFrom(sinceMs, library);
  return [...older, ...sessions].flatMap((listed) => {
    if (listed.spooled !== undefined) return [nameOf(library.find(listed), library, context)];
    const commands = library.findCommands(listed);
    return [
      ...listed.session.recordings.map(({ id }) => nameOf(library.find(listed, id), library, context)),
      ...(commands === undefined ? [] : [nameOf(commands, library, context)]),
    ];
  });
}

/** Sessions with commands of their own that began before a time and go on in it. */
async function historiesFrom(sinceMs: number, library: Library): Promise<readonly ListedSession[]> {
  const found: ListedSession[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const { sessions } = await library.list({
      sort: "activity",
      untilMs: sinceMs,
      isDeleted: false,
      limit: PAGE,
      offset,
    });
    const recent = sessions.filter(({ session }) => Date.parse(session.lastActivityAt) >= sinceMs);
    found.push(...recent.filter(({ session }) => session.recordings.length === 0 && session.commands !== undefined));
    if (recent.length < PAGE) return found;
  }
}

/** Sessions looked at at once. */
const PAGE = 200;

function openedBy(context: CommandContext): Opened {
  const opened = OPENED.get(context) ?? { library: undefined, sources: new Map(), kept: new Map(), names: new Map() };
  OPENED.set(context, opened);
  return opened;
}

/** Opened once for a run of a command; undefined where there is none. */
async function libraryOf(context: CommandContext): Promise<Library | undefined> {
  const opened = openedBy(context);
  opened.library ??= import("./open-library.js").then(({ openExisting }) => openExisting({}, context));
  return await opened.library;
}

/** What has a slash is a path, `-` standard input, and what has a colon may be a URL. */
function mayBeReference(name: string): boolean {
  return name !== "" && name !== "-" && !name.includes("/");
}

async function isThere(name: string): Promise<boolean> {
  return await stat(name).then(
    () => true,
    () => false,
  );
}

/** A session, and the id of one of its recordings where that is what the name is. */
interface ListedReference {
  readonly listed: ListedSession;
  readonly recordingId: string | undefined;
}

async function findListed(name: string, library: Library, context: CommandContext): Promise<ListedReference> {
  const found = await findReference(name, library);
  let { listed } = found;
  // Its file is about to be moved: who reads it wants to find it a second time.
  for (let tries = 0; listed.spooled === "waiting"; tries++) {
    const before = listed.session.id;
    await library.collect({ recordingId: library.find(listed).recordingId });
    listed = await library.resolve(before, { minPrefix: MIN_PREFIX });
    if (listed.spooled !== "waiting" || !library.isAtWork(listed)) break;
    if (tries === 0) context.info("the recording is being finished: waiting for it");
    await setTimeout(TRY_MS);
  }
  return { listed, recordingId: found.recordingId };
}

function readableOf(listed: ListedSession, kind: ReferenceKind, library: Library): FoundRecording {
  const hasRecording = listed.session.recordings.length > 0;
  return (kind === "analyzed" && !hasRecording ? library.findCommands(listed) : undefined) ?? library.find(listed);
}

async function findReference(name: string, library: Library): Promise<ListedReference> {
  try {
    return { listed: await library.resolve(name, { minPrefix: MIN_PREFIX }), recordingId: undefined };
  } catch (error) {
    const ofRecording = await findByRecording(name, library);
    if (ofRecording !== undefined) return ofRecording;
    if (name.startsWith("@") || !(error instanceof StoreError) || error.code !== "T2A_STORE_NOT_FOUND") throw error;
    throw new StoreError(
      "T2A_FILE_NOT_FOUND",
      `cannot read ${name}: no such file, and the library has no session of that id or name (t2a ls)`,
      { cause: error, details: { name } },
    );
  }
}

/** The session that has a recording of that id: sessions that were resumed have several, none of which need have the session's own. */
async function findByRecording(name: string, library: Library): Promise<ListedReference | undefined> {
  const recordingId = name.toUpperCase();
  if (!RECORDING_ID.test(recordingId)) return undefined;
  for (let offset = 0; ; offset += PAGE) {
    const { sessions } = await library.store.index.listSessions({ isDeleted: false, limit: PAGE, offset });
    const session = sessions.find(({ recordings }) => recordings.some(({ id }) => id === recordingId));
    if (session !== undefined) return { listed: { session, spooled: undefined }, recordingId };
    if (sessions.length < PAGE) return undefined;
  }
}

/** A whole ULID. */
const RECORDING_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** How often a recording that is moved by another process is looked for, milliseconds. */
const TRY_MS = 50;
