// The options that say which sessions are meant.
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addSessionFilterOptions, hasSessionFilter, sessionFilterOf } from "../../src/cli/session-filter.js";
import { SESSION_STATUSES } from "../../src/store/index.js";

const NOW = Date.UTC(2026, 10, 21, 12);

function parse(...args: string[]) {
  const command = addSessionFilterOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: "user" }).opts();
}

describe("addSessionFilterOptions and sessionFilterOf", () => {
  it("mean every session where nothing is given", () => {
    expect(Object.values(sessionFilterOf(parse(), NOW)).filter((value) => value !== undefined)).toEqual([]);
    expect([hasSessionFilter(parse()), hasSessionFilter(parse("--since", "1d"))]).toEqual([false, true]);
  });

  it("take every part of a filter", () => {
    const options = parse(
      ...["--since", "2026-03-01", "--until", "2026-03-02T14:00Z", "--tag", "a", "--tag", "b", "--status", "failed"],
      ...[
        "--status",
        "completed",
        "--command",
        "make",
        "--agent",
        "x",
        "--host",
        "h",
        "--failed",
        "--longer-than",
        "2m",
      ],
    );
    expect(sessionFilterOf(options, NOW)).toEqual({
      sinceMs: new Date(2026, 2, 1).getTime(),
      untilMs: Date.UTC(2026, 2, 2, 14),
      tags: ["a", "b"],
      statuses: ["failed", "completed"],
      command: "make",
      agent: "x",
      host: "h",
      isFailed: true,
      longerThanNs: 120e9,
    });
  });

  it.each([
    ["90m", 90 * 60_000],
    ["12h", 12 * 3_600_000],
    ["7d", 7 * 86_400_000],
    ["2w", 14 * 86_400_000],
  ])("take %s for so long ago", (text, ms) => {
    expect(sessionFilterOf(parse("--since", text), NOW).sinceMs).toBe(NOW - ms);
  });

  it("take every status that there is", () => {
    for (const status of SESSION_STATUSES)
      expect(sessionFilterOf(parse("--status", status), NOW).statuses).toEqual([status]);
  });

  it.each([
    ["--since", "2026-02-31"],
    ["--since", "yesterday"],
    ["--until", "7"],
    ["--status", "done"],
    ["--tag", ""],
    ["--longer-than", "40%"],
  ])("refuse %s %j", (...args) => {
    expect(() => parse(...args)).toThrow();
  });
});
