// What a report is made by: an analyzer, which is told of sessions, their events and their commands.
import type { Event, Header } from "../core/index.js";
import type { Command } from "./command.js";
import type { ReportBlock } from "./reports/blocks.js";

/** What is analyzed: a recording, or a history of commands without one. */
export interface AnalyzedSession {
  /** What the user calls it: a path, a name. Comes from outside: never shown raw. */
  readonly name: string;
  /** Of a history: sizes that mean nothing, and the time of its first command. */
  readonly header: Header;
  readonly source: "recording" | "history";
}

/** What a command printed, as the terminal showed it: lines joined where they wrapped. */
export interface CommandText {
  readonly text: string;
  /** Something between its beginning and its end was left out, at a line that says so. */
  readonly isCut: boolean;
}

/**
 * One analysis over any number of sessions, each told whole before the next one begins: `session`, then `event` and `command` (when
 * a command ended, or its recording did) in the order of time, then `end`.
 *
 * Sessions may be told to several analyzers of a kind in several threads: `part` then gives what one knows, as data that can be
 * cloned, and `add` takes it in another, in the order in which the sessions began.
 */
export interface Analyzer<Report, Part = unknown> {
  session?(session: AnalyzedSession): void;
  /** Told before the commands that end with it. */
  event?(event: Event): void;
  /** A program shows the alternate buffer, or leaves it. Told behind the event it is in. */
  alternate?(isOn: boolean, time: number): void;
  /** `text` is there where the analyzer's kind asked for it, and only for commands that printed something. */
  command?(command: Command, text: CommandText | undefined): void;
  /** The session is over; `duration` is the time of its last event, nanoseconds. */
  end?(duration: number): void;
  part(): Part;
  add(part: Part): void;
  report(): Report;
}

/** A kind of analysis: what the list of them holds. */
export interface AnalyzerKind<Report = unknown, Part = unknown> {
  /** One word; the report's key in JSON. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** What it must be told beside commands: each costs time. */
  readonly needs: { readonly events?: boolean; readonly text?: boolean };
  create(): Analyzer<Report, Part>;
  /** The report for people: every form but JSON is made of this. */
  present(report: Report): readonly ReportBlock[];
}
