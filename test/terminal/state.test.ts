// The law of saved states: a screen made of one equals the screen that was saved, and stays equal whatever happens to both.
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { T2aError } from "../../src/core/index.js";
import { ENGINE_NAME } from "../../src/terminal/engine.js";
import { Screen } from "../../src/terminal/index.js";
import { StateReader, StateWriter } from "../../src/terminal/state-bytes.js";
import { applyEvent, findDifference, makeParts, restoreParts, type ScreenEvent, saveParts } from "./state-parts.js";
import { hostileBytes, screenEvents, screenStream } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const SIZE = { cols: 20, rows: 6 };
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 150);

/** Output that brings hidden state to light. */
const PROBES = [
  "e\u0301x\ty\x1b[Zz",
  "\x1b[3bq\r\nlast",
  "\x0eqx\x0fqx\x1bnqx\x1boqx",
  "\x1b8here q\x1b[?47h\x1b8there q\x1b[?47l\x1b8back",
  "\x1b[H\t1\t2\t3\r\n\n\n\n\n\n\nscrolled",
  "\x1b[23t\x1b[23t\x1b[?1049l\x1b[2;2Hx\x1b[?6ly\x1b]8;id=1;http://b\x07z",
  "m\x07t\x1b\\t",
  "\x80\xa9x",
].map((probe) => Buffer.from(probe, "latin1"));

/** Saves the screen after `before`, and has both go on with `after`. */
function expectLaw(before: readonly ScreenEvent[], after: readonly ScreenEvent[]): void {
  const live = makeParts(SIZE);
  for (const event of before) applyEvent(live, event);
  const saved = saveParts(live);
  // One that has been something else before, so that nothing of it may be left.
  const restored = makeParts({ cols: 7, rows: 9 });
  applyEvent(restored, bytesOf(OTHER));
  restoreParts(restored, saved);
  expect(findDifference(live, restored)).toBe(undefined);
  expect(Buffer.from(saveParts(restored)).equals(saved)).toBe(true);
  for (const event of after) {
    applyEvent(live, event);
    applyEvent(restored, event);
    expect(findDifference(live, restored)).toBe(undefined);
  }
  expect(Buffer.from(saveParts(restored)).equals(saveParts(live))).toBe(true);
  live.engine.dispose();
  restored.engine.dispose();
}

/** A screen with something in every place. */
const OTHER =
  "old\x1b]2;old\x07\x1b[22t\x1b]8;;http://old\x07\x1b[1;4:3;58;5;3mU\u0301\x1b(0\x1b)A\x0e\x1b7\x1b[?1;6;9;66;1004;1016;2004;2026h" +
  "\x1b[?7;25l\x1b[4;20h\x1b[?12h\x1b[3 q\x1b[3g\x1b[2;4r\x1b]4;1;#fff\x07\x1b]11;#000\x07\x1b[?1049h\x1b[44m\x1b[2Jalt\x1b[2;3r\x1b7\x1bP1:2;3$qold\xc3";

