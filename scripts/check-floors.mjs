// Holds the import floors: runs dependency-cruiser over src and formats and fails on any violation, and also when it has
// seen fewer modules than there are source files, because a check that looks at nothing finds nothing.
// usage: node scripts/check-floors.mjs [FOLDER]   (a project other than this one, for the check's own test)
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import config from "../.dependency-cruiser.mjs";

const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
process.chdir(root);

const folders = ["src", "formats"];
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
);

const { forbidden, options } = config;
const result = await cruise(
  folders,
  { ...options, baseDir: root, ruleSet: { forbidden, options }, validate: true },
  {},
  { tsConfig: extractTSConfig(join(root, "tsconfig.json")) },
);
const { modules, summary } = result.output;
const seen = modules.filter(({ source }) => /^(src|formats)\/.*\.ts$/.test(source)).length;
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (seen < sources.length) console.error(`only ${seen} of ${sources.length} source files were looked at`);
const failed = summary.violations.length > 0 || seen < sources.length;
console.log(`import floors: ${seen} modules, ${summary.violations.length} violations`);
process.exitCode = failed ? 1 : 0;
