// asciicast v1, v2, v3: the conformance suite and every row of the tables of odd input.
import { describe, expect, it } from "vitest";
import { asciicastV1 } from "../../formats/asciicast/v1.js";
import { asciicastV2 } from "../../formats/asciicast/v2.js";
import { asciicastV3 } from "../../formats/asciicast/v3.js";
import { json } from "../../formats/json/index.js";
import { customEvent, type Event, type Format, type Header, type Warning } from "../../src/core/index.js";
import { testFormat } from "../conformance/format.js";
import { decodeFiles } from "../conformance/format-io.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (event: Event) => ("data" in event ? new TextDecoder().decode(event.data) : "");
const v2 = (...lines: string[]) =>
  bytes(`{"version":2,"width":80,"height":24}\n${lines.map((line) => `${line}\n`).join("")}`);
const v3 = (...lines: string[]) =>
  bytes(`{"version":3,"term":{"cols":80,"rows":24}}\n${lines.map((line) => `${line}\n`).join("")}`);
const v1 = (stdout: string) => bytes(`{"version":1,"width":80,"height":24,"duration":1,"stdout":${stdout}}`);

/** Decodes, and gives what was warned of. */
async function read(format: Format, input: Uint8Array, options: { recover?: boolean } = {}) {
  return await decodeFiles(format, { name: "sample", bytes: input }, options);
}

async function encode(
  format: Format,
  header: Header,
  events: readonly Event[],
  precision: "us" | "ns" = "us",
): Promise<string> {
  const encoder = await format.createEncoder?.({ precision });
  if (encoder === undefined) throw new Error("read-only");
  return [encoder.header(header), encoder.events(events), encoder.end()]
    .map((part) => Buffer.from(part).toString())
    .join("");
}

const full = v2(
  '[0.5, "o", "a\\u001b[1mb"]',
  '[1.25, "i", "x"]',
  '[1.5, "r", "100x30"]',
  '[2, "m", ""]',
  '[2.000001, "zz", {"a":[1.0]}]',
  '[3, "x", "0"]',
);

testFormat({
  format: asciicastV2,
  samples: [
    { name: "sample", bytes: full, events: 6 },
    { name: "sample", bytes: v2(), events: 0 },
  ],
  odd: [
    { name: "sample", bytes: v2('[2, "o", "a"]', '[1, "o", "b"]'), warnings: ["time-backwards"] },
    { name: "sample", bytes: bytes('{"version":2,"width":0,"height":24}\n'), warnings: ["size"] },
    { name: "sample", bytes: v2('[1, "o", "a"]', '[9999999, "o", "b"]'), warnings: ["time-leap"] },
    { name: "sample", bytes: v2('[1, "o", "a", 5]'), warnings: ["event"] },
  ],
  bad: [
    { name: "sample", bytes: bytes('{"version":2,"width":80\n[1, "o", "a"]\n'), code: "T2A_FORMAT_HEADER", offset: 0 },
    { name: "sample", bytes: bytes('{"version":2}\n'), code: "T2A_FORMAT_HEADER", offset: 0 },
    { name: "sample", bytes: v2('[1, "o", "a"]', '[2, "o", "b]'), code: "T2A_FORMAT_DAMAGED", offset: 51 },
  ],
  others: [asciicastV1, asciicastV3, json],
});

testFormat({
  format: asciicastV3,
  samples: [{ name: "sample", bytes: v3('[0.5, "o", "a"]', "# a comment", '[0.5, "x", "42"]'), events: 2 }],
  odd: [{ name: "sample", bytes: v3('[-1, "o", "a"]'), warnings: ["time-backwards"] }],
  bad: [{ name: "sample", bytes: v3('[1, "o", "\u0007"]'), code: "T2A_FORMAT_DAMAGED" }],
  others: [asciicastV1, asciicastV2, json],
});

testFormat({
  format: asciicastV1,
  samples: [
    { name: "sample", bytes: v1('[[0.5,"a"],[1,"b\\u001b"]]'), events: 2 },
    {
      name: "sample",
      bytes: bytes('{\n  "stdout": [\n    [0.5, "a"]\n  ],\n  "height": 24,\n  "width": 80,\n  "version": 1\n}\n'),
      events: 1,
    },
  ],
  odd: [{ name: "sample", bytes: v1('[[-0.5,"a"]]'), warnings: ["time-backwards"] }],
  bad: [
    { name: "sample", bytes: v1('[[0.5,"a"],[1,"b",2]]'), code: "T2A_FORMAT_DAMAGED" },
    {
      name: "sample",
      bytes: bytes('{"version":1,"width":80,"height":24,"stdout":[[1,"a"]'),
      code: "T2A_FORMAT_DAMAGED",
    },
    { name: "sample", bytes: bytes('{"version":1,"width":x}'), code: "T2A_FORMAT_HEADER" },
  ],
  others: [asciicastV2, asciicastV3, json],
  reduce: (reduced) => ({ ...reduced, header: { ...reduced.header, duration: reduced.events.at(-1)?.time ?? 0 } }),
});

