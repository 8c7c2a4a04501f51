// The header: what a recording says of itself.

/** Terminal colours as `#rrggbb`: foreground, background and a palette of 8 or 16. */
export interface Theme {
  readonly fg: string;
  readonly bg: string;
  readonly palette: readonly string[];
}

/** What a recording says of itself. Fields a format cannot hold are counted as lost when it is written. */
export interface Header {
  /** Terminal size in cells at time 0. */
  readonly cols: number;
  readonly rows: number;
  /** TERM of the recorded terminal. */
  readonly termType?: string;
  /** What the user's terminal said of itself (XTVERSION). */
  readonly termVersion?: string;
  readonly theme?: Theme;
  /** Wall clock at time 0: nanoseconds since 1970-01-01 UTC. */
  readonly startTime?: bigint;
  /** Kernel boot id at time 0 (see Anchor). */
  readonly bootId?: string;
  /** Nanoseconds; pauses longer than this are meant to be shortened on playback. */
  readonly idleTimeLimit?: number;
  /** Nanoseconds, where the format states it; decoders do not check it against the events. */
  readonly duration?: number;
  readonly command?: string;
  readonly title?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly user?: string;
  readonly host?: string;
  readonly cwd?: string;
  /** ULID of this recording. */
  readonly id?: string;
  /** ULID of the recording this one was made inside of. */
  readonly parentId?: string;
  /** Header keys of the source format that t2a does not know, kept as they came (JSON values). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Columns of the terminal, in cells, where a recording names none or an impossible number. */
export const DEFAULT_COLS = 80;
/** Rows of the terminal, in cells, where a recording names none or an impossible number. */
export const DEFAULT_ROWS = 24;
