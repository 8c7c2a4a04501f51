// What a .t2r is made of, frame by frame, for people who look into a file.
import type { Source } from "../../src/core/index.js";
import { fingerprint } from "../../src/security/index.js";
import { walkFrames } from "./frame-walker.js";
import type { StoredKeyframe } from "./keyframe.js";

/** One frame. Offsets and sizes are bytes, times nanoseconds. */
export interface FrameDescription {
  readonly offset: number;
  /** A block's includes the zstd frame behind it. */
  readonly size: number;
  readonly kind:
    | "header"
    | "block"
    | "keyframe"
    | "signature"
    | "section"
    | "index"
    | "end"
    | "generation"
    | "unknown"
    | "damage";
  /** Of a block, as far as it is whole. */
  readonly block?: {
    readonly sequence: number;
    readonly events: number;
    readonly startNs: number;
    readonly endNs: number;
    readonly outputOffset: number;
    readonly outputBytes: number;
    /** Of the zstd frame that holds the output. */
    readonly frameBytes: number;
  };
  /** Of a keyframe: the events it stands behind, the time of the last of them, its engine, bytes of its state. */
  readonly keyframe?: {
    readonly events: number;
    readonly timeNs: number;
    readonly engine: string;
    readonly stateBytes: number;
  };
  /** Of a signature: the events it covers from the first on, and its key's fingerprint. Whether it holds is not looked at. */
  readonly signature?: { readonly events: number; readonly key: string };
  /** Of a section: its name, and how many bytes it holds. */
  readonly section?: { readonly name: string; readonly bytes: number };
  /** Of a frame of a later t2a. */
  readonly type?: number;
  /** What is wrong with it. */
  readonly reason?: string;
}

/** The frames of a .t2r, in order; behind damage from the next whole frame on. Closes the stream, not the source. */
export async function* inspectT2r(source: Source): AsyncGenerator<FrameDescription> {
  for await (const piece of walkFrames(source.stream(), { goOn: true })) {
    const { offset, size, kind } = piece;
    const fields = "fields" in piece ? piece.fields : undefined;
    yield {
      offset,
      size,
      kind,
      ...(fields === undefined
        ? {}
        : {
            block: {
              sequence: fields.sequence,
              events: fields.events,
              startNs: fields.startTime,
              endNs: fields.endTime,
              outputOffset: fields.outputOffset,
              outputBytes: fields.outputBytes,
              frameBytes: fields.frameBytes,
            },
          }),
      ...(kind === "keyframe" ? { keyframe: describeKeyframe(piece.keyframe) } : {}),
      ...(kind === "signature"
        ? { signature: { events: piece.signature.events, key: fingerprint(piece.signature.publicKey) } }
        : {}),
      ...(kind === "section" ? { section: { name: piece.section.name, bytes: piece.section.bytes.length } } : {}),
      ...(kind === "unknown" ? { type: piece.type } : {}),
      ...(kind === "damage" ? { reason: piece.reason } : {}),
    };
  }
}

function describeKeyframe({ events, time, engine, state }: StoredKeyframe) {
  return { events, timeNs: time, engine, stateBytes: state.length };
}