describe("a saved state holds", () => {
  it.each([
    ["nothing", ""],
    ["cells with every attribute", "\x1b[1;2;3;4;5;7;8;9;53;38;5;200;48;2;1;2;3ma\x1b[0;4:5;58;2;9;8;7mb\x1b[59mc"],
    ["a protected cell", '\x1b[1"qab\x1b[0"qcd\x1b[1"q'],
    ["wide and combining characters", "日本e\u0301\u0302👩\u200d👩\r\n1234567890123456789日"],
    ["text that no cell uses any more", "e\u0301\u0302x\x1b[H12"],
    [
      "underlines and links that no cell uses any more",
      "\x1b[4:3mab\x1b]8;;http://x\x07cd\x1b[m\x1b]8;;\x07\x1b[H1234",
    ],
    ["wrapped rows", "a".repeat(45)],
    ["a pending wrap", "a".repeat(20)],
    ["the saved cursor of both buffers", "\x1b[3;4H\x1b[1;31m\x1b(0\x1b7\x1b[?1049h\x1b[5;5H\x1b[44m\x1b7\x1b[?47l"],
    ["a saved cursor behind the last column", `${"a".repeat(20)}\x1b7\x1b[H`],
    ["margins and origin mode", "\x1b[2;4r\x1b[?6h\x1b[2;3H"],
    ["margins of a hidden buffer", "\x1b[2;4r\x1b[?1049h\x1b[3;5r"],
    ["tab stops", "\x1b[3g\x1b[5G\x1bH\x1b[20Gx\x1bH\x1b[H"],
    ["the alternate buffer", "normal\x1b[?1049h\x1b[44mALT"],
    ["the alternate buffer left", "normal\x1b[?1049hALT\x1b[?1049l$ "],
    ["the pen", "\x1b[1;9;31;48;5;7;4:4;58;5;2m\x1b]8;id=1;http://x\x07"],
    ["charsets and shifts", "\x1b(A\x1b)0\x1b*K\x1b+H\x1bo#q"],
    ["a charset that is in no slot", "\x1b(0\x1b7\x1b(B\x1b8"],
    ["modes", "\x1b[?1;6;45;66;1004;2004;2026h\x1b[?7l\x1b[4h"],
    ["modes that the engine keeps as options", "\x1b[20h\x1b[?12h"],
    ["a hidden cursor, its style and blinking", "\x1b[?25l\x1b[5 q"],
    ["a cursor shown", "\x1b[?25h\x1b[13 q"],
    ["each mouse protocol and encoding", "\x1b[?1002;1006h"],
    ["X10's mouse in pixels", "\x1b[?9;1016h"],
    ["titles and stacks of them", "\x1b]0;one\x07\x1b[22;0t\x1b]2;zwei ü 日\x07\x1b[22;2t\x1b]1;three\x07\x1b[22;1t"],
    ["links", "\x1b]8;;http://a\x07a\x1b]8;id=1;http://b\x07b\x1b]8;;\x07c\x1b]8;;http://a\x07"],
    ["keyboards of both buffers", "\x1b[=5u\x1b[>1u\x1b[>31u\x1b[?1049h\x1b[>3u\x1b[=8;2u"],
    ["the keyboard of a hidden buffer", "\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[=1u"],
    ["colours", "\x1b]4;1;rgb:10/20/30;255;#fff\x07\x1b]10;#123456\x07\x1b]12;#fff\x07\x1b]104;255\x07"],
    ["a character to repeat or to join", "ab"],
    ["an escape cut", "a\x1b"],
    ["an escape with an intermediate cut", "a\x1b#"],
    ["a charset designation cut", "a\x1b("],
    ["a control sequence cut", "a\x1b[1;3"],
    ["a control sequence with prefix and intermediate cut", "a\x1b[?25;1$"],
    ["sub parameters cut", "a\x1b[4:3;38:2::1:2"],
    ["too many parameters", `a\x1b[${"1;2:3:4;".repeat(30)}5`],
    ["a broken control sequence cut", "a\x1b[1<2"],
    ["a title cut", "a\x1b]2;ti日"],
    ["a command's number cut", "a\x1b]1"],
    ["a command's number without end", `a\x1b]${"9".repeat(400)}`],
    ["a command that nobody knows cut", "a\x1b]777;x"],
    ["a broken command cut", "a\x1b]x"],
    ["a known device control string cut", 'a\x1bP1;2$q"p'],
    ["an unknown device control string cut", "a\x1bP1;2+qabc"],
    ["a device control string's parameters cut", "a\x1bP1;2"],
    ["a device control string that a sequence breaks off", "a\x1bP$qab\x9b3"],
    ["a string that nobody reads cut", "a\x1b_abc"],
    ["what is left of it after a reset", "\x1b[31mabc\x1b[?1049h\x1b]2;t\x07\x1bc"],
    ["what is left of it after a soft reset", "\x1b[31mabc\x1b[2;3r\x1b(0\x1b7\x1b[!p"],
  ])("%s", (_name, text) => {
    for (const probe of PROBES) expectLaw([Buffer.from(text, "utf8")], [probe, { cols: 25, rows: 4 }, probe]);
  });

  it("the bytes of a character cut", () => {
    for (const cut of [
      [0x61, 0xc3],
      [0xe2, 0x80],
      [0xf0, 0x9f, 0x98],
      [0x1b, 0x5d, 0x32, 0x3b, 0xf0, 0x9f],
    ]) {
      for (const probe of PROBES) expectLaw([Uint8Array.from(cut)], [probe]);
      expectLaw([Uint8Array.from(cut)], [Uint8Array.of(0xa9), Uint8Array.of(0x82, 0x80)]);
    }
  });

  it("every charset", () => {
    for (let final = 0x30; final < 0x7f; final++) {
      expectLaw([bytesOf(`\x1b)B\x1b)${String.fromCharCode(final)}\x0e`)], [bytesOf("#@[\\]^_`{|}~q")]);
    }
  });

  it("rows that a resize cut, also of a hidden buffer", () => {
    const small = { cols: 5, rows: 2 };
    expectLaw([bytesOf(`${"日".repeat(30)}\x1b[4mü\x1b7`), small], [bytesOf("x"), SIZE, bytesOf("\x1b8y\tz")]);
    expectLaw(
      [bytesOf("a\x1b[5;5H\x1b7\x1b[?1049h\x1b[6;19H\x1b7b"), small],
      [bytesOf("\x1b[?1049lx\x1b[?1049hy\x1b8z")],
    );
  });

  it("a cursor that combining characters moved beyond the last column, with what it left there", () => {
    const beyond = `${"a".repeat(20)}\x1b[4:3m${"\u0301".repeat(5)}`;
    for (const probe of PROBES) expectLaw([bytesOf(`${beyond}\x1bH\x1b7`)], [probe]);
    for (const then of [
      "\x1b[Z",
      "\b",
      "\t",
      "\x1b[J",
      "\x1b[1K",
      "\x1b[3@",
      "\x1b[3P",
      "\x1b[3b",
      "\x1b[?7lx",
      "\x1b[2D",
    ]) {
      expectLaw([bytesOf(beyond)], [bytesOf(then), { cols: 40, rows: 6 }, bytesOf("\x1b[20G\tx")]);
    }
  });

  it("half of a character that the engine was interrupted in", () => {
    const live = makeParts(SIZE);
    live.engine.core._inputHandler._stringDecoder._interim = 0xd83d;
    const restored = makeParts(SIZE);
    restoreParts(restored, saveParts(live));
    expect(findDifference(live, restored)).toBe(undefined);
  });

  it("parameters of a string, and leaves those of other strings alone", () => {
    const live = makeParts(SIZE);
    applyEvent(live, bytesOf("\x1bP7$qx"));
    restoreParts(makeParts(SIZE), saveParts(live));
    const later = makeParts(SIZE);
    applyEvent(later, bytesOf("\x1bP$qx"));
    expect(later.engine.core._inputHandler._parser._dcsParser._active[0]?._params.params[0]).toBe(0);
  });

  it("half a surrogate pair that a bounded sequence was cut at", () => {
    const live = makeParts(SIZE);
    applyEvent(live, bytesOf(`\x1b]2;${"x".repeat(65_531)}👍`));
    const restored = makeParts(SIZE);
    restoreParts(restored, saveParts(live));
    expect(restored.open.text).toBe(live.open.text);
    expect(restored.open.text.at(-1)).toBe("\ud83d");
  });
});

