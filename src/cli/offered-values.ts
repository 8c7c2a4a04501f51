// Options and arguments whose values a shell offers though they are no fixed choice: templates by name, limits by the beginning.
import { Argument, Option } from "commander";
import { addWord, parseWord } from "./parse.js";

/** Those that `t2a template complete` prints, or words. */
export type OfferedValues = "template" | readonly string[];

/** Names of limits as options and templates have them: as of src/session, which is not loaded for help. */
export const LIMIT_WORDS = [
  ...["cpu_time", "memory", "processes", "open_files", "file_size", "wall_time", "idle_time", "output_rate"],
  "recording_size",
] as const;

const OFFERED = new WeakMap<Argument | Option, OfferedValues>();

/** `--template NAME`. */
export function templateOption(description: string): Option {
  return offering(new Option("--template <name>", description).argParser(parseWord), "template");
}

/** `--limit NAME=VALUE`, once for each; checked by `parseLimits`. */
export function limitOption(description: string): Option {
  const option = new Option("--limit <name=value>", description).argParser(addWord);
  return offering(
    option,
    LIMIT_WORDS.map((word) => `${word}=`),
  );
}

/** The name of a template. */
export function templateArgument(name: string, description: string): Argument {
  return offering(new Argument(name, description), "template");
}

/** What a shell offers; undefined where it is not of these. */
export function offeredValues(of: Argument | Option): OfferedValues | undefined {
  return OFFERED.get(of);
}

function offering<T extends Argument | Option>(of: T, values: OfferedValues): T {
  OFFERED.set(of, values);
  return of;
}
