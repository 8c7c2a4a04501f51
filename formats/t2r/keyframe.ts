// Keyframes in a .t2r: screen states, opaque to the format, with the place in the recording that they stand behind.
import type { Keyframe } from "../../src/core/index.js";

/** Events before, time, length of the engine's name. */
const FIELDS_BYTES = 17;
/** An engine's name in UTF-8 at most, bytes. */
export const MAX_ENGINE_BYTES = 255;

/** The payload of a KEYFRAME frame. */
export function keyframePayload({ events, time, state }: Keyframe, engine: string): Uint8Array {
  const name = Buffer.from(engine, "utf8");
  if (name.length > MAX_ENGINE_BYTES) throw new RangeError("an engine's name is too long");
  const payload = Buffer.allocUnsafe(FIELDS_BYTES + name.length + state.length);
  payload.writeBigUInt64LE(BigInt(events), 0);
  payload.writeBigUInt64LE(BigInt(time), 8);
  payload[16] = name.length;
  payload.set(name, FIELDS_BYTES);
  payload.set(state, FIELDS_BYTES + name.length);
  return payload;
}

/** A keyframe and the engine it is for. */
export type StoredKeyframe = Keyframe & { readonly engine: string };

/** Takes a payload apart, whose memory the state is a view of; undefined where it is too short. */
export function parseKeyframe(payload: Uint8Array): StoredKeyframe | undefined {
  const nameBytes = payload[16];
  if (nameBytes === undefined || payload.length < FIELDS_BYTES + nameBytes) return undefined;
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return {
    events: Number(view.readBigUInt64LE(0)),
    time: Number(view.readBigUInt64LE(8)),
    engine: view.toString("utf8", FIELDS_BYTES, FIELDS_BYTES + nameBytes),
    state: payload.subarray(FIELDS_BYTES + nameBytes),
  };
}
