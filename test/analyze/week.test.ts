// The reports of a generated week of work, against a twin that counts with everything in memory.
import { describe, expect, it } from "vitest";
import { SessionAnalyzer } from "../../src/analyze/index.js";
import { programOf } from "../../src/analyze/program-of.js";
import { QUANTILE_ERROR } from "../../src/analyze/quantile-sketch.js";
import type { Event } from "../../src/core/index.js";
import { recordingOf } from "../core/recordings.js";
import { type MadeSession, makeWeek } from "./week.js";

async function analyzed(sessions: readonly MadeSession[]) {
  const analyzer = new SessionAnalyzer();
  for (const { name, header, events } of sessions)
    await analyzer.recording(recordingOf(batchesOf(events), header), { name });
  return analyzer.report();
}

function batchesOf(events: readonly Event[]): Event[][] {
  const batches: Event[][] = [];
  for (let at = 0; at < events.length; at += 100) batches.push(events.slice(at, at + 100));
  return batches;
}

const week = makeWeek();
const commands = week.flatMap(({ name, header, commands }) =>
  commands.map((command) => ({
    ...command,
    session: name,
    wall: Number((header.startTime ?? 0n) / 1_000_000n) + command.start / 1e6,
  })),
);
const timed = commands.filter(({ isShell }) => !isShell);
const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
const near = (value: number, exact: number) =>
  expect(Math.abs(value - exact)).toBeLessThanOrEqual(exact * QUANTILE_ERROR + 1);

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

/** Counted by a key, the most first, as they came among equals. */
function ranking<Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

describe("a week of work: commands", () => {
  it("counts sessions, commands, endings and durations", async () => {
    const { commands: report } = await analyzed(week);
    const length = sum(week.map(({ events }) => events.at(-1)?.time ?? 0));
    expect(report.sessions).toMatchObject({
      ...{ recordings: week.length, histories: 0, withoutCommands: 0, undated: 0 },
      ...{ totalNs: length, averageNs: Math.round(length / week.length) },
    });
    expect(report.totals).toMatchObject({
      ...{ commands: commands.length, withoutLine: 0, runningNs: sum(timed.map(({ duration }) => duration)) },
      distinctLines: { count: new Set(commands.map(({ line }) => line)).size, isExact: true },
      distinctDirectories: { count: new Set(commands.map(({ cwd }) => cwd)).size, isExact: true },
      distinctPrograms: { count: new Set(commands.map(({ line }) => programOf(line).program)).size, isExact: true },
    });
    const failed = commands.filter(({ status }) => status !== 0);
    expect(report.success).toEqual({
      ...{ succeeded: commands.length - failed.length, failed: failed.length, unknown: 0 },
      ...{ bySignal: failed.filter(({ status }) => status > 128).length, rate: 1 - failed.length / commands.length },
    });
    const durations = timed.map(({ duration }) => duration);
    expect(report.durations).toMatchObject({ count: timed.length, max: Math.max(...durations) });
    near(report.durations?.average ?? 0, sum(durations) / durations.length);
    near(report.durations?.p50 ?? 0, quantile(durations, 0.5));
    near(report.durations?.p95 ?? 0, quantile(durations, 0.95));
  });

  it("ranks programs, lines, folders and slow commands", async () => {
    const { commands: report } = await analyzed(week);
    const expected = <Key extends string>(name: Key, keyOf: (command: (typeof commands)[number]) => string) =>
      ranking(commands, keyOf)
        .slice(0, 20)
        .map(([key, group]) => ({
          [name]: key,
          count: group.length,
          failed: group.filter(({ status }) => status !== 0).length,
          ended: group.filter(({ isShell }) => !isShell).length,
          runningNs: sum(group.filter(({ isShell }) => !isShell).map(({ duration }) => duration)),
        }));
    expect(report.programs).toEqual(expected("program", ({ line }) => programOf(line).program ?? ""));
    expect(report.lines).toEqual(expected("line", ({ line }) => line));
    expect(report.directories).toEqual(expected("cwd", ({ cwd }) => cwd));
    const slowest = [...timed].sort((a, b) => b.duration - a.duration).slice(0, 20);
    expect(report.slowest).toMatchObject(
      slowest.map(({ line, cwd, duration, status, session, start, wall }) => ({
        ...{ line, cwd, durationNs: duration, exitStatus: status, session, startNs: start },
        startedAt: new Date(Math.round(wall)).toISOString(),
      })),
    );
  });

  it("knows hours, weekdays and days of the local clock", async () => {
    const { when } = (await analyzed(week)).commands;
    const count = (isOne: (date: Date) => boolean) => commands.filter(({ wall }) => isOne(new Date(wall))).length;
    expect(when.byHour).toEqual(Array.from({ length: 24 }, (_, hour) => count((date) => date.getHours() === hour)));
    expect(when.byWeekday).toEqual([1, 2, 3, 4, 5, 6, 0].map((day) => count((date) => date.getDay() === day)));
    expect(when.byWeekdayAndHour[4]?.[9]).toBe(count((date) => date.getDay() === 5 && date.getHours() === 9));
    expect(sum(when.byDay.map((day) => day.commands))).toBe(commands.length);
    expect(when.byDay[0]).toMatchObject({ day: "2026-03-02", commands: count((date) => date.getDate() === 2) });
    expect(when.undated).toBe(0);
  });

  it("finds what is run again after failing, and lines that follow each other", async () => {
    const { commands: report, insight } = await analyzed(week);
    // Twin: the commands of each shell in order, nested ones apart.
    const shells = week.flatMap(({ commands: all }) => {
      const open: (typeof all)[number][][] = [];
      const done: (typeof all)[number][][] = [];
      for (const command of all) {
        done.push(...open.splice(command.depth + 1));
        const shell = open[command.depth] ?? [];
        while (open.length < command.depth) open.push([]);
        open[command.depth] = shell;
        shell.push(command);
      }
      return [...done, ...open];
    });
    const pairs = shells.flatMap((shell) => shell.slice(1).map((second, at) => [shell[at], second] as const));
    const retried = pairs.filter(([first, second]) => first?.status !== 0 && first?.line === second.line);
    expect(sum(report.retried.map(({ count }) => count))).toBe(retried.length);
    expect(report.retried.find(({ line }) => line === "npm test")).toEqual({
      line: "npm test",
      count: retried.filter(([, { line }]) => line === "npm test").length,
      failedAgain: retried.filter(([, { line, status }]) => line === "npm test" && status !== 0).length,
    });
    const commit = ["git add -A", "git commit -m wip", "git push"];
    const runs = shells.flatMap((shell) =>
      shell.filter((_, at) => commit.every((line, offset) => shell[at + offset]?.line === line)),
    );
    expect(report.sequences[0]).toEqual({ lines: commit, count: runs.length });
    expect(insight.suggestions.find(({ kind }) => kind === "sequence")).toMatchObject({ value: runs.length });
  });

  it("suggests nothing below its threshold, and nothing at all of two commands", async () => {
    const { insight } = await analyzed(week);
    expect(insight.suggestions.length).toBeGreaterThan(4);
    for (const { text, figure, value, threshold } of insight.suggestions) {
      expect(value).toBeGreaterThanOrEqual(threshold);
      expect(threshold).toBeGreaterThan(0);
      expect(text).not.toBe("");
      expect(figure).not.toBe("");
    }
    const npm = commands.filter(({ line }) => line === "npm test");
    expect(insight.frequentTasks.find(({ task }) => task === "npm test")).toMatchObject({
      ...{ count: npm.length, failed: npm.filter(({ status }) => status !== 0).length },
    });
    const [best] = insight.productiveHours;
    const good = commands.filter(({ status }) => status === 0).map(({ wall }) => new Date(wall).getHours());
    expect(best?.succeeded).toBe(
      Math.max(...Array.from({ length: 24 }, (_, hour) => good.filter((own) => own === hour).length)),
    );
    const [first] = makeWeek({ tasks: 1 });
    expect((await analyzed(first === undefined ? [] : [first])).insight.suggestions).toEqual([]);
  });
});

