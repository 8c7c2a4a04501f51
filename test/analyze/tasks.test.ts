// Tasks in reports: counted whatever is in the recordings, and the same in several threads.
import { describe, expect, it } from "vitest";
import { SessionAnalyzer } from "../../src/analyze/index.js";
import { presentTasks } from "../../src/analyze/reports/present-tasks.js";
import { customEvent, type Event, TASK_CODE } from "../../src/core/index.js";
import { recordingOf } from "../core/recordings.js";

const START = 1_772_000_000_000_000_000n;
const start = (time: number, task: string | undefined, command = "make"): Event =>
  customEvent(time, TASK_CODE, { state: "start", command, ...(task === undefined ? {} : { task }) });
const end = (time: number, task: string | undefined, exitStatus: number, durationNs: number, command = "make"): Event =>
  customEvent(time, TASK_CODE, {
    ...{ state: "end", command, status: exitStatus === 0 ? "completed" : "failed", exitStatus, durationNs },
    ...(task === undefined ? {} : { task }),
    ...(exitStatus === 0 ? {} : { error: `exited with status ${exitStatus}` }),
  });

async function analyzed(...sessions: readonly (readonly Event[])[]) {
  const analyzer = new SessionAnalyzer();
  for (const [at, events] of sessions.entries())
    await analyzer.recording(recordingOf([events], { startTime: START }), { name: `session ${at}` });
  return analyzer;
}

describe("the report of tasks for people", () => {
  it("has the tasks that ran most and the last runs, and says how many it leaves out", async () => {
    expect(presentTasks(undefined)).toEqual([]);
    const many = Array.from({ length: 30 }, (_, at) => [
      start(at * 2e9, `t${at}`),
      end(at * 2e9 + 1e9, `t${at}`, at % 2, 1e9),
    ]);
    const analyzer = await analyzed([...many.flat(), start(100e9, undefined, "sleep 9")]);
    const [figures, tasks, runs] = presentTasks(analyzer.report().tasks);
    expect(figures).toMatchObject({
      kind: "figures",
      figures: expect.arrayContaining([expect.objectContaining({ key: "unfinished", value: 1 })]),
    });
    expect(tasks).toMatchObject({ kind: "table", note: "And 11 runs of others." });
    expect(runs).toMatchObject({ kind: "table", note: "And 11 earlier ones." });
    const rows = runs?.kind === "table" ? runs.rows : [];
    expect(rows.slice(0, 3).map((row) => [row[1], row[2]])).toEqual([
      ["sleep 9", "has no end"],
      ["make", "exited with status 1"],
      ["make", "completed"],
    ]);
    const [none, ...others] = presentTasks((await analyzed([start(0, "a")])).report().tasks);
    expect(none).toMatchObject({
      figures: expect.arrayContaining([expect.objectContaining({ key: "typical", value: null })]),
    });
    expect(others).toMatchObject([{ note: undefined }, { note: undefined }]);
  });
});

describe("tasks", () => {
  it("are told of only where there are any", async () => {
    expect((await analyzed([])).report()).not.toHaveProperty("tasks");
  });

  it("have no end where the recording has none, or the next one begins", async () => {
    const { tasks } = (await analyzed([start(0, "a"), start(5, "b")], [end(7e9, "c", 0, 2e9)])).report();
    expect(tasks?.counts).toEqual({ total: 3, completed: 1, failed: 0, unfinished: 2 });
    expect(tasks?.runs).toMatchObject([
      { session: "session 0", task: "a", status: "unfinished", exitStatus: null, durationNs: null, startNs: 0 },
      { session: "session 0", task: "b", status: "unfinished", startNs: 5 },
      { session: "session 1", task: "c", status: "completed", durationNs: 2e9, startNs: 5e9 },
    ]);
  });

  it("are the same where several threads counted them", async () => {
    const one = [start(0, "a"), end(3e9, "a", 0, 3e9), start(4e9, undefined, "ls"), end(5e9, undefined, 2, 1e9, "ls")];
    const other = [start(0, "a", "make -j"), end(1e9, "a", 1, 1e9, "make -j")];
    const whole = (await analyzed(one, other)).report().tasks;
    const [first, second] = [await analyzed(one), await analyzed(other)];
    first.add(structuredClone(second.part()));
    const added = first.report().tasks;
    expect({ ...added, runs: [] }).toEqual({ ...whole, runs: [] });
    expect(whole).toMatchObject({
      counts: { total: 3, completed: 1, failed: 2, unfinished: 0 },
      totalNs: 5e9,
      tasks: [
        { task: "a", command: "make -j", runs: 2, failed: 1, totalNs: 4e9, longestNs: 3e9, last: "failed" },
        { task: "ls", runs: 1, failed: 1 },
      ],
      omitted: 0,
    });
  });

  it("are bounded: the last runs are kept, tasks beyond a thousand counted together, long texts cut", async () => {
    const events = Array.from({ length: 1500 }, (_, at) => end(at * 1e9, `t${at}`, 0, 1, "x".repeat(5000)));
    const { tasks } = (await analyzed(events)).report();
    expect(tasks).toMatchObject({ counts: { total: 1500 }, others: 1450, omitted: 1400 });
    expect(tasks?.tasks).toHaveLength(50);
    expect(tasks?.runs.map(({ command }) => command.length)).toEqual(new Array(100).fill(1000));
  });

  it("are not made of rubbish", async () => {
    const rubbish = [
      "{}",
      "[1]",
      "null",
      '{"state":"end","command":"x","status":"completed","exitStatus":0,"durationNs":1e999}',
    ];
    const events = rubbish.map(
      (text): Event => ({ kind: "custom", time: 0, code: TASK_CODE, data: Buffer.from(text) }),
    );
    expect((await analyzed(events)).report()).not.toHaveProperty("tasks");
  });
});
