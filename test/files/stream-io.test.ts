// Sources and targets over streams: standard input and output.
import { PassThrough, Readable, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../src/core/index.js";
import { openStreamSource, openStreamTarget } from "../../src/files/index.js";
import { concatBytes } from "../support/memory-io.js";

const systemError = (code: string) => Object.assign(new Error(`write ${code}`), { code });

describe("openStreamSource", () => {
  it("gives the chunks as they come, and can do nothing else", async () => {
    const source = openStreamSource("-", Readable.from([Buffer.from("a"), Buffer.from("b")]));
    expect(source).toMatchObject({ name: "-", supports: { restart: false, ranges: false, siblings: false } });
    expect(await source.size()).toBeUndefined();
    expect(await source.sibling("b")).toBeUndefined();
    await expect(source.readRange(0, 1)).rejects.toThrow(TypeError);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.stream()) chunks.push(chunk);
    expect(Buffer.from(concatBytes(chunks)).toString()).toBe("ab");
    await source.close();
  });

  it("releases the stream once", async () => {
    let released = 0;
    const source = openStreamSource("-", Readable.from([]), () => {
      released++;
    });
    await source.close();
    await source.close();
    expect(released).toBe(1);
  });

  it.each([
    ["a system's error", systemError("EIO"), "cannot read -: the device reports an input/output error"],
    ["another error", new Error("odd"), "cannot read -: odd"],
    ["an error that says what it is", new StoreError("T2A_NETWORK", "the line broke"), "the line broke"],
    ["what is no error at all", "odd", "cannot read -: odd"],
  ])("tells of %s", async (_what, thrown, message) => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a");
      throw thrown;
    }
    const stream = openStreamSource("-", chunks()).stream()[Symbol.asyncIterator]();
    expect(await stream.next()).toMatchObject({ done: false });
    await expect(stream.next()).rejects.toMatchObject({ name: "StoreError", message });
  });
});

describe("openStreamTarget", () => {
  it("hands each write on before it asks for the next", async () => {
    const stream = new PassThrough();
    const target = openStreamTarget("standard output", stream);
    await target.write(Buffer.from("a"));
    await target.write(Buffer.from("b"));
    await target.commit();
    await target.abort();
    expect(stream.read().toString()).toBe("ab");
    expect(stream.writableEnded).toBe(false);
  });

  it("has no place for another file", () => {
    expect(() => openStreamTarget("standard output", new PassThrough()).sibling("a.timing")).toThrow(
      expect.objectContaining({ code: "T2A_FORMAT_UNSUPPORTED", message: expect.stringContaining("give a file name") }),
    );
  });

  it("tells of a write that fails, and of one after the stream broke", async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(systemError("EPIPE")) });
    const target = openStreamTarget("standard output", stream);
    const failure = { code: "T2A_FILE_IO", message: "cannot write standard output: the reader is gone" };
    await expect(target.write(Buffer.from("a"))).rejects.toMatchObject(failure);
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => target.write(Buffer.from("b"))).toThrow(expect.objectContaining(failure));
  });
});
