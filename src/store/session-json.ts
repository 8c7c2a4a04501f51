// Session documents as text: read from any version there has been, checked, and written.
import { StoreError } from "../core/index.js";
import { formatJson } from "./format-json.js";
import { SESSION_VERSION, type Session, sessionSchema } from "./session.js";
import type { StoredDocument } from "./storage.js";

/** Brings a document of one version to the next. */
export type SessionMigration = (document: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** By the version that they start from. */
const MIGRATIONS: Readonly<Record<number, SessionMigration>> = {};

/** A document of more is none; UTF-16 units. */
const MAX_UNITS = 16 * 1024 * 1024;

/**
 * The session that a document tells of; its revision is that beside it.
 * @throws StoreError `T2A_STORE_DAMAGED`, `T2A_STORE_VERSION`.
 */
export function parseSession({ id, revision, json }: StoredDocument, migrations = MIGRATIONS): Session {
  if (json.length > MAX_UNITS) throw damaged(id, `it is larger than ${MAX_UNITS} characters`);
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (cause) {
    throw damaged(id, "it is no JSON", cause);
  }
  const result = sessionSchema.safeParse(migrate(id, document, migrations));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw damaged(id, `${issue?.path.join(".") || "it"}: ${issue?.message ?? "is wrong"}`, result.error);
  }
  const session = result.data;
  if (session.id !== id) throw damaged(id, "it is another session's");
  if (session.revision !== revision) throw damaged(id, "its revision is not the one that it was stored with");
  return session;
}

/** What can still be used of a document that {@link parseSession} refuses: each property by itself. Empty where it is no JSON. */
export function salvageFields(json: string): Partial<Session> {
  let document: unknown;
  try {
    document = json.length > MAX_UNITS ? undefined : JSON.parse(json);
  } catch {
    return {};
  }
  if (typeof document !== "object" || document === null) return {};
  const entries = Object.entries(sessionSchema.shape).flatMap(([key, schema]) => {
    const value: unknown = Object.getOwnPropertyDescriptor(document, key)?.value;
    const result = value === undefined ? undefined : schema.safeParse(value);
    return result?.success ? [[key, result.data] as const] : [];
  });
  return Object.fromEntries(entries);
}

function migrate(id: string, document: unknown, migrations: typeof MIGRATIONS): unknown {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw damaged(id, "it is no object");
  let current = document as Record<string, unknown>;
  for (let version = current.version; version !== SESSION_VERSION; version = current.version) {
    if (typeof version === "number" && version > SESSION_VERSION) {
      throw new StoreError(
        "T2A_STORE_VERSION",
        `the session ${id} was saved by a newer t2a: update this one to use it`,
        {
          details: { id, version, supported: SESSION_VERSION },
        },
      );
    }
    const step = typeof version === "number" ? migrations[version] : undefined;
    if (step === undefined) throw damaged(id, "it has no version that there has been");
    current = step(current);
    if (current.version !== (version as number) + 1) throw new TypeError(`migration ${version} gave no next version`);
  }
  return current;
}

/** The text of a session's document: one property a line, nothing in it that a terminal would act on. */
export function formatSession(session: Session): StoredDocument {
  return { id: session.id, revision: session.revision, json: formatJson(session) };
}

function damaged(id: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `the document of the session ${id} is damaged: ${reason}`, {
    cause,
    details: { id, reason },
  });
}
