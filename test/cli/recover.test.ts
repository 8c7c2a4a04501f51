// t2a recover of damaged files; of unfinished ones in test/library/finalize.test.ts.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeBlocks, flipped, recorded, variedEvents } from "../formats/t2r/damaged-files.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const PARTS = encodeBlocks([0, 1, 2].map((at) => variedEvents(30, 1000).slice(at * 10, at * 10 + 10)));
const WHOLE = Buffer.concat(PARTS);
/** In the second block's frame. */
const DAMAGED = flipped(WHOLE, (PARTS[0]?.length ?? 0) + (PARTS[1]?.length ?? 0) + 50, 1);

function damagedFile(): (name: string) => string {
  const path = tempDir();
  writeFileSync(path("a.t2r"), DAMAGED);
  return path;
}

describe("t2a recover of a damaged file", () => {
  it("writes what is good beside it, in its final form, and says what is lost", async () => {
    const path = damagedFile();
    const { status, stderr } = await runCli(["recover", path("a.t2r")]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/the file is damaged, and stays as it is: a frame's checksum does not hold at byte \d+/);
    expect(stderr).toContain(`saved in ${path("a.recovered.t2r")}: 20 events, `);
    expect(stderr).toMatch(/lost: 1 block, from 10\.0s to 19\.0s, 10 events, \d+ bytes of output/);
    expect(Buffer.compare(readFileSync(path("a.t2r")), DAMAGED)).toBe(0);
    expect(readdirSync(path("."))).toEqual(["a.recovered.t2r", "a.t2r"]);
    const verified = await runCli(["verify", path("a.recovered.t2r")]);
    expect(verified).toMatchObject({ status: 0, stdout: "intact, unsigned\n" });
    const { stdout } = await runCli(["convert", "-q", "-f", "json", path("a.recovered.t2r"), "-"]);
    const gap = { time: 10e9, kind: "custom", code: "t2a.gap" };
    const found = stdout.split("\n").filter((line) => line.includes("t2a.gap"));
    expect(found.map((line) => JSON.parse(line))).toMatchObject([
      { ...gap, data: { reason: "damage", startNs: 10e9, endNs: 19e9, events: 10 } },
    ]);
  });

  it("takes another place for it, never the damaged file's own, and replaces nothing unasked", async () => {
    const path = damagedFile();
    expect((await runCli(["recover", "-q", "-o", path("b.t2r"), path("a.t2r")])).stderr).toBe("");
    const again = await runCli(["recover", "-o", path("b.t2r"), path("a.t2r")]);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("exists")]);
    expect((await runCli(["recover", "-q", "--overwrite", "-o", path("b.t2r"), path("a.t2r")])).status).toBe(0);
    const own = await runCli(["recover", "--overwrite", "-o", path("a.t2r"), path("a.t2r")]);
    expect([own.status, own.stderr]).toEqual([2, expect.stringContaining("is the damaged file")]);
    expect(Buffer.compare(readFileSync(path("a.t2r")), DAMAGED)).toBe(0);
  });

  it("tells a program what was saved and lost", async () => {
    const path = damagedFile();
    const { stdout } = await runCli(["recover", "--json", path("a.t2r")]);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "salvaged",
      output: path("a.recovered.t2r"),
      events: 20,
      durationNs: 29e9,
      damage: { offset: (PARTS[0]?.length ?? 0) + (PARTS[1]?.length ?? 0) },
      lost: [{ startNs: 10e9, endNs: 19e9, events: 10 }],
      warnings: expect.arrayContaining([expect.objectContaining({ code: "truncated" })]),
    });
  });

  it("finds damage in a file that was finalized, and has nothing to do for a whole one", async () => {
    const path = tempDir();
    writeFileSync(path("a.t2r"), WHOLE);
    expect((await runCli(["recover", "-q", path("a.t2r")])).status).toBe(0);
    expect((await runCli(["recover", path("a.t2r")])).stderr).toContain(
      "nothing to do: the file is finished and whole",
    );
    const finalized = readFileSync(path("a.t2r"));
    writeFileSync(path("a.t2r"), flipped(finalized, 300, 1));
    expect((await runCli(["recover", path("a.t2r")])).stderr).toContain("a.recovered.t2r: ");
  });

  it("takes the journal along, which stays where it is", async () => {
    const path = tempDir();
    const { bytes, siblings } = recorded(variedEvents(20, 400));
    writeFileSync(path("live.t2r"), flipped(bytes, 300, 1));
    for (const [sibling, journal] of Object.entries(siblings)) writeFileSync(path(sibling), journal);
    const { outcome, events } = JSON.parse((await runCli(["recover", "--json", path("live.t2r")])).stdout);
    expect([outcome, events]).toEqual(["salvaged", expect.any(Number)]);
    expect(events).toBeGreaterThan(14);
    expect(readdirSync(path("."))).toEqual(["live.recovered.t2r", "live.t2r", "live.t2r-journal"]);
  });

  it("says so where nothing is good", async () => {
    const path = tempDir();
    writeFileSync(path("a.t2r"), WHOLE.subarray(0, 40));
    const { status, stderr } = await runCli(["recover", path("a.t2r")]);
    expect([status, stderr]).toEqual([1, "t2a: neither a header nor a block is whole\n"]);
    expect(readdirSync(path("."))).toEqual(["a.t2r"]);
  });
});
