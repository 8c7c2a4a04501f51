// t2a screen: what the terminal showed at a moment.
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createWriter, getFormat } from "../../formats/index.js";
import type { Event } from "../../src/core/index.js";
import { openFileTarget } from "../../src/files/index.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

function recording(): (name: string) => string {
  const path = tempDir();
  const lines = [
    '{"version":2,"width":20,"height":3}',
    '[0.5,"o","one\\r\\n"]',
    '[1,"o","\\u001b[31mtwo\\u001b[0m\\r\\n"]',
    '[1.5,"r","10x2"]',
    '[2,"o","\\u001b[?1049h\\u001b[?25l\\u001b[1;5Hvi"]',
    '[4,"x","0"]',
  ];
  writeFileSync(path("demo.cast"), `${lines.join("\n")}\n`);
  return path;
}

describe("t2a screen", () => {
  it("prints the screen at the end, or at a position, whose events are included", async () => {
    const path = recording();
    const at = async (...args: string[]) => (await runCli(["screen", ...args, path("demo.cast")])).stdout;
    expect(await at("--at", "0")).toBe("\n\n\n");
    expect(await at("--at", "1")).toBe("one\ntwo\n\n");
    expect(await at("--at", "25%")).toBe("one\ntwo\n\n");
    expect(await at("--at", "1.6")).toBe("two\n\n");
    expect(await at()).toBe("    vi\n\n");
    expect(await at("--at", "1", "--format", "ansi")).toBe("one\n\x1b[0;31mtwo\x1b[0m\n\n");
  });

  it("gives cells, cursor and modes as JSON", async () => {
    const path = recording();
    const { stdout } = await runCli(["screen", "--json", path("demo.cast")]);
    expect(JSON.parse(stdout)).toMatchObject({
      cols: 10,
      rows: 2,
      cursor: { x: 6, y: 0, visible: false },
      buffer: "alternate",
      modes: { autowrap: true },
      cells: [[{ text: "    vi", width: 6, fg: null, bg: null, attributes: [] }], []],
    });
    const early = await runCli(["screen", "--at", "1", "--format", "json", path("demo.cast")]);
    expect(JSON.parse(early.stdout).cells[1]).toEqual([{ text: "two", width: 3, fg: 1, bg: null, attributes: [] }]);
  });

  it("shows the same of a .t2r", async () => {
    const path = recording();
    await runCli(["convert", "-q", path("demo.cast"), path("demo.t2r")]);
    for (const at of ["0.7", "30%", "3"]) {
      const [cast, t2r] = await Promise.all(
        ["demo.cast", "demo.t2r"].map((name) => runCli(["screen", "--json", "--at", at, path(name)])),
      );
      expect([t2r?.status, t2r?.stdout]).toEqual([0, cast?.stdout]);
    }
  });

  it("shows the screen of a .t2r that is being recorded, what its journal holds included", async () => {
    const path = tempDir()("live.t2r");
    const target = openFileTarget(path, { mode: "live" });
    const writer = await createWriter(getFormat("t2r"), target, { live: true });
    await writer.header({ cols: 20, rows: 3 });
    const output = (seconds: number, text: string): Event => ({
      kind: "output",
      time: seconds * 1e9,
      data: Buffer.from(text),
    });
    await writer.events([output(1, "in a block\r\n")]);
    await writer.events([output(3, "in a block too\r\n")]);
    await writer.events([output(3.1, "in the journal")]);
    const at = async (...args: string[]) => (await runCli(["screen", ...args, path])).stdout;
    expect(await at("--at", "2")).toBe("in a block\n\n\n");
    expect(await at()).toBe("in a block\nin a block too\nin the journal\n");
    await writer.end();
    await target.commit();
    expect(await at("--at", "100%")).toBe("in a block\nin a block too\nin the journal\n");
  });

  it("says what is wrong with a position", async () => {
    const path = recording();
    const { status, stderr } = await runCli(["screen", "--at", "x", path("demo.cast")]);
    expect([status, stderr.includes("not a position in time")]).toEqual([2, true]);
    expect((await runCli(["screen", "--at", "5%", "-"])).stderr).toContain("cannot be read twice");
  });
});
