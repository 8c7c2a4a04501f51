// What t2a analyze prints as JSON, as a schema: the source of docs/analyze.schema.json, and what outputs are checked against.
import { z } from "zod";

/** Nanoseconds and bytes go beyond what z.int takes. */
const whole = (description?: string) => {
  const schema = z.number().min(0).refine(Number.isInteger, "not a whole number");
  return schema.meta({ type: "integer", ...(description === undefined ? {} : { description }) });
};
const nanos = (description?: string) =>
  whole(description === undefined ? "nanoseconds" : `${description}, nanoseconds`);
const share = (description: string) => z.number().min(0).max(1).describe(description);
const time = (description: string) => z.iso.datetime().nullable().describe(`${description}, ISO 8601; null: not known`);
const text = (description: string) => z.string().nullable().describe(description);

const quantiles = (of: string) =>
  z
    .strictObject({
      count: whole("values"),
      average: whole(),
      p50: whole("half of the values are not greater, within 1 percent"),
      p90: whole(),
      p95: whole(),
      p99: whole(),
      max: whole(),
    })
    .nullable()
    .describe(`${of}; null: no value`);

const tally = {
  count: whole("how often"),
  failed: whole("of them: ended with another status than 0"),
  ended: whole("of them: with a known duration"),
  runningNs: nanos("the sum of these durations"),
};
const distinct = z.strictObject({
  count: whole(),
  isExact: z.boolean().describe("false: estimated, right within 3 percent nineteen times of twenty"),
});
const histogram = z.strictObject({ step: nanos("length of a step"), bytes: z.array(whole()) });

const commands = z.strictObject({
  sessions: z.strictObject({
    recordings: whole(),
    histories: whole(),
    withoutCommands: whole("recordings in which no command was found"),
    undated: whole("sessions that do not say when they began"),
    totalNs: nanos("length of all recordings"),
    averageNs: nanos("average length of a recording"),
    first: time("when the first session began"),
    last: time("when the last session began"),
    longest: z.array(
      z.strictObject({
        name: z.string(),
        startedAt: time("when it began"),
        durationNs: nanos(),
        commands: whole(),
        failed: whole(),
      }),
    ),
  }),
  totals: z.strictObject({
    commands: whole(),
    withoutLine: whole("commands whose line is not known"),
    trusted: whole("proven to be the shell's own by the recorder"),
    inferred: whole("found without marks of a shell"),
    outputBytes: whole(),
    distinctLines: distinct,
    distinctPrograms: distinct,
    distinctDirectories: distinct,
    runningNs: nanos("all durations; a shell's time is that of the commands in it"),
  }),
  success: z.strictObject({
    succeeded: whole("status 0"),
    failed: whole("another status"),
    bySignal: whole("of the failed: by a signal"),
    unknown: whole("their end was not told"),
    rate: share("succeeded of succeeded and failed").nullable(),
  }),
  durations: quantiles("durations of commands, nanoseconds"),
  programs: z.array(z.strictObject({ program: z.string(), ...tally })),
  lines: z.array(z.strictObject({ line: z.string(), ...tally })),
  directories: z.array(z.strictObject({ cwd: z.string(), ...tally })),
  missed: z
    .strictObject({ programs: whole(), lines: whole(), directories: whole() })
    .describe("how much any count of these lists may be too low"),
  slowest: z.array(
    z.strictObject({
      line: text("what was run"),
      cwd: text("the folder it was run in"),
      durationNs: nanos(),
      exitStatus: z.int().nullable(),
      signal: text("name of the signal that ended it"),
      session: z.string(),
      startNs: z.number().describe("in its session, nanoseconds"),
      startedAt: time("when it began"),
    }),
  ),
  when: z
    .strictObject({
      timeZone: z.string(),
      undated: whole("commands in sessions that do not say when they began"),
      byHour: z.array(whole()).length(24),
      byWeekday: z.array(whole()).length(7).describe("from Monday on"),
      byWeekdayAndHour: z.array(z.array(whole()).length(24)).length(7),
      byDay: z.array(z.strictObject({ day: z.string(), commands: whole(), failed: whole(), runningNs: nanos() })),
    })
    .describe("commands by the local clock of who made the report"),
  sequences: z.array(z.strictObject({ lines: z.array(z.string()), count: whole() })),
  retried: z
    .array(z.strictObject({ line: z.string(), count: whole(), failedAgain: whole() }))
    .describe("lines run again right after they had failed"),
});

