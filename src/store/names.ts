// The names that storages are given, and the errors that all of them throw alike.
import { StoreError } from "../core/index.js";
import { ULID } from "./session-words.js";
import { BLOB_NAME, DOCUMENT_NAME } from "./storage.js";

/** What the documents themselves are called where they are files beside the others; letters' case means nothing to some disks. */
const SESSION_DOCUMENT = /^session\.json$/i;

/** Holds what a driver is given against what it may be given: what comes from a document or an import is not believed. @throws TypeError */
export function checkName(sessionId: string, name?: string): void {
  if (!ULID.test(sessionId)) throw new TypeError("the id of a session is a ULID");
  if (name !== undefined && (!BLOB_NAME.test(name) || SESSION_DOCUMENT.test(name)))
    throw new TypeError("that is no name of a file in a store");
}

/** Holds the name of a document of the store itself against what it may be. @throws TypeError */
export function checkDocumentName(name: string): void {
  if (!DOCUMENT_NAME.test(name)) throw new TypeError("that is no name of a document of a store");
}

/** Holds a part of a file that is asked for against what there can be. @throws RangeError */
export function checkRange({ start, length }: { readonly start: number; readonly length: number }): void {
  if (!(Number.isSafeInteger(start) && start >= 0 && Number.isSafeInteger(length) && length >= 0)) {
    throw new RangeError("a part of a file is told in whole bytes from 0 on");
  }
}

/** That another writer was first. */
export function conflict(id: string): StoreError {
  return new StoreError("T2A_STORE_CONFLICT", `another writer saved the session ${id} first`, { details: { id } });
}

/** That another writer of a document of the store itself was first. */
export function namedConflict(name: string): StoreError {
  return new StoreError("T2A_STORE_CONFLICT", `another writer saved ${name} first`, { details: { name } });
}

/** That there is no such file. */
export function blobNotFound(sessionId: string, name: string): StoreError {
  return new StoreError("T2A_STORE_NOT_FOUND", `the store has no file ${name} of the session ${sessionId}`, {
    details: { id: sessionId, name },
  });
}

/** That there is such a file already. */
export function blobExists(sessionId: string, name: string): StoreError {
  return new StoreError("T2A_STORE_EXISTS", `the store has a file ${name} of the session ${sessionId} already`, {
    details: { id: sessionId, name },
  });
}
