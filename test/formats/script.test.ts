// script: typescript and timing, classic and advanced, input logs, interrupted and foreign recordings, scriptreplay.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asciicastV2 } from "../../formats/asciicast/v2.js";
import { json } from "../../formats/json/index.js";
import { raw } from "../../formats/raw.js";
import { timingNames } from "../../formats/script/find-files.js";
import { script } from "../../formats/script/index.js";
import { ttyrec, ttyrec2 } from "../../formats/ttyrec/index.js";
import { customEvent, type Event, type Header, type Target } from "../../src/core/index.js";
import { arbitraryRecording } from "../conformance/arbitraries.js";
import { type Reduced, type Sample, testFormat } from "../conformance/format.js";
import { decodeClean, decodeFiles, encodeBatches, type Files, type Plain } from "../conformance/format-io.js";
import { LoneTarget, MemorySource, MemoryTarget } from "../support/memory-io.js";

const text = (string: string) => new TextEncoder().encode(string);
const output = (time: number, string: string): Event => ({ kind: "output", time, data: text(string) });
const input = (time: number, string: string): Event => ({ kind: "input", time, data: text(string) });
const FIRST =
  'Script started on 2026-01-31 12:00:00+00:00 [COMMAND="sh" TERM="vt100" TTY="/dev/pts/7" COLUMNS="100" LINES="30"]\n';
const TRAILER = '\nScript done on 2026-01-31 12:00:09+00:00 [COMMAND_EXIT_CODE="3"]\n';
const START = BigInt(Date.UTC(2026, 0, 31, 12)) * 1_000_000n;

function recording(typescript: string, timing: string, more: Record<string, string> = {}): Files {
  const siblings = Object.fromEntries(Object.entries({ "a.timing": timing, ...more }).map(([k, v]) => [k, text(v)]));
  return { name: "a.typescript", bytes: text(typescript), siblings };
}

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url)));
const fixture = (name: string, events: number, beside: readonly string[]): Sample => ({
  name: `${name}.typescript`,
  bytes: read(`${name}.typescript`),
  siblings: Object.fromEntries(beside.map((suffix) => [name + suffix, read(name + suffix)])),
  events,
});

/** What script cannot say: most header fields, and an exit that is not the end. */
function reduceScript(reduced: Reduced, { header }: Plain): Reduced {
  const { cols, rows, startTime, termType, command, env, ...others } = header;
  const { SHELL, ...otherEnv } = env ?? {};
  const lost = Object.keys(others).length + (Object.keys(otherEnv).length > 0 ? 1 : 0);
  return {
    header: {
      cols,
      rows,
      ...(startTime === undefined ? {} : { startTime }),
      ...(termType === undefined ? {} : { termType }),
      ...(command === undefined ? {} : { command }),
      ...(SHELL === undefined ? {} : { env: { SHELL } }),
    },
    events: reduced.events,
    losses: { ...reduced.losses, ...(lost > 0 ? { header: lost } : {}) },
  };
}

testFormat({
  format: script,
  samples: [
    fixture("script-classic", 14, [".tm"]),
    fixture("script-advanced", 13, [".tm", ".in"]),
    fixture("script-io", 7, [".tm"]),
  ],
  others: [ttyrec, ttyrec2, asciicastV2, json, raw],
  arbitrary: { exit: "last" },
  reduce: reduceScript,
  odd: [
    { ...recording(`${FIRST}abc${TRAILER}`, "O 0.1 2\nZ 0.1 1\nO 0.1 1\n"), warnings: ["event"] },
    { ...recording(`${FIRST}abc${TRAILER}`, "O 0.1 2\nI 0.1 1\nI 0.1 1\nO 0.1 1\n"), warnings: ["timing"] },
    { ...recording(`${FIRST}abc${TRAILER}`, "O 0.1 2\nO -0.1 1\n"), warnings: ["time-backwards"] },
    { ...recording(`${FIRST}abc${TRAILER}`, "0.1 2\n9999999.5 1\n"), warnings: ["time-leap"] },
    { ...recording(`${FIRST}abc${TRAILER}`, "O 0.1 3\nS 0.1 SIGWINCH ROWS=0 COLS=80\n"), warnings: ["size"] },
    { ...recording(`${FIRST}abc`, "0.1 2\n0.1 2\n"), warnings: ["truncated"] },
    { ...recording(`${FIRST}abc\ndef\n`, "0.1 2\n"), warnings: ["timing"] },
    { ...recording(`${FIRST}abc${TRAILER}`, "0.1 3\n0.00"), warnings: ["truncated"] },
  ],
  bad: [
    { ...recording(`${FIRST}abc`, "0.1 2\nwhat\n0.1 1\n"), code: "T2A_FORMAT_DAMAGED", offset: 6 },
    { ...recording(`${FIRST}abc`, "O 0.1 16777217\n"), code: "T2A_FORMAT_DAMAGED", offset: 0 },
    { ...recording(`${FIRST}abc`, `O 0.1 1\n${"9".repeat(2 ** 21)}\n`), code: "T2A_FORMAT_DAMAGED", offset: 8 },
    { name: "b.typescript", bytes: text(FIRST), siblings: {}, code: "T2A_FILE_NOT_FOUND" },
    { ...recording("0.1 2\n0.2 3\n", ""), code: "T2A_FORMAT_HEADER", offset: 0 },
    { ...recording("x".repeat(70_000), ""), code: "T2A_FORMAT_HEADER", offset: 0 },
  ],
  skip: [],
});

