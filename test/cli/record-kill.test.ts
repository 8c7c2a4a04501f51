// The promise of recording: what the user has seen is in the file. The recorder is killed with SIGKILL at random instants
// while a fast printer runs in a real terminal, and everything that terminal was shown must be found again.
// T2A_KILLS=200 npx vitest run test/cli/record-kill.test.ts kills more often.
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const KILLS = Number(process.env.T2A_KILLS ?? 12);
/** Text formats may miss one incomplete character. */
const FORMATS = [
  { format: "asciicast-v3", mayMiss: 3 },
  { format: "asciicast-v2", mayMiss: 3 },
  { format: "ttyrec", mayMiss: 0 },
  { format: "script", mayMiss: 0 },
  { format: "t2r", mayMiss: 0 },
  { format: "json", mayMiss: 0 },
  { format: "raw", mayMiss: 0 },
] as const;
/** Characters of one to four bytes, so that reads cut them. */
const PRINTER = 'i=0; while :; do i=$((i+1)); echo "$i aé✓😀 $i aé✓😀 $i aé✓😀"; done';

const SYNCS = ["none", "interval", "always"] as const;

it.each(FORMATS)("finds everything that was shown in $format after kill -9", async ({ format, mayMiss }) => {
  const path = tempDir();
  for (let i = 0; i < KILLS / FORMATS.length; i++) {
    const file = path(`killed-${i}.typescript`);
    const sync = SYNCS[i % SYNCS.length] ?? "none";
    const args = [T2A, "record", "-q", "--sync", sync, "-f", format, "-c", PRINTER, file];
    const terminal = new PtyDriver(process.execPath, args);
    // Some die while their file is being begun, most in full flight.
    const instant = Math.random() * 200_000;
    await pollUntil("output on the terminal", () => terminal.bytes.length > instant);
    process.kill(terminal.pty.pid, "SIGKILL");
    await terminal.ends();
    // What stands before the first line is the recorder asking the terminal for its colours.
    const start = terminal.bytes.indexOf("1 aé");
    if (start < 0) continue; // died before anything was shown: there may be no recording yet
    const shown = terminal.bytes.subarray(start);
    const input = ["--recover", ...(format === "raw" ? ["--input-format", "raw"] : [])];
    const { stdoutBytes: recorded, status, stderr } = await runCli(["convert", "-q", ...input, "-f", "raw", file, "-"]);
    expect(status, stderr).toBe(0);
    expect(recorded.length).toBeGreaterThanOrEqual(shown.length - mayMiss);
    const common = Math.min(shown.length, recorded.length);
    expect(
      recorded.subarray(0, common).equals(shown.subarray(0, common)),
      `kill ${i} (${sync}) after ${shown.length} bytes`,
    ).toBe(true);
  }
}, 600_000);
