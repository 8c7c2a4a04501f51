// Mending one session of a store. Nothing that is there is lost by it: what is damaged is first copied aside, in the store, under a
// name that begins with `lost.`; recordings that no document lists become part of a session again.
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeTime, ulid } from "ulid";
import { findFormatByExtension, verifyT2r } from "../../formats/index.js";
import { counted, FormatError, T2aError } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import {
  type BlobStat,
  type NewSession,
  nextRevision,
  revisionCount,
  type Session,
  type SessionRecording,
  type Store,
  type StoredDocument,
  sessionJson,
  ULID,
} from "../store/index.js";
import { isCommandsName } from "./keep-history.js";
import { hashOf } from "./keep-recording.js";
import { ASIDE, REMADE, withLostNote, withRecordings } from "./lost-notes.js";
import { type RecordingFacts, recordingFacts } from "./recording-facts.js";
import { idOfContent, ownIdOf } from "./recording-id.js";
import { salvageT2r } from "./salvage.js";
import { draftSession, withRecording } from "./session-draft.js";
import { isStoreError, type ListedFile, verifyStored } from "./session-files.js";
import { storedSource } from "./stored-source.js";

/** How to mend. */
export interface MendOptions {
  /** Delete files that no document lists and that hold no recording. */
  readonly deletesOrphans?: boolean | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of a name in a store. */
const MAX_NAME = 128;
const MAX_TEXT = 64 * 1024;

/** Whether a file was set aside by mending. */
export function isSetAside(name: string): boolean {
  return name.startsWith(ASIDE);
}

/** A recording that was found in the store, and what is known of it. */
interface Found {
  readonly file: BlobStat;
  readonly sha256: string;
  readonly facts: RecordingFacts;
}

/** Mends sessions. What it does is told in words; undefined where nothing could be done. */
export class SessionMender {
  readonly #store: Store;
  readonly #options: MendOptions;

