// Builds dist/ once before the tests, because tests of spawned processes run the real program; afterwards takes away what programs
// under test have kept (vitest.config.ts says where).
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

export default function setup(): () => void {
  const build = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  const result = spawnSync(process.execPath, [build], { stdio: "inherit" });
  if (result.status !== 0) throw new Error("the build failed: see the compiler's messages above");
  return () => {
    const data = process.env.T2A_TEST_DATA;
    if (data !== undefined) rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  };
}
