// The cells in which two screens differ.
import type { Cell, Snapshot } from "../terminal/index.js";

/** Neighbouring cells of a row that differ in the same way. Rows and columns from 0. */
export interface CellDifference {
  readonly row: number;
  readonly from: number;
  /** The first column behind it. */
  readonly to: number;
  /** Other characters, or the same ones in another style. */
  readonly kind: "text" | "style";
  /** The characters of both, blanks for what was never written. Come from the recordings: never shown raw. */
  readonly a: string;
  readonly b: string;
}

/** How two screens differ. */
export interface ScreenDiff {
  /** Cells that differ; those that only one screen has among them. */
  readonly cells: number;
  /** Places that are in both screens. */
  readonly differences: readonly CellDifference[];
  readonly sizes: { readonly a: ScreenSize; readonly b: ScreenSize };
  /** Where a cursor is seen, undefined where it is hidden. */
  readonly cursors: { readonly a: CursorPlace | undefined; readonly b: CursorPlace | undefined };
  readonly isSame: boolean;
}

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

export interface CursorPlace {
  readonly x: number;
  readonly y: number;
}

/** Compares two screens cell by cell, and where their cursors are. A cell that was never written is a blank. */
export function compareScreens(a: Snapshot, b: Snapshot): ScreenDiff {
  const [cols, rows] = [Math.min(a.cols, b.cols), Math.min(a.rows, b.rows)];
  const differences = Array.from({ length: rows }, (_, row) => compareRow(a, b, row, cols)).flat();
  const inBoth = differences.reduce((sum, { from, to }) => sum + to - from, 0);
  const cells = inBoth + a.cols * a.rows + b.cols * b.rows - 2 * cols * rows;
  const cursors = { a: cursorOf(a), b: cursorOf(b) };
  const isCursorSame = cursors.a?.x === cursors.b?.x && cursors.a?.y === cursors.b?.y;
  return { cells, differences, sizes: { a: sizeOf(a), b: sizeOf(b) }, cursors, isSame: cells === 0 && isCursorSame };
}

function sizeOf({ cols, rows }: Snapshot): ScreenSize {
  return { cols, rows };
}

function cursorOf({ cursor: { x, y, visible } }: Snapshot): CursorPlace | undefined {
  return visible ? { x, y } : undefined;
}

function compareRow(a: Snapshot, b: Snapshot, row: number, cols: number): CellDifference[] {
  const differences: { -readonly [Key in keyof CellDifference]: CellDifference[Key] }[] = [];
  const [left, right] = [a.lines[row]?.cells() ?? [], b.lines[row]?.cells() ?? []];
  for (let x = 0; x < cols; x++) {
    const [one, other] = [left[x], right[x]];
    const kind = differenceOf(one, other);
    if (kind === undefined) continue;
    const last = differences.at(-1);
    if (last?.to === x && last.kind === kind) {
      last.to++;
      last.a += charsOf(one);
      last.b += charsOf(other);
    } else differences.push({ row, from: x, to: x + 1, kind, a: charsOf(one), b: charsOf(other) });
  }
  return differences;
}

const STYLE: readonly (keyof Cell)[] = ["fg", "bg", "attrs", "underline", "underlineColor"];

function differenceOf(a: Cell | undefined, b: Cell | undefined): CellDifference["kind"] | undefined {
  if (charsOf(a) !== charsOf(b)) return "text";
  return STYLE.some((part) => a?.[part] !== b?.[part]) ? "style" : undefined;
}

/** Nothing for the right half of a wide character. */
function charsOf(cell: Cell | undefined): string {
  return cell?.width === 0 ? "" : cell?.chars || " ";
}
