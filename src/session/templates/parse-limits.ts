// Limits as options say them: `memory=512M`.
import { UsageError } from "../../core/index.js";
import { LIMIT_NAMES, LIMITS, type LimitName } from "../limits/limit-names.js";
import type { SessionLimits } from "../session-limits.js";
import { limitSchema } from "./template-schema.js";

/**
 * Limits of words `NAME=VALUE`, named as in templates: `memory=512M`, `wall_time=1h`, `processes=50`.
 * @throws UsageError naming the word.
 */
export function parseLimits(words: readonly string[]): SessionLimits {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const word of words) {
    const [, key = "", value = ""] = /^([a-z_]+)=(.+)$/.exec(word) ?? [];
    const name = LIMIT_NAMES.find((candidate) => LIMITS[candidate].word === key);
    if (name === undefined) {
      const known = LIMIT_NAMES.map((candidate) => LIMITS[candidate].word).join(", ");
      throw new UsageError(`not a limit: "${word}" (use NAME=VALUE; names are ${known})`);
    }
    const { success, data, error } = limitSchema(name).safeParse(value);
    if (!success || data === null)
      throw new UsageError(`not a limit: "${word}": ${error?.issues[0]?.message ?? "is to be a number"}`);
    limits[name] = data;
  }
  return limits;
}
