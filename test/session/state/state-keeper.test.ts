// State of all scopes, held against a twin that is a plain map; what is refused; writers in many processes.
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JsonObject, JsonValue, SessionStateScope } from "../../../src/session/index.js";
import { StateKeeper, type StateKeeperOptions } from "../../../src/session/index.js";
import { FileStorage } from "../../../src/store/drivers/files.js";
import { type Store, ULID } from "../../../src/store/index.js";
import { addSession, newStore } from "../../library/stores.js";
import { moduleProgram } from "../../pty/programs.js";
import { pollUntil } from "../../support/poll-until.js";
import { start } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";

function keeperOf(store: Store, options: Partial<StateKeeperOptions> = {}): StateKeeper {
  return new StateKeeper({
    store,
    user: "someone",
    resolve: async (id) => ({ id, name: "work", status: "active" as const }),
    isLive: (id) => ULID.test(id),
    ...options,
  });
}

const KEYS = ["a", "b", "a key", "漢字", "constructor", "toString", "..", "state.app", "0"];
const key = fc.constantFrom(...KEYS);
const scope = fc.constantFrom<SessionStateScope>("session", "user", "app", "temp");
const value = fc.jsonValue({ maxDepth: 3 }).filter((any) => !JSON.stringify(any).includes("__proto__"));
const step = fc.oneof(
  fc.record({ does: fc.constant("set" as const), key, scope, session: fc.nat(1), value }),
  fc.record({ does: fc.constant("delete" as const), key, scope, session: fc.nat(1) }),
  fc.record({ does: fc.constant("get" as const), key, scope, session: fc.nat(1) }),
  fc.record({ does: fc.constant("list" as const), scope, session: fc.nat(1) }),
);

