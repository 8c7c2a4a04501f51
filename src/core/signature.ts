// Words of signing. What makes and checks signatures is src/security; what they are made over is the format's.

/** Signs with one Ed25519 key. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** Says that the first events of a recording, and its header, are what the owner of a key had. */
export interface Signature {
  /** Events it covers, from the first on. */
  readonly events: number;
  /** SHA-256 of the canonical form of the header and of these events. */
  readonly chain: Uint8Array;
  /** Of the signer: 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly bytes: Uint8Array;
}
