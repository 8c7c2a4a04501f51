// Option values that several commands share, from text.
import { Argument } from "commander";
import { UsageError } from "../core/index.js";

/** An argument that is one of these words, for completion to offer; the command itself says so where it is none. */
export function oneOf(name: string, description: string, words: readonly string[]): Argument {
  return Object.assign(new Argument(name, description), { argChoices: [...words] });
}

/**
 * A playback speed.
 * @throws UsageError outside 0.01 to 1000.
 */
export function parseSpeed(text: string): number {
  const speed = Number(text);
  if (text.trim() === "" || !(speed >= 0.01 && speed <= 1000))
    throw new UsageError(`not a speed: "${text}" (0.01 to 1000)`);
  return speed;
}

/** `80x24`, `80x` or `x24`: the named dimensions in cells. */
export function parseWindowSize(text: string): { readonly cols?: number; readonly rows?: number } {
  const match = /^([0-9]{1,5})?x([0-9]{1,5})?$/.exec(text);
  const cols = match?.[1] === undefined ? undefined : Number(match[1]);
  const rows = match?.[2] === undefined ? undefined : Number(match[2]);
  if (
    match === null ||
    (cols === undefined && rows === undefined) ||
    cols === 0 ||
    rows === 0 ||
    (cols ?? 1) > 65_535 ||
    (rows ?? 1) > 65_535
  ) {
    throw new UsageError(`not a window size: "${text}" (use 80x24, 80x or x24)`);
  }
  return { ...(cols === undefined ? {} : { cols }), ...(rows === undefined ? {} : { rows }) };
}
