// Agents' sessions: started, passed on and brought to an end; of many who want the same thing one gets it, and nothing is lost.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  AgentKeeper,
  type AgentKeeperOptions,
  type AgentTold,
  agentFiles,
  agentRecord,
  claimBundle,
  HANDOFF_CODE,
} from "../../../src/session/index.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";
import { openTestLibrary, shellOutput, TestTerminals } from "./test-terminals.js";

const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent" };

/** A keeper of agents over a library of its own. */
async function world({
  driver = "files",
  ...options
}: Partial<AgentKeeperOptions> & { readonly driver?: "files" | "sqlite" } = {}) {
  const path = tempDir();
  const folder = path("w");
  mkdirSync(folder);
  const library = await openTestLibrary(folder, driver === "sqlite" ? `sqlite://${folder}/store.db` : undefined);
  const terminals = new TestTerminals(library, folder);
  const told: AgentTold[] = [];
  const problems: unknown[] = [];
  const ordersFolder = join(folder, "orders");
  const keeper = new AgentKeeper({
    library,
    terminals,
    ordersFolder,
    env,
    onTold: (one) => void told.push(one),
    onProblem: (problem) => void problems.push(problem),
    ...options,
  });
  await keeper.open();
  onTestFinished(async () => {
    await keeper.close();
    await terminals.close();
    await library.close();
    expect(problems).toEqual([]);
  });
  const orders = () => (existsSync(ordersFolder) ? readdirSync(ordersFolder) : []);
  const get = (id: string) => library.store.get(id);
  const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
  return { path, folder, library, terminals, keeper, told, problems, orders, get, json };
}

