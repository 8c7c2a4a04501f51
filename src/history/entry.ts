// What a shell's history file knows of a command, and the kinds of such files.
import type { Source } from "../core/index.js";

/** One entry of a history. Comes from outside: show none of it raw. */
export interface HistoryEntry {
  /** What was run, with the lines it was typed in. */
  readonly line: string;
  /** Wall clock at its start, nanoseconds since 1970; undefined where the history has none. */
  readonly time?: bigint | undefined;
  /** Nanoseconds. */
  readonly duration?: number | undefined;
  readonly exitStatus?: number | undefined;
  readonly cwd?: string | undefined;
  readonly user?: string | undefined;
  readonly host?: string | undefined;
}

/** How to read a history. */
export interface HistoryReadOptions {
  /** Called for each entry that is longer than {@link MAX_HISTORY_ENTRY_BYTES}, of which the first part is kept. */
  readonly onCut?: (() => void) | undefined;
}

/** A kind of history file that is text. */
export interface TextHistory {
  /** Its shell. */
  readonly name: HistoryName;
  read(source: Source, options: HistoryReadOptions): AsyncIterable<HistoryEntry>;
  /** Gives the bytes of entries, one after the other. Absent: read only. */
  createEncoder?(): (entry: HistoryEntry) => Uint8Array;
}

/** Whose histories are read. */
export const HISTORY_NAMES = ["bash", "zsh", "fish", "nushell", "atuin"] as const;

/** The name of a shell, or of what keeps its history. */
export type HistoryName = (typeof HISTORY_NAMES)[number];

/** Bytes of one entry at most. */
export const MAX_HISTORY_ENTRY_BYTES = 1024 * 1024;

/** Nanoseconds of a second, for wall times. */
export const SECOND = 1_000_000_000n;
