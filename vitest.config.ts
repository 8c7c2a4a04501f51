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
      // Tests run these in processes of their own, built: holders, the daemon. What is called there is not counted here.
      exclude: [
        "src/cli/{daemon-program,holder-program,local-sessions,session-parts}.ts",
        "src/server/{open-api,run-daemon}.ts",
        "src/session/holder/{audit-log,daemon-link,held-terminal,held-tty,holder,told-sink}.ts",
        "src/session/limits/limit-guards.ts",
        "src/session/manager/local-session-manager.ts",
      ],
      reporter: ["text-summary", "json-summary", "json"],
      // A good part of what else makes sessions runs in such processes too: the floors leave room for that.
      thresholds: { lines: 94, statements: 93, functions: 93, branches: 88 },
    },
  },
});
