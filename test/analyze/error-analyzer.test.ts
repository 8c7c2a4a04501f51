// Errors of sessions: what failed and why, what looks like it, what mended it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Command, ErrorAnalyzer, type ErrorReport } from "../../src/analyze/index.js";

const SESSION = {
  name: "one.t2r",
  header: { cols: 80, rows: 24, startTime: 1_767_349_800_000_000_000n },
  source: "recording",
} as const;

interface Run {
  readonly line?: string | undefined;
  readonly status?: number | undefined;
  readonly signal?: string;
  readonly text?: string;
  readonly depth?: number;
}

/** Each takes a second, a second after the one before. */
function commandOf({ line, status, signal, depth = 0 }: Run, at: number): Command {
  return {
    line,
    cwd: "/home/me/app",
    user: undefined,
    host: undefined,
    start: at * 2e9,
    duration: status === undefined ? undefined : 1e9,
    exitStatus: status,
    signal,
    startEvents: undefined,
    timeToFirstOutput: undefined,
    outputBytes: 0,
    outputLines: 0,
    output: undefined,
    source: status === undefined ? "inferred" : "marks",
    trusted: true,
    depth,
  };
}

function tell(
  analyzer: ErrorAnalyzer,
  runs: readonly Run[],
  session: typeof SESSION | { name: string } = SESSION,
): void {
  analyzer.session({ ...SESSION, ...session });
  runs.forEach((run, at) => {
    analyzer.command(commandOf(run, at), run.text === undefined ? undefined : { text: run.text, isCut: false });
  });
}

function reportOf(runs: readonly Run[]): ErrorReport {
  const analyzer = new ErrorAnalyzer();
  tell(analyzer, runs);
  return analyzer.report();
}

describe("a command that failed", () => {
  it("is listed with its status and the lines that tell", () => {
    const report = reportOf([
      {
        line: "make",
        status: 2,
        text: "cc -c main.c\nmain.c:4:18: error: ‘totl’ undeclared\nmake: *** [Makefile:3: main] Error 1\n",
      },
    ]);
    expect(report.commands).toMatchObject({ total: 1, failed: 1 });
    expect(report.rate).toBe(1);
    expect(report.failed.commands).toMatchObject([
      {
        line: "make",
        exitStatus: 2,
        startedAt: "2026-01-02T10:30:00.000Z",
        telling: [
          { line: 2, rule: "gcc-error", family: "compiler", says: "‘totl’ undeclared (main.c line 4)", isGuess: false },
          { line: 3, rule: "make-failed" },
        ],
      },
    ]);
  });

  it("says its last lines, as a guess, where no rule knows any", () => {
    const [failed] = reportOf([{ line: "./go", status: 1, text: "one\nthe moon is in the way\n\n---\n" }]).failed
      .commands;
    expect(failed?.telling).toMatchObject([
      { line: 1, isGuess: true },
      { line: 2, text: "the moon is in the way", rule: undefined, isGuess: true },
    ]);
  });

  it("may have said nothing", () => {
    const report = reportOf([{ line: "false", status: 1 }]);
    expect(report.failed.commands[0]?.telling).toEqual([]);
    expect(report.patterns).toMatchObject([{ rule: null, pattern: "false ended with status 1 and said nothing" }]);
  });
});

describe("a status other than 0", () => {
  it.each([
    ["grep TODO a", 1, "answered"],
    ["make 2>&1 | grep warning", 1, "answered"],
    ["diff a b", 1, "answered"],
    ["cd src && git diff --exit-code", 1, "answered"],
    ["[ -e a ]", 1, "answered"],
    ["(( n > 3 ))", 1, "answered"],
    ["systemctl is-active nginx", 3, "answered"],
    ["grep TODO missing", 2, "failed"],
    ["diff a missing", 2, "failed"],
    ["grep x a | make", 1, "failed"],
    ["make", 1, "failed"],
  ] as const)("of `%s`: %i is %s", (line, status, outcome) => {
    expect(reportOf([{ line, status }]).commands).toMatchObject({ succeeded: 0, failed: 0, answered: 0, [outcome]: 1 });
  });

  it.each(["SIGINT", "SIGQUIT", "SIGTSTP"])("by %s is an interruption", (signal) => {
    const report = reportOf([{ line: "sleep 100", status: 130, signal, text: "error: x\n" }]);
    expect(report.commands).toMatchObject({ failed: 0, interrupted: 1 });
    expect(report.rate).toBe(null);
  });

  it("by SIGPIPE is that somebody had read enough", () => {
    expect(reportOf([{ line: "yes", status: 141, signal: "SIGPIPE" }]).commands).toMatchObject({
      failed: 0,
      answered: 1,
    });
  });

  it("by another signal is a failure", () => {
    expect(reportOf([{ line: "./crash", status: 139, signal: "SIGSEGV" }]).commands).toMatchObject({
      failed: 1,
      bySignal: 1,
    });
  });

  it("is an answer no more where the output tells of an error", () => {
    expect(reportOf([{ line: "lsof -i", status: 1, text: "bash: lsof: command not found\n" }]).commands.failed).toBe(1);
  });
});

