// The parts of the player's picture: the status line at every width, the timeline, times, the part that is seen.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NANOS_PER_SECOND, type Outline } from "../../../src/core/index.js";
import { PLAYER_KEYS } from "../../../src/play/index.js";
import { helpPage } from "../../../src/play/ui/help.js";
import { Prompt } from "../../../src/play/ui/prompt.js";
import { type Status, statusLine } from "../../../src/play/ui/status-line.js";
import { fitText, textWidth } from "../../../src/play/ui/text-width.js";
import { shareAt, timelineBar } from "../../../src/play/ui/timeline-bar.js";
import { formatClock, formatWallClock } from "../../../src/play/ui/times.js";
import { Viewport } from "../../../src/play/ui/viewport.js";
import { Screen } from "../../../src/terminal/index.js";

const SECOND = NANOS_PER_SECOND;
const plain = (text: string): string => text.replace(/\x1b\[[0-9;]*m/g, "");

const OUTLINE: Outline = {
  duration: 3723 * SECOND,
  complete: true,
  markers: [{ time: 1800 * SECOND, label: "m" }],
  histogram: { step: 1000 * SECOND, bytes: [10, 0, 5000, 1] },
};
const STATUS: Status = {
  state: "playing",
  position: 12.34 * SECOND,
  positionText: "0:12.3",
  outline: OUTLINE,
  speed: 1.5,
  idle: { mode: "limit", limit: 2 * SECOND },
  loop: true,
  search: { text: "/日本", hits: 3 },
  title: "demo.t2r",
};
const plainLine = (cols: number, status: Partial<Status> = {}): string =>
  plain(statusLine({ ...STATUS, ...status }, cols).text);

describe("the status line", () => {
  it("tells everything where there is room", () => {
    expect(plainLine(100)).toMatch(
      /^► 0:12\.3 \/ 1:02:03\.0 {2}[·▁▂▃▄▅▆▇█◆]+ {2}1\.5x {2}idle 2s {2}loop {2}3 × \/日本 {2}demo\.t2r$/,
    );
  });

  it("drops its parts in a fixed order as the terminal gets narrower", () => {
    const dropped = [90, 70, 60, 50, 40, 30, 20, 10].map((cols) => plainLine(cols).replace(/[·▁▂▃▄▅▆▇█◆]+/, "#"));
    expect(dropped).toEqual([
      "► 0:12.3 / 1:02:03.0  #  1.5x  idle 2s  loop  3 × /日本  demo.t2r",
      "► 0:12.3 / 1:02:03.0  #  1.5x  idle 2s  loop  3 × /日本",
      "► 0:12.3 / 1:02:03.0  #  1.5x  idle 2s  3 × /日本",
      "► 0:12.3 / 1:02:03.0  #  1.5x  3 × /日本",
      "► 0:12.3 / 1:02:03.0  #  1.5x",
      "► 0:12.3 / 1:02:03.0  #",
      "► 0:12.3 / 1:02:03.0",
      "► 0:12.3",
    ]);
  });

  it("has a title only where the timeline keeps its length beside it", () => {
    expect(plainLine(88)).toMatch(/ [·▁▂▃▄▅▆▇█◆]{24} .* demo\.t2r$/);
    expect(plainLine(87)).toMatch(/ [·▁▂▃▄▅▆▇█◆]{33} .*日本$/);
  });

  it("is never wider than the terminal, and as wide where it has a timeline", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.record({
          state: fc.constantFrom("idle", "playing", "paused", "seeking", "ended"),
          position: fc.nat(1e13),
          speed: fc.constantFrom(0.01, 1, 1000),
          loop: fc.boolean(),
          title: fc.string({ unit: fc.constantFrom(..."abc日👍 "), maxLength: 40 }),
          message: fc.option(fc.string({ unit: fc.constantFrom(..."abc日👍 "), minLength: 1, maxLength: 90 }), {
            nil: undefined,
          }),
          idle: fc.constantFrom({ mode: "off" }, { mode: "skip" }, { mode: "log" }),
        }),
        (cols, status) => {
          const { text, timeline } = statusLine({ ...STATUS, ...(status as Partial<Status>) }, cols);
          const width = textWidth(plain(text).trimEnd());
          if (cols >= 8) expect(width).toBeLessThanOrEqual(cols);
          if (timeline === undefined) return;
          expect(textWidth(plain(text))).toBe(cols);
          expect(timeline.x + timeline.cols).toBeLessThanOrEqual(cols);
          expect(plain(text).slice(timeline.x, timeline.x + timeline.cols)).toMatch(/^[·▁▂▃▄▅▆▇█◆]{8,}$/);
        },
      ),
    );
  });

  it("says a message in place of what is on the right, as much as fits", () => {
    expect(plainLine(40, { message: "a message of some length" })).toBe("► 0:12.3  a message of some length");
    expect(plainLine(20, { message: "a message of some length" })).toBe("► 0:12.3  a message…");
  });

  it("tells that more of the recording may come", () => {
    expect(plainLine(40, { outline: { ...OUTLINE, complete: false } })).toContain(" / 1:02:03.0+ ");
  });
});

