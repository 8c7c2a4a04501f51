// Sources over http, against a server of the test's own.
import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { t2r } from "../../formats/t2r/index.js";
import { openT2r } from "../../formats/t2r/reader.js";
import type { Event, Header, Source } from "../../src/core/index.js";
import { isUrl, openUrlSource } from "../../src/files/index.js";
import { ScreenSeeker } from "../../src/play/index.js";
import { KeyframeMaker } from "../../src/terminal/index.js";
import { encodeBatches } from "../conformance/format-io.js";
import { concatBytes } from "../support/memory-io.js";

/** A server that answers by `listener`; its address ends with a slash. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => stop(server));
  return addressOf(server);
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // it listens on TCP

async function textOf(source: Source): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.stream()) chunks.push(chunk);
  await source.close();
  return Buffer.from(concatBytes(chunks)).toString();
}

describe("isUrl", () => {
  it.each([
    ["http://a/b", true],
    ["HTTPS://a", true],
    ["ftp://a", false],
    ["file:///a", false],
    ["http", false],
    ["demo.cast", false],
    ["-", false],
  ])("%j: %s", (text, is) => {
    expect(isUrl(text)).toBe(is);
  });
});

/** A server of one file that gives parts of it, and how many bytes of parts it gave. */
async function serveRanges(file: Uint8Array, { etag = '"1"', cut = 0 } = {}) {
  const given = { bytes: 0, etag };
  const url = await serve((request, response) => {
    response.setHeader("accept-ranges", "bytes").setHeader("etag", given.etag);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (range === null || request.headers["if-range"] !== given.etag) {
      response.setHeader("content-length", file.length);
      if (request.headers.range === undefined)
        response.write(file.subarray(0, 10)); // the rest is not asked for
      else response.end(file);
      return;
    }
    const part = file.subarray(Number(range[1]), Number(range[2]) + 1 + cut);
    given.bytes += part.length;
    response.writeHead(206).end(part);
  });
  return { url, given };
}

describe("openUrlSource with a server that gives ranges", () => {
  it("opens a .t2r and shows a screen in it without reading it whole", async () => {
    const noise = (at: number) => createHash("shake256", { outputLength: 100_000 }).update(`${at}`).digest();
    const events = Array.from(
      { length: 60 },
      (_, at): Event => ({ kind: "output", time: at * 1e9, data: Buffer.from(`${noise(at).toString("base64")}\r\n`) }),
    );
    const createKeyframes = (size: Header) => new KeyframeMaker(size);
    const { files } = await encodeBatches(t2r, { cols: 80, rows: 24 }, [events], { createKeyframes });
    const { url, given } = await serveRanges(files.bytes);
    const source = await openUrlSource(url);
    const recording = await openT2r(source);
    expect(given.bytes).toBeLessThan(10_000);
    const screen = await new ScreenSeeker(recording ?? expect.fail("it does not open")).seek(40e9);
    expect(screen.text()[22]).toBe(events[40]?.kind === "output" ? lastRow(events[40].data) : "");
    expect(given.bytes).toBeLessThan(files.bytes.length / 2);
    await source.close();
  });

  it("reads no further than the end, and nothing where nothing is asked for", async () => {
    const { url } = await serveRanges(Buffer.from("0123456789"));
    const source = await openUrlSource(url);
    expect(Buffer.from(await source.readRange(7, 100)).toString()).toBe("789");
    expect((await source.readRange(10, 5)).length).toBe(0);
    expect(await source.size()).toBe(10);
    await source.close();
  });

  it("says that the file changed meanwhile", async () => {
    const { url, given } = await serveRanges(Buffer.from("0123456789"));
    const source = await openUrlSource(url);
    given.etag = '"2"';
    await expect(source.readRange(2, 3)).rejects.toMatchObject({
      code: "T2A_NETWORK",
      message: expect.stringContaining("it changed while it was read"),
    });
    await source.close();
  });

  it("takes no more than it asked for", async () => {
    const { url } = await serveRanges(Buffer.from("0123456789"), { cut: 3 });
    const source = await openUrlSource(url);
    await expect(source.readRange(2, 3)).rejects.toMatchObject({ code: "T2A_NETWORK" });
    await source.close();
  });
});