describe("asciicast decoding", () => {
  it("accepts blank lines, CRLF, a BOM and comments in v2", async () => {
    const input = bytes(
      '\ufeff{"version":2,"width":80,"height":24}\r\n\r\n# comment\n[1, "o", "a"]\r\n   \n[2, "o", "b"]\r\n',
    );
    const { events, warnings } = await read(asciicastV2, input);
    expect(events.map(text)).toEqual(["a", "b"]);
    expect(warnings).toEqual([]);
  });

  it("plays all before a cut last line, then names its byte offset", async () => {
    const input = v2('[1, "o", "a"]', '[2, "o", "b"]').subarray(0, -6);
    const { events, error } = await read(asciicastV2, input);
    expect(events.map(text)).toEqual(["a"]);
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED", offset: 51, eventNumber: 2 });
    const recovered = await read(asciicastV2, input, { recover: true });
    expect(recovered.error).toBeUndefined();
    expect(recovered.warnings.map(({ code }: Warning) => code)).toEqual(["truncated"]);
  });

  it("keeps unknown codes whole with whatever data they have", async () => {
    const { events } = await read(asciicastV3, v3('[1, "mouse", {"x": 1.50, "y": [null]}]', '[1, "z", "text"]'));
    expect(events).toMatchObject([
      { kind: "custom", code: "mouse" },
      { kind: "custom", code: "z" },
    ]);
    expect(events.map(text)).toEqual(['{"x": 1.50, "y": [null]}', '"text"']);
  });

  it("accepts float timestamps and null values of the environment", async () => {
    const input = bytes(
      '{"version":2,"width":80,"height":24,"timestamp":1700000000.25,"env":{"TERM":"xterm","SHELL":null}}\n',
    );
    const { header } = await read(asciicastV2, input);
    expect(header?.startTime).toBe(1_700_000_000_250_000_000n);
    expect(header?.env).toEqual({ TERM: "xterm" });
  });

  it("takes 80x24 with a warning where the header's size is impossible", async () => {
    const { header, warnings } = await read(asciicastV3, bytes('{"version":3,"term":{"cols":0,"rows":70000}}\n'));
    expect(header).toMatchObject({ cols: 80, rows: 24 });
    expect(warnings).toHaveLength(2);
  });

  it("keeps a resize of impossible size as it came, with a warning", async () => {
    const { events, warnings } = await read(asciicastV2, v2('[1, "r", "0x10"]', '[1, "r", "wide"]'));
    expect(events).toMatchObject([
      { kind: "custom", code: "r" },
      { kind: "custom", code: "r" },
    ]);
    expect(warnings).toHaveLength(2);
  });

  it("keeps a value that its code cannot have, not that of an earlier line", async () => {
    const { events } = await read(asciicastV2, v2('[7, "zz", 5]', '[8, "x", "notnum"]', '[8, "r", "bad"]'));
    expect(events.map(text)).toEqual(["5", '"notnum"', '"bad"']);
  });

  it("keeps v2 time where it was while it runs backwards", async () => {
    const { events } = await read(asciicastV2, v2('[5, "o", "a"]', '[1, "o", "b"]', '[6, "o", "c"]'));
    expect(events.map(({ time }) => time)).toEqual([5e9, 5e9, 6e9]);
  });

  it("goes back to the time before a leap when the next event does", async () => {
    const { events } = await read(
      asciicastV2,
      v2('[5, "o", "a"]', '[99999999, "o", "b"]', '[6, "o", "c"]', '[7, "o", "d"]'),
    );
    expect(events.map(({ time }) => time)).toEqual([5e9, 5e9, 6e9, 7e9]);
  });

  it("sums v3 intervals as integers, so that a million of them do not drift", async () => {
    const lines = Array.from({ length: 100_000 }, () => '[0.000001, "o", "x"]');
    const { events } = await read(asciicastV3, v3(...lines));
    expect(events.at(-1)?.time).toBe(100_000_000);
  });

  it("reads times of any spelling to the nanosecond", async () => {
    const spellings = ["0.5", "1", "1.123456789", "1.1234567891", "1e-3", "2.5E1", "0.0000000004", "12345678901.5"];
    const { events, warnings } = await read(asciicastV2, v2(...spellings.slice(0, 4).map((at) => `[${at}, "o", "x"]`)));
    expect(events.map(({ time }) => time)).toEqual([0.5e9, 1e9, 1_123_456_789, 1_123_456_789]);
    expect(warnings).toEqual([]);
    const intervals = await read(asciicastV3, v3(...spellings.slice(4, 7).map((at) => `[${at}, "o", "x"]`)));
    expect(intervals.events.map(({ time }) => time)).toEqual([1e6, 25_001_000_000, 25_001_000_000]);
  });

  it("decodes every escape of JSON, raw UTF-8 and surrogate pairs", async () => {
    const { events } = await read(
      asciicastV2,
      v2('[1, "o", "\\b\\f\\n\\r\\t\\"\\\\\\/\\u0041\\u00e9\\ud83d\\ude00é😀"]'),
    );
    expect(events.map(text)).toEqual(['\b\f\n\r\t"\\/Aé😀é😀']);
  });

  it("replaces bytes that are not UTF-8 with a warning, as text cannot hold them", async () => {
    const input = Buffer.concat([v2(), Buffer.from('[1, "o", "a'), Buffer.from([0xff]), Buffer.from('b"]\n')]);
    const { events, warnings } = await read(asciicastV2, input);
    expect(events.map(text)).toEqual(["a\ufffdb"]);
    expect(warnings.map(({ code }: Warning) => code)).toEqual(["text"]);
  });

  it.each([
    '["o", "a"]',
    "{}",
    '[1, "o"]',
    '[1, 2, "a"]',
    '["1", "o", "a"]',
    '[1, "o", "a"] x',
    '[1, "o", "\\x"]',
    '[1, "o", "\\u12"]',
    "garbage",
  ])("refuses %s as an event line", async (line) => {
    const { events, error } = await read(asciicastV2, v2('[1, "o", "a"]', line));
    expect(events).toHaveLength(1);
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED", offset: 51 });
  });

  it("lets no sum of gaps pass what integers can count", async () => {
    const lines = Array.from({ length: 10 }, () => '[2500000, "o", "a"]');
    const { events } = await read(asciicastV3, v3(...lines));
    expect(events).toHaveLength(10);
    for (const { time } of events) expect(Number.isSafeInteger(time)).toBe(true);
  });

  it.each([
    `[0, "z", ${"[".repeat(200_000)}${"]".repeat(200_000)}, 1]`,
    `[0, "${"c".repeat(2000)}", 1]`,
  ])("refuses what is nested or named beyond all measure", async (line) => {
    const { error } = await read(asciicastV3, v3(line));
    expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
  });

  it("refuses header keys nested too deeply to be written again", async () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const { error } = await read(asciicastV3, bytes(`{"version":3,"term":{"cols":80,"rows":24},"x":${deep}}\n`));
    expect(error).toMatchObject({ code: "T2A_FORMAT_HEADER" });
  });

  it("keeps unknown keys of the header and t2a's own", async () => {
    const input = bytes(
      '{"version":3,"term":{"cols":80,"rows":24,"theme":{"fg":"#000000"}},"x-note":[1],"t2a":{"user":"ann","startTime":"1700000000123456789"}}\n',
    );
    const { header } = await read(asciicastV3, input);
    expect(header).toMatchObject({ extra: { "x-note": [1] }, user: "ann", startTime: 1_700_000_000_123_456_789n });
    expect(header?.theme).toBeUndefined();
  });

  it.each([true, false])("finds v1 keys that come after the events (restart %s)", async (restart) => {
    const late = bytes('{"version":1,"stdout":[[1,"a"]],"width":90,"height":24,"title":"late"}');
    const { header, events } = await decodeFiles(asciicastV1, { name: "late", bytes: late }, { restart });
    expect(header).toMatchObject({ title: "late", cols: 90 });
    expect(events.map(text)).toEqual(["a"]);
  });

  it.each([
    ["many", Array.from({ length: 70_000 }, (_, i) => `"k${i}":0`)],
    ["long", Array.from({ length: 5 }, (_, i) => `"k${i}":"${"x".repeat(900_000)}"`)],
  ])("refuses v1 keys that are together too %s to be kept", async (_what, keys) => {
    const input = bytes(`{"version":1,"width":80,"height":24,${keys.join()},"stdout":[[1,"a"]]}`);
    const { header, error } = await read(asciicastV1, input);
    expect(header).toBeUndefined();
    expect(error).toMatchObject({ code: "T2A_FORMAT_LIMIT", message: "the header is longer than 4 MB" });
  });

  it("does not hold a long v1 stream for keys that may follow", async () => {
    const element = `[0.001,"${"x".repeat(1000)}"]`;
    const long = bytes(
      `{"version":1,"width":80,"height":24,"stdout":[${Array.from({ length: 20_000 }, () => element).join(",")}],"title":"late"}`,
    );
    const { header, events, error } = await decodeFiles(
      asciicastV1,
      { name: "long", bytes: long },
      { restart: false, chunkSize: 65_536 },
    );
    expect(error).toBeUndefined();
    expect(header?.title).toBeUndefined();
    expect(events).toHaveLength(20_000);
  });
});

