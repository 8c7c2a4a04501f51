// Builds dist/ from a clean slate, so that a deleted source never lingers as a stale module: the library and its types
// by the compiler, and the command bundled into a few files, because finding and reading a hundred modules took a third
// of the time that a short command runs.
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const result = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exitCode = result.status ?? 1;

if (result.status === 0) {
  const { build } = await import("rolldown");
  await build({
    cwd: root,
    input: {
      main: "dist/src/cli/main.js",
      "finalize-worker": "dist/src/library/finalize-worker.js",
      "analyze-worker": "dist/src/library/analyze-worker.js",
    },
    platform: "node",
    external: /^[^./]/, // packages stay packages
    output: { dir: "dist/cli", format: "esm", chunkFileNames: "[name].js" },
    logLevel: "warn",
  });
  // A bundle of its own: what the commands share with it would stand in its program, and run it.
  await build({
    cwd: root,
    input: { daemon: "dist/src/cli/daemon-program.js" },
    platform: "node",
    external: /^[^./]/,
    output: { dir: "dist/cli", format: "esm", chunkFileNames: "daemon-[name].js" },
    logLevel: "warn",
  });
  // A bundle of its own, of nothing but what it uses: there are many holders at once, and each is to be small.
  await build({
    cwd: root,
    input: { holder: "dist/src/cli/holder-program.js" },
    platform: "node",
    external: /^[^./]/,
    treeshake: { moduleSideEffects: false },
    checks: { ineffectiveDynamicImport: false }, // the library imports by itself what a holder has in one file
    output: { dir: "dist/cli", format: "esm", chunkFileNames: "holder-[name].js" },
    logLevel: "warn",
  });
}

// The scripts of shells are read from beside the module that wants them.
if (result.status === 0) {
  for (const name of readdirSync(new URL("../src/shell", import.meta.url))) {
    if (!/\.(bash|zsh|fish)$/.test(name)) continue;
    for (const folder of ["src/shell", "cli"])
      copyFileSync(
        new URL(`../src/shell/${name}`, import.meta.url),
        new URL(`../dist/${folder}/${name}`, import.meta.url),
      );
  }
}
