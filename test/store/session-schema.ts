// The schema of session documents as text: the source of docs/session.schema.json.
import { z } from "zod";
import { sessionSchema } from "../../src/store/session.js";

/** The text of docs/session.schema.json. */
export function sessionSchemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(sessionSchema, { io: "input" });
  return `${JSON.stringify({ $schema, title: "Session documents of t2a, as a library keeps them", ...rest }, null, 2)}\n`;
}
