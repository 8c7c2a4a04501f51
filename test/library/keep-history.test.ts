// Histories in a store: kept once, kept anew when they have grown, and moved, mended and pruned as all other files are.
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { CommandJson } from "../../src/analyze/index.js";
import { checkStore } from "../../src/library/check-store.js";
import { exportStore } from "../../src/library/export-store.js";
import { importStore } from "../../src/library/import-store.js";
import { indexRecordings } from "../../src/library/index-recordings.js";
import { HistoryTally, isCommandsName, keepHistory } from "../../src/library/keep-history.js";
import { migrateStore } from "../../src/library/migrate-store.js";
import { pruneCandidate, prunedBy } from "../../src/library/prune.js";
import { MemoryStorage } from "../../src/store/drivers/memory.js";
import { SqliteIndex } from "../../src/store/index/sqlite-index.js";
import { Store } from "../../src/store/index.js";
import { sourceOf } from "./archives.js";
import { contentOf } from "./stores.js";

const NOW = Date.UTC(2026, 10, 20);
const ORIGIN = { kind: "zsh", path: "/home/ann/.zsh_history", host: "box", user: "ann" };

/** In memory, with an index that holds text. */
function newStore(): Store {
  const index = new SqliteIndex(new Sqlite(":memory:"));
  return new Store({ storage: new MemoryStorage(), index, check: "never" });
}

function command(line: string, startedAt: string | null): CommandJson {
  return {
    ...{ line, cwd: null, user: null, host: null, exitStatus: null, signal: null, startNs: 0, durationNs: 2e9 },
    ...{ timeToFirstOutputNs: null, outputBytes: 0, outputLines: 0, output: null, source: "history", trusted: false },
    ...{ depth: 0, startedAt, recording: null },
  };
}

const OLD = command("make all", "2020-01-02T03:04:05.000Z");
const NEW = command("kubectl get pods", "2026-11-19T10:00:00.000Z");

async function keep(
  store: Store,
  commands: readonly CommandJson[],
  { wishes = {}, origin = ORIGIN }: Partial<Pick<Parameters<typeof keepHistory>[2], "wishes" | "origin">> = {},
) {
  const tally = new HistoryTally();
  for (const one of commands) tally.add(one);
  const source = { stream: () => sourceOf(Buffer.from(JSON.stringify(commands))).stream() };
  return await keepHistory(store, source, { origin, tally, wishes, now: () => NOW });
}

async function filesOf(store: Store): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.storage.listBlobs()) names.push(name);
  return names;
}

const linesFound = async (store: Store, text: string) => {
  await indexRecordings(store);
  const all = [{ text, match: "anywhere" }] as const;
  return (await store.index.search({ all, none: [], sessions: {} })).map(({ kind, snippet }) => [kind, snippet]);
};