/** What the streams of streams.ts have not. */
const piece = fc.constantFrom(
  ...[
    "\x1b]4;1;#fff;200;rgb:1/2/3\x07",
    "\x1b]104\x07",
    "\x1b]11;#123\x07",
    "\x1b[22;0t",
    "\x1b[23;0t",
    "\x1b]0;日ü\x07",
    "\x1b[4:3;58:2::1:2:3m",
    "\x1bP1;2:3$qm",
    "\x1b[?12h",
    "\x1b[20h",
    "\x1b[?1003;1016h",
    "\x1b[6 q",
    "\x1b]8;id=a;http://x\x07",
    "\x1b]99",
  ].map(bytesOf),
);
const events = (stream: fc.Arbitrary<Uint8Array>) =>
  screenEvents(fc.oneof({ weight: 5, arbitrary: stream }, { weight: 1, arbitrary: piece }));

/** The events before and after a cut; an output event may be cut in two. */
function cutEvents(all: readonly ScreenEvent[], at: number): [ScreenEvent[], ScreenEvent[]] {
  const place = at * all.length;
  const index = Math.min(Math.floor(place), all.length - 1);
  const event = all[index];
  if (!(event instanceof Uint8Array)) return [all.slice(0, index), all.slice(index)];
  const inside = Math.round((place - index) * event.length);
  const [head, tail] = [event.subarray(0, inside), event.subarray(inside)];
  return [
    [...all.slice(0, index), head],
    [tail, ...all.slice(index + 1)],
  ];
}

