// Agents in real terminals: holders, shells, a library of files.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRecording } from "../../../formats/index.js";
import { eachEvent } from "../../../src/core/index.js";
import { openFileSource } from "../../../src/files/index.js";
import { Library, Spool } from "../../../src/library/kept.js";
import { AgentKeeper, agentFiles, HANDOFF_CODE } from "../../../src/session/index.js";
import { openStore } from "../../../src/store/index.js";
import { managerHouse } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";

async function house() {
  const built = managerHouse();
  const { path, env, storeFolder } = built;
  const store = await openStore({ driver: "files", folder: storeFolder }, { cacheFolder: path("cache2") });
  const library = new Library({ store, spool: new Spool(path("spool")), location: "test" });
  const terminals = await built.manager({ library });
  const problems: unknown[] = [];
  const agents = new AgentKeeper({
    library,
    terminals,
    ordersFolder: path("orders"),
    env,
    onProblem: (problem, about) => void problems.push([about, problem]),
  });
  await agents.open();
  onTestFinished(async () => {
    await agents.close();
    expect(problems).toEqual([]);
    expect(built.problems).toEqual([]);
  });
  mkdirSync(path("out"));
  return { ...built, library, terminals, agents };
}

const isThere = (file: string) => () => existsSync(file);

test("three agents pass work on: each is told what was done, the line is known, old terminals end, logs are kept", async () => {
  const { agents, terminals, path } = await house();
  const out = (name: string) => path(`out/${name}`);
  const tell = (name: string) => `cat "$T2A_CONTEXT" > ${out(name)}.new && mv ${out(name)}.new ${out(name)}; sleep 600`;
  const first = await agents.spawnAgentSession("CodeGenAgent", "write it", { issueNumber: 7 }, { name: "gen" });
  await terminals.wait(first.id, { prompt: true, timeoutMs: 20_000 });
  await terminals.runCommand(first.id, "printf 'one\\ntwo\\n'; false");
  await terminals.runCommand(first.id, `test "$T2A_SESSION" = ${first.id} && grep -c issueNumber "$T2A_CONTEXT"`);
  const second = await agents.handoff(first.id, "ReviewAgent", {
    context: { currentPhase: "Review" },
    config: { command: tell("second") },
  });
  await pollUntil("the second agent", isThere(out("second")));
  const told = JSON.parse(readFileSync(out("second"), "utf8"));
  expect(told).toMatchObject({ issueNumber: 7, currentPhase: "Review", t2a: { session: second.id, parent: first.id } });
  const bundle = JSON.parse(readFileSync(told.t2a.handoff, "utf8"));
  expect(bundle.commands).toMatchObject([
    { line: "printf 'one\\ntwo\\n'; false", exitStatus: 1, output: "one\ntwo" },
    { exitStatus: 0, output: "1" },
  ]);
  expect(bundle.screen.lines).toContain("two");
  const third = await agents.handoff("ReviewAgent", "TestAgent", { config: { command: tell("third") } });
  await pollUntil("the third agent", isThere(out("third")));
  await pollUntil("the end of the others", () => terminals.live.length === 1);
  expect((await agents.getLineage(second.id)).map(({ agent, status, depth }) => `${depth} ${agent} ${status}`)).toEqual(
    ["0 CodeGenAgent handed_off", "1 ReviewAgent handed_off", "2 TestAgent active"],
  );
  await agents.completeSession("TestAgent", { passed: 12 });
  expect(await agents.agentStats()).toMatchObject({ total: 3, active: 0, handedOff: 2, completed: 1 });
  await terminals.killSession(third.id, "SIGKILL");
  expect((await terminals.getSession(third.id)).status).toBe("completed");
  await agents.close();
  const log = readFileSync(agentFiles(terminals.dataFolder(first.id)).log, "utf8");
  expect(log).toMatch(/one\ntwo\n/);
});

test("a live handoff leaves the terminal as it is, and is in the recording", async () => {
  const { agents, terminals, library } = await house();
  const session = await agents.spawnAgentSession("A", "write it");
  await terminals.wait(session.id, { prompt: true, timeoutMs: 20_000 });
  const { pid } = (await terminals.getSession(session.id)).live ?? {};
  const same = await agents.handoff(session.id, "B", { isLive: true });
  expect(same).toMatchObject({ id: session.id, agent: "B", live: { pid } });
  expect((await terminals.runCommand(session.id, "echo still here")).output).toBe("still here");
  await terminals.killSession(session.id);
  const found = await library.store.get(session.id);
  const [recordingId = ""] = library.spool.recordingsOf(session.id);
  const [kept] = found.recordings;
  const file =
    kept === undefined
      ? library.spool.recordingPath(recordingId)
      : (library.store.storage.localPath?.(session.id, kept.name) ?? "");
  const recording = await openRecording(await openFileSource(file), { recover: true });
  const codes: string[] = [];
  for await (const event of eachEvent(recording)) if (event.kind === "custom") codes.push(event.code);
  await recording.close();
  expect(codes.filter((code) => code === HANDOFF_CODE)).toHaveLength(1);
});

test("agents of one name are told apart, and a program that is not there leaves nothing", async () => {
  const { agents, terminals, library } = await house();
  const one = await agents.spawnAgentSession("Helper", "", {}, { command: "sleep 600" });
  const other = await agents.spawnAgentSession("Helper", "", {}, { command: "sleep 600" });
  expect([one.name, other.name]).toEqual(["Helper", "Helper-2"]);
  await expect(agents.handoff(one.id, "Next", { config: { argv: ["/nonexistent/program"] } })).rejects.toThrow();
  expect(await terminals.getSession(one.id)).toMatchObject({ status: "active", children: [] });
  expect(terminals.live).toHaveLength(2);
  expect((await library.list()).total).toBe(2);
});

test("50 agents that begin and pass on at once lose nothing", async () => {
  const { agents, terminals, library, path } = await house();
  const command = `cat "$T2A_CONTEXT" > ${path("out")}/$T2A_SESSION; sleep 600`;
  const lines = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      const first = await agents.spawnAgentSession(`agent ${at}`, "", { issueNumber: at + 1 }, { command });
      const second = await agents.handoff(first.id, `next ${at}`, { config: { command } });
      return [first.id, second.id] as const;
    }),
  );
  await agents.close();
  expect(terminals.live.map(({ id }) => id).sort()).toEqual(lines.map(([, second]) => second).sort());
  for (const [at, [first, second]] of lines.entries()) {
    expect(await library.store.get(first)).toMatchObject({
      status: "handed_off",
      handoffTo: second,
      children: [second],
    });
    expect(await library.store.get(second)).toMatchObject({ status: "active", parent: first });
    const file = join(path("out"), second);
    await pollUntil("the agent", () => existsSync(file) && readFileSync(file, "utf8").endsWith("}\n"));
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ issueNumber: at + 1, t2a: { session: second } });
  }
  await Promise.all(terminals.live.map(async ({ id }) => await terminals.killSession(id, "SIGKILL")));
}, 120_000);