describe("keepHistory", () => {
  it("keeps a history as a session that says when it was written, by whom, and what came last", async () => {
    const store = newStore();
    const { outcome, session } = await keep(store, [NEW, OLD], { wishes: { tags: ["work"] } });
    expect([outcome, session]).toMatchObject([
      "kept",
      {
        ...{ name: "zsh history of ann@box", status: "completed", host: "box", user: "ann", recordings: [] },
        ...{ createdAt: OLD.startedAt, lastActivityAt: NEW.startedAt, commandCount: 2, lastCommand: "make all" },
        ...{ lastResult: { durationNs: 2e9 }, tags: ["history", "work"] },
      },
    ]);
    expect(await filesOf(store)).toEqual([session.commands?.name]);
    expect(isCommandsName(session.commands?.name ?? "")).toBe(true);
    expect(session.stats.storedBytes).toBe(session.commands?.sizeBytes);
  });

  it("changes nothing where nothing is new, and keeps what has grown in place of what was", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD]);
    await store.update(session.id, (there) => ({ ...there, name: "mine", tags: ["a"] }));
    const before = await contentOf(store);
    expect((await keep(store, [OLD])).outcome).toBe("known");
    expect(await contentOf(store)).toEqual(before);
    const grown = await keep(store, [OLD, NEW], { wishes: { tags: ["b"] } });
    expect([grown.outcome, grown.session]).toMatchObject([
      "kept",
      { id: session.id, name: "mine", tags: ["a", "b"], commandCount: 2, lastActivityAt: NEW.startedAt },
    ]);
    expect(await filesOf(store)).toEqual([grown.session.commands?.name]);
    expect((await keep(store, [OLD, NEW], { wishes: { name: "other" } })).session.name).toBe("other");
    expect(await linesFound(store, "kubectl")).toContainEqual(["command", "kubectl get pods"]);
  });

  it("is told apart by shell, user, host and file; what comes through a pipe by its content", async () => {
    const store = newStore();
    const origins = [
      ...[ORIGIN, { ...ORIGIN, kind: "bash" }, { ...ORIGIN, user: "bob" }, { ...ORIGIN, host: "x" }],
      ...[
        { ...ORIGIN, path: "/h" },
        { ...ORIGIN, path: undefined },
      ],
    ];
    for (const origin of origins) await keep(store, [OLD], { origin });
    await keep(store, [NEW], { origin: { ...ORIGIN, path: undefined } });
    expect((await store.index.listSessions({})).total).toBe(7);
  });

  it("has one outcome where several import at once, and no file that nobody lists", async () => {
    const store = newStore();
    const growing = Array.from({ length: 6 }, (_, at) => [OLD, ...Array.from({ length: at }, () => NEW)]);
    await Promise.all([...growing, ...growing].map((commands) => keep(store, commands)));
    const { sessions } = await store.index.listSessions({});
    const listed = sessions.map(({ commands }) => commands?.name);
    expect(await filesOf(store)).toEqual(expect.arrayContaining(listed));
    await keep(store, growing.at(-1) ?? []);
    expect(await checkStore(store, { allOrphans: true })).toMatchObject({ sessions: 1, findings: [] });
  });

  it("stays in the trash, and knows no times that a document cannot tell", async () => {
    const store = newStore();
    const { session } = await keep(store, [command("x", null), command("y", "+012026-01-01T00:00:00.000Z")]);
    expect(session).toMatchObject({ createdAt: "2026-11-20T00:00:00.000Z", lastCommand: "y" });
    await store.update(session.id, (there) => ({ ...there, deletedAt: "2026-11-20T00:00:00.000Z" }));
    expect((await keep(store, [OLD])).outcome).toBe("deleted");
    expect(await filesOf(store)).toEqual([session.commands?.name]);
  });

  it("puts a file again that the store has lost", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD]);
    await store.storage.deleteBlob(session.id, session.commands?.name ?? "");
    expect((await keep(store, [OLD])).outcome).toBe("kept");
    expect((await checkStore(store)).findings).toEqual([]);
    await store.storage.deleteBlob(session.id, session.commands?.name ?? "");
    expect(await checkStore(store, { isMending: true })).toMatchObject({ left: 0, findings: [{ kind: "missing" }] });
    expect((await store.get(session.id)).commands).toBeUndefined();
    const back = (await keep(store, [OLD])).session;
    expect([back.commands, back.error]).toEqual([session.commands, undefined]);
  });
});

