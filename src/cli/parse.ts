// Option values that several commands share, from text.
import { Argument, InvalidArgumentError } from "commander";
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

/**
 * Milliseconds since 1970 of a date or a moment (`2026-03-01`, `2026-03-01T14:00`), local where it names no zone.
 * @throws InvalidArgumentError where it is none, or a day that does not exist.
 */
export function parseMoment(text: string): number {
  const isDay = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text);
  const isMoment =
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$/.test(
      text,
    );
  const ms = isDay || isMoment ? Date.parse(isDay ? `${text}T00:00` : text.replace(" ", "T")) : Number.NaN;
  // The 31st of February would be taken for the 3rd of March.
  if (Number.isNaN(ms) || new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().slice(0, 10) !== text.slice(0, 10))
    throw new InvalidArgumentError("It must be a date or a moment: 2026-03-01 or 2026-03-01T14:00.");
  return ms;
}

/** A name or another word. @throws InvalidArgumentError where it is empty. */
export function parseWord(word: string): string {
  if (word === "") throw new InvalidArgumentError("It must not be empty.");
  return word;
}

/** The words of an option that may be given again, with one more. @throws InvalidArgumentError where it is empty. */
export function addWord(word: string, words: readonly string[] = []): readonly string[] {
  return [...words, parseWord(word)];
}

/** A whole number. @throws InvalidArgumentError for anything else, and below `min`. */
export function parseCount(min: number): (text: string) => number {
  return (text) => {
    const count = /^[0-9]{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count >= min)) throw new InvalidArgumentError(`It must be a whole number, ${min} or more.`);
    return count;
  };
}
