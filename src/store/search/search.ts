// The words of searching: what is asked, what is indexed, what is found.

/** What a hit was found in: text on the screen, a command's line, or what a session says of itself (name, title, tags, ...). */
export const HIT_KINDS = ["screen", "command", "session"] as const;
/** @see HIT_KINDS */
export type HitKind = (typeof HIT_KINDS)[number];

/** A word or phrase. Upper and lower case are the same; white space in it matches any white space. */
export interface SearchTerm {
  readonly text: string;
  /** `prefix`: only where a word begins. */
  readonly match: "anywhere" | "prefix";
}

/** Which sessions are meant. Everything that is given must hold. Times are milliseconds since 1970. */
export interface SessionFilter {
  readonly ids?: readonly string[] | undefined;
  /** The session's name, whole, as it is written. */
  readonly name?: string | undefined;
  /** Part of the session's name or of a recording's title; letters' case is the same. */
  readonly title?: string | undefined;
  /** Begun at this time or later; begun before this time. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** All of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** One of these. */
  readonly statuses?: readonly string[] | undefined;
  /** Part of the session's command, or of the line of a command that was run in it; letters' case is the same. */
  readonly command?: string | undefined;
  /** These are whole too. */
  readonly agent?: string | undefined;
  readonly host?: string | undefined;
  readonly user?: string | undefined;
  /** Status `failed`, or an exit status other than 0; false: neither. */
  readonly isFailed?: boolean | undefined;
  /** Nanoseconds that were recorded. */
  readonly longerThanNs?: number | undefined;
  /** In the trash, or not; both where absent. */
  readonly isDeleted?: boolean | undefined;
}

/**
 * A question. Within one passage, command or session all of `all` must be found and nothing of `none`. Where there is neither `all` nor
 * `pattern`, commands and sessions that fit the rest are found, and nothing that screens showed.
 */
export interface SearchQuery {
  readonly all: readonly SearchTerm[];
  readonly none: readonly SearchTerm[];
  /** What matches a line must also match this; the index narrows by the literal text in it. */
  readonly pattern?: RegExp | undefined;
  /** All of HIT_KINDS where absent. */
  readonly kinds?: readonly HitKind[] | undefined;
  readonly sessions: SessionFilter;
  /** Only in recordings whose ids begin with one of these. */
  readonly recordings?: readonly string[] | undefined;
  /** Commands only: their exit status (such that is not known is none), part of their folder. */
  readonly exit?: { readonly status: number; readonly isNot: boolean } | undefined;
  readonly cwd?: string | undefined;
  /**
   * What happened in this time, milliseconds since 1970: from the first on, before the second. Lines of a passage that were shown at
   * another time are not looked at; a session happens from its creation to its last activity.
   */
  readonly during?: { readonly sinceMs: number; readonly untilMs: number } | undefined;
  /** Words that are nearly so are found too, by the three-letter parts that they share. */
  readonly isFuzzy?: boolean | undefined;
}

/** How much of what is found. */
export interface SearchOptions {
  /** Hits at most, best first; 20 where absent. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told where fewer hits than asked for are found and not everything was looked at: an index bounds what one question may cost. */
  readonly onCut?: (() => void) | undefined;
}

/** Something found. */
export interface SearchHit {
  readonly sessionId: string;
  /** Null for what a session says of itself, and for commands that no recording has. */
  readonly recordingId: string | null;
  /** The recording's title, or the session's name. */
  readonly title: string;
  /** Nanoseconds since the recording's start, or the session's; 0 for what a session says of itself. */
  readonly timeNs: number;
  /** The line it was found in, cut to a bound around the match; as it was shown: never print it raw. */
  readonly snippet: string;
  /** Where the match stands in the snippet: pairs of start and length in UTF-16 units. */
  readonly matches: readonly (readonly [number, number])[];
  readonly kind: HitKind;
  /** Greater is better; comparable within one answer only. */
  readonly score: number;
}

/** A line that a screen showed, and when: nanoseconds since the recording's start. */
export interface ShownLine {
  readonly timeNs: number;
  readonly text: string;
}

/** A passage as it is looked at. */
export interface PassageText {
  /** Its lines, with line feeds between. */
  readonly text: string;
  /** The lines with their times: wanted of few. */
  lines(): readonly ShownLine[];
}

/** What is indexed as one: lines that followed each other, about 160 lines or 12 KB, at least one. */
export interface Passage {
  readonly lines: readonly ShownLine[];
}

/** A command as it is indexed. Times are nanoseconds since the recording's start. */
export interface IndexedCommand {
  readonly number: number;
  readonly line: string;
  readonly cwd?: string | undefined;
  readonly startNs: number;
  readonly durationNs?: number | undefined;
  readonly exitStatus?: number | undefined;
}

/** Everything of one recording that is searched. */
export interface RecordingText {
  readonly sessionId: string;
  /** Or the name of a file of commands. */
  readonly recordingId: string;
  readonly title: string;
  /** Wall time at the recording's start, milliseconds since 1970. */
  readonly startMs: number;
  readonly passages: AsyncIterable<Passage>;
  /** Asked for when the passages have been read. */
  readonly commands: () => readonly IndexedCommand[];
}