describe("the commands of a session without recordings", () => {
  it("are checked as every file is, and set aside where they are damaged", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD]);
    const name = session.commands?.name ?? "";
    await store.storage.deleteBlob(session.id, name);
    await store.storage.putBlob(session.id, name, sourceOf(Buffer.alloc(session.commands?.sizeBytes ?? 0)).stream());
    expect((await checkStore(store)).findings).toMatchObject([{ kind: "damaged", name }]);
    expect(await checkStore(store, { isMending: true })).toMatchObject({ left: 0 });
    const mended = await store.get(session.id);
    expect([mended.commands, mended.error]).toEqual([undefined, expect.stringContaining(`lost: ${name}`)]);
    expect(await filesOf(store)).toEqual([`lost.${name}`]);
  });

  it("stay where the document is damaged or lost, and are a session again with the next import", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD]);
    const damaged = JSON.stringify({ ...session, name: 7 });
    const document = { id: session.id, revision: session.revision, json: damaged };
    await store.storage.putDocument(document, session.revision);
    expect(await checkStore(store, { isMending: true })).toMatchObject({ left: 0, findings: [{ kind: "document" }] });
    const rebuilt = await store.get(session.id);
    expect([rebuilt.commands, rebuilt.commandCount]).toEqual([session.commands, 1]);
    await store.storage.deleteDocument(session.id, rebuilt.revision);
    const options = { isMending: true, allOrphans: true, deletesOrphans: true };
    expect((await checkStore(store, options)).findings).toContainEqual(
      expect.objectContaining({ kind: "orphan", name: session.commands?.name }),
    );
    await store.checkIndex();
    expect(await filesOf(store)).toContain(session.commands?.name);
    expect((await keep(store, [OLD])).session.commands).toEqual(session.commands);
  });

  it("are searched as far as they can be read", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD]);
    const damaged = Buffer.from(`[${JSON.stringify(NEW)}, {]`);
    const name = session.commands?.name ?? "";
    await store.storage.deleteBlob(session.id, name);
    await store.storage.putBlob(session.id, name, sourceOf(damaged).stream());
    const problems: string[] = [];
    await indexRecordings(store, { onProblem: (id) => problems.push(id) });
    expect(problems).toEqual([name]);
    expect(await linesFound(store, "kubectl")).toEqual([["command", "kubectl get pods"]]);
  });

  it("go into an archive and come back, also in place of older ones", async () => {
    const [store, other] = [newStore(), newStore()];
    const archive = async () => {
      const chunks: Uint8Array[] = [];
      const target = { name: "a", write: (bytes: Uint8Array) => void chunks.push(bytes.slice()) };
      const rest = { sibling: () => target as never, commit: async () => {}, abort: async () => {} };
      await exportStore(store, { ...target, ...rest }, { version: "0.1.0" });
      return sourceOf(Buffer.concat(chunks));
    };
    const { session } = await keep(store, [OLD]);
    const old = await archive();
    expect(await importStore(other, old)).toMatchObject({ imported: 1, problems: [] });
    expect(await contentOf(other)).toEqual(await contentOf(store));
    await keep(store, [OLD, NEW]);
    expect(await importStore(other, await archive(), { isUpdating: true })).toMatchObject({ updated: 1, problems: [] });
    expect(await contentOf(other)).toEqual(await contentOf(store));
    expect(await importStore(other, old, { isUpdating: true })).toMatchObject({ kept: 1, problems: [] });
    expect(await contentOf(other)).toEqual(await contentOf(store));
    // What a store has lost comes back.
    await other.update(session.id, ({ commands, ...there }) => ({ ...there, error: `lost: ${commands?.name} (x)` }));
    for (const name of await filesOf(other)) await other.storage.deleteBlob(session.id, name);
    expect(await importStore(other, await archive(), { isUpdating: true })).toMatchObject({ updated: 1, problems: [] });
    const back = await other.get(session.id);
    expect([back.commands, back.error]).toEqual([(await store.get(session.id)).commands, undefined]);
    expect((await checkStore(other, { allOrphans: true })).findings).toEqual([]);
  });

  it("move to another store, and what they replace goes there too", async () => {
    const [store, other] = [newStore(), newStore()];
    await keep(store, [OLD]);
    expect(await migrateStore(store, other)).toMatchObject({ moved: 1, files: 1, problems: [] });
    await keep(store, [OLD, NEW]);
    expect(await migrateStore(store, other)).toMatchObject({ updated: 1, files: 1, problems: [] });
    expect(await contentOf(other)).toEqual(await contentOf(store));
  });

  it("are as old as the last of them where old sessions are pruned, and take room", async () => {
    const store = newStore();
    const { session } = await keep(store, [OLD, NEW]);
    const all = [pruneCandidate(session)];
    expect(prunedBy(all, 0, { olderThanDays: 7 }, NOW)).toEqual([]);
    expect(prunedBy(all, 0, { olderThanDays: 7 }, NOW + 8 * 86_400_000)).toEqual(all);
    expect(prunedBy(all, 0, { maxSizeBytes: 100 }, NOW)).toEqual(all);
  });
});
