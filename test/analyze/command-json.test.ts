// Commands as JSON: there and back, the published schema, and what other people's files are refused for.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { schemaText } from "../../src/analyze/command-schema.js";
import {
  type CommandJson,
  commandFromJson,
  commandToJson,
  isoTime,
  readCommandsJson,
} from "../../src/analyze/index.js";
import { wrapSource } from "../../src/core/index.js";
import { MemorySource } from "../support/memory-io.js";
import { run, titled } from "../support/programs.js";
import { anyCommand, command } from "./commands.js";

const SCHEMA = new URL("../../docs/commands.schema.json", import.meta.url);
const header = { cols: 80, rows: 24, startTime: 1_700_000_000_123_456_789n, user: "ann", host: "box" };
const session = { name: "demo.cast", header, source: "recording" } as const;

describe("a command as JSON", () => {
  it("has what is known, and null for what is not", () => {
    expect(commandToJson(command({ line: "ls", start: 1e9, output: undefined }))).toEqual({
      line: "ls",
      cwd: null,
      user: null,
      host: null,
      exitStatus: null,
      signal: null,
      startNs: 1e9,
      durationNs: null,
      timeToFirstOutputNs: null,
      outputBytes: 0,
      outputLines: 0,
      output: null,
      source: "marks",
      trusted: false,
      depth: 0,
      startedAt: null,
      recording: null,
    });
  });

  it("has what its recording says of when, who, where; what it says itself goes before", () => {
    expect(commandToJson(command({ start: 1_500_000_000 }), session)).toMatchObject({
      ...{ startedAt: "2023-11-14T22:13:21.623Z", recording: "demo.cast", user: "ann", host: "box" },
    });
    expect(commandToJson(command({ user: "root" }), session)).toMatchObject({ user: "root", host: "box" });
    expect(commandToJson(command({}), { ...session, source: "history" }).recording).toBeNull();
  });

  it("comes back as it was", () => {
    fc.assert(
      fc.property(anyCommand(), (original) => {
        expect(commandFromJson(JSON.parse(JSON.stringify(commandToJson(original))))).toEqual(original);
      }),
    );
  });

  it("has no wall time where that cannot be", () => {
    expect(isoTime(1n << 63n, 0)).toBe("2262-04-11T23:47:16.855Z");
    expect(isoTime(10n ** 25n, 0)).toBeNull();
    expect(isoTime(0n, -86_400e9 * 365 * 3000)).toMatch(/^-00/);
  });
});

describe("docs/commands.schema.json", () => {
  it("is the schema that files are checked by (vitest -u writes it)", async () => {
    await expect(schemaText()).toMatchFileSnapshot(SCHEMA.pathname);
  });

  it("takes whatever commands there are", () => {
    const published = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, "utf8")));
    fc.assert(
      fc.property(fc.array(anyCommand()), (commands) => {
        expect(
          published.parse(JSON.parse(JSON.stringify(commands.map((one) => commandToJson(one, session))))),
        ).toBeDefined();
      }),
    );
  });
});

const noValidator = (() => {
  try {
    run("python3", ["-c", "import jsonschema"]);
    return undefined;
  } catch {
    return "python3 has no module jsonschema";
  }
})();

describe("docs/commands.schema.json, read by another validator", () => {
  it.skipIf(noValidator)(titled("takes what is right and refuses what is not", noValidator), () => {
    const valid = (value: unknown) =>
      run(
        "python3",
        [
          "-c",
          "import json, sys, jsonschema\nv = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))\nprint(v.is_valid(json.load(sys.stdin)))",
          SCHEMA.pathname,
        ],
        JSON.stringify(value),
      )
        .toString()
        .trim();
    const good = fc.sample(anyCommand(), 200).map((one) => commandToJson(one, session));
    expect(valid(good)).toBe("True");
    expect(valid([{ ...good[0], startNs: "x" }])).toBe("False");
    expect(valid([{ ...good[0], startNs: 0.5 }])).toBe("False");
    expect(valid([{ ...good[0], durationNs: -1 }])).toBe("False");
    expect(valid({})).toBe("False");
  });
});