describe("an agent's session", () => {
  it("knows its agent, and its program finds what it is told in the file of T2A_CONTEXT", async () => {
    const { keeper, terminals, get, json, told, orders } = await world();
    const context = {
      issueNumber: 7,
      currentPhase: "Sketching",
      previousResults: ["a"],
      anything: { else: [1, null] },
    };
    const session = await keeper.spawnAgentSession("CodeGenAgent", "write it", context);
    expect(await get(session.id)).toMatchObject({
      name: "CodeGenAgent",
      agent: "CodeGenAgent",
      purpose: "write it",
      status: "active",
      context,
    });
    const file = terminals.variables.get(session.id)?.T2A_CONTEXT ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(json(file)).toEqual({
      ...context,
      t2a: { version: 1, session: session.id, agent: "CodeGenAgent", purpose: "write it" },
    });
    expect(terminals.variables.get(session.id)?.T2A_HANDOFF).toBeUndefined();
    expect(told.map(({ kind }) => kind)).toEqual(["start"]);
    expect(orders()).toEqual([]);
  });

  it("is started in its worktree where that is there, and one of another's is that one's child", async () => {
    const { keeper, terminals, path, get } = await world();
    mkdirSync(path("tree"));
    const one = await keeper.spawnAgentSession("A", "", { worktreePath: path("tree") });
    expect(terminals.configs.get(one.id)).toMatchObject({ cwd: path("tree") });
    const two = await keeper.spawnAgentSession("B", "", { worktreePath: path("later") }, { parent: one.id });
    expect(terminals.configs.get(two.id)?.cwd).toBeUndefined();
    expect(await get(one.id)).toMatchObject({ children: [two.id], status: "active" });
    expect(await get(two.id)).toMatchObject({ parent: one.id });
  });

  it("leaves nothing behind where its program cannot be started", async () => {
    const { keeper, terminals, library, orders, folder } = await world();
    terminals.refused = "nonsense";
    await expect(keeper.spawnAgentSession("A", "", {}, { command: "nonsense" })).rejects.toThrow("no such program");
    expect((await library.list()).sessions).toEqual([]);
    expect(orders()).toEqual([]);
    expect(readdirSync(join(folder, "live"))).toEqual([]);
  });

  it.each([
    ["no JSON object", []],
    ["no JSON object", "text"],
    ["issueNumber", { issueNumber: "seven" }],
    ["issueNumber", { issueNumber: 0 }],
    ["currentPhase", { currentPhase: "a\u001bb" }],
    ["currentPhase", { currentPhase: " " }],
    ["worktreePath", { worktreePath: "relative/path" }],
    ["previousResults", { previousResults: "all well" }],
    ["t2a", { t2a: {} }],
    ["larger than", { words: "x".repeat(300_000) }],
    ["levels", { deep: JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`) }],
    ["values", { many: new Array(60_000).fill(0) }],
    ["__proto__", JSON.parse('{"a": {"__proto__": 1}}')],
    ["no JSON|context's", { when: new Date() as never }],
    ["context's", { nothing: Number.NaN }],
  ])("is refused with a context that is rubbish: %s", async (words, context) => {
    const { keeper, library } = await world();
    await expect(keeper.spawnAgentSession("A", "", context as never)).rejects.toMatchObject({
      code: "T2A_USAGE",
      message: expect.stringMatching(words),
    });
    expect((await library.list()).total).toBe(0);
  });

  it.each(["", "   ", "a\nb", "x".repeat(201)])("is refused for an agent of no name: %j", async (name) => {
    const { keeper } = await world();
    await expect(keeper.spawnAgentSession(name, "")).rejects.toMatchObject({ code: "T2A_USAGE" });
  });
});

describe("a handoff", () => {
  it("makes the new session a child of the old one, whose terminal ends", async () => {
    const { keeper, terminals, get, told, orders } = await world();
    const old = await keeper.spawnAgentSession("CodeGenAgent", "write it", {
      issueNumber: 7,
      currentPhase: "CodeGeneration",
    });
    const next = await keeper.handoff(old.id, "ReviewAgent", { context: { currentPhase: "Review" } });
    await keeper.close();
    expect(await get(old.id)).toMatchObject({ status: "handed_off", handoffTo: next.id, children: [next.id] });
    expect(await get(next.id)).toMatchObject({
      status: "active",
      agent: "ReviewAgent",
      purpose: "write it",
      parent: old.id,
      context: { issueNumber: 7, currentPhase: "Review" },
    });
    expect(terminals.killed).toEqual([old.id]);
    expect(terminals.customs).toMatchObject([
      { id: old.id, code: HANDOFF_CODE, data: { from: "CodeGenAgent", to: "ReviewAgent", session: next.id } },
    ]);
    expect(told.map(({ kind, session }) => [kind, session.agent])).toEqual([
      ["start", "CodeGenAgent"],
      ["handoff", "ReviewAgent"],
      ["end", "CodeGenAgent"],
      ["start", "ReviewAgent"],
    ]);
    expect(orders()).toEqual([]);
  });

  it("leaves the old terminal open where that is asked for", async () => {
    const { keeper, terminals } = await world();
    const old = await keeper.spawnAgentSession("A", "");
    await keeper.handoff(old.id, "B", { staysOpen: true });
    await keeper.close();
    expect(terminals.killed).toEqual([]);
  });

  it("passes on what was run and printed, the screen, and what changed in the worktree", async () => {
    const { keeper, terminals, path, json } = await world();
    const tree = path("tree");
    mkdirSync(tree);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: tree, env });
    git("init", "-q");
    writeFileSync(join(tree, "kept"), "kept\n");
    writeFileSync(join(tree, "changed"), "before\n");
    git("add", ".");
    git("commit", "-qm", "first");
    const output = shellOutput([
      ["make", "built", 0],
      ["make test", "1 of 9 failed", 2],
    ]);
    const previousResults = [{ phase: "IssueAnalysis", ok: true }];
    const context = { worktreePath: tree, previousResults };
    const old = await keeper.spawnAgentSession("A", "write it", context, { command: output });
    writeFileSync(join(tree, "changed"), "after\n");
    writeFileSync(join(tree, "new file"), "new\n");
    writeFileSync(join(tree, "committed"), "c\n");
    git("add", "committed");
    git("commit", "-qm", "second");
    const next = await keeper.handoff(old.id, "B");
    const file = terminals.variables.get(next.id)?.T2A_HANDOFF ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(json(terminals.variables.get(next.id)?.T2A_CONTEXT ?? "")).toMatchObject({
      t2a: { handoff: file, parent: old.id, agent: "B" },
    });
    expect(json(file)).toMatchObject({
      kind: "t2a-handoff",
      isLive: false,
      from: { id: old.id, agent: "A", purpose: "write it" },
      to: { id: next.id, agent: "B" },
      context,
      results: previousResults,
      commands: [
        { number: 1, line: "make", exitStatus: 0, output: "built", isCut: false },
        { number: 2, line: "make test", exitStatus: 2, output: "1 of 9 failed" },
      ],
      commandsLeftOut: 0,
      changes: {
        worktree: tree,
        files: [
          { path: "changed", status: "M" },
          { path: "committed", status: "A" },
          { path: "new file", status: "??" },
        ],
        stat: expect.stringContaining("2 files changed"),
      },
      screen: { cols: 80, rows: 24, lines: ["$ make", "ok"], dump: Buffer.from("$ make\r\nok").toString("base64") },
      problems: [],
    });
    expect((await keeper.summary(next.id)).filesChanged).toEqual(["changed", "committed", "new file"]);
  });

  it("says where there is no git, and passes on all else", async () => {
    const { keeper, terminals, path, json } = await world();
    mkdirSync(path("tree"));
    const old = await keeper.spawnAgentSession("A", "", { worktreePath: path("tree") });
    const next = await keeper.handoff(old.id, "B");
    expect(json(terminals.variables.get(next.id)?.T2A_HANDOFF ?? "")).toMatchObject({
      changes: { files: [], problem: "the folder is not under git" },
    });
  });

  it("keeps its bundle in its bounds whatever was printed and told", async () => {
    const { keeper, terminals, json } = await world();
    const printed = `${"\u0001\u2028".repeat(40)}\r\n`.repeat(400);
    const output = shellOutput(Array.from({ length: 300 }, (_, at) => [`run ${at}`, printed, 0] as const));
    const context = { words: "\u0007".repeat(40_000) };
    const old = await keeper.spawnAgentSession("A", "", context, { command: output });
    const next = await keeper.handoff(old.id, "B");
    const file = terminals.variables.get(next.id)?.T2A_HANDOFF ?? "";
    expect(statSync(file).size).toBeLessThanOrEqual(1024 * 1024);
    const { commands, commandsLeftOut } = json(file);
    expect(commands.at(-1).line).toBe("run 299");
    expect(commandsLeftOut).toBe(300 - commands.length);
  });

  it("is taken back where the new program cannot be started", async () => {
    const { keeper, terminals, get, orders } = await world();
    const old = await keeper.spawnAgentSession("A", "");
    terminals.refused = "nonsense";
    const before = await get(old.id);
    await expect(keeper.handoff(old.id, "B", { config: { command: "nonsense" } })).rejects.toThrow("no such program");
    const { revision: _, savedAt: __, lastActivityAt: ___, state: ____, ...after } = await get(old.id);
    expect(before).toMatchObject(after);
    expect(agentRecord(await get(old.id)).endedAt).toBeUndefined();
    expect(after).not.toHaveProperty("handoffTo");
    expect(terminals.killed).toEqual([]);
    expect(orders()).toEqual([]);
    await keeper.handoff(old.id, "B");
  });

  it("of a session that is over is refused in words", async () => {
    const { keeper } = await world();
    const old = await keeper.spawnAgentSession("A", "");
    const next = await keeper.handoff(old.id, "B");
    await expect(keeper.handoff(old.id, "C")).rejects.toMatchObject({
      code: "T2A_SESSION_TRANSITION",
      message: `the session A (${old.id}) cannot be handed off: it was handed off to B, which goes on with the work`,
    });
    await keeper.completeSession(next.id);
    await expect(keeper.handoff(next.id, "C")).rejects.toMatchObject({ code: "T2A_SESSION_TRANSITION" });
    await expect(keeper.failSession(next.id, "late")).rejects.toMatchObject({ code: "T2A_SESSION_TRANSITION" });
  });

  it("of a live terminal gives it a new owner, and says so in its recording", async () => {
    const { keeper, terminals, get, json, orders } = await world();
    const old = await keeper.spawnAgentSession(
      "A",
      "write it",
      { issueNumber: 7 },
      { command: shellOutput([["ls", "x", 0]]) },
    );
    const same = await keeper.handoff(old.id, "B", {
      isLive: true,
      purpose: "look at it",
      context: { currentPhase: "Review" },
    });
    expect(same).toMatchObject({ id: old.id, status: "active", agent: "B", purpose: "look at it" });
    expect(terminals.killed).toEqual([]);
    expect(terminals.customs).toEqual([
      { id: old.id, code: HANDOFF_CODE, data: { from: "A", to: "B", session: old.id, number: "1" } },
    ]);
    const files = agentFiles(terminals.dataFolder(old.id));
    expect(json(files.context)).toMatchObject({
      issueNumber: 7,
      currentPhase: "Review",
      t2a: { agent: "B", handoff: files.bundle },
    });
    expect(claimBundle(files, old.id)).toMatchObject({
      isLive: true,
      from: { id: old.id, agent: "A", purpose: "write it" },
      to: { id: old.id, agent: "B" },
      commands: [{ line: "ls", output: "x" }],
    });
    expect(await keeper.getLineage(old.id)).toMatchObject([{ id: old.id, agent: "B", formerAgents: ["A"], depth: 0 }]);
    expect((await get(old.id)).context).toEqual({ issueNumber: 7, currentPhase: "Review" });
    expect(orders()).toEqual([]);
    await expect(keeper.handoff(old.id, "C", { isLive: true, config: {} })).rejects.toMatchObject({
      code: "T2A_USAGE",
    });
    await terminals.exit(old.id, 0);
    await expect(keeper.handoff(old.id, "C", { isLive: true })).rejects.toMatchObject({
      code: "T2A_SESSION_TRANSITION",
    });
  });

  it("is claimed by one consumer of many", async () => {
    const { keeper, terminals } = await world();
    const old = await keeper.spawnAgentSession("A", "");
    const next = await keeper.handoff(old.id, "B");
    const files = agentFiles(terminals.dataFolder(next.id));
    const claims = await Promise.allSettled(Array.from({ length: 20 }, async () => claimBundle(files, next.id)));
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(() => claimBundle(files, next.id)).toThrow(/was claimed at .*handoff\.claimed\.json/);
    expect(() => claimBundle(agentFiles(terminals.dataFolder(old.id)), old.id, { words: "A" })).toThrow(
      "the session A has no bundle to claim: nothing was passed on",
    );
  });
});

describe("many at once", () => {
  it.each([
    "files",
    "sqlite",
  ] as const)("of all that want to pass on or end one session one does: %s", async (driver) => {
    const { keeper, get, terminals, orders, library } = await world({ driver });
    const old = await keeper.spawnAgentSession("A", "");
    const wishes = Array.from({ length: 24 }, async (_, at) =>
      at % 3 === 0
        ? await keeper.completeSession(old.id, at)
        : at % 3 === 1
          ? await keeper.failSession(old.id, `error ${at}`)
          : await keeper.handoff(old.id, `agent ${at}`),
    );
    const ends = await Promise.allSettled(wishes);
    await keeper.close();
    const won = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    expect(won).toHaveLength(1);
    for (const end of ends) {
      if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "T2A_SESSION_TRANSITION" });
    }
    const session = await get(old.id);
    const [winner] = won;
    if (session.status === "handed_off") {
      expect(session).toMatchObject({ handoffTo: winner?.id, children: [winner?.id] });
      expect(terminals.killed).toEqual([old.id]);
    } else {
      expect(session).toMatchObject({ status: winner?.status, children: [] });
      expect(terminals.killed).toEqual([]);
    }
    expect((await library.list()).total).toBe(session.status === "handed_off" ? 2 : 1);
    expect(orders()).toEqual([]);
  });

  it("of all that want to hand on a live terminal one does", async () => {
    const { keeper, get } = await world();
    const old = await keeper.spawnAgentSession("A", "");
    const ends = await Promise.allSettled(
      Array.from({ length: 12 }, async (_, at) => await keeper.handoff(old.id, `agent ${at}`, { isLive: true })),
    );
    const won = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value.agent] : []));
    expect(won).toHaveLength(1);
    expect((await get(old.id)).agent).toBe(won[0]);
  });

  it.each([
    "files",
    "sqlite",
  ] as const)("50 agents that begin and pass on together lose nothing: %s", async (driver) => {
    const { keeper, library, orders, terminals, problems } = await world({ driver });
    const lines = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const first = await keeper.spawnAgentSession(`agent ${at}`, "", { issueNumber: at + 1 });
        const second = await keeper.handoff(first.id, `next ${at}`);
        return [first.id, second.id] as const;
      }),
    );
    await keeper.close();
    expect(problems).toEqual([]);
    expect(await keeper.agentStats()).toMatchObject({ total: 100, active: 50, handedOff: 50, completed: 0, failed: 0 });
    for (const [at, [first, second]] of lines.entries()) {
      const entries = await keeper.getLineage(second);
      expect(entries.map(({ id, status, depth }) => [id, status, depth])).toEqual([
        [first, "handed_off", 0],
        [second, "active", 1],
      ]);
      expect((await library.store.get(second)).context).toEqual({ issueNumber: at + 1 });
    }
    expect(new Set(terminals.killed)).toEqual(new Set(lines.map(([first]) => first)));
    expect(orders()).toEqual([]);
  }, 60_000);
});

describe("the end of an agent's session", () => {
  it("keeps its result, and is told once", async () => {
    const { keeper, terminals, get, told } = await world();
    const session = await keeper.spawnAgentSession("A", "");
    expect(await keeper.completeSession(session.id, { tests: 12 })).toMatchObject({ status: "completed" });
    expect(agentRecord(await get(session.id))).toMatchObject({ result: { tests: 12 }, endedAt: expect.any(String) });
    await terminals.exit(session.id, 0);
    expect(told.map(({ kind }) => kind)).toEqual(["start", "end"]);
    expect((await get(session.id)).status).toBe("completed");
  });

  it("keeps the error, also of one that was interrupted", async () => {
    const { keeper, library, get } = await world();
    const session = await keeper.spawnAgentSession("A", "");
    await library.store.update(session.id, (there) => ({ ...there, status: "interrupted" }));
    await expect(keeper.handoff(session.id, "B")).rejects.toThrow(
      /cannot be handed off: it is interrupted \(t2a session resume/,
    );
    await keeper.failSession(session.id, "no room");
    expect(await get(session.id)).toMatchObject({ status: "failed", error: "no room" });
    await expect(keeper.failSession(session.id, " ")).rejects.toMatchObject({ code: "T2A_USAGE" });
  });

  it("takes a result behind the end of a program that ended well, once", async () => {
    const { keeper, terminals, get, told } = await world();
    const session = await keeper.spawnAgentSession("A", "");
    await terminals.exit(session.id, 0);
    const { endedAt } = agentRecord(await get(session.id));
    expect(await keeper.completeSession(session.id)).toMatchObject({ status: "completed" });
    expect(await keeper.completeSession(session.id, { tests: 12, ok: true })).toMatchObject({ status: "completed" });
    const { revision } = await get(session.id);
    await keeper.completeSession(session.id, { ok: true, tests: 12 });
    await expect(keeper.completeSession(session.id, { tests: 13 })).rejects.toMatchObject({
      code: "T2A_SESSION_TRANSITION",
      message: expect.stringContaining("has a result already"),
    });
    await expect(keeper.failSession(session.id, "late")).rejects.toMatchObject({ code: "T2A_SESSION_TRANSITION" });
    await expect(keeper.handoff(session.id, "B")).rejects.toMatchObject({ code: "T2A_SESSION_TRANSITION" });
    const kept = await get(session.id);
    expect(kept.revision).toBe(revision);
    expect(agentRecord(kept)).toMatchObject({ result: { tests: 12, ok: true }, endedAt });
    expect(told.map(({ kind }) => kind)).toEqual(["start", "end"]);
  });

  it("takes an error behind the end of a program that failed, once and before what else is known", async () => {
    const { keeper, library, terminals, get, told } = await world();
    const session = await keeper.spawnAgentSession("A", "");
    await terminals.exit(session.id, 3);
    await library.store.update(session.id, (there) => ({ ...there, error: "limit: memory" }));
    expect(await keeper.failSession(session.id, "no room")).toMatchObject({ status: "failed", exitStatus: 3 });
    await keeper.failSession(session.id, "no room");
    await expect(keeper.failSession(session.id, "another reason")).rejects.toThrow(/has an error already/);
    await expect(keeper.completeSession(session.id, 1)).rejects.toMatchObject({
      code: "T2A_SESSION_TRANSITION",
      message: `the session A (${session.id}) cannot be completed: it failed`,
    });
    expect(await get(session.id)).toMatchObject({ status: "failed", error: "no room\nlimit: memory" });
    expect(told.map(({ kind }) => kind)).toEqual(["start", "end"]);
  });

  it("refuses a result that is no JSON", async () => {
    const { keeper } = await world();
    const session = await keeper.spawnAgentSession("A", "");
    await expect(keeper.completeSession(session.id, new Map() as never)).rejects.toMatchObject({ code: "T2A_USAGE" });
  });

  it("leaves a log of what it showed", async () => {
    const { keeper, terminals } = await world();
    const session = await keeper.spawnAgentSession("A", "", {}, { command: "one\r\ntwo\r\n\x1b[31mthree" });
    await terminals.exit(session.id, 0);
    await keeper.close();
    const { log } = agentFiles(terminals.dataFolder(session.id));
    expect(readFileSync(log, "utf8")).toBe("one\ntwo\nthree\n");
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it("is counted with how long it took", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { keeper, terminals } = await world({ now: () => now });
    const one = await keeper.spawnAgentSession("A", "");
    const other = await keeper.spawnAgentSession("B", "");
    await terminals.create("nobody's");
    now = Date.now() + 10_000;
    await keeper.completeSession(one.id);
    now += 10_000;
    await keeper.failSession(other.id, "x");
    const { durations, ...counts } = await keeper.agentStats();
    expect(counts).toEqual({ total: 2, active: 0, handedOff: 0, completed: 1, failed: 1 });
    expect(durations.longestNs).toBeGreaterThanOrEqual(19e9);
    expect(durations.meanNs * 2).toBeCloseTo(durations.totalNs, -6);
  });
});

describe("a line of agents", () => {
  it("is told from its first on, and summed up", async () => {
    const { keeper } = await world();
    const first = await keeper.spawnAgentSession("CodeGenAgent", "write");
    const second = await keeper.handoff(first.id, "ReviewAgent", { purpose: "review" });
    const third = await keeper.handoff(second.id, "TestAgent");
    const side = await keeper.spawnAgentSession("Helper", "", {}, { parent: first.id });
    await keeper.failSession(side.id, "gave up");
    const entries = await keeper.getLineage(second.id);
    expect(entries.map(({ agent, status, depth }) => `${"  ".repeat(depth)}${agent} (${status})`)).toEqual([
      "CodeGenAgent (handed_off)",
      "  ReviewAgent (handed_off)",
      "    TestAgent (active)",
      "  Helper (failed)",
    ]);
    const { completed, current, failed } = await keeper.summary(third.id);
    expect(completed.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(current.map(({ id }) => id)).toEqual([third.id]);
    expect(failed.map(({ id }) => id)).toEqual([side.id]);
  });

  it("ends where documents name each other in a circle, or nobody", async () => {
    const { keeper, library, terminals } = await world();
    const one = await terminals.create("one");
    const two = await terminals.create("two");
    const nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    await library.store.update(one.id, (there) => ({ ...there, parent: two.id, children: [two.id, one.id, nobody] }));
    await library.store.update(two.id, (there) => ({ ...there, parent: one.id, children: [one.id] }));
    expect((await keeper.getLineage(one.id)).map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
  });
});

it("what goes on in background is waited for by close", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { keeper, terminals } = await world({ onStep: (step) => (step === "told" ? held : undefined) });
  const old = await keeper.spawnAgentSession("A", "");
  await keeper.handoff(old.id, "B");
  expect(terminals.killed).toEqual([]);
  release();
  await keeper.close();
  await pollUntil("its end", () => terminals.killed.length === 1);
});
