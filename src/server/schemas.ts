// What the API takes and gives, as schemas: requests are checked by them, docs/openapi.json is made of them. Each that has a name there is
// in `apiSchemas`. Bounds are for memory and sense; what a value means is the manager's to judge.
import { z } from "zod";
import { MAX_INPUT, MAX_REFERENCE, STOP_MODES } from "../session/client/index.js";
import {
  type AgentStats,
  type AttachOptions,
  type CheckpointInfo,
  type ClientInfo,
  type HandoffOptions,
  type JsonObject,
  type JsonValue,
  type LineageEntry,
  type ManagerStats,
  type NewSessionConfig,
  type ResumeOptions,
  type RunResult,
  type Scrollback,
  type SessionInfo,
  type SessionListFilter,
  type SessionSummary,
  type SessionUsage,
  STATE_SCOPES,
  type StatePlace,
  sessionLimitsSchema,
  type WaitConditions,
  type WaitResult,
} from "../session/index.js";
import { SESSION_STATUSES } from "../store/index.js";
import { sessionSchema } from "../store/session.js";

/** Names of schemas in the API's document. */
export const apiSchemas = z.registry<{ readonly id: string }>();

function named<T extends z.ZodType>(id: string, schema: T): T {
  apiSchemas.add(schema, { id });
  return schema;
}

/** Holds a schema to have every property that is wished for: one that is new in the contract must not be lost on its way. */
function complete<T>() {
  return <S extends z.ZodObject>(schema: S & (keyof T extends keyof z.output<S> ? unknown : never)): S => schema;
}

const word = z.string().min(1).max(4096);
const text = z.string().max(64 * 1024);
const cells = z.int().min(1).max(65_535);
const count = z.int().min(0);
const moment = z.iso.datetime();
const ulid = z.string().max(64);
/** In a query all values are text. */
const flag = z.stringbool({ truthy: ["true", "1"], falsy: ["false", "0"], case: "sensitive" });
const queryCells = z.coerce.number().pipe(cells);

/** JSON. */
export const jsonValue = named("JsonValue", z.json()) as z.ZodType<JsonValue>;
const jsonObject = z.record(z.string().max(1024), jsonValue) as z.ZodType<JsonObject>;

/** A session's id, the beginning of one, its name, `@last`. */
export const referenceSchema = z.string().min(1).max(MAX_REFERENCE);
/** The path of a session. */
export const sessionParams = z.strictObject({ reference: referenceSchema });
/** The path of a client of a session. */
export const clientParams = sessionParams.extend({ clientId: word });

const environment = z.record(
  z
    .string()
    .min(1)
    .max(4096)
    .regex(/^[^=\0]+$/, "is no name of a variable"),
  z
    .string()
    .max(1024 * 1024)
    .regex(/^[^\0]*$/, "holds a NUL"),
);
const argument = z
  .string()
  .max(1024 * 1024)
  .regex(/^[^\0]*$/, "holds a NUL");

/** @see NewSessionConfig */
export const newSessionSchema = named(
  "NewSession",
  z.strictObject({
    name: word.optional(),
    command: argument.optional(),
    argv: z.array(argument).min(1).max(10_000).optional(),
    cwd: argument.optional(),
    env: environment.optional(),
    cols: cells.optional(),
    rows: cells.optional(),
    keepsSize: z.boolean().optional(),
    template: word.optional(),
    limits: sessionLimitsSchema.optional(),
    tags: z.array(word).max(1000).optional(),
    recording: z
      .strictObject({
        captureInput: z.boolean().optional(),
        captureEnv: z.array(word).max(1000).optional(),
        shellIntegration: z.boolean().optional(),
      })
      .optional(),
    agent: z.strictObject({ name: word, purpose: text.optional(), context: jsonObject.optional() }).optional(),
    parent: ulid.optional(),
  }),
) satisfies z.ZodType<NewSessionConfig>;
complete<NewSessionConfig>()(newSessionSchema);

/** @see SessionInfo */
export const sessionInfoSchema = named(
  "Session",
  sessionSchema.extend({
    live: z
      .object({
        pid: count,
        holderPid: count,
        cols: cells,
        rows: cells,
        recordingId: ulid,
        isRecording: z.boolean(),
        clients: count,
        outputBytes: count,
        lastOutputAt: moment.optional(),
        title: z.string().optional(),
        cwd: z.string().optional(),
        commandLine: z.string().optional(),
        warnings: z.array(z.string()),
      })
      .optional(),
    isSettling: z.boolean().optional(),
    notes: z.array(z.string()).optional(),
  }),
) as z.ZodType<SessionInfo>;

/** All of a list. */
export const sessionsSchema = z.object({ sessions: z.array(sessionInfoSchema) });

