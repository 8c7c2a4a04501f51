// Sections: bytes that somebody supplies under a name, found again by it, checked, and kept when a file is written anew.
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { copyRecording, openRecording } from "../../../formats/index.js";
import { raw } from "../../../formats/raw.js";
import { T2rEncoder } from "../../../formats/t2r/encoder.js";
import { buildFrame } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import { inspectT2r } from "../../../formats/t2r/inspect.js";
import { FrameType } from "../../../formats/t2r/layout.js";
import { openT2r } from "../../../formats/t2r/reader.js";
import { MAX_SECTION_BYTES, MAX_SECTIONS } from "../../../formats/t2r/section.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import type { Event } from "../../../src/core/index.js";
import { openFileSource } from "../../../src/files/index.js";
import { decodeFiles } from "../../conformance/format-io.js";
import { concatBytes, copyBytes, MemoryTarget } from "../../support/memory-io.js";
import { runCli } from "../../support/run-cli.js";
import { tempDir } from "../../support/temp-dir.js";
import { pieces, rebuilt, source } from "./sample.js";

const event: Event = { kind: "output", time: 1000, data: Buffer.from("hi") };
const SECTIONS: readonly (readonly [string, Uint8Array])[] = [
  ["chapters", Buffer.from('{"lines":[]}')],
  ["__proto__", Buffer.alloc(2_000_000, "text index ")],
  ["7", new Uint8Array(0)],
  ["é😀", Uint8Array.of(255, 0)],
];

function encode(sections: readonly (readonly [string, Uint8Array])[], events: readonly Event[] = [event]): Uint8Array {
  const encoder = new T2rEncoder();
  const parts = [copyBytes(encoder.header({ cols: 80, rows: 24 })), copyBytes(encoder.events(events))];
  for (const [name, bytes] of sections) parts.push(copyBytes(encoder.section(name, bytes)));
  return concatBytes([...parts, copyBytes(encoder.end())]);
}

/** Every section of a file by name; whether each is what was put in. */
async function sectionsOf(file: Uint8Array): Promise<Map<string, Uint8Array | undefined>> {
  const open = await openT2r(source(file));
  const names = [...(open?.index.sections.keys() ?? [])];
  return new Map(await Promise.all(names.map(async (name) => [name, await open?.section(name)] as const)));
}

async function expectSame(file: Uint8Array, more: readonly string[] = []): Promise<void> {
  const found = await sectionsOf(file);
  expect([...found.keys()].sort()).toEqual([...SECTIONS.map(([name]) => name), ...more].sort());
  for (const [name, bytes] of SECTIONS) expect(Buffer.compare(found.get(name) ?? Buffer.from("none"), bytes)).toBe(0);
}

