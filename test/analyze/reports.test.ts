// Reports in every form: what hostile sessions cannot do to them, and how they fit.
import { beforeAll, describe, expect, it } from "vitest";
import { type Analysis, REPORT_FORMATS, SessionAnalyzer } from "../../src/analyze/index.js";
import { presentCommands } from "../../src/analyze/reports/present-commands.js";
import type { Event } from "../../src/core/index.js";
import { recordingOf } from "../core/recordings.js";
import { ANALYSIS_SCHEMA } from "./report-schema.js";
import { output, SHELL } from "./sessions.js";
import { makeWeek } from "./week.js";

const HOSTILE = [
  "<script>alert(1)</script>",
  "echo '</style><img src=x onerror=alert(1)>'",
  "a | b || c `d` ``e`` *f* [g](javascript:x) \\",
  '=HYPERLINK("http://x")',
  "+1+1",
  "-1",
  "@SUM(1)",
  "line one\nline two\r\n\ttabbed",
  "\x1b]0;title\x07\x1b[31mred\x1b[0m \x9b31m \u202eevil\u2066",
  "日本語のコマンド 👩‍👩‍👧 e\u0301",
  "x".repeat(5000),
];

/** As the marks of VS Code escape what cannot stand in them. */
function hexBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

/** Sessions whose lines, folders and outputs are hostile. */
async function hostile(): Promise<Analysis> {
  const events: Event[] = [];
  let time = 0;
  for (const line of [...HOSTILE, ...HOSTILE, ...HOSTILE, ...HOSTILE, ...HOSTILE, ...HOSTILE]) {
    const escaped = line.replace(/[\\;\x00-\x1f\x7f-\u{10ffff}]/gu, hexBytes);
    const folder = `633;P;Cwd=/tmp/${escaped.slice(0, 100)}`;
    for (const again of [0, 1]) {
      events.push(
        output(time, `${SHELL.A}$ ${SHELL.B}x\r\n${SHELL.osc(folder)}${SHELL.osc(`633;E;${escaped}`)}${SHELL.C}`),
      );
      events.push(output(time + 1e9, `error: ${line.slice(0, 200)} failed\r\n${SHELL.D(again + 1)}`));
      time += 9e9;
    }
  }
  const analyzer = new SessionAnalyzer();
  await analyzer.recording(recordingOf([events], { startTime: 1_772_000_000_000_000_000n }), {
    name: `<b>${HOSTILE[8]}`,
  });
  return {
    ...{ version: 1, createdAt: "2026-03-01T00:00:00.000Z", targets: HOSTILE, since: null, until: null },
    files: {
      ...{ analyzed: 1, outside: 0, undated: 0 },
      problems: [{ name: HOSTILE[0] ?? "", code: null, message: `=cmd|' /C calc'!A0 ${HOSTILE[8]}` }],
    },
    ...analyzer.report(),
  };
}

async function week(): Promise<Analysis> {
  const analyzer = new SessionAnalyzer();
  for (const { name, header, events } of makeWeek()) await analyzer.recording(recordingOf([events], header), { name });
  return {
    ...{ version: 1, createdAt: "2026-03-09T00:00:00.000Z", targets: ["week"], since: null, until: null },
    files: { analyzed: 17, outside: 0, undated: 0, problems: [] },
    ...analyzer.report(),
  };
}

let evil: Analysis;
let good: Analysis;
beforeAll(async () => {
  evil = await hostile();
  good = await week();
});

const render = (name: string, analysis: Analysis, cols?: number) => {
  const format = REPORT_FORMATS.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`no ${name}`);
  return format.render(analysis, { cols });
};

