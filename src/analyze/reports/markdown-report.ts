// Reports as GitHub-flavoured Markdown: tables and lists; what comes from recordings cannot end them.
import { visibleText } from "../../terminal/index.js";
import type { ReportBlock, ReportCell, ReportColumn, ReportUnit } from "./blocks.js";
import { cellText, numberText } from "./cell-text.js";
import type { PresentedAnalysis } from "./sections.js";
import { bar } from "./text-charts.js";

const MAX_TEXT = 300;
const BAR_CELLS = 12;

/** The analysis as Markdown, without a newline at its end. */
export function markdownReport({ summary, problemTexts, sections, targets }: PresentedAnalysis): string {
  const parts = [`# Terminal sessions: ${targets.map(escaped).join(", ")}`, summary.map(escaped).join(" ")];
  if (problemTexts.length > 0) parts.push(problemTexts.map((problem) => `- ${escaped(problem)}`).join("\n"));
  for (const { title, blocks } of sections) {
    if (blocks.length === 0) continue;
    parts.push(`## ${title}`);
    for (const block of blocks) {
      parts.push(`### ${block.title}`, blockText(block));
      if (block.note !== undefined) parts.push(`*${escaped(block.note)}*`);
    }
  }
  return parts.join("\n\n");
}

function blockText(block: ReportBlock): string {
  switch (block.kind) {
    case "figures":
      return table(
        [text("figure"), text("value"), text("note")],
        block.figures.map(({ label, value, unit, note }) => [
          escaped(label),
          escaped(cellText(value, unit, MAX_TEXT)),
          escaped(note ?? ""),
        ]),
      );
    case "table":
      return rowsTable(block);
    case "series":
      return chart(block.labels, block.values, block.unit);
    case "grid":
      return table(
        [text(""), ...block.columns.map((label) => number(label))],
        block.values.map((row, at) => [block.rows[at] ?? "", ...row.map((value) => numberText(value, block.unit))]),
      );
    case "sentences":
      return block.sentences.map((sentence) => `- ${sentenceText(sentence.text)}`).join("\n");
  }
}

function chart(labels: readonly string[], values: readonly number[], unit: ReportUnit): string {
  const most = Math.max(...values);
  return table(
    [text(""), number(""), text("")],
    values.map((value, at) => [escaped(labels[at] ?? ""), numberText(value, unit), bar(value, most, BAR_CELLS)]),
  );
}

function rowsTable({ columns, rows }: Extract<ReportBlock, { kind: "table" }>): string {
  const at = columns.findIndex(({ hasBar }) => hasBar);
  const most = Math.max(0, ...rows.map((row) => (typeof row[at] === "number" ? row[at] : 0)));
  const bars = at < 0 ? [] : [text("")];
  return table(
    [...columns, ...bars],
    rows.map((row) => [
      ...columns.map((column, index) => cellOf(row[index] ?? null, column)),
      ...(at < 0 ? [] : [bar(Number(row[at] ?? 0), most, BAR_CELLS)]),
    ]),
  );
}

function cellOf(value: ReportCell, { unit }: ReportColumn): string {
  return typeof value === "string" && (unit === "text" || unit === "path")
    ? code(value)
    : escaped(cellText(value, unit));
}

type Head = Pick<ReportColumn, "label" | "unit">;
const text = (label: string): Head => ({ label, unit: "text" });
const number = (label: string): Head => ({ label, unit: "count" });

/** Cells are escaped already. */
function table(head: readonly Head[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(head.map(({ label }) => label)),
    line(head.map(({ unit }) => (unit === "text" || unit === "path" ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}

/** A text as code, in a cell of a table or in a line. */
function code(value: string): string {
  const visible = visibleText(value, { maxLength: MAX_TEXT });
  if (visible.trim() === "") return visible === "" ? "" : "` `";
  const runs = [...visible.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = /^`|`$/.test(visible) ? " " : "";
  // The one escape that works inside of code, in tables; outside of them no report has code with a bar in it.
  return `${fence}${pad}${visible.replaceAll("|", "\\|")}${pad}${fence}`;
}

/** Sentences quote code in backticks themselves: what is around them is escaped. */
function sentenceText(sentence: string): string {
  return escaped(sentence);
}

const SPECIAL = /[\\`*_{}[\]<>()#+!|~&$-]/g;

/** A text that is shown as it is. */
function escaped(value: string): string {
  return visibleText(value, { maxLength: MAX_TEXT * 2 }).replace(SPECIAL, "\\$&");
}
