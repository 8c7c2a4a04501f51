// What comes in, held against its schema.
import type { z } from "zod";
import { UsageError } from "../core/index.js";

/** The value, checked. @throws UsageError which names the place. */
export function check<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  let result: z.ZodSafeParseResult<T>;
  try {
    result = schema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${place}: it is too deep`); // the stack is
    throw error;
  }
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = [place, ...(issue?.path ?? [])].join(".");
  throw new UsageError(`${at}: ${issue?.message ?? "it is wrong"}`, { details: { place: at } });
}
