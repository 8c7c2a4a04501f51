// Surroundings of a command, for tests of the parts that commands are made of.
import { PassThrough, Readable } from "node:stream";
import { type CommandContext, createContext } from "../../src/cli/context.js";
import { PROGRAMS } from "../support/run-cli.js";

/** A context whose standard error is kept; `tty` makes it a terminal. */
export function worldOf({ stdin = "", tty = false }: { readonly stdin?: string; readonly tty?: boolean } = {}): {
  readonly context: CommandContext;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly status: () => number | undefined;
} {
  const texts = { out: "", err: "" };
  const [stdout, stderr] = (["out", "err"] as const).map((name) => {
    const stream = Object.assign(new PassThrough(), { isTTY: tty, columns: 80 });
    stream.on("data", (chunk: Buffer) => {
      texts[name] += chunk;
    });
    return stream;
  });
  if (stdout === undefined || stderr === undefined) throw new Error("no streams");
  let status: number | undefined;
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    env: { HOME: "/nonexistent" },
    version: "0",
    programs: PROGRAMS,
  };
  const context = createContext(io, (value) => {
    status = value;
  });
  return { context, stdout: () => texts.out, stderr: () => texts.err, status: () => status };
}
