// Which of the three a head is: by the name's extension where it has one of them, else by walking the header chain.
import { stripCodecSuffix } from "../../src/codec/index.js";
import { findHeaderBytes, walk } from "./chain.js";
import { type HeaderBytes, MAX_FRAME_BYTES } from "./frame.js";

/** The names of the formats here. */
export type TtyrecName = "ttyrec" | "ttyrec2" | "ttyrec3";

/** The format that a name's extension states; a codec's suffix does not count. */
export function nameFromExtension(name: string): TtyrecName | undefined {
  const match = /\.(ttyrec[23]?)$/i.exec(stripCodecSuffix(name));
  return match === null ? undefined : (match[1]?.toLowerCase() as TtyrecName); // the pattern has only these
}

/** The format of input that begins so; undefined where it is none of them. */
export function sniffTtyrec(head: Uint8Array, name: string): TtyrecName | undefined {
  const stated = nameFromExtension(name);
  if (stated === "ttyrec2" || stated === "ttyrec3") return firstFrameIsSane(head, 13) ? stated : undefined;
  const headerBytes = findHeaderBytes(head);
  const found = walk(head, headerBytes === 13 ? 13 : 12);
  if (found.proven) return headerBytes !== 13 ? "ttyrec" : found.scores > 0 ? "ttyrec3" : "ttyrec2";
  return stated !== undefined && firstFrameIsSane(head, 12) ? stated : undefined;
}

/** A file that says what it is need only begin well: what is damaged later on is for the decoder to name. */
function firstFrameIsSane(head: Uint8Array, headerBytes: HeaderBytes): boolean {
  if (head.length < headerBytes) return false;
  return new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(8, true) <= MAX_FRAME_BYTES;
}
