// A Source over http(s): streamed once, bounded in time to the first byte and between bytes, and in redirects (fetch's 20).

import type { Source } from "../core/index.js";
import { StoreError } from "../core/index.js";
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
 * Asks for a URL and streams the answer.
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
  return openStreamSource(url, bodyOf(url, response.body, controller, stall), () => controller.abort());
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
