// Sessions as a daemon keeps them: real holders, real shells.
import { expect, test } from "vitest";
import { managerHouse, ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

test("a session is made, typed into, waited for and ended", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const session = await keeper.createSession({ name: "work", cols: 100, rows: 30 });
  expect(session).toMatchObject({ name: "work", status: "active", live: { cols: 100, rows: 30, clients: 0 } });
  expect(await keeper.wait("work", { prompt: true, timeoutMs: 10_000 })).toEqual({ reason: "prompt" });
  await keeper.send("work", typed("echo $((6*7))\r"));
  expect(await keeper.wait("work", { text: "^42$", timeoutMs: 10_000 })).toEqual({ reason: "text", match: "42" });
  expect((await keeper.screen("work")).lines).toContain("42");
  expect(await keeper.runCommand("work", "printf 'a\\nb\\n'; false")).toMatchObject({
    exitStatus: 1,
    output: "a\nb",
    isCut: false,
  });
  const { lines } = await keeper.screen("work");
  expect(await keeper.killSession("work")).toMatchObject({ status: "failed", exitStatus: 129 });
  expect(keeper.live).toEqual([]);
  expect(await keeper.wait("work", { exit: true })).toEqual({ reason: "exit", exitStatus: 129 });
  expect(await keeper.wait("work", { text: "x" })).toEqual({ reason: "ended", exitStatus: 129 });
  const last = (await keeper.screen(session.id)).lines;
  expect(last.slice(0, 4)).toEqual(lines.slice(0, 4));
  await expect(keeper.send("work", typed("x"))).rejects.toMatchObject({ code: "T2A_SESSION_OVER" });
  await pollUntil("it is in the library", async () => (await keeper.getSession("work")).recordings.length === 1);
  expect((await keeper.getSession("work")).status).toBe("failed");
  expect((await keeper.screen(session.id)).lines.slice(0, 4)).toEqual(lines.slice(0, 4));
  expect(house.problems).toEqual([]);
});

test("a client gets the screen, then what comes, and what it types goes to the shell", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const { id } = await keeper.createSession({});
  await keeper.wait(id, { prompt: true });
  const client = new ScreenClient(await keeper.attach(id, { cols: 90, rows: 20 }));
  await pollUntil("the first screen", () => client.messages.includes("screen"));
  client.attachment.send(typed("echo from the client; exit 3\r"));
  await client.over;
  expect(client.end).toMatchObject({ type: "exit", exitStatus: 3 });
  expect(client.messages[0]).toBe("screen");
  expect(client.screen).toMatchObject({ cols: 90, rows: 20 });
  expect(client.text).toContain("\nfrom the client\n");
  expect(await keeper.getSession(id)).toMatchObject({ status: "failed", exitStatus: 3 });
  expect(house.problems).toEqual([]);
});
