// Test configuration: which tests run, and the coverage floors that CI enforces.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** What programs under test keep goes here, whoever starts them; the global setup removes it. */
process.env.T2A_TEST_DATA ??= mkdtempSync(join(tmpdir(), "t2a-test-data-"));
const data = process.env.T2A_TEST_DATA;
delete process.env.T2A_STORE;

export default defineConfig({
  test: {
    // Shells that tests start leave nothing in the history of whoever runs them.
    // Neither does anything that t2a keeps go where they keep theirs.
    env: { HISTFILE: "", XDG_DATA_HOME: join(data, "data") },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "formats/**/*.ts"],
      // Programs that only put together what is tested, for a process of their own.
      exclude: ["src/cli/{daemon-program,holder-program}.ts"],
      reporter: ["text-summary", "json-summary", "json"],
      reportOnFailure: true,
      thresholds: { lines: 95, statements: 95, functions: 95, branches: 90 },
    },
  },
});
