// Examining a store from outside: that it answers, that it keeps writers apart, and that its index is in step.
import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { counted } from "../core/index.js";
import type { Store } from "../store/index.js";
import { isStoreError } from "./session-files.js";
import { formatSessionProbe } from "./session-probe.js";

/** How one thing stands. `wrong` is to be dealt with; a `note` is good to know. */
export interface Examination {
  readonly name: string;
  readonly state: "ok" | "note" | "wrong";
  readonly detail: string;
}

/** Questions asked to measure how long an answer takes. */
const QUESTIONS = 5;
/** Writers that try the same at once. */
const WRITERS = 4;

/**
 * Examines a store that is open. A session and a file are put there, and deleted again.
 * @throws StoreError where the store does not answer.
 */
export async function examineStore(
  store: Store,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly Examination[]> {
  return [
    await latency(store, signal),
    ...(await writers(store)),
    await indexInStep(store, signal),
    await unindexed(store),
  ];
}

async function latency({ storage }: Store, signal: AbortSignal | undefined): Promise<Examination> {
  const times: number[] = [];
  for (let count = 0; count < QUESTIONS; count++) {
    const start = performance.now();
    await storage.findDocument(ulid(), { signal });
    times.push(performance.now() - start);
  }
  const median = times.sort((one, other) => one - other)[Math.floor(QUESTIONS / 2)] ?? 0;
  return { name: "store", state: "ok", detail: `${storage.location} answers in ${median.toFixed(1)} ms` };
}

/** Whether of several writers of the same thing one is first, and the others are told. */
async function writers({ storage }: Store): Promise<Examination[]> {
  if (storage.supports.isReadOnly) {
    return [{ name: "saving", state: "note", detail: "it can be read only: nothing can be put there or changed" }];
  }
  const id = ulid();
  const documents = await Promise.all(Array.from({ length: WRITERS }, () => formatSessionProbe(id)));
  const saved = await attempt(
    documents.map((document) => () => storage.putDocument(document, undefined)),
    "T2A_STORE_CONFLICT",
  );
  try {
    const put = await attempt(
      documents.map(() => () => storage.putBlob(id, "probe", only(randomBytes(64)))),
      "T2A_STORE_EXISTS",
    );
    return [
      verdict("saving", saved, "a session is saved by one writer at a time"),
      verdict("files", put, "a file is put once"),
    ];
  } finally {
    await storage.deleteBlob(id, "probe");
    const left = await storage.findDocument(id);
    if (left !== undefined) await storage.deleteDocument(id, left.revision);
  }
}

/** How many of these were done, where all others were refused with the code. */
async function attempt(
  calls: readonly (() => Promise<unknown>)[],
  refusal: "T2A_STORE_CONFLICT" | "T2A_STORE_EXISTS",
): Promise<number> {
  let done = 0;
  const results = await Promise.allSettled(calls.map((call) => call()));
  for (const result of results) {
    if (result.status === "fulfilled") done++;
    else if (!isStoreError(result.reason, refusal)) throw result.reason;
  }
  return done;
}

function verdict(name: string, done: number, what: string): Examination {
  if (done === 1) return { name, state: "ok", detail: `${what}, whoever else tries` };
  const why = "it does not keep writers apart: use it from one place at a time, or another server";
  return { name, state: "wrong", detail: `${done} of ${WRITERS} writers were told that they were first: ${why}` };
}

async function indexInStep(store: Store, signal: AbortSignal | undefined): Promise<Examination> {
  const known = new Map<string, string>();
  for await (const { id, tag } of store.index.listTags()) known.set(id, tag);
  const pending = new Set((await store.index.listPending()).map(({ id }) => id));
  let stale = 0;
  let sessions = 0;
  for await (const { id, tag } of store.storage.listDocuments({ signal })) {
    sessions++;
    if (known.get(id) !== tag && !pending.has(id)) stale++;
    known.delete(id);
  }
  for (const id of known.keys()) if (!pending.has(id)) stale++;
  if (stale === 0) return { name: "index", state: "ok", detail: `in step with ${counted(sessions, "session")}` };
  return {
    name: "index",
    state: "wrong",
    detail: `not in step with ${counted(stale, "session")}: t2a library reindex makes it anew`,
  };
}

async function unindexed({ index }: Store): Promise<Examination> {
  const [first] = await index.listUnindexed(1);
  if (first === undefined)
    return { name: "search", state: "ok", detail: "the text of every recording is in the index" };
  return {
    name: "search",
    state: "note",
    detail: "the text of some recordings is not in the index yet: t2a library collect reads them",
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