describe("the timeline", () => {
  it("shows how much was put out when, the markers and the place", () => {
    const bar = timelineBar(OUTLINE, 0, 9);
    expect(plain(bar)).toBe("·▂··◆█··▁");
    expect(bar.startsWith("\x1b[0;7m·")).toBe(true);
    expect(timelineBar(OUTLINE, 1800 * SECOND, 9)).toContain("\x1b[0;7m◆");
  });

  it("is blank where nothing was put out, and stands at the end where the position is beyond what is known", () => {
    const nothing = { duration: 0, complete: false, markers: [], histogram: { step: 1, bytes: [] } };
    expect(plain(timelineBar(nothing, 0, 5))).toBe("·····");
    expect(timelineBar(nothing, 10, 5)).toMatch(/\x1b\[0;7m·$/);
  });

  it("goes from nothing to all of the duration", () => {
    expect([0, 5, 10, -1, 11].map((column) => shareAt(column, 11))).toEqual([0, 0.5, 1, 0, 1]);
    expect(shareAt(0, 1)).toBe(0);
  });
});

describe("times", () => {
  it("are told as a clock does", () => {
    expect([0, 9.99, 60, 3599.9, 3723.45].map((seconds) => formatClock(seconds * SECOND))).toEqual([
      "0:00.0",
      "0:09.9",
      "1:00.0",
      "59:59.9",
      "1:02:03.4",
    ]);
  });

  it("are told by the wall clock of this place", () => {
    const start = new Date(2026, 0, 2, 3, 4, 5).getTime();
    expect(formatWallClock(BigInt(start) * 1_000_000n, 3600 * SECOND)).toBe("2026-01-02 04:04:05");
    expect(formatWallClock(10n ** 30n, 60 * SECOND)).toBe("1:00.0");
  });
});

describe("widths of text", () => {
  it("are those of the screen", () => {
    expect(["", "abc", "日本", "e\u0301", "─"].map(textWidth)).toEqual([0, 3, 4, 1, 1]);
    expect(textWidth("日".repeat(5000))).toBe(2000);
  });

  it("are kept by shortening", () => {
    expect([fitText("abc", 3), fitText("abcd", 3), fitText("日本語", 4), fitText("abc", 0)]).toEqual([
      "abc",
      "ab…",
      "日…",
      "",
    ]);
  });
});

describe("the prompt", () => {
  it("shows the end of what is longer than the terminal, and no note then", () => {
    const prompt = new Prompt("/");
    prompt.take({ kind: "paste", text: "0123456789日" });
    prompt.note = "no hit";
    expect(prompt.line(8)).toEqual({ text: "56789日", cursor: 7 });
    expect(prompt.line(20)).toEqual({ text: "/0123456789日  no h…", cursor: 13 });
  });

  it("takes no more than some hundred characters", () => {
    const prompt = new Prompt("/");
    prompt.take({ kind: "paste", text: "x".repeat(10_000) });
    expect(prompt.text).toHaveLength(500);
  });
});

describe("the help", () => {
  it("has every key in 80 columns and 24 rows", () => {
    const { screen, isLast } = helpPage(80, 23);
    const text = screen.text().join("\n");
    for (const { help } of PLAYER_KEYS) expect(text).toContain(help);
    expect([isLast, screen.text()[0]]).toEqual([true, "Keys: any key closes this"]);
  });

  it("has every key once on as many pages as it takes where there is less room", () => {
    const pages = [];
    do pages.push(helpPage(40, 9, pages.length));
    while (pages.at(-1)?.isLast === false);
    const rows = pages.flatMap(({ screen }) => screen.text().slice(1)).filter((row) => row !== "");
    expect(rows.length).toBe(PLAYER_KEYS.length);
    expect(pages.map(({ screen }) => screen.text()[0])).toEqual([
      "Keys 1/5: any key shows more",
      "Keys 2/5: any key shows more",
      "Keys 3/5: any key shows more",
      "Keys 4/5: any key shows more",
      "Keys 5/5: any key closes this",
    ]);
  });

  it.each([
    [40, 10],
    [10, 3],
    [2, 1],
    [300, 50],
  ])("fits into %i x %i", (cols, rows) => {
    const heading = helpPage(cols, rows).screen.text()[0];
    expect(heading).toMatch(cols < 5 ? /^K…$/ : /^Keys/);
  });
});

describe("the part that is seen", () => {
  it("holds the cursor, and moves no further than it must", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(49), fc.nat(19)), { minLength: 1 }), (places) => {
        const screen = new Screen({ cols: 50, rows: 20 });
        const viewport = new Viewport();
        let before = viewport.area(screen, 20, 8);
        for (const [x, y] of places) {
          screen.feed(Buffer.from(`\x1b[${y + 1};${x + 1}H`));
          const area = viewport.area(screen, 20, 8);
          expect(x >= area.left && x < area.left + 20 && y >= area.top && y < area.top + 8).toBe(true);
          const wasSeen = x >= before.left && x < before.left + 20 && y >= before.top && y < before.top + 8;
          if (wasSeen) expect(area).toEqual(before);
          before = area;
        }
      }),
    );
  });

  it("stays where it was panned to, within the screen, until it follows again", () => {
    const screen = new Screen({ cols: 50, rows: 20 });
    const viewport = new Viewport();
    for (let n = 0; n < 9; n++) viewport.pan("right");
    viewport.pan("down");
    expect(viewport.area(screen, 20, 8)).toMatchObject({ left: 30, top: 4 });
    viewport.pan("left");
    expect(viewport.area(screen, 20, 8)).toMatchObject({ left: 20, top: 4 });
    viewport.follow();
    expect(viewport.area(screen, 20, 8)).toMatchObject({ left: 0, top: 0 });
    viewport.pan("nowhere");
    expect(viewport.area(screen, 60, 30)).toEqual({ x: 0, y: 0, cols: 60, rows: 30, left: 0, top: 0 });
  });
});
