// raw: output bytes alone.
import { expect, it } from "vitest";
import { raw } from "../../formats/raw.js";
import { testFormat } from "../conformance/format.js";
import { decodeFiles } from "../conformance/format-io.js";

testFormat({
  format: raw,
  samples: [{ name: "sample", bytes: new TextEncoder().encode("anything \u001b[1m at all") }],
  skip: [
    { test: "round trip", reason: "raw has no events of its own: bytes alone come back" },
    { test: "chunks", reason: "a chunk is an event" },
    { test: "cut anywhere", reason: "any prefix of bytes is a whole raw recording" },
    { test: "crash safe", reason: "events are not told apart" },
    { test: "append", reason: "events are not told apart" },
  ],
});

it("gives exactly the bytes as output at time 0", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const { events, header } = await decodeFiles(raw, { name: "sample", bytes });
  expect(events).toEqual([{ kind: "output", time: 0, data: bytes }]);
  expect(header).toMatchObject({ cols: 80, rows: 24 });
});

it("writes output alone and counts the rest as lost", async () => {
  const encoder = await raw.createEncoder?.({});
  const data = Uint8Array.of(0xff, 0, 0x1b);
  const written = encoder?.events([
    { kind: "output", time: 0, data },
    { kind: "input", time: 1, data },
    { kind: "output", time: 5, data, meta: { a: 1 } },
    { kind: "exit", time: 6, status: 1 },
  ]);
  expect([...(written ?? [])]).toEqual([...data, ...data]);
  expect(encoder?.losses.table()).toEqual({ input: 1, time: 1, meta: 1, exit: 1 });
});
