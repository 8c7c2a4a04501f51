#!/usr/bin/env node
// The t2a command. Everything is in dist/; this only says what to do where that is missing.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const entry = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(entry)) {
  const { main, processIo } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2), processIo());
} else {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  process.stderr.write(`t2a: not built yet: run "npm ci" (or "npm run build") in ${folder}\n`);
  process.exitCode = 1;
}
