// Sections of a .t2r: bytes that somebody supplies under a name, opaque to the format.
import { FormatError, UsageError } from "../../src/core/index.js";
import { MAX_BLOCK_BYTES } from "./layout.js";

/** A section's name in UTF-8 at most, bytes; it has one byte at least. */
export const MAX_NAME_BYTES = 255;
/** Sections in an index at most. */
export const MAX_SECTIONS = 256;
/** A section's content at most, bytes. */
export const MAX_SECTION_BYTES = MAX_BLOCK_BYTES - 1 - MAX_NAME_BYTES;

/** A section. */
export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The payload of a SECTION frame.
 * @throws UsageError for a name that is none, FormatError `T2A_FORMAT_LIMIT` where a name or the content is too long.
 */
export function sectionPayload({ name, bytes }: Section): Uint8Array {
  const nameBytes = Buffer.from(name, "utf8");
  if (nameBytes.length === 0 || nameBytes.toString("utf8") !== name) throw new UsageError("a section needs a name");
  if (nameBytes.length > MAX_NAME_BYTES || bytes.length > MAX_SECTION_BYTES) {
    const limits = `${MAX_NAME_BYTES} bytes of name, ${MAX_SECTION_BYTES >> 20} MB of content`;
    throw new FormatError("T2A_FORMAT_LIMIT", `a section is larger than .t2r holds (${limits})`);
  }
  return Buffer.concat([Uint8Array.of(nameBytes.length), nameBytes, bytes]);
}

/** Takes a payload apart, of whose memory the bytes are a view; undefined where it is no section's. */
export function parseSection(payload: Uint8Array): Section | undefined {
  const end = 1 + (payload[0] ?? 0);
  if (end === 1 || payload.length < end) return undefined;
  try {
    const name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload.subarray(1, end));
    return { name, bytes: payload.subarray(end) };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
