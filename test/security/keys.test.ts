// Keys: made once, kept for their owner's eyes, and Ed25519 as others know it.
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createKey,
  fingerprint,
  isFingerprint,
  loadKey,
  loadPublicKey,
  verifySignature,
} from "../../src/security/index.js";
import { missing, run, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";

const message = Buffer.from("what was shown");

describe("a key", () => {
  it("is written for its owner's eyes alone, with its public half beside it, and read again", () => {
    const path = tempDir();
    const file = path("new/folder/key.pem");
    const key = createKey(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path("new/folder")).mode & 0o777).toBe(0o700);
    expect(key.publicKey).toHaveLength(32);
    const read = loadKey(file);
    expect([read.path, Buffer.compare(read.publicKey, key.publicKey)]).toEqual([file, 0]);
    expect(Buffer.compare(read.sign(message), key.sign(message))).toBe(0);
    expect(Buffer.compare(loadPublicKey(file), key.publicKey)).toBe(0);
    expect(Buffer.compare(loadPublicKey(`${file}.pub`), key.publicKey)).toBe(0);
  });

  it("is never replaced, neither half of it", () => {
    const path = tempDir();
    createKey(path("key.pem"));
    const before = readFileSync(path("key.pem"));
    expect(() => createKey(path("key.pem"))).toThrow(expect.objectContaining({ code: "T2A_FILE_EXISTS" }));
    expect(readFileSync(path("key.pem")).equals(before)).toBe(true);
    writeFileSync(path("other.pem.pub"), "");
    expect(() => createKey(path("other.pem"))).toThrow(expect.objectContaining({ code: "T2A_FILE_EXISTS" }));
    expect(existsSync(path("other.pem"))).toBe(false);
  });

  it("is not made where it cannot be kept", () => {
    const path = tempDir();
    writeFileSync(path("file"), "");
    mkdirSync(path("locked"));
    expect(() => createKey(path("file/key.pem"))).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    expect(() => createKey(`${path("locked")}/${"x".repeat(300)}`)).toThrow(
      expect.objectContaining({ code: "T2A_FILE_IO" }),
    );
  });

  it("is refused where others can read it, where there is none, and where it is no Ed25519 key", () => {
    const path = tempDir();
    createKey(path("open.pem"));
    chmodSync(path("open.pem"), 0o640);
    const rsa = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    writeFileSync(path("ec.pem"), rsa.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const { privateKey } = generateKeyPairSync("ed25519");
    const cipher = { cipher: "aes-256-cbc", passphrase: "secret" };
    writeFileSync(path("locked.pem"), privateKey.export({ type: "pkcs8", format: "pem", ...cipher }), { mode: 0o600 });
    writeFileSync(path("text.pem"), "hello", { mode: 0o600 });
    writeFileSync(path("large.pem"), Buffer.alloc(100_000), { mode: 0o600 });
    for (const [name, code, words] of [
      ["open.pem", "T2A_KEY", "chmod 600"],
      ["ec.pem", "T2A_KEY", "another kind (ec)"],
      ["locked.pem", "T2A_KEY", "passphrase"],
      ["text.pem", "T2A_KEY", "no key"],
      ["large.pem", "T2A_KEY", "too large"],
      ["none.pem", "T2A_FILE_NOT_FOUND", "t2a key create"],
      ["", "T2A_FILE_IO", "EISDIR"],
    ] as const) {
      expect(() => loadKey(path(name)), name).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(words) }),
      );
    }
    expect(() => loadPublicKey(path("text.pem"))).toThrow(expect.objectContaining({ code: "T2A_KEY" }));
    expect(loadPublicKey(path("open.pem"))).toHaveLength(32);
  });
});

describe("a signature", () => {
  it("holds for its key and its message only, and anything else is none", () => {
    const path = tempDir();
    const key = createKey(path("a.pem"));
    const other = createKey(path("b.pem"));
    const signature = key.sign(message);
    expect(signature).toHaveLength(64);
    expect(verifySignature(key.publicKey, message, signature)).toBe(true);
    expect(verifySignature(other.publicKey, message, signature)).toBe(false);
    expect(verifySignature(key.publicKey, Buffer.from("else"), signature)).toBe(false);
    for (const [publicKey, bytes] of [
      [new Uint8Array(31), signature],
      [new Uint8Array(32).fill(255), signature],
      [key.publicKey, new Uint8Array(64)],
      [key.publicKey, signature.subarray(1)],
    ] as const) {
      expect(verifySignature(publicKey, message, bytes)).toBe(false);
    }
  });

  it("is the one of RFC 8032, section 7.1, test 2", () => {
    const hex = (text: string) => Buffer.from(text, "hex");
    const publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const signature = hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(verifySignature(publicKey, hex("72"), signature)).toBe(true);
  });

  const reason = missing("openssl");
  it.skipIf(reason)(titled("is one to openssl, and openssl's key is one to t2a", reason), () => {
    const path = tempDir();
    const key = createKey(path("key.pem"));
    writeFileSync(path("message"), message);
    writeFileSync(path("signature"), key.sign(message));
    run("openssl", [
      "pkeyutl",
      "-verify",
      "-pubin",
      "-inkey",
      path("key.pem.pub"),
      "-rawin",
      "-in",
      path("message"),
      "-sigfile",
      path("signature"),
    ]);
    run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path("theirs.pem")]);
    chmodSync(path("theirs.pem"), 0o600);
    run("openssl", [
      "pkeyutl",
      "-sign",
      "-inkey",
      path("theirs.pem"),
      "-rawin",
      "-in",
      path("message"),
      "-out",
      path("signature"),
    ]);
    expect(verifySignature(loadKey(path("theirs.pem")).publicKey, message, readFileSync(path("signature")))).toBe(true);
  });
});

describe("a fingerprint", () => {
  it("names a key by the SHA-256 of its 32 bytes", () => {
    // printf '\0%.0s' {1..32} | sha256sum | xxd -r -p | base64
    expect(fingerprint(new Uint8Array(32))).toBe("SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU");
    expect(isFingerprint(fingerprint(new Uint8Array(32)))).toBe(true);
    for (const text of ["SHA256:", "key.pem", "SHA256:Zmh6", "MD5:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU"]) {
      expect(isFingerprint(text)).toBe(false);
    }
  });
});
