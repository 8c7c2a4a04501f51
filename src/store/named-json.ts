// Documents of the store itself as text: values by key, under a name. Read, checked and written without a schema's library.
import { StoreError } from "../core/index.js";
import { formatJson } from "./format-json.js";
import { REVISION } from "./session-words.js";
import type { StoredDocument } from "./storage.js";

/** The version of these documents that this t2a writes. */
const VERSION = 1;
/** A document of more is none; UTF-16 units. */
const MAX_UNITS = 16 * 1024 * 1024;

/** JSON values by key. */
export type NamedValues = Readonly<Record<string, unknown>>;

/** A document of the store itself. Immutable: a change is a new object. */
export interface NamedDocument {
  readonly name: string;
  /** As that of a session. */
  readonly revision: string;
  /** ISO 8601. */
  readonly savedAt: string;
  readonly values: NamedValues;
}

/** @throws StoreError `T2A_STORE_DAMAGED`, `T2A_STORE_VERSION`. */
export function parseNamed({ id: name, revision, json }: StoredDocument): NamedDocument {
  if (json.length > MAX_UNITS) throw damaged(name, `it is larger than ${MAX_UNITS} characters`);
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (cause) {
    throw damaged(name, "it is no JSON", cause);
  }
  const found = Object(document) as Readonly<Record<string, unknown>>;
  if (typeof found.version === "number" && found.version > VERSION) {
    const message = `${name} was saved by a newer t2a: update this one to use it`;
    throw new StoreError("T2A_STORE_VERSION", message, {
      details: { name, version: found.version, supported: VERSION },
    });
  }
  if (found.version !== VERSION) throw damaged(name, "it has no version that there has been");
  if (found.name !== name) throw damaged(name, "it is another one");
  if (found.revision !== revision || !REVISION.test(revision)) {
    throw damaged(name, "its revision is not the one that it was stored with");
  }
  const { savedAt } = found;
  if (typeof savedAt !== "string" || Number.isNaN(Date.parse(savedAt))) throw damaged(name, "savedAt is no time");
  const { values } = found;
  if (typeof values !== "object" || values === null || Array.isArray(values)) throw damaged(name, "it has no values");
  return { name, revision, savedAt, values: values as NamedValues };
}

/** The text of a document. */
export function formatNamed({ name, revision, savedAt, values }: NamedDocument): StoredDocument {
  return { id: name, revision, json: formatJson({ version: VERSION, name, revision, savedAt, values }) };
}

function damaged(name: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    "T2A_STORE_DAMAGED",
    `${name} in the store is damaged: ${reason}: t2a library fsck --repair sets it aside`,
    { cause, details: { name, reason } },
  );
}
