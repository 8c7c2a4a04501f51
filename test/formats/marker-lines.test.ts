// Markers changed line by line in asciicast v2 and v3: what decoding, changing and encoding gives, with every other line as it was.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asciicastV2 } from "../../formats/asciicast/v2.js";
import { asciicastV3 } from "../../formats/asciicast/v3.js";
import { openRecording } from "../../formats/index.js";
import { applyTransforms, changeMarkers, type Format, FormatError, type MarkerChange } from "../../src/core/index.js";
import { eventsOf } from "../core/recordings.js";
import { MemorySource } from "../support/memory-io.js";

async function changedText(format: Format, text: string, change: MarkerChange, chunkSize = 1 << 20): Promise<string> {
  const chunks: Uint8Array[] = [];
  const source = new MemorySource(Buffer.from(text), { chunkSize });
  for await (const chunk of format.changeMarkers?.(source, change) ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function decoded(format: Format, text: string, change?: MarkerChange) {
  const recording = await openRecording(new MemorySource(Buffer.from(text)), { format });
  const steps = change === undefined ? [] : [changeMarkers(change)];
  const events = await eventsOf(applyTransforms(recording, steps));
  return events.map((event) => ({
    ...event,
    ...("data" in event ? { data: Buffer.from(event.data).toString() } : {}),
  }));
}

const V3 = `{"version": 3, "term": {"cols": 80, "rows": 24}, "x": 1.0}
# a comment
[0.5, "o", "a\\u0041"]
[  1.25 , "m", "one"]\r

[1, "o", "b"]
[1e0, "m", "two"]
[0.100, "x", "0"]`;
const V2 = `{"width":80,"height":24,"version":2}
[0.5, "o", "a"]
[1.75,"m","one"]
[2.75, "o", "b"]
`;

describe("changing markers line by line", () => {
  it("adds a line of v3 and shortens the interval behind it", async () => {
    expect(await changedText(asciicastV3, V3, { add: { time: 2e9, label: 'n"w' } })).toBe(
      V3.replace('[1, "o", "b"]', '[0.250000, "m", "n\\"w"]\n[0.75, "o", "b"]'),
    );
    expect(await changedText(asciicastV3, V3, { add: { time: 3_850_000_000, label: "end" } })).toBe(
      `${V3}\n[0.000000, "m", "end"]\n`,
    );
  });

  it("takes a line of v3 away and lengthens the interval behind it", async () => {
    expect(await changedText(asciicastV3, V3, { remove: new Set([0]) })).toBe(
      V3.replace('[  1.25 , "m", "one"]\r\n', "").replace('[1, "o", "b"]', '[2.25, "o", "b"]'),
    );
    expect(await changedText(asciicastV3, V3, { remove: new Set([1]) })).toBe(
      V3.replace('[1e0, "m", "two"]\n[0.100', "[1.100"),
    );
  });

  it("adds and takes away lines of v2 and touches no other", async () => {
    expect(await changedText(asciicastV2, V2, { add: { time: 1_000_000_001, label: "é" } })).toBe(
      V2.replace("[1.75", '[1.000000001, "m", "é"]\n[1.75'),
    );
    expect(await changedText(asciicastV2, V2, { remove: new Set([0]) })).toBe(V2.replace('[1.75,"m","one"]\n', ""));
    expect(await changedText(asciicastV2, V2, { add: { time: 2.75e9, label: "" } })).toBe(`${V2}[2.750000, "m", ""]\n`);
  });

  it("takes a recording of a header alone", async () => {
    for (const header of ['{"version":3}', '{"version":3}\n']) {
      expect(await changedText(asciicastV3, header, { add: { time: 0, label: "a" } })).toBe(
        '{"version":3}\n[0.000000, "m", "a"]\n',
      );
    }
  });

  it.each([
    "nonsense\n",
    `[1, "o", "x"]\n${`[${" ".repeat(2000)}1, "o", "x"]`}\n`,
  ])("tells the place of a line that it cannot change", async (lines) => {
    const text = `{"version":3}\n[1, "m", "x"]\n${lines}`;
    const change = { remove: new Set([0]), add: { time: 2.5e9, label: "" } };
    await expect(changedText(asciicastV3, text, change)).rejects.toThrow(FormatError);
  });

  const line = fc.tuple(fc.constantFrom("o", "i", "m", "r", "x", "zz"), fc.nat(3_000_000), fc.nat(9));
  it.each([asciicastV2, asciicastV3])("is what the transform gives, for $name", async (format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.option(fc.nat(20_000_000), { nil: undefined }),
        fc.array(fc.nat(4), { maxLength: 3 }),
        fc.integer({ min: 1, max: 60 }),
        async (lines, add, remove, chunkSize) => {
          let time = 0;
          const values: Readonly<Record<string, string>> = { r: '"80x24"', x: '"1"' };
          const body = lines.map(([code, step, decimals]) => {
            time += step;
            const micros = format === asciicastV2 ? time : step;
            return `[${(micros / 1e6).toFixed(Math.max(6, decimals))}, "${code}", ${values[code] ?? '"t"'}]`;
          });
          const text = `${[format === asciicastV2 ? '{"version":2,"width":80,"height":24}' : '{"version":3,"term":{"cols":80,"rows":24}}', ...body].join("\n")}\n`;
          const change = {
            remove: new Set(remove),
            add: add === undefined ? undefined : { time: add * 1000, label: "new" },
          };
          const result = await changedText(format, text, change, chunkSize);
          expect(await decoded(format, result)).toEqual(await decoded(format, text, change));
          if (remove.length === 0 && add === undefined) expect(result).toBe(text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
