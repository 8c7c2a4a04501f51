// The HTML report in a real browser: it shows, asks for nothing, and what hostile sessions hold stays text.
import { spawnSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Analysis, REPORT_FORMATS, SessionAnalyzer } from "../../src/analyze/index.js";
import { recordingOf } from "../core/recordings.js";
import { missing, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { output, SHELL } from "./sessions.js";

const noBrowser = missing("chromium");
const LINE = `</code><script>document.title="run"</script><img src="http://127.0.0.1:9/x" onerror="document.title='run'">`;

async function report(): Promise<string> {
  const cycle = `${SHELL.A}$ ${SHELL.B}x\r\n${SHELL.osc(`633;E;${LINE.replaceAll(";", "\\x3b")}`)}${SHELL.C}${LINE}\r\n${SHELL.D(1)}`;
  const analyzer = new SessionAnalyzer();
  const events = Array.from({ length: 8 }, (_, at) => output(at * 1e9, cycle));
  await analyzer.recording(recordingOf([events], { startTime: 1_772_000_000_000_000_000n }), { name: LINE });
  const analysis: Analysis = {
    ...{ version: 1, createdAt: "2026-03-01T00:00:00.000Z", targets: [LINE], since: null, until: null },
    files: { analyzed: 1, outside: 0, undated: 0, problems: [{ name: LINE, code: null, message: LINE }] },
    ...analyzer.report(),
  };
  return REPORT_FORMATS.find(({ name }) => name === "html")?.render(analysis) ?? "";
}

/** The document as the browser has it when it is loaded, and what it said on its console. */
function open(path: string, profile: string, ...more: string[]): { readonly dom: string; readonly console: string } {
  const { stdout, stderr } = spawnSync(
    "chromium",
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", `--user-data-dir=${profile}`],
      ...[...more, "--dump-dom", `file://${path}`],
    ],
    { encoding: "utf8", timeout: 50_000 },
  );
  return {
    dom: stdout,
    console: stderr
      .split("\n")
      .filter((line) => line.includes("CONSOLE"))
      .join("\n"),
  };
}

describe("the HTML report in a browser", () => {
  it.skipIf(noBrowser)(titled("shows all sections, runs nothing and loads nothing", noBrowser), async () => {
    const path = tempDir();
    writeFileSync(path("report.html"), await report());
    const { dom, console } = open(path("report.html"), path("profile"));
    expect(console).toBe("");
    for (const name of ["Commands", "Errors", "Performance", "Insight"]) expect(dom).toContain(`<h2>${name}</h2>`);
    expect(dom).toContain("&lt;script&gt;");
    expect(dom).not.toMatch(/<(?:script|img)/);
    expect(dom).toMatch(/<title>[^<]* - terminal sessions<\/title>/);
  });

  it.skipIf(noBrowser)(
    titled("would be kept from both by its policy, if something of a session got through", noBrowser),
    async () => {
      const path = tempDir();
      writeFileSync(path("report.html"), (await report()).replace("<main>", `<main>${LINE}`));
      const { dom, console } = open(path("report.html"), path("profile"));
      expect(console).toContain("Content Security Policy");
      expect(dom).toMatch(/<title>[^<]* - terminal sessions<\/title>/);
    },
  );

  it.skipIf(noBrowser)(titled("has a picture, on wide screens and narrow ones", noBrowser), async () => {
    const path = tempDir();
    writeFileSync(path("report.html"), await report());
    for (const size of ["1200,1600", "390,1600"]) {
      open(path("report.html"), path("profile"), `--window-size=${size}`, `--screenshot=${path("picture.png")}`);
      expect(statSync(path("picture.png")).size).toBeGreaterThan(20_000);
    }
  });
});
