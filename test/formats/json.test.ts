// json: t2a's own lossless NDJSON.
import { describe, expect, it } from "vitest";
import { asciicastV1 } from "../../formats/asciicast/v1.js";
import { asciicastV3 } from "../../formats/asciicast/v3.js";
import { json } from "../../formats/json/index.js";
import { testFormat } from "../conformance/format.js";
import { decodeFiles } from "../conformance/format-io.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const file = (...lines: string[]) =>
  bytes(
    `{"format":"t2a-json","version":1,"header":{"cols":80,"rows":24}}\n${lines.map((line) => `${line}\n`).join("")}`,
  );

testFormat({
  format: json,
  samples: [
    {
      name: "sample",
      bytes: file(
        '{"time":1,"kind":"output","text":"a"}',
        '{"time":2,"kind":"input","base64":"/w=="}',
        '{"time":3,"kind":"resize","cols":1,"rows":2,"meta":{"by":"x"}}',
        '{"time":4,"kind":"marker","label":""}',
        '{"time":5,"kind":"exit","status":1}',
        '{"time":6,"kind":"custom","code":"z","meta":{"data":{"a":1}},"data":{"n":1.50}}',
      ),
      events: 6,
    },
  ],
  odd: [
    {
      name: "sample",
      bytes: file('{"time":5,"kind":"output","text":"a"}', '{"time":1,"kind":"output","text":"b"}'),
      warnings: ["time-backwards"],
    },
  ],
  bad: [
    { name: "sample", bytes: file('{"time":-1,"kind":"output","text":"a"}'), code: "T2A_FORMAT_DAMAGED" },
    { name: "sample", bytes: file('{"time":1,"kind":"nothing"}'), code: "T2A_FORMAT_DAMAGED" },
    { name: "sample", bytes: file('{"time":1,"kind":"output"}'), code: "T2A_FORMAT_DAMAGED" },
    { name: "sample", bytes: file('{"time":1,"kind":"resize","cols":0,"rows":1}'), code: "T2A_FORMAT_DAMAGED" },
    { name: "sample", bytes: bytes('{"format":"t2a-json","version":9,"header":{}}\n'), code: "T2A_FORMAT_HEADER" },
    { name: "sample", bytes: bytes('{"format":"t2a-json","version":1,\n'), code: "T2A_FORMAT_HEADER" },
    ...[
      '"cols":0,"rows":1',
      '"cols":1,"rows":1,"title":5',
      '"cols":1,"rows":1,"startTimeNs":"x"',
      '"cols":1,"rows":1,"durationNs":-1',
      '"cols":1,"rows":1,"env":[]',
      '"cols":1,"rows":1,"theme":1',
    ].map((fields) => ({
      name: "sample",
      bytes: bytes(`{"format":"t2a-json","version":1,"header":{${fields}}}\n`),
      code: "T2A_FORMAT_HEADER" as const,
    })),
  ],
  others: [asciicastV1, asciicastV3],
});

describe("json", () => {
  it("keeps the spelling of custom data, wherever its key stands in the line", async () => {
    const { events } = await decodeFiles(json, {
      name: "sample",
      bytes: file(
        '{"time":1,"kind":"custom","code":"a","data":[1.0, 1e3]}',
        '{"time":1,"kind":"custom","code":"b","data":{"x":1},"meta":{"k":",\\"data\\":"}}',
      ),
    });
    expect(events.map((event) => ("data" in event ? new TextDecoder().decode(event.data) : ""))).toEqual([
      "[1.0, 1e3]",
      '{"x":1}',
    ]);
  });

  it("tells of text that is no UTF-8 and refuses base64 that is none", async () => {
    const line = Buffer.from('{"time":1,"kind":"output","text":"?"}\n');
    line[line.indexOf("?")] = 0xff;
    const { warnings } = await decodeFiles(json, { name: "bad", bytes: Buffer.concat([file(), line]) });
    expect(warnings.map(({ code }) => code)).toEqual(["text"]);
    const { error } = await decodeFiles(json, {
      name: "bad",
      bytes: file('{"time":1,"kind":"output","base64":"@@ damaged @@"}'),
    });
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
  });

  it("reads a line of many look-alikes of its data in linear time", async () => {
    const { events } = await decodeFiles(json, {
      name: "long",
      bytes: file(`{"time":1,"kind":"custom","code":"a","data":[${'{"a":1,"data":2},'.repeat(50_000)}1.0]}`),
    });
    expect(events).toHaveLength(1);
  });

  it("freezes meta", async () => {
    const { events } = await decodeFiles(json, {
      name: "sample",
      bytes: file('{"time":1,"kind":"marker","label":"m","meta":{"a":1}}'),
    });
    expect(Object.isFrozen(events[0]?.meta)).toBe(true);
  });
});
