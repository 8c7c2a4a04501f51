// A folder of its own for each test that asks for one, removed when the test is over.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Creates the folder and gives a function that makes paths in it. */
export function tempDir(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "t2a-test-"));
  // What a shell left in the background (fish makes completions) may still write there.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }));
  return (name) => join(folder, name);
}
