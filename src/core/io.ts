// Source and Target: where bytes come from and go to. Implementations live in src/files; formats see only these.

/** What a source can do beside being streamed once. */
export interface SourceSupports {
  /** `stream` may be called again and begins anew. */
  readonly restart: boolean;
  /** `size` and `readRange` work. */
  readonly ranges: boolean;
  /** `sibling` works: other files can be found beside this one. */
  readonly siblings: boolean;
  /** `watch` works: somebody may be writing the bytes, and what comes can be waited for. */
  readonly follow: boolean;
}

/** Looks out for changes of a source that somebody may be writing. Whoever asked for it closes it. */
export interface Watch {
  /**
   * Resolves when something may have changed since it last resolved, and a few times a second all the same: look what it
   * is. At once when the watch is closed. One wait at a time.
   */
  changed(): Promise<void>;
  /** Whether somebody holds the lock that a recording in progress holds; undefined where the system cannot tell. */
  isWritten(): boolean | undefined;
  /** What stands under the source's name by now, where that is another file; undefined where it is not. The caller closes it. */
  successor(): Promise<Source | undefined>;
  /** Idempotent. */
  close(): void;
  readonly closed: boolean;
}

/** Bytes to read. Whoever opened it closes it. */
export interface Source {
  /** For messages and for extensions: a path, a URL or `-`. */
  readonly name: string;
  readonly supports: SourceSupports;
  /** The bytes from the start, in chunks that are never written to again. */
  stream(): AsyncIterable<Uint8Array>;
  /** Size in bytes; undefined where it is not known. */
  size(): Promise<number | undefined>;
  /** Up to `length` bytes from `start`; fewer only at the end. Only where `supports.ranges`. */
  readRange(start: number, length: number): Promise<Uint8Array>;
  /** The file of that name in the same place; undefined where it does not exist. Only where `supports.siblings`. */
  sibling(name: string): Promise<Source | undefined>;
  /** Watches the source, and files of these names beside it. Only where `supports.follow`. */
  watch(siblings?: readonly string[]): Watch;
  close(): Promise<void>;
}

/** The source with some of its parts replaced. The rest goes to the original: one source, closed once. */
export function wrapSource(source: Source, parts: Partial<Source>): Source {
  return {
    name: source.name,
    supports: source.supports,
    stream: () => source.stream(),
    size: () => source.size(),
    readRange: (start, length) => source.readRange(start, length),
    sibling: (name) => source.sibling(name),
    watch: (siblings) => source.watch(siblings),
    close: () => source.close(),
    ...parts,
  };
}

/** Bytes to write. Nothing is visible under its name before `commit`, except where a live target says otherwise. */
export interface Target {
  /** For messages and for extensions: a path or `-`. */
  readonly name: string;
  /**
   * Takes the bytes in order. Returns nothing when they are with the system already (the caller may reuse the memory);
   * a promise when the caller must wait before it reuses the memory or writes again.
   * @throws StoreError `T2A_FILE_IO` with the system's code in `details.systemCode`.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /**
   * From now on a write fails that makes no progress for so many milliseconds, the one under way included: somebody wants
   * to end, and its reader sleeps. Absent where writes wait for nobody.
   */
  stopWaiting?(stallMs: number): void;
  /**
   * From now on writes go over what was written to this file, from its beginning: what they do not reach stays as it is.
   * Only siblings whose bytes are visible at once.
   */
  rewind?(): void;
  /** Throws away what stands in the file behind so many bytes, also of before it was opened; `rewind` goes back to there. Only as `rewind`. */
  cut?(size: number): void;
  /**
   * Resolves when all that was written to this file before the call survives a power cut; does not block meanwhile. One at
   * a time. Absent where that cannot be.
   * @throws StoreError as `write`.
   */
  sync?(): Promise<void>;
  /** This file is not wanted any more once all others are complete: `commit` removes it. Only as `rewind`. */
  removeOnCommit?(): void;
  /** Another file in the same place, committed and aborted with this one. Throws `T2A_FORMAT_UNSUPPORTED` where that cannot be. */
  sibling(name: string): Target;
  /** Makes what was written visible under its name. Idempotent. */
  commit(): Promise<void>;
  /** Throws away what was written. Idempotent, and nothing after `commit`. */
  abort(): Promise<void>;
}
