// The worked example of docs/formats/t2r.md is a real file, and says what the page says.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { t2r } from "../../formats/t2r/index.js";
import { verifyT2r } from "../../formats/t2r/verify.js";
import { decodeFiles } from "../conformance/format-io.js";
import { MemorySource } from "../support/memory-io.js";

it("the worked example is an intact recording of what the page says", async () => {
  const page = readFileSync(new URL("../../docs/formats/t2r.md", import.meta.url), "utf8");
  const lines = page.match(/^[0-9a-f]{4} {2}((?:[0-9a-f]{2} ?)+)$/gm) ?? [];
  const hex = lines.map((line) => line.slice(6)).join("");
  const file = Buffer.from(hex.replaceAll(" ", ""), "hex");
  expect(file).toHaveLength(565);
  expect(await verifyT2r(new MemorySource(file))).toMatchObject({ state: "intact" });
  const { header, events } = await decodeFiles(t2r, { name: "example.t2r", bytes: file });
  expect(header).toEqual({ cols: 80, rows: 24, title: "hi" });
  expect(events).toEqual([
    { kind: "output", time: 1_500_000, data: new Uint8Array(Buffer.from("hi\r\n")) },
    { kind: "marker", time: 1_500_000, label: "here" },
    { kind: "exit", time: 2_000_000, status: 3 },
  ]);
});
