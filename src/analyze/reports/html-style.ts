// The style of HTML reports: light and dark, on screens of any width and on paper.

/** Stands in the document's only style element, whose hash its content policy names. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --line: #e3e7ec; --text: #1b2330; --muted: #5b6878;
  --mark: #2f6fde; --empty: #eceff3; --warn: #9a3412; --warn-page: #fff4ec; }
@media (prefers-color-scheme: dark) { :root { --page: #0e131a; --card: #161d27; --line: #273140; --text: #e2e8f0; --muted: #93a1b3;
  --mark: #6aa2f8; --empty: #1f2835; --warn: #fdba74; --warn-page: #2a1c12; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 14px; padding-top: 6px; }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 12px; color: var(--muted); }
p { margin: 0 0 8px; }
.muted, .note { color: var(--muted); }
.note { font-size: 13px; margin: 10px 0 0; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px; }
nav a { color: var(--text); text-decoration: none; border: 1px solid var(--line); background: var(--card); border-radius: 999px;
  padding: 3px 14px; font-size: 14px; }
nav a:hover { border-color: var(--mark); }
.cards { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; min-width: 0;
  break-inside: avoid; }
.full { grid-column: 1 / -1; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 18px 22px; margin: 0; }
.tiles dt { color: var(--muted); font-size: 13px; }
.tiles dd { margin: 0; font-size: 22px; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: 12.5px; font-weight: 400; color: var(--muted); line-height: 1.35; }
.chart, .scroll { overflow-x: auto; }
.chart svg { display: block; width: 100%; height: auto; }
svg.wide { min-width: 640px; } svg.narrow { min-width: 320px; max-width: 640px; }
.mark { fill: var(--mark); } .empty, .track { fill: var(--empty); } .area { fill: transparent; }
g:hover .mark, rect.mark:hover { fill: var(--text); }
.axis { fill: var(--muted); font-size: 11.5px; } .grid { stroke: var(--line); } .base { stroke: var(--muted); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--muted); font-size: 12.5px; padding: 0 10px 6px 0; white-space: nowrap; }
td { padding: 5px 10px 5px 0; border-top: 1px solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; } .n + td:not(.n):not(.b), .n + th:not(.n):not(.b) { padding-left: 8px; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.b { width: 18%; min-width: 60px; } svg.bar { width: 100%; height: 8px; display: block; }
code { font: 13px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere;
  unicode-bidi: isolate; }
td code { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; min-width: 9em; }
.advice { list-style: none; margin: 0; padding: 0; }
.advice li { padding: 10px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.advice li:first-child { border: 0; padding-top: 0; }
.advice small { display: block; color: var(--muted); }
.problems { background: var(--warn-page); color: var(--warn); border-radius: 10px; padding: 12px 18px; margin-top: 16px; }
.problems li { overflow-wrap: anywhere; } .problems ul { margin: 4px 0 0; padding-left: 20px; }
footer { padding: 30px 20px 40px; color: var(--muted); font-size: 13px; }
@media (max-width: 760px) { .cards { grid-template-columns: minmax(0, 1fr); } h1 { font-size: 22px; } .card { padding: 14px; }
  .b { display: none; } }
@media print { body { background: #fff; } nav { display: none; } }
`;
