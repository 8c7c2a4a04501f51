// The command line's entry: parses arguments, runs one command, turns errors into one line and an exit status.
// Exit statuses: 0 done, 1 failure, 2 usage; `record --return` gives the recorded command's.
import { CommanderError } from "commander";
import { systemCode, T2aError, UsageError } from "../core/index.js";
import { createContext } from "./context.js";
import { errorText } from "./error-text.js";
import { type CliIo, processIo } from "./io.js";
import { createProgram } from "./program.js";
import { closeReferences } from "./references.js";

export { processIo };

/** Runs t2a with the given arguments (without the program's name). Gives the exit status; never throws. */
export async function main(argv: readonly string[], io: CliIo = processIo()): Promise<number> {
  let status = 0;
  const context = createContext(io, (value) => {
    status = value;
    io.onStatus?.(value);
  });
  try {
    await createProgram(context).parseAsync([...argv], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed help or its message
    return isReaderGone(error) ? status : await reportError(error, io);
  } finally {
    await closeReferences(context);
  }
}

/** The reader of the output has all it wanted. */
function isReaderGone(error: unknown): boolean {
  return systemCode(error) === "EPIPE" || (error instanceof T2aError && error.details.systemCode === "EPIPE");
}

async function reportError(error: unknown, io: CliIo): Promise<number> {
  // Messages quote what recordings and other people's files say: never raw to a terminal.
  const { visibleText } = await import("../terminal/index.js");
  const text = errorText(error);
  const line = error instanceof T2aError ? text : `internal error: ${text} (T2A_DEBUG=1 shows where)`;
  io.stderr.write(`t2a: ${visibleText(line.replaceAll("\n", " "), { maxLength: 2000 })}\n`);
  if (io.env.T2A_DEBUG && error instanceof Error) {
    for (const place of (error.stack ?? "").split("\n")) io.stderr.write(`${visibleText(place)}\n`);
  }
  return error instanceof UsageError ? 2 : 1;
}