describe("a command that did not fail, as far as is known", () => {
  const text = "bash: gti: command not found\n";

  it("is suspected where its status is not known and its output is an error's", () => {
    const report = reportOf([
      { line: "gti status", text },
      { line: "echo", text: "error: hm\n" },
    ]);
    expect(report.commands).toMatchObject({ unknown: 2, suspected: 1, failed: 0 });
    expect(report.suspected.commands).toMatchObject([{ line: "gti status", telling: [{ rule: "command-not-found" }] }]);
  });

  it("succeeded with errors where its output is an error's all the same", () => {
    const report = reportOf([{ line: "./build.sh", status: 0, text }]);
    expect(report.commands).toMatchObject({ succeeded: 1, succeededWithErrors: 1, failed: 0 });
    expect(report.succeededWithErrors.commands).toMatchObject([{ line: "./build.sh" }]);
    expect(report.rate).toBe(0);
  });

  it.each([
    "cat notes.txt",
    "grep -r found .",
    "git log",
    "sudo tail -n 5 log",
    "make help | less",
    "docker logs web",
  ])("is believed where it shows texts: `%s`", (line) => {
    expect(reportOf([{ line, status: 0, text }]).commands.succeededWithErrors).toBe(0);
  });
});

it("a command that shows texts is not believed where it speaks of itself", () => {
  const text = "bash: gti: command not found\ncat: b.txt: No such file or directory\n";
  const report = reportOf([{ line: "cat a.txt b.txt", text }]);
  expect(report.suspected.commands).toMatchObject([{ telling: [{ line: 2, rule: "no-such-file" }] }]);
});

describe("patterns", () => {
  it("are the same for errors that differ in names and numbers", () => {
    const report = reportOf([
      { line: "cat a.txt", status: 1, text: "cat: a.txt: No such file or directory\n" },
      { line: "make", status: 2, text: "main.c:4:18: error: ‘totl’ undeclared\n" },
      { line: "cat b1.txt", status: 1, text: "cat: b1.txt: No such file or directory\n" },
      { line: "make", status: 2, text: "util/area.c:20:3: error: ‘widht’ undeclared\n" },
      { line: "make lib", status: 2, text: "main.c:7:1: error: ‘a’ undeclared\n" },
    ]);
    expect(report.patterns).toMatchObject([
      {
        rule: "gcc-error",
        count: 3,
        failed: 3,
        programs: ["make"],
        first: { startNs: 2e9, startedAt: "2026-01-02T10:30:02.000Z" },
        last: { startNs: 8e9 },
      },
      { rule: "no-such-file", count: 2 },
    ]);
    expect(report.families).toEqual([
      { family: "compiler", count: 3 },
      { family: "file", count: 2 },
    ]);
  });

  it("count what they cannot hold", () => {
    const report = reportOf(
      Array.from({ length: 6000 }, (_, at) => ({
        line: "x",
        status: 1,
        text: `${"abcdefghijklmnopqrst".charAt(at % 20).repeat(1 + at / 20)}\n`,
      })),
    );
    expect(report.patterns).toHaveLength(100);
    expect(report.inOtherPatterns).toBe(5900);
    expect(report.failed).toMatchObject({ omitted: 5500 });
    expect(report.failed.commands).toHaveLength(500);
  });
});

