// Gathering hits from candidates: one recording does not fill the answer, and what is found does not hang on how they are looked at.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatherHits } from "../../../src/store/search/gather-hits.js";
import type { SearchQuery } from "../../../src/store/search/search.js";

interface Candidate {
  readonly owner: string;
  readonly hits: readonly string[];
}

const QUERY: SearchQuery = { all: [{ text: "x", match: "anywhere" }], none: [], sessions: {} };

async function* each(candidates: readonly Candidate[]) {
  yield* candidates;
}

/** Some of one owner, with a hit each. */
function some(owner: string, count: number): Candidate[] {
  return Array.from({ length: count }, (_, number) => ({ owner, hits: [`${owner}${number}`] }));
}

function gather(candidates: readonly Candidate[], options: { asked?: number; wanted?: number; query?: SearchQuery }) {
  let looks = 0;
  const { asked = 20, wanted = 60, query = QUERY } = options;
  const gathered = gatherHits(each(candidates), {
    ...{ query, asked, wanted, ownerOf: ({ owner }) => owner },
    look: (batch) => {
      looks += batch.length;
      return batch.map(({ hits }) => hits);
    },
  });
  return gathered.then((result) => ({ ...result, looks }));
}

describe("gathering hits", () => {
  test("a recording that has the same thousands of times leaves room for others", async () => {
    const { hits, looks, isCut } = await gather([...some("noisy", 5000), ...some("other", 3)], {});
    expect(hits).toEqual(expect.arrayContaining(["other0", "other1", "other2"]));
    expect(hits.slice(0, 10)).toEqual(some("noisy", 10).flatMap((one) => one.hits));
    expect(hits).toHaveLength(20);
    expect(looks).toBeLessThan(100);
    expect(isCut).toBe(false);
  });

  test("where nobody else has anything, one recording gives all that is asked for", async () => {
    const { hits } = await gather(some("only", 40), { asked: 30 });
    expect(hits).toEqual(some("only", 30).flatMap((one) => one.hits));
  });

  test("a candidate with many hits at once gives no more of them first than others may", async () => {
    const many = { owner: "many", hits: some("many", 64).flatMap((one) => one.hits) };
    const { hits } = await gather([many, ...some("other", 5)], { asked: 20 });
    expect(hits.slice(0, 15)).toEqual([...many.hits.slice(0, 10), ...some("other", 5).flatMap((one) => one.hits)]);
    expect(hits.slice(15)).toEqual(many.hits.slice(10));
  });

  test("of named recordings all is meant", async () => {
    const query = { ...QUERY, recordings: ["01"] };
    const { hits } = await gather([...some("named", 50), ...some("other", 3)], { query });
    expect(hits).toHaveLength(53);
  });

  test("what was put off beyond the bound is said to be cut where it would have been room for", async () => {
    const empty = { owner: "only", hits: [] };
    const { hits, isCut } = await gather([...some("only", 10), ...Array(200).fill(empty), ...some("only", 20)], {});
    expect(hits).toHaveLength(10);
    expect(isCut).toBe(true);
  });

  test("does not hang on how many are looked at together", async () => {
    const candidate = fc.record({
      owner: fc.constantFrom("a", "b", "c"),
      hits: fc.array(fc.string(), { maxLength: 14 }),
    });
    const bounds = fc.record({ asked: fc.integer({ min: 1, max: 40 }), wanted: fc.integer({ min: 40, max: 60 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(candidate, { maxLength: 60 }), bounds, async (candidates, options) => {
        const alone = await gather(candidates, options);
        const together = await gather(candidates, { ...options, query: { ...QUERY, pattern: /x/u } });
        expect(together.hits).toEqual(alone.hits);
        expect(together.isCut).toBe(alone.isCut);
      }),
    );
  });
});
