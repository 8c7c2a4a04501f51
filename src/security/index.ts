// The face of src/security: the keys that recordings are signed with.
export { fingerprint, isFingerprint, verifySignature } from "./ed25519.js";
export { createKey, type Key, loadKey, loadPublicKey } from "./key-file.js";
