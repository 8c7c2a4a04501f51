// What goes wrong in one session, or prints without end, leaves all others as they are.
import { expect, test } from "vitest";
import type { Batch } from "../../../src/core/index.js";
import type { HeldSession, HeldSessionListener } from "../../../src/session/index.js";
import { ScreenCache } from "../../../src/session/manager/screen-cache.js";
import { Turns } from "../../../src/session/manager/turns.js";
import { managerHouse, ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";

test("an error thrown in one session ends that one alone", async () => {
  const house = managerHouse();
  // A holder that tells what none tells: an event without data.
  const broken = { kind: "output", time: 1 } as unknown as Batch[number];
  let isBroken = false;
  const pool = await house.open();
  const keeper = await house.manager({
    pool: {
      get sessions() {
        return pool.sessions;
      },
      get holders() {
        return pool.holders;
      },
      close: () => pool.close(),
      start: async (order) => tellingOf(await pool.start(order), () => (isBroken ? broken : undefined)),
    },
  });
  const one = await keeper.createSession({ name: "one", command: "cat" });
  const client = new ScreenClient(await keeper.attach(one.id, { cols: 80, rows: 24 }));
  const waiting = keeper.wait(one.id, { text: "never" });
  isBroken = true;
  const other = await keeper.createSession({ name: "other", command: "cat" });
  isBroken = false;
  await keeper.send(other.id, typed("still here\r"));
  await keeper.wait(other.id, { text: "still here" });
  isBroken = true;
  await keeper.send(one.id, typed("x\r"));
  await expect(waiting).rejects.toMatchObject({ code: "T2A_SESSION_OVER" });
  isBroken = false;
  await client.over;
  expect(client.end).toMatchObject({ type: "detached" });
  await pollUntil("it is over", () => keeper.findLive(one.id) === undefined);
  expect(await keeper.getSession(one.id)).toMatchObject({
    status: "failed",
    error: expect.stringContaining("it failed"),
  });
  await keeper.send(other.id, typed("and goes on\r"));
  await keeper.wait(other.id, { text: "and goes on" });
  expect(house.problems.some((problem) => problem.includes(one.id))).toBe(true);
});

/** The same session, but that the events it tells of may be others. */
function tellingOf(held: HeldSession, instead: () => Batch[number] | undefined): HeldSession {
  return new Proxy(held, {
    get(target, key) {
      if (key === "follow") {
        return async (listener: HeldSessionListener) =>
          await target.follow(
            new Proxy(listener, {
              get(told, name) {
                if (name === "onEvents") {
                  return (batch: Batch, first: number) =>
                    told.onEvents(
                      batch.map((event) => instead() ?? event),
                      first,
                    );
                }
                const value = Reflect.get(told, name);
                return typeof value === "function" ? value.bind(told) : value;
              },
            }),
          );
      }
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("what is typed is answered while other sessions print without end, and others attach", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const floods = await Promise.all([1, 2].map(() => keeper.createSession({ argv: ["/usr/bin/yes", "flood"] })));
  const { id } = await keeper.createSession({ argv: ["/bin/cat"] });
  const client = new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24 }));
  for (let count = 0; count < 50; count++) {
    client.attachment.send(typed(`${count},`));
    if (count % 10 === 0) {
      const other = new ScreenClient(await keeper.attach(floods[0]?.id ?? "", { cols: 80, rows: 24 }));
      await pollUntil("it is shown", () => other.messages.includes("screen"));
    }
    await pollUntil("the echo", () => client.text.includes(`${count},`));
  }
  for (const flood of floods) {
    expect((await keeper.screen(flood.id)).lines.slice(0, 23)).toEqual(new Array(23).fill("flood"));
    expect((await keeper.killSession(flood.id)).status).toBe("failed");
  }
  expect(house.problems).toEqual([]);
});

test("turns go round, the urgent one's between all others", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const worker = (name: string, slices: number, isUrgent = false) => ({
    isUrgent,
    work() {
      done.push(name);
      return --slices > 0;
    },
  });
  turns.add(worker("a", 3));
  turns.add(worker("b", 3));
  turns.add(worker("u", 3, true));
  await pollUntil("all is done", () => done.length === 9);
  expect(done).toEqual(["u", "a", "u", "b", "u", "a", "b", "a", "b"]);
});

test("a saved screen that is damaged, cut or another recording's is none", async () => {
  const path = tempDir();
  const { mkdirSync, readFileSync, truncateSync, writeFileSync } = await import("node:fs");
  mkdirSync(path("screens"));
  const cache = new ScreenCache(path("screens"));
  const id = "01K00000000000000000000000";
  const saved = { sessionId: id, recordingId: id, events: 3, state: Buffer.from("state"), finder: {} as never };
  expect(cache.save(saved)).toBe(true);
  expect(cache.find(id, id)).toMatchObject({ events: 3 });
  expect(cache.find(id, "01K00000000000000000000001")).toBeUndefined();
  const file = path(`screens/${id}.screen`);
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x20;
    writeFileSync(file, damaged);
    const found = cache.find(id, id);
    if (found !== undefined) expect(Buffer.from(found.state).toString()).toBe("state");
    truncateSync(file, at);
    expect(cache.find(id, id)).toBeUndefined();
  }
  cache.save(saved);
  cache.sweep((one) => one !== id);
  expect(cache.find(id, id)).toBeUndefined();
});
