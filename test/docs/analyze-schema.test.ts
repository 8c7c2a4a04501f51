// The published schema of reports says what is printed. `npx vitest run test/docs/analyze-schema --update` writes it anew.
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { analysisSchemaText } from "../analyze/report-schema.js";

it("docs/analyze.schema.json is the schema that outputs are checked against", async () => {
  const path = fileURLToPath(new URL("../../docs/analyze.schema.json", import.meta.url));
  await expect(analysisSchemaText()).toMatchFileSnapshot(path);
});
