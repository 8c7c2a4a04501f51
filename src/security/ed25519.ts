// Ed25519 (RFC 8032) over raw keys of 32 bytes, which is how recordings carry them.
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";

/** A public key as it is known to people: `SHA256:` and the SHA-256 of its 32 bytes, base64 without padding. */
export function fingerprint(publicKey: Uint8Array): string {
  const digest = createHash("sha256").update(publicKey).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** Whether a text has the form of a {@link fingerprint}. */
export function isFingerprint(text: string): boolean {
  return /^SHA256:[A-Za-z0-9+/]{43}$/.test(text);
}

/** Whether `signature` is the key's over `message`. False for whatever is no key or no signature. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, signature);
}

const KEY_BYTES = 32;

/** The 32 bytes of a public key, or of the public half of a private one; undefined where it is no Ed25519 key. */
export function rawPublicKey(key: KeyObject): Uint8Array | undefined {
  if (key.asymmetricKeyType !== "ed25519") return undefined;
  const { x } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  return x === undefined ? undefined : Buffer.from(x, "base64url");
}