describe("classic", () => {
  it("has times, bytes, and in its first and last line size, terminal, command, start and status", async () => {
    const back = await decodeClean(script, recording(`${FIRST}ab日${TRAILER}`, "0.5 1\n1.000001 1\n0.25 3\n"));
    expect(back).toEqual({
      header: { cols: 100, rows: 30, termType: "vt100", command: "sh", startTime: START, extra: { TTY: "/dev/pts/7" } },
      events: [
        output(500_000_000, "a"),
        output(1_500_001_000, "b"),
        output(1_750_001_000, "日"),
        { kind: "exit", time: 1_750_001_000, status: 3 },
      ],
    });
  });

  it("is read with any number of decimals, a comma, none, carriage returns and empty lines", async () => {
    const timing = "0.1 1\r\n0,25 1\n1 1\n\n0.0000000004 1\n0.0000000015 1\n0.123456789999 1\n";
    const { events } = await decodeClean(script, recording(`${FIRST}abcdef${TRAILER}`, timing));
    const times = events.map((event) => event.time);
    expect(times).toEqual([1e8, 3.5e8, 1.35e9, 1.35e9, 1_350_000_002, 1_473_456_792, 1_473_456_792]);
  });

  it("is written as util-linux writes it; what it cannot hold is counted", async () => {
    const header: Header = {
      cols: 100,
      rows: 30,
      termType: "vt100",
      command: "sh",
      startTime: START,
      env: { SHELL: "/bin/sh" },
    };
    const events: Event[] = [
      output(500_000_000, "a"),
      input(600_000_000, "x"),
      { kind: "resize", time: 700_000_000, cols: 1, rows: 1 },
      output(1_000_000_600, "bc"),
      { kind: "exit", time: 9_000_000_000, status: 3 },
    ];
    const { files, losses } = await encodeBatches(script, header, [events], { timing: "classic" });
    expect(losses).toEqual({ header: 1, input: 1, resize: 1, time: 2 });
    expect(Buffer.from(files.bytes).toString()).toBe(`${FIRST.replace(' TTY="/dev/pts/7"', "")}abc${TRAILER}`);
    expect(Object.keys(files.siblings ?? {})).toEqual(["sample.timing"]);
    expect(Buffer.from(files.siblings?.["sample.timing"] ?? []).toString()).toBe("0.500000 1\n0.500001 2\n");
  });

  it("round trips output for any recording", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRecording({ exit: "last" }), async ({ header, events }) => {
        const { files } = await encodeBatches(script, header, [events], { timing: "classic" });
        const back = await decodeClean(script, files);
        const wanted = events.filter((event) => event.kind === "output");
        expect(back.events.filter((event) => event.kind === "output")).toEqual(
          wanted.map(({ time, data }) => ({ kind: "output", time: Math.round(time / 1000) * 1000, data })),
        );
        expect(back.header).toMatchObject({ cols: header.cols, rows: header.rows });
        expect(back.header.command).toBe(header.command);
      }),
    );
  });
});

