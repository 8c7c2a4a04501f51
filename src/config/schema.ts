// Validation of single settings. Values from the environment are text and are read by the setting's type.
import { z } from "zod";
import { MAX_VARIABLES, parseDuration, parseSize, T2aError, UsageError, VARIABLE_NAME } from "../core/index.js";
import { parseKey } from "./keys.js";
import { SETTINGS, type SettingKey, type SettingSpec } from "./settings.js";

const duration = z
  .union([z.number(), z.string()], { error: "not a duration (use seconds, 2 or 0.5)" })
  .transform((value) => parseDuration(String(value)));
/** Digits are asked for: nothing at all, `false` or an empty list would be taken for 0 otherwise. */
const number = z
  .unknown()
  .transform((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value))
  .pipe(z.number("not a number"));

const TYPES: Readonly<Record<SettingSpec["type"], z.ZodType>> = {
  string: z.string(),
  boolean: z.union([
    z.boolean(),
    z.stringbool({ truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off"] }),
  ]),
  duration,
  number,
  list: z.union([
    z.array(z.string()),
    z.string().transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    ),
  ]),
};

const variableNames = TYPES.list.pipe(
  z
    .array(
      z.string().regex(VARIABLE_NAME, {
        error: ({ input }) => `${JSON.stringify(input)} is no variable's name: letters, digits and _ make one`,
      }),
    )
    .max(MAX_VARIABLES, `at most ${MAX_VARIABLES} names`)
    .transform((names) => [...new Set(names)]),
);

const key = z.string().refine((text) => {
  parseKey(text);
  return true;
});

/** What is applied by itself after each recording must leave the recording: 0 is more often meant as "do not". */
const ALL_WOULD_GO = "must be more than 0, for everything would go: leave it out to delete nothing";

/** Settings whose values are narrower than their type. */
const NARROWER: Readonly<Partial<Record<SettingKey, z.ZodType>>> = {
  "play.speed": number.pipe(z.number().min(0.01).max(1000)),
  "convert.precision": z.enum(["us", "ns"]),
  "record.sync": z.enum(["none", "interval", "always"]),
  "store.prune_older_than": number.pipe(z.number().positive(ALL_WOULD_GO).max(100_000)),
  "store.prune_keep": number.pipe(z.number().int().min(1, ALL_WOULD_GO).max(Number.MAX_SAFE_INTEGER)),
  "store.prune_max_size": z
    .union([z.number(), z.string()])
    .transform((value) => parseSize(String(value)))
    .pipe(z.number().positive(ALL_WOULD_GO)),
  "session.per_holder": number.pipe(z.number().int().min(1).max(1000)),
  "session.size": z.enum(["latest", "smallest", "largest"]),
  "session.max_sessions": number.pipe(z.number().int().min(1, ALL_WOULD_GO).max(Number.MAX_SAFE_INTEGER)),
  "hooks.timeout": duration.pipe(z.number().positive("must be more than 0")),
  "record.pause_key": key,
  "record.marker_key": key,
  "session.prefix_key": key,
  "session.checkpoint_interval": duration.pipe(
    z.number().min(1e9, "must be 1 second at least").max(2e15, "must be at most 23 days"),
  ),
  "session.checkpoint_env": variableNames,
  "session.checkpoint_backups": number.pipe(z.number().int().min(0).max(19)),
};

/**
 * The setting's value of the right type.
 * @throws UsageError `T2A_CONFIG` naming the key and where the value stands.
 */
export function validateSetting(name: SettingKey, value: unknown, origin: string): unknown {
  let problem: string;
  try {
    const result = (NARROWER[name] ?? TYPES[SETTINGS[name].type]).safeParse(value);
    if (result.success) return result.data;
    problem = result.error.issues[0]?.message ?? "not usable";
  } catch (error) {
    if (!(error instanceof T2aError)) throw error;
    problem = error.message;
  }
  throw new UsageError(`${origin}: ${name}: ${problem}`, { code: "T2A_CONFIG" });
}
