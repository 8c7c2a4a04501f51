// Which version of asciicast a file begins as. A broken header is still claimed, so that its own error reaches the user.

/** The version an asciicast header states; undefined where the bytes begin no asciicast. */
export function asciicastVersion(head: Uint8Array): number | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  if (!/^\s*\{(?!\s*"format"\s*:)/.test(text)) return undefined; // t2a's own json says its format first
  const version = /"version"\s*:\s*([0-9]+)/.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
}