describe("advanced", () => {
  const records = [
    "H 0.000000 START_TIME 2026-01-31 12:00:00,500000000+00:00",
    "H 0.000000 TERM xterm",
    "H 0.000000 TTY /dev/pts/9",
    "H 0.000000 COLUMNS 90",
    "H 0.000000 LINES 20",
    "H 0.000000 SHELL /bin/zsh",
    'H 0.000000 COMMAND ssh "host name"',
    "H 0.000000 INPUT_LOG /tmp/../etc/a.typed",
    "O 0.100000 2",
    "I 0.100000 2",
    "S 0.100000 SIGWINCH ROWS=40 COLS=120",
    "S 0.100000 SIGTERM",
    "H 0.100000 MARK here",
    "O 0.100000 1",
    "H 0.000000 DURATION 2.500000",
    "H 0.000000 EXIT_CODE 7",
  ];
  const files = recording(`${FIRST}abc${TRAILER}`, `${records.join("\n")}\n`, { "a.typed": `${FIRST}ls${TRAILER}` });

  it("has one chain of delays for all records, and says more than the first line", async () => {
    expect(await decodeClean(script, files)).toEqual({
      header: {
        cols: 90,
        rows: 20,
        termType: "xterm",
        command: 'ssh "host name"',
        startTime: START + 500_000_000n,
        env: { SHELL: "/bin/zsh" },
        extra: { TTY: "/dev/pts/9" },
      },
      events: [
        output(1e8, "ab"),
        input(2e8, "ls"),
        { kind: "resize", time: 3e8, cols: 120, rows: 40 },
        customEvent(4e8, "script.S", "SIGTERM"),
        customEvent(5e8, "script.H", "MARK here"),
        output(6e8, "c"),
        { kind: "exit", time: 2.5e9, status: 7 },
      ],
    });
  });

  it("is written so that it is read as it was, records of other kinds included", async () => {
    const plain = await decodeClean(script, files);
    const again = await encodeBatches(script, plain.header, [plain.events]);
    expect(again.losses).toEqual({});
    expect(await decodeClean(script, again.files)).toEqual(plain);
    const timing = Buffer.from(again.files.siblings?.["sample.timing"] ?? []).toString();
    const wanted = records.map((record) =>
      record.includes("INPUT_LOG") ? "H 0.000000 TIMING_LOG sample.timing" : record,
    );
    expect(
      timing.replace("H 0.000000 OUTPUT_LOG sample.typescript\n", "").replace("H 0.000000 INPUT_LOG sample.in\n", ""),
    ).toBe(`${wanted.join("\n")}\n`);
  });

  it("plays output and input of one file in the order of the records", async () => {
    const timing = "H 0.0 OUTPUT_LOG x\nH 0.0 INPUT_LOG x\nO 0.1 2\nI 0.1 1\nO 0.1 1\n";
    const back = await decodeClean(script, recording(`${FIRST}$ yy${TRAILER}`, timing));
    expect(back.events).toEqual([output(1e8, "$ "), input(2e8, "y"), output(3e8, "y")]);
  });

  it("finds the input log beside the typescript where the timing file does not name it", async () => {
    const back = await decodeClean(script, recording(`${FIRST}${TRAILER}`, "I 0.1 2\n", { "a.in": `${FIRST}ls\n` }));
    expect(back.events).toEqual([input(1e8, "ls")]);
  });

  it("plays on where the input log ends early: output matters more", async () => {
    const timing = "O 0.1 1\nI 0.1 5\nI 0.1 1\nO 0.1 1\n";
    const short = recording(`${FIRST}ab${TRAILER}`, timing, { "a.in": `${FIRST}ls` });
    const { events, warnings } = await decodeFiles(script, short);
    expect(events).toEqual([output(1e8, "a"), input(2e8, "ls"), output(4e8, "b")]);
    expect(warnings.map((warning) => warning.code)).toEqual(["truncated"]);
  });

  it.each([
    ["many", Array.from({ length: 70_000 }, (_, i) => `H 0 K${i} x`)],
    ["long", Array.from({ length: 5 }, (_, i) => `H 0 K${i} ${"x".repeat(900_000)}`)],
  ])("is refused where its header records are together too %s to be kept", async (_what, lines) => {
    const { header, error } = await decodeFiles(script, recording(FIRST, `${lines.join("\n")}\n`));
    expect(header).toBeUndefined();
    expect(error).toMatchObject({ code: "T2A_FORMAT_LIMIT", message: "timing file: the header is longer than 4 MB" });
  });

  it("counts what has no record: markers, foreign events, records that mean something else, an exit that is not the end, texts of several lines", async () => {
    const events: Event[] = [
      { kind: "exit", time: 0, status: 1 },
      { kind: "exit", time: 0, status: 2, meta: {} },
      output(1500, "a"),
      { kind: "marker", time: 2000, label: "" },
      customEvent(3000, "t2a.gap", 1),
      customEvent(3000, "script.S", "no signal"),
      customEvent(3000, "script.H", 5),
      customEvent(3000, "script.S", "SIGWINCH ROWS=5 COLS=5"),
      customEvent(3000, "script.H", "EXIT_CODE 1"),
      customEvent(3000, "script.H", "INPUT_LOG /etc/passwd"),
    ];
    const header: Header = {
      cols: 80,
      rows: 24,
      command: "a\nb",
      extra: { lower: "x", UPPER: "y", OTHER: 1 },
      startTime: -5n,
    };
    const { files: written, losses } = await encodeBatches(script, header, [events]);
    expect(losses).toEqual({ exit: 2, meta: 1, time: 1, marker: 1, custom: 6, header: 3 });
    const back = await decodeClean(script, written);
    expect(back.events).toEqual([output(2000, "a")]);
    expect(back.header).toMatchObject({ command: "a b", extra: { UPPER: "y" }, startTime: -5n });
  });
});

