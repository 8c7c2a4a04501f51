// Reading a file of commands, as `t2a commands --json` prints it: bounded, and checked entry by entry.
import { FormatError, type Source } from "../core/index.js";
import type { CommandJson } from "./command-json.js";

/** Bytes of a file of commands at most: it is parsed as a whole. */
export const MAX_COMMANDS_JSON_BYTES = 128 * 1024 * 1024;

/**
 * Reads a file as `t2a commands --json` prints it. The source is not closed by it.
 * @throws FormatError `T2A_FORMAT_LIMIT` where it is larger than `maxBytes`, `T2A_FORMAT_DAMAGED` where it is none; the message
 * names the entry, from 1.
 */
export async function readCommandsJson(
  source: Source,
  { maxBytes = MAX_COMMANDS_JSON_BYTES }: { readonly maxBytes?: number } = {},
): Promise<CommandJson[]> {
  const value = parseJson(await readText(source, maxBytes), source.name);
  const { firstProblem } = await import("./command-schema.js");
  const problem = firstProblem(value);
  if (problem === undefined) return value as CommandJson[];
  const { entry, message } = problem;
  const where = entry === undefined ? "" : `entry ${entry}: `;
  throw damaged(source.name, `${where}${message}`, entry);
}

async function readText(source: Source, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.stream()) {
    size += chunk.length;
    if (size > maxBytes) {
      const message = `${source.name} is no file of commands that can be read: it is larger than ${maxBytes} bytes`;
      throw new FormatError("T2A_FORMAT_LIMIT", message, {
        details: { nextStep: "split it, or convert its recordings one by one" },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(name, cause instanceof Error ? cause.message : "it is no JSON", undefined, cause);
  }
}

function damaged(name: string, problem: string, eventNumber: number | undefined, cause?: unknown): FormatError {
  return new FormatError(
    "T2A_FORMAT_DAMAGED",
    `${name} is no array of commands as t2a commands --json prints it: ${problem}`,
    {
      eventNumber,
      cause,
      details: { nextStep: "make it anew with t2a commands --json" },
    },
  );
}
