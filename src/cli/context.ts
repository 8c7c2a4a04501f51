// What every command is given: the world, the settings, and the three ways of saying something.
import type { LoadedSettings } from "../config/index.js";
import { UsageError } from "../core/index.js";
import type { CliIo } from "./io.js";

/** The surroundings of one command. */
export interface CommandContext {
  readonly io: CliIo;
  /** Loaded at first use. */
  settings(): Promise<LoadedSettings>;
  /** A line of the command's result, on standard output. */
  print(text: string): void;
  /** A value as JSON on standard output, safe for terminals. */
  printJson(value: unknown): void;
  /** `::: text` on standard error, as asciinema says such things; nothing when quiet. */
  info(text: string): void;
  /** `!!! text` on standard error; also when quiet. */
  warn(text: string): void;
  /** Sets the exit status where a command ends neither well nor with an error. */
  exit(status: number): void;
}

/** Creates the context of one run of main. */
export function createContext(io: CliIo, setStatus: (status: number) => void): CommandContext {
  let settings: Promise<LoadedSettings> | undefined;
  return {
    io,
    settings: () => {
      settings ??= import("../config/index.js").then(({ loadSettings }) => loadSettings(io.env)).then(checkFormat);
      return settings;
    },
    print: (text) => void io.stdout.write(`${text}\n`),
    printJson: (value) => void io.stdout.write(`${safeJson(value, 2)}\n`),
    info: (text) => void io.stderr.write(`::: ${text}\n`),
    warn: (text) => void io.stderr.write(`!!! ${text}\n`),
    exit: setStatus,
  };
}

/** What the settings cannot check themselves, being below the formats; formats are loaded only where one is named. */
async function checkFormat(loaded: LoadedSettings): Promise<LoadedSettings> {
  const name = loaded.values["record.format"];
  if (name === undefined) return loaded;
  const { getFormat } = await import("../../formats/index.js");
  try {
    getFormat(name);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${loaded.origins["record.format"]}: record.format: ${error.message}`, { code: "T2A_CONFIG" });
  }
  return loaded;
}

/** What JSON leaves as it is but terminals act on: C1 controls, line separators, bidirectional overrides. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A value as JSON, safe for terminals, on one line or indented. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
