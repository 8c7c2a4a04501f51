// Test configuration: which tests run, and the coverage floors that CI enforces.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Shells that tests start leave nothing in the history of whoever runs them.
    env: { HISTFILE: "" },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "formats/**/*.ts"],
      reporter: ["text-summary", "json-summary", "json"],
      thresholds: { lines: 95, statements: 95, functions: 95, branches: 90 },
    },
  },
});
