// t2a formats: what there is and what it can hold.
import { describe, expect, it } from "vitest";
import { FORMATS } from "../../formats/index.js";
import { runCli } from "../support/run-cli.js";

describe("formats", () => {
  it("lists every format in columns", async () => {
    const { status, stdout, stderr } = await runCli(["formats"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^FORMAT +EXTENSIONS +READS +WRITES +HOLDS +FINEST TIME +CRASH-SAFE$/);
    expect(lines.slice(1).map((line) => line.split(" ")[0])).toEqual(FORMATS.map(({ name }) => name));
    const cells = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.split(/ {2,}/);
    expect(cells("txt")).toEqual(["txt", ".txt", "no", "yes", "output, resize", "none", "no"]);
    expect(cells("raw")).toEqual(["raw", ".raw", "yes", "yes", "output, any bytes", "none", "yes"]);
    expect(cells("json")?.slice(4)).toEqual([
      "output, input, resize, marker, exit, custom, meta, any bytes",
      "ns",
      "yes",
    ]);
  });

  it("gives all of it as JSON", async () => {
    const { stdout } = await runCli(["formats", "--json"]);
    const shown = JSON.parse(stdout);
    expect(shown.map(({ name }: { name: string }) => name)).toEqual(FORMATS.map(({ name }) => name));
    expect(shown.find(({ name }: { name: string }) => name === "txt")).toMatchObject({
      extensions: [".txt"],
      reads: false,
      writes: true,
      supports: { timeStepNs: null, resize: true, input: false },
    });
    expect(shown.find(({ name }: { name: string }) => name === "json")).toMatchObject({
      reads: true,
      supports: { timeStepNs: 1, crashSafe: true },
    });
  });
});