describe("asciicast encoding", () => {
  const header: Header = { cols: 80, rows: 24 };
  const output = (time: number, data: Uint8Array): Event => ({ kind: "output", time, data });

  it("writes lines as asciinema does", async () => {
    const events: Event[] = [
      output(1_500_000_000, bytes("\u001b[1m\r\n\u007f")),
      { kind: "exit", time: 2e9, status: 42 },
    ];
    expect(await encode(asciicastV3, header, events)).toBe(
      '{"version":3,"term":{"cols":80,"rows":24}}\n[1.500000, "o", "\\u001b[1m\\r\\n\u007f"]\n[0.500000, "x", "42"]\n',
    );
    expect(await encode(asciicastV2, header, events)).toContain('[2.000000, "x", "42"]\n');
  });

  it("rounds absolute times, so that the error of no event is over half a step", async () => {
    const events = Array.from({ length: 1000 }, (_, i) => output((i + 1) * 1_001_499, bytes("x")));
    const decoded = await read(asciicastV3, bytes(await encode(asciicastV3, header, events)));
    for (const [i, { time }] of decoded.events.entries())
      expect(Math.abs(time - (i + 1) * 1_001_499)).toBeLessThanOrEqual(500);
  });

  it.each([
    ["o", "text"],
    ["i", "text"],
    ["m", ""],
    ["r", "100x30"],
    ["x", "-1"],
    ["x", 7],
  ])("counts a custom event as lost that would be read as another: %s %j", async (code, value) => {
    for (const format of [asciicastV2, asciicastV3]) {
      const encoder = await format.createEncoder?.({});
      expect(encoder?.events([customEvent(1, code, value)])).toHaveLength(0);
      expect(encoder?.losses.table()).toEqual({ custom: 1 });
    }
  });

  it.each([
    ["o", 5],
    ["m", null],
    ["r", "0x10"],
    ["r", { cols: 1 }],
    ["x", "none"],
    ["x", 1.5],
    ["output", "text"],
  ])("keeps a custom event that is read as one: %s %j", async (code, value) => {
    const events = [customEvent(1_000_000, code, value)];
    const decoded = await read(asciicastV3, bytes(await encode(asciicastV3, header, events)));
    expect(decoded.events).toEqual(events.map((event) => ({ ...event, data: Buffer.from(event.data) })));
  });

  it("writes nine decimals when asked to", async () => {
    expect(await encode(asciicastV2, header, [output(1, bytes("x"))], "ns")).toContain('[0.000000001, "o", "x"]');
  });

  it("keeps a character together that the program wrote in pieces", async () => {
    const smile = Buffer.from("😀");
    const text = await encode(asciicastV2, header, [
      output(1e9, smile.subarray(0, 1)),
      output(2e9, smile.subarray(1, 3)),
      output(3e9, Buffer.concat([smile.subarray(3), bytes("!")])),
    ]);
    expect(text.split("\n").slice(1, -1)).toEqual(['[3.000000, "o", "😀!"]']);
  });

  it("replaces what never becomes a character and counts its bytes", async () => {
    const encoder = await asciicastV3.createEncoder?.({});
    const parts =
      Buffer.from(encoder?.events([output(1, Uint8Array.of(0x61, 0xff, 0xc3))]) ?? []).toString() +
      Buffer.from(encoder?.end() ?? []).toString();
    expect(parts).toBe('[0.000000, "o", "a\ufffd"]\n[0.000000, "o", "\ufffd"]\n');
    expect(encoder?.losses.table()).toMatchObject({ invalidUtf8: 2 });
  });

  it("begins a new line where the recording it continues has none at its end", async () => {
    const encoder = await asciicastV3.createEncoder?.({}, { header, lastTime: 2e9, complete: false });
    expect(Buffer.from(encoder?.events([output(2.5e9, bytes("x"))]) ?? []).toString()).toBe('\n[0.500000, "o", "x"]\n');
  });

  it("holds an event of many megabytes", async () => {
    const big = Buffer.alloc(5_000_000, 0x1b);
    const decoded = await read(asciicastV3, bytes(await encode(asciicastV3, header, [output(0, big)])));
    expect(Buffer.from(decoded.events[0]?.kind === "output" ? decoded.events[0].data : []).equals(big)).toBe(true);
  });
});
