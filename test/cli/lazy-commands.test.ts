// Commands for a player: found while it plays, each with the place where its line is typed and nothing is put out yet.
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LazyCommands } from "../../src/cli/lazy-commands.js";
import { type Event, FormatError, type Recording } from "../../src/core/index.js";
import { Screen } from "../../src/terminal/index.js";
import { commandsIn, output, SHELL } from "../analyze/sessions.js";
import { recordingOf } from "../play/recordings.js";

/** All commands of a recording. */
async function found(recording: Recording): Promise<LazyCommands> {
  const commands = new LazyCommands(async () => recording);
  commands.look();
  await ended(commands);
  return commands;
}

async function ended(commands: LazyCommands): Promise<void> {
  while (commands.state === "looking") await nextTurn();
}

/** What the screen shows behind so many events. */
function shownBehind(events: readonly Event[], count: number): string {
  const screen = new Screen({ cols: 80, rows: 24 });
  for (const event of events.slice(0, count)) if (event.kind === "output") screen.feed(event.data);
  const text = screen.text().join("\n").trimEnd();
  screen.dispose();
  return text;
}

describe("LazyCommands", () => {
  it("reads nothing before it is asked, and only once", async () => {
    let opened = 0;
    const events = [output(0, SHELL.cycle("make", "done\r\n", 0))];
    const commands = new LazyCommands(async () => {
      opened++;
      return recordingOf(events);
    });
    await nextTurn();
    expect([opened, commands.state, commands.commands.length]).toEqual([0, "unasked", 0]);
    let told = 0;
    const forget = commands.onChange(() => told++);
    commands.look();
    commands.look();
    await ended(commands);
    forget();
    expect([opened, commands.state, commands.commands.map(({ line }) => line)]).toEqual([1, "complete", ["make"]]);
    expect(told).toBeGreaterThan(0);
    await commands.close();
  });

  it("places a command where its line is typed and nothing is put out yet", async () => {
    const { A, B, C, D } = SHELL;
    const events = [
      output(1e9, `${A}$ ${B}`),
      output(2e9, "make"),
      output(3e9, `\r\n${C}`),
      output(3e9, "done\r\n"), // at the same time
      output(4e9, `${D(0)}${A}$ ${B}`),
      output(5e9, "ls"),
      output(6e9, `\r\n${C}a b c\r\n${D(1)}${A}$ ${B}`), // printed in the same event
      output(7e9, `true\r\n${C}${D(0)}${A}$ ${B}`),
      output(8e9, `cat x\r\n${C}all in one${D(0)}`),
    ];
    const { commands } = await found(recordingOf(events));
    expect(commands.map(({ line, place }) => [line, place])).toEqual([
      ["make", { events: 3 }],
      ["ls", { events: 6 }],
      ["true", { events: 8 }],
      ["cat x", { events: 9 }],
    ]);
    const shown = commands.map(({ place }) => shownBehind(events, "events" in place ? place.events : 0));
    expect(shown).toEqual([
      "$ make",
      "$ make\ndone\n$ ls",
      expect.stringMatching(/\$ true\n\$$/),
      expect.stringMatching(/\$ cat x\nall in one$/),
    ]);
  });

  it("finds what a finder finds, however the output is cut", async () => {
    const text = Buffer.from(
      SHELL.cycle("one", "1\r\n", 0) +
        SHELL.cycle("false; two", "2\r\n3\r\n", 1) +
        SHELL.cycle("", "", 0) +
        SHELL.cycle("日本", "", 0),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 20 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const events = places.slice(1).map((end, n) => output(n * 1e9, text.subarray(places[n], end)));
        const { commands } = await found(recordingOf(events));
        const expected = commandsIn(events);
        const brief = ({ line, start, exitStatus }: (typeof expected)[number] | (typeof commands)[number]) => [
          line,
          start,
          exitStatus,
        ];
        expect(commands.map(brief)).toEqual(expected.map(brief));
        for (const [n, { line, place }] of commands.entries()) {
          const count = "events" in place ? place.events : events.filter(({ time }) => time <= place.time).length;
          expect(count).toBeLessThanOrEqual(events.length);
          // A cut right behind the mark: the line is on the screen and none of the output is.
          const isAtMark = places[count] ?? 0;
          const before = text.subarray(0, isAtMark).toString("latin1");
          if (before.endsWith(SHELL.C) && before.split(SHELL.C).length === n + 2) {
            expect(shownBehind(events, count)).toMatch(new RegExp(`\\$ ${line}$`));
          }
        }
      }),
    );
  });

  it("takes what an index knows, and reads where it knows nothing or is damaged", async () => {
    const events = [output(1e9, SHELL.cycle("make", "done\r\n", 2))];
    const stored = commandsIn(events);
    for (const [know, opens] of [
      [async () => stored, 0],
      [async () => undefined, 1],
      [async () => Promise.reject(new Error("damaged")), 1],
    ] as const) {
      let opened = 0;
      const open = async () => {
        opened++;
        return recordingOf(events);
      };
      const commands = new LazyCommands(open, know);
      commands.look();
      await ended(commands);
      expect([opened, commands.commands.map(({ line, exitStatus }) => [line, exitStatus])]).toEqual([
        opens,
        [["make", 2]],
      ]);
      expect(commands.commands[0]?.place).toEqual({ events: 1 });
      expect(commands.looked).toBeGreaterThanOrEqual(1e9);
      await commands.close();
    }
  });

  it("keeps what was found before damage, and tells of it", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "cut");
    const commands = await found(recordingOf([output(1e9, SHELL.cycle("make", "", 2))], { failure }));
    expect([commands.state, commands.commands.map(({ exitStatus }) => exitStatus)]).toEqual([{ failure }, [2]]);
  });

  it("is complete where a recording that is still written was read as far as it goes, and goes on from there", async () => {
    let more: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      more = resolve;
    });
    let closed = 0;
    const commands = new LazyCommands(async (onLive) => ({
      ...recordingOf([]),
      batches: (async function* () {
        yield [output(1e9, SHELL.cycle("one", "", 0))];
        onLive();
        await waiting;
        yield [output(2e9, `${SHELL.A}$ ${SHELL.B}two\r\n${SHELL.C}`)];
      })(),
      close: async () => {
        closed++;
        more();
      },
    }));
    commands.look();
    await ended(commands);
    expect([commands.state, commands.commands.length, commands.looked]).toEqual(["complete", 1, 1e9]);
    await commands.close();
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(closed).toBeGreaterThan(0);
    expect(commands.commands.map(({ line, duration }) => [line, duration])).toEqual([
      ["one", 0],
      ["two", undefined],
    ]);
  });

  it("looks no further when it is closed, and lets others have their turn", async () => {
    const events = Array.from({ length: 20_000 }, (_, n) => output(n, SHELL.cycle(`run ${n}`, "x".repeat(400), 0)));
    const commands = new LazyCommands(async () => recordingOf(events));
    commands.look();
    while (commands.commands.length === 0) await nextTurn();
    await commands.close();
    const before = commands.commands.length;
    await ended(commands);
    expect(before).toBeLessThan(events.length);
    expect(commands.commands.length).toBeLessThan(events.length);
  });
});
