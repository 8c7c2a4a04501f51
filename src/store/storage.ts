// What a driver must do: keep session documents, with compare-and-swap on a revision, and the files of sessions, which are
// put once and never change; beside them a few named documents of the store itself, saved alike. Everything else (listing, search,
// names) is made of these by Store and its index.

/** What a driver can do beside what all must. */
export interface StorageSupports {
  /** Several machines may write at once. */
  readonly manyMachines: boolean;
  /** `localPath` works: files can be opened where they are. */
  readonly localPaths: boolean;
  /** What was put survives a power cut once the promise has resolved. */
  readonly durable: boolean;
  /** Nothing can be put or deleted: those calls throw. */
  readonly isReadOnly?: boolean | undefined;
}

/** A session document as it is stored: JSON text whose `id` and `revision` are those beside it. */
export interface StoredDocument {
  /** ULID. */
  readonly id: string;
  /** As in the text: `COUNT-ULID`, made by the writer, so that a writer whose answer was lost knows its own save again. */
  readonly revision: string;
  readonly json: string;
}

/** That there is a document. The tag changes whenever the document does, and costs no reading of it; drivers choose what it is. */
export interface DocumentStat {
  readonly id: string;
  readonly tag: string;
}

/** A file of a session. */
export interface BlobStat {
  /** ULID of the session. */
  readonly sessionId: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Wall time when it was put, milliseconds since 1970, by the store's clock. */
  readonly putAtMs: number;
}

/** What may be given to everything that waits. */
export interface StorageOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where sessions and their recordings are kept: one driver's way of doing it. Ids are ULIDs and names match {@link BLOB_NAME};
 * drivers are given nothing else (see `checkName`). Each call is atomic: it is wholly done or not at all, whatever happens
 * meanwhile, and seen by all who ask afterwards. Drivers try again what failed for a moment, with a bound.
 * @throws StoreError from every call: `T2A_STORE_UNAVAILABLE` where a server does not answer, `T2A_FILE_IO` where a disk does
 * not (`details.systemCode`), `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`; T2aError `T2A_ABORTED` by its signal.
 */
export interface SessionStorage {
  /** Name of the driver: `files`, `sqlite`, `postgres`, `s3`, `memory`. */
  readonly driver: string;
  /** Its URL as may be shown and logged: without a password. */
  readonly location: string;
  readonly supports: StorageSupports;

  /** The document, and its tag; undefined where there is none. */
  findDocument(id: string, options?: StorageOptions): Promise<(StoredDocument & DocumentStat) | undefined>;
  /**
   * Saves a document in place of the one with the revision `expected`; undefined: there must be none yet. Gives its tag.
   * @throws StoreError `T2A_STORE_CONFLICT` where that is not what is there.
   */
  putDocument(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<string>;
  /** Deletes the document with the revision. @throws StoreError `T2A_STORE_CONFLICT` where that is not what is there. */
  deleteDocument(id: string, expected: string, options?: StorageOptions): Promise<void>;
  /** All documents there are, by ascending id; such that come or go meanwhile may be missed. */
  listDocuments(options?: StorageOptions): AsyncIterable<DocumentStat>;

  /**
   * Puts a file, whole or not at all; the chunks are not kept hold of.
   * @throws StoreError `T2A_STORE_EXISTS` where there is one of that name, which stays as it is; what `chunks` throws.
   */
  putBlob(
    sessionId: string,
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    options?: StorageOptions & {
      /** Size in bytes where it is known beforehand: spares some drivers a spool. */
      readonly sizeBytes?: number | undefined;
    },
  ): Promise<void>;
  /** The file in chunks of at most 1 MB, or so. @throws StoreError `T2A_STORE_NOT_FOUND`. */
  readBlob(sessionId: string, name: string, options?: StorageOptions): AsyncIterable<Uint8Array>;
  /** Up to `length` bytes from `start`, fewer only at the end. @throws StoreError `T2A_STORE_NOT_FOUND`. */
  readBlobRange(
    sessionId: string,
    name: string,
    range: { readonly start: number; readonly length: number },
    options?: StorageOptions,
  ): Promise<Uint8Array>;
  /** Undefined where there is no such file. */
  statBlob(sessionId: string, name: string, options?: StorageOptions): Promise<BlobStat | undefined>;
  /** Deletes the file; nothing where there is none. */
  deleteBlob(sessionId: string, name: string, options?: StorageOptions): Promise<void>;
  /** The files of a session, or of all, by session and name; also of sessions that have no document. */
  listBlobs(options?: StorageOptions & { readonly sessionId?: string | undefined }): AsyncIterable<BlobStat>;
  /** The file's path on this machine, for reading only. Only where `supports.localPaths`. */
  localPath?(sessionId: string, name: string): string;

  /** A document of the store itself, `id` being its name; undefined where there is none. */
  findNamed(name: string, options?: StorageOptions): Promise<StoredDocument | undefined>;
  /**
   * Saves a document of the store itself in place of the one with the revision `expected`; undefined: there must be none yet.
   * Names match {@link DOCUMENT_NAME}. It stays for good.
   * @throws StoreError `T2A_STORE_CONFLICT` where that is not what is there.
   */
  putNamed(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<void>;
  /** Names of the documents of the store itself, ascending. */
  listNamed(options?: StorageOptions): AsyncIterable<string>;

  /** Idempotent. */
  close(): Promise<void>;
}

/** What a document of the store itself may be called: the letters' case means nothing to some disks. */
export const DOCUMENT_NAME = /^[0-9a-z][0-9a-z._-]{0,119}$/;

/** What a file of a session may be called. */
export const BLOB_NAME = /^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/;