describe("reports of hostile sessions", () => {
  it("count what they are told", () => {
    expect(evil.commands.totals.commands).toBe(HOSTILE.length * 12);
    expect(evil.insight.suggestions.length).toBeGreaterThan(0);
  });

  it.each(REPORT_FORMATS.map(({ name }) => name))("%s holds nothing that a terminal obeys", (name) => {
    expect(render(name, evil)).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  });

  it("html: no element and no attribute comes from a session", () => {
    const page = render("html", evil);
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, tag]) => tag));
    const own =
      "!doctype html head meta title style body header h1 h2 h3 p div ul li code nav a main section dl dt dd small";
    const more = "table thead tbody tr th td svg g rect path line text title footer";
    for (const tag of tags) expect(`${own} ${more}`.split(" ")).toContain(tag);
    const attributes = [...page.matchAll(/<[^>]*>/g)].flatMap(
      ([tag]) => tag.match(/\son[a-z]+\s*=|\sstyle\s*=/gi) ?? [],
    );
    expect(attributes).toEqual([]);
    expect(page).toContain("&lt;script&gt;");
    expect(page).toContain("default-src 'none'");
    expect(page.match(/(?:src|href)="(?!#)/g)).toBeNull();
    expect(page.match(/https?:(?!\/\/x)/g)).toBeNull();
  });

  it("markdown: tables keep their shape, and nothing becomes markup", () => {
    const page = render("markdown", evil);
    let columns = 0;
    for (const row of page.split("\n")) {
      if (!row.startsWith("|")) {
        columns = 0;
        expect(row.replaceAll(/\\[\\`*_{}[\]<>()#+!|~&$-]/g, "").replaceAll(/(`+)[^`].*?\1/g, "")).not.toMatch(
          /[<>]|\]\(/,
        );
        continue;
      }
      const bars = row.replaceAll("\\\\", "").replaceAll("\\|", "").split("|").length;
      if (columns > 0) expect(bars).toBe(columns);
      columns = bars;
    }
  });

  it("csv: as many cells in each line, none of them a formula", () => {
    const cells = parseCsv(render("csv", evil));
    for (const line of cells) {
      expect(line.length).toBe(6);
      for (const cell of line) if (!/^-?[0-9.e+]*$/.test(cell)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
    expect(cells.map(([, , , , value]) => value)).toContain('\'=HYPERLINK("http://x")');
  });

  it("json: is what the schema says, and lines are exact", () => {
    const parsed = JSON.parse(render("json", evil));
    expect(ANALYSIS_SCHEMA.safeParse(parsed).error?.issues).toBeUndefined();
    const lines = parsed.commands.lines.map(({ line }: { line: string }) => line);
    for (const line of HOSTILE.slice(0, 9)) expect(lines).toContain(line);
  });
});

function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/g)) {
    line.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    lines.push(line);
    line = [];
  }
  return lines.filter((cells) => cells.length > 1);
}

describe("text reports", () => {
  it.each([20, 24, 33, 40, 60, 80, 100, 120])("fit into %d cells", (cols) => {
    for (const analysis of [good, evil])
      for (const row of render("text", analysis, cols).split("\n")) expect(widest(row), row).toBeLessThanOrEqual(cols);
  });

  it("are the same text with colours and without", () => {
    const format = REPORT_FORMATS[0];
    const coloured = format?.render(good, { cols: 80, hasColour: true }) ?? "";
    expect(coloured).toContain("\x1b[1m");
    expect(coloured.replace(/\x1b\[[0-9;]*m/g, "")).toBe(format?.render(good, { cols: 80 }));
  });
});

/** At least as many cells as any terminal takes for it. */
function widest(row: string): number {
  let width = 0;
  for (const character of row) {
    const code = character.codePointAt(0) ?? 0;
    const isNarrow = code < 0x300 || (code >= 0x2010 && code <= 0x2027) || (code >= 0x2190 && code <= 0x25a9);
    width += isNarrow ? 1 : 2;
  }
  return width;
}

describe("reports of a week", () => {
  it("json: is what the schema says", () => {
    expect(ANALYSIS_SCHEMA.safeParse(JSON.parse(render("json", good))).error?.issues).toBeUndefined();
  });

  it("csv: every figure and table cell is a line", () => {
    const cells = parseCsv(render("csv", good));
    expect(cells[0]).toEqual(["report", "section", "row", "key", "value", "unit"]);
    const total = String(good.commands.totals.commands);
    expect(cells).toContainEqual(["commands", "totals", "", "commands", total, "count"]);
    const top = good.commands.lines[0];
    expect(cells).toContainEqual(["commands", "lines", "1", "line", top?.line, "text"]);
    expect(cells).toContainEqual(["commands", "lines", "1", "running", String(top?.runningNs), "ns"]);
  });

  it.each(["text", "markdown", "html"])("%s: has every report and what is in it", (name) => {
    const text = render(name, good).replaceAll("\\-", "-");
    for (const part of [
      "Commands",
      "Errors",
      "Performance",
      "Insight",
      "npm test",
      "cargo build",
      "git push",
      "Mon",
      "2026-03-02",
    ])
      expect(text).toContain(part);
  });

  it("says of nothing that there is nothing", () => {
    const empty: Analysis = { ...good, ...new SessionAnalyzer().report(), files: { ...good.files, analyzed: 0 } };
    expect(render("text", empty)).toContain("0 files analyzed.");
    for (const { name } of REPORT_FORMATS) expect(render(name, empty)).not.toMatch(/NaN|undefined|Infinity/);
    for (const { name } of REPORT_FORMATS) expect(render(name, good)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("commands over days, weeks and months", () => {
  const series = (...days: readonly [string, number][]) => {
    const byDay = days.map(([day, commands]) => ({ day, commands, failed: 0, runningNs: 0 }));
    const { commands } = good;
    const blocks = presentCommands({ ...commands, when: { ...commands.when, byDay } });
    const block = blocks.find(({ key }) => /^by-(?:day|week|month)$/.test(key));
    if (block?.kind !== "series") throw new Error("no series");
    return { key: block.key, labels: block.labels, values: block.values };
  };

  it("shows each day of three months, also those without commands", () => {
    expect(series(["2026-02-27", 3], ["2026-03-02", 4])).toEqual({
      key: "by-day",
      labels: ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"],
      values: [3, 0, 0, 4],
    });
  });

  it("shows weeks from Monday, then months, then only what there is", () => {
    const weeks = series(["2026-01-01", 1], ["2026-01-04", 2], ["2026-06-01", 5]);
    expect([weeks.key, weeks.labels[0], weeks.labels[1], weeks.values[0], weeks.values.at(-1)]).toEqual([
      ...["by-week", "2025-12-29", "2026-01-05", 3, 5],
    ]);
    const months = series(["2022-01-31", 1], ["2026-06-01", 5]);
    expect([months.key, months.labels.length, months.values[0], months.values.at(-1)]).toEqual(["by-month", 54, 1, 5]);
    expect(series(["1970-01-01", 1], ["2026-06-01", 5])).toEqual({
      key: "by-month",
      labels: ["1970-01", "2026-06"],
      values: [1, 5],
    });
    expect(series(["2026-01-01", 1], ["275760-09-13", 2]).values).toEqual([1, 2]);
  });
});