  constructor(store: Store, options: MendOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Makes a document that cannot be read anew, of what is good of it and of the recordings. It is set aside first. */
  async rebuild(document: StoredDocument, files: readonly BlobStat[]): Promise<string> {
    const { id } = document;
    const { salvageFields, formatSession } = await sessionJson();
    const aside = `${ASIDE}session.${ulid(this.#now())}.json`;
    await this.#put(id, aside, Buffer.from(document.json));
    const fields = salvageFields(document.json);
    const stats = new Map(files.map((file) => [file.name, file]));
    const known = (fields.recordings ?? []).filter(({ name }) => stats.has(name));
    const names = new Set(known.flatMap(({ name, original }) => [name, ...(original ? [original.name] : [])]));
    const found: Found[] = [];
    for (const file of files) {
      if (names.has(file.name) || isSetAside(file.name)) continue;
      const one = await this.#read(file);
      if (one !== undefined) found.push(one);
    }
    const draft = this.#draft(id, found);
    const { version: _, id: __, revision: ___, savedAt: ____, recordings: _____, commands, ...good } = fields;
    const lost = [...(fields.recordings ?? []), ...(commands ? [commands] : [])].filter(({ name }) => !stats.has(name));
    const isGone = Object.keys(fields).length === 0;
    const note = `${isGone ? REMADE : "mended: "}its document was damaged, and is kept as ${aside}`;
    let error = fields.error === undefined ? note : `${fields.error}\n${note}`.slice(-MAX_TEXT);
    for (const file of lost) error = withLostNote(error, file, "the store has no such file");
    const now = this.#now();
    const session: Session = withRecordings(
      {
        ...draft,
        ...good,
        ...(commands !== undefined && stats.has(commands.name) ? { commands } : {}),
        error,
        version: 1,
        revision: nextRevision(await this.#lastRevision(document), now),
        savedAt: new Date(now).toISOString(),
      },
      withOriginals([...known, ...found.map((one) => entryOf(one, draft.createdAt))], files),
    );
    await this.#store.put(formatSession(session), document.revision, this.#waiting);
    return `made anew of what is good of it, ${counted(session.recordings.length, "recording")} among it; it is kept as ${aside}`;
  }

  /**
   * Takes a file out of its session that is missing or is not what was put. One that is whole by its own checksums stays; what is good of
   * a damaged recording stays in the session as another one.
   */
  async withdraw(id: string, file: ListedFile): Promise<string | undefined> {
    const { storage } = this.#store;
    const stat = await storage.statBlob(id, file.name, this.#waiting);
    if (stat === undefined) {
      await this.#remove(id, file, "the store has no such file");
      return "taken out of the session, which says so in its error";
    }
    const actual = await hashOf(storage.readBlob(id, file.name, this.#waiting), this.#options.signal);
    const isSame = actual.sha256 === file.sha256;
    if (isSame && actual.sizeBytes === file.sizeBytes) return "it is what was put by now";
    if (isSame || (await this.#isWhole(id, file, stat))) {
      await this.#store.update(id, (session) => relisted(session, file.name, actual), this.#waiting);
      return "the file is whole by its own checksums: the session lists it as it is";
    }
    const aside = await this.#setAside(stat, actual);
    const salvaged = await this.#salvage(stat);
    await this.#remove(id, file, `it was damaged, and is kept as ${aside}`, salvaged);
    await storage.deleteBlob(id, file.name, this.#waiting);
    const good = salvaged === undefined ? "" : `; what is good of it is the recording ${salvaged.id}`;
    return `kept as ${aside}${good}`;
  }

  /** Makes files part of their session that no document lists. Gives what was done by their names. */
  async adopt(
    id: string,
    session: Session | undefined,
    orphans: readonly BlobStat[],
  ): Promise<ReadonlyMap<string, string>> {
    const done = new Map<string, string>();
    const found: Found[] = [];
    const salvaged: SessionRecording[] = [];
    for (const file of orphans) {
      if (await this.#isAsideToo(file)) {
        await this.#store.storage.deleteBlob(id, file.name, this.#waiting);
        done.set(file.name, "deleted: it was set aside before");
        continue;
      }
      const one = await this.#read(file);
      if (one !== undefined) {
        found.push(one);
        done.set(file.name, session === undefined ? "it is a session again" : "it is part of its session again");
        continue;
      }
      const good = /\.t2r$/.test(file.name) ? await this.#salvage(file) : undefined;
      if (good === undefined) continue;
      const aside = await this.#setAside(
        file,
        await hashOf(this.#store.storage.readBlob(id, file.name, this.#waiting)),
      );
      salvaged.push(good);
      done.set(file.name, `kept as ${aside}; what is good of it is the recording ${good.id}`);
    }
    if (found.length + salvaged.length > 0 || session !== undefined)
      for (const name of await this.#add(id, session, found, salvaged, orphans))
        done.set(name, "it is kept beside its recording again");
    for (const file of orphans) {
      const { name } = file;
      if (done.get(name)?.startsWith("kept as") === true) await this.#store.storage.deleteBlob(id, name, this.#waiting);
      if (done.has(name) || this.#options.deletesOrphans !== true) continue;
      // Whoever imports the history again finds its place.
      if (isCommandsName(name) && session?.commands === undefined) continue;
      await this.#store.storage.deleteBlob(id, name, this.#waiting);
      done.set(name, "deleted: it holds no recording");
    }
    return done;
  }

  /** Gives the names of originals that became part of the session. */
  async #add(
    id: string,
    session: Session | undefined,
    found: readonly Found[],
    salvaged: readonly SessionRecording[],
    orphans: readonly BlobStat[],
  ): Promise<readonly string[]> {
    const hashes = new Map<string, string>();
    for (const { name } of orphans) {
      if (ORIGINAL.test(name))
        hashes.set(name, (await hashOf(this.#store.storage.readBlob(id, name, this.#waiting))).sha256);
    }
    const changed = (recordings: readonly SessionRecording[], createdAt: string) => {
      const names = new Set(recordings.map(({ name }) => name));
      const ids = new Set(recordings.map((recording) => recording.id));
      const added = found.filter(({ file }) => !names.has(file.name)).map((one) => entryOf(one, createdAt, ids));
      return withOriginals([...recordings, ...added, ...salvaged], orphans, hashes);
    };
    let saved: Session;
    if (session === undefined) {
      const draft = this.#draft(id, found);
      const {
        version: _,
        revision: __,
        savedAt: ___,
        ...rest
      } = withRecordings({ ...draft, version: 1, revision: "", savedAt: "" }, changed([], draft.createdAt));
      saved = await this.#store.create(
        {
          ...rest,
          tags: ["recovered"],
          error: `${REMADE}its document was lost, and t2a library fsck found its recordings`,
        },
        this.#waiting,
      );
    } else {
      saved = await this.#store.update(
        id,
        (there) => {
          const recordings = changed(there.recordings, there.createdAt);
          return JSON.stringify(recordings) === JSON.stringify(there.recordings)
            ? there
            : withRecordings(there, recordings);
        },
        this.#waiting,
      );
    }
    return saved.recordings.flatMap(({ original }) => (original && hashes.has(original.name) ? [original.name] : []));
  }

  #draft(id: string, [first]: readonly Found[]): NewSession {
    // No clock is needed for it: a ULID says when it was made.
    const now = Math.min(decodeTime(id), Date.UTC(9999, 11, 31));
    const header = first?.facts.header ?? { cols: 80, rows: 24 };
    const draft = draftSession(header, { id, now, ...(first === undefined ? { wishes: { name: "recovered" } } : {}) });
    if (first === undefined) return { ...draft, status: "interrupted" };
    const { file, sha256, facts } = first;
    const blob = { id, name: file.name, sizeBytes: file.sizeBytes, sha256 };
    return { ...withRecording(draft, facts, blob, facts.exitStatus === undefined), recordings: [] };
  }

  /** The facts of a file that is a .t2r with its end; undefined for all others. */
  async #read(file: BlobStat): Promise<Found | undefined> {
    const { signal } = this.#options;
    const source = storedSource(this.#store.storage, file, signal);
    try {
      if ((await verifyT2r(source)).state !== "intact") return undefined;
      const facts = await recordingFacts(source, signal);
      const { sha256, sizeBytes } = await hashOf(source.stream(), signal);
      return { file: { ...file, sizeBytes }, sha256, facts };
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  async #isWhole(id: string, file: ListedFile, stat: BlobStat): Promise<boolean> {
    const found = await this.#read(stat);
    const recording = (await this.#store.get(id)).recordings.find(({ name }) => name === file.name);
    return found !== undefined && recording !== undefined && ownIdOf(found.facts.header) === recording.id;
  }

  /** What is good of a damaged .t2r, as a recording of its own, put beside it. */
  async #salvage(file: BlobStat): Promise<SessionRecording | undefined> {
    const folder = await mkdtemp(join(tmpdir(), "t2a-"));
    const id = ulid(this.#now());
    const name = `${id}.t2r`;
    try {
      const source = storedSource(this.#store.storage, file, this.#options.signal);
      const path = join(folder, name);
      // A file beside which nothing is: the source is in the store.
      await salvageT2r({ ...source, name: folder }, { path: join(folder, name) }, { signal: this.#options.signal });
      const made = await openFileSource(path);
      try {
        const facts = await recordingFacts(made, this.#options.signal);
        if (facts.stats.outputBytes === 0) return undefined;
        await this.#store.storage.putBlob(file.sessionId, name, made.stream(), this.#waiting);
        const { sha256, sizeBytes } = await hashOf(made.stream());
        const title = `${facts.header.title ?? "recording"} (what is good of it)`.slice(0, 4096);
        const entry = entryOf(
          { file: { ...file, name, sizeBytes }, sha256, facts },
          new Date(this.#now()).toISOString(),
        );
        return { ...entry, id, title };
      } finally {
        await made.close();
      }
    } catch (error) {
      if (error instanceof FormatError || (error instanceof T2aError && error.code.startsWith("T2A_FORMAT")))
        return undefined;
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A copy under a name of its own, read back. */
  async #setAside(file: BlobStat, actual: Omit<ListedFile, "name">): Promise<string> {
    const { storage } = this.#store;
    const { sessionId } = file;
    const name = await this.#asideName(file.name, sessionId, actual);
    if ((await storage.statBlob(sessionId, name, this.#waiting)) === undefined)
      await storage.putBlob(sessionId, name, storage.readBlob(sessionId, file.name, this.#waiting), {
        ...this.#waiting,
        sizeBytes: actual.sizeBytes,
      });
    await verifyStored(storage, sessionId, { name, ...actual }, { signal: this.#options.signal });
    return name;
  }

  /** `lost.NAME`, or with a hash where another file has that name. */
  async #asideName(name: string, sessionId: string, actual: Omit<ListedFile, "name">): Promise<string> {
    const plain = `${ASIDE}${name}`;
    const stat =
      plain.length > MAX_NAME ? undefined : await this.#store.storage.statBlob(sessionId, plain, this.#waiting);
    if (plain.length <= MAX_NAME && stat === undefined) return plain;
    const other = { name: plain, ...actual };
    if (stat !== undefined && (await this.#is(sessionId, other))) return plain;
    return `${ASIDE}${actual.sha256.slice(0, 16)}.${name}`.slice(0, MAX_NAME);
  }

  async #is(sessionId: string, file: ListedFile): Promise<boolean> {
    try {
      await verifyStored(this.#store.storage, sessionId, file, { signal: this.#options.signal });
      return true;
    } catch (error) {
      if (isStoreError(error, "T2A_STORE_DAMAGED") || isStoreError(error, "T2A_STORE_NOT_FOUND")) return false;
      throw error;
    }
  }

  /** Mending was ended after the copy, and before the file itself was deleted. */
  async #isAsideToo({ sessionId, name }: BlobStat): Promise<boolean> {
    const { storage } = this.#store;
    const copy = `${ASIDE}${name}`;
    if (copy.length > MAX_NAME || (await storage.statBlob(sessionId, copy, this.#waiting)) === undefined) return false;
    const actual = await hashOf(storage.readBlob(sessionId, name, this.#waiting));
    return await this.#is(sessionId, { name: copy, ...actual });
  }

  async #remove(id: string, file: ListedFile, reason: string, salvaged?: SessionRecording): Promise<void> {
    await this.#store.update(
      id,
      ({ commands, ...rest }) => {
        const session: Session = commands === undefined || commands.name === file.name ? rest : { ...rest, commands };
        const recordings = session.recordings
          .filter(({ name }) => name !== file.name)
          .map(({ original, ...rest }) =>
            original === undefined || original.name === file.name ? rest : { ...rest, original },
          );
        const error = withLostNote(session.error, file, reason);
        return { ...withRecordings(session, salvaged === undefined ? recordings : [...recordings, salvaged]), error };
      },
      this.#waiting,
    );
  }

  /** The greatest that is known of a document that cannot be read: the next one must be greater. */
  async #lastRevision({ id, json }: StoredDocument): Promise<string | undefined> {
    const { revision } = (await sessionJson()).salvageFields(json);
    const known = (await this.#store.index.findSession(id))?.revision;
    if (revision === undefined || known === undefined) return revision ?? known;
    return revisionCount(known) > revisionCount(revision) ? known : revision;
  }

  async #put(sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const chunks = async function* () {
      yield bytes;
    };
    await this.#store.storage.putBlob(sessionId, name, chunks(), { ...this.#waiting, sizeBytes: bytes.length });
    await verifyStored(this.#store.storage, sessionId, { name, sizeBytes: bytes.length, sha256 });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  get #waiting() {
    return { signal: this.#options.signal };
  }
}

/** The entry of a recording; an id that another one has is not taken twice. */
function entryOf(
  { file, sha256, facts }: Found,
  createdAt: string,
  taken: ReadonlySet<string> = new Set(),
): SessionRecording {
  const { header } = facts;
  const named = /^([^.]*)\.t2r$/.exec(file.name)?.[1] ?? "";
  const own = ownIdOf(header) ?? (ULID.test(named) ? named : undefined);
  const id = own === undefined || taken.has(own) ? idOfContent(header, sha256) : own;
  const draft = draftSession(header, { id, now: Date.parse(createdAt) });
  const { recordings } = withRecording(draft, facts, { id, name: file.name, sizeBytes: file.sizeBytes, sha256 }, false);
  const [entry] = recordings;
  if (entry === undefined) throw new TypeError("no recording was added");
  return entry;
}

/** The session with another size and hash of one of its files. */
function relisted(session: Session, name: string, actual: Omit<ListedFile, "name">): Session {
  const recordings = session.recordings.map((recording) => {
    if (recording.name === name) return { ...recording, ...actual };
    const { original } = recording;
    return original?.name === name ? { ...recording, original: { ...original, ...actual } } : recording;
  });
  const { commands } = session;
  return { ...session, recordings, ...(commands?.name === name ? { commands: { ...commands, ...actual } } : {}) };
}

const ORIGINAL = /^([0-7][0-9A-HJKMNP-TV-Z]{25})\.original(\..*)?$/;

/** The recordings, with the files that they were made of where they lack them. */
function withOriginals(
  recordings: readonly SessionRecording[],
  files: readonly BlobStat[],
  hashes: ReadonlyMap<string, string> = new Map(),
): SessionRecording[] {
  return recordings.map((recording) => {
    if (recording.original !== undefined) return recording;
    const file = files.find(({ name }) => ORIGINAL.exec(name)?.[1] === recording.id && hashes.has(name));
    const sha256 = file && hashes.get(file.name);
    if (file === undefined || sha256 === undefined) return recording;
    const format = findFormatByExtension(file.name)?.name ?? "raw";
    return { ...recording, original: { name: file.name, sizeBytes: file.sizeBytes, sha256, format } };
  });
}
