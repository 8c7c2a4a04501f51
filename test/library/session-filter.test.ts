// What is meant of sessions that are in no store yet, and their order: as an index has it of those that are.
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareSessions, isMeant } from "../../src/library/session-filter.js";
import { SqliteIndex } from "../../src/store/index/sqlite-index.js";
import type { Session, SessionQuery } from "../../src/store/index.js";
import { testRecording, testSession } from "../support/sessions.js";

const words = fc.constantFrom("make", "Make Test", "ssh box", "세션", "a_b", "100%", "");
const when = fc.integer({ min: 0, max: 9 }).map((day) => Date.UTC(2026, 9, 1 + day));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const statuses = fc.constantFrom("active" as const, "completed" as const, "failed" as const, "interrupted" as const);
const tags = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 });

const session: fc.Arbitrary<Session> = fc
  .record({
    name: words.filter((word) => word !== ""),
    created: when,
    active: when,
    title: optional(words),
    status: statuses,
    tags,
    command: optional(words),
    who: optional(fc.constantFrom("ann", "bob")),
    exitStatus: optional(fc.constantFrom(0, 1, 130)),
    seconds: fc.integer({ min: 0, max: 3 }),
    isDeleted: fc.boolean(),
  })
  .map(({ name, created, active, title, status, tags, command, who, exitStatus, seconds, isDeleted }) => {
    const there = testSession({
      ...{ name, status, tags, createdAt: new Date(created).toISOString() },
      lastActivityAt: new Date(Math.max(created, active)).toISOString(),
      config: { env: {}, cols: 80, rows: 24, ...(command === undefined ? {} : { command }) },
      recordings: title === undefined ? [] : [testRecording({ title })],
      ...(who === undefined ? {} : { agent: who, host: who, user: who }),
      ...(exitStatus === undefined ? {} : { exitStatus }),
      ...(isDeleted ? { deletedAt: new Date(active).toISOString() } : {}),
    });
    const stats = { ...there.stats, durationNs: seconds * 1e9, storedBytes: seconds * 1000 };
    return { ...there, stats };
  });

const query: fc.Arbitrary<SessionQuery> = fc.record({
  name: optional(words),
  title: optional(words.filter((word) => word !== "")),
  sinceMs: optional(when),
  untilMs: optional(when),
  tags: optional(tags),
  statuses: optional(fc.uniqueArray(statuses, { minLength: 1, maxLength: 2 })),
  command: optional(fc.constantFrom("make", "TEST", "box")),
  agent: optional(fc.constantFrom("ann", "nobody")),
  host: optional(fc.constantFrom("ann", "bob")),
  user: optional(fc.constantFrom("ann", "bob")),
  isFailed: optional(fc.boolean()),
  longerThanNs: optional(fc.integer({ min: 0, max: 3 }).map((seconds) => seconds * 1e9)),
  isDeleted: optional(fc.boolean()),
  sort: optional(fc.constantFrom("created" as const, "activity" as const, "name" as const, "duration" as const)),
  isAscending: optional(fc.boolean()),
});

test("sessions that are not in a store yet are meant and ordered as those that are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { maxLength: 12 }),
      fc.array(query, { minLength: 5, maxLength: 5 }),
      async (all, asked) => {
        const index = new SqliteIndex(new Sqlite(":memory:"));
        try {
          for (const one of all) await index.putSession(one, one.revision, { clearsPending: false });
          for (const one of [...asked, { ids: all.slice(0, 2).map(({ id }) => id) }, { sort: "size" as const }]) {
            const { sessions } = await index.listSessions(one);
            const expected = all.filter((session) => isMeant(session, one)).sort(compareSessions(one));
            expect(expected.map(({ id }) => id)).toEqual(sessions.map(({ id }) => id));
          }
        } finally {
          await index.close();
        }
      },
    ),
    { numRuns: 60 },
  );
});
