// A Source over http(s): streamed once, bounded in time to the first byte and in redirects (fetch's 20).

import type { Source } from "../core/index.js";
import { StoreError } from "../core/index.js";
import { openStreamSource } from "./stream-source.js";

/** How long a server may take until its answer begins. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Whether a command-line argument names a URL that `openUrlSource` reads. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Asks for a URL and streams the answer.
 * @throws StoreError `T2A_NETWORK` where the server cannot be reached, answers with an error, or breaks off.
 */
export async function openUrlSource(url: string, answerTimeoutMs = ANSWER_TIMEOUT_MS): Promise<Source> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), answerTimeoutMs);
  let response: Response;
  try {
    // Servers that have several forms of a recording give the asciicast for this media type.
    response = await fetch(url, {
      signal: controller.signal,
      headers: { accept: "application/x-asciicast, */*;q=0.8" },
    });
  } catch (error) {
    const reason = controller.signal.aborted ? `no answer within ${answerTimeoutMs / 1000} s` : causeOf(error);
    throw networkError(url, reason || "not reachable", error);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok || response.body === null) {
    controller.abort();
    throw networkError(url, `the server answered ${response.status} ${response.statusText}`.trim());
  }
  return openStreamSource(url, bodyOf(url, response.body), () => controller.abort());
}

async function* bodyOf(url: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw networkError(url, causeOf(error) || "the connection broke", error);
  }
}

/** What stands behind one of fetch's errors; their own messages say nothing. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
}

function networkError(url: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("T2A_NETWORK", `cannot read ${url}: ${reason}`, { details: { name: url }, cause });
}
