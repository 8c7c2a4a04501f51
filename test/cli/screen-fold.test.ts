// The screen at a moment, folded from what came before.
import { expect, it } from "vitest";
import { createScreenFold } from "../../src/cli/screen-fold.js";

it("gives the bytes that show the screen, once", () => {
  const fold = createScreenFold();
  fold.start(20, 3);
  fold.feed({ kind: "output", time: 0, data: Buffer.from("gone\x1b[2J\x1b[Hkept") });
  fold.feed({ kind: "resize", time: 1, cols: 30, rows: 3 });
  const bytes = Buffer.from(fold.dump()).toString();
  expect(bytes).toContain("kept");
  expect(bytes).not.toContain("gone");
  expect(fold.dump()).toHaveLength(0);
});

it("is empty where nothing was folded", () => {
  expect(createScreenFold().dump()).toHaveLength(0);
});
