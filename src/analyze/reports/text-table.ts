// Tables of text in a given width: numbers are never cut, texts are, bars take what is left; what does not fit at all is left out.
import type { ReportBlock, ReportColumn } from "./blocks.js";
import { cellText } from "./cell-text.js";
import { cellWidth, cut, cutStart, padEnd, padStart } from "./text-cells.js";
import { bar } from "./text-charts.js";
import type { Style } from "./text-style.js";

type Table = Pick<Extract<ReportBlock, { kind: "table" }>, "columns" | "rows">;

const GAP = 2;
const MAX_BAR = 24;
const MIN_BAR = 5;
/** A text is cut to this before columns are left out. */
const MIN_TEXT = 12;
/** The first text has more to say than any other. */
const MAX_OTHER_TEXT = 24;

interface ColumnPlan extends ReportColumn {
  readonly at: number;
  width: number;
}

/** The rows of the table, its head first. */
export function tableRows({ columns, rows }: Table, cells: number, style: Style): readonly string[] {
  const texts = rows.map((row) => columns.map(({ unit }, at) => cellText(row[at] ?? null, unit)));
  const { plans, barWidth } = plan(columns, texts, cells);
  const bars = columns.findIndex(({ hasBar }) => hasBar);
  const most = Math.max(0, ...rows.map((row) => numberOf(row[bars])));
  const line = (cellOf: (plan: ColumnPlan) => string) =>
    plans
      .map((column) => {
        const shorten = column.unit === "path" ? cutStart : cut;
        const pad = isText(column) ? padEnd : padStart;
        return pad(shorten(cellOf(column), column.width), column.width);
      })
      .join(" ".repeat(GAP));
  const head = style.note(line(({ label }) => label).trimEnd());
  return [
    head,
    ...rows.map((row, at) => {
      const text = line((column) => texts[at]?.[column.at] ?? "");
      const drawn = barWidth === 0 ? "" : bar(numberOf(row[bars]), most, barWidth);
      return drawn === "" ? text.trimEnd() : `${text}${" ".repeat(GAP)}${style.bar(drawn)}`;
    }),
  ];
}

function isText({ unit }: ReportColumn): boolean {
  return unit === "text" || unit === "path";
}

function numberOf(cell: unknown): number {
  return typeof cell === "number" ? cell : 0;
}

function plan(
  columns: readonly ReportColumn[],
  texts: readonly (readonly string[])[],
  cells: number,
): { readonly plans: readonly ColumnPlan[]; readonly barWidth: number } {
  let plans: ColumnPlan[] = columns.map((column, at) => ({
    ...column,
    at,
    width: Math.max(cellWidth(column.label), ...texts.map((row) => cellWidth(row[at] ?? ""))),
  }));
  // What a bar stands for is beside it.
  plans = [...plans.filter((column) => !column.hasBar), ...plans.filter((column) => column.hasBar)];
  for (const other of plans.slice(1)) if (isText(other)) other.width = Math.min(other.width, MAX_OTHER_TEXT);
  const [first] = plans;
  if (first === undefined) return { plans, barWidth: 0 };
  const room = () => cells - plans.slice(1).reduce((sum, { width }) => sum + width + GAP, 0);
  const least = Math.min(first.width, MIN_TEXT);
  // The last column goes first; the one with the bar says what the table is about.
  while (room() < least && plans.length > 1) {
    const last = plans.findLastIndex(({ hasBar }, at) => at > 0 && !hasBar);
    plans = plans.filter((_, at) => at !== (last > 0 ? last : plans.length - 1));
  }
  const hasBar = plans.some((column) => column.hasBar) && room() - MIN_BAR - GAP >= Math.min(first.width, 2 * MIN_TEXT);
  const forText = hasBar ? room() - MIN_BAR - GAP : room();
  first.width = Math.max(1, Math.min(first.width, forText));
  const left = room() - first.width - GAP;
  return { plans, barWidth: hasBar ? Math.min(MAX_BAR, left) : 0 };
}
