// Writes docs/openapi.json, the document of the daemon's API, from its routes and schemas. Build first.
// usage: node scripts/openapi.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { openApiText } from "../dist/src/server/index.js";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
writeFileSync(new URL("../docs/openapi.json", import.meta.url), openApiText(version));
