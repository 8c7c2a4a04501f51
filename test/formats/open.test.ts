// Opening recordings: by content, compressed or not, cut into chunks, live; and who closes what.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FORMATS, openRecording } from "../../formats/index.js";
import { type Batch, type Format, type Header, type Recording, type Source, UsageError } from "../../src/core/index.js";
import { openStreamSource } from "../../src/files/index.js";
import { encodeBatches } from "../conformance/format-io.js";
import { concatBytes, MemorySource, type MemorySourceOptions } from "../support/memory-io.js";

const HEADER: Header = { cols: 80, rows: 24 };
const EVENTS: Batch = [
  { kind: "output", time: 1e9, data: Buffer.from("one\r\n") },
  { kind: "output", time: 2e9, data: Buffer.from("two\r\n") },
];
const V2 = '{"version":2,"width":80,"height":24}\n[1, "o", "one\\r\\n"]\n[2, "o", "two\\r\\n"]\n';

const textOf = (batches: readonly Batch[]) =>
  batches
    .flat()
    .map((event) => ("data" in event ? Buffer.from(event.data).toString() : event.kind))
    .join("");

async function read(recording: Recording): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of recording.batches) batches.push(batch);
  return batches;
}

function source(bytes: string | Uint8Array, options: MemorySourceOptions = {}): MemorySource {
  return new MemorySource(Buffer.from(bytes), options);
}

/** A format that only tells what it is given to read from. */
function probe(look: (source: Source) => Promise<void>): Format {
  const [format] = FORMATS;
  if (format === undefined) throw new Error("no formats");
  return {
    ...format,
    decode: async (given) => {
      await look(given);
      async function* batches(): AsyncGenerator<Batch> {}
      return { header: HEADER, format: "probe", batches: batches(), close: async () => {} };
    },
  };
}

async function drain(given: Source): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of given.stream()) chunks.push(chunk);
  return Buffer.from(concatBytes(chunks)).toString();
}

