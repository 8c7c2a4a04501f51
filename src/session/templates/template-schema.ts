// What a template may say. Keys are written as in config.toml, with underscores; what is not known is refused.
import { z } from "zod";
import { NANOS_PER_SECOND, parseDuration, parseSize, T2aError } from "../../core/index.js";
import { HOOK_NAMES, type HookName } from "../hooks/hook-names.js";
import { LIMIT_NAMES, LIMITS, type LimitName } from "../limits/limit-names.js";

/** Letters, digits, `.`, `_` and `-`: a template's name is a file's name too. */
export const TEMPLATE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Cells of a terminal's side at most. */
const MAX_CELLS = 10_000;

const name = z.string().regex(TEMPLATE_NAME, "is no name of a template");
const words = z.string().min(1, "is empty").max(4096, "is too long");
const text = z
  .string()
  .min(1, "is empty")
  .max(64 * 1024, "is too long");
/** TOML has booleans that are meant as words here. */
const onOff = z
  .union([z.boolean(), z.enum(["on", "off"])], { error: "is neither on nor off" })
  .transform((value) => value === true || value === "on");

/** `120x40`. */
export const sizeSchema = z
  .string({ error: 'is no size: "120x40" is one' })
  .regex(/^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$/, 'is no size: "120x40" is one')
  .transform((value) => value.split("x").map(Number))
  .refine((sides) => sides.every((side) => side <= MAX_CELLS), `has more than ${MAX_CELLS} cells in a row or column`)
  .transform(([cols = 0, rows = 0]) => ({ cols, rows }));

/** A limit's value as people write it: `512M`, `1h`, 20; null for `none`, which takes away what the template it extends says. */
export function limitSchema(limit: LimitName): z.ZodType<number | null> {
  const { unit } = LIMITS[limit];
  return z.union([z.string(), z.number()], { error: "is neither text nor a number" }).transform((value, context) => {
    if (value === "none") return null;
    try {
      const written = String(value);
      const number =
        unit === "seconds"
          ? Math.ceil(parseDuration(written) / NANOS_PER_SECOND)
          : unit === "bytes"
            ? parseSize(written)
            : Number(written);
      if (Number.isSafeInteger(number) && number >= 1) return number;
      context.addIssue({ code: "custom", message: "is to be a whole number, 1 at least" });
    } catch (error) {
      if (!(error instanceof T2aError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
    return z.NEVER;
  });
}

/** `on_session_start` of onSessionStart. */
export function hookKey(hook: HookName): string {
  return hook.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const program = z
  .union([words.transform((file) => [file]), z.array(z.string().max(64 * 1024)).min(1, "names no program")], {
    error: "is neither a program nor a list of a program and its arguments",
  })
  .refine((list) => list[0] !== "", "names no program");

const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of a variable"),
  z.union([z.string().max(64 * 1024), z.number(), z.boolean()], { error: "is no text" }).transform(String),
);

/** A template as it is written. */
export const templateSchema = z
  .strictObject({
    description: words.optional(),
    extends: name.optional(),
    command: text.optional(),
    argv: z.array(text).min(1, "names no program").max(1000).optional(),
    /** Absolute, or from the home folder on. */
    cwd: words.regex(/^(\/|~(\/|$))/, "is to be absolute, or to begin with ~/").optional(),
    env: variables.optional(),
    size: sizeSchema.optional(),
    limits: z
      .strictObject(Object.fromEntries(LIMIT_NAMES.map((limit) => [LIMITS[limit].word, limitSchema(limit).optional()])))
      .optional(),
    recording: z
      .strictObject({
        capture_input: z.boolean().optional(),
        capture_env: z.array(words).max(1000).optional(),
        shell_integration: z.boolean().optional(),
      })
      .optional(),
    tags: z.array(words).max(100).optional(),
    redaction: onOff.optional(),
    hooks: z.strictObject(Object.fromEntries(HOOK_NAMES.map((hook) => [hookKey(hook), program.optional()]))).optional(),
  })
  .refine(({ command, argv }) => command === undefined || argv === undefined, {
    message: "stands beside command: only one of the two can be started",
    path: ["argv"],
  });
/** @see templateSchema */
export type TemplateTable = z.infer<typeof templateSchema>;

/** What is wrong, and with which key. */
export interface TemplateFault {
  readonly key: readonly (string | number)[];
  readonly reason: string;
}

/** A template's table, checked, or the first thing that is wrong with it. */
export function checkTemplate(table: unknown): { readonly table: TemplateTable } | { readonly fault: TemplateFault } {
  const { success, data, error } = templateSchema.safeParse(table);
  if (success) return { table: data };
  return { fault: firstFault(error) };
}

/** The first problem of a validation. */
export function firstFault(error: z.ZodError): TemplateFault {
  const issue = error.issues[0];
  if (issue === undefined) return { key: [], reason: "is not usable" };
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys") return { key: [...path, issue.keys[0] ?? ""], reason: "is no known key" };
  if (issue.code === "invalid_key") return { key: path, reason: issue.issues[0]?.message ?? "is no name" };
  return { key: path, reason: issue.message.replace(/^Invalid (input|option): /, "") };
}
