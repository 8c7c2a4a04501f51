// What every index of a store does. Each index runs these with its own way of opening an empty one.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DocumentStat, SearchHit, SearchQuery, Session, StoreIndex } from "../../src/store/index.js";
import { testRecording, testSession, testText } from "../support/sessions.js";

/** Runs the suite. `open` gives an index that holds nothing; it is closed by the suite. */
export function storeIndexConformance(name: string, open: () => Promise<StoreIndex>, { runs = 60 } = {}): void {
  describe(`${name} as an index`, () => {
    let index: StoreIndex;
    beforeEach(async () => {
      index = await open();
    });
    afterEach(async () => {
      await index.close();
    });

    const put = async (...sessions: readonly Session[]) => {
      for (const session of sessions) await index.putSession(session, session.revision, { clearsPending: false });
    };
    const recorded = (changes: Partial<Session> = {}) => testSession({ recordings: [testRecording()], ...changes });

    test("a session is found as it was put", async () => {
      const session = recorded({ name: "세션 \u{1f600}", tags: ["a", "b"], context: { deep: [1, null, { x: "y" }] } });
      await put(session);
      expect(await index.findSession(session.id)).toEqual(session);
      expect(await index.findSession(testSession().id)).toBeUndefined();
    });

    test("an older revision changes nothing, a newer one does", async () => {
      const session = testSession({ name: "new", revision: `3-${testSession().id}` });
      await put(session, { ...session, name: "old", revision: `2-${session.id}` });
      expect((await index.findSession(session.id))?.name).toBe("new");
      await put({ ...session, name: "newer", revision: `4-${session.id}` });
      expect((await index.findSession(session.id))?.name).toBe("newer");
    });

    test("a session that was removed is not known any more, nor its text", async () => {
      const session = recorded();
      await put(session);
      await index.putText(testText(session, [["some words"]]));
      await index.removeSession(session.id, { clearsPending: false });
      expect(await index.findSession(session.id)).toBeUndefined();
      expect(await index.search(ask("words"))).toEqual([]);
      expect(await index.listUnindexed(10)).toEqual([]);
      expect(await index.listSessions({})).toEqual({ sessions: [], total: 0 });
    });

    test("ids are found by how they begin, in order", async () => {
      const sessions = [testSession(), testSession(), testSession()];
      await put(...sessions);
      const ids = sessions.map(({ id }) => id).sort();
      expect(await index.findIds("0", 10)).toEqual(ids);
      expect(await index.findIds("0", 2)).toEqual(ids.slice(0, 2));
      expect(await index.findIds(ids[1] ?? "", 10)).toEqual([ids[1]]);
      expect(await index.findIds("7Z", 10)).toEqual([]);
    });

    test("many put at once are as each by itself", async () => {
      const sessions = Array.from({ length: 30 }, (_, number) => recorded({ name: `session ${number}` }));
      const [known, gone] = sessions as [Session, Session];
      await put({ ...known, name: "newer", revision: `2-${known.id}` }, gone);
      await index.putText(testText(gone, [["some words"]]));
      const changed = { ...gone, recordings: [], revision: `2-${gone.id}` };
      const all = sessions.map((session) => (session === gone ? changed : session));
      await index.putSessions?.(all.map((session) => ({ session, tag: "t" })));
      if (index.putSessions === undefined) await put(...all);
      expect((await index.listSessions({})).total).toBe(30);
      expect((await index.findSession(known.id))?.name).toBe("newer");
      expect(await index.search(ask("words"))).toEqual([]);
      expect(await index.listUnindexed(100)).toHaveLength(29);
    });

    test("tags are listed by id", async () => {
      const sessions = Array.from({ length: 2100 }, () => testSession());
      await put(...sessions);
      const tags: DocumentStat[] = [];
      for await (const tag of index.listTags()) tags.push(tag);
      expect(tags).toEqual(sessions.map(({ id, revision }) => ({ id, tag: revision })).sort(byId));
    });

    test("notes of what is pending stay until each who made one comes back", async () => {
      const session = testSession();
      await index.markPending(session.id);
      await index.markPending(session.id);
      await index.putSession(session, "t", { clearsPending: true });
      expect((await index.listPending()).map(({ id }) => id)).toEqual([session.id]);
      await index.putSession(session, "t", { clearsPending: false });
      expect(await index.listPending()).toHaveLength(1);
      await index.removeSession(session.id, { clearsPending: true });
      expect(await index.listPending()).toEqual([]);
    });

    test("notes are forgotten where none was made since", async () => {
      const { id } = testSession();
      await index.markPending(id);
      const [note] = await index.listPending();
      if (note === undefined) throw new Error("no note");
      await index.clearPending([{ id, sinceMs: note.sinceMs - 1 }]);
      expect(await index.listPending()).toEqual([note]);
      await index.clearPending([note]);
      expect(await index.listPending()).toEqual([]);
    });

    test("notes of whoever keeps it are kept", async () => {
      expect(await index.findNote("a")).toBeUndefined();
      await index.putNote("a", "1");
      await index.putNote("a", "2");
      expect(await index.findNote("a")).toBe("2");
    });

    test("cleared, it knows nothing, and works on", async () => {
      const session = recorded();
      await put(session);
      await index.putText(testText(session, [["words"]]));
      await index.putNote("a", "1");
      await index.clear();
      expect(await index.listSessions({})).toEqual({ sessions: [], total: 0 });
      expect(await index.findNote("a")).toBeUndefined();
      await put(session);
      await index.putText(testText(session, [["words"]]));
      expect(await index.search(ask("words"))).toHaveLength(1);
    });

    test("commands of a session without recordings are found as such, and anew when they have another file", async () => {
      const session = testSession({ name: "zsh history" });
      const file = (letter: string) => ({
        commands: { name: `${session.id}.commands-${letter.repeat(16)}.json`, sizeBytes: 2, sha256: letter.repeat(64) },
      });
      const text = (name: string, ...lines: readonly string[]) => ({
        ...{ sessionId: session.id, recordingId: name, title: "", startMs: Date.parse(session.createdAt) },
        passages: (async function* () {})(),
        commands: () => lines.map((line, at) => ({ number: at + 1, line, startNs: at * 1e18, exitStatus: at })),
      });
      const [one, other] = [file("a"), file("b")];
      await put({ ...session, ...one });
      expect(await index.listUnindexed(10)).toEqual([{ sessionId: session.id, recordingId: one.commands.name }]);
      await index.putText(text(one.commands.name, "make all", "kubectl get pods"));
      expect(await index.listUnindexed(10)).toEqual([]);
      expect(await index.search(ask("kubectl"))).toMatchObject([
        { sessionId: session.id, recordingId: null, title: "zsh history", timeNs: 1e18, kind: "command" },
      ]);
      expect(await index.search({ ...ask("make"), exit: { status: 0, isNot: true } })).toEqual([]);
      expect((await index.listSessions({ command: "kubectl" })).total).toBe(1);
      expect((await index.stats()).recordings).toBe(0);
      await put({ ...session, ...other, revision: `2-${session.id}` });
      expect(await index.listUnindexed(10)).toEqual([{ sessionId: session.id, recordingId: other.commands.name }]);
      await index.putText(text(other.commands.name, "make all", "helm list"));
      expect(await index.search(ask("kubectl"))).toEqual([]);
      expect(await index.search(ask("helm"))).toHaveLength(1);
      await put({ ...session, revision: `3-${session.id}` });
      expect(await index.search(ask("helm"))).toEqual([]);
      expect(await index.listUnindexed(10)).toEqual([]);
    });

    describe("lists", () => {
      const at = (day: number) => `2026-11-0${day}T12:00:00.000Z`;
      const stats = (durationNs: number, storedBytes: number) => ({ ...testSession().stats, durationNs, storedBytes });
      const one = testSession({
        name: "Deploy the shop",
        createdAt: at(1),
        lastActivityAt: at(5),
        stats: stats(30, 1),
        tags: ["prod", "web"],
        config: { command: "make deploy", env: {}, cols: 80, rows: 24 },
        host: "north",
        agent: "helper",
      });
      const two = testSession({
        name: "build",
        createdAt: at(2),
        lastActivityAt: at(2),
        stats: stats(20, 3),
        tags: ["web"],
        exitStatus: 2,
        host: "south",
        user: "ann",
      });
      const three = testSession({
        name: "editing",
        createdAt: at(3),
        lastActivityAt: at(4),
        stats: stats(10, 2),
        status: "failed",
        deletedAt: at(4),
        recordings: [testRecording({ title: "The Title" })],
      });
      const names = async (query: Parameters<StoreIndex["listSessions"]>[0]) =>
        (await index.listSessions(query)).sessions.map(({ name }) => name[0]).join("");

      test.each([
        [{}, "ebD"],
        [{ isAscending: true }, "Dbe"],
        [{ sort: "activity" }, "Deb"],
        [{ sort: "name" }, "eDb"],
        [{ sort: "duration" }, "Dbe"],
        [{ sort: "size" }, "beD"],
        [{ limit: 1 }, "e"],
        [{ limit: 1, offset: 1 }, "b"],
        [{ offset: 2 }, "D"],
        [{ isDeleted: false }, "bD"],
        [{ isDeleted: true }, "e"],
        [{ ids: [one.id, three.id] }, "eD"],
        [{ ids: [] }, ""],
        [{ name: "Deploy the shop" }, "D"],
        [{ name: "Deploy" }, ""],
        [{ title: "THE" }, "eD"],
        [{ title: "title" }, "e"],
        [{ title: "build" }, "b"],
        [{ sinceMs: Date.parse(at(2)) }, "eb"],
        [{ untilMs: Date.parse(at(2)) }, "D"],
        [{ tags: ["web"] }, "bD"],
        [{ tags: ["web", "prod"] }, "D"],
        [{ tags: ["we"] }, ""],
        [{ statuses: ["failed", "active"] }, "e"],
        [{ command: "DEPLOY" }, "D"],
        [{ command: "git push" }, "e"],
        [{ command: "x" }, ""],
        [{ agent: "helper" }, "D"],
        [{ host: "south" }, "b"],
        [{ user: "ann" }, "b"],
        [{ isFailed: true }, "eb"],
        [{ isFailed: false }, "D"],
        [{ longerThanNs: 10 }, "bD"],
        [{ tags: ["web"], isFailed: true, sort: "name" }, "b"],
        [{ tags: ["web"], isDeleted: false, isAscending: true }, "Db"],
        [{ tags: ["web"], isDeleted: true }, ""],
        [{ tags: ["web"], limit: 1, offset: 1 }, "D"],
        [{ tags: ["web"], sinceMs: Date.parse(at(2)) }, "b"],
        [{ tags: ["web"], untilMs: Date.parse(at(2)) }, "D"],
        [{ tags: ["web"], sort: "size" }, "bD"],
        [{ tags: ["web"], host: "north" }, "D"],
        [{ tags: ["web"], ids: [two.id], title: "build" }, "b"],
      ] as const)("%j", async (query, expected) => {
        await put(one, two, three);
        await index.putText(testText(three, [], [{ line: "git  PUSH origin" }]));
        expect(await names(query)).toBe(expected);
        const { limit: _, offset: __, ...all } = query as { limit?: number; offset?: number };
        expect((await index.listSessions(query)).total).toBe((await names(all)).length);
      });

      test("a tag by what its sessions are now", async () => {
        await put(one, two, three);
        const revision = `2-${one.id}`;
        await put({ ...one, tags: ["web", "new"], createdAt: at(4), revision });
        expect(await names({ tags: ["web"] })).toBe("Db");
        expect(await names({ tags: ["prod"] })).toBe("");
        await put({ ...one, tags: ["web", "new"], deletedAt: at(5), revision: `3-${one.id}` });
        expect(await names({ tags: ["web"], isDeleted: false })).toBe("b");
        expect(await names({ tags: ["new"], isDeleted: true })).toBe("D");
        await index.removeSession(one.id, { clearsPending: false });
        expect(await index.listSessions({ tags: ["new"] })).toEqual({ sessions: [], total: 0 });
      });

      test("sums what is not in the trash", async () => {
        await put(one, two, three);
        const { byHost, byProgram, ...totals } = await index.stats();
        expect(totals).toEqual({
          sessions: 2,
          recordings: 0,
          outputBytes: 0,
          storedBytes: 4,
          durationNs: 50,
          deleted: 1,
          oldest: at(1),
          newest: at(2),
        });
        expect(byHost.map(({ host, sessions }) => [host, sessions])).toEqual([
          ["north", 1],
          ["south", 1],
        ]);
        expect(byProgram.map(({ program }) => program)).toEqual(["make", "shell"]);
      });
    });

    describe("text", () => {
      test("is asked for until it is there", async () => {
        const session = recorded();
        await put(session);
        const recordingId = session.recordings[0]?.id;
        expect(await index.listUnindexed(10)).toEqual([{ sessionId: session.id, recordingId }]);
        await index.putText(testText(session, []));
        expect(await index.listUnindexed(10)).toEqual([]);
        await put({ ...session, revision: `2-${session.id}` });
        expect(await index.listUnindexed(10)).toEqual([]);
      });

      test("takes the place of what was there, and goes with its recording", async () => {
        const session = recorded();
        await put(session);
        await index.putText(testText(session, [["old words"]], [{ line: "oldcommand" }]));
        await index.putText(testText(session, [["new words"]], [{ line: "newcommand" }]));
        expect(await index.search(ask("old"))).toEqual([]);
        expect(await index.search(ask("new"))).toHaveLength(2);
        await put({ ...session, recordings: [], revision: `2-${session.id}` });
        expect(await index.search(ask("new"))).toEqual([]);
      });

      test("of a session that is not known is nothing", async () => {
        await index.putText(testText(recorded(), [["words"]]));
        expect(await index.search(ask("words"))).toEqual([]);
      });

      test("that is there before its recording is not seen until it is shown", async () => {
        if (index.prepareText === undefined) return;
        const session = recorded();
        const text = testText(session, [["early words"]], [{ line: "early command" }]);
        const [early, gone, late] = [
          await index.prepareText(text),
          await index.prepareText(testText(session, [["early too"]])),
          await index.prepareText(testText(session, [["early again"]])),
        ];
        expect(await index.search(ask("early"))).toEqual([]);
        expect(await gone.show(text)).toBe(false);
        await put(session);
        expect(await index.search(ask("early"))).toEqual([]);
        expect(await index.listUnindexed(10)).toHaveLength(1);
        expect(await early.show(text)).toBe(true);
        await early.discard();
        await late.discard();
        expect(await late.show(text)).toBe(false);
        expect(await index.listUnindexed(10)).toEqual([]);
        const found = (await index.search(ask("early"))).map(({ snippet, title }) => [snippet, title]);
        expect(found.sort()).toEqual([
          ["early command", session.name],
          ["early words", session.name],
        ]);
        await put({ ...session, recordings: [], revision: `2-${session.id}` });
        expect(await index.search(ask("early"))).toEqual([]);
      });

      test("is not seen before all of it is there, and not at all where reading it fails", async () => {
        const session = recorded();
        await put(session);
        await index.putText(testText(session, [["before"]]));
        const passages = (async function* () {
          for (let number = 0; number < 600; number++) yield { lines: [{ timeNs: 0, text: "behind" }] };
          expect(await index.search(ask("behind"))).toEqual([]);
          expect(await index.search(ask("before"))).toHaveLength(1);
          throw new Error("unreadable");
        })();
        await expect(index.putText({ ...testText(session, []), passages })).rejects.toThrow("unreadable");
        expect(await index.search(ask("behind"))).toEqual([]);
        expect(await index.search(ask("before"))).toHaveLength(1);
      });

      test("is told with its title, time and place", async () => {
        const session = recorded({ name: "its name" });
        await put(session);
        await index.putText(
          testText(session, [["nothing", "the Needle is here"]], [{ line: "find needle", startNs: 5 }]),
        );
        const hits = await index.search(ask("needle"));
        expect(hits.map(({ score: _, ...hit }) => hit)).toEqual([
          {
            sessionId: session.id,
            recordingId: session.recordings[0]?.id,
            title: "its name",
            timeNs: 5,
            snippet: "find needle",
            matches: [[5, 6]],
            kind: "command",
          },
          {
            sessionId: session.id,
            recordingId: session.recordings[0]?.id,
            title: "its name",
            timeNs: 1e9,
            snippet: "the Needle is here",
            matches: [[4, 6]],
            kind: "screen",
          },
        ]);
      });
    });

    describe("searching", () => {
      const START = "2026-11-01T00:00:00.000Z";
      const shop = recorded({
        name: "the shop",
        tags: ["prod"],
        recordings: [testRecording({ title: "shop one", createdAt: START })],
        createdAt: START,
        lastActivityAt: "2026-11-02T00:00:00.000Z",
      });
      const gone = recorded({ name: "in the trash", deletedAt: START });
      beforeEach(async () => {
        await put(shop, gone);
        await index.putText(
          testText(
            shop,
            [
              ["세션이 시작되었다", "漢字かな交じり文", "error: out of   memory", "at line 12"],
              ["cafe\u0301 CAFÉ", "straße", "kubectl get pods"],
            ],
            [
              { line: "make test", cwd: "/home/ann/shop", exitStatus: 2, startNs: 0 },
              { line: "make install", cwd: "/srv/shop/www", exitStatus: 0, startNs: 3600e9 },
              { line: "sleep 1000", cwd: "/srv" },
            ],
          ),
        );
        await index.putText(testText(gone, [["trashed error"]]));
      });
      const found = async (query: Partial<SearchQuery>) =>
        (await index.search({ ...ask(), ...query })).map(({ snippet }) => snippet).sort();

      test.each([
        [ask("세션"), ["세션이 시작되었다"]],
        [ask("漢字"), ["漢字かな交じり文"]],
        [ask("字"), ["漢字かな交じり文"]],
        [ask("ERROR"), ["error: out of   memory"]],
        [ask("out of memory at"), ["error: out of   memory"]],
        [ask("CAFÉ"), ["café CAFÉ".normalize("NFD").replace("CAFÉ".normalize("NFD"), "CAFÉ")]],
        [ask("STRASSE"), ["straße"]],
        [ask("ake"), ["make install", "make test"]],
        [{ ...ask(), all: [{ text: "ake", match: "prefix" }] }, []],
        [{ ...ask(), all: [{ text: "inst", match: "prefix" }] }, ["make install"]],
        [{ ...ask("make"), none: [{ text: "test", match: "anywhere" }] }, ["make install"]],
        [ask("make", "test"), ["make test"]],
        [{ ...ask("make"), exit: { status: 0, isNot: true } }, ["make test"]],
        [{ ...ask("make"), exit: { status: 0, isNot: false } }, ["make install"]],
        [{ ...ask(), exit: { status: 2, isNot: false } }, ["make test"]],
        [{ ...ask(), exit: { status: 0, isNot: true } }, ["make test"]],
        [{ ...ask(), cwd: "/srv" }, ["make install", "sleep 1000"]],
        [{ ...ask("shop"), kinds: ["session"] }, ["the shop"]],
        [{ ...ask("prod") }, ["prod"]],
        [{ ...ask("trash"), sessions: { isDeleted: true } }, ["in the trash", "trashed error"]],
        [{ ...ask("error"), sessions: { tags: ["other"] } }, []],
        [{ ...ask("error"), sessions: { tags: ["prod"] } }, ["error: out of   memory"]],
        [{ ...ask("error"), recordings: [(shop.recordings[0]?.id ?? "").slice(0, 20)] }, ["error: out of   memory"]],
        [{ ...ask("error"), recordings: ["7ZZZ"] }, []],
        [{ ...ask(), pattern: /l[i]ne \d+$/u }, ["at line 12"]],
        [{ ...ask(), pattern: /^ERROR/u }, []],
        [{ ...ask(), pattern: /^ERROR/iu }, ["error: out of   memory"]],
        [{ ...ask("kubctl"), isFuzzy: true }, ["kubectl get pods"]],
        [ask("kubctl"), []],
        [
          { ...ask("make"), during: { sinceMs: Date.parse(START) + 3600_000, untilMs: Date.parse(START) + 3601_000 } },
          ["make install"],
        ],
        [
          { ...ask("line"), during: { sinceMs: Date.parse(START) + 3_000, untilMs: Date.parse(START) + 3_001 } },
          ["at line 12"],
        ],
        [
          {
            ...ask("line", "error"),
            during: { sinceMs: Date.parse(START) + 3_000, untilMs: Date.parse(START) + 3_001 },
          },
          [],
        ],
        [ask("nowhere to be found"), []],
      ] as readonly (readonly [SearchQuery, readonly string[]])[])("%#: %j", async (query, snippets) => {
        expect(await found(query)).toEqual([...snippets].sort());
      });

      test("a pattern that takes for ever is told of, soon", async () => {
        const session = recorded();
        await put(session);
        await index.putText(testText(session, [[`${"a".repeat(200)}!`]]));
        await expect(index.search({ ...ask(), pattern: /(a+)+$/u })).rejects.toMatchObject({ code: "T2A_USAGE" });
      });

      test("pages follow each other", async () => {
        const sessions = Array.from({ length: 30 }, () => testSession({ name: "page of many" }));
        await put(...sessions);
        const all = await index.search(ask("page of"), { limit: 100 });
        expect(all).toHaveLength(30);
        const pages: SearchHit[] = [];
        for (let offset = 0; offset < 30; offset += 7) {
          pages.push(...(await index.search(ask("page of"), { limit: 7, offset })));
        }
        expect(pages.map(({ sessionId }) => sessionId).sort()).toEqual(sessions.map(({ id }) => id).sort());
      });
    });

    test("what is found is what is there, whatever the text and the question", async () => {
      const word = fc.oneof(
        fc.constantFrom(
          "a",
          "b",
          "ab",
          "Ab",
          "ß",
          "é",
          "e\u0301",
          "세션",
          "漢",
          "漢字",
          "가",
          "\u1100\u1161",
          "😀",
          "👩‍💻",
          "ﬁ",
          "K",
          "-",
          "/x",
          "12",
          "\t",
          "　",
          "\u0301",
          "Σς",
          "ガ",
          "ｶﾞ",
          "\ud800",
        ),
        fc.string({ unit: "grapheme", maxLength: 4 }),
        fc.string({ unit: "grapheme-ascii", maxLength: 4 }),
      );
      const line = fc.array(word, { maxLength: 6 }).chain((words) => fc.constantFrom(words.join(" "), words.join("")));
      const texts = fc.array(fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { maxLength: 3 }), {
        minLength: 1,
        maxLength: 3,
      });
      await fc.assert(
        fc.asyncProperty(
          texts,
          fc.array(fc.nat({ max: 1e6 }), { minLength: 12, maxLength: 12 }),
          async (recordings, seeds) => {
            await index.clear();
            const sessions = recordings.map(() => recorded({ name: "\u2063" }));
            await put(...sessions);
            for (const [number, passages] of recordings.entries()) {
              await index.putText(
                testText(
                  sessions[number] as Session,
                  passages.map((lines) => lines.map(oneLine)),
                ),
              );
            }
            const passages = recordings.flat().map((lines) => lines.map(oneLine).join("\n"));
            for (const seed of seeds) {
              const term = partOf(passages, seed);
              const expected = passages.filter((passage) => plain(passage).includes(plain(term).trim())).length;
              const isNothing = plain(term).trim() === "";
              const hits = await index.search({ ...ask(term), kinds: ["screen"] }, { limit: 1000 });
              expect([term, hits.length]).toEqual([term, isNothing ? 0 : expected]);
            }
          },
        ),
        { numRuns: runs },
      );
    });
  });
}