describe("a week of work: time", () => {
  it("divides it into active, idle, waiting and full-screen time", async () => {
    const { time, ...report } = (await analyzed(week)).performance;
    const gaps = week.flatMap(({ name, events }) =>
      events.map(({ time }, at) => ({
        session: name,
        startNs: events[at - 1]?.time ?? 0,
        durationNs: time - (events[at - 1]?.time ?? 0),
      })),
    );
    const idle = gaps.filter(({ durationNs }) => durationNs > 5e9);
    const total = sum(gaps.map(({ durationNs }) => durationNs));
    expect(time).toMatchObject({
      ...{ totalNs: total, idleNs: sum(idle.map(({ durationNs }) => durationNs)), idleThresholdNs: 5e9 },
      ...{
        activeNs: total - sum(idle.map(({ durationNs }) => durationNs)),
        fullScreenNs: sum(week.map(({ fullScreen }) => fullScreen)),
      },
    });
    const waiting = idle.filter(({ session, startNs, durationNs }) =>
      timed.some(
        (command) =>
          command.session === session &&
          !command.line.startsWith("vim") &&
          command.start <= startNs &&
          startNs + durationNs <= command.start + command.duration,
      ),
    );
    expect(waiting.length).toBeGreaterThan(3);
    // The two gaps of vim at the edges of its full screen are waiting, too.
    expect(time.waitingNs).toBeGreaterThanOrEqual(sum(waiting.map(({ durationNs }) => durationNs)));
    expect(report.gaps).toEqual([...idle].sort((a, b) => b.durationNs - a.durationNs).slice(0, 10));
    expect(report.events).toBe(sum(week.map(({ events }) => events.length)));
  });

  it("measures output and latencies", async () => {
    const { output, latency } = (await analyzed(week)).performance;
    const bytes = sum(
      week.flatMap(({ events }) => events.map((event) => (event.kind === "output" ? event.data.length : 0))),
    );
    expect(output.bytes).toBe(bytes);
    expect(sum(output.overTime.bytes)).toBe(bytes);
    expect(latency.recordingsWithInput).toBe(week.length);
    const keys = week.flatMap(({ keyToEcho }) => keyToEcho);
    expect(latency.keyToEcho).toMatchObject({ count: keys.length, max: Math.max(...keys) });
    near(latency.keyToEcho?.p50 ?? 0, quantile(keys, 0.5));
    const enters = week.flatMap(({ enterToOutput }) => enterToOutput);
    expect(latency.enterToOutput).toMatchObject({ count: enters.length, max: Math.max(...enters) });
    near(latency.enterToOutput?.p99 ?? 0, quantile(enters, 0.99));
    const firsts = timed.flatMap(({ firstOutput }) => (firstOutput === undefined ? [] : [firstOutput]));
    expect(latency.commandToOutput).toMatchObject({ count: firsts.length, max: Math.max(...firsts) });
    near(latency.commandToOutput?.p90 ?? 0, quantile(firsts, 0.9));
  });

  it("adds up in parts, in whatever threads they were made", async () => {
    const whole = new SessionAnalyzer();
    for (const { name, header, events } of week) {
      const part = new SessionAnalyzer();
      await part.recording(recordingOf(batchesOf(events), header), { name });
      whole.add(structuredClone(part.part()));
    }
    expect(whole.report()).toEqual(await analyzed(week));
  });
});
