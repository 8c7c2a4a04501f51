// Adding a recording of any format to a store: as a .t2r in its final form, beside what it was made of where that is asked for.
import { statSync } from "node:fs";
import { getFormat, openRecording, openT2r, verifyT2r } from "../../formats/index.js";
import { FormatError, type Header, type Recording, type Source, type Warning, wrapSource } from "../core/index.js";
import { openFileSource, openFileTarget, SpooledStream } from "../files/index.js";
import { type Session, type Store, ULID } from "../store/index.js";
import { collectSpool } from "./collect.js";
import { beginText, type EarlyText, LONG_BYTES } from "./early-text.js";
import { isFinalForm, writeFinalForm } from "./final-form.js";
import { writeFinalFormInWorker } from "./finalize-in-worker.js";
import { hashOf, type KeptBlob, putFile, saveSession } from "./keep-recording.js";
import { recordingFacts } from "./recording-facts.js";
import { idOfContent, ownIdOf } from "./recording-id.js";
import { draftSession, type SessionWishes, withRecording } from "./session-draft.js";
import type { HeldSpoolEntry, Spool, SpoolNote } from "./spool.js";

/** How to add a recording. */
export interface AddOptions extends SessionWishes {
  /** Name of the format to read it as. */
  readonly format?: string | undefined;
  readonly timing?: Source | undefined;
  /** Take what is good of a damaged recording. */
  readonly recover?: boolean | undefined;
  /** Keep the file as it came beside what is made of it. */
  readonly keepsOriginal?: boolean | undefined;
  readonly onWarning?: ((warning: Warning) => void) | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where the source is a file, and what `timing` is, too: what is long is finished in a thread while its text is indexed. */
  readonly thread?: AddThread | undefined;
}

/** What a thread needs to finish a recording. */
export interface AddThread {
  /** The built finalize-worker.js. */
  readonly program: URL;
  /** The file that the source reads, and that of the timing. */
  readonly path: string;
  readonly timingPath?: string | undefined;
}

/** What came of it. */
export interface AddResult {
  /** `known`: the store has the same recording; `deleted`: in its trash. Nothing was done. */
  readonly outcome: "added" | "known" | "deleted";
  readonly session: Session;
  readonly recordingId: string;
}

/** Where it goes. */
export interface AddPlace {
  readonly store: Store;
  readonly spool: Spool;
  /** The store, as may be shown. */
  readonly location: string;
}

/**
 * Adds what a source holds; it stays open. The session is seen in the spool as soon as the header is read, in the store when all is
 * there. What can be read only once is kept in a file without a name meanwhile.
 * @throws FormatError for what is no recording, and for a damaged one unless `recover`; what store and spool throw.
 */
export async function addRecording(source: Source, place: AddPlace, options: AddOptions): Promise<AddResult> {
  if (source.supports.restart) return await addReadable(source, place, options);
  const spooled = new SpooledStream(source.name, source.stream());
  try {
    return await addReadable(spooled.open(), place, { ...options, thread: undefined });
  } finally {
    await spooled.close();
  }
}

async function addReadable(source: Source, place: AddPlace, options: AddOptions): Promise<AddResult> {
  const { recover, signal } = options;
  const open = source.supports.ranges && options.format === undefined ? await openT2r(source) : undefined;
  // What is no recording is told before all of it is read: a device may have no end.
  const header = open?.header ?? (await openHeader(source, options)).header;
  const original = await hashOf(source.stream(), signal);
  const isFinal = isFinalForm(open) && (await isWhole(source, recover === true));
  const recordingId = ownIdOf(header) ?? idOfContent(header, original.sha256);
  const known = await place.store.find(recordingId, { signal });
  // What differs under the same id is another recording: one that was continued, or cut.
  const isSame = (session: Session) =>
    session.recordings.some((recording) => [recording.sha256, recording.original?.sha256].includes(original.sha256));
  if (known !== undefined && isSame(known)) return done(known, recordingId);
  const wishes = { otherName: fileNameOf(source.name), ...options };
  const session = draftSession(header, { id: recordingId, now: Date.now(), wishes });
  const note = { recordingId, store: place.location, session };
  if (isSameFile(source.name, place.spool.recordingPath(recordingId))) return await addStray(note, place, options);
  const entry = place.spool.begin({ purpose: "adding", ...note });
  try {
    return await addHeld(source, entry, { ...place, header, original, isFinal, known }, options);
  } finally {
    entry.remove();
  }
}

