import { describe, expect, it } from "vitest";
import { FullScreenWatch } from "../../src/record/full-screen-watch.js";
import { HotKeys } from "../../src/record/hot-keys.js";
import { MonotonicClock, TimingRecorder } from "../../src/record/index.js";
import { InputMask } from "../../src/record/input-mask.js";
import { OutputRing } from "../../src/record/output-ring.js";

class ManualClock {
  nanos = 5_000_000;
  now(): number {
    return this.nanos;
  }
}

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const texts = (pieces: readonly (Uint8Array | string)[]) =>
  pieces.map((piece) => (typeof piece === "string" ? `<${piece}>` : Buffer.from(piece).toString("latin1")));

describe("the clock of a recording", () => {
  it("counts from its start", () => {
    const clock = new ManualClock();
    const timing = new TimingRecorder(clock);
    expect(timing.now()).toBe(0);
    clock.nanos += 7;
    expect(timing.now()).toBe(7);
  });

  it("goes on from where an existing recording ends", () => {
    const clock = new ManualClock();
    const timing = new TimingRecorder(clock, 1000);
    clock.nanos += 5;
    expect(timing.now()).toBe(1005);
  });

  it("loses the time before restart()", () => {
    const clock = new ManualClock();
    const timing = new TimingRecorder(clock);
    clock.nanos += 5000;
    timing.restart();
    clock.nanos += 3;
    expect(timing.now()).toBe(3);
  });

  it("stands still while paused, and says for how long", () => {
    const clock = new ManualClock();
    const timing = new TimingRecorder(clock);
    clock.nanos += 10;
    timing.pause();
    clock.nanos += 100;
    timing.pause();
    expect([timing.now(), timing.paused]).toEqual([10, true]);
    expect(timing.resume()).toBe(100);
    expect(timing.resume()).toBe(0);
    clock.nanos += 1;
    expect([timing.now(), timing.paused]).toEqual([11, false]);
  });

  it("never goes back, even where its source does", () => {
    const clock = new ManualClock();
    const timing = new TimingRecorder(clock);
    clock.nanos += 10;
    expect(timing.now()).toBe(10);
    clock.nanos -= 8;
    expect(timing.now()).toBe(10);
  });

  it("is the system's by default, in nanoseconds", async () => {
    const clock = new MonotonicClock();
    const timing = new TimingRecorder();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const nanos of [clock.now(), timing.now()]) {
      expect(Number.isSafeInteger(nanos)).toBe(true);
      expect(nanos).toBeGreaterThan(19e6);
      expect(nanos).toBeLessThan(5e9);
    }
  });
});

describe("hidden input", () => {
  const hidden = { echo: false, icanon: true };

  it.each([
    ["an echoed line", { echo: true, icanon: true }],
    ["a program in raw mode", { echo: false, icanon: false }],
    ["a program without line editing that echoes", { echo: true, icanon: false }],
  ])("does not concern %s", (_, flags) => {
    expect(texts(new InputMask().apply(bytes("secret\r"), flags))).toEqual(["secret\r"]);
  });

  it.each([
    ["a line in one piece", ["secret\r"], ["********", "\r"]],
    ["a line key by key", ["s", "e", "c", "\r"], ["********", "\r"]],
    ["a short line", ["s\n"], ["********", "\n"]],
    ["an empty line", ["\r"], ["********", "\r"]],
    ["several lines", ["one\rtwo\r"], ["********", "\r", "********", "\r"]],
    ["an interrupted line", ["se\x03next\r"], ["********", "\x03", "********", "\r"]],
    ["erased characters", ["a\x7f\x7fb\r"], ["********", "\r"]],
    ["a line that is not ended", ["sec"], ["********"]],
  ])("becomes one mask: %s", (_, pieces, expected) => {
    const mask = new InputMask();
    expect(pieces.flatMap((piece) => texts(mask.apply(bytes(piece), hidden)))).toEqual(expected);
  });

  it("is masked anew after something was typed openly", () => {
    const mask = new InputMask();
    mask.apply(bytes("abc"), hidden);
    mask.apply(bytes("x"), { echo: true, icanon: true });
    expect(texts(mask.apply(bytes("d"), hidden))).toEqual(["********"]);
  });

  it("is all input where the flags cannot be read", () => {
    expect(texts(new InputMask().apply(bytes("ls\r"), undefined))).toEqual(["********", "\r"]);
  });
});

describe("the recorder's keys", () => {
  const split = (keys: HotKeys, ...chunks: string[]) => chunks.flatMap((chunk) => texts(keys.split(bytes(chunk))));

  it("are taken out of what is typed, wherever they stand", () => {
    const keys = () => new HotKeys({ pause: 0x1c, marker: 0x10 });
    expect(split(keys(), "\x1c")).toEqual(["<pause>"]);
    expect(split(keys(), "ab\x1ccd\x10")).toEqual(["ab", "<pause>", "cd", "<marker>"]);
    expect(split(keys(), "\x10\x1c")).toEqual(["<marker>", "<pause>"]);
    expect(split(keys(), "abc")).toEqual(["abc"]);
    expect(split(keys(), "")).toEqual([]);
  });

  it("are nothing in a paste, however it is cut", () => {
    const text = "a\x1b[200~pasted\x1c\x1b[2\x1b[201~\x1c";
    for (let cut = 0; cut <= text.length; cut++) {
      const pieces = split(new HotKeys({ pause: 0x1c }), text.slice(0, cut), text.slice(cut));
      expect(pieces.join("")).toBe("a\x1b[200~pasted\x1c\x1b[2\x1b[201~<pause>");
    }
  });

  it("are none where none are set", () => {
    expect(split(new HotKeys({}), "a\x1cb")).toEqual(["a\x1cb"]);
  });
});

describe("the last output", () => {
  it("is kept up to the capacity, give or take one chunk", () => {
    const ring = new OutputRing(10);
    for (let index = 0; index < 5000; index++) {
      ring.push(bytes(String(index % 10).repeat(3)));
      const kept = ring.chunks().reduce((sum, chunk) => sum + chunk.length, 0);
      if (index >= 4) expect(kept).toBe(12);
    }
    expect(texts(ring.chunks())).toEqual(["666", "777", "888", "999"]);
  });

  it("keeps a chunk that is larger than all there is room for", () => {
    const ring = new OutputRing(10);
    ring.push(bytes("small"));
    ring.push(bytes("x".repeat(100)));
    expect(texts(ring.chunks())).toEqual(["x".repeat(100)]);
  });
});

describe("the watch over the alternate screen", () => {
  it.each([
    ["\x1b[?1049h", true],
    ["\x1b[?1049h\x1b[?1049l", false],
    ["text\x1b[?1;47;5htext", true],
    ["\x1b[?1047h\x1b[?25l\x1b[?2004h\x1b[1049l", true],
    ["\x1b[?10491h", false],
    ["\x1b[1049h", false],
    ["\x1b[?1049h\x1bc", false],
    ["\x1bc\x1b[?1049h", true],
    [`\x1b[?${"1;".repeat(100)}1049h`, false],
  ])("after %j it is %s, however the output is cut", (output, on) => {
    for (let size = 1; size <= output.length; size++) {
      const watch = new FullScreenWatch();
      for (let at = 0; at < output.length; at += size) watch.feed(bytes(output.slice(at, at + size)));
      expect(watch.on).toBe(on);
    }
  });
});
