// The manifest of an exported archive: its first entry, with the size and the hash of everything behind it.
import { StoreError, UsageError } from "../core/index.js";
import { BLOB_NAME, DOCUMENT_NAME as STORE_DOCUMENT, ULID } from "../store/index.js";

/** Name of the manifest in the archive, and of the list of what could not be exported, which is its last entry. */
export const MANIFEST_NAME = "manifest.json";
/** @see MANIFEST_NAME */
export const PROBLEMS_NAME = "problems.json";
/** Name of a session's document in its folder, as in a store of files. */
export const DOCUMENT_NAME = "session.json";
/** A manifest is read whole: that of some 400,000 recordings. Bytes. */
export const MAX_MANIFEST_BYTES = 128 * 1024 * 1024;
/** A document is read whole. Bytes. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

const KIND = "t2a-export";
/** With documents of the store itself; without them an archive is as it was. */
const VERSION = 2;

/** A file of the archive. */
export interface ArchivedFile {
  /** `session.json`, or the name of a file of the session. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The files of one session by name; its document is one of them. */
export type ArchivedSession = ReadonlyMap<string, ArchivedFile>;

/** Sessions by id, in the order of the archive. */
export type ArchivedSessions = ReadonlyMap<string, ArchivedSession>;

/** What is in an archive. */
export interface Manifest {
  /** Documents of the store itself by name; they come before the sessions. */
  readonly named: ArchivedSession;
  readonly sessions: ArchivedSessions;
}

/** Where a document of the store itself stands in an archive, and in a store of files. */
export function namedPath(name: string): string {
  return `named/${name}.json`;
}

/** The name of a document of the store itself that has the path; undefined where it is none's. */
export function parseNamedPath(path: string): string | undefined {
  const [, name] = /^named\/([^/]*)\.json$/.exec(path) ?? [];
  return name !== undefined && STORE_DOCUMENT.test(name) ? name : undefined;
}

/** Where a file of a session stands in an archive, and in a store of files. */
export function archivePath(sessionId: string, name: string): string {
  return `sessions/${sessionId}/${name}`;
}

/** Session and name of a path; undefined where it is none that an archive has. */
export function parseArchivePath(path: string): { readonly sessionId: string; readonly name: string } | undefined {
  const [, sessionId, name] = /^sessions\/([^/]*)\/([^/]*)$/.exec(path) ?? [];
  if (sessionId === undefined || name === undefined || !ULID.test(sessionId) || !BLOB_NAME.test(name)) return undefined;
  // A store takes no file of that name, whatever the case of its letters.
  if (name !== DOCUMENT_NAME && name.toLowerCase() === DOCUMENT_NAME) return undefined;
  return { sessionId, name };
}

/** What is said of an archive beside its files. */
export interface ManifestHead {
  /** ISO 8601. */
  readonly createdAt: string;
  /** Version of t2a that made it. */
  readonly t2a: string;
}

/** The manifest as JSON, in pieces; a file a line. */
export function* formatManifest(head: ManifestHead, { named, sessions }: Manifest): Generator<string> {
  const about = { kind: KIND, version: named.size > 0 ? VERSION : 1, ...head };
  yield `${JSON.stringify(about, null, 2).slice(0, -2)},\n  "files": [`;
  let separator = "\n";
  for (const { name, sizeBytes, sha256 } of named.values()) {
    yield `${separator}    ${JSON.stringify({ path: namedPath(name), bytes: sizeBytes, sha256 })}`;
    separator = ",\n";
  }
  for (const [id, files] of sessions) {
    for (const { name, sizeBytes, sha256 } of files.values()) {
      yield `${separator}    ${JSON.stringify({ path: archivePath(id, name), bytes: sizeBytes, sha256 })}`;
      separator = ",\n";
    }
  }
  yield "\n  ]\n}\n";
}

/**
 * Reads a manifest.
 * @throws UsageError where it is none; StoreError `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`.
 */
export function parseManifest(text: string): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw damaged("it is no JSON", cause);
  }
  const { kind, version, files } = Object(document) as Record<string, unknown>;
  if (kind !== KIND) throw noArchive();
  if (typeof version === "number" && version > VERSION)
    throw new StoreError("T2A_STORE_VERSION", "the archive was made by a newer t2a: update this one to import it");
  if ((version !== VERSION && version !== 1) || !Array.isArray(files))
    throw damaged("it has no version that there has been, or no files");
  const sessions = new Map<string, Map<string, ArchivedFile>>();
  const named = new Map<string, ArchivedFile>();
  for (const file of files as readonly unknown[]) {
    const { path, bytes, sha256 } = Object(file) as Record<string, unknown>;
    const place = typeof path === "string" ? parseArchivePath(path) : undefined;
    const document = typeof path === "string" && place === undefined ? parseNamedPath(path) : undefined;
    if (place === undefined && document === undefined)
      throw damaged(`it lists a path that no archive has: ${JSON.stringify(path)?.slice(0, 200)}`);
    if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0)
      throw damaged(`it lists no size of ${path}`);
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) throw damaged(`it lists no SHA-256 of ${path}`);
    if (place === undefined) {
      const name = document ?? "";
      if (bytes > MAX_DOCUMENT_BYTES) throw damaged(`it lists a document of ${bytes} bytes`);
      if (named.has(name)) throw damaged(`it lists ${path} twice`);
      named.set(name, { name, sizeBytes: bytes, sha256 });
      continue;
    }
    const { sessionId, name } = place;
    if (name === DOCUMENT_NAME && bytes > MAX_DOCUMENT_BYTES) throw damaged(`it lists a document of ${bytes} bytes`);
    const session = sessions.get(sessionId) ?? new Map<string, ArchivedFile>();
    if (session.has(name)) throw damaged(`it lists ${path} twice`);
    session.set(name, { name, sizeBytes: bytes, sha256 });
    sessions.set(sessionId, session);
  }
  for (const [id, session] of sessions)
    if (!session.has(DOCUMENT_NAME)) throw damaged(`it lists no document of the session ${id}`);
  return { named, sessions };
}

/** That a file is no archive of t2a. */
export function noArchive(): UsageError {
  return new UsageError("that is no archive that t2a library export made: its first entry is no manifest of one");
}

function damaged(reason: string, cause?: unknown): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `the archive's manifest is damaged: ${reason}`, { cause });
}
