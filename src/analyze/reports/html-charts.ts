// Charts of HTML reports, as SVG without scripts and styles of their own: classes take the colours of the page.
import type { ReportBlock } from "./blocks.js";
import { numberText } from "./cell-text.js";
import { html } from "./html-text.js";

type BlockOf<Kind extends ReportBlock["kind"]> = Extract<ReportBlock, { kind: Kind }>;

const LEFT = 52;
const TOP = 10;
const BOTTOM = 24;
const HEIGHT = 190;
/** Units that a character of an axis takes. */
const CHARACTER = 7;
const LABEL_STEPS = [1, 2, 3, 4, 6, 7, 10, 12, 14, 15, 20, 30];
const MAX_COLUMN = 44;

/** A column for each value, with an axis on the left and labels below. */
export function columnChart({ title, labels, values, unit }: BlockOf<"series">): string {
  const width = values.length > 31 ? 960 : 480;
  const most = niceCeiling(Math.max(...values));
  const slot = (width - LEFT - 6) / values.length;
  const column = Math.min(MAX_COLUMN, slot * (values.length > 31 ? 0.8 : 0.72));
  const heightOf = (value: number) => ((HEIGHT - TOP - BOTTOM) * value) / most;
  const base = HEIGHT - BOTTOM;
  const lines = [0, 0.5, 1].map((share) => {
    const y = round(base - heightOf(most * share));
    const label = `<text class="axis" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${numberText(most * share, unit)}</text>`;
    return `<line class="${share === 0 ? "base" : "grid"}" x1="${LEFT}" x2="${width}" y1="${y}" y2="${y}"/>${label}`;
  });
  const columns = values.map((value, at) => {
    const height = value > 0 ? Math.max(1.5, heightOf(value)) : 0;
    const x = round(LEFT + slot * (at + 0.5) - column / 2);
    const tip = `<title>${html(labels[at] ?? "")}: ${numberText(value, unit)}</title>`;
    // The whole slot answers to the pointer, also where the column is low.
    const area = `<rect class="area" x="${round(LEFT + slot * at)}" y="${TOP}" width="${round(slot)}" height="${base - TOP}"/>`;
    const rect = height === 0 ? "" : `<path class="mark" d="${columnPath(x, base, round(column), round(height))}"/>`;
    return `<g>${tip}${area}${rect}</g>`;
  });
  const body = [...lines, ...columns, ...axisLabels(labels, slot, width)].join("");
  return svg(body, width, HEIGHT, title);
}

/** Rounded at the top only. */
function columnPath(x: number, base: number, width: number, height: number): string {
  const r = round(Math.min(3, width / 2, height));
  return `M${x} ${base}v${round(r - height)}q0 ${-r} ${r} ${-r}h${round(width - 2 * r)}q${r} 0 ${r} ${r}v${round(height - r)}z`;
}

function axisLabels(labels: readonly string[], slot: number, width: number): readonly string[] {
  const widest = Math.max(...labels.map((label) => label.length)) * CHARACTER + 6;
  const step = LABEL_STEPS.find((count) => count * slot >= widest) ?? labels.length;
  return labels.flatMap((label, at) => {
    const x = LEFT + slot * (at + 0.5);
    const half = (label.length * CHARACTER) / 2;
    if (at % step !== 0 || x + half > width + 4) return [];
    return [`<text class="axis" x="${round(x)}" y="${HEIGHT - 6}" text-anchor="middle">${html(label)}</text>`];
  });
}

const CELL = 17;
const GRID_LEFT = 34;

/** A square for each value, the darker the greater. */
export function heatMap({ title, rows, columns, values, unit }: BlockOf<"grid">): string {
  const most = Math.max(...values.flat());
  const squares = values.flatMap((row, y) =>
    row.map((value, x) => {
      const tip = `<title>${html(rows[y] ?? "")} ${html(columns[x] ?? "")}: ${numberText(value, unit)}</title>`;
      const place = `x="${GRID_LEFT + x * (CELL + 2)}" y="${y * (CELL + 2)}" width="${CELL}" height="${CELL}" rx="3"`;
      const strength =
        value > 0 ? `class="mark" fill-opacity="${round(0.18 + (0.82 * value) / most)}"` : 'class="empty"';
      return `<rect ${strength} ${place}>${tip}</rect>`;
    }),
  );
  const names = rows.map(
    (row, y) =>
      `<text class="axis" x="${GRID_LEFT - 8}" y="${y * (CELL + 2) + 13}" text-anchor="end">${html(row)}</text>`,
  );
  const below = rows.length * (CELL + 2) + 14;
  const hours = columns.flatMap((column, x) =>
    x % 3 === 0
      ? [
          `<text class="axis" x="${GRID_LEFT + x * (CELL + 2) + CELL / 2}" y="${below}" text-anchor="middle">${html(column)}</text>`,
        ]
      : [],
  );
  return svg([...names, ...squares, ...hours].join(""), GRID_LEFT + columns.length * (CELL + 2), below + 6, title);
}

/** A bar for a share (0-1) of the greatest value of its column. */
export function inlineBar(share: number): string {
  const width = share > 0 ? Math.max(1, round(share * 100)) : 0;
  return `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8" rx="1"/><rect class="mark" width="${width}" height="8" rx="1"/></svg>`;
}

function svg(body: string, width: number, height: number, title: string): string {
  const size = width > 500 ? "wide" : "narrow";
  return `<div class="chart"><svg class="${size}" viewBox="0 0 ${width} ${round(height)}" role="img" aria-label="${html(title)}">${body}</svg></div>`;
}

/** A round even number, not below `value`: half of it is a number to write, too. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const steps = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 20].map((digit) => digit * power);
  return steps.find((nice) => nice >= value && nice % 2 === 0) ?? value;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
