// Every key of the player's table, pressed.
import { afterEach, describe, expect, it } from "vitest";
import { PLAYER_KEYS, type PlayerKey, type TextSearch, type UiAction } from "../../../src/play/index.js";
import { marker, output } from "../recordings.js";
import { knownCommands, ran } from "./known-commands.js";
import { UiWorld } from "./ui-driver.js";

/** A line every ten seconds; markers at 20 and 70 seconds. */
const EVENTS = Array.from({ length: 11 }, (_, n) => output(n * 10, `line ${n}\r\n`)).flatMap((event, n) =>
  n === 2 || n === 7 ? [event, marker(n * 10, `m${n}`)] : [event],
);
/** Finds at event 3 and 9. */
const search: TextSearch = {
  find: async (_pattern, { from, direction, inclusive = false }) => {
    const events = [3, 9].filter((at) => (inclusive && at === from) || (direction > 0 ? at > from : at < from));
    const found = direction > 0 ? events[0] : events.at(-1);
    return found === undefined ? undefined : { time: 0, events: found, line: "line", start: 0, length: 4 };
  },
};

/** They begin at 10, 30, 50, 70 and 90 seconds; the first and the last of them fail. */
const COMMANDS = knownCommands(
  [10, 30, 50, 70, 90].map((second) => ran(second, { exitStatus: second % 80 === 10 ? 2 : 0 })),
);

type Check = (world: UiWorld, key: string) => void;

/** What pressing the key leads to, from 50 seconds on, paused. */
const EXPECTED: Readonly<Record<UiAction, Check>> = {
  toggle: ({ player }) => expect(player.state).toBe("playing"),
  back: ({ position }) => expect(position).toBe(45),
  forward: ({ position }) => expect(position).toBe(55),
  backShare: ({ position }) => expect(position).toBe(40),
  forwardShare: ({ position }) => expect(position).toBe(60),
  start: ({ position }) => expect(position).toBe(0),
  end: ({ position }) => expect(position).toBe(100),
  tenth: ({ position }, key) => expect(position).toBe(Number(key) * 10),
  goTo: ({ status }) => expect(status).toBe("go to:"),
  faster: ({ player }) => expect(player.speed).toBe(1.25),
  slower: ({ player }) => expect(player.speed).toBe(0.75),
  previousEvent: ({ position }) => expect(position).toBe(40),
  nextEvent: ({ position }) => expect(position).toBe(60),
  previousFrame: ({ position }) => expect(position).toBe(40),
  nextFrame: ({ position }) => expect(position).toBe(60),
  previousMarker: ({ position }) => expect(position).toBe(20),
  nextMarker: ({ position }) => expect(position).toBe(70),
  commandList: ({ rows }) => expect(rows[0]).toMatch(/^Commands 3\/5: enter goes there/),
  previousCommand: ({ position }) => expect(position).toBe(30),
  nextCommand: ({ position }) => expect(position).toBe(70),
  nextFailedCommand: ({ position }) => expect(position).toBe(90),
  searchForward: ({ status }) => expect(status).toBe("/"),
  searchBackward: ({ status }) => expect(status).toBe("?"),
  nextHit: ({ player }) => expect(player.events).toBe(9),
  previousHit: ({ player }) => expect(player.events).toBe(3),
  forgetSearch: ({ status }) => expect(status).not.toContain("/line"),
  loop: ({ player, status }) => {
    expect(player.loop).toBe(true);
    expect(status).toContain("loop");
  },
  idle: ({ player, status }) => {
    expect(player.idle).toEqual({ mode: "limit", limit: 2_000_000_000 });
    expect(status).toContain("idle 2s");
  },
  timeStamps: ({ status }) => expect(status).toMatch(/^‖ 2023-11-1\d \d\d:\d\d:10 /),
  pan: ({ rows }, key) => {
    // The cursor is in row 6 of 24, four are seen.
    expect(rows[0]).toBe({ left: "line 3", right: "", up: "line 0", down: "" }[key.slice(4)]);
  },
  repaint: ({ tty }) => expect(tty.text.split("\x1b[2J")).toHaveLength(3),
  help: ({ rows }) => expect(rows.join("\n")).toContain("pause, or play on"),
  suspend: ({ tty }) => expect(tty.text.split("\x1b[?1049h")).toHaveLength(3),
  quit: ({ quits }) => expect(quits).toBe(1),
};

describe("PLAYER_KEYS", () => {
  let world: UiWorld | undefined;
  afterEach(() => world?.end());

  const all = PLAYER_KEYS.flatMap((entry) => entry.keys.map((key): [string, PlayerKey] => [key, entry]));
  it.each(all)("does what it says: %s", async (key, { action }) => {
    const size = action === "pan" ? { cols: 8, rows: 5 } : { cols: 100, rows: 30 };
    const header = { startTime: 1_700_000_000_000_000_000n };
    world = await UiWorld.open(EVENTS, { size, header, search, commands: COMMANDS, pausedAt: 50 });
    if (action.endsWith("Hit") || action === "forgetSearch") {
      // A search that leads nowhere, so that one stays where one is.
      await world.press("/", ..."x", "backspace", ..."line", "escape", "/", ..."line", "enter");
      await world.press("5");
    }
    await world.press(key);
    if (key === "escape") await world.settle();
    EXPECTED[action](world, key);
    expect(world.ui.touched).toBe(true);
  });

  it("names no key twice", () => {
    const names = all.map(([key]) => key);
    expect(new Set(names).size).toBe(names.length);
  });

  it("adds up relative seeks that come fast", async () => {
    world = await UiWorld.open(EVENTS, { pausedAt: 50 });
    await world.press("left", "left", "left", "right");
    expect(world.position).toBe(40);
    await world.press("+", "+", "+", "-");
    expect(world.player.speed).toBe(1.5);
  });

  it("says which key helps on when one is pressed that it does not know, and passes over pastes", async () => {
    world = await UiWorld.open(EVENTS, { pausedAt: 50 });
    const before = world.status;
    await world.press("\x1b[200~ q\x1b[201~");
    expect(world.status).toBe(before);
    for (const key of ["y", "\x1b[5~", "enter"]) {
      await world.press(key);
      expect(world.status).toBe("‖ 0:50.0  h shows the keys");
      await world.press("ctrl+l");
      expect(world.status).toBe(before);
    }
    expect(world.quits).toBe(0);
  });

  it("goes through the ways to treat pauses", async () => {
    world = await UiWorld.open(EVENTS, { pausedAt: 50 });
    const seen: string[] = [];
    for (let n = 0; n < 4; n++) {
      await world.press("i");
      seen.push(/idle \S+/.exec(world.status)?.[0] ?? "off");
    }
    expect(seen).toEqual(["idle 2s", "idle skip", "idle log", "off"]);
  });
});
