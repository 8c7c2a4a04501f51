// Losses: counts per kind, told in words.
import { describe, expect, it } from "vitest";
import { LOSS_KINDS, Losses, type LossKind } from "../../src/core/index.js";

describe("Losses", () => {
  it("says nothing where nothing was lost", () => {
    const losses = new Losses();
    losses.add("input", 0);
    expect(losses.table()).toEqual({});
    expect(losses.describe()).toBe("");
  });

  it("adds up each kind and tells them in the order they came", () => {
    const losses = new Losses();
    losses.add("exit");
    losses.add("input");
    losses.add("input", 2);
    losses.add("invalidUtf8", 7);
    expect(losses.table()).toEqual({ exit: 1, input: 3, invalidUtf8: 7 });
    expect(losses.describe()).toBe("1 exit status, 3 input events, 7 bytes that are not UTF-8");
  });

  it("gives a table of its own each time", () => {
    const losses = new Losses();
    const before = losses.table();
    losses.add("meta");
    expect(before).toEqual({});
  });

  it.each(Object.entries(LOSS_KINDS))("has words for one and for many of %s", (kind, [one, many]) => {
    const losses = new Losses();
    losses.add(kind as LossKind); // a key of LOSS_KINDS
    expect(losses.describe()).toBe(`1 ${one}`);
    losses.add(kind as LossKind);
    expect(losses.describe()).toBe(`2 ${many}`);
  });
});
