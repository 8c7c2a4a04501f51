// Keys in files: the private half as PEM (PKCS #8), for its owner's eyes alone, the public half (SPKI) beside it.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { type Signer, StoreError, systemCode, T2aError } from "../core/index.js";
import { rawPublicKey } from "./ed25519.js";

/** A key that can sign, and where it is kept. */
export interface Key extends Signer {
  readonly path: string;
}

/** A file that is larger holds no key. */
const MAX_FILE_BYTES = 16 * 1024;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const FOLDER_MODE = 0o700;

/**
 * Makes a key and writes it to `path`, its public half to `path.pub`; makes their folder where there is none.
 * @throws StoreError `T2A_FILE_EXISTS` where either is there already, `T2A_FILE_IO`.
 */
export function createKey(path: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  try {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw fileError("make the folder of", path, error);
  }
  writeNew(path, privateKey.export({ type: "pkcs8", format: "pem" }), PRIVATE_MODE);
  try {
    writeNew(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }), PUBLIC_MODE);
  } catch (error) {
    unlinkSync(path); // half a pair would stand in the way of the next try
    throw error;
  }
  return keyOf(path, privateKey);
}

/**
 * The key in a file that {@link createKey} or `openssl genpkey -algorithm ed25519` wrote.
 * @throws StoreError `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`; T2aError `T2A_KEY` where others can read it, or it is no such key.
 */
export function loadKey(path: string): Key {
  const { pem, mode } = readPem(path);
  if ((mode & 0o077) !== 0) {
    throw new T2aError("T2A_KEY", `others than its owner can read the key ${path}: chmod 600 it, or make a new one`);
  }
  return keyOf(path, parse(path, pem, createPrivateKey));
}

/**
 * The public key, 32 bytes, in a file with either half of a pair.
 * @throws StoreError `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`; T2aError `T2A_KEY`.
 */
export function loadPublicKey(path: string): Uint8Array {
  return publicHalf(path, parse(path, readPem(path).pem, createPublicKey));
}

function keyOf(path: string, key: KeyObject): Key {
  return { path, publicKey: publicHalf(path, key), sign: (message) => sign(null, message, key) };
}

function publicHalf(path: string, key: KeyObject): Uint8Array {
  const raw = rawPublicKey(key);
  if (raw !== undefined) return raw;
  throw new T2aError(
    "T2A_KEY",
    `${path} holds a key of another kind (${key.asymmetricKeyType}): t2a signs with Ed25519`,
  );
}

function parse(path: string, pem: Buffer, create: (pem: Buffer) => KeyObject): KeyObject {
  try {
    return create(pem);
  } catch (cause) {
    const what = /ENCRYPTED/.test(pem.toString("latin1"))
      ? "a key under a passphrase, which t2a cannot ask for"
      : undefined;
    throw new T2aError("T2A_KEY", `${path} holds ${what ?? "no key that t2a can use: t2a key create makes one"}`, {
      cause,
    });
  }
}

function readPem(path: string): { readonly pem: Buffer; readonly mode: number } {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY);
    const stats = fstatSync(fd);
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    let size = 0;
    // A pipe, as of a password manager, gives little at a time.
    for (let read = -1; read !== 0 && size < buffer.length; size += read) {
      read = readSync(fd, buffer, size, buffer.length - size, null);
    }
    if (size > MAX_FILE_BYTES) throw new T2aError("T2A_KEY", `${path} is too large for a key`);
    return { pem: buffer.subarray(0, size), mode: stats.isFile() ? stats.mode : 0 };
  } catch (error) {
    throw error instanceof T2aError ? error : fileError("read", path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Writes a file that must not be there yet, to the disk: what a lost key has signed can never be signed again. */
function writeNew(path: string, content: string | Buffer, mode: number): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    writeFileSync(fd, content);
    fsyncSync(fd);
  } catch (error) {
    throw fileError("write", path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function fileError(doing: string, path: string, error: unknown): StoreError {
  const code = systemCode(error);
  if (code === "EEXIST" && doing === "write") {
    return new StoreError("T2A_FILE_EXISTS", `${path} exists already: a key is never replaced; name another file`);
  }
  if (code === "ENOENT" && doing === "read") {
    return new StoreError("T2A_FILE_NOT_FOUND", `there is no key ${path}: t2a key create makes one`);
  }
  const details = { name: path, ...(code === undefined ? {} : { systemCode: code }) };
  return new StoreError("T2A_FILE_IO", `cannot ${doing} the key ${path}: ${code ?? String(error)}`, {
    details,
    cause: error,
  });
}
