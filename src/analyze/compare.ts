// Two recordings side by side: which commands are in both, how they ended, how long they took and what they printed; where a
// recording tells of no commands, all text it showed; the screens at some moments.
import { type AlignedPair, alignCommands } from "./align-commands.js";
import type { Command } from "./command.js";
import { compareScreens, type ScreenDiff } from "./compare-screens.js";
import type { ComparedCommand, ComparedRecording, KeptText } from "./compared-recording.js";
import { createBudget, type DiffBudget } from "./diff-sequences.js";
import { diffText, type TextDiff } from "./diff-text.js";

/** What counts as a difference. */
export interface CompareOptions {
  /** Durations that differ much. */
  readonly durations?: boolean | undefined;
  /** What commands printed, or all text; true by default. */
  readonly output?: boolean | undefined;
  /** The screens; true by default. */
  readonly screens?: boolean | undefined;
}

/** What is said of a command of one recording or of two. */
export interface ComparedPair {
  readonly kind: "same" | "changed" | "removed" | "added";
  readonly a: Command | undefined;
  readonly b: Command | undefined;
  /** In what a changed one differs. */
  readonly differs: readonly ("line" | "status" | "output" | "duration")[];
  /** It took longer, or not so long, in the second recording, by more than a quarter and a fifth of a second. */
  readonly pace: "slower" | "faster" | undefined;
  /** How what it printed differs; undefined where it does not, or where that is not kept. */
  readonly output: TextDiff | undefined;
}

/** The screens at one moment. */
export interface ComparedScreens {
  /** Nanoseconds in each recording; Infinity is the end. */
  readonly a: number;
  readonly b: number;
  readonly diff: ScreenDiff;
}

/** Two recordings compared. */
export interface Comparison {
  readonly isSame: boolean;
  /**
   * Shells marked the commands of both: they count. Else commands, if any, were guessed, and what was not guessed may as well have
   * been run: they are told, and all text counts in their place.
   */
  readonly countsCommands: boolean;
  readonly pairs: readonly ComparedPair[];
  /** Commands that may be the same may be told as removed and added. */
  readonly isRough: boolean;
  /** All text, where commands do not count. */
  readonly text: { readonly isSame: boolean; readonly diff: TextDiff | undefined } | undefined;
  /** Empty where screens do not count. */
  readonly screens: readonly ComparedScreens[];
  readonly durations: { readonly a: number; readonly b: number; readonly pace: ComparedPair["pace"] };
}

/** Times differ much where they do by more than both: a share of the longer one, and nanoseconds. */
export const PACE_SHARE = 0.25;
export const PACE_NANOS = 200_000_000;

/**
 * Compares two recordings. A status or a duration that one of them does not tell is no difference: not all formats hold all.
 * `moments` are those at which both were looked at.
 */
export function compareRecordings(
  a: ComparedRecording,
  b: ComparedRecording,
  moments: readonly { readonly a: number; readonly b: number }[],
  options: CompareOptions = {},
): Comparison {
  const budget = createBudget();
  const countsCommands = isMarked(a) && isMarked(b);
  const lineOf = ({ command }: ComparedCommand) => command.line;
  const { pairs: aligned, isRough } = alignCommands(a.commands.map(lineOf), b.commands.map(lineOf), budget);
  const pairs = aligned.map((pair) => comparePair(pair, a, b, options, budget));
  const text = countsCommands || options.output === false ? undefined : compareTexts(a.text, b.text, budget);
  const screens = options.screens === false ? [] : compareMoments(a, b, moments);
  const durations = { a: a.duration, b: b.duration, pace: paceOf(a.duration, b.duration) };
  const isTimingSame = options.durations !== true || countsCommands || durations.pace === undefined;
  const isSame =
    (!countsCommands || pairs.every(({ kind }) => kind === "same")) &&
    text?.isSame !== false &&
    screens.every(({ diff }) => diff.isSame) &&
    isTimingSame;
  return { isSame, countsCommands, pairs, isRough, text, screens, durations };
}

function isMarked({ commands }: ComparedRecording): boolean {
  return commands.length > 0 && commands.every(({ command }) => command.source === "marks");
}

function comparePair(
  pair: AlignedPair,
  a: ComparedRecording,
  b: ComparedRecording,
  options: CompareOptions,
  budget: DiffBudget,
): ComparedPair {
  const [one, other] = [at(a, pair.a), at(b, pair.b)];
  if (one === undefined || other === undefined) {
    const kind = one === undefined ? "added" : "removed";
    return { kind, a: one?.command, b: other?.command, differs: [], pace: undefined, output: undefined };
  }
  const pace = paceOf(one.command.duration, other.command.duration);
  const { isSame, diff } =
    options.output === false ? { isSame: true, diff: undefined } : compareTexts(one.text, other.text, budget);
  const differs: ComparedPair["differs"] = [
    ...(one.command.line?.trimEnd() === other.command.line?.trimEnd() ? [] : (["line"] as const)),
    ...(isStatusSame(one.command, other.command) ? [] : (["status"] as const)),
    ...(isSame ? [] : (["output"] as const)),
    ...(options.durations === true && pace !== undefined ? (["duration"] as const) : []),
  ];
  const kind = differs.length === 0 ? "same" : "changed";
  return { kind, a: one.command, b: other.command, differs, pace, output: diff };
}

function at({ commands }: ComparedRecording, index: number | undefined): ComparedCommand | undefined {
  return index === undefined ? undefined : commands[index];
}

function isStatusSame({ exitStatus: a }: Command, { exitStatus: b }: Command): boolean {
  return a === undefined || b === undefined || a === b;
}

function paceOf(a: number | undefined, b: number | undefined): ComparedPair["pace"] {
  if (a === undefined || b === undefined) return undefined;
  const much = Math.max(PACE_NANOS, PACE_SHARE * Math.max(a, b));
  return Math.abs(a - b) <= much ? undefined : a < b ? "slower" : "faster";
}

const NO_TEXT: KeptText = { text: "", digest: "", isCut: false };

function compareTexts(a: KeptText | undefined, b: KeptText | undefined, budget: DiffBudget) {
  if (a?.digest === b?.digest) return { isSame: true, diff: undefined };
  const [left, right] = [a ?? NO_TEXT, b ?? NO_TEXT];
  if (left.text === undefined || right.text === undefined) return { isSame: false, diff: undefined };
  return { isSame: false, diff: diffText(left.text, right.text, budget) };
}

function compareMoments(
  a: ComparedRecording,
  b: ComparedRecording,
  moments: readonly { readonly a: number; readonly b: number }[],
): readonly ComparedScreens[] {
  return moments.flatMap((moment, n) => {
    const [one, other] = [a.screens[n], b.screens[n]];
    return one === undefined || other === undefined ? [] : [{ ...moment, diff: compareScreens(one, other) }];
  });
}
