// What the CLI sees of the world: streams and environment, handed to main so that tests can run commands in process.
import type { Readable, Writable } from "node:stream";
import { systemCode } from "../core/index.js";

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly fd?: number };

/** The world of one run. */
export interface CliIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The path of the terminal that sessions are attached to; the one that controls this process by default. */
  readonly tty?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of another exit status than 0 as soon as it is known: who reads the output may go away before the end. */
  readonly onStatus?: (status: number) => void;
  /** Version of t2a. */
  readonly version: string;
  /** The folder of the built command, where the programs of other threads and processes are. */
  readonly programs: URL;
}

/**
 * The process's own streams. A reader of the output that goes away (`| head -1`) ends the program quietly, an output that
 * cannot be written ends it with a line; messages that cannot be written end nothing, least of all a recording.
 */
export function processIo(): CliIo {
  let status = 0;
  process.stderr.on("error", () => {}); // there is nowhere left to say it
  process.stdout.on("error", (error) => {
    if (process.stdout.listenerCount("error") > 1) return; // whoever writes a recording there deals with it
    if (systemCode(error) === "EPIPE") process.exit(status);
    process.stderr.write(`t2a: cannot write standard output: ${systemCode(error) ?? "it failed"}\n`);
    process.exit(1);
  });
  return {
    get stdin() {
      return process.stdin; // opened when first used: touching it makes a terminal's descriptor non-blocking
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onStatus: (value) => {
      status = value;
    },
    version: VERSION,
    programs: new URL("./", import.meta.url), // the bundle puts everything into one folder
  };
}

/** Comes back when the stream takes more. What fails meanwhile is dealt with as {@link processIo} says: nobody listens for it here. */
export async function drained(stream: OutputStream): Promise<void> {
  if (stream.writableNeedDrain) await new Promise<void>((resolve) => stream.once("drain", resolve));
}

/** The version of t2a; a test holds it equal to package.json's. */
export const VERSION = "0.1.0";
