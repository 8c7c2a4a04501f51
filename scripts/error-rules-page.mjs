// Writes the table of docs/error-rules.md from the rules. Run after `npm run build`; review the diff. A test holds the two together.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../docs/error-rules.md", import.meta.url));
const HEAD = "| rule | about | weight | it says | sample | also matched by |\n|---|---|---|---|---|---|\n";

/** The page with its table made anew. */
export function pageWith(page, rules) {
  return page.slice(0, page.indexOf(HEAD)) + HEAD + rules.map((rule) => `${row(rule, rules)}\n`).join("");
}

function row(rule, rules) {
  const others = rules.filter((other) => other !== rule && matches(other, rule.sample)).map(({ id }) => id);
  const sample = rule.sample.split("\n").map(code).join("<br>");
  return `| ${rule.id} | ${rule.family} | ${rule.weight} | ${text(rule.says)} | ${sample} | ${others.join(", ")} |`;
}

/** Whether the rule matches some line of the text. */
function matches({ pattern, head, next }, sample) {
  const lines = sample.split("\n");
  const from = head === undefined ? 0 : lines.findIndex((line) => head.test(line)) + 1;
  if (head !== undefined && from === 0) return false;
  const follows = (at) => next === undefined || lines.slice(at + 1).some((line) => next.test(line));
  return lines.some((line, at) => at >= from && pattern.test(line) && follows(at));
}

function text(words) {
  return words.replace(/[|<>*_`[\]]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

function code(line) {
  return `<code>${line
    .replace(/[&|<>*_`[\]\\~]/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/\t/g, "    ")
    .replace(/^ +/, (blanks) => "&nbsp;".repeat(blanks.length))}</code>`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ERROR_RULES } = await import("../dist/src/analyze/index.js");
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, "utf8"), ERROR_RULES));
}
