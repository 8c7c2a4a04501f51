// What is left of a handoff whose process was killed at any of its steps: the next one who comes brings it to an end or takes it back.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AgentKeeper, agentRecord } from "../../../src/session/index.js";
import { tempDir } from "../../support/temp-dir.js";
import { openTestLibrary, TestTerminals } from "./test-terminals.js";

/** Beside node_modules, where its packages are found. */
const program = fileURLToPath(new URL(`../../../dist/order-victim-${process.pid}/order-victim.mjs`, import.meta.url));

beforeAll(async () => {
  await build({
    input: fileURLToPath(new URL("./order-victim.ts", import.meta.url)),
    platform: "node",
    external: /^[^./]/,
    output: { file: program, format: "esm", codeSplitting: false },
    logLevel: "silent",
  });
});
afterAll(() => rmSync(join(program, ".."), { recursive: true, force: true }));

/** Kills a process at a step of what it does to the session `old`, and opens what it leaves. */
async function afterKill(what: string, step: string) {
  const folder = tempDir()("w");
  mkdirSync(folder);
  const before = await openTestLibrary(folder);
  const old = await new TestTerminals(before, folder).startSession(
    { name: "old" },
    { document: { agent: "A", purpose: "write it" } },
  );
  await before.close();
  const { signal, stderr } = spawnSync(process.execPath, [program, folder, what, step], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(signal).toBe("SIGKILL");
  const library = await openTestLibrary(folder);
  const terminals = new TestTerminals(library, folder);
  const problems: unknown[] = [];
  const ordersFolder = join(folder, "orders");
  const keeper = new AgentKeeper({
    library,
    terminals,
    ordersFolder,
    env: { PATH: process.env.PATH ?? "" },
    onProblem: (problem) => void problems.push(problem),
  });
  await keeper.open();
  onTestFinished(async () => {
    await keeper.close();
    await library.close();
  });
  expect(problems).toEqual([]);
  expect(existsSync(ordersFolder) ? readdirSync(ordersFolder) : []).toEqual([]);
  return { keeper, library, terminals, folder, old, now: await library.store.get(old.id) };
}

describe("a process that is killed while it passes a session on", () => {
  it.each([
    "noted",
    "decided",
    "bundled",
    "written",
  ])("before the new one runs: nothing has happened (%s)", async (step) => {
    const { keeper, library, terminals, folder, old, now } = await afterKill("handoff", step);
    expect(now).toMatchObject({ status: "active", children: [], agent: "A" });
    expect(now.handoffTo).toBeUndefined();
    expect(agentRecord(now).endedAt).toBeUndefined();
    expect(terminals.killed).toEqual([]);
    expect((await library.list()).total).toBe(1);
    expect(readdirSync(join(folder, "live"))).toEqual([old.id]);
    const next = await keeper.handoff(old.id, "B");
    expect(await keeper.getLineage(next.id)).toMatchObject([{ id: old.id, status: "handed_off" }, { id: next.id }]);
  });

  it.each([
    "started",
    "told",
    "ended",
  ])("once the new one runs: it is passed on, and the old terminal ends (%s)", async (step) => {
    const { keeper, terminals, old, now } = await afterKill("handoff", step);
    expect(now).toMatchObject({ status: "handed_off", handoffTo: expect.any(String), children: [now.handoffTo] });
    expect(terminals.findLive(old.id)).toBeUndefined();
    expect(terminals.findLive(now.handoffTo ?? "")).toBeDefined();
    const entries = await keeper.getLineage(old.id);
    expect(entries.map(({ agent, status }) => [agent, status])).toEqual([
      ["A", "handed_off"],
      ["new", "active"],
    ]);
  });

  it.each(["noted"])("before a live one has its new owner: nothing has happened (%s)", async (step) => {
    const { terminals, now } = await afterKill("live", step);
    expect(now).toMatchObject({ agent: "A", status: "active" });
    expect(terminals.customs).toEqual([]);
  });

  it.each([
    "decided",
    "bundled",
    "written",
  ])("once a live one has its new owner: all else follows (%s)", async (step) => {
    const { terminals, old, now } = await afterKill("live", step);
    expect(now).toMatchObject({ agent: "new", status: "active" });
    expect(terminals.customs).toMatchObject([{ id: old.id, data: { from: "A", to: "new" } }]);
    expect(readdirSync(terminals.dataFolder(old.id)).sort()).toEqual(["context.json", "handoff.json"]);
  });

  it.each([
    ["noted", 0],
    ["written", 0],
    ["started", 1],
  ])("while it starts one: it is there with its parent, or not at all (%s)", async (step, count) => {
    const { library, terminals, now } = await afterKill("spawn", step);
    expect(now.children).toHaveLength(count);
    expect((await library.list()).total).toBe(1 + count);
    for (const id of now.children) expect(terminals.findLive(id)).toBeDefined();
  });
});
