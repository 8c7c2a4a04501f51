// A process that is killed while it resumes a session: the session is over as it was, or it lives; never is it active with nobody who has it.
import { once } from "node:events";
import { expect, it } from "vitest";
import { managerHouse } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

it.each([
  ["before it runs", false],
  ["when it runs", true],
  ["before it is saved", true],
  ["when it is saved", true],
])("killed %s: it lives (%s), and its document says so", async (step, isLive) => {
  const house = managerHouse();
  const { library, keeper: first } = await house.managed();
  const { id } = await first.createSession({ name: "work", command: "echo here" });
  await pollUntil("its end", () => first.findLive(id) === undefined);
  await pollUntil("it is in the library", async () => (await library.store.get(id)).recordings.length === 1);
  const before = await library.store.get(id);
  expect(before).toMatchObject({ status: "completed", exitStatus: 0 });
  await first.close();

  const victim = await house.managerProcess(step);
  const gone = once(victim.child, "exit");
  void victim.call("resume", id);
  expect(await gone).toEqual([null, "SIGKILL"]);

  const { library: its, keeper: second } = await house.managed();
  expect(second.findLive(id) !== undefined).toBe(isLive);
  const after = await its.store.get(id);
  if (!isLive) {
    expect(after).toEqual(before);
    return;
  }
  expect(after).toMatchObject({ name: "work", status: "active", recordings: before.recordings });
  expect(after.exitStatus).toBeUndefined();
  await second.wait(id, { prompt: true, timeoutMs: 20_000 });
  expect((await second.screen(id)).lines).toContain("here");
  await second.killSession(id);
  await pollUntil("both are in the library", async () => (await its.store.get(id)).recordings.length === 2);
  expect((await its.store.get(id)).status).not.toBe("active");
  expect(house.problems).toEqual([]);
});
