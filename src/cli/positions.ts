// What positions on a command line mean in a recording.
import { type Position, UsageError } from "../core/index.js";
import type { CommandContext } from "./context.js";
import { durationOf, type InputOptions } from "./input.js";

/**
 * Gives what tells a position's nanoseconds; a percentage needs the duration, which only an index or reading the whole recording
 * tells.
 * @throws UsageError for a percentage of standard input.
 */
export async function positionReader(
  input: string,
  positions: readonly (Position | undefined)[],
  options: InputOptions,
  context: CommandContext,
): Promise<(position: Position) => number> {
  let duration = 0;
  if (positions.some((position) => position !== undefined && "fraction" in position)) {
    if (input === "-") throw new UsageError("a position in % needs a file: standard input cannot be read twice");
    duration = await durationOf(input, options, context);
  }
  return (position) => ("nanos" in position ? position.nanos : Math.round(position.fraction * duration));
}
