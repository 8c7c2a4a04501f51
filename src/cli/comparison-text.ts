// A comparison of two recordings as lines of text: the commands side by side, then what differs.
import type {
  CellDifference,
  ComparedPair,
  ComparedScreens,
  Comparison,
  DiffLine,
  Hunk,
  TextDiff,
} from "../analyze/index.js";
import { counted, formatDuration, formatPosition } from "../core/index.js";
import { visibleText } from "../terminal/index.js";

/** What is compared, as the user names it. */
export interface ComparedNames {
  readonly a: ComparedName;
  readonly b: ComparedName;
}

export interface ComparedName {
  /** Comes from outside. */
  readonly name: string;
  readonly cols: number;
  readonly rows: number;
  /** Nanoseconds. */
  readonly duration: number;
  readonly commands: number;
}

/** So many commands in a row that are the same are listed whole; of more the first and the last ones. */
const MAX_SAME = 8;
const SHOWN_SAME = 3;
const MAX_LINE = 160;
const STATUS_COLS = 12;
const TOOK_COLS = 9;

type Paint = (style: keyof typeof STYLES, text: string) => string;
const STYLES = { removed: "31", added: "32", changed: "33", place: "36", strong: "1" } as const;
const MARKS: Readonly<Record<ComparedPair["kind"], string>> = { same: " ", changed: "~", removed: "-", added: "+" };

/** The lines, in colours or not. */
export function* comparisonLines(comparison: Comparison, names: ComparedNames, hasColour: boolean): Generator<string> {
  const paint: Paint = (style, text) => (hasColour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text);
  yield paint("removed", `--- ${nameText(names.a)}`);
  yield paint("added", `+++ ${nameText(names.b)}`);
  if (comparison.pairs.length > 0) yield* tableLines(comparison, paint);
  for (const pair of comparison.pairs) yield* pairLines(pair, paint);
  if (comparison.text?.isSame === false) yield* changeLines("all text", comparison.text.diff, paint);
  for (const screens of comparison.screens) yield* screenLines(screens, paint);
  yield "";
  yield paint("strong", summary(comparison));
}

function nameText({ name, cols, rows, duration, commands }: ComparedName): string {
  const found = counted(commands, "command");
  return `${visibleText(name, { maxLength: MAX_LINE })}  ${formatDuration(duration)}, ${cols}x${rows}, ${found}`;
}

function* tableLines({ pairs, countsCommands, isRough }: Comparison, paint: Paint): Generator<string> {
  yield "";
  if (!countsCommands) yield "Not marked by shells in both recordings: these commands do not count, all text does.";
  if (isRough) yield "Very different: some commands may be the same though they are told as removed and added.";
  yield paint(
    "strong",
    `  ${"STATUS".padEnd(STATUS_COLS)} ${"TOOK A".padStart(TOOK_COLS)} ${"TOOK B".padStart(TOOK_COLS)}   COMMAND`,
  );
  for (let at = 0; at < pairs.length; at++) {
    const run = sameRun(pairs, at);
    if (run > MAX_SAME) {
      for (const pair of pairs.slice(at, at + SHOWN_SAME)) yield rowText(pair, paint);
      yield `  ... ${run - 2 * SHOWN_SAME} more that are the same`;
      at += run - SHOWN_SAME;
    }
    yield rowText(pairs[at] as ComparedPair, paint);
  }
}

/** How many are the same from there on. */
function sameRun(pairs: readonly ComparedPair[], from: number): number {
  let at = from;
  // In the middle of a run it was seen already.
  if (pairs[from - 1]?.kind === "same") return 0;
  while (pairs[at]?.kind === "same") at++;
  return at - from;
}

function rowText(pair: ComparedPair, paint: Paint): string {
  const { kind, a, b, pace } = pair;
  const took = [a, b].map((command) =>
    (command?.duration === undefined ? "-" : formatDuration(command.duration)).padStart(TOOK_COLS),
  );
  const arrow = pace === undefined ? " " : pace === "slower" ? ">" : "<";
  const depth = "  ".repeat(Math.min(8, (a ?? b)?.depth ?? 0));
  const row = `${MARKS[kind]} ${statusText(pair).padEnd(STATUS_COLS)} ${took.join(" ")} ${arrow} ${depth}${lineOf(pair)}`;
  return kind === "same" ? row : paint(kind, row);
}

