// What siblings of a live target can do beside being written: being written over, and going away when all is complete.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openFileTarget } from "../../src/files/index.js";
import { tempDir } from "../support/temp-dir.js";

const bytes = (text: string) => new TextEncoder().encode(text);

it("writes over a sibling from its beginning when it is told to, and leaves what it does not reach", async () => {
  const path = tempDir();
  const target = openFileTarget(path("live"), { mode: "live" });
  const sibling = target.sibling("beside");
  sibling.write(bytes("one two three"));
  sibling.rewind?.();
  expect(readFileSync(path("beside"), "utf8")).toBe("one two three");
  sibling.write(bytes("four"));
  sibling.write(bytes(" five"));
  expect(readFileSync(path("beside"), "utf8")).toBe("four fivehree");
  sibling.write(bytes(" and six"));
  await target.commit();
  expect(readFileSync(path("beside"), "utf8")).toBe("four five and six");
});

it("never writes over the file itself", async () => {
  const path = tempDir();
  const target = openFileTarget(path("live"), { mode: "live" });
  target.write(bytes("one"));
  target.rewind?.();
  target.write(bytes(" two"));
  await target.commit();
  expect(readFileSync(path("live"), "utf8")).toBe("one two");
});

it("leaves what stood in a sibling that is continued, and makes one that is replaced its owner's alone", async () => {
  const path = tempDir();
  writeFileSync(path("beside"), "before ", { mode: 0o644 });
  const appending = openFileTarget(path("live"), { mode: "append" });
  const continued = appending.sibling("beside");
  continued.write(bytes("more"));
  continued.rewind?.();
  continued.write(bytes("MORE"));
  await appending.commit();
  expect(readFileSync(path("beside"), "utf8")).toBe("before MORE");
  const replacing = openFileTarget(path("live"), { mode: "live", overwrite: true });
  replacing.sibling("beside").write(bytes("new"));
  await replacing.commit();
  expect([readFileSync(path("beside"), "utf8"), statSync(path("beside")).mode & 0o777]).toEqual(["new", 0o600]);
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

it("syncs a file and its siblings each for itself, and closes none before that is done", async () => {
  const path = tempDir();
  const target = openFileTarget(path("live"), { mode: "live" });
  const sibling = target.sibling("beside");
  for (const file of [target, sibling]) {
    file.write(bytes("some"));
    expect(await file.sync?.()).toBeUndefined();
    file.write(bytes(" more"));
  }
  const last = sibling.sync?.();
  await target.commit();
  await last;
  expect(await target.sync?.()).toBeUndefined();
  expect(readFileSync(path("live"), "utf8")).toBe("some more");
});

it("cannot sync what is no file", async () => {
  const target = openFileTarget("/dev/null", { mode: "live" });
  expect(target.sync).toBeUndefined();
  await target.abort();
});
