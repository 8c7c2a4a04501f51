// The ttyrec formats: frames of time, length and bytes, without a header. docs/formats.md says what each can hold.
import type { Format } from "../../src/core/index.js";
import { decodeTtyrec } from "./decoder.js";
import { createFrameEncoder } from "./encoder.js";
import type { HeaderBytes } from "./frame.js";
import { sniffTtyrec, type TtyrecName } from "./sniff.js";

/** ttyrec, with the y2038 dialect of termrec where the time needs it. */
export const ttyrec: Format = createFormat("ttyrec", "ttyrec recording: output alone", 12);

/** ttyrec with a channel for input, as the NetHack Learning Environment writes it. */
export const ttyrec2: Format = createFormat("ttyrec2", "ttyrec recording with input (NLE, version 2)", 13);

/** ttyrec2 with a channel for the score too: custom events `ttyrec.score`, and `ttyrec.N` for any other channel. */
export const ttyrec3: Format = createFormat("ttyrec3", "ttyrec recording with input and score (NLE, version 3)", 13);

function createFormat(name: TtyrecName, title: string, headerBytes: HeaderBytes): Format {
  return {
    name,
    title,
    extensions: [`.${name}`],
    supports: {
      input: headerBytes === 13,
      resize: false,
      marker: false,
      exit: false,
      custom: false,
      meta: false,
      bytes: true,
      timeStepNanos: 1000,
      crashSafe: true,
      append: true,
      follow: true,
    },
    sniff: (head, fileName) => sniffTtyrec(head, fileName) === name,
    decode: (source, options) => decodeTtyrec(name, source, options),
    createEncoder: (_options, append) => createFrameEncoder(headerBytes, append),
  };
}
