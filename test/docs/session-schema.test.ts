// The published schema of session documents is the one they are held against. `npx vitest run test/docs/session-schema --update`
// writes it anew.
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { sessionSchemaText } from "../store/session-schema.js";

it("docs/session.schema.json is the schema that documents are held against", async () => {
  const path = fileURLToPath(new URL("../../docs/session.schema.json", import.meta.url));
  await expect(sessionSchemaText()).toMatchFileSnapshot(path);
});
