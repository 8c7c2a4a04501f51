// What an agent is told, from the command line: a file of JSON, and options that go before it.
import { resolve } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { JsonObject, JsonValue } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { parseCount } from "../../parse.js";

/** Options of every command that tells an agent something. */
export interface ContextOptions {
  readonly context?: string;
  readonly issue?: number;
  readonly phase?: string;
  readonly worktree?: string;
}

/** A file of more is none, bytes. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Adds the options of {@link ContextOptions} to a command. */
export function addContextOptions(command: Command): Command {
  return command
    .option("--context <file>", "a JSON object that the agent is told; - is standard input")
    .option("--issue <number>", "the issue that is worked on: its issueNumber", parseCount(1))
    .option("--phase <word>", "CodeGeneration, Review, Test, or any other word: its currentPhase")
    .option("--worktree <folder>", "where it works, and starts if that is there: its worktreePath");
}

/** What they say; what it says is checked by who is told. @throws UsageError, StoreError. */
export async function contextOf(
  { context: file, issue, phase, worktree }: ContextOptions,
  context: CommandContext,
): Promise<JsonObject> {
  const told = file === undefined ? {} : await readJsonFile(file, context);
  if (typeof told !== "object" || told === null || Array.isArray(told)) {
    throw new UsageError(`--context ${file}: it holds no JSON object`);
  }
  return {
    ...(told as JsonObject),
    ...(issue !== undefined && { issueNumber: issue }),
    ...(phase !== undefined && { currentPhase: phase }),
    ...(worktree !== undefined && { worktreePath: resolve(worktree) }),
  };
}

/** The JSON in a file, or in standard input for `-`. @throws UsageError where it is none, StoreError where it cannot be read. */
export async function readJsonFile(file: string, { io }: CommandContext): Promise<JsonValue> {
  const { openFileSource, openStreamSource } = await import("../../../files/index.js");
  const source = file === "-" ? openStreamSource("standard input", io.stdin) : await openFileSource(file);
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source.stream()) {
      size += chunk.length;
      if (size > MAX_FILE_BYTES) throw new UsageError(`${source.name}: it has more than ${MAX_FILE_BYTES} bytes`);
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${source.name}: it holds no JSON`, { cause: error });
  } finally {
    await source.close();
  }
}
