// t2r: t2a's own format. A sequence of zstd frames that hold the output, with everything else in skippable frames between
// them. docs/formats/t2r.md is its specification.
import type { Format } from "../../src/core/index.js";
import { decodeT2r } from "./decoder.js";
import { T2rEncoder } from "./encoder.js";
import { frameSize } from "./frame.js";
import { FRAME_HEAD_BYTES, FrameType } from "./layout.js";
import { T2rLiveWriter } from "./live-writer.js";

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
    append: false,
  },
  sniff: (head) => frameSize(head.subarray(0, FRAME_HEAD_BYTES)) !== undefined && head[12] === FrameType.header,
  decode: decodeT2r,
  createEncoder: ({ createKeyframes, chain }) => new T2rEncoder({ createKeyframes, chain }),
  createLiveWriter: (target) => new T2rLiveWriter(target),
};
