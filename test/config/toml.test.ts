// The line of a key: the parser is asked, for it tells none.
import { describe, expect, it } from "vitest";
import { findTomlLine } from "../../src/config/index.js";

const TEXT = `# templates
[template.a]
command = "x"

env = { A = "1" }
argv = [
  "one",
  "two", # [env]
  '''
command = 3
''',
]
[template.a.limits]
memory = "1G"

[template."b.c"]
command = """
[template.a.limits]
cpu = 1
"""
size = "80x24"
`;

describe("findTomlLine", () => {
  it.each([
    [["template"], 2],
    [["template", "a", "command"], 3],
    [["template", "a", "env"], 5],
    [["template", "a", "env", "A"], 5],
    [["template", "a", "argv"], 6],
    [["template", "a", "argv", 1], 6],
    [["template", "a", "limits"], 13],
    [["template", "a", "limits", "memory"], 14],
    [["template", "b.c"], 16],
    [["template", "b.c", "command"], 17],
    [["template", "b.c", "size"], 21],
    [["template", "b.c", "cpu"], undefined],
    [["template", "a", "toString"], undefined],
  ] as const)("%j stands in line %s", async (key, line) => {
    expect(await findTomlLine(TEXT, key)).toBe(line);
    expect(await findTomlLine(TEXT.trimEnd(), key)).toBe(line);
  });

  it("finds every key of a long file, also behind long values", async () => {
    const long = `list = [\n${"  1,\n".repeat(500)}]\n`;
    const lines = Array.from({ length: 100 }, (_, number) => `key${number} = ${number}\n`);
    const text = `${lines.slice(0, 50).join("")}${long}${lines.slice(50).join("")}`;
    for (const number of [0, 1, 25, 49]) expect(await findTomlLine(text, [`key${number}`])).toBe(number + 1);
    expect(await findTomlLine(text, ["list"])).toBe(51);
    for (const number of [50, 77, 99]) expect(await findTomlLine(text, [`key${number}`])).toBe(number + 1 + 502);
  });
});