describe("what failed and then succeeded", () => {
  it("tells which words of the line changed", () => {
    const report = reportOf([
      { line: "git psuh origin main", status: 1, text: "git: 'psuh' is not a git command. See 'git --help'.\n" },
      { line: "git push origin main", status: 0 },
    ]);
    expect(report.recoveries).toMatchObject({
      count: 1,
      latest: [
        {
          failedLine: "git psuh origin main",
          succeededLine: "git push origin main",
          rule: "git-not-a-command",
          attempts: 1,
          change: "line",
          removed: ["psuh"],
          added: ["push"],
          between: [],
          afterNs: 1e9,
        },
      ],
    });
    expect(report.patterns).toMatchObject([{ recovered: 1 }]);
  });

  it("tells what was run between, and how often it was tried", () => {
    const report = reportOf([
      { line: "npm test", status: 1 },
      { line: "npm test", status: 1 },
      { line: "npm install", status: 0 },
      { line: "ls", status: 0 },
      { line: "npm test", status: 0 },
    ]);
    expect(report.recoveries.latest).toMatchObject([
      {
        failedLine: "npm test",
        attempts: 2,
        change: "between",
        between: ["npm install", "ls"],
        removed: [],
        added: [],
      },
    ]);
  });

  it("tells that nothing changed", () => {
    const report = reportOf([
      { line: "curl http://localhost/", status: 7 },
      { line: "curl http://localhost/", status: 0 },
    ]);
    expect(report.recoveries.latest).toMatchObject([{ change: "nothing" }]);
  });

  it("takes a mistyped program for the same one", () => {
    const report = reportOf([
      { line: "gti commit -m x", status: 127 },
      { line: "git commit -m x", status: 0 },
    ]);
    expect(report.recoveries.latest).toMatchObject([{ removed: ["gti"], added: ["git"] }]);
  });

  it.each([
    ["another program", ["cat a", "ls a"]],
    ["another task", ["git push", "git commit"]],
    ["the same with another object", ["python3 -m doctest -v", "python3 -m unittest -v"]],
    ["a line that has little in common", ["cp a b c d", "cp -r x y"]],
    ["one that comes too late", ["npm test", ..."abcdefghij", "npm test"]],
  ])("is not %s", (_, [failed, ...others]) => {
    const runs = [{ line: failed, status: 1 }, ...others.map((line) => ({ line, status: 0 }))];
    expect(reportOf(runs).recoveries.count).toBe(0);
  });

  it("is looked for in the same shell only", () => {
    const report = reportOf([
      { line: "make", status: 2, depth: 1 },
      { line: "ssh build", status: 0 },
      { line: "make", status: 0 },
    ]);
    expect(report.recoveries.count).toBe(0);
  });
});

it("a shell with commands of its own is not judged: its status is that of its last one", () => {
  const report = reportOf([
    { line: "make", status: 2, depth: 1 },
    { line: "bash", status: 2, depth: 0 },
  ]);
  expect(report.commands).toMatchObject({ total: 2, failed: 1, shells: 1 });
});

describe("the error rate in time", () => {
  const day = (number: number) => BigInt(Date.UTC(2026, 0, 1, 12) + number * 86_400_000) * 1_000_000n;

  function overDays(days: readonly number[]) {
    const analyzer = new ErrorAnalyzer();
    for (const number of days) {
      analyzer.session({ ...SESSION, header: { ...SESSION.header, startTime: day(number) } });
      analyzer.command(commandOf({ line: "make", status: 2 }, 0), undefined);
      analyzer.command(commandOf({ line: "make", status: 0 }, 1), undefined);
    }
    return analyzer.report().overTime;
  }

  it("is by day", () => {
    expect(overDays([0, 0, 61])).toMatchObject({
      unit: "day",
      buckets: [
        { start: "2026-01-01", commands: 4, failed: 2, rate: 0.5 },
        { start: "2026-03-03", commands: 2, failed: 1 },
      ],
    });
  });

  it("is by week, from Monday, where there are more days", () => {
    expect(overDays([0, 3, 4, 62])).toMatchObject({
      unit: "week",
      buckets: [{ start: "2025-12-29", commands: 4 }, { start: "2026-01-05" }, { start: "2026-03-02" }],
    });
  });

  it("is by month where there are more weeks", () => {
    expect(overDays([0, 30, 31, 400])).toMatchObject({
      unit: "month",
      buckets: [{ start: "2026-01-01", commands: 4 }, { start: "2026-02-01" }, { start: "2027-02-01" }],
    });
  });
});

const anyRun = fc.record({
  line: fc.constantFrom("make", "make all", "npm test", "gti x", "git x", "grep a b", "cat c", undefined),
  status: fc.constantFrom(0, 0, 1, 2, 127, 130, undefined),
  depth: fc.constantFrom(0, 0, 0, 1),
  text: fc.constantFrom(
    ...["", "ok\n", "main.c:4:18: error: ‘totl’ undeclared\n", "bash: gti: command not found\n", "hm\n"],
    ...["a.c:1:1: error: ‘x’ undeclared\n", "cat: c: No such file or directory\n"],
  ),
});

it("parts of several add up to what one would have said", () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyRun, { maxLength: 20 }), { maxLength: 6 }), fc.nat(6), (sessions, cut) => {
      const whole = new ErrorAnalyzer();
      const parts = [new ErrorAnalyzer(), new ErrorAnalyzer()];
      sessions.forEach((runs, at) => {
        const startTime = SESSION.header.startTime + BigInt(at) * 3_600_000_000_000n;
        const session = { name: `${at}`, header: { ...SESSION.header, startTime } };
        tell(whole, runs, session);
        tell(parts[at < cut ? 0 : 1] as ErrorAnalyzer, runs, session);
      });
      const sum = new ErrorAnalyzer();
      for (const part of parts) sum.add(structuredClone(part.part()));
      expect(sum.report()).toEqual(whole.report());
      expect(JSON.parse(JSON.stringify(whole.report(), (_, value) => value ?? null))).toBeDefined();
    }),
  );
});
