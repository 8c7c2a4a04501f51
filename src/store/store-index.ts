// The index of a store: what lists and finds sessions without reading them all. It holds nothing that the documents and
// recordings do not say: it can be thrown away and made anew.
import type { RecordingText, SearchHit, SearchOptions, SearchQuery, SessionFilter } from "./search/search.js";
import type { Session } from "./session.js";
import type { DocumentStat } from "./storage.js";

/** What sessions are sorted by. */
export const SESSION_SORTS = ["created", "activity", "name", "duration", "size"] as const;
/** @see SESSION_SORTS */
export type SessionSort = (typeof SESSION_SORTS)[number];

/** Which sessions, in which order, how many. */
export interface SessionQuery extends SessionFilter {
  /** By creation where absent. Ties are broken by id. */
  readonly sort?: SessionSort | undefined;
  /** The greatest, newest first, unless this is true. */
  readonly isAscending?: boolean | undefined;
  /** All where absent. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Sessions and bytes of a store, or of a part of it. */
export interface StoreTotals {
  readonly sessions: number;
  readonly recordings: number;
  /** Bytes that programs wrote, and what the recordings take in the store. */
  readonly outputBytes: number;
  readonly storedBytes: number;
  readonly durationNs: number;
}

/** The totals of what is in the store, trash left out. */
export interface StoreStats extends StoreTotals {
  /** Sessions in the trash. */
  readonly deleted: number;
  /** ISO 8601; absent where there is no session. */
  readonly oldest?: string | undefined;
  readonly newest?: string | undefined;
  /** Most sessions first; at most 100 each. The program is the first word of the session's command behind assignments, without its folder, else `shell`. */
  readonly byHost: readonly (StoreTotals & { readonly host: string })[];
  readonly byProgram: readonly (StoreTotals & { readonly program: string })[];
}

/** A session whose index may not be what its document says: its writer has not come back yet, or never will. */
export interface PendingSession {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

/** A session as its document says, and the document's tag. */
export interface TaggedSession {
  readonly session: Session;
  readonly tag: string;
}

/** A text that is in the index and not seen. One that is neither shown nor discarded is taken away in time. */
export interface PreparedText {
  /**
   * Shows it, as `putText` would have put it. False where it cannot be any more, because its recording is not known, or it was taken
   * for left behind.
   */
  show(of: Omit<RecordingText, "passages" | "commands">): Promise<boolean>;
  /** Takes it away; nothing where it is shown. Idempotent. */
  discard(): Promise<void>;
}

/** A recording whose text is not in the index, or the commands of a session without recordings. */
export interface UnindexedRecording {
  readonly sessionId: string;
  /** The name of the file, where it is of commands. */
  readonly recordingId: string;
}

/**
 * An index. Every call is atomic; several processes may use one index at once.
 * @throws StoreError `T2A_FILE_IO`, `T2A_STORE_UNAVAILABLE`, `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`.
 */
export interface StoreIndex {
  /** Notes that the session's document is about to change. */
  markPending(id: string): Promise<void>;
  /** Sessions noted and neither put nor removed since. */
  listPending(): Promise<readonly PendingSession[]>;
  /** Forgets that the sessions were noted, where they have not been since the time. */
  clearPending(entries: readonly PendingSession[]): Promise<void>;

  /**
   * Takes in a session as it now is, and forgets recordings' texts that it no longer has. A revision older than the one
   * known changes nothing. Where `clearsPending`, it was this process that noted it.
   */
  putSession(session: Session, tag: string, options: { readonly clearsPending: boolean }): Promise<void>;
  /** As `putSession` of each, clearing no note, where many at once are quicker. All or none. */
  putSessions?(sessions: readonly TaggedSession[]): Promise<void>;
  /** Forgets the session and its texts. */
  removeSession(id: string, options: { readonly clearsPending: boolean }): Promise<void>;
  /** What the index knows, by ascending id, to be held against the storage's own list. */
  listTags(): AsyncIterable<DocumentStat>;

  /** The session as last put; undefined where it is not known. */
  findSession(id: string): Promise<Session | undefined>;
  /** Ids that begin so, ascending, at most `limit`. */
  findIds(prefix: string, limit: number): Promise<readonly string[]>;
  /** Sessions that a query means, and how many it means without `limit` and `offset`. */
  listSessions(query: SessionQuery): Promise<{ readonly sessions: readonly Session[]; readonly total: number }>;
  stats(): Promise<StoreStats>;

  /** Recordings of sessions whose text is not in the index, or is there as an older t2a made it; at most `limit`. */
  listUnindexed(limit: number): Promise<readonly UnindexedRecording[]>;
  /** Takes in the text of a recording in place of what is there. Nothing where its session is not known any more. */
  putText(text: RecordingText): Promise<void>;
  /**
   * Takes in a text before its recording is in the store, unseen: for those who have time for it then. It is read to its end when
   * this resolves. Absent where it is not worth it.
   */
  prepareText?(text: Pick<RecordingText, "passages" | "commands">): Promise<PreparedText>;
  /** What is found, best first. Such in the trash is not, unless it is asked for. */
  search(query: SearchQuery, options?: SearchOptions): Promise<readonly SearchHit[]>;

  /** A note of whoever keeps the index in step; undefined where there is none. */
  findNote(key: string): Promise<string | undefined>;
  putNote(key: string, value: string): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
