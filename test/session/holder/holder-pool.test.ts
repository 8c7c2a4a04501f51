// Holders, as a daemon has them: real processes, real terminals.
import { expect, test } from "vitest";
import { Follower, holderHouse, kill } from "../../support/holders.js";
import { pollUntil } from "../../support/poll-until.js";
import { eventsOf } from "../../support/recorded.js";

test("a session runs in a holder, takes what is typed and tells of its end", async () => {
  const house = holderHouse();
  const pool = await house.open();
  const session = await pool.start(house.order("read line; echo got:$line; stty size; exit 7"));
  const follower = await Follower.of(session);
  session.resize({ cols: 100, rows: 30 });
  session.input(Buffer.from("hello\n"), "tester");
  await pollUntil("the end", () => follower.end !== undefined);
  expect(follower.output).toContain("got:hello\r\n");
  expect(follower.output).toContain("30 100\r\n");
  expect(follower.end).toMatchObject({ exitStatus: 7, sessionId: session.facts.sessionId, problems: [] });
  expect(follower.events.at(-1)).toMatchObject({ kind: "exit", status: 7 });
  expect(pool.sessions).toEqual([]);
  const { events } = await eventsOf(session.facts.path);
  expect(follower.events).toEqual(events.slice(follower.position?.events));
});

test("a command that cannot be started is told of, and leaves nothing in the spool", async () => {
  const house = holderHouse("here");
  const pool = await house.open();
  await expect(pool.start(house.order("", { file: "/no/such/program" }))).rejects.toMatchObject({ code: "T2A_PTY" });
  const { readdirSync } = await import("node:fs");
  expect(readdirSync(house.spoolFolder)).toEqual([]);
  expect(pool.holders).toEqual([expect.objectContaining({ sessions: 0 })]);
});

test("a holder takes so many sessions and no more: the next one goes into another", async () => {
  const house = holderHouse();
  const pool = await house.open({ perHolder: 2 });
  const sessions = await Promise.all([1, 2, 3, 4, 5].map(() => pool.start(house.order("read x"))));
  expect(pool.holders.map(({ sessions }) => sessions)).toEqual([2, 2, 1]);
  expect(new Set(sessions.map(({ holderPid }) => holderPid)).size).toBe(3);
});

test("a pool that is opened later finds the sessions, and follows them on", async () => {
  const house = holderHouse("here");
  const first = await house.open();
  const { facts } = await first.start(house.order("echo one; read x; echo two:$x"));
  await first.close();
  const second = await house.open();
  const [session] = second.sessions;
  expect(session?.facts).toMatchObject({ sessionId: facts.sessionId, pid: facts.pid });
  const follower = await Follower.of(session as NonNullable<typeof session>);
  session?.input(Buffer.from("late\n"), "tester");
  await pollUntil("the end", () => follower.end !== undefined);
  const { events } = await eventsOf(facts.path);
  expect(follower.events).toEqual(events.slice(follower.position?.events));
  expect(follower.output).toContain("two:late");
});

test("the end of a session is told to whoever connects next, until it is noted", async () => {
  const house = holderHouse("here");
  const first = await house.open();
  await first.start(house.order("exit 3"));
  await first.close();
  for (let round = 0; round < 2; round++) {
    const pool = await house.open();
    await pollUntil(
      "the session is over",
      () => pool.sessions[0] !== undefined && !kill(pool.sessions[0].facts.pid, 0),
    );
    if (round === 1) {
      const follower = await Follower.of(pool.sessions[0] as NonNullable<(typeof pool.sessions)[0]>);
      await pollUntil("the end", () => follower.end !== undefined);
      expect(follower.end?.exitStatus).toBe(3);
    }
    await pool.close();
  }
  expect((await house.open()).sessions).toEqual([]);
});
