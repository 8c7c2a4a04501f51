// Reports as one HTML file that needs nothing else: no network, no script. What comes from recordings is escaped, and the content
// policy would let nothing else happen.
import { createHash } from "node:crypto";
import type { ReportBlock, ReportCell, ReportColumn } from "./blocks.js";
import { cellText } from "./cell-text.js";
import { columnChart, heatMap, inlineBar } from "./html-charts.js";
import { HTML_STYLE } from "./html-style.js";
import { html } from "./html-text.js";
import type { PresentedAnalysis, ReportSection } from "./sections.js";

type BlockOf<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;

/** Columns that two tables beside each other have room for. */
const MAX_HALF_COLUMNS = 3;
const MAX_NAMED_TARGETS = 3;

/** The analysis as an HTML document, without a newline at its end. */
export function htmlReport({ targets, summary, problemTexts, sections, createdAt }: PresentedAnalysis): string {
  const shown = sections.filter(({ blocks }) => blocks.length > 0);
  const more = targets.length - MAX_NAMED_TARGETS;
  const name = targets.slice(0, MAX_NAMED_TARGETS).map(baseName).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const policy = `default-src 'none'; style-src 'sha256-${hashOf(HTML_STYLE)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(name)} - terminal sessions</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<header>
<h1>${html(name)}</h1>
<p class="muted">${summary.map((sentence) => html(sentence)).join(" ")} Made on ${cellText(createdAt, "time")}.</p>
${problemList(problemTexts)}
<nav>${shown.map(({ name: id, title }) => `<a href="#${html(id)}">${html(title)}</a>`).join("")}</nav>
</header>
<main>
${shown.map(sectionHtml).join("\n")}
</main>
<footer>Made by t2a analyze. What a figure means stands in docs/analyze.md of t2a.</footer>
</body>
</html>`;
}

function baseName(target: string): string {
  return /([^/]+)\/*$/.exec(target)?.[1] ?? target;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function problemList(problems: PresentedAnalysis["problemTexts"]): string {
  if (problems.length === 0) return "";
  const items = problems.map((problem) => `<li>${html(problem)}</li>`);
  return `<div class="problems">Not read, or not to the end:<ul>${items.join("")}</ul></div>`;
}

function sectionHtml({ name, title, blocks }: ReportSection): string {
  const cards = blocks.map((block, at) => cardHtml(block, isFull(block, at)));
  return `<section id="${html(name)}"><h2>${html(title)}</h2>\n<div class="cards">\n${cards.join("\n")}\n</div></section>`;
}

function isFull(block: ReportBlock, at: number): boolean {
  if (block.kind === "figures" || block.kind === "sentences") return true;
  if (block.kind === "series") return block.values.length > 31;
  if (block.kind === "table") return block.columns.length > MAX_HALF_COLUMNS;
  return at === 0;
}

function cardHtml(block: ReportBlock, isWide: boolean): string {
  const note = block.note === undefined ? "" : `<p class="note">${html(block.note)}</p>`;
  return `<div class="card${isWide ? " full" : ""}"><h3>${html(block.title)}</h3>${blockHtml(block)}${note}</div>`;
}

function blockHtml(block: ReportBlock): string {
  switch (block.kind) {
    case "figures":
      return tiles(block);
    case "table":
      return table(block);
    case "series":
      return columnChart(block);
    case "grid":
      return heatMap(block);
    case "sentences":
      return advice(block);
  }
}

function tiles({ figures }: BlockOf<"figures">): string {
  const items = figures.map(({ label, value, unit, note }) => {
    const small = note === undefined ? "" : `<small>${html(note)}</small>`;
    return `<div><dt>${html(label)}</dt><dd>${html(cellText(value, unit))}${small}</dd></div>`;
  });
  return `<dl class="tiles">${items.join("")}</dl>`;
}

function table({ columns, rows }: BlockOf<"table">): string {
  const barAt = columns.findIndex(({ hasBar }) => hasBar);
  const most = Math.max(0, ...rows.map((row) => numberOf(row[barAt])));
  const bar = (at: number, content: string, tag: string) =>
    at === barAt ? `<${tag} class="b">${content}</${tag}>` : "";
  const head = columns.map(
    (column, at) => `<th${isText(column) ? "" : ' class="n"'}>${html(column.label)}</th>${bar(at, "", "th")}`,
  );
  const body = rows.map((row) => {
    const drawn = inlineBar(most > 0 ? numberOf(row[barAt]) / most : 0);
    const cells = columns.map((column, at) => cellHtml(row[at] ?? null, column) + bar(at, drawn, "td"));
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function cellHtml(value: ReportCell, column: ReportColumn): string {
  const text = html(cellText(value, column.unit));
  if (!isText(column)) return `<td class="n">${text}</td>`;
  return `<td>${typeof value === "string" ? `<code>${text}</code>` : text}</td>`;
}

function advice({ sentences }: BlockOf<"sentences">): string {
  const items = sentences.map(({ text, figures }) => {
    const small = figures
      .filter(({ unit }) => unit !== "text")
      .map(({ label, value, unit }) => `${html(label)}: ${html(cellText(value, unit))}`);
    return `<li>${quoted(text)}<small>${small.join(" · ")}</small></li>`;
  });
  return `<ul class="advice">${items.join("")}</ul>`;
}

/** What stands in backticks as code; a backtick within makes less of it code, and no harm. */
function quoted(text: string): string {
  return html(text, 1000).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function numberOf(cell: unknown): number {
  return typeof cell === "number" ? cell : 0;
}

function isText({ unit }: ReportColumn): boolean {
  return unit === "text" || unit === "path";
}
