// Charts of characters: bars, columns, shades.

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
const LEVELS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const SHADES = [" ", "░", "▒", "▓", "█"];

/** A bar of at most `cells` cells for a value out of `most`; any value above 0 is seen. */
export function bar(value: number, most: number, cells: number): string {
  if (!(value > 0) || !(most > 0)) return "";
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * cells * 8));
  return "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "");
}

/** Columns beside each other, `rows` rows from the top; each value `width` cells wide. Any value above 0 is seen. */
export function columns(values: readonly number[], rows: number, width: number): readonly string[] {
  const most = Math.max(...values, 0);
  const heights = values.map((value) => (value > 0 ? Math.max(1, Math.round((value / most) * rows * 8)) : 0));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8;
    return heights.map((height) => (LEVELS[Math.min(8, Math.max(0, height - below))] ?? " ").repeat(width)).join("");
  });
}

/** Each value as a shade, `width` cells wide. Any value above 0 is seen. */
export function shades(values: readonly number[], most: number, width: number): string {
  return values
    .map((value) => (SHADES[value > 0 ? Math.max(1, Math.ceil((value / most) * 4)) : 0] ?? " ").repeat(width))
    .join("");
}

/** At most so many values: neighbours are added. */
export function merged(values: readonly number[], most: number): readonly number[] {
  const together = Math.max(1, Math.ceil(values.length / Math.max(1, most)));
  if (together === 1) return values;
  const sums: number[] = [];
  for (let at = 0; at < values.length; at += together)
    sums.push(values.slice(at, at + together).reduce((sum, value) => sum + value, 0));
  return sums;
}
