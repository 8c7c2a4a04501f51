// What an agent is told when its session begins: a JSON object in which some keys are known, and anything else may stand beside them.
import { isAbsolute } from "node:path";
import { z } from "zod";
import { UsageError } from "../../core/index.js";
import type { JsonObject } from "../session-info.js";

/** The usual phases of work on an issue. Others are as good: a phase is a free word. */
export const AGENT_PHASES = [
  "IssueAnalysis",
  "TaskDecomposition",
  "WorktreeCreation",
  "CodeGeneration",
  "Review",
  "Test",
  "PullRequest",
  "CICD",
  "Merge",
] as const;

/** Bytes of a context as JSON, at most; levels within each other, and values in all. */
export const MAX_CONTEXT_BYTES = 256 * 1024;
const MAX_DEPTH = 64;
const MAX_VALUES = 50_000;
/** What t2a itself says in the file of a context stands there. */
export const CONTEXT_OWN_KEY = "t2a";
const MAX_NAME = 200;
const MAX_PURPOSE = 16 * 1024;
/** Of a word or a path no control character is a part. */
const CONTROL = /\p{Cc}/u;

const word = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .refine((text) => !CONTROL.test(text) && text.trim() !== "", "must be a word without control characters");

/** @see AgentContext */
export const agentContextSchema = z
  .object({
    /** Number of the issue that is worked on. */
    issueNumber: z.int().min(1).optional(),
    /** One of {@link AGENT_PHASES}, or any other word. */
    currentPhase: word.optional(),
    /** Absolute; the folder that is worked in. It need not be there yet. */
    worktreePath: z
      .string()
      .max(4096)
      .refine((path) => isAbsolute(path) && !CONTROL.test(path), "must be an absolute path")
      .optional(),
    /** What came out of the work before this. */
    previousResults: z.union([z.array(z.json()).max(1000), z.record(z.string().max(1024), z.json())]).optional(),
  })
  .catchall(z.json());
/** What an agent is told. */
export type AgentContext = JsonObject & {
  readonly issueNumber?: number;
  readonly currentPhase?: string;
  readonly worktreePath?: string;
};

/**
 * Holds what comes from outside against the schema, and against its bounds.
 * @throws UsageError that names the place.
 */
export function parseAgentContext(value: unknown): AgentContext {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("", "is no JSON object");
  if (Object.hasOwn(value, CONTEXT_OWN_KEY)) throw wrong(CONTEXT_OWN_KEY, "is t2a's own: choose another key");
  checkDepth(value, "the context");
  const result = agentContextSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw wrong(issue?.path.map(String).join(".") ?? "", issue?.message ?? "is wrong");
  }
  const json = JSON.stringify(result.data);
  if (Buffer.byteLength(json) > MAX_CONTEXT_BYTES) throw wrong("", `is larger than ${MAX_CONTEXT_BYTES} bytes`);
  return JSON.parse(json) as AgentContext;
}

/** @throws UsageError where it is no name of an agent. */
export function checkAgentName(name: string): void {
  if (word.safeParse(name).success) return;
  throw new UsageError(`an agent's name is a word of 1 to ${MAX_NAME} characters, without control characters`);
}

/** @throws UsageError where it is too long. */
export function checkPurpose(purpose: string): void {
  if (purpose.length > MAX_PURPOSE) throw new UsageError(`a purpose has at most ${MAX_PURPOSE} characters`);
}

/** @throws UsageError where it is no JSON, or more than documents should hold; `what`: with which the message begins. */
export function checkJson(value: unknown, what: string): void {
  checkDepth({ value }, what);
  if (!z.json().safeParse(value).success) throw new UsageError(`${what}: is no JSON`);
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_CONTEXT_BYTES) {
    throw new UsageError(`${what}: is larger than ${MAX_CONTEXT_BYTES} bytes`);
  }
}

/** Schemas go down by themselves: what is too deep or too much must not get there. */
function checkDepth(value: object, what: string): void {
  const waiting: (readonly [value: object, depth: number])[] = [[value, 1]];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [object, depth] = next;
    if (depth > MAX_DEPTH) throw new UsageError(`${what}: has more than ${MAX_DEPTH} levels`);
    for (const [key, inner] of Object.entries(object)) {
      if (++count > MAX_VALUES) throw new UsageError(`${what}: has more than ${MAX_VALUES} values`);
      if (key === "__proto__") throw new UsageError(`${what}: ${key} is no key that can be kept`);
      if (typeof inner === "object" && inner !== null) waiting.push([inner, depth + 1]);
    }
  }
}

function wrong(key: string, reason: string): UsageError {
  const place = key === "" ? "the context" : `the context's ${key.slice(0, 100).replace(/\p{Cc}/gu, "?")}`;
  return new UsageError(`${place}: ${reason}`, { details: { key } });
}
