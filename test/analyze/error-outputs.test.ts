// Real outputs, of commands that failed and of commands that did not: how many the rules get right without knowing which is which.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_FAMILIES, STRONG_WEIGHT, tellingLines } from "../../src/analyze/index.js";

interface Output {
  readonly id: string;
  readonly line: string;
  readonly exitStatus: number;
  /** What a rule should say it is; null where the command did not fail, or its output does not say why. */
  readonly family: string | null;
  readonly output: string;
}

const LISTS = ["first", "second", "third"] as const;
const byList = new Map(LISTS.map((list) => [list, read(list)]));
const outputs = [...byList.values()].flat();

function read(list: string): readonly Output[] {
  const text = readFileSync(new URL(`../../fixtures/outputs/${list}.ndjson`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((row) => JSON.parse(row) as Output);
}

/** A telling line is right where the command failed and the family is the expected one. */
function measure(rows: readonly Output[], minWeight: number): { precision: number; recall: number } {
  const told = rows.flatMap((row) => {
    const [best] = tellingLines(row.output, { minWeight });
    return best === undefined ? [] : [{ row, best }];
  });
  const right = told.filter(({ row, best }) => row.exitStatus !== 0 && best.family === row.family).length;
  return { precision: right / told.length, recall: right / rows.filter(({ family }) => family !== null).length };
}

describe("the outputs", () => {
  it("are more than 200, small, and of both kinds", () => {
    const failed = outputs.filter(({ exitStatus }) => exitStatus !== 0).length;
    expect(failed).toBeGreaterThanOrEqual(110);
    expect(outputs.length - failed).toBeGreaterThanOrEqual(90);
    expect(Math.max(...outputs.map(({ output }) => Buffer.byteLength(output)))).toBeLessThanOrEqual(8192);
    expect(new Set(outputs.map(({ id }) => id)).size).toBe(outputs.length);
  });

  it("expect families that there are, and none of commands that succeeded", () => {
    const families = new Set<string | null>([...ERROR_FAMILIES, null]);
    expect(outputs.filter(({ family }) => !families.has(family)).map(({ id }) => id)).toEqual([]);
    expect(outputs.filter(({ exitStatus, family }) => exitStatus === 0 && family !== null).map(({ id }) => id)).toEqual(
      [],
    );
  });

  it("name no other folder than that of an imagined user", () => {
    const named = outputs.filter(({ line, output }) => /\/home\/(?!me\b|\w+:)|\/tmp\/h|\/work\//.test(line + output));
    expect(named.map(({ id }) => id)).toEqual([]);
  });
});

describe("strong rules, on outputs of which it is not known whether they failed", () => {
  it("are right nine times of ten, and find nine of ten", () => {
    const { precision, recall } = measure(outputs, STRONG_WEIGHT);
    expect(precision).toBeGreaterThanOrEqual(0.9);
    expect(recall).toBeGreaterThanOrEqual(0.9);
  });

  it.each(LISTS)("are right nine times of ten in the %s list alone", (list) => {
    expect(measure(byList.get(list) ?? [], STRONG_WEIGHT).precision).toBeGreaterThanOrEqual(0.9);
  });
});

it("all rules, on outputs of commands that are known to have failed, are right nine times of ten", () => {
  const failed = outputs.filter(({ exitStatus, family }) => exitStatus !== 0 && family !== null);
  const { precision, recall } = measure(failed, 1);
  expect(precision).toBeGreaterThanOrEqual(0.9);
  expect(recall).toBeGreaterThanOrEqual(0.9);
});