describe("a file of commands", () => {
  const read = async (text: string, { chunkSize = 7, maxEntries }: { chunkSize?: number; maxEntries?: number } = {}) =>
    await readCommandsJson(new MemorySource(Buffer.from(text), { name: "c.json", chunkSize }), { maxEntries });
  const good = commandToJson(command({ line: "é" }), session);
  const changed = (change: Partial<Record<keyof CommandJson, unknown>>) =>
    JSON.stringify([good, { ...good, ...change }]);

  it("is read, however it is cut and laid out", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(undefined, 2, "\t"),
        async (commands, chunkSize, indent) => {
          const all = commands.map((one) => commandToJson(one, session));
          expect(await read(JSON.stringify(all, null, indent), { chunkSize })).toEqual(all);
        },
      ),
    );
  });

  it("may have fields of a later version, and a byte order mark", async () => {
    expect(await read(JSON.stringify([good, { ...good, later: { a: ["}"] } }]))).toHaveLength(2);
    expect(await read("\ufeff[]", { chunkSize: 100 })).toEqual([]);
    expect(await read(" [ ] \n")).toEqual([]);
  });

  it.each([
    ["nothing", "", /^c\.json is no array of commands as t2a commands --json prints it: entry 1: it is empty$/],
    ["no array", "{}", /it is no array$/],
    ["an array that is cut", "[", /entry 1: it is cut$/],
    ["an entry that is cut", `[${JSON.stringify(good)},{"line":"`, /entry 2: it is cut$/],
    ["an entry that is none", "[[]]", /entry 1: it is no object$/],
    ["another one", `[${JSON.stringify(good)},5]`, /entry 2: it is no object$/],
    [
      "a missing comma",
      `[${JSON.stringify(good)}${JSON.stringify(good)}]`,
      /entry 2: no comma is behind the one before$/,
    ],
    ["a second array", "[][]", /something is behind the array$/],
    ["no JSON", '[{"a":}]', /entry 1: .*JSON/],
    ["brackets that do not match", '[{"a":]]', /entry 1: /],
    ["line", changed({ line: 5 }), /entry 2: line: .*string/],
    ["startNs", changed({ startNs: 0.5 }), /entry 2: startNs: not a whole number/],
    ["startNs", changed({ startNs: 1e300 }), /entry 2: startNs: /],
    ["durationNs", changed({ durationNs: -1 }), /entry 2: durationNs: /],
    ["outputBytes", changed({ outputBytes: -1 }), /entry 2: outputBytes: /],
    ["depth", changed({ depth: 3e9 }), /entry 2: depth: /],
    ["source", changed({ source: "x" }), /entry 2: source: /],
    ["startedAt", changed({ startedAt: "yesterday" }), /entry 2: startedAt: not a time as/],
    [
      "a day that is none",
      changed({ startedAt: "2026-13-31T12:00:00.000Z" }),
      /entry 2: startedAt: not a time that exists/,
    ],
    ["output", changed({ output: { firstEvent: 0 } }), /entry 2: output\.lastEvent: /],
  ])("is refused where it is none: %s", async (_, text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "T2A_FORMAT_DAMAGED",
      message: expect.stringMatching(message),
    });
  });

  it("is bounded: entries, and bytes of one", async () => {
    await expect(read(JSON.stringify([good, good]), { maxEntries: 1 })).rejects.toMatchObject({
      code: "T2A_FORMAT_LIMIT",
    });
    let given = 0;
    const endless = wrapSource(new MemorySource(new Uint8Array()), {
      async *stream() {
        yield Buffer.from('[{"line":"');
        for (;;) {
          given += 2 ** 20;
          yield Buffer.alloc(2 ** 20, 0x78);
        }
      },
    });
    await expect(readCommandsJson(endless)).rejects.toThrow("entry 1: it is larger than");
    expect(given).toBeLessThan(20 * 2 ** 20);
  });
});
