// What is said of habits, and what is not: a status other than 0 is not always a failure.
import { describe, expect, it } from "vitest";
import { type Command, SessionAnalyzer } from "../../src/analyze/index.js";
import { command } from "./commands.js";

/** A session: its commands, so many times. */
type Run = readonly [times: number, ...commands: Partial<Command>[]];

function insightOf(...runs: readonly Run[]) {
  const analyzer = new SessionAnalyzer();
  for (const [times, ...commands] of runs)
    analyzer.history({
      name: "history",
      header: { cols: 80, rows: 24, startTime: 0n },
      commands: Array.from({ length: times }, () => commands.map(command)).flat(),
    });
  return analyzer.report().insight;
}

const ended = (line: string, exitStatus: number, signal?: string, depth = 0): Partial<Command> => ({
  ...{ line, exitStatus, signal, depth, start: 0, duration: 1e6 },
});

describe("insight", () => {
  it("takes no answer, no ctrl-C and nothing that fails on purpose for a task that fails", () => {
    const { failingTasks, suggestions } = insightOf(
      [20, ended("tail -f log", 130, "SIGINT"), ended("ls", 0)],
      [20, ended("grep x y", 1), ended("ls", 0)],
      [20, ended("false", 1), ended("ls", 0)],
      [20, ended("exit 3", 3), ended("ls", 0)],
      [20, ended("bash", 1), ended("make", 0, undefined, 1), ended("ls", 0)],
    );
    expect(failingTasks).toEqual([]);
    expect(suggestions).toEqual([]);
    const again = [ended("sleep 100", 130, "SIGINT"), ended("bash", 1), ended("make", 0, undefined, 1)];
    expect(insightOf([20, ...again], [20, again[0] ?? {}]).suggestions).toEqual([]);
  });

  it("says that a task fails where it is the one that failed", () => {
    const { failingTasks, suggestions } = insightOf([10, ended("cd app && npm test", 1)], [10, ended("make", 2)]);
    expect(failingTasks.map(({ task }) => task)).toEqual(["make"]);
    expect(suggestions).toContainEqual(expect.objectContaining({ kind: "failing", value: 1, threshold: 0.5 }));
  });

  it("says that a program was not found where it was never found, and was the one that ran last", () => {
    const notFound = (...runs: readonly Run[]) =>
      insightOf(...runs).suggestions.filter(({ kind }) => kind === "not-found");
    expect(notFound([1, ended("npm install", 0)], [4, ended("npm run build", 127)])).toEqual([]);
    const [suggestion, ...others] = notFound([4, ended("cat a | jqq .", 127)]);
    expect(suggestion).toMatchObject({ value: 4, text: expect.stringContaining("`jqq`") });
    expect(others).toEqual([]);
  });

  it("makes no function of a line that comes back", () => {
    const others = Array.from({ length: 60 }, (_, at) => ended(`x${at}`, 0));
    const sequences = (...lines: readonly string[]) => {
      const session: Run = [1, ...lines.map((line) => ended(line, 0))];
      const { suggestions } = insightOf([1, ...others], ...new Array<Run>(12).fill(session));
      return suggestions.filter(({ kind }) => kind === "sequence");
    };
    expect(sequences("a", "a", "b")).toEqual([]);
    expect(sequences("a", "b")).toHaveLength(1);
  });
});
