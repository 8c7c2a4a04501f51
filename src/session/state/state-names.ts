// The documents of a store that state is in.
import { createHash } from "node:crypto";

/** Values of the whole store. */
export const APP_STATE = "state.app";
const USER_STATE = "state.user.";
/** Longer ones are told by their hash. */
const MAX_NAME = 80;

/** Values of a user, whose name may be anything. */
export function userStateName(user: string): string {
  const escaped = [...Buffer.from(user.normalize("NFC"))]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[0-9a-z-]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
  if (escaped.length <= MAX_NAME) return `${USER_STATE}${escaped}`;
  return `${USER_STATE}.${createHash("sha256").update(user).digest("hex")}`;
}
