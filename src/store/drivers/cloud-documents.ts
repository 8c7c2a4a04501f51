// Session documents as objects, saved by conditional puts. Every save has a word of its own, which goes with the object and is passed on
// by the next saves: so a writer whose answer was lost finds out whether its save was done, even when others saved meanwhile.
import { randomBytes } from "node:crypto";
import { StoreError } from "../../core/index.js";
import { conflict, namedConflict } from "../names.js";
import { ULID } from "../session-words.js";
import { DOCUMENT_NAME, type DocumentStat, type StorageOptions, type StoredDocument } from "../storage.js";
import type { S3Bucket, S3Object } from "./s3-bucket.js";
import { S3Failure } from "./s3-failure.js";

/** A document as it is known to be, or to have been, on the server. */
interface Known {
  /** Undefined where there is no object. */
  readonly etag: string | undefined;
  /** Undefined where there is no document: no object, or one that stands for a deleted document. */
  readonly revision: string | undefined;
  /** Words of the last saves, newest first. */
  readonly saves: readonly string[];
}

const ABSENT: Known = { etag: undefined, revision: undefined, saves: [] };

/** Objects' metadata holds 2 KB: the revision and as many words of saves. */
const MAX_SAVES = 48;
/** Documents whose ETags are remembered, so that a change costs one request and not two. */
const MAX_KNOWN = 1000;
/** A document of more is none, bytes. */
const MAX_BYTES = 48 * 1024 * 1024;
/** What may happen to one document between two looks at it. */
const MAX_TURNS = 20;
const REVISION = "t2a-revision";
const SAVES = "t2a-saves";
const TYPE = "application/json";

/** What all keys of a store's sessions begin with. */
export const SESSIONS = "sessions/";
const NAME = "session.json";

/** Where documents of one kind are. */
export interface CloudPlace {
  /** What all their keys begin with, and more may. */
  readonly prefix: string;
  readonly keyOf: (id: string) => string;
  /** The document that has the key; undefined where it is none's. */
  readonly idOf: (key: string) => string | undefined;
  readonly conflict: (id: string) => StoreError;
  /** For messages. */
  readonly nameOf: (id: string) => string;
}

/** The documents of sessions. */
export const SESSION_DOCUMENTS: CloudPlace = {
  prefix: SESSIONS,
  keyOf: (id) => `${SESSIONS}${id}/${NAME}`,
  idOf: (key) => {
    const id = key.slice(SESSIONS.length, SESSIONS.length + 26);
    return key === `${SESSIONS}${id}/${NAME}` && ULID.test(id) ? id : undefined;
  },
  conflict,
  nameOf: (id) => `the document of the session ${id}`,
};

const NAMED = "named/";
const SUFFIX = ".json";

/** Those of the store itself. */
export const NAMED_DOCUMENTS: CloudPlace = {
  prefix: NAMED,
  keyOf: (name) => `${NAMED}${name}${SUFFIX}`,
  idOf: (key) => {
    const name = key.slice(NAMED.length, -SUFFIX.length);
    return key === `${NAMED}${name}${SUFFIX}` && DOCUMENT_NAME.test(name) ? name : undefined;
  },
  conflict: namedConflict,
  nameOf: (name) => `the document ${name}`,
};

/** The documents of one kind of a store in a bucket. */
export class CloudDocuments {
  readonly #bucket: S3Bucket;
  readonly #place: CloudPlace;
  readonly #known = new Map<string, Known>();

  constructor(bucket: S3Bucket, place: CloudPlace) {
    this.#bucket = bucket;
    this.#place = place;
  }

