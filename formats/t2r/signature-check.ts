// Checks the signatures of a recording while its events go by: each says what the chain is behind so many events.
import type { Signature } from "../../src/core/index.js";
import { fingerprint } from "../../src/security/index.js";
import { equalBytes } from "./frame.js";
import { FarthestSignatures, isSignedByKey, MAX_SIGNATURES } from "./signature.js";

/** What was found out about a signature. */
export interface SignatureVerdict {
  /** Fingerprint of the public key. */
  readonly key: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Events it covers, from the first on. */
  readonly events: number;
  /** The owner of the key had this header and these events. */
  readonly valid: boolean;
}

/** A signature and the place where it stands in the file, in bytes. */
export interface PlacedSignature {
  readonly signature: Signature;
  readonly offset: number;
  readonly size: number;
}

/** Keeps signatures until their events have come; {@link MAX_SIGNATURES} at most. */
export class SignatureCheck {
  /** The next one last. */
  readonly #awaited: PlacedSignature[] = [];
  readonly #valid = new FarthestSignatures();
  readonly #invalid: Signature[] = [];

  /** Behind so many events one is to be checked. */
  get next(): number {
    return this.#awaited.at(-1)?.signature.events ?? Number.POSITIVE_INFINITY;
  }

  /** Those whose events never came. */
  get awaited(): readonly PlacedSignature[] {
    return this.#awaited;
  }

  /** Keeps one over events that are still to come. False where it is one too many. */
  await(placed: PlacedSignature): boolean {
    if (this.#awaited.length >= MAX_SIGNATURES) return false;
    const at = this.#awaited.findLastIndex(({ signature }) => signature.events >= placed.signature.events);
    this.#awaited.splice(at + 1, 0, placed);
    return true;
  }

  /** Takes those that are to be checked behind so many events. */
  take(events: number): readonly PlacedSignature[] {
    const taken: PlacedSignature[] = [];
    for (let next = this.#awaited.at(-1); next?.signature.events === events; next = this.#awaited.at(-1)) {
      taken.push(next);
      this.#awaited.pop();
    }
    return taken;
  }

  /** Checks one, given the chain behind its events: undefined where that cannot be known. False where it does not hold. */
  check(signature: Signature, chain: Uint8Array | undefined): boolean {
    const holds = chain !== undefined && equalBytes(signature.chain, chain) && isSignedByKey(signature);
    if (holds) this.#valid.add(signature);
    else if (this.#invalid.length < MAX_SIGNATURES) this.#invalid.push(signature);
    return holds;
  }

  /** Of each key the valid one that covers most, and all that are not valid, in order of what they cover. */
  verdicts(): readonly SignatureVerdict[] {
    const unreached = this.#awaited.map(({ signature }) => signature);
    return [
      ...this.#valid.list().map((signature) => verdict(signature, true)),
      ...[...this.#invalid, ...unreached].map((signature) => verdict(signature, false)),
    ].sort((a, b) => a.events - b.events);
  }
}

function verdict({ publicKey, events }: Signature, valid: boolean): SignatureVerdict {
  return { key: fingerprint(publicKey), publicKey, events, valid };
}
