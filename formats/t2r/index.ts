// t2r: t2a's own format. A sequence of zstd frames that hold the output, with everything else in skippable frames between
// them. docs/formats/t2r.md is its specification.
import { type AppendState, type Format, T2aError } from "../../src/core/index.js";
import { scanT2rForAppend, T2rAppendState, type T2rPlace } from "./append.js";
import { decodeT2r } from "./decoder.js";
import { T2rEncoder } from "./encoder.js";
import { followT2r } from "./follower.js";
import { frameSize } from "./frame.js";
import { FRAME_HEAD_BYTES, FrameType } from "./layout.js";
import { T2rLiveWriter } from "./live-writer.js";

function placeOf(append: AppendState | undefined): T2rPlace | undefined {
  if (append === undefined) return undefined;
  if (append instanceof T2rAppendState) return append.place;
  throw new T2aError("T2A_FORMAT_UNSUPPORTED", "t2r is continued from what its own scan found");
}

/** t2a's own format. */
export const t2r: Format = {
  name: "t2r",
  title: "t2a's own: compressed, indexed, checked, lossless",
  extensions: [".t2r"],
  supports: {
    input: true,
    resize: true,
    marker: true,
    exit: true,
    custom: true,
    meta: true,
    bytes: true,
    timeStepNanos: 1,
    crashSafe: true,
    append: true,
    follow: true,
    signatures: true,
  },
  sniff: (head) => frameSize(head.subarray(0, FRAME_HEAD_BYTES)) !== undefined && head[12] === FrameType.header,
  decode: (source, options) => (options.follow === undefined ? decodeT2r : followT2r)(source, options),
  createEncoder: (options) => new T2rEncoder(options),
  createLiveWriter: (target, options, append) => new T2rLiveWriter(target, options, placeOf(append)),
  scanForAppend: scanT2rForAppend,
};