describe("sections", () => {
  it("are found by their names, and the recording is what it was", async () => {
    const file = encode(SECTIONS);
    await expectSame(file);
    expect(await verifyT2r(source(file))).toMatchObject({ state: "intact", events: 1 });
    expect((await decodeFiles(t2r, { name: "x.t2r", bytes: file })).events).toHaveLength(1);
    expect(await (await openT2r(source(file)))?.section("none")).toBeUndefined();
    expect((await sectionsOf(encode([]))).size).toBe(0);
    const frames = [];
    for await (const frame of inspectT2r(source(file))) if (frame.section !== undefined) frames.push(frame.section);
    expect(frames).toEqual(SECTIONS.map(([name, { length }]) => ({ name, bytes: length })));
  });

  it("are kept by a rewrite that changes nothing, and not where the recording is changed", async () => {
    const path = tempDir();
    writeFileSync(path("a.t2r"), encode(SECTIONS));
    expect((await runCli(["convert", path("a.t2r"), path("b.t2r")])).status).toBe(0);
    expect((await runCli(["convert", "--speed", "2", path("a.t2r"), path("c.t2r")])).status).toBe(0);
    const target = new MemoryTarget();
    const read = await openRecording(await openFileSource(path("b.t2r")));
    async function* sections() {
      yield* SECTIONS;
    }
    await copyRecording(read, raw, target, { sections: sections() });
    expect(Buffer.from(target.bytes()).toString()).toBe("hi");
    const bytes = async (name: string) => {
      const chunks: Uint8Array[] = [];
      const opened = await openFileSource(path(name));
      for await (const chunk of opened.stream()) chunks.push(chunk);
      await opened.close();
      return concatBytes(chunks);
    };
    await expectSame(await bytes("b.t2r"), ["commands"]);
    // That one is t2a's own, and made for every recording.
    expect([...(await sectionsOf(await bytes("c.t2r"))).keys()]).toEqual(["commands"]);
    expect((await runCli(["inspect", path("b.t2r")])).stdout).toContain("chapters: 12 bytes");
  });

  it("have one name each, of 255 bytes at most, and are so many and so large and no more", () => {
    const encoder = new T2rEncoder();
    encoder.header({ cols: 80, rows: 24 });
    encoder.section("a".repeat(255), event.data);
    const none = new Uint8Array(0);
    for (const [name, bytes, code] of [
      ["a".repeat(255), none, "T2A_USAGE"],
      ["", none, "T2A_USAGE"],
      ["\ud800", none, "T2A_USAGE"],
      ["é".repeat(128), none, "T2A_FORMAT_LIMIT"],
      ["large", { length: MAX_SECTION_BYTES + 1 } as Uint8Array, "T2A_FORMAT_LIMIT"],
    ] as const) {
      expect(() => encoder.section(name, bytes), name).toThrow(expect.objectContaining({ code }));
    }
    for (let at = 1; at < MAX_SECTIONS; at++) encoder.section(String(at), none);
    expect(() => encoder.section("more", none)).toThrow(expect.objectContaining({ code: "T2A_FORMAT_LIMIT" }));
  });

  it("are damage where they have no name, stand before a block, are too many, or are not what the index says", async () => {
    const file = encode(SECTIONS.slice(0, 1));
    const [head, block, section, index, end] = pieces(file) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const stateOf = async (...parts: Uint8Array[]) => (await verifyT2r(source(concatBytes(parts)))).problems[0]?.reason;
    expect(await stateOf(head, block, section, index, end)).toBeUndefined();
    expect(await stateOf(head, section, block, index, end)).toBe("a block stands behind a section");
    for (const payload of [new Uint8Array(0), Uint8Array.of(0, 1), Uint8Array.of(3, 65), Uint8Array.of(1, 255)]) {
      expect(await stateOf(head, block, buildFrame(FrameType.section, payload))).toBe("a section has no name");
    }
    const many = Array.from({ length: MAX_SECTIONS + 1 }, (_, at) =>
      buildFrame(FrameType.section, Buffer.from(`\x03${1000 + at}`)),
    );
    expect(
      await stateOf(
        head,
        block,
        ...many.map((frame, at) => rebuilt(frame, (name) => name.write(String(at).padStart(3, "0"), 1))),
      ),
    ).toBe("more sections than a recording can have");
    // Of the same size, so that the index and END fit but for the section.
    const renamed = rebuilt(section, (payload) => payload.write("C", 1));
    expect(await stateOf(head, block, renamed, index, end)).toBe("the index does not fit the recording");
    const opened = await openT2r(source(concatBytes([head, block, renamed, index, end])));
    await expect(opened?.section("chapters")).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    const torn = section.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
    const broken = await openT2r(source(concatBytes([head, block, torn, index, end])));
    await expect(broken?.section("chapters")).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
  });

  it("are not listed by an index that lists none, or too many", async () => {
    const none = pieces(encode([]));
    const sections = pieces(encode([["a", event.data]]));
    const frames = [...none.slice(0, 2), ...sections.slice(2, 3), ...none.slice(2)];
    expect((await verifyT2r(source(concatBytes(frames)))).state).toBe("damaged");
    const json = JSON.stringify({ sections: Object.fromEntries(Array.from({ length: 257 }, (_, at) => [at, [0, 0]])) });
    const index = buildFrame(FrameType.index, Buffer.from(json));
    expect(await openT2r(source(concatBytes([...none.slice(0, 2), index])))).toBeUndefined();
  });
});
