// The face of src/store: sessions and recordings kept, listed and searched, wherever they are.
export { openBlobSource } from "./blob-source.js";
export { parseStoreUrl, type StoreLocation, visibleStoreUrl } from "./location.js";
export { formatNamed, type NamedDocument, type NamedValues, parseNamed } from "./named-json.js";
export { type OpenStoreOptions, openStore } from "./open-store.js";
export { type ParsedQuery, type ParseQueryOptions, parseQuery, parseSearchPattern } from "./search/parse-query.js";
export type * from "./search/search.js";
export { HIT_KINDS } from "./search/search.js";
export type { RecordingStats, Session, SessionConfig, SessionRecording } from "./session.js";
export { SESSION_STATUSES, SESSION_VERSION, type SessionStatus, ULID } from "./session-words.js";
export type {
  BlobStat,
  DocumentStat,
  SessionStorage,
  StorageOptions,
  StorageSupports,
  StoredDocument,
} from "./storage.js";
export { BLOB_NAME, DOCUMENT_NAME } from "./storage.js";
export {
  type CatchUpOptions,
  type CheckOptions,
  type NewSession,
  nextRevision,
  revisionCount,
  Store,
  type StoreOptions,
  sessionJson,
} from "./store.js";
export {
  type PendingSession,
  type PreparedText,
  SESSION_SORTS,
  type SessionQuery,
  type SessionSort,
  type StoreIndex,
  type StoreStats,
  type StoreTotals,
  type TaggedSession,
  type UnindexedRecording,
} from "./store-index.js";
