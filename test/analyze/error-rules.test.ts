// The table of error rules: each knows its sample, and no line makes it slow.
import { describe, expect, it } from "vitest";
import { ERROR_FAMILIES, ERROR_RULES, type ErrorRule, tellingLines } from "../../src/analyze/index.js";
import { MAX_LINE_UNITS } from "../../src/analyze/text-lines.js";
import { isAnchored, isNestedWithoutBound, parseRegExp, runCounted } from "./counted-regexp.js";

/** Steps for each unit of the longest line: any pattern may pass it some times, none the square of it. */
const MAX_STEPS = 60 * MAX_LINE_UNITS;

describe("the table of error rules", () => {
  it("has names that differ, and a rule for each family", () => {
    expect(ERROR_RULES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ERROR_RULES.map(({ id }) => id)).size).toBe(ERROR_RULES.length);
    expect(new Set(ERROR_RULES.map(({ family }) => family))).toEqual(new Set(ERROR_FAMILIES));
  });

  it.each(ERROR_RULES.map((rule) => [rule.id, rule] as const))("%s knows its own sample best", (id, rule) => {
    const [best] = tellingLines(rule.sample);
    expect(best).toMatchObject({ rule: id, family: rule.family, weight: rule.weight });
    expect(best?.says).toMatch(/\p{L}/u);
    expect(best?.says).not.toMatch(/\$\d/);
  });

  it("names groups that its patterns have", () => {
    for (const { id, says, pattern } of ERROR_RULES) {
      const groups = (new RegExp(`${pattern.source}|`).exec("")?.length ?? 1) - 1;
      const named = [...says.matchAll(/\$(\d)/g)].map(([, number]) => Number(number));
      expect(Math.max(0, ...named), id).toBeLessThanOrEqual(groups);
    }
  });

  it("names no machine, and no other folder than that of an imagined user", () => {
    for (const { id, sample } of ERROR_RULES) {
      expect(sample, id).not.toMatch(/\/root\/|\/tmp\/|\/home\/(?!me\b)|\t {4}/);
      for (const [, host] of sample.matchAll(/https?:\/\/([\w.-]+)/g))
        expect(host, id).toMatch(/^localhost$|(?:^|\.)example\.com$|^api\.github\.com$/);
    }
  });
});

describe("the patterns", () => {
  const patterns = ERROR_RULES.flatMap((rule) =>
    [rule.pattern, rule.head, rule.next, rule.unless]
      .filter((each) => each !== undefined)
      .map((each) => [rule, each] as const),
  );

  it("begin where the line does, and repeat nothing that repeats", () => {
    const trees = patterns.map(([{ id }, pattern]) => ({ id, tree: parseRegExp(pattern) }));
    expect(trees.filter(({ tree }) => !isAnchored(tree)).map(({ id }) => id)).toEqual([]);
    expect(trees.filter(({ tree }) => isNestedWithoutBound(tree)).map(({ id }) => id)).toEqual([]);
  });

  it("are counted as they match: the counting engine finds what the real one finds", () => {
    for (const [{ sample }, pattern] of patterns) {
      for (const line of sample.split("\n"))
        expect(runCounted(parseRegExp(pattern), line, 1e6).found, `${pattern.source} on ${line}`).toBe(
          pattern.test(line),
        );
    }
  });

  it("pass hostile lines a few times at most", () => {
    const slow: string[] = [];
    for (const [rule, pattern] of patterns) {
      const tree = parseRegExp(pattern);
      let worst = { steps: 0, line: "" };
      for (const line of hostileLines(rule)) {
        const { steps } = runCounted(tree, line, 20 * MAX_STEPS);
        if (steps > worst.steps) worst = { steps, line };
      }
      if (worst.steps > MAX_STEPS) slow.push(`${rule.id}: ${worst.steps} steps on ${worst.line.slice(0, 120)}`);
    }
    expect(slow).toEqual([]);
  });
});

/** A line of the rule's sample with pieces of it said over and over, up to the longest line that is looked at. */
function* hostileLines({ sample }: ErrorRule): Generator<string> {
  for (const line of sample.split("\n")) {
    const text = line.slice(0, 120);
    for (let at = 0; at < text.length; at += 2) {
      for (const length of [1, 5]) {
        const piece = text.slice(at, at + length);
        const room = MAX_LINE_UNITS - text.length;
        yield `${text.slice(0, at)}${piece.repeat(Math.max(1, Math.floor(room / piece.length)))}${text.slice(at)}\u0001`.slice(
          0,
          MAX_LINE_UNITS,
        );
      }
    }
  }
}
