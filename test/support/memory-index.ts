// An index in memory, as simple as can be: for tests of what needs a store and no search.
import type {
  DocumentStat,
  PendingSession,
  SearchHit,
  Session,
  SessionQuery,
  StoreIndex,
  StoreStats,
  UnindexedRecording,
} from "../../src/store/index.js";

/** Lists by id, filters by tags and ids, and finds no text. */
export class MemoryIndex implements StoreIndex {
  readonly #sessions = new Map<string, { readonly session: Session; readonly tag: string }>();
  readonly #pending = new Map<string, number>();
  readonly #notes = new Map<string, string>();

  async markPending(id: string): Promise<void> {
    this.#pending.set(id, Date.now());
  }

  async listPending(): Promise<readonly PendingSession[]> {
    return [...this.#pending].map(([id, sinceMs]) => ({ id, sinceMs }));
  }

  async clearPending(entries: readonly PendingSession[]): Promise<void> {
    for (const { id } of entries) this.#pending.delete(id);
  }

  async putSession(
    session: Session,
    tag: string,
    { clearsPending }: { readonly clearsPending: boolean },
  ): Promise<void> {
    this.#sessions.set(session.id, { session, tag });
    if (clearsPending) this.#pending.delete(session.id);
  }

  async removeSession(id: string): Promise<void> {
    this.#sessions.delete(id);
    this.#pending.delete(id);
  }

  async *listTags(): AsyncGenerator<DocumentStat> {
    for (const id of [...this.#sessions.keys()].sort()) yield { id, tag: this.#sessions.get(id)?.tag ?? "" };
  }

  async findSession(id: string): Promise<Session | undefined> {
    return this.#sessions.get(id)?.session;
  }

  async findIds(prefix: string, limit: number): Promise<readonly string[]> {
    return [...this.#sessions.keys()].filter((id) => id.startsWith(prefix)).slice(0, limit);
  }

  async listSessions({ tags = [], ids, limit = Number.POSITIVE_INFINITY, offset = 0 }: SessionQuery) {
    const meant = [...this.#sessions.values()]
      .map(({ session }) => session)
      .filter(({ id }) => ids === undefined || ids.includes(id))
      .filter((session) => tags.every((tag) => session.tags.includes(tag)));
    return { sessions: meant.slice(offset, offset + limit), total: meant.length };
  }

  async stats(): Promise<StoreStats> {
    throw new Error("this index has no figures");
  }

  async listUnindexed(): Promise<readonly UnindexedRecording[]> {
    return [];
  }

  async putText(): Promise<void> {}

  async search(): Promise<readonly SearchHit[]> {
    return [];
  }

  async findNote(key: string): Promise<string | undefined> {
    return this.#notes.get(key);
  }

  async putNote(key: string, value: string): Promise<void> {
    this.#notes.set(key, value);
  }

  async clear(): Promise<void> {
    this.#sessions.clear();
    this.#pending.clear();
    this.#notes.clear();
  }

  async close(): Promise<void> {}
}
