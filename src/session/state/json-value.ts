// What state holds: JSON, checked before it is kept and frozen when it is given out, so that nobody changes what another one has.
import { UsageError } from "../../core/index.js";
import type { JsonObject, JsonValue } from "../session-info.js";

/** Characters of a key, and what one value and all of a scope may take as JSON, in bytes of UTF-8. */
export const MAX_KEY_CHARACTERS = 256;
/** @see MAX_KEY_CHARACTERS */
export const MAX_VALUE_BYTES = 64 * 1024;
/** @see MAX_KEY_CHARACTERS */
export const MAX_SCOPE_BYTES = 1024 * 1024;
/** Arrays and objects within each other. */
const MAX_DEPTH = 64;

/** Control and format characters, halves of characters, separators of lines. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Means the prototype to much that copies objects. */
const PROTOTYPE = "__proto__";

/** @throws UsageError `T2A_STATE` where it is no key. */
export function checkKey(key: string): void {
  const length = typeof key === "string" ? [...key].length : 0;
  if (length < 1 || length > MAX_KEY_CHARACTERS || UNPRINTABLE.test(key) || key === PROTOTYPE) {
    throw refused(`a key of state is 1 to ${MAX_KEY_CHARACTERS} printable characters`);
  }
}

/**
 * A frozen copy of a value, as JSON keeps it.
 * @throws UsageError `T2A_STATE` where it is no JSON, or too large.
 */
export function frozenCopy(value: JsonValue): JsonValue {
  checkJson(value, 0);
  const json = JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_VALUE_BYTES) {
    throw refused(`a value of state takes at most ${MAX_VALUE_BYTES / 1024} KB as JSON, and this one ${bytes} bytes`);
  }
  return deepFrozen(JSON.parse(json));
}

/** The same value, frozen in all of its parts: it must be the caller's own. */
export function deepFrozen<Value extends JsonValue>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFrozen(part);
    Object.freeze(value);
  }
  return value;
}

/** What values take as JSON, bytes. */
export function bytesOf(values: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(values));
}

function checkJson(value: unknown, depth: number): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refused("JSON has no NaN and no infinite numbers");
    return;
  }
  if (typeof value !== "object") throw refused(`JSON has no ${typeof value}`);
  if (depth === MAX_DEPTH) throw refused(`a value of state has at most ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    // By index: holes are no JSON either.
    for (let at = 0; at < value.length; at++) checkJson(value[at], depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused("JSON has plain objects and arrays alone");
  for (const [key, part] of Object.entries(value)) {
    if (key === PROTOTYPE) throw refused(`an object of state has no property ${PROTOTYPE}`);
    checkJson(part, depth + 1);
  }
}

function refused(message: string): UsageError {
  return new UsageError(message, { code: "T2A_STATE" });
}