const telling = z.strictObject({
  line: whole("number of the line, from 1, in the command's output"),
  text: z.string(),
  rule: z.string().optional().describe("absent: a guess"),
  family: z.string().optional(),
  says: z.string().describe("what it says, in words"),
  weight: z.number(),
  isGuess: z.boolean(),
});
const failedCommand = z.strictObject({
  line: text("what was run"),
  cwd: text("the folder it was run in"),
  exitStatus: z.int().nullable(),
  signal: text("name of the signal that ended it"),
  durationNs: nanos().nullable(),
  source: z.enum(["marks", "inferred", "history"]),
  session: z.string(),
  startNs: z.number(),
  startedAt: time("when it began"),
  telling: z.array(telling).describe("the lines of its output that tell, the most telling first"),
  isCut: z.boolean().describe("its output was longer than what was looked at"),
});
const commandList = z.strictObject({ commands: z.array(failedCommand), omitted: whole("how many more there were") });
const seen = z.strictObject({ session: z.string(), startNs: z.number(), startedAt: time("when") });

const errors = z.strictObject({
  commands: z.strictObject({
    total: whole(),
    succeeded: whole(),
    failed: whole("another status than 0, answers and interruptions left out"),
    bySignal: whole("of the failed"),
    answered: whole("their status is an answer: grep found nothing"),
    interrupted: whole("by ctrl-C and the like"),
    unknown: whole(),
    suspected: whole("of the unknown: with output that looks like an error"),
    succeededWithErrors: whole("of the succeeded: with output that looks like an error"),
    shells: whole("shells with commands of their own: not judged"),
  }),
  rate: share("failed of failed, succeeded and answered").nullable(),
  failed: commandList,
  suspected: commandList,
  succeededWithErrors: commandList,
  families: z.array(z.strictObject({ family: z.string(), count: whole() })),
  patterns: z
    .array(
      z.strictObject({
        rule: text("null: no rule knew a line"),
        family: text("kind of error"),
        pattern: z.string().describe("the line without what differs"),
        example: z.string(),
        count: whole(),
        failed: whole(),
        programs: z.array(z.string()),
        recovered: whole("that succeeded soon after"),
        first: seen,
        last: seen,
      }),
    )
    .describe("errors that are alike"),
  inOtherPatterns: whole(),
  overTime: z.strictObject({
    timeZone: z.string(),
    unit: z.enum(["day", "week", "month"]),
    buckets: z.array(
      z.strictObject({ start: z.string(), commands: whole(), failed: whole(), rate: share("failed of commands") }),
    ),
    undated: whole(),
  }),
  recoveries: z.strictObject({
    count: whole(),
    latest: z.array(
      z.strictObject({
        failedLine: z.string(),
        succeededLine: z.string(),
        exitStatus: z.int().nullable(),
        rule: text("of its most telling line"),
        says: text("what it said"),
        attempts: whole("how often it failed until then"),
        change: z.enum(["line", "between", "nothing"]),
        removed: z.array(z.string()),
        added: z.array(z.string()),
        between: z.array(z.string()),
        afterNs: nanos(),
        session: z.string(),
        startNs: z.number(),
        startedAt: time("when it failed"),
      }),
    ),
    omitted: whole(),
  }),
});

