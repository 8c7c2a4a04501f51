// Counters of bounded memory against counters that keep everything.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DistinctCounter } from "../../src/analyze/distinct-counter.js";
import { Greatest } from "../../src/analyze/greatest.js";
import { QUANTILE_ERROR, QuantileSketch } from "../../src/analyze/quantile-sketch.js";
import { TopCounter } from "../../src/analyze/top-counter.js";

const runs = { numRuns: Number(process.env.T2A_FUZZ_RUNS ?? 200) };

/** Values as durations are: of all sizes. */
const value = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 9999 })).map(([e, m]) => m * 10 ** e);

describe("QuantileSketch", () => {
  it("gives percentiles within its error, whatever the values, in one piece or several", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lists, share) => {
          const whole = new QuantileSketch();
          for (const list of lists) {
            const part = new QuantileSketch();
            for (const item of list) part.take(item);
            whole.add(structuredClone(part.part()));
          }
          const sorted = lists.flat().sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
          expect(Math.abs(whole.quantile(share) - exact)).toBeLessThanOrEqual(exact * QUANTILE_ERROR * 1.0001);
          expect(whole.count).toBe(sorted.length);
          expect(whole.sum).toBeCloseTo(
            sorted.reduce((sum, item) => sum + item, 0),
            -3,
          );
        },
      ),
      runs,
    );
  });

  it("knows nothing of no values", () => {
    expect(new QuantileSketch().quantiles).toBeUndefined();
    expect(new QuantileSketch().quantile(0.5)).toBe(0);
  });

  it("stays small", () => {
    const sketch = new QuantileSketch();
    for (let at = 0; at < 100_000; at++) sketch.take(1.0007 ** (at % 53_000));
    expect(sketch.part().buckets.size).toBeLessThan(1900);
  });
});

describe("TopCounter", () => {
  it("is exact as long as nothing is forgotten", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom("a", "b", "c", "__proto__"), fc.boolean(), fc.option(fc.nat(), { nil: undefined })),
        ),
        (list) => {
          const counter = new TopCounter();
          for (const item of list) counter.count(...item);
          for (const { key, count, failed, ended, runningNs } of counter.top(10)) {
            const own = list.filter(([name]) => name === key);
            expect([count, failed, ended, runningNs]).toEqual([
              own.length,
              own.filter(([, hasFailed]) => hasFailed).length,
              own.filter(([, , duration]) => duration !== undefined).length,
              own.reduce((sum, [, , duration = 0]) => sum + duration, 0),
            ]);
          }
          expect(counter.missed).toBe(0);
        },
      ),
      runs,
    );
  });

  it("never counts too much, and too little by no more than it says, also in parts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 60 }).map((number) => Math.floor(number ** 2 / 60))), {
          maxLength: 4,
        }),
        (lists) => {
          const counter = new TopCounter({ keys: 8 });
          for (const list of lists) {
            const part = new TopCounter({ keys: 8 });
            for (const item of list) part.count(String(item));
            counter.add(structuredClone(part.part()));
          }
          const truth = groups(lists.flat());
          for (const [key, count] of truth) {
            const counted = counter.countOf(String(key));
            expect(counted).toBeLessThanOrEqual(count);
            expect(count - counted).toBeLessThanOrEqual(counter.missed);
          }
          expect(counter.size).toBeLessThanOrEqual(16);
        },
      ),
      runs,
    );
  });

  it("keeps its bounds over a million different lines, and what is frequent among them", () => {
    const counter = new TopCounter({ keys: 1000 });
    for (let at = 0; at < 1_000_000; at++) counter.count(at % 100 === 0 ? "frequent" : `line ${at}`);
    expect(counter.size).toBeLessThanOrEqual(2000);
    expect(counter.top(1)).toMatchObject([{ key: "frequent", count: 10_000 }]);
  });

  it("bounds the memory of long keys, and counts them by their beginning", () => {
    const counter = new TopCounter({ keys: 1000, units: 10_000 });
    for (let at = 0; at < 1000; at++) counter.count(`${at} ${"x".repeat(100_000)}`);
    expect(counter.size).toBeLessThan(10);
    const [first] = counter.top(1);
    expect(first?.key.length).toBe(4096);
  });
});

function groups(list: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const item of list) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

describe("DistinctCounter", () => {
  it("is exact for few, in any number of parts", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string())), (lists) => {
        const counter = new DistinctCounter();
        for (const list of lists) {
          const part = new DistinctCounter();
          for (const item of list) part.count(item);
          counter.add(structuredClone(part.part()));
        }
        expect(counter.total).toEqual({ count: new Set(lists.flat()).size, isExact: true });
      }),
      runs,
    );
  });

  it.each([20_000, 300_000])("is right within 3 percent for %d, in parts that have much in common", (count) => {
    const counter = new DistinctCounter();
    for (const [from, to] of [
      [0, 0.6],
      [0.4, 1],
      [0, 1],
    ] as const) {
      const part = new DistinctCounter();
      for (let at = Math.floor(from * count); at < to * count; at++) part.count(`git show ${at.toString(16)}`);
      counter.add(structuredClone(part.part()));
    }
    expect(counter.total.isExact).toBe(false);
    expect(Math.abs(counter.total.count / count - 1)).toBeLessThan(0.03);
    expect(counter.part().hashes.length).toBeLessThan(10_000);
  });
});

describe("Greatest", () => {
  it("keeps what sorting would, those that came first among equals", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat())),
        fc.integer({ min: 1, max: 6 }),
        (list, most) => {
          const greatest = new Greatest<(typeof list)[number]>(most, ([rank]) => rank);
          for (const item of list) greatest.take(item);
          expect(greatest.items).toEqual([...list].sort(([a], [b]) => b - a).slice(0, most));
        },
      ),
      runs,
    );
  });
});
