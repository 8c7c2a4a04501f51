// The screen of a recording that is cut.
import { expect, it } from "vitest";
import { createScreenFold } from "../../src/cli/screen-fold.js";

it("gives the bytes that show the screen, and those that take it back", () => {
  const fold = createScreenFold();
  fold.start(20, 3);
  fold.feed({ kind: "output", time: 0, data: Buffer.from("\x1b[?2004hgone\x1b[2J\x1b[Hkept") });
  fold.feed({ kind: "resize", time: 1, cols: 30, rows: 3 });
  const bytes = Buffer.from(fold.dump()).toString();
  expect(bytes).toContain("kept");
  expect(bytes).not.toContain("gone");
  expect(Buffer.from(fold.reset()).toString()).toContain("\x1b[?2004l");
  fold.end();
  expect(fold.dump()).toHaveLength(0);
});

it("is empty where nothing was folded", () => {
  const fold = createScreenFold();
  expect([...fold.dump(), ...fold.reset()]).toEqual([]);
  fold.end();
});
