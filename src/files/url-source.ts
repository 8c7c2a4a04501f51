// A Source over http(s): streamed once, and by ranges where the server has them (RFC 9110, 14). Bounded in time to the first
// byte and between bytes, and in redirects (fetch's 20).
import { type Source, StoreError, wrapSource } from "../core/index.js";
import { openStreamSource } from "./stream-source.js";

/** How long a server may keep one waiting, in milliseconds. */
export interface UrlTimeouts {
  /** Until its answer begins; 15 s by default. */
  readonly answer?: number;
  /** Until the next bytes of the answer; 30 s by default. What the reader takes over the last ones does not count. */
  readonly stall?: number;
}

const ANSWER_TIMEOUT_MS = 15_000;
const STALL_TIMEOUT_MS = 30_000;

/** Whether a command-line argument names a URL that `openUrlSource` reads. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Asks for a URL and streams the answer; with ranges where the server offers them.
 * @throws StoreError `T2A_NETWORK` where the server cannot be reached, answers with an error, stalls or breaks off.
 */
export async function openUrlSource(url: string, timeouts: UrlTimeouts = {}): Promise<Source> {
  const { answer = ANSWER_TIMEOUT_MS, stall = STALL_TIMEOUT_MS } = timeouts;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), answer);
  let response: Response;
  try {
    // Servers that have several forms of a recording give the asciicast for this media type.
    response = await fetch(url, {
      signal: controller.signal,
      headers: { accept: "application/x-asciicast, */*;q=0.8" },
    });
  } catch (error) {
    const reason = controller.signal.aborted ? `no answer within ${answer / 1000} s` : causeOf(error);
    throw networkError(url, reason || "not reachable", error);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok || response.body === null) {
    controller.abort();
    throw networkError(url, `the server answered ${response.status} ${response.statusText}`.trim());
  }
  const source = openStreamSource(url, bodyOf(url, response.body, controller, stall), () => controller.abort());
  const size = rangedSize(response);
  if (size === undefined) return source;
  const ranges = new Ranges(response, controller.signal, answer + stall);
  return wrapSource(source, {
    supports: { ...source.supports, ranges: true },
    size: async () => size,
    readRange: (start, length) => ranges.read(start, Math.min(length, size - start)),
  });
}

/** Size of an answer that can also be had in parts; undefined where it cannot, or is packed on its way. */
function rangedSize({ headers }: Response): number | undefined {
  if (headers.get("accept-ranges") !== "bytes" || headers.has("content-encoding")) return undefined;
  const size = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Parts of what one URL gave, redirects followed before. */
class Ranges {
  readonly #url: string;
  /** What tells the server which version was begun with: another one is no part of it. */
  readonly #version: string | null;
  readonly #closed: AbortSignal;
  readonly #timeoutMs: number;

  constructor({ url, headers }: Response, closed: AbortSignal, timeoutMs: number) {
    this.#url = url;
    this.#version = headers.get("etag") ?? headers.get("last-modified");
    this.#closed = closed;
    this.#timeoutMs = timeoutMs;
  }

  async read(start: number, length: number): Promise<Uint8Array> {
    if (length <= 0) return new Uint8Array(0);
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(this.#url, {
        signal: AbortSignal.any([this.#closed, timeout]),
        headers: {
          range: `bytes=${start}-${start + length - 1}`,
          "accept-encoding": "identity",
          ...(this.#version === null || this.#version.startsWith("W/") ? {} : { "if-range": this.#version }),
        },
      });
      const bytes = response.status === 206 ? await this.#part(response, length) : undefined;
      if (bytes !== undefined) return bytes;
      await response.body?.cancel();
      const reason =
        response.status === 200 ? "it changed while it was read" : `the server answered ${response.status} to a range`;
      throw networkError(this.#url, reason);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const reason = timeout.aborted ? `no answer within ${this.#timeoutMs / 1000} s` : causeOf(error);
      throw networkError(this.#url, reason || "not reachable", error);
    }
  }

  /** Undefined where it is longer than what was asked for. */
  async #part(response: Response, length: number): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > length) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }
}

async function* bodyOf(
  url: string,
  body: AsyncIterable<Uint8Array>,
  controller: AbortController,
  stallMs: number,
): AsyncGenerator<Uint8Array> {
  let stalled = false;
  const wait = () =>
    setTimeout(() => {
      stalled = true;
      controller.abort();
    }, stallMs);
  let timer = wait();
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer = wait();
    }
  } catch (error) {
    const reason = stalled ? `nothing more came for ${stallMs / 1000} s` : causeOf(error) || "the connection broke";
    throw networkError(url, reason, error);
  } finally {
    clearTimeout(timer);
  }
}

/** What stands behind one of fetch's errors; their own messages say nothing. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
}

function networkError(url: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("T2A_NETWORK", `cannot read ${url}: ${reason}`, { details: { name: url }, cause });
}
