// What a session says of files that it has lost, beside what it says for itself.
import { expect, it } from "vitest";
import { isRemade, REMADE, withLostNote, withoutLostNotes } from "../../src/library/lost-notes.js";

const file = (name: string) => ({ name, sizeBytes: 7, sha256: "0".repeat(64) });

it("stands in lines of its error, which go when the files come back", () => {
  const one = withLostNote(undefined, file("a.t2r"), "it is missing");
  expect(one).toBe(`lost: a.t2r (7 bytes, SHA-256 ${"0".repeat(64)}): it is missing`);
  const both = withLostNote(withLostNote("exited with status 2", file("a.t2r"), "gone"), file("b.t2r"), "gone");
  expect(both.split("\n")).toHaveLength(3);
  expect(withoutLostNotes(both, new Set(["a.t2r"]))?.split("\n")).toHaveLength(2);
  expect(withoutLostNotes(both, new Set(["a.t2r", "b.t2r"]))).toBe("exited with status 2");
  expect(withoutLostNotes(one, new Set(["a.t2r"]))).toBeUndefined();
  expect(withoutLostNotes(undefined, new Set())).toBeUndefined();
  expect(withLostNote("", file("a.t2r"), "it is missing")).toBe(one);
});

it("is left out where no more would be taken: what stands there is not lost for it", () => {
  const long = "x".repeat(64 * 1024);
  expect(withLostNote(long, file("a.t2r"), "gone")).toBe(long);
  expect(withLostNote(`${long}y`, file("a.t2r"), "gone")).toBe(long);
});

it("tells those of which only recordings were left", () => {
  expect(isRemade({ error: `first\n${REMADE}of its recordings` })).toBe(true);
  expect(isRemade({ error: "first" })).toBe(false);
  expect(isRemade({})).toBe(false);
});