/** @see SessionListFilter */
export const listQuery = z.strictObject({
  isLive: flag.optional(),
  agent: word.optional(),
  tag: word.optional(),
  pastStatus: z.enum(SESSION_STATUSES).optional(),
  limit: z.coerce.number().pipe(count.max(1_000_000)).optional(),
}) satisfies z.ZodType<SessionListFilter>;
complete<SessionListFilter>()(listQuery);

/** A new name. */
export const renameSchema = z.strictObject({ name: word });
/** A marker. */
export const markSchema = z.strictObject({ label: text });

/** @see AttachOptions */
export const attachQuery = z.strictObject({
  cols: queryCells,
  rows: queryCells,
  isReadOnly: flag.optional(),
  label: z.string().max(256).optional(),
}) satisfies z.ZodType<AttachOptions>;
complete<AttachOptions>()(attachQuery);

/** What an attached client says in text. */
export const attachClientMessageSchema = named(
  "AttachClientMessage",
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("resize"), cols: cells, rows: cells }),
    z.strictObject({ type: z.literal("detach") }),
  ]),
);

/** @see ClientInfo */
export const clientInfoSchema = named(
  "Client",
  z.object({
    clientId: z.string(),
    label: z.string(),
    cols: cells,
    rows: cells,
    isReadOnly: z.boolean(),
    hasKeyboard: z.boolean(),
    attachedAt: moment,
  }),
) satisfies z.ZodType<ClientInfo>;
/** All of a list. */
export const clientsSchema = z.object({ clients: z.array(clientInfoSchema) });
/** Who may type. */
export const keyboardSchema = z.strictObject({ hasKeyboard: z.boolean() });

/** What is typed: bytes in base64, or text. */
export const inputSchema = z
  .strictObject({
    data: z
      .base64()
      .max(Math.ceil(MAX_INPUT / 3) * 4)
      .optional(),
    text: z.string().max(MAX_INPUT).optional(),
    who: z.string().max(256).optional(),
  })
  .refine(({ data, text: typed }) => (data === undefined) !== (typed === undefined), "data or text, one of the two");
/** A size in cells. */
export const sizeSchema = z.strictObject({ cols: cells, rows: cells });

/** A screen; its dump in base64. */
export const screenSchema = named(
  "Screen",
  z.object({
    cols: cells,
    rows: cells,
    lines: z.array(z.string()),
    cursor: z.object({ col: count, row: count, isVisible: z.boolean() }),
    title: z.string(),
    dump: z.base64(),
  }),
);

/** How much of the scrollback. */
export const scrollbackQuery = z.strictObject({ lines: z.coerce.number().int().min(0).max(1e9).optional() });

/** @see Scrollback */
export const scrollbackSchema = named(
  "Scrollback",
  z.object({ lines: z.array(z.string()), styled: z.array(z.string()) }),
) satisfies z.ZodType<Scrollback>;

/** @see WaitConditions */
export const waitSchema = z.strictObject({
  text: z.string().max(4096).optional(),
  idleMs: z.number().min(0).max(1e12).optional(),
  exit: z.boolean().optional(),
  prompt: z.boolean().optional(),
  timeoutMs: z.number().min(0).max(1e12).optional(),
}) satisfies z.ZodType<WaitConditions>;
complete<WaitConditions>()(waitSchema);
/** @see WaitResult */
export const waitResultSchema = z.object({
  reason: z.enum(["text", "idle", "exit", "prompt", "timeout", "ended"]),
  match: z.string().optional(),
  exitStatus: z.int().optional(),
}) satisfies z.ZodType<WaitResult>;

/** A command line to run. */
export const runSchema = z.strictObject({ line: text });
/** @see RunResult */
export const runResultSchema = z.object({
  line: z.string(),
  exitStatus: z.int().optional(),
  durationNs: count,
  output: z.string(),
  isCut: z.boolean(),
}) satisfies z.ZodType<Omit<RunResult, "exitStatus">>;
/** A signal's name. */
export const killSchema = z.strictObject({ signal: z.string().max(32).optional() });

/** @see SessionUsage */
export const usageSchema = z.object({
  sessions: z.array(
    named(
      "Usage",
      z.object({
        id: ulid,
        name: z.string(),
        cpuPercent: z.number(),
        memoryBytes: z.number(),
        processes: count,
        outputRate: z.number(),
        outputBytes: count,
        clients: count,
        lastOutputAt: moment.optional(),
      }),
    ) as z.ZodType<SessionUsage>,
  ),
});

/** @see CheckpointInfo */
export const checkpointSchema = named(
  "Checkpoint",
  z.object({
    number: count,
    createdAt: moment,
    reason: z.string(),
    recordingId: ulid,
    timeNs: count,
    events: count,
    cwd: z.string().optional(),
    commandLine: z.string().optional(),
    isDamaged: z.boolean(),
  }),
) satisfies z.ZodType<CheckpointInfo>;
/** All of a list. */
export const checkpointsSchema = z.object({ checkpoints: z.array(checkpointSchema) });

