// Tables without rules.
import { expect, it } from "vitest";
import { plainTable } from "../../src/cli/table.js";

it("aligns columns by two spaces, without colours, rules or trailing spaces", () => {
  const text = plainTable(
    ["name", "value"],
    [
      ["a", "1"],
      ["longer", ""],
      ["日本", "wide"],
    ],
  );
  expect(text).toBe("NAME    VALUE\na       1\nlonger\n日本    wide");
});
