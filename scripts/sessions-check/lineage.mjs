// Three agents hand a piece of work on, each with what it found out; its line of descent is printed, what was passed on is claimed once.
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, House } from "./house.mjs";

const CLAIMS = 8;

export async function lineage() {
  const house = new House();
  try {
    const worktree = house.path("tree");
    mkdirSync(worktree);
    const context = (name, value) => {
      const path = house.path(`${name}.json`);
      writeFileSync(path, JSON.stringify(value));
      return path;
    };
    const purpose = ["--purpose", "write the parser"];
    const of = ["--issue", "7", "--phase", "CodeGeneration", "--worktree", worktree];
    await house.json("agent", "spawn", "CodeGenAgent", ...purpose, ...of);
    await house.prints(["session", "wait", "CodeGenAgent", "--prompt", "--timeout", "30"]);
    await house.prints(["session", "run", "CodeGenAgent", "--", "echo generated"]);
    const failed = await house.t2a(["session", "run", "CodeGenAgent", "--", "sh -c 'echo not so; exit 4'"]);
    expect(failed.status === 4, `a command that fails ended with ${failed.status}`);
    const review = context("review", { previousResults: { files: ["parser.ts"] } });
    await house.json("agent", "handoff", "CodeGenAgent", "ReviewAgent", "--phase", "Review", "--context", review);
    const test = context("test", { previousResults: { files: ["parser.ts"], review: "good" } });
    await house.json("agent", "handoff", "ReviewAgent", "TestAgent", "--phase", "Test", "--context", test);

    // Of many who want what was passed on, one gets it.
    const claims = await Promise.all(
      Array.from({ length: CLAIMS }, () => house.t2a(["agent", "claim", "ReviewAgent"])),
    );
    const got = claims.filter(({ status }) => status === 0);
    expect(got.length === 1, `${got.length} of ${CLAIMS} consumers got what was passed on`);
    const { context: told, commands } = JSON.parse(got[0].stdout);
    const statuses = commands.map(({ exitStatus }) => exitStatus).join(", ");
    expect(told.issueNumber === 7 && told.worktreePath === worktree, "the context has lost what it was told first");
    expect(statuses === "0, 4", `the commands that were passed on have the statuses ${statuses}`);
    const { context: last } = JSON.parse(await house.prints(["agent", "claim", "TestAgent"]));
    expect(last.currentPhase === "Test" && last.previousResults.review === "good", "the last was not told the results");
    await house.prints(["agent", "complete", "TestAgent"]);
    const again = await house.t2a(["agent", "handoff", "CodeGenAgent", "Other"]);
    expect(again.status !== 0, "what was handed off can be handed off again");

    const line = await house.json("agent", "lineage", "TestAgent");
    const states = line.map(({ agent, status, depth }) => `${depth} ${agent} ${status}`).join("; ");
    const wanted = "0 CodeGenAgent handed_off; 1 ReviewAgent handed_off; 2 TestAgent completed";
    expect(states === wanted, `the lineage is ${states}`);
    const stats = await house.json("agent", "stats");
    return [
      `3 agents, ${commands.length} commands passed on (statuses ${statuses}); 1 of ${CLAIMS} consumers has them; handed off ${stats.handedOff}, completed ${stats.completed}`,
      ...(await house.prints(["agent", "lineage", "TestAgent"])).trimEnd().split("\n"),
    ];
  } finally {
    await house.close();
  }
}
