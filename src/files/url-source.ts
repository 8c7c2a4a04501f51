// A Source over http(s): streamed once, bounded in time to the first byte and in redirects (fetch's 20).

import type { Source } from "../core/index.js";
import { StoreError } from "../core/index.js";
import { openStreamSource } from "./stream-source.js";

/** How long a server may take until its answer begins. */
const CONNECT_TIMEOUT_MS = 15_000;

/** Whether a command-line argument names a URL that `openUrlSource` reads. */
export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Asks for a URL and streams the answer.
 * @throws StoreError `T2A_NETWORK` where the server cannot be reached or answers with an error.
 */
export async function openUrlSource(url: string): Promise<Source> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), CONNECT_TIMEOUT_MS);
  let response: Response;
  try {
    // Servers that have several forms of a recording give the asciicast for this media type.
    response = await fetch(url, {
      signal: controller.signal,
      headers: { accept: "application/x-asciicast, */*;q=0.8" },
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    const reason = controller.signal.aborted
      ? `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`
      : cause || "not reachable";
    throw new StoreError("T2A_NETWORK", `cannot read ${url}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok || response.body === null) {
    controller.abort();
    throw new StoreError(
      "T2A_NETWORK",
      `cannot read ${url}: the server answered ${response.status} ${response.statusText}`.trim(),
    );
  }
  return openStreamSource(url, response.body, () => controller.abort());
}