describe("the first line", () => {
  const timed = (first: string, more: Record<string, string> = {}) =>
    recording(`${first}ab${TRAILER}`, "0.1 2\n", more);

  it("is dropped in any language", async () => {
    const first =
      'Skript gestartet am 2026-01-31 13:00:00+01:00 [TERM="linux" TTY="/dev/tty1" COLUMNS="80" LINES="25"]\n';
    const back = await decodeClean(script, timed(first));
    expect(back.header).toMatchObject({ termType: "linux", rows: 25, startTime: START });
    expect(back.events[0]).toEqual(output(1e8, "ab"));
    expect(script.sniff?.(text(first), "-")).toBe(true);
  });

  it("may say nothing that is understood", async () => {
    for (const first of [
      "Script started on Fri 31 Jan 2026 12:00:00 PM CET\n",
      "\n",
      "Script started on x [what]\n",
      'S [COLUMNS="0" LINES="0"]\n',
    ]) {
      const back = await decodeClean(script, timed(first));
      expect(back.header).toEqual({ cols: 80, rows: 24 });
      expect(back.events[0]).toEqual(output(1e8, "ab"));
    }
  });

  it("holds commands with quotes and brackets", async () => {
    const command = 'echo "a" [b] COLUMNS="1"] TERM="x';
    const back = await decodeClean(
      script,
      timed(`Script started on x [COMMAND="${command}" <not executed on terminal>]\n`),
    );
    expect(back.header.command).toBe(command);
  });

  it("is missing in quiet recordings of old versions: the timed bytes are the whole file then", async () => {
    const quiet = recording("one\ntwo\n", "0.1 4\n0.1 4\n");
    expect((await decodeClean(script, quiet, { chunkSize: 3 })).events).toEqual([
      output(1e8, "one\n"),
      output(2e8, "two\n"),
    ]);
    const advanced = recording("one\ntwo", "O 0.1 4\nI 0.1 9\nO 0.1 3\n");
    expect((await decodeFiles(script, advanced)).events).toEqual([output(1e8, "one\n"), output(3e8, "two")]);
  });
});

describe("the files", () => {
  it("are found under the names in use", () => {
    expect(timingNames("/x/foo.log.gz")).toEqual([
      "foo.log.timing",
      "foo.log.tm",
      "foo.log.time",
      "foo.timing",
      "foo.tm",
      "foo.time",
    ]);
    expect(timingNames("foo")).toEqual(["foo.timing", "foo.tm", "foo.time"]);
    expect(timingNames("typescript")).toContain("timing");
  });

  it("are given by hand, also compressed, and then not closed here", async () => {
    const timing = new MemorySource(new Uint8Array(gzipSync("0.1 2\n")), { chunkSize: 3 });
    const source = new MemorySource(text(`${FIRST}ab`), { name: "-" });
    const back = await script.decode?.(source, { timing });
    const events: Event[] = [];
    for await (const batch of back?.batches ?? []) events.push(...batch);
    expect(events).toEqual([output(1e8, "ab")]);
    expect([timing.closed, timing.openStreams, source.openStreams]).toEqual([0, 0, 0]);
  });

  it("that were opened here are closed here", async () => {
    const { siblings, bytes } = recording(`${FIRST}a${TRAILER}`, "O 0.1 1\nI 0.1 1\n", { "a.in": `${FIRST}x` });
    const source = new MemorySource(bytes, { name: "a.typescript", siblings });
    const back = await script.decode?.(source, {});
    for await (const _ of back?.batches ?? []);
    expect(source.opened.map((opened) => opened.closed)).toEqual([1, 1]);
  });

  it("that are missing or swapped are named in one helpful line", async () => {
    const alone = await decodeFiles(script, { name: "-", bytes: text(FIRST) });
    expect(String(alone.error)).toMatch(/standard input .*--timing FILE/);
    for (const timing of ["0.1 2\n0.2 3\n", "H 0.000000 START_TIME x\nO 0.1 2\n"]) {
      const swapped = await decodeFiles(script, { name: "a.tm", bytes: text(timing), siblings: {} });
      expect(String(swapped.error)).toMatch(/a\.tm is a timing file: .*--timing/);
      expect(script.sniff?.(text(timing), "a.tm")).toBe(true);
    }
  });

  it("are known by name, by the first line, or not at all", () => {
    expect(script.sniff?.(text("Skripti nisi\nx"), "a/typescript")).toBe(true);
    expect(script.sniff?.(text("x"), "a.typescript.gz")).toBe(true);
    expect(script.sniff?.(text(""), "a.typescript")).toBe(false);
    expect(script.sniff?.(text("0.5 3\nnot so\n"), "a.txt")).toBe(false);
    expect(script.sniff?.(text("some [text]\n"), "a.txt")).toBe(false);
  });

  it("cannot be written where there is no place beside", () => {
    expect(() => script.createWriter?.(new LoneTarget("-"), {})).toThrowError(/no place/);
  });
});

