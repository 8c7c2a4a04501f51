// Builds dist/ once before the tests, because tests of spawned processes run the real program.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function setup(): void {
  const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  const result = spawnSync(process.execPath, [build], { stdio: "inherit" });
  if (result.status !== 0) throw new Error("the build failed: see the compiler's messages above");
}
