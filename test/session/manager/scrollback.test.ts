// Scrollback of past sessions: from a keyframe on where that is enough, and of several recordings in their order.
import { hostname } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { Library, Spool } from "../../../src/library/index.js";
import { CheckpointKeeper, SessionResumer } from "../../../src/session/index.js";
import { openStore } from "../../../src/store/index.js";
import { managerHouse, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => String(first + at));

test("a long recording is read from a keyframe on, with the rows and colours that reading all of it gives", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ argv: ["/bin/bash", "-c", "printf '\\e[32m'; seq 300000; read x"] });
  await keeper.wait(id, { text: "^300000$" });
  const live = await keeper.scrollback(id, 2000);
  await keeper.send(id, typed("\r"));
  await keeper.wait(id, { exit: true });
  await pollUntil("it is in the library", async () => (await keeper.getSession(id)).recordings.length === 1);
  const past = await keeper.scrollback(id, 2000);
  expect(live.lines).toEqual(numbers(297978, 299977));
  // One row more has scrolled off by what was typed.
  expect(past.lines).toEqual(numbers(297979, 299978));
  expect(past.styled.slice(0, -1)).toEqual(live.styled.slice(1));
  expect(house.problems).toEqual([]);
});

test("what a session showed before it was resumed is above what it shows since, once", async () => {
  const house = managerHouse();
  const store = await openStore({ driver: "files", folder: house.storeFolder }, { cacheFolder: house.path("cache") });
  const library = new Library({ store, spool: new Spool(house.path("spool")), location: "test" });
  const terminals = await house.manager({ library });
  const checkpoints = new CheckpointKeeper({ terminals, settleMs: 10 });
  onTestFinished(() => checkpoints.close());
  const [home, host] = [house.path("home"), hostname()];
  const resumer = new SessionResumer({ terminals, checkpoints, library, env: house.env, home, host });
  const { id } = await terminals.createSession({ rows: 10 });
  await terminals.wait(id, { prompt: true, timeoutMs: 20_000 });
  await terminals.runCommand(id, "seq -f 'a%g' 100");
  process.kill(terminals.findLive(id)?.facts.holderPid ?? 0, "SIGKILL");
  await pollUntil("the session's end", () => terminals.findLive(id) === undefined);
  await resumer.resume(id, { rows: 6 });
  await pollUntil("its prompt", () => terminals.findLive(id)?.cwd !== undefined);
  await terminals.runCommand(id, "seq -f 'b%g' 100");
  const { lines } = await terminals.scrollback(id);
  const shown = [...lines, ...(await terminals.screen(id)).lines].filter((line) => /^[ab][0-9]+$/.test(line));
  expect(shown).toEqual([...numbers(1, 100).map((n) => `a${n}`), ...numbers(1, 100).map((n) => `b${n}`)]);
  expect(await terminals.scrollback(id, 3)).toMatchObject({ lines: lines.slice(-3) });
  expect(house.problems).toEqual([]);
});