/** How it ended; where that differs, in each. */
export function statusText({ a, b }: ComparedPair): string {
  const [one, other] = [a, b].map((command) => command && (command.signal ?? command.exitStatus?.toString() ?? "?"));
  return one === undefined || other === undefined || one === other ? (one ?? other ?? "") : `${one} -> ${other}`;
}

function lineOf({ a, b }: ComparedPair): string {
  const [one, other] = [a, b].map((command) => command && visibleLine(command.line));
  return one === undefined || other === undefined || one === other ? (one ?? other ?? "") : `${one} -> ${other}`;
}

function visibleLine(line: string | undefined): string {
  return line === undefined ? "?" : visibleText(line, { maxLength: MAX_LINE });
}

function* pairLines(pair: ComparedPair, paint: Paint): Generator<string> {
  if (pair.differs.includes("output")) yield* changeLines(`what ${lineOf(pair)} printed`, pair.output, paint);
}

function* changeLines(what: string, diff: TextDiff | undefined, paint: Paint): Generator<string> {
  yield "";
  if (diff === undefined) {
    yield paint("changed", `${what}: differs; it is too much to be shown`);
    return;
  }
  const rough = diff.isRough ? ", not the shortest difference" : "";
  yield paint("changed", `${what}: ${diff.removed} removed, ${diff.added} added${rough}`);
  for (const hunk of diff.hunks) yield* hunkLines(hunk, paint);
  if (diff.leftOut > 0) yield `... ${diff.leftOut} more`;
}

function* hunkLines({ aStart, aLines, bStart, bLines, lines }: Hunk, paint: Paint): Generator<string> {
  yield paint("place", `@@ -${aStart},${aLines} +${bStart},${bLines} @@`);
  for (const line of lines) yield diffLineText(line, paint);
}

const DIFF_MARKS: Readonly<Record<DiffLine["kind"], string>> = { same: " ", removed: "-", added: "+" };

function diffLineText({ kind, text }: DiffLine, paint: Paint): string {
  const line = `${DIFF_MARKS[kind]}${visibleText(text)}`;
  return kind === "same" ? line : paint(kind, line);
}

function* screenLines({ a, b, diff }: ComparedScreens, paint: Paint): Generator<string> {
  if (diff.isSame) return;
  yield "";
  const { sizes, cursors } = diff;
  yield paint("changed", `${momentText(a, b)}: ${counted(diff.cells, "cell differs", "cells differ")}`);
  if (sizes.a.cols !== sizes.b.cols || sizes.a.rows !== sizes.b.rows)
    yield `  size: ${sizes.a.cols}x${sizes.a.rows} -> ${sizes.b.cols}x${sizes.b.rows}`;
  for (const difference of diff.differences) yield differenceText(difference);
  const places = [cursors.a, cursors.b].map((place) =>
    place === undefined ? "hidden" : `row ${place.y + 1}, column ${place.x + 1}`,
  );
  if (places[0] !== places[1]) yield `  cursor: ${places.join(" -> ")}`;
}

/** `the screen at 12.5`; where the moments differ, both. */
export function momentText(a: number, b: number): string {
  const [one, other] = [a, b].map((time) => (Number.isFinite(time) ? formatPosition(time) : "the end"));
  return `the screen at ${one === other ? one : `${one} and ${other}`}`;
}

function differenceText({ row, from, to, kind, a, b }: CellDifference): string {
  const columns = to - from === 1 ? `column ${to}` : `columns ${from + 1}-${to}`;
  const [one, other] = [a, b].map((text) => visibleText(text, { maxLength: MAX_LINE }));
  return `  row ${row + 1}, ${columns}: ${kind === "style" ? `style of "${one}"` : `"${one}" -> "${other}"`}`;
}

/** One line that says it all. */
export function summary({ isSame, countsCommands, pairs, text, screens, durations }: Comparison): string {
  const counts = (kind: ComparedPair["kind"]) => pairs.filter((pair) => pair.kind === kind).length;
  const parts: string[] = [];
  if (countsCommands) {
    for (const kind of ["same", "changed", "removed", "added"] as const)
      if (counts(kind) > 0) parts.push(`${counted(counts(kind), "command")} ${kind}`);
  }
  if (text !== undefined) parts.push(text.isSame ? "text same" : "text differs");
  const different = screens.filter(({ diff }) => !diff.isSame).length;
  if (screens.length > 0)
    parts.push(different === 0 ? "screens same" : `${different} of ${screens.length} screens differ`);
  if (durations.pace !== undefined) parts.push(`${durations.pace} in all`);
  return `${isSame ? "same" : "different"}: ${parts.join(", ") || "nothing was compared"}`;
}
