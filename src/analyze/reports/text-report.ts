// Reports as text for a terminal: bars and columns of characters, in as many cells as there are.
import { visibleText } from "../../terminal/index.js";
import type { ReportBlock } from "./blocks.js";
import { cellText, numberText } from "./cell-text.js";
import type { PresentedAnalysis } from "./sections.js";
import { cellWidth, cut, padEnd, padStart, wrap } from "./text-cells.js";
import { columns, merged, shades } from "./text-charts.js";
import { type Style, styleFor } from "./text-style.js";
import { tableRows } from "./text-table.js";

/** How text is made. */
export interface TextOptions {
  /** Cells of a row; 80 by default, 20 at least. */
  readonly cols?: number | undefined;
  readonly hasColour?: boolean | undefined;
}

type BlockOf<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;

/** Every so many labels one is written, the least that fit. */
const STEPS = [1, 2, 3, 4, 6, 7, 10, 12, 15, 20, 30];
/** Rows of tables: what comes then is in the other forms. */
const MAX_ROWS = 10;
const MAX_COLS = 120;
const MIN_COLS = 20;

/** The analysis as text, without a newline at its end. */
export function textReport(analysis: PresentedAnalysis, { cols = 80, hasColour = false }: TextOptions = {}): string {
  const text = new TextReport(Math.min(MAX_COLS, Math.max(MIN_COLS, cols)), styleFor(hasColour));
  text.head(analysis);
  for (const { title, blocks } of analysis.sections) {
    if (blocks.length > 0) text.section(title);
    for (const block of blocks) text.block(block);
  }
  return text.rows.join("\n");
}

class TextReport {
  readonly rows: string[] = [];
  readonly #cols: number;
  readonly #style: Style;

  constructor(cols: number, style: Style) {
    this.#cols = cols;
    this.#style = style;
  }

  head({ summary, problemTexts }: PresentedAnalysis): void {
    this.#wrapped(summary.join(" "));
    for (const text of problemTexts) this.#wrapped(`! ${visibleText(text)}`, "  ");
  }

  section(title: string): void {
    const rule = "─".repeat(Math.max(0, this.#cols - cellWidth(title) - 1));
    this.rows.push("", this.#style.section(`${title} ${rule}`));
  }

  block(block: ReportBlock): void {
    this.rows.push("", this.#style.title(cut(block.title, this.#cols)));
    switch (block.kind) {
      case "figures":
        this.#figures(block);
        break;
      case "table":
        this.#table(block);
        break;
      case "series":
        this.#series(block);
        break;
      case "grid":
        this.#grid(block);
        break;
      case "sentences":
        for (const { text } of block.sentences) this.#wrapped(`• ${visibleText(text)}`, "  ");
    }
    if (block.note !== undefined) this.#wrapped(block.note, "  ", this.#style.note);
  }

  #figures({ figures }: BlockOf<"figures">): void {
    const label = Math.min(Math.max(...figures.map((figure) => cellWidth(figure.label))), this.#cols - 14);
    for (const figure of figures) {
      const value = padStart(cellText(figure.value, figure.unit), 9);
      const room = this.#cols - label - cellWidth(value) - 6;
      const note = figure.note === undefined || room < 8 ? "" : this.#style.note(`  ${cut(figure.note, room)}`);
      this.rows.push(`  ${padEnd(cut(figure.label, label), label)}  ${value}${note}`);
    }
  }

  #table(block: BlockOf<"table">): void {
    const rows = tableRows({ ...block, rows: block.rows.slice(0, MAX_ROWS) }, this.#cols - 2, this.#style);
    this.rows.push(...rows.map((row) => `  ${row}`));
    const more = block.rows.length - MAX_ROWS;
    if (more > 0) this.rows.push(this.#style.note(cut(`  and ${more} more, in the other formats`, this.#cols)));
  }

  #series({ labels, values, unit }: BlockOf<"series">): void {
    if (values.length <= 7) {
      const rows = values.map((value, at) => [labels[at] ?? "", value]);
      const head = [
        { key: "label", label: "", unit: "text" },
        { key: "value", label: "", unit, hasBar: true },
      ] as const;
      const table = tableRows({ columns: head, rows }, this.#cols - 2, this.#style).slice(1);
      this.rows.push(...table.map((row) => `  ${row}`));
      return;
    }
    const most = numberText(Math.max(...values), unit);
    const room = this.#cols - cellWidth(most) - 4;
    const drawn = merged(values, room);
    const width = Math.max(1, Math.min(3, Math.floor(room / drawn.length)));
    const margin = " ".repeat(cellWidth(most) + 3);
    // The figure at the top is that of one column, also where columns are added.
    const top = padStart(numberText(Math.max(...drawn), unit), cellWidth(most));
    columns(drawn, 4, width).forEach((row, at) => {
      this.rows.push(`  ${at === 0 ? top : " ".repeat(cellWidth(top))} ${this.#style.bar(row.trimEnd())}`);
    });
    this.#axis(labels, drawn.length * width, margin);
  }

  #axis(labels: readonly string[], cells: number, margin: string): void {
    const widest = Math.max(...labels.map(cellWidth)) + 1;
    const step = STEPS.find((count) => (count * cells) / labels.length >= widest) ?? labels.length;
    let axis = "";
    labels.forEach((label, at) => {
      const place = Math.round((at * cells) / labels.length);
      if (at % step === 0 && place + cellWidth(label) <= cells + 2) axis = padEnd(axis, place) + label;
    });
    this.rows.push(this.#style.note((margin + axis).trimEnd()));
  }

  #grid({ rows, columns: names, values }: BlockOf<"grid">): void {
    const label = Math.max(...rows.map(cellWidth));
    const width = this.#cols >= label + names.length * 2 + 3 ? 2 : 1;
    if (this.#cols < label + names.length + 3) return; // too narrow for it
    const most = Math.max(...values.flat());
    values.forEach((row, at) => {
      this.rows.push(
        `  ${padEnd(rows[at] ?? "", label)} ${this.#style.bar(shades(row, most, width).trimEnd())}`.trimEnd(),
      );
    });
    const axis = names.map((name, at) => (at % 6 === 0 ? name.padEnd(6 * width) : "")).join("");
    this.rows.push(this.#style.note(" ".repeat(label + 3) + axis.trimEnd()));
  }

  #wrapped(text: string, indent = "", style: (text: string) => string = (row) => row): void {
    wrap(text, this.#cols - 2).forEach((row, at) => {
      this.rows.push((at === 0 ? "" : indent) + style(row));
    });
  }
}