describe("the law of saved states holds", () => {
  const at = fc.double({ min: 0, max: 1, noNaN: true });

  it.each([
    ["programs' output", screenStream()],
    ["arbitrary bytes", hostileBytes()],
  ])("for %s with resizes, cut anywhere, after every event", (_name, stream) => {
    fc.assert(
      fc.property(events(stream), events(stream), at, (first, second, cut) => {
        const [before, after] = cutEvents([...first, ...second], cut);
        expectLaw(before, after);
      }),
      { numRuns: RUNS },
    );
  });

  it("after the restored screen was saved and restored again and again", () => {
    fc.assert(
      fc.property(events(hostileBytes()), (all) => {
        const live = makeParts(SIZE);
        const hopping = [makeParts(SIZE), makeParts(SIZE)] as const;
        all.forEach((event, turn) => {
          const [from, to] = turn % 2 === 0 ? hopping : ([hopping[1], hopping[0]] as const);
          restoreParts(to, saveParts(from));
          applyEvent(live, event);
          applyEvent(to, event);
          expect(findDifference(live, to)).toBe(undefined);
        });
        for (const parts of [live, ...hopping]) parts.engine.dispose();
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a screen", () => {
  it("becomes what was saved, its size included, and forgets its scrollback", () => {
    const live = new Screen({ cols: 80, rows: 24, scrollback: 10 });
    live.feed(bytesOf("hello\x1b[31m"));
    const lines: unknown[] = [];
    const other = new Screen({ cols: 10, rows: 3, scrollback: 10, onHistoryLine: (line) => lines.push(line) });
    other.feed(bytesOf("1\r\n2\r\n3\r\n4"));
    expect(lines).toHaveLength(1);
    other.restoreState(live.saveState());
    expect(lines).toHaveLength(1);
    expect(other.history()).toEqual([]);
    expect([other.cols, other.rows, other.text()[0]]).toEqual([80, 24, "hello"]);
    expect(other.saveState()).toEqual(live.saveState());
  });

  it("shares nothing with the one it came from, nor with the bytes", () => {
    const live = new Screen(SIZE);
    live.feed(bytesOf("\x1b[4:3mae\u0301\x1b]8;;http://x\x07b\x1b[22t\x1b]4;1;#fff\x07\x1bP$qx"));
    const saved = live.saveState();
    const before = Uint8Array.from(saved);
    const first = Screen.fromState(saved);
    const second = Screen.fromState(saved);
    saved.fill(0);
    for (const screen of [live, first])
      screen.feed(bytesOf("\x1b\\\x1bc\x1b[23t\x1b[31mother\x1b]8;;http://y\x07z\x1b[1;1Hü"));
    expect(second.saveState()).toEqual(before);
    expect(first.saveState()).toEqual(live.saveState());
  });

  it("saved again without a change gives the same bytes, about twelve a cell", () => {
    const screen = new Screen({ cols: 80, rows: 24 });
    screen.feed(bytesOf("text "));
    expect(screen.saveState()).toEqual(screen.saveState());
    expect(screen.saveState().length).toBeLessThan(80 * 24 * 12 + 500);
  });

  it("names the engine that is installed", () => {
    const { name, version } = createRequire(import.meta.url)("@xterm/headless/package.json") as {
      name: string;
      version: string;
    };
    expect(ENGINE_NAME).toBe(`${name} ${version}`);
  });
});

/** The bytes with their checksum made right again: what somebody who means harm would send. */
function resealed(bytes: Uint8Array): Uint8Array {
  const writer = new StateWriter(bytes.length);
  for (const byte of bytes.subarray(0, -4)) writer.byte(byte);
  return writer.seal();
}

function refusal(bytes: Uint8Array): string {
  try {
    Screen.fromState(bytes).dispose();
  } catch (error) {
    if (error instanceof T2aError && error.code === "T2A_SCREEN") return error.message;
    throw error;
  }
  return "";
}

describe("bytes that are no saved state", () => {
  const sample = (): Uint8Array => {
    const screen = new Screen({ cols: 9, rows: 3 });
    screen.feed(
      bytesOf(
        "ab日e\u0301\x1b[4:3mu\x1b]8;id=i;http://x\x07l\x1b[22t\x1b]4;1;#fff\x07\x1b7\x1b[?1049hx\x1b[2;3r\x1bP1:2$qx",
      ),
    );
    screen.feed(Uint8Array.of(0xe2, 0x80));
    return screen.saveState();
  };

  it("of another format, version, byte order, engine or width table are refused and named", () => {
    const bytes = Buffer.from(sample());
    const change = (from: string, to: string) =>
      resealed(Buffer.from(bytes.toString("latin1").replace(from, to), "latin1"));
    expect(refusal(bytesOf("%PDF-1.7, nothing like it"))).toContain("no saved screen");
    expect(refusal(change("t2aS\x02", "t2aS\x03"))).toContain("another version");
    expect(refusal(change("\x04\x03\x02\x01", "\x01\x02\x03\x04"))).toContain("byte order");
    expect(refusal(change("headless 6.0.0", "headless 6.1.0"))).toContain("other than @xterm/headless 6.0.0");
    expect(refusal(change("6.0.0\x0411", "6.0.0\x0415"))).toContain("character widths");
  });

  it("leave the screen as it was", () => {
    const screen = new Screen(SIZE);
    screen.feed(bytesOf("kept"));
    const before = screen.saveState();
    expect(() => screen.restoreState(resealed(sample().fill(0xff, 200, 210)))).toThrow(T2aError);
    expect(screen.saveState()).toEqual(before);
  });

  it("cut anywhere are refused", () => {
    const bytes = sample();
    for (let length = 0; length < bytes.length; length++) expect(refusal(bytes.subarray(0, length))).not.toBe("");
    for (let length = 8; length < bytes.length; length += 4)
      expect(refusal(resealed(bytes.slice(0, length)))).not.toBe("");
  });

  it("with any byte changed are refused", () => {
    const bytes = sample();
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(refusal(changed)).not.toBe("");
    }
  });

  it("forged with a right checksum are refused, or make a screen that can be fed, read, resized and saved", () => {
    const bytes = sample();
    const change = fc.tuple(fc.nat(bytes.length - 5), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 127, 128, 255)));
    let made = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), hostileBytes(), (changes, suffix) => {
        const forged = Uint8Array.from(bytes);
        for (const [at, value] of changes) forged[at] = value;
        let screen: Screen;
        try {
          screen = Screen.fromState(resealed(forged));
        } catch (error) {
          expect(error).toBeInstanceOf(T2aError);
          return;
        }
        made++;
        screen.feed(suffix);
        screen.snapshot().lines.map((line) => line.cells());
        screen.dump();
        screen.resize(30, 5);
        screen.feed(suffix);
        screen.text();
        screen.saveState();
        screen.dispose();
      }),
      { numRuns: RUNS * 10 },
    );
    expect(made).toBeGreaterThan(0);
  });

  it("that claim more than they hold take no memory for it", () => {
    for (const claim of [0xff, 0x7f]) {
      const bytes = Buffer.from(sample());
      const size = bytes.indexOf("6.0.0") + "6.0.0".length + 3;
      bytes.fill(claim, size, size + 4);
      expect(refusal(resealed(bytes))).not.toBe("");
    }
    const reader = new StateReader(Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0));
    expect(() => reader.list(0xffffffff, () => reader.byte())).toThrow(T2aError);
  });
});
