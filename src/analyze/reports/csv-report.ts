// Reports as one tidy CSV table: a line for each value, whatever it is of.
import { visibleText } from "../../terminal/index.js";
import { couldBeFormula } from "../export/csv.js";
import type { ReportBlock, ReportCell, ReportUnit } from "./blocks.js";
import type { PresentedAnalysis } from "./sections.js";

const HEAD = ["report", "section", "row", "key", "value", "unit"];
/** Texts are cut here, in characters. */
const MAX_TEXT = 4000;

type Line = readonly [section: string, row: string | number, key: string, value: ReportCell, unit: ReportUnit];

/** The analysis as CSV (RFC 4180), with a head and without a line end behind the last line. */
export function csvReport(analysis: PresentedAnalysis): string {
  const lines = [HEAD.join(",")];
  analysis.problems.forEach(({ name, message }, at) => {
    for (const [key, value] of [
      ["name", name],
      ["message", message],
    ] as const)
      lines.push(csvLine("files", ["problems", at + 1, key, value, "text"]));
  });
  for (const { name, blocks } of analysis.sections)
    for (const block of blocks) for (const line of linesOf(block)) lines.push(csvLine(name, line));
  return lines.join("\r\n");
}

function* linesOf(block: ReportBlock): Generator<Line> {
  const { key: section } = block;
  switch (block.kind) {
    case "figures":
      for (const { key, value, unit } of block.figures) yield [section, "", key, value, unit];
      break;
    case "table":
      for (const [at, row] of block.rows.entries())
        for (const [column, { key, unit }] of block.columns.entries())
          yield [section, at + 1, key, row[column] ?? null, unit];
      break;
    case "series":
      for (const [at, value] of block.values.entries())
        yield [section, at + 1, block.labels[at] ?? "", value, block.unit];
      break;
    case "grid":
      for (const [at, values] of block.values.entries())
        for (const [column, value] of values.entries())
          yield [section, block.rows[at] ?? "", block.columns[column] ?? "", value, block.unit];
      break;
    case "sentences":
      for (const [at, { text, figures }] of block.sentences.entries()) {
        yield [section, at + 1, "text", text, "text"];
        for (const { key, value, unit } of figures) yield [section, at + 1, key, value, unit];
      }
  }
}

function csvLine(report: string, [section, row, key, value, unit]: Line): string {
  return [report, section, row, key, value, unit].map(csvCell).join(",");
}

/** One cell: control characters visible, quoted where it must be, and never a formula. */
function csvCell(value: ReportCell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // Looked at before and after: what is made visible may have hidden it.
  const visible = visibleText(value, { maxLength: MAX_TEXT });
  const text = couldBeFormula(value) || couldBeFormula(visible) || visible.startsWith("'") ? `'${visible}` : visible;
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
