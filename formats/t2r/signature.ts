// Signatures in a .t2r: over a number of events and the chain behind them, which depend on the content alone, so that a
// signature holds however the file is written anew.
import type { Signature, Signer } from "../../src/core/index.js";
import { verifySignature } from "../../src/security/index.js";
import { DIGEST_BYTES } from "./layout.js";

/** Begins what is signed, so that no signature over something else can be taken for one of these. */
const DOMAIN = Buffer.from("t2r-signature-1\n", "ascii");
const COUNT_BYTES = 8;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** A SIGNATURE frame's payload, in bytes. */
export const SIGNATURE_PAYLOAD_BYTES = COUNT_BYTES + DIGEST_BYTES + KEY_BYTES + SIGNATURE_BYTES;
/** Signatures that a reader keeps at most. */
export const MAX_SIGNATURES = 4096;

/** Signs so many events, behind which the chain is that. */
export function signEvents(signer: Signer, events: number, chain: Uint8Array): Signature {
  return { events, chain, publicKey: signer.publicKey, bytes: signer.sign(message(events, chain)) };
}

/** Whether the owner of the key made the signature, over its chain: that the chain is the recording's is another matter. */
export function isSignedByKey({ events, chain, publicKey, bytes }: Signature): boolean {
  return verifySignature(publicKey, message(events, chain), bytes);
}

function message(events: number, chain: Uint8Array): Uint8Array {
  return Buffer.concat([DOMAIN, countBytes(events), chain]);
}

function countBytes(events: number): Uint8Array {
  const bytes = Buffer.alloc(COUNT_BYTES);
  bytes.writeBigUInt64LE(BigInt(events));
  return bytes;
}

/** A SIGNATURE frame's payload. */
export function signaturePayload({ events, chain, publicKey, bytes }: Signature): Uint8Array {
  return Buffer.concat([countBytes(events), chain, publicKey, bytes]);
}

/** The signature in a payload, in memory of its own; undefined where it is none. */
export function parseSignature(payload: Uint8Array): Signature | undefined {
  if (payload.length < SIGNATURE_PAYLOAD_BYTES) return undefined;
  const copy = Buffer.from(Uint8Array.prototype.slice.call(payload, 0, SIGNATURE_PAYLOAD_BYTES));
  const events = Number(copy.readBigUInt64LE(0));
  if (!Number.isSafeInteger(events)) return undefined;
  const chainEnd = COUNT_BYTES + DIGEST_BYTES;
  const keyEnd = chainEnd + KEY_BYTES;
  return {
    events,
    chain: copy.subarray(COUNT_BYTES, chainEnd),
    publicKey: copy.subarray(chainEnd, keyEnd),
    bytes: copy.subarray(keyEnd),
  };
}

/** Of each key the signature that covers most: the others say nothing more. Of so many keys and no more. */
export class FarthestSignatures {
  readonly #byKey = new Map<string, Signature>();

  /** False where it has no place, being of one key too many. */
  add(signature: Signature): boolean {
    const key = Buffer.from(signature.publicKey).toString("latin1");
    const known = this.#byKey.get(key);
    if (known === undefined && this.#byKey.size >= MAX_SIGNATURES) return false;
    if (known === undefined || known.events <= signature.events) this.#byKey.set(key, signature);
    return true;
  }

  /** In order of the events they cover. */
  list(): readonly Signature[] {
    return [...this.#byKey.values()].sort((a, b) => a.events - b.events);
  }
}
