// A session for trying whether a store takes one: in the trash from the start, so that nobody is shown it.
import { ulid } from "ulid";
import { SESSION_VERSION, type StoredDocument, sessionJson } from "../store/index.js";

/** The document of a session of that id, of a revision of its own. */
export async function formatSessionProbe(id: string): Promise<StoredDocument> {
  const at = new Date().toISOString();
  return (await sessionJson()).formatSession({
    version: SESSION_VERSION,
    id,
    revision: `1-${ulid()}`,
    name: "probe of t2a library doctor",
    status: "completed",
    ...{ createdAt: at, lastActivityAt: at, savedAt: at, deletedAt: at },
    config: { env: {}, cols: 80, rows: 24 },
    children: [],
    state: { session: {} },
    recordings: [],
    tags: [],
    commandCount: 0,
    stats: { events: {}, outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes: 0, dropped: 0 },
  });
}
