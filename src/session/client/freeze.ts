// Values that nobody changes.
import type { JsonValue } from "../session-info.js";

/** The same value, frozen through and through. */
export function freeze<T extends JsonValue | undefined>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part as JsonValue);
  return value;
}
