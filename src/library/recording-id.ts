// Ids of recordings that have none of their own: made of their content, so that the same recording gets the same again.
import { type Header, NANOS_PER_MS } from "../core/index.js";
import { ULID } from "../store/index.js";

/** Crockford's base 32. https://github.com/ulid/spec */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Milliseconds that a ULID can tell. */
const MAX_MS = 2 ** 48 - 1;

/** The header's own id; undefined where it has none that is one. */
export function ownIdOf({ id }: Header): string | undefined {
  return id !== undefined && ULID.test(id) ? id : undefined;
}

/** A ULID of the header's time, where it has one, and of a SHA-256 in hexadecimal. */
export function idOfContent({ startTime }: Pick<Header, "startTime">, sha256: string): string {
  const ms = startTime === undefined ? -1 : Number(startTime / BigInt(NANOS_PER_MS));
  const hash = BigInt(`0x${sha256}`);
  // The first 48 bits are the time.
  const time = ms >= 0 && ms <= MAX_MS ? BigInt(ms) : (hash >> 80n) & (2n ** 48n - 1n);
  let bits = (time << 80n) | (hash & (2n ** 80n - 1n));
  let text = "";
  for (let digit = 0; digit < 26; digit++) {
    text = `${DIGITS[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return text;
}
