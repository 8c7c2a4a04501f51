// scripts/check-floors.mjs: finds what is planted, and does not pass by looking at nothing.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Checks a folder: its status, its violations, its last line. */
function check(folder: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}scripts/check-floors.mjs`, folder], {
    encoding: "utf8",
  });
  return {
    status,
    violations: stderr
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .sort(),
    summary: stdout.trim(),
  };
}

/** A small project of the same shape, with the given modules. */
function project(modules: Readonly<Record<string, string>>): string {
  const path = tempDir();
  cpSync(`${root}tsconfig.json`, path("tsconfig.json"));
  for (const [name, text] of Object.entries({
    "formats/index.ts": "export {};\n",
    "src/core/index.ts": "export {};\n",
    ...modules,
  })) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  }
  return path(".");
}

describe("check-floors", () => {
  it("passes this project", () => {
    const { status, violations, summary } = check(root);
    expect(violations).toEqual([]);
    expect(summary).toMatch(/^import floors: [1-9][0-9]+ modules, 0 violations$/);
    expect(status).toBe(0);
  });

  it("passes a project that keeps to its floors", () => {
    const folder = project({
      "src/core/index.ts": 'export * from "./a.js";\n',
      "src/core/a.ts": "export const a = 1;\n",
      "src/files/index.ts": 'import { a } from "../core/index.js";\nimport "node:fs";\nexport const b = a;\n',
      "formats/index.ts": 'import { b } from "../src/files/index.js";\nexport const c = b;\n',
    });
    expect(check(folder)).toEqual({ status: 0, violations: [], summary: "import floors: 4 modules, 0 violations" });
  });

  it("finds an import of a higher floor, be it of types alone", () => {
    const folder = project({
      "src/core/index.ts": 'import type { B } from "../files/index.js";\nexport type A = B;\n',
      "src/files/index.ts": "export type B = 1;\n",
    });
    expect(check(folder)).toMatchObject({
      status: 1,
      violations: [
        "core-is-pure: src/core/index.ts -> src/files/index.ts",
        "floor-0-core: src/core/index.ts -> src/files/index.ts",
      ],
    });
  });

  it("finds every other way round a floor", () => {
    const folder = project({
      "src/core/index.ts": 'import "node:fs";\nimport "./b.js";\n',
      "src/core/b.ts": 'import "./c.js";\n',
      "src/core/c.ts": 'import "./b.js";\n',
      "src/files/index.ts": 'import "../core/b.js";\nimport "./missing.js";\nimport "node:zlib";\n',
      "src/play/index.ts": 'import "../../formats/index.js";\nimport "../files/index.js";\n',
      "src/codec/index.ts": 'import "../files/index.js";\n',
    });
    const { status, violations } = check(folder);
    expect(status).toBe(1);
    expect(violations.map((line) => line.replace(/^only-codec-sees-\S+:/, "only-codec-sees:"))).toEqual(
      expect.arrayContaining([
        "core-is-pure: src/core/index.ts -> fs",
        "face-core: src/files/index.ts -> src/core/b.ts",
        "floor-1-codec: src/codec/index.ts -> src/files/index.ts",
        "formats-are-given: src/play/index.ts -> formats/index.ts",
        expect.stringMatching(/^no-cycles: src\/core\/[bc]\.ts -> src\/core\/[bc]\.ts$/),
        "only-codec-sees: src/files/index.ts -> zlib",
        expect.stringMatching(/^resolvable: src\/files\/index\.ts -> \S*missing\.js$/),
      ]),
    );
  });

  it("fails where it has seen fewer modules than there are", () => {
    const folder = project({ "src/core/node_modules/hidden/index.ts": 'import "../../../../formats/index.js";\n' });
    expect(check(folder)).toMatchObject({ status: 1, violations: ["only 2 of 3 source files were looked at"] });
  });

  it("fails where there is no project", () => {
    expect(check(tempDir()(".")).status).toBe(1);
  });
});