/** A question for words anywhere. */
export function ask(...words: readonly string[]): SearchQuery {
  return { all: words.map((text) => ({ text, match: "anywhere" })), none: [], sessions: {} };
}

/** Texts of screens have no line feeds within a line, and are well-formed. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]|\p{Cs}/gu, " ");
}

/** A part of one of the texts, of one to some characters, or of two put together, which may be nowhere. */
function partOf(texts: readonly string[], seed: number): string {
  const text = Array.from(texts[seed % Math.max(1, texts.length)] ?? "");
  const start = Math.floor(seed / 7) % (text.length + 1);
  const length = [1, 1, 2, 2, 3, 4, 6, 12][Math.floor(seed / 3) % 8] ?? 1;
  const part = text.slice(start, start + length).join("");
  return seed % 5 === 0 ? `${part}${text[Math.floor(seed / 11) % (text.length + 1)] ?? ""}` : part;
}

/** Told as simply as can be: each character with its marks in its plainest form, and blanks as one. */
function plain(text: string): string {
  const clusters = text.match(/[\u1100-\u115f]+[\u1160-\u11a7]*[\u11a8-\u11ff]*|[\s\S][\p{M}\uff9e\uff9f]*/gu) ?? [];
  return clusters
    .map((cluster) => cluster.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC"))
    .join("")
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ");
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
