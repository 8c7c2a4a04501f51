// Documents of the store itself that cannot be read: found, and set aside in the store, what is good of them kept.
import { ulid } from "ulid";
import type { StoreError } from "../core/index.js";
import {
  formatNamed,
  type NamedValues,
  nextRevision,
  parseNamed,
  type Store,
  type StoredDocument,
} from "../store/index.js";
import { isStoreError } from "./session-files.js";

/** What is wrong with a document; it is absent where not even the driver can read it. Undefined where nothing is. */
export async function findNamedProblem(
  { storage }: Store,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly error: StoreError; readonly document?: StoredDocument } | undefined> {
  let document: StoredDocument | undefined;
  try {
    document = await storage.findNamed(name, { signal });
    if (document !== undefined) parseNamed(document);
    return undefined;
  } catch (error) {
    if (!isStoreError(error, "T2A_STORE_DAMAGED") && !isStoreError(error, "T2A_STORE_VERSION")) throw error;
    return { error, ...(document === undefined ? {} : { document }) };
  }
}

/** Puts a document in its place that can be read, with what is good of it. Gives what was done, in words. */
export async function setNamedAside(
  { storage }: Store,
  document: StoredDocument,
  { now = Date.now, signal }: { readonly now?: (() => number) | undefined; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const at = now();
  const savedAt = new Date(at).toISOString();
  const aside = `lost.${ulid(at).toLowerCase()}`;
  const values = { name: document.id, text: document.json };
  await storage.putNamed(
    formatNamed({ name: aside, revision: nextRevision(undefined, at), savedAt, values }),
    undefined,
    {
      signal,
    },
  );
  const good = goodValues(document.json);
  const mended = formatNamed({ name: document.id, revision: nextRevision(undefined, at), savedAt, values: good });
  await storage.putNamed(mended, document.revision, { signal });
  return `made anew with ${Object.keys(good).length} values that are good; what it was is kept as ${aside}`;
}

function goodValues(json: string): NamedValues {
  try {
    const { values } = Object(JSON.parse(json)) as { readonly values?: unknown };
    return typeof values === "object" && values !== null && !Array.isArray(values) ? (values as NamedValues) : {};
  } catch {
    return {};
  }
}
