// A comparison of two recordings as data: docs/compare.md says what is what.
import type { Command, ComparedPair, ComparedScreens, Comparison } from "../analyze/index.js";
import type { ComparedName, ComparedNames } from "./comparison-text.js";

/** What `--format json` prints. */
export function comparisonJson(comparison: Comparison, { a, b }: ComparedNames) {
  const { isSame, countsCommands, isRough, pairs, text, screens, durations } = comparison;
  return {
    same: isSame,
    a: nameJson(a),
    b: nameJson(b),
    pace: durations.pace ?? null,
    commandsCount: countsCommands,
    rough: isRough,
    commands: pairs.map(pairJson),
    text: text === undefined ? null : { same: text.isSame, diff: text.diff ?? null },
    screens: screens.map(screensJson),
  };
}

function nameJson({ name, cols, rows, duration, commands }: ComparedName) {
  return { name, cols, rows, durationNs: duration, commands };
}

function pairJson({ kind, a, b, differs, pace, output }: ComparedPair) {
  return { kind, differs, pace: pace ?? null, a: commandJson(a), b: commandJson(b), output: output ?? null };
}

function commandJson(command: Command | undefined) {
  if (command === undefined) return null;
  const { line, cwd, exitStatus, signal, start, duration, outputBytes, depth } = command;
  return {
    line: line ?? null,
    cwd: cwd ?? null,
    exitStatus: exitStatus ?? null,
    signal: signal ?? null,
    startNs: start,
    durationNs: duration ?? null,
    outputBytes,
    depth,
  };
}

function screensJson({ a, b, diff }: ComparedScreens) {
  const { isSame, cells, differences, sizes, cursors } = diff;
  return {
    aNs: Number.isFinite(a) ? a : null,
    bNs: Number.isFinite(b) ? b : null,
    same: isSame,
    cells,
    sizes,
    cursors: { a: cursors.a ?? null, b: cursors.b ?? null },
    differences,
  };
}
