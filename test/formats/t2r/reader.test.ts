// A second opinion on .t2r: a reader in Python, written from docs/formats/t2r.md alone, finds the same in every file.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createWriter, scanForAppend } from "../../../formats/index.js";
import { json } from "../../../formats/json/index.js";
import { T2rEncoder } from "../../../formats/t2r/encoder.js";
import { t2r } from "../../../formats/t2r/index.js";
import type { Header } from "../../../src/core/index.js";
import { createKey } from "../../../src/security/index.js";
import { arbitraryRecording } from "../../conformance/arbitraries.js";
import { decodeFiles, type Plain } from "../../conformance/format-io.js";
import { concatBytes, copyBytes, MemorySource, MemoryTarget } from "../../support/memory-io.js";
import { missing, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";
import { demo, encode, twoBlocks } from "./sample.js";

const READER = fileURLToPath(new URL("reader.py", import.meta.url));
const reason = missing("python3") ?? missing("zstd");
const read = (path: string) => spawnSync("python3", [READER, path], { maxBuffer: 64 * 1024 * 1024 });

async function expectSame(path: string, bytes: Uint8Array, { header, events }: Plain): Promise<void> {
  writeFileSync(path, bytes);
  const { status, stdout, stderr } = read(path);
  expect([status, stderr.toString()]).toEqual([0, ""]);
  const decoded = await decodeFiles(json, { name: "x.json", bytes: stdout });
  expect(decoded.error).toBeUndefined();
  expect(decoded.header).toEqual(header);
  expect(decoded.events.map(plain)).toEqual(events.map(plain));
}

const plain = (event: Plain["events"][number]) =>
  "data" in event ? { ...event, data: Buffer.from(event.data).toString("latin1") } : event;

it.skipIf(reason)(titled("reads every kind of event, and blocks", reason), async () => {
  const path = tempDir();
  const { header, events } = await demo();
  await expectSame(path("demo.t2r"), await encode(header, [events]), { header, events });
  const size: Header = { cols: 80, rows: 24 };
  await expectSame(path("empty.t2r"), await encode(size, []), { header: size, events: [] });
  writeFileSync(path("blocks.t2r"), await twoBlocks());
  expect(read(path("blocks.t2r")).status).toBe(0);
});

it.skipIf(reason)(titled("reads any recording", reason), async () => {
  const path = tempDir();
  const recordings = fc.sample(arbitraryRecording({}), { numRuns: 25, seed: 7 });
  for (const { header, events } of recordings) {
    await expectSame(path("x.t2r"), await encode(header, events.length > 0 ? [events] : []), { header, events });
  }
});

it.skipIf(reason)(titled("reads a recording that was continued, signed, with sections", reason), async () => {
  const path = tempDir();
  const { header, events } = await demo();
  const half = Math.floor(events.length / 2);
  const encoder = new T2rEncoder({ signer: createKey(path("key.pem")) });
  const parts = [encoder.header(header), encoder.events(events.slice(0, half)), encoder.section("a", Buffer.from("b"))];
  const first = concatBytes([...parts, encoder.end()].map(copyBytes));
  const { state } = await scanForAppend(new MemorySource(first, { name: "demo.t2r", siblings: {} }));
  const target = new MemoryTarget("demo.t2r");
  const writer = await createWriter(t2r, target, {}, state);
  await writer.events(events.slice(half));
  await writer.end();
  await expectSame(path("demo.t2r"), concatBytes([first, target.bytes()]), { header, events });
  for (const bytes of [concatBytes([first, first]), concatBytes([first, target.bytes().subarray(0, 24)])]) {
    writeFileSync(path("x.t2r"), bytes);
    expect(read(path("x.t2r")).status).toBe(1);
  }
});

it.skipIf(reason)(titled("finds damage where t2a finds it", reason), async () => {
  const path = tempDir();
  const { header, events } = await demo();
  const bytes = await encode(header, [events]);
  for (let at = 3; at < bytes.length; at += 37) {
    const flipped = Uint8Array.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    writeFileSync(path("x.t2r"), flipped);
    const { status, stderr } = read(path("x.t2r"));
    expect([at, status, stderr.toString().trim().split("\n").length]).toEqual([at, 1, 1]);
  }
});
