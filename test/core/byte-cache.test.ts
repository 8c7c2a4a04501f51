import { expect, it } from "vitest";
import { ByteCache } from "../../src/core/index.js";

it("a cache bounded in bytes lets go what was not used for the longest time, and keeps nothing larger than itself", () => {
  const cache = new ByteCache<string, string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  expect(cache.get("a")).toBe("A");
  cache.set("c", "C", 4);
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.bytes]).toEqual(["A", undefined, "C", 8]);
  cache.set("d", "D", 11);
  expect([cache.has("d"), cache.bytes]).toEqual([false, 8]);
  cache.set("a", "A2", 1);
  expect([cache.get("a"), cache.bytes]).toEqual(["A2", 5]);
});
