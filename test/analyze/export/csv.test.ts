// Commands as CSV: read back by another program, exact, and harmless to spreadsheets.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMAND_COLUMNS, type CommandRow, commandToJson, csvWriter } from "../../../src/analyze/index.js";
import { missing, run, titled } from "../../support/programs.js";
import { command } from "../commands.js";
import { anyRows, written } from "./rows.js";

const row = (line: string): CommandRow => ({ json: commandToJson(command({ line })), time: undefined });

/** The first column of each row. */
async function lineFields(...lines: string[]): Promise<string[]> {
  const text = (await written(csvWriter, lines.map(row))).toString();
  return text.split(/,,,,,,,0,/).map((part) => part.replace(/^[\s\S]*\r\n(?=[^\r\n]*$)/, ""));
}

describe("CSV", () => {
  it("has a header line, and a line a command; nothing is empty, an empty text is quoted", async () => {
    const text = (await written(csvWriter, [row("ls"), row("")])).toString();
    const [head, one, two, rest] = text.split("\r\n");
    expect(head).toBe(COMMAND_COLUMNS.map(({ name }) => name).join(","));
    expect(one).toBe("ls,,,,,,,0,,,0,0,,,,,marks,false,0,,");
    expect(two).toBe('"",,,,,,,0,,,0,0,,,,,marks,false,0,,');
    expect(rest).toBe("");
    expect((await written(csvWriter, [])).toString()).toBe(`${head}\r\n`);
  });

  it("quotes what has commas, quotes, line ends, spaces at an end", async () => {
    expect(await lineFields('a,"b"')).toContain('"a,""b"""');
    expect((await written(csvWriter, [row(" x"), row("a\nb"), row("a\rb")])).toString()).toMatch(
      /"\s*x",.*\r\n"a\nb",.*\r\n"a\rb",/,
    );
  });

  it("puts an apostrophe before what a spreadsheet would take for a formula, and before an apostrophe", async () => {
    for (const formula of ["=1+1", "+x", "-x", "@x", "\t=x", "\r=x", "\n=x", "\uff1dx", "'x"]) {
      const text = (await written(csvWriter, [row(formula)])).toString();
      expect(text.split("\r\n").slice(1).join("\r\n").replace(/^"/, "").startsWith(`'${formula}`)).toBe(true);
    }
    expect((await written(csvWriter, [row("a=b")])).toString()).toContain("\r\na=b,");
  });

  const noPython = missing("python3");
  it.skipIf(noPython)(titled("is read by Python's csv as what was written", noPython), async () => {
    const script = `import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="").read()
print(json.dumps(list(csv.reader(io.StringIO(text, newline=""), strict=True))))`;
    await fc.assert(
      fc.asyncProperty(anyRows(), async (any) => {
        const [, ...found] = JSON.parse(run("python3", ["-c", script], await written(csvWriter, any)).toString());
        const expected = any.map(({ json }) =>
          COMMAND_COLUMNS.map(({ type, value }) => {
            const cell = value(json);
            return [type, cell === null ? "" : String(cell)];
          }),
        );
        // The first apostrophe of a text is ours.
        const exact = found.map((cells: string[], index: number) =>
          cells.map((cell, at) => {
            const type = expected[index]?.[at]?.[0];
            return [type, type === "text" && cell.startsWith("'") ? cell.slice(1) : cell];
          }),
        );
        expect(exact).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });
});
