// What a live target can take back: clearing, and going away when the others are complete.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openFileTarget } from "../../src/files/index.js";
import { tempDir } from "../support/temp-dir.js";

const bytes = (text: string) => new TextEncoder().encode(text);

it("clears a file and writes on from its beginning", async () => {
  const path = tempDir();
  const target = openFileTarget(path("live"), { mode: "live" });
  target.write(bytes("one two three"));
  target.clear?.();
  expect(readFileSync(path("live"), "utf8")).toBe("");
  target.write(bytes("four"));
  await target.commit();
  target.clear?.();
  expect(readFileSync(path("live"), "utf8")).toBe("four");
});

it("clears what it wrote and nothing that stood there before, and makes an old file its owner's alone", async () => {
  const path = tempDir();
  writeFileSync(path("live"), "before ", { mode: 0o644 });
  const appending = openFileTarget(path("live"), { mode: "append" });
  appending.write(bytes("more"));
  appending.clear?.();
  await appending.commit();
  expect(readFileSync(path("live"), "utf8")).toBe("before ");
  const replacing = openFileTarget(path("live"), { mode: "live", overwrite: true });
  replacing.clear?.();
  replacing.write(bytes("new"));
  await replacing.commit();
  expect([readFileSync(path("live"), "utf8"), statSync(path("live")).mode & 0o777]).toEqual(["new", 0o600]);
});

it("removes an unwanted sibling on commit, and keeps it when that does not come", async () => {
  const path = tempDir();
  for (const end of ["commit", "abort"] as const) {
    const target = openFileTarget(path(end), { mode: "live" });
    const journal = target.sibling(`${end}-journal`);
    target.write(bytes("all"));
    journal.write(bytes("some"));
    journal.removeOnCommit?.();
    expect(existsSync(path(`${end}-journal`))).toBe(true);
    await target[end]();
    expect([existsSync(path(end)), existsSync(path(`${end}-journal`))]).toEqual([true, end === "abort"]);
  }
});