const performance = z.strictObject({
  recordings: whole(),
  events: whole(),
  time: z.strictObject({
    totalNs: nanos(),
    activeNs: nanos("all that is not idle"),
    idleNs: nanos("in gaps longer than the threshold"),
    waitingNs: nanos("of the idle time: while a command ran that shows no full screen"),
    idleThresholdNs: nanos(),
    fullScreenNs: nanos("while the alternate buffer was shown"),
  }),
  output: z.strictObject({
    bytes: whole(),
    bytesPerActiveSecond: whole().nullable(),
    perSecond: quantiles("bytes in each second with output"),
    overTime: histogram.describe("since each recording's beginning, all added"),
  }),
  latency: z.strictObject({
    recordingsWithInput: whole(),
    keyToEcho: quantiles("nanoseconds from a key to the first output"),
    unansweredKeys: whole("keys without output within the idle threshold"),
    enterToOutput: quantiles("nanoseconds from enter to the first output that is more than the line's end"),
    commandToOutput: quantiles("nanoseconds from a command's start to its first output"),
  }),
  gaps: z.array(z.strictObject({ session: z.string(), startNs: nanos(), durationNs: nanos() })),
  bursts: z.strictObject({
    leastBytes: whole(),
    pauseNs: nanos("the longest pause in a burst"),
    count: whole(),
    largest: z.array(z.strictObject({ session: z.string(), startNs: nanos(), durationNs: nanos(), bytes: whole() })),
  }),
});

const task = z.strictObject({
  task: z.string().describe("a program and what it is told to do"),
  count: whole(),
  failed: whole(),
  failureRate: share("failed of all"),
  runningNs: nanos("time one waited for it"),
});
const insight = z.strictObject({
  frequentTasks: z.array(task),
  failingTasks: z.array(task),
  failing: z.strictObject({ leastCount: whole(), leastRate: share("from which a task is listed") }),
  productiveHours: z.array(
    z.strictObject({ hour: z.int().min(0).max(23), commands: whole(), succeeded: whole(), share: share("of all") }),
  ),
  suggestions: z.array(
    z
      .strictObject({
        kind: z.enum(["retried", "not-found", "elevated", "failing", "sequence", "alias", "waiting", "unnoticed"]),
        text: z.string(),
        figure: z.string().describe("what the value is, in words"),
        value: z.number().describe("not below the threshold"),
        threshold: z.number(),
        unit: z.enum(["count", "ns", "share"]),
      })
      .refine(({ value, threshold }) => value >= threshold, "below its threshold"),
  ),
});

const outcome = z.enum(["completed", "failed", "unfinished"]);
const tasks = z.strictObject({
  counts: z.strictObject({
    total: whole("runs of tasks"),
    completed: whole(),
    failed: whole(),
    unfinished: whole("their recording has no end of them"),
  }),
  durations: quantiles("nanoseconds that they took"),
  totalNs: nanos("all of them together"),
  tasks: z.array(
    z.strictObject({
      task: z.string().describe("what it is called, else its command"),
      command: z.string().describe("as it was run last"),
      runs: whole(),
      failed: whole(),
      unfinished: whole(),
      totalNs: nanos("all runs that ended"),
      longestNs: nanos(),
      last: outcome.describe("how the last run went"),
      lastStartedAt: time("when the last run began"),
    }),
  ),
  others: whole("runs of tasks that are not in the list"),
  runs: z.array(
    z.strictObject({
      session: z.string(),
      task: text("what it is called; null: nothing"),
      command: z.string(),
      status: outcome,
      exitStatus: z.number().nullable(),
      signal: text("the signal that ended it; null: none"),
      durationNs: nanos().nullable(),
      error: text("why it failed; null: it did not"),
      startNs: nanos(),
      startedAt: time("when it began"),
    }),
  ),
  omitted: whole("earlier runs"),
});

/** The whole; nothing may be in an output that it does not name. */
export const ANALYSIS_SCHEMA = z.strictObject({
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  targets: z.array(z.string()),
  since: time("the first moment that was asked for"),
  until: time("the first moment that was not asked for any more"),
  files: z.strictObject({
    analyzed: whole("files read to their end"),
    outside: whole("of other times than were asked for"),
    undated: whole("do not say when they began, and a time was asked for"),
    problems: z.array(
      z.strictObject({
        name: z.string(),
        code: text("an error code of docs/errors.md"),
        message: z.string().describe("what came before the damage is in the reports"),
      }),
    ),
  }),
  tasks: tasks.optional().describe("where tasks were recorded: t2a run"),
  commands,
  errors,
  performance,
  insight,
});

/** The text of docs/analyze.schema.json. */
export function analysisSchemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(ANALYSIS_SCHEMA, { io: "input" });
  return `${JSON.stringify({ $schema, title: "Reports on terminal recordings, as t2a analyze --format json prints them", ...rest }, null, 2)}\n`;
}
