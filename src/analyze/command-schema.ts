// The schema of commands as JSON: checks files that come from outside, and is published as docs/commands.schema.json.
// Loaded when a file is checked, not before: the validator costs start-up time.
import { z } from "zod";
import type { CommandJson } from "./command-json.js";

const MAX_NANOS = 1e26;
const count = (description: string) => z.int().min(0).describe(description);
/** Nanoseconds go beyond what z.int takes: a history may span years, and a damaged one whatever 64 bits of milliseconds hold. */
const nanos = (description: string) =>
  z
    .number()
    .min(-MAX_NANOS)
    .max(MAX_NANOS)
    .refine(Number.isInteger, "not a whole number")
    .meta({ type: "integer", description });
const text = (description: string) => z.string().nullable().describe(description);

/** Whoever counts by shell holds something for each; recordings have a few dozen at most. */
const MAX_DEPTH = 1000;

const ISO_TIME = /^[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

const output = z.object({
  firstEvent: count("number, from 0, of the first event of the recording that holds some of the output"),
  lastEvent: count("number of the last such event"),
  startByte: count("bytes of output in the recording before it"),
  endByte: count("bytes of output in the recording up to its end"),
});

const command = z.object({
  line: text("what was run, several lines where several were typed"),
  cwd: text("the folder it was run in"),
  user: text("who ran it"),
  host: text("where it ran"),
  exitStatus: z.int().nullable().describe("its exit status; null: still running, or not told"),
  signal: text("name of the signal that a status above 128 stands for"),
  startNs: nanos(
    "when it began: nanoseconds since the recording's start, of a history since its first entry (negative where its clock went back)",
  ),
  durationNs: nanos("nanoseconds it took").min(0).nullable(),
  timeToFirstOutputNs: nanos("nanoseconds until it printed something").min(0).nullable(),
  outputBytes: count("bytes it printed"),
  outputLines: count("line feeds among them"),
  output: output.nullable().describe("where in the recording its output is"),
  source: z
    .enum(["marks", "inferred", "history"])
    .describe("what told of it: marks of the shell, what was typed and echoed, or a history file"),
  trusted: z.boolean().describe("the recorder knew that the shell itself wrote the marks"),
  depth: count("shells between the recorded one and the one it was run in").max(MAX_DEPTH),
  startedAt: z
    .string()
    .regex(ISO_TIME, "not a time as 2026-01-31T12:00:00.000Z")
    .refine((value) => !Number.isNaN(Date.parse(value)), "not a time that exists")
    .nullable()
    .describe("wall time at which it began, ISO 8601, UTC"),
  recording: text("the recording as it was named; null for histories"),
  number: count("its number in the recording, from 1, as t2a output takes it; absent in histories").optional(),
}) satisfies z.ZodType<CommandJson>;

/** An array of commands. Keys that it does not name are let pass: later versions may have more. */
const COMMANDS_SCHEMA = z.array(command);

/** The text of docs/commands.schema.json. */
export function schemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(COMMANDS_SCHEMA, { io: "input" });
  const title = "Commands of terminal recordings, as t2a commands --json and t2a import-history print them";
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** What is wrong with a value that should be a command; undefined where it is one. */
export function commandProblem(value: unknown): string | undefined {
  const issue = command.safeParse(value).error?.issues[0];
  if (issue === undefined) return undefined;
  const path = issue.path.join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