describe("writing", () => {
  it("puts bytes on disk before the record that times them, each time", async () => {
    const target = new MemoryTarget("a.log");
    const writer = script.createWriter?.(target, {});
    await writer?.header({ cols: 80, rows: 24 });
    for (const time of [1000, 2000]) await writer?.events([output(time, "a"), input(time, "b")]);
    await writer?.events([]);
    expect(target.log.map((write) => write.name)).toEqual([
      ...["a.log", "a.log.timing"],
      ...["a.log", "a.log.in", "a.log.timing"],
      ...["a.log", "a.log.in", "a.log.timing"],
    ]);
  });

  it("waits for targets that ask for it, and keeps the order", async () => {
    const log: string[] = [];
    const slow = (name: string): Target => ({
      name,
      write: async () => {
        await new Promise((done) => setImmediate(done));
        log.push(name);
      },
      sibling: slow,
      commit: async () => {},
      abort: async () => {},
    });
    const writer = script.createWriter?.(slow("x.typescript"), {});
    await writer?.header({ cols: 80, rows: 24 });
    await writer?.events([output(0, "a")]);
    await writer?.end();
    expect(log).toEqual(["x.typescript", "x.timing", "x.typescript", "x.timing", "x.typescript", "x.timing"]);
  });
});

const hasReplay = spawnSync("scriptreplay", ["--version"]).status === 0;

describe.skipIf(!hasReplay)("scriptreplay (util-linux), where it is installed", () => {
  const header: Header = { cols: 80, rows: 24, command: "demo", startTime: START, termType: "xterm" };
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => (i * 7) % 256);
  const events: Event[] = [
    output(0, "first\r\n"),
    input(1_000, "typed"),
    { kind: "resize", time: 2_000_000, cols: 100, rows: 30 },
    { kind: "output", time: 3_000_000, data: bytes },
    output(2_000_000_000, "日本\r\n"),
    { kind: "exit", time: 2_500_000_000, status: 5 },
  ];

  for (const timing of ["advanced", "classic"] as const) {
    it(`replays what was written as ${timing}`, async () => {
      const { files } = await encodeBatches(script, header, [events], { timing });
      const folder = mkdtempSync(join(tmpdir(), "t2a-script-"));
      try {
        const paths = Object.fromEntries(
          [[files.name, files.bytes] as const, ...Object.entries(files.siblings ?? {})].map(([name, data]) => {
            writeFileSync(join(folder, name), data);
            return [name, join(folder, name)];
          }),
        );
        const log = ["-T", paths["sample.timing"] ?? ""];
        const replay = spawnSync("scriptreplay", [
          ...log,
          "-O",
          paths["sample.typescript"] ?? "",
          "-d",
          "1000",
          "-c",
          "never",
        ]);
        const played = Buffer.concat([text("first\r\n"), bytes, text("日本\r\n")]);
        // It ends what it plays with a newline of its own.
        expect(replay.stdout.subarray(0, played.length).equals(played)).toBe(true);
        expect(replay.stdout.length).toBeLessThanOrEqual(played.length + 1);
        if (timing === "classic") return;
        const typed = spawnSync("scriptreplay", [
          ...log,
          "-I",
          paths["sample.in"] ?? "",
          "-x",
          "in",
          "-d",
          "1000",
          "-c",
          "never",
        ]);
        expect(typed.stdout.toString().trimEnd()).toBe("typed");
        const summary = spawnSync("scriptreplay", [...log, "--summary"]).stdout.toString();
        expect(summary).toMatch(/START_TIME: +2026-01-31 12:00:00\+00:00/);
        expect(summary).toMatch(/COMMAND: +demo/);
        expect(summary).toMatch(/DURATION: +2\.500000/);
        expect(summary).toMatch(/EXIT_CODE: +5/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