describe("openRecording", () => {
  const readable = FORMATS.filter(
    (format) => format.sniff !== undefined && (format.createEncoder ?? format.createWriter) !== undefined,
  );
  const cases = readable.flatMap((format) => [1, 7, undefined].map((chunkSize) => [format, chunkSize] as const));

  it.each(cases)("finds $name by its content, whatever its name, in chunks of %s", async (format, chunkSize) => {
    const { files } = await encodeBatches(format, HEADER, [EVENTS]);
    const options = { name: format.createWriter === undefined ? "misleading.raws" : files.name, chunkSize };
    const siblings = files.siblings === undefined ? {} : { siblings: files.siblings };
    const { chunkSize: _, ...whole } = options;
    const recording = await openRecording(
      source(files.bytes, { ...(chunkSize === undefined ? whole : { ...whole, chunkSize }), ...siblings }),
    );
    // Formats of one family begin alike: the plainest of them is taken.
    expect(recording.format.replace(/[23]$/, "")).toBe(format.name.replace(/[23]$/, ""));
    expect(textOf(await read(recording))).toContain("one\r\ntwo\r\n");
  });

  it.each([1, 7, 4096])("unpacks what is compressed, in chunks of %i", async (chunkSize) => {
    const packed = source(gzipSync(V2), { name: "noname", chunkSize });
    const recording = await openRecording(packed);
    expect(recording.format).toBe("asciicast-v2");
    expect(textOf(await read(recording))).toBe("one\r\ntwo\r\n");
    expect(packed).toMatchObject({ openStreams: 0 });
  });

  it("reads sources that can be read once", async () => {
    const recording = await openRecording(source(gzipSync(V2), { restart: false, ranges: false, chunkSize: 5 }));
    expect(textOf(await read(recording))).toBe("one\r\ntwo\r\n");
  });

  it("tells the format of a live stream before there is more of it", async () => {
    let more: (chunk: Uint8Array) => void = () => {};
    const next = new Promise<Uint8Array>((resolve) => {
      more = resolve;
    });
    async function* live(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"version":2,"width":80,"height":24}\n');
      yield await next;
    }
    const recording = await openRecording(openStreamSource("-", live()));
    expect(recording.format).toBe("asciicast-v2");
    more(Buffer.from('[1, "o", "late"]\n'));
    expect(textOf(await read(recording))).toBe("late");
  });

  it.each([
    ["hello", "demo.cast", "demo.cast is not a recording t2a knows: unknown format"],
    ["hello", "-", "standard input is not a recording t2a knows: unknown format"],
    ["", "demo.cast", "demo.cast is not a recording t2a knows: it is empty"],
    ["", "-", "standard input is not a recording t2a knows: it is empty"],
    [brotliCompressSync(V2), "demo.cast.br", "demo.cast.br is not a recording t2a knows: unknown format"],
    [gzipSync("hello"), "hello.gz", "hello.gz is not a recording t2a knows: unknown format"],
  ])("refuses %j called %s", async (bytes, name, message) => {
    const given = source(bytes, { name });
    await expect(openRecording(given)).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT", message, offset: 0 });
    expect(given.closed).toBe(1);
  });

  it("reads any bytes as raw where the extension says so, and empty files of formats without a header", async () => {
    expect(textOf(await read(await openRecording(source("hello", { name: "a.raw" }))))).toBe("hello");
    expect(textOf(await read(await openRecording(source(gzipSync("hello"), { name: "a.raw.gz" }))))).toBe("hello");
    for (const name of ["a.raw", "a.ttyrec"]) {
      expect(await read(await openRecording(source("", { name })))).toEqual([]);
    }
  });

  it("reads as the format that is asked for, whatever the content looks like", async () => {
    const raw = FORMATS.find(({ name }) => name === "raw");
    const recording = await openRecording(source(V2, { name: "a.cast" }), { format: raw });
    expect(textOf(await read(recording))).toBe(V2);
  });

  it("refuses to read formats that can only be written", async () => {
    const given = source("text");
    const txt = FORMATS.find(({ name }) => name === "txt");
    const failure = openRecording(given, { format: txt });
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toMatchObject({ code: "T2A_FORMAT_UNSUPPORTED" });
    expect(given.closed).toBe(1);
  });

  it("passes options on to the decoder", async () => {
    const warnings: string[] = [];
    const bytes = `${V2}[1, "o", "back"]\n[3, "o", "cu`;
    const options = { recover: true, onWarning: ({ code }: { code: string }) => warnings.push(code) };
    await read(await openRecording(source(bytes), options));
    expect(warnings).toEqual(["time-backwards", "truncated"]);
    const strict = await openRecording(source(bytes), { strict: true });
    await expect(read(strict)).rejects.toThrow("time runs backwards");
  });

  it("yields what is good of damaged compressed data, then the damage", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `[${index}, "o", "${Math.sin(index)}"]\n`).join("");
    const packed = gzipSync(V2.slice(0, V2.indexOf("\n") + 1) + lines);
    const given = source(packed.subarray(0, packed.length - 1000), { chunkSize: 5000 });
    const recording = await openRecording(given);
    let events = 0;
    const reading = (async () => {
      for await (const batch of recording.batches) events += batch.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: "T2A_CODEC" });
    expect(events).toBeGreaterThan(15_000);
    expect(given.openStreams).toBe(0);
  });

  it("tells damage behind the first bytes where it stands, small recordings included", async () => {
    const packed = gzipSync(V2);
    const recording = await openRecording(source(packed.subarray(0, packed.length - 4)));
    await expect(read(recording)).rejects.toMatchObject({ code: "T2A_CODEC" });
  });

  it("meets damage that comes while the format is looked for after what is good", async () => {
    const packed = gzipSync("hello");
    const given = source(packed.subarray(0, packed.length - 4), { name: "a.raw.gz", chunkSize: 4 });
    const batches: Batch[] = [];
    const reading = (async () => {
      for await (const batch of (await openRecording(given)).batches) batches.push(batch);
    })();
    await expect(reading).rejects.toMatchObject({ code: "T2A_CODEC" });
    expect(textOf(batches)).toBe("hello");
  });

  it("tells at once that nothing of compressed data is good", async () => {
    const given = source(Buffer.from([0x1f, 0x8b, 8, 255, 255]));
    await expect(openRecording(given)).rejects.toMatchObject({ code: "T2A_CODEC" });
    expect(given.closed).toBe(1);
  });

  it("closes the source when the events end, when their reader leaves, and when it is closed", async () => {
    const opened: MemorySource[] = [];
    const open = () => {
      const given = source(V2, { chunkSize: 10 });
      opened.push(given);
      return openRecording(given);
    };
    await read(await open());
    for await (const _ of (await open()).batches) break;
    const unread = await open();
    await unread.close();
    await unread.close();
    for (const given of opened) expect(given.closed).toBeGreaterThan(0);
    expect(opened.map(({ openStreams }) => openStreams)).toEqual([0, 0, 0]);
  });

  it("gives decoders the source as it is, its first bytes included, as often as it can be read", async () => {
    let looked = false;
    const format = probe(async (given) => {
      looked = true;
      expect(given).toMatchObject({ name: "a", supports: { restart: true, ranges: true, siblings: true } });
      expect(await drain(given)).toBe(V2);
      expect(await drain(given)).toBe(V2);
      expect(await given.size()).toBe(V2.length);
      expect(Buffer.from(await given.readRange(2, 7)).toString()).toBe("version");
      const sibling = await given.sibling("a.timing");
      expect(sibling?.name).toBe("a.timing");
      await sibling?.close();
      await given.close();
    });
    const given = source(V2, { name: "a", chunkSize: 9, siblings: { "a.timing": Buffer.from("1 1\n") } });
    await read(await openRecording(given, { format }));
    expect(looked).toBe(true);
  });

  it("gives decoders unpacked bytes without size and ranges, as often as the packed ones can be read", async () => {
    let looked = false;
    const format = probe(async (given) => {
      looked = true;
      expect(given.supports).toEqual({ restart: true, ranges: false, siblings: false, follow: false });
      expect(await given.size()).toBeUndefined();
      expect(await drain(given)).toBe(V2);
      expect(await drain(given)).toBe(V2);
    });
    await read(await openRecording(source(gzipSync(V2)), { format }));
    expect(looked).toBe(true);
  });
});
