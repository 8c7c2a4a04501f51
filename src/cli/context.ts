// What every command is given: the world, the settings, and the three ways of saying something.
import type { LoadedSettings } from "../config/index.js";
import type { CliIo } from "./io.js";

/** The surroundings of one command. */
export interface CommandContext {
  readonly io: CliIo;
  /** Loaded at first use. */
  settings(): Promise<LoadedSettings>;
  /** A line of the command's result, on standard output. */
  print(text: string): void;
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
      settings ??= import("../config/index.js").then(({ loadSettings }) => loadSettings(io.env));
      return settings;
    },
    print: (text) => void io.stdout.write(`${text}\n`),
    info: (text) => void io.stderr.write(`::: ${text}\n`),
    warn: (text) => void io.stderr.write(`!!! ${text}\n`),
    exit: setStatus,
  };
}
