// The last commands of a session with what they printed, within bounds; what cannot be read is told.
import { describe, expect, it } from "vitest";
import type { Event, Recording } from "../../../src/core/index.js";
import { recentCommands } from "../../../src/session/agents/recent-commands.js";
import { output, recordingOf } from "../../core/recordings.js";

const osc = (mark: string) => `\u001b]133;${mark}\u0007`;
const START = 1_772_000_000_000_000_000n;
const BOUNDS = { max: 10, maxUnits: 1000, timeoutMs: 60_000 };

/** A second each: the prompt, the line, what it prints, its end. */
function ran(line: string, printed: string, status: number, from: number): readonly Event[] {
  return [`${osc("A")}$ ${osc("B")}`, line, `\r\n${osc("C")}`, printed, osc(`D;${status}`)].map((text, at) =>
    output(from + at, text),
  );
}

const opened = (id: string, recording: Recording) => ({ id, open: async () => recording });

describe("the last commands of a session", () => {
  it("are those of its recordings in order, with what they printed, no more than are wanted", async () => {
    const one = recordingOf([ran("make", "ok\r\n", 0, 0), ran("make test", "no\r\n", 2, 5)], { startTime: START });
    const other = recordingOf([ran("ls", `${"x".repeat(70)}\r\n`.repeat(40), 0, 0)]);
    const { commands, problems } = await recentCommands([opened("one", one), opened("other", other)], BOUNDS);
    expect(problems).toEqual([]);
    expect(commands).toMatchObject([
      { number: 1, recordingId: "one", line: "make", exitStatus: 0, output: "ok", isCut: false },
      { number: 2, recordingId: "one", line: "make test", exitStatus: 2, output: "no", durationNs: 2e9 },
      { number: 1, recordingId: "other", line: "ls", startedAt: undefined, isCut: true },
    ]);
    expect(commands[0]?.startedAt).toBe(new Date(Number(START / 1_000_000n) + 2000).toISOString());
    const many = recordingOf(Array.from({ length: 5 }, (_, at) => ran(`run ${at}`, `${at}\r\n`, 0, at * 5)));
    const unread = { id: "unread", open: () => Promise.reject(new Error("nobody opens it")) };
    const last = await recentCommands([unread, opened("many", many)], { ...BOUNDS, max: 2 });
    expect(last.commands.map(({ number, line, output }) => [number, line, output])).toEqual([
      [4, "run 3", "3"],
      [5, "run 4", "4"],
    ]);
    expect(last.problems).toEqual([]);
  });

  it("are told as far as recordings can be read, with the reason where they cannot", async () => {
    async function* broken() {
      yield ran("make", "ok\r\n", 0, 0);
      throw new Error("no such block");
    }
    const damaged = { ...recordingOf([]), batches: broken() };
    const gone = { id: "gone", open: () => Promise.reject("moved away") };
    const { commands, problems } = await recentCommands([gone, opened("damaged", damaged)], BOUNDS);
    expect(commands.map(({ line }) => line)).toEqual(["make"]);
    expect(problems).toEqual([
      "the recording damaged is damaged: no such block",
      "the recording gone cannot be read: moved away",
    ]);
  });

  it("are those of the beginning where there is no time for more", async () => {
    const events = Array.from({ length: 3000 }, (_, at) => ran(`run ${at}`, "x\r\n".repeat(100), 0, at * 5));
    const { commands, problems } = await recentCommands([opened("long", recordingOf(events))], {
      ...BOUNDS,
      timeoutMs: 0,
    });
    expect(commands.length).toBeLessThan(3000);
    expect(problems).toEqual([
      expect.stringMatching(/^the recording long is long: commands after \d+ s of it are not told$/),
    ]);
  });
});
