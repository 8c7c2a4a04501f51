// A large answer as the text of JSON, in pieces: nobody has to wait while all of it is written.
import { setImmediate } from "node:timers/promises";

/** Items of a list that are written at once. */
const ITEMS = 100;

/** The text of an object. Members that are lists come in pieces, others as one. */
export async function* jsonPieces(value: unknown): AsyncGenerator<string> {
  let separator = "{";
  for (const [key, member] of Object.entries(Object(value))) {
    yield `${separator}${JSON.stringify(key)}:`;
    separator = ",";
    if (!Array.isArray(member) || member.length <= ITEMS) {
      yield JSON.stringify(member);
      continue;
    }
    for (let at = 0; at < member.length; at += ITEMS) {
      yield `${at === 0 ? "[" : ","}${JSON.stringify(member.slice(at, at + ITEMS)).slice(1, -1)}`;
      await setImmediate();
    }
    yield "]";
  }
  yield separator === "{" ? "{}" : "}";
}
