// docs/error-rules.md: a line for each rule, as the table of rules has it.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ERROR_RULES } from "../../src/analyze/index.js";

const page = readFileSync(new URL("../../docs/error-rules.md", import.meta.url), "utf8");

it("the page has a row for every rule, as `node scripts/error-rules-page.mjs` writes it", async () => {
  const { pageWith } = await import(new URL("../../scripts/error-rules-page.mjs", import.meta.url).href);
  expect(pageWith(page, ERROR_RULES) === page).toBe(true);
  expect(page.match(/^\| [a-z0-9-]+ \| [a-z]+ \| \d \|/gm)).toHaveLength(ERROR_RULES.length);
});