  async find(id: string, { signal }: StorageOptions = {}): Promise<(StoredDocument & DocumentStat) | undefined> {
    return await this.#bucket.retrying(
      async () => {
        const found = await this.#read(id, signal);
        if (found === undefined) return undefined;
        const { known, json } = found;
        this.#remember(id, known);
        const { revision, etag } = known;
        return revision === undefined || etag === undefined ? undefined : { id, revision, json, tag: etag };
      },
      { signal },
    );
  }

  async put(
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<string> {
    const remembered = this.#known.get(id);
    const assumed = expected === undefined ? ABSENT : remembered?.revision === expected ? remembered : undefined;
    const save = newWord();
    const body = Buffer.from(json);
    return await this.#bucket.retrying(
      async (tryNumber) => {
        const before = tryNumber === 1 ? assumed : undefined;
        const end = await this.#save(id, { save, expected, revision, body, before, signal });
        // Others saved on top of it: the tag is one that the document had.
        return end.etag ?? `${save}-past`;
      },
      { signal },
    );
  }

  async delete(id: string, expected: string, { signal }: StorageOptions = {}): Promise<void> {
    const remembered = this.#known.get(id);
    const assumed = remembered?.revision === expected ? remembered : undefined;
    const save = newWord();
    let wasThere = false;
    // An empty object stands for a deleted document: it can be put on a condition that every server keeps.
    const stone = await this.#bucket.retrying(
      async (tryNumber) => {
        const before = (tryNumber === 1 ? assumed : undefined) ?? (await this.#look(id, signal));
        // Whoever removed the last of it has done what was asked for.
        if (wasThere && before === ABSENT) return ABSENT;
        wasThere ||= before !== ABSENT;
        return await this.#save(id, { save, expected, revision: undefined, body: new Uint8Array(0), before, signal });
      },
      { signal },
    );
    if (stone.etag !== undefined) await this.#removeStone(id, stone.etag);
  }

  async *list({ signal }: StorageOptions = {}): AsyncGenerator<DocumentStat> {
    for await (const { key, sizeBytes, etag } of this.#bucket.list(this.#place.prefix, { signal })) {
      const id = this.#place.idOf(key);
      if (id !== undefined && sizeBytes > 0) yield { id, tag: etag };
    }
  }

  /** Removes what stands for documents deleted before the time, by the server's clock. Gives how many. */
  async removeStones(beforeMs: number, { signal }: StorageOptions = {}): Promise<number> {
    let count = 0;
    for await (const { key, sizeBytes, modifiedAtMs, etag } of this.#bucket.list(this.#place.prefix, { signal })) {
      const id = this.#place.idOf(key);
      if (id === undefined || sizeBytes > 0 || modifiedAtMs >= beforeMs) continue;
      await this.#removeStone(id, etag);
      count++;
    }
    return count;
  }

  /** Puts an object in place of what is expected, unless it has been put already. Gives what is there then. */
  async #save(
    id: string,
    {
      save,
      expected,
      revision,
      body,
      before,
      signal,
    }: {
      readonly save: string;
      readonly expected: string | undefined;
      readonly revision: string | undefined;
      readonly body: Uint8Array;
      /** What is taken to be there; undefined: that is to be looked at first. */
      readonly before: Known | undefined;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<Known> {
    let current = before ?? (await this.#look(id, signal));
    for (let turn = 1; ; turn++) {
      if (current.saves[0] === save) return this.#remember(id, current);
      if (current.saves.includes(save)) return { ...current, etag: undefined };
      if (current.revision !== expected) throw this.#place.conflict(id);
      const saves = [save, ...current.saves].slice(0, MAX_SAVES);
      const put = async ({ etag: replaced }: Known): Promise<Known> => {
        const etag = await this.#bucket.put(this.#place.keyOf(id), body, {
          condition: replaced === undefined ? { isNew: true } : { etag: replaced },
          metadata: {
            ...(revision === undefined ? {} : { [REVISION]: encodeURIComponent(revision) }),
            [SAVES]: saves.join(","),
          },
          type: TYPE,
          signal,
        });
        return this.#remember(id, { etag, revision, saves });
      };
      try {
        return await put(current);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const now = await this.#look(id, signal);
        if (now.etag === current.etag && current.etag !== undefined) return await this.#putUnquoted(put, now);
        if (turn === MAX_TURNS) throw error;
        current = now;
      }
    }
  }

  /** What was demanded does hold, and yet the server says it does not: some compare an ETag with its quotes to one without. */
  async #putUnquoted(put: (before: Known) => Promise<Known>, before: Known): Promise<Known> {
    this.#bucket.changeQuoting();
    try {
      return await put(before);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#bucket.changeQuoting();
      throw new S3Failure("the S3 server refuses to replace a document that nobody changed: try again later", {
        reason: "PreconditionFailed",
        cause: error,
        isTransient: true,
      });
    }
  }

  /** What is there now. */
  async #look(id: string, signal: AbortSignal | undefined): Promise<Known> {
    const object = await this.#bucket.head(this.#place.keyOf(id), { signal });
    if (object === undefined) {
      this.#known.delete(id);
      return ABSENT;
    }
    if (object.sizeBytes === 0 || object.metadata[REVISION] !== undefined) return knownOf(object);
    // Put there by some other program, which keeps no metadata.
    return (await this.#read(id, signal))?.known ?? ABSENT;
  }

  async #read(
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly known: Known; readonly json: string } | undefined> {
    const found = await this.#bucket.getSmall(this.#place.keyOf(id), {
      maxBytes: MAX_BYTES,
      onTooLarge: () => tooLarge(this.#place.nameOf(id), id),
      signal,
    });
    if (found === undefined) return undefined;
    const json = found.bytes.toString("utf8");
    return { known: knownOf(found.object, json), json };
  }

  /** What cannot be done now is done by `removeStones`: the document is deleted already. */
  async #removeStone(id: string, etag: string): Promise<void> {
    try {
      await this.#bucket.retrying(
        async (tryNumber) => {
          // Where the server does not know the condition, a document that was made anew must not go.
          if (tryNumber > 1 && (await this.#look(id, undefined)).etag !== etag) return;
          await this.#bucket.delete(this.#place.keyOf(id), { etag });
        },
        { tries: 3 },
      );
    } catch {
      // said above
    }
    this.#known.delete(id);
  }

  #remember(id: string, known: Known): Known {
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size > MAX_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return known;
  }
}

/** The condition does not hold: 412, or 404 where the object to be replaced is not there. */
export function isRefusal(error: unknown): error is S3Failure {
  return error instanceof S3Failure && (error.isRefused || error.isMissing);
}

/** A word that no other save has. */
export function newWord(): string {
  return randomBytes(12).toString("base64url");
}

function knownOf({ etag, sizeBytes, metadata }: S3Object, json?: string): Known {
  const saves = (metadata[SAVES] ?? "").split(",").filter((word) => word !== "");
  return { etag, revision: sizeBytes === 0 ? undefined : revisionOf(metadata[REVISION], json), saves };
}

/** What no revision is stands for a document that has none: nobody can save in its place without having read it. */
function revisionOf(noted: string | undefined, json: string | undefined): string {
  try {
    if (noted !== undefined) return decodeURIComponent(noted);
    const { revision } = JSON.parse(json ?? "{}") as { readonly revision?: unknown };
    return typeof revision === "string" ? revision : "";
  } catch {
    return "";
  }
}

function tooLarge(what: string, id: string): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `${what} is damaged: it is larger than ${MAX_BYTES} bytes`, {
    details: { id },
  });
}