/** Of a line that wraps at 80 columns. */
function lastRow(line: Uint8Array): string {
  const text = Buffer.from(line).toString().trimEnd();
  return text.slice(Math.floor((text.length - 1) / 80) * 80);
}

describe("openUrlSource", () => {
  it("streams the answer once, and asks for asciicasts first", async () => {
    let accept: string | undefined;
    const url = await serve((request, response) => {
      accept = request.headers.accept;
      response.write("one ");
      response.end("two");
    });
    const source = await openUrlSource(url);
    expect(source).toMatchObject({ name: url, supports: { restart: false, ranges: false, siblings: false } });
    expect(await textOf(source)).toBe("one two");
    expect(accept).toMatch(/^application\/x-asciicast,/);
  });

  it("follows redirects", async () => {
    const url = await serve((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: "/there" }).end();
      else response.end(`at ${request.url}`);
    });
    expect(await textOf(await openUrlSource(url))).toBe("at /there");
  });

  it("gives up on redirects in a circle", async () => {
    const url = await serve((_request, response) => void response.writeHead(302, { location: "/" }).end());
    await expect(openUrlSource(url)).rejects.toMatchObject({
      code: "T2A_NETWORK",
      message: `cannot read ${url}: redirect count exceeded`,
    });
  });

  it.each([
    [404, "Not Found"],
    [500, "Internal Server Error"],
  ])("tells of status %i", async (status, text) => {
    const url = await serve((_request, response) => void response.writeHead(status).end("a page for people"));
    await expect(openUrlSource(url)).rejects.toMatchObject({
      name: "StoreError",
      code: "T2A_NETWORK",
      message: `cannot read ${url}: the server answered ${status} ${text}`,
    });
  });

  it("tells of a server that is not there", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = addressOf(server);
    await stop(server);
    await expect(openUrlSource(url)).rejects.toMatchObject({
      code: "T2A_NETWORK",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("tells of an address that is none", async () => {
    await expect(openUrlSource("http://")).rejects.toMatchObject({ code: "T2A_NETWORK" });
  });

  it("does not wait for ever for an answer to begin", async () => {
    const url = await serve(() => {});
    await expect(openUrlSource(url, { answer: 50 })).rejects.toMatchObject({
      code: "T2A_NETWORK",
      message: `cannot read ${url}: no answer within 0.05 s`,
    });
  });

  it("tells of an answer that breaks off, after what came of it", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("half", () => response.destroy());
    });
    const stream = (await openUrlSource(url)).stream()[Symbol.asyncIterator]();
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe("half");
    await expect(stream.next()).rejects.toMatchObject({
      name: "StoreError",
      code: "T2A_NETWORK",
      message: expect.stringMatching(/^cannot read http:\S+: [a-z]/),
    });
  });

  it("does not wait for ever for the rest of an answer, and lets the server go", async () => {
    let gone: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await serve((_request, response) => {
      response.on("close", gone);
      response.write("half");
    });
    const stream = (await openUrlSource(url, { stall: 50 })).stream()[Symbol.asyncIterator]();
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe("half");
    await expect(stream.next()).rejects.toMatchObject({
      name: "StoreError",
      code: "T2A_NETWORK",
      message: `cannot read ${url}: nothing more came for 0.05 s`,
    });
    await left;
  });

  it("does not take a reader who is slow for a server that stalls", async () => {
    const url = await serve((_request, response) => {
      response.write("one ", () => setImmediate(() => response.end("two")));
    });
    const stream = (await openUrlSource(url, { stall: 1000 })).stream()[Symbol.asyncIterator]();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const first = await stream.next();
    vi.advanceTimersByTime(5000);
    const texts = [first.value ?? []];
    for (let next = await stream.next(); !next.done; next = await stream.next()) texts.push(next.value);
    expect(texts.map((bytes) => Buffer.from(bytes).toString()).join("")).toBe("one two");
  });

  it("lets the server go when it is closed early", async () => {
    let gone: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const url = await serve((_request, response) => {
      response.on("close", gone);
      response.write("endless");
    });
    const source = await openUrlSource(url);
    await source.close();
    await left;
  });
});