/** One that is in the spool itself, where its note was lost: there is no other copy of it, and it goes the way of all recordings. */
async function addStray(
  note: Omit<SpoolNote, "version" | "pid" | "bootId" | "purpose">,
  place: AddPlace,
  { signal }: AddOptions,
): Promise<AddResult> {
  place.spool.begin({ purpose: "recording", ...note }).release();
  const { recordingId } = note;
  let added: Session | undefined;
  await collectSpool({
    ...place,
    recordingId,
    signal,
    onCollected: (session) => {
      added = session;
    },
    onFailed: (_, error) => {
      throw error;
    },
  });
  return { outcome: "added", session: added ?? (await place.store.get(note.session.id, { signal })), recordingId };
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

interface Adding extends AddPlace {
  readonly header: Header;
  readonly original: Omit<KeptBlob, "name">;
  readonly isFinal: boolean;
  readonly known: Session | undefined;
}

async function addHeld(source: Source, entry: HeldSpoolEntry, adding: Adding, options: AddOptions): Promise<AddResult> {
  if (adding.isFinal) return await keepMade(source, entry, adding, options, undefined);
  const { thread, recover, signal } = options;
  // What is good of a damaged one is known when it is finished.
  const isParallel = thread !== undefined && recover !== true && adding.original.sizeBytes >= LONG_BYTES;
  const open = async (signal: AbortSignal) => await openStaying(source, { ...options, signal });
  const text = isParallel ? beginText(adding.store, open, signal) : undefined;
  try {
    await (isParallel ? finishInThread(entry, thread, options) : finishHere(source, entry, options));
    return await keepMade(source, entry, adding, options, text);
  } finally {
    await text?.end();
  }
}

async function finishHere(source: Source, entry: HeldSpoolEntry, options: AddOptions): Promise<void> {
  const { format, timing, recover, onWarning, onProgress, signal } = options;
  await writeFinalForm(source, openFileTarget(entry.path, { overwrite: true }), {
    format: format === undefined ? undefined : getFormat(format),
    ...{ timing, recover, onWarning, onProgress, signal },
    id: entry.note.recordingId,
  });
}

async function finishInThread(
  { path: target, note }: HeldSpoolEntry,
  { program, path, timingPath: timing }: AddThread,
  { format, recover, onWarning, signal }: AddOptions,
): Promise<void> {
  await writeFinalFormInWorker(
    { path, target, timing, format, recover, id: note.recordingId },
    { program, onWarning, signal },
  );
}

async function keepMade(
  source: Source,
  entry: HeldSpoolEntry,
  adding: Adding,
  options: AddOptions,
  text: EarlyText | undefined,
): Promise<AddResult> {
  const { store, isFinal, original, header, known } = adding;
  const { signal } = options;
  const { recordingId } = entry.note;
  const made = isFinal ? source : await openFileSource(entry.path);
  try {
    const facts = await recordingFacts(made, signal);
    let id = recordingId;
    if (known !== undefined) {
      const { sha256 } = isFinal ? original : await hashOf(made.stream(), signal);
      if (known.recordings.some((recording) => recording.sha256 === sha256)) return done(known, recordingId);
      id = idOfContent(header, sha256);
      const there = await store.find(id, { signal });
      if (there !== undefined) return done(there, recordingId);
    }
    const blob = await putFile(store, id, `${recordingId}.t2r`, made, signal);
    const kept = options.keepsOriginal && !isFinal ? await putOriginal(source, id, recordingId, adding, options) : {};
    // A recorder that died left no end; other formats need not have one.
    const isInterrupted = facts.exitStatus === undefined && (await isUnfinished(source));
    const draft = { ...entry.session(), id };
    const session = withRecording(draft, facts, { id: recordingId, ...blob, ...kept }, isInterrupted);
    const saved = await saveSession(store, session, signal);
    await text?.show(saved, recordingId);
    return { outcome: "added", session: saved, recordingId };
  } finally {
    if (made !== source) await made.close();
  }
}

function done(session: Session, recordingId: string): AddResult {
  return { outcome: session.deletedAt === undefined ? "known" : "deleted", session, recordingId };
}

/** Reads all of it: what is copied as it is must be what was recorded. */
async function isWhole(source: Source, recover: boolean): Promise<boolean> {
  const verdict = await verifyT2r(source);
  const [damage] = verdict.recognized ? verdict.problems : [];
  if (damage === undefined) return true;
  if (recover) return false;
  const { reason, offset } = damage;
  throw new FormatError("T2A_FORMAT_DAMAGED", `${source.name} is damaged: ${reason} at byte ${offset}`, { offset });
}

async function isUnfinished(source: Source): Promise<boolean> {
  if (!source.supports.ranges) return false;
  const isT2r = getFormat("t2r").sniff?.(await source.readRange(0, HEAD_BYTES), source.name) === true;
  return isT2r && (await openT2r(source)) === undefined;
}

/** Of a file, enough to know it by, in bytes. */
const HEAD_BYTES = 64;

async function putOriginal(
  source: Source,
  sessionId: string,
  recordingId: string,
  { store }: Adding,
  options: AddOptions,
) {
  const blob = await putFile(
    store,
    sessionId,
    `${recordingId}.original${extensionOf(source.name)}`,
    source,
    options.signal,
  );
  const { format } = await openHeader(source, options);
  return { original: { ...blob, format } };
}

async function openHeader(source: Source, options: AddOptions) {
  const recording = await openStaying(source, options);
  await recording.close();
  return { header: recording.header, format: recording.format };
}

/** Closing it closes no source. */
async function openStaying(source: Source, { format, recover, timing, signal }: AddOptions): Promise<Recording> {
  const staying = (from: Source) => wrapSource(from, { close: async () => {} });
  return await openRecording(staying(source), {
    format: format === undefined ? undefined : getFormat(format),
    recover,
    timing: timing && staying(timing),
    signal,
  });
}

/** `demo` of `/x/demo.cast.gz` and of `https://example.org/demo.cast?raw`; undefined of what came without a name, or under an id. */
function fileNameOf(name: string): string | undefined {
  const isUrl = /^https?:\/\//i.test(name);
  const path = isUrl ? name.replace(/[?#].*$/s, "").replace(/^https?:\/\/[^/]*/i, "") : name;
  const last = path.split("/").at(-1) ?? "";
  const bare = last.replace(/\.(?:gz|zst|bz2|xz)$/i, "").replace(/(.)\.[A-Za-z0-9]{1,12}$/, "$1");
  return bare === "" || bare === "-" || ULID.test(bare) ? undefined : bare;
}

/** `.cast.gz` of `/x/demo.cast.gz`: of what is safe in a name, and short. */
function extensionOf(name: string): string {
  return /[^/]((?:\.[A-Za-z0-9]{1,12}){1,2})$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
