// Runs the command line in process, with streams that are kept: what a test sees is what a user would.
import { PassThrough, Readable, Writable } from "node:stream";
import { main } from "../../src/cli/main.js";

/** Where the build puts the programs of other threads. */
export const PROGRAMS = new URL("../../dist/cli/", import.meta.url);

/** What a run printed and how it ended. */
export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

/** What a run is given. */
export interface CliOptions {
  readonly stdin?: Uint8Array | string | AsyncIterable<Uint8Array>;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard error (and output) claim to be a terminal. */
  readonly tty?: boolean;
  /** The path of a terminal that the command sits at: its streams claim to be that. */
  readonly terminal?: string;
  /** Where the programs of other processes are; those of the build by default. */
  readonly programs?: URL;
}

/** Runs `t2a ...args`. The environment holds nothing but what is given and a HOME without settings. */
export async function runCli(
  args: readonly string[],
  { stdin = "", env = {}, terminal, tty = terminal !== undefined, programs = PROGRAMS }: CliOptions = {},
): Promise<CliResult> {
  const out = new Sink(tty);
  const err = new Sink(tty);
  const status = await main(args, {
    stdin: Object.assign(toStream(stdin), terminal === undefined ? {} : { isTTY: true }),
    ...(terminal === undefined ? {} : { tty: terminal }),
    stdout: out,
    stderr: err,
    env: {
      HOME: "/nonexistent",
      PATH: process.env.PATH ?? "",
      XDG_CONFIG_DIRS: "/nonexistent",
      XDG_DATA_HOME: process.env.XDG_DATA_HOME,
      ...env,
    },
    version: "0.1.0",
    programs,
  });
  return { status, stdout: out.text(), stdoutBytes: out.bytes(), stderr: err.text() };
}

function toStream(stdin: Uint8Array | string | AsyncIterable<Uint8Array>): Readable {
  if (stdin === "") return new PassThrough().end();
  return Readable.from(typeof stdin === "string" || stdin instanceof Uint8Array ? [Buffer.from(stdin)] : stdin, {
    highWaterMark: 1,
  });
}

class Sink extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  readonly #chunks: Buffer[] = [];

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }
}
