// docs/openapi.json is the API that is served.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/cli/io.js";
import { openApiDocument, openApiText } from "../../src/server/index.js";
import { startApi } from "../server/api-server.js";

describe("docs/openapi.json", () => {
  it("is made of the routes and schemas (node scripts/openapi.mjs writes it)", () => {
    const path = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));
    expect(readFileSync(path, "utf8")).toBe(openApiText(VERSION));
  });

  it("names every schema that it refers to, and each operation once", () => {
    const document = openApiDocument(VERSION);
    const text = JSON.stringify(document);
    const { schemas } = document.components as { schemas: object };
    const referred = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref);
    const there = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
    expect(there).toEqual(expect.arrayContaining(referred));
    const ids = [...text.matchAll(/"operationId":"([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(35);
  });

  it("is what the daemon gives", async () => {
    const { socketPath } = await startApi();
    const text = await new Promise<string>((resolve, reject) => {
      request({ socketPath, path: "/v1/openapi.json" }, async (answer) => {
        let body = "";
        for await (const chunk of answer) body += chunk;
        resolve(body);
      })
        .on("error", reject)
        .end();
    });
    expect(JSON.parse(text)).toEqual(JSON.parse(openApiText("0.1.0")));
  });
});
