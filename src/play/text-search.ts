// Search in what a recording showed, as the player sees it.

/** What is looked for. */
export interface TextPattern {
  /** As the user wrote it. */
  readonly source: string;
  /** With the flags g and u. */
  readonly regex: RegExp;
}

/** Text that appeared on the screen. */
export interface TextHit {
  /** When it appeared, nanoseconds. */
  readonly time: number;
  /** Events of the recording that have been shown when it is there. */
  readonly events: number;
  /** The line that it stands in. */
  readonly line: string;
  /** UTF-16 units in `line`. */
  readonly start: number;
  readonly length: number;
}

/** How to search. */
export interface FindOptions {
  /** Number of events behind which the search begins. */
  readonly from: number;
  /** Forward or backward. */
  readonly direction: 1 | -1;
  /** A hit exactly there counts too. */
  readonly inclusive?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called on a long search: how much is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** Finds text in one recording. */
export interface TextSearch {
  /** The nearest hit behind or before a place; undefined where there is none, or where the signal was aborted. */
  find(pattern: TextPattern, options: FindOptions): Promise<TextHit | undefined>;
}