/** @see ResumeOptions */
export const resumeSchema = z.strictObject({
  rerun: z.boolean().optional(),
  cols: cells.optional(),
  rows: cells.optional(),
  env: environment.optional(),
}) satisfies z.ZodType<ResumeOptions>;
complete<ResumeOptions>()(resumeSchema);

/** An agent's new session. */
export const spawnSchema = z.strictObject({
  agent: word,
  purpose: text,
  context: jsonObject.optional(),
  config: newSessionSchema.optional(),
});
const handoffOptions = z.strictObject({
  context: jsonObject.optional(),
  purpose: text.optional(),
  isLive: z.boolean().optional(),
  staysOpen: z.boolean().optional(),
  config: newSessionSchema.optional(),
}) satisfies z.ZodType<HandoffOptions>;
complete<HandoffOptions>()(handoffOptions);
/** A handoff: to whom, and how. */
export const handoffSchema = handoffOptions.extend({ agent: word });

/** @see LineageEntry */
const lineageEntrySchema = named(
  "LineageEntry",
  z.object({
    id: ulid,
    name: z.string(),
    agent: z.string().optional(),
    status: z.enum(SESSION_STATUSES),
    purpose: z.string().optional(),
    depth: count,
    parent: ulid.optional(),
    formerAgents: z.array(z.string()).optional(),
  }),
) as z.ZodType<LineageEntry>;
/** A line of descent. */
export const lineageSchema = z.object({ lineage: z.array(lineageEntrySchema) });
/** What came of a session. */
export const completeSchema = z.strictObject({ result: jsonValue.optional() });
/** Why a session failed. */
export const failSchema = z.strictObject({ error: text });
/** @see AgentStats */
export const agentStatsSchema = z.object({
  total: count,
  active: count,
  handedOff: count,
  completed: count,
  failed: count,
  durations: z.object({ totalNs: z.number(), meanNs: z.number(), longestNs: z.number() }),
}) satisfies z.ZodType<AgentStats>;
/** @see SessionSummary */
export const summarySchema = z.object({
  completed: z.array(lineageEntrySchema),
  current: z.array(lineageEntrySchema),
  failed: z.array(lineageEntrySchema),
  filesChanged: z.array(z.string()),
}) satisfies z.ZodType<SessionSummary>;

/** The path of a value of state. */
export const stateParams = z.strictObject({ key: z.string().max(4096) });
/** @see StatePlace */
export const stateQuery = z.strictObject({
  scope: z.enum(STATE_SCOPES).optional(),
  session: referenceSchema.optional(),
}) satisfies z.ZodType<StatePlace>;
complete<StatePlace>()(stateQuery);
/** A value to keep. */
export const stateValueSchema = z.strictObject({ value: jsonValue });
/** A value that is kept; absent where there is none. */
export const stateFoundSchema = z.object({ value: jsonValue.optional() });
/** Whether there was a value. */
export const stateDeletedSchema = z.object({ wasSet: z.boolean() });
/** All values of a scope. */
export const stateListSchema = z.object({ values: jsonObject });

/** What the daemon says of itself. */
export const aboutSchema = named(
  "Daemon",
  z.object({
    protocol: count,
    oldestProtocol: count,
    pid: count,
    version: z.string(),
    startedAt: moment,
    sessions: count,
    clients: count,
    holders: z.array(z.object({ pid: count, sessions: count })),
    problems: z.array(z.string()).optional(),
    store: z.string().optional(),
  }),
) satisfies z.ZodType<ManagerStats>;
/** What becomes of sessions when the daemon ends. */
export const stopSchema = z.strictObject({ sessions: z.enum(STOP_MODES).default("refuse") });

/** An error, whatever the status. */
export const errorSchema = named(
  "Error",
  z.object({
    error: z.object({
      name: z.string(),
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), jsonValue),
    }),
  }),
);
const version = { v: z.literal(1) };
/** What an attached client is told in text. */
export const attachServerMessageSchema = named(
  "AttachServerMessage",
  z.discriminatedUnion("type", [
    z.object({ ...version, type: z.literal("attached"), clientId: z.string(), session: sessionInfoSchema }),
    z.object({ type: z.literal("screen"), cols: cells, rows: cells }),
    z.object({ type: z.literal("resize"), cols: cells, rows: cells }),
    z.object({ type: z.literal("session"), session: sessionInfoSchema }),
    z.object({ type: z.literal("exit"), exitStatus: z.int(), signal: z.string().optional() }),
    z.object({ type: z.literal("detached"), reason: z.string() }),
    errorSchema.extend({ type: z.literal("error") }),
  ]),
);
