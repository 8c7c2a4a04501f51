// A comparison of two recordings as one HTML page: no scripts, nothing from elsewhere, everything from recordings escaped.
import {
  type ComparedPair,
  type ComparedRecording,
  type ComparedScreens,
  type Comparison,
  type DiffLine,
  html,
  type TextDiff,
} from "../analyze/index.js";
import { formatDuration } from "../core/index.js";
import type { Snapshot } from "../terminal/index.js";
import { type ComparedName, type ComparedNames, momentText, statusText, summary } from "./comparison-text.js";

const STYLE = `:root{color-scheme:light dark;--gone:#b3261e;--new:#1a7f37;--changed:#9a6700;--line:#8884}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child{width:60%}tr.changed>td:first-child,.differs{color:var(--changed)}
td.time{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
code,pre{font:13px/1.35 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
pre{margin:.3rem 0;padding:.5rem;border:1px solid var(--line);border-radius:4px}
pre.screen{white-space:pre;overflow-x:auto;line-height:1.2}
.screens{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.screens>div{min-width:0}
.removed,.slower{color:var(--gone)}.added,.faster{color:var(--new)}.place{opacity:.6}
mark{background:#f5c54299;color:inherit}mark.style{background:none;outline:1px dashed var(--changed)}
.bar{height:4px;background:#4a8fd9;margin-top:2px;min-width:1px}
.verdict{font-weight:600;padding:.5rem .8rem;border-radius:4px;border:1px solid var(--line)}`;

/** The page, piece by piece. */
export function* comparisonHtml(
  comparison: Comparison,
  names: ComparedNames,
  recordings: { readonly a: ComparedRecording; readonly b: ComparedRecording },
): Generator<string> {
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(names.a.name)} and ${escapeHtml(names.b.name)}</title><style>${STYLE}</style></head><body>
<h1>Two recordings compared</h1>
<p class="verdict ${comparison.isSame ? "added" : "removed"}">${escapeHtml(summary(comparison))}</p>
<table><tr><th></th><th>recording</th><th>took</th><th>size</th><th>commands</th></tr>
${nameRow("A", names.a)}${nameRow("B", names.b)}</table>\n`;
  if (comparison.pairs.length > 0) yield* commandTable(comparison);
  if (comparison.text?.isSame === false) yield `<h2>All text</h2>${diffHtml(comparison.text.diff)}\n`;
  for (const [n, screens] of comparison.screens.entries())
    yield screensHtml(screens, recordings.a.screens[n], recordings.b.screens[n]);
  yield "</body></html>\n";
}

function nameRow(label: string, { name, duration, cols, rows, commands }: ComparedName): string {
  const took = formatDuration(duration);
  return `<tr><td>${label}</td><td>${escapeHtml(name)}</td><td>${took}</td><td>${cols}x${rows}</td><td>${commands}</td></tr>`;
}

function* commandTable({ pairs, countsCommands, isRough }: Comparison): Generator<string> {
  yield "<h2>Commands</h2>\n";
  if (!countsCommands)
    yield "<p>Not marked by shells in both recordings: these commands do not count, all text does.</p>\n";
  if (isRough)
    yield "<p>Very different: some commands may be the same though they are told as removed and added.</p>\n";
  yield "<table><tr><th></th><th>status</th><th>took in A</th><th>took in B</th><th>command</th></tr>\n";
  let longest = 1;
  for (const { a, b } of pairs) longest = Math.max(longest, a?.duration ?? 0, b?.duration ?? 0);
  for (const pair of pairs) yield pairRow(pair, longest);
  yield "</table>\n";
}

function pairRow(pair: ComparedPair, longest: number): string {
  const { kind, a, b, pace, differs } = pair;
  const lines = [a, b].flatMap((command) => (command === undefined ? [] : [command.line ?? "?"]));
  const line = lines[0] === lines[1] ? lines.slice(0, 1) : lines;
  const output = differs.includes("output")
    ? `<details${pair.output === undefined ? "" : " open"}><summary>what it printed differs</summary>${diffHtml(pair.output)}</details>`
    : "";
  return `<tr class="${kind}"><td>${kind === "same" ? "" : kind}</td><td${differs.includes("status") ? ' class="differs"' : ""}>${escapeHtml(statusText(pair))}</td>
<td class="time">${tookHtml(a?.duration, longest)}</td><td class="time ${pace ?? ""}">${tookHtml(b?.duration, longest)}</td>
<td>${line.map((text) => `<code>${escapeLines(text)}</code>`).join(" → ")}${output}</td></tr>\n`;
}

function tookHtml(duration: number | undefined, longest: number): string {
  if (duration === undefined) return "-";
  const share = ((100 * duration) / longest).toFixed(1);
  return `${formatDuration(duration)}<div class="bar" style="width:${share}%"></div>`;
}

const MARKS: Readonly<Record<DiffLine["kind"], string>> = { same: " ", removed: "-", added: "+" };

function diffHtml(diff: TextDiff | undefined): string {
  if (diff === undefined) return "<p>It differs; it is too much to be shown.</p>";
  const hunks = diff.hunks.map(({ aStart, aLines, bStart, bLines, lines }) => {
    const place = `<span class="place">@@ -${aStart},${aLines} +${bStart},${bLines} @@</span>`;
    const shown = lines.map(({ kind, text }) => `<span class="${kind}">${MARKS[kind]}${escapeHtml(text)}</span>`);
    return [place, ...shown].join("\n");
  });
  const more = diff.leftOut > 0 ? `\n... ${diff.leftOut} more` : "";
  return `<pre>${hunks.join("\n")}${more}</pre>${diff.isRough ? "<p>Not the shortest difference: there are too many.</p>" : ""}`;
}

function screensHtml(screens: ComparedScreens, a: Snapshot | undefined, b: Snapshot | undefined): string {
  const { diff } = screens;
  const title = momentText(screens.a, screens.b);
  const heading = `<h2>${escapeHtml(title.charAt(0).toUpperCase() + title.slice(1))}</h2>\n`;
  if (diff.isSame) return `${heading}<p>The same.</p>\n`;
  const [left, right] = [a, b].map((snapshot) => (snapshot === undefined ? "" : screenHtml(snapshot, diff)));
  return `${heading}<p>${diff.cells} cells differ.</p><div class="screens"><div>A${left}</div><div>B${right}</div></div>\n`;
}

function screenHtml(snapshot: Snapshot, { differences }: ComparedScreens["diff"]): string {
  const rows = snapshot.lines.map((line, row) => {
    let page = "";
    let at = 0;
    for (const { from, to, kind } of differences.filter((difference) => difference.row === row)) {
      page += `${escapeHtml(line.text({ untrimmed: true, from: at, to: from }))}<mark class="${kind}">`;
      page += `${escapeHtml(line.text({ untrimmed: true, from, to }))}</mark>`;
      at = to;
    }
    return page + escapeHtml(line.text({ from: at }));
  });
  return `<pre class="screen">${rows.join("\n")}</pre>`;
}

const MAX_TEXT = 4000;

/** Text from a recording, its control characters visible. */
function escapeHtml(text: string): string {
  return html(text, MAX_TEXT);
}

/** The same of several lines. */
function escapeLines(text: string): string {
  return text.slice(0, MAX_TEXT).split("\n").map(escapeHtml).join("\n");
}