describe("state", () => {
  it("is what a plain map of each scope would hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = newStore();
        const sessions = [await addSession(store, {}, []), await addSession(store, {}, [])];
        const keeper = keeperOf(store);
        const twins = new Map<string, Map<string, string>>();
        for (const one of steps) {
          const session = sessions[one.session]?.id;
          const isOwn = one.scope === "session" || one.scope === "temp";
          const name = `${one.scope} ${isOwn ? session : ""}`;
          const twin = twins.get(name) ?? new Map<string, string>();
          twins.set(name, twin);
          const place = { scope: one.scope, session };
          if (one.does === "set") {
            await keeper.setState(one.key, one.value as JsonValue, place);
            twin.set(one.key, JSON.stringify(one.value));
          } else if (one.does === "delete") {
            expect(await keeper.deleteState(one.key, place)).toBe(twin.delete(one.key));
          } else if (one.does === "get") {
            const there = twin.get(one.key);
            const expected = there === undefined ? "fallback" : JSON.parse(there);
            expect(await keeper.getState(one.key, { ...place, fallback: "fallback" })).toEqual(expected);
          } else {
            const expected = Object.fromEntries([...twin].map(([name, json]) => [name, JSON.parse(json)]));
            expect(await keeper.listState(place)).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has keys of t2a's own that nobody else sets or takes away", async () => {
    const store = newStore();
    const { id } = await addSession(store, {}, []);
    const keeper = keeperOf(store);
    const isRefused = expect.objectContaining({ code: "T2A_STATE" });
    await expect(keeper.setState("t2a.agent", 1, { session: id })).rejects.toEqual(isRefused);
    await expect(keeper.deleteState("t2a.agent", { session: id })).rejects.toEqual(isRefused);
    await keeper.setState("t2a.switch", 1, { session: id, scope: "temp" });
    expect(await keeper.getState("t2a.switch", { session: id, scope: "temp" })).toBe(1);
  });

  it("is of the session where one is named, else of the user", async () => {
    const store = newStore();
    const { id } = await addSession(store, {}, []);
    const keeper = keeperOf(store);
    await keeper.setState("k", 1, { session: id });
    await keeper.setState("k", 2);
    expect((await store.get(id)).state.session).toEqual({ k: 1 });
    expect(await keeper.getState("k", { scope: "user" })).toBe(2);
    expect(await keeper.getState("k", { scope: "app" })).toBeUndefined();
    expect(await keeperOf(store, { user: "Someone" }).getState("k")).toBeUndefined();
    expect(await keeperOf(store, { user: "x/../\u0000漢字".repeat(40) }).listState()).toEqual({});
    await expect(keeper.getState("k", { scope: "session" })).rejects.toMatchObject({ code: "T2A_STATE" });
    await expect(keeper.getState("k", { scope: "temp" })).rejects.toMatchObject({ code: "T2A_STATE" });
  });

  it("of the scope temp is never written, and gone with the session", async () => {
    const store = newStore();
    const session = await addSession(store, {}, []);
    const keeper = keeperOf(store);
    await keeper.setState("k", { secret: 1 }, { scope: "temp", session: session.id });
    expect(await keeper.listState({ scope: "temp", session: session.id })).toEqual({ k: { secret: 1 } });
    expect(await store.get(session.id)).toEqual(session);
    for await (const name of store.storage.listNamed()) expect(name).toBe("none");
    keeper.forget(session.id);
    expect(await keeper.listState({ scope: "temp", session: session.id })).toEqual({});
    const over = keeperOf(store, { isLive: () => false });
    const setting = over.setState("k", 1, { scope: "temp", session: session.id });
    await expect(setting).rejects.toMatchObject({ code: "T2A_SESSION_OVER" });
  });

  it("is given frozen, and takes no changes of what was handed over", async () => {
    const store = newStore();
    const { id } = await addSession(store, {}, []);
    const keeper = keeperOf(store);
    for (const scope of ["session", "user", "app", "temp"] as const) {
      const mine = { list: [{ x: 1 }] };
      await keeper.setState("k", mine, { scope, session: id });
      mine.list[0] = { x: 2 };
      const given = (await keeper.getState("k", { scope, session: id })) as { list: { x: number }[] };
      expect(given).toEqual({ list: [{ x: 1 }] });
      expect(() => given.list.push({ x: 3 })).toThrow(TypeError);
      expect(() => Object.assign(given.list[0] ?? {}, { x: 4 })).toThrow(TypeError);
      expect(Object.isFrozen(await keeper.listState({ scope, session: id }))).toBe(true);
    }
  });

  it("refuses what is no key, no JSON, or too large", async () => {
    const keeper = keeperOf(newStore());
    for (const key of ["", "a\n", "\u001b[31m", "a\u202eb", "x".repeat(257), "\ud800", "__proto__", "\u2028"]) {
      await expect(keeper.setState(key, 1)).rejects.toMatchObject({ code: "T2A_STATE" });
      await expect(keeper.getState(key)).rejects.toMatchObject({ code: "T2A_STATE" });
    }
    await keeper.setState("😀".repeat(256), 1);
    let deep: unknown = 1;
    for (let level = 0; level < 65; level++) deep = [deep];
    const circle: unknown[] = [];
    circle.push(circle);
    const hole = new Array(1);
    const proto = JSON.parse('{"a":{"__proto__":1}}');
    for (const value of [
      Number.NaN,
      undefined,
      () => 1,
      1n,
      new Date(),
      deep,
      circle,
      hole,
      proto,
      "x".repeat(65_535),
    ]) {
      await expect(keeper.setState("k", value as JsonValue)).rejects.toMatchObject({ code: "T2A_STATE" });
    }
    const large = "x".repeat(65_000);
    for (let count = 0; count < 16; count++) await keeper.setState(`k${count}`, large);
    await expect(keeper.setState("one more", large)).rejects.toMatchObject({ code: "T2A_STATE" });
    expect(Object.keys(await keeper.listState())).toHaveLength(17);
    await keeper.deleteState("k0");
    await keeper.setState("one more", large);
  });

  it("tells of changes that were made, and of no others", async () => {
    const store = newStore();
    const told: unknown[] = [];
    const keeper = keeperOf(store, {
      onChange: ({ scope, key, value }) => {
        told.push([scope, key, value]);
        throw new Error("a listener's own");
      },
    });
    await keeper.setState("k", [1], { scope: "app" });
    await keeper.deleteState("nothing");
    expect(await keeper.deleteState("k", { scope: "app" })).toBe(true);
    expect(told).toEqual([
      ["app", "k", [1]],
      ["app", "k", undefined],
    ]);
  });

  it("keeps what each of eight processes puts, in a document and in a session", async () => {
    const folder = tempDir()("store");
    const storage = await FileStorage.open(folder);
    onTestFinished(() => storage.close());
    const store = newStore(storage);
    const { id } = await addSession(store, {}, []);
    const programs = Array.from({ length: 8 }, (_, number) =>
      start(
        process.execPath,
        moduleProgram(`
          import { StateKeeper } from "src/session/index.js";
          import { openStore } from "src/store/index.js";
          const store = await openStore({ driver: "files", folder: ${JSON.stringify(folder)} }, { cacheFolder: "/nonexistent" });
          const keeper = new StateKeeper({ store, user: "someone", resolve: async (id) => ({ id, name: "work", status: "active" }), isLive: () => true });
          for (let i = 0; i < 10; i++) {
            await keeper.setState("${number}." + i, i, { scope: "user" });
            await keeper.setState("${number}." + i, i, { session: ${JSON.stringify(id)} });
          }
          await store.close();`),
      ),
    );
    await pollUntil("the programs' end", () => programs.every(({ ended }) => ended), 100_000);
    expect(programs.map(({ errors }) => errors)).toEqual(programs.map(() => ""));
    const keeper = keeperOf(store);
    const all: JsonObject = Object.fromEntries(
      programs.flatMap((_, number) => Array.from({ length: 10 }, (_, i) => [`${number}.${i}`, i])),
    );
    expect(await keeper.listState({ scope: "user" })).toEqual(all);
    expect(await keeper.listState({ session: id })).toEqual(all);
  });
});
