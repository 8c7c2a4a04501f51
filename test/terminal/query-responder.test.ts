// Queries found in output cut anywhere, and their answers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueryResponder } from "../../src/terminal/index.js";
import { chunked } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A responder that is told its own past, and the text of its answers. */
function responder(options: { readonly theme?: { fg: string; bg: string; palette: string[] } } = {}) {
  let past = Buffer.alloc(0);
  let screensMade = 0;
  const made = new QueryResponder({
    cols: 80,
    rows: 24,
    version: "1.2.3",
    recentOutput: () => {
      screensMade++;
      return past;
    },
    ...options,
  });
  return {
    made,
    screensMade: () => screensMade,
    say(text: string | Uint8Array): string {
      const chunk = typeof text === "string" ? bytesOf(text) : text;
      const answer = made.scan(chunk);
      past = Buffer.concat([past, chunk]);
      return answer === undefined ? "" : Buffer.from(answer).toString("latin1");
    },
  };
}

const answerTo = (text: string): string => responder().say(text);

describe("answers", () => {
  it.each([
    ["primary attributes", "\x1b[c\x1b[0c\x1bZ", "\x1b[?62;22c".repeat(3)],
    ["secondary attributes", "\x1b[>c\x1b[>0c", "\x1b[>1;10;0c".repeat(2)],
    ["tertiary attributes", "\x1b[=c", "\x1bP!|00000000\x1b\\"],
    ["version", "\x1b[>q", "\x1bP>|t2a(1.2.3)\x1b\\"],
    ["status", "\x1b[5n", "\x1b[0n"],
    ["cursor position", "ab\r\nc\x1b[6n", "\x1b[2;2R"],
    ["extended cursor position", "\x1b[5;7H\x1b[?6n", "\x1b[?5;7R"],
    ["the position with a wrap pending", `${"x".repeat(80)}\x1b[6n`, "\x1b[1;80R"],
    ["the position within margins", "\x1b[3;9r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R"],
    ["screen size", "\x1b[18t\x1b[19t", "\x1b[8;24;80t\x1b[9;24;80t"],
    ["ANSI modes", "\x1b[4h\x1b[4$p\x1b[20$p\x1b[99$p", "\x1b[4;1$y\x1b[20;2$y\x1b[99;0$y"],
    ["kitty keyboard", "\x1b[?u", "\x1b[?0u"],
    ["settings and capabilities, as not known", "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\", "\x1bP0$r\x1b\\\x1bP0+r\x1b\\"],
    ["foreground, ended by BEL as asked", "\x1b]10;?\x07", "\x1b]10;rgb:e5e5/e5e5/e5e5\x07"],
    [
      "background and cursor, ended by ST",
      "\x1b]11;?;?\x1b\\",
      "\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]12;rgb:e5e5/e5e5/e5e5\x1b\\",
    ],
    [
      "palette entries",
      "\x1b]4;1;?;16;?;231;?;255;?;256;?\x07",
      "\x1b]4;1;rgb:cdcd/0000/0000\x07\x1b]4;16;rgb:0000/0000/0000\x07\x1b]4;231;rgb:ffff/ffff/ffff\x07\x1b]4;255;rgb:eeee/eeee/eeee\x07",
    ],
  ])("%s", (_name, query, expected) => {
    expect(answerTo(query)).toBe(expected);
  });

  it("private modes, one by one", () => {
    const all = [1, 6, 7, 9, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1049, 2004, 2026];
    const ask = all.map((mode) => `\x1b[?${mode}$p`).join("");
    const states = (text: string): Map<number, string> =>
      new Map(
        [...answerTo(text + ask).matchAll(/\x1b\[\?(\d+);(\d)\$y/g)].map(([, mode, state]) => [
          Number(mode),
          state ?? "",
        ]),
      );
    expect([...states("")].filter(([, state]) => state === "1").map(([mode]) => mode)).toEqual([7, 25]);
    for (const mode of all) expect([mode, states(`\x1b[?${mode}h`).get(mode)]).toEqual([mode, "1"]);
    expect(answerTo("\x1b[?31337$p")).toBe("\x1b[?31337;0$y");
  });

  it("the colours of a theme, 8 of them standing for 16", () => {
    const palette = ["#000001", "#000002", "#000003", "#000004", "#000005", "#000006", "#000007", "#000008"];
    const { say } = responder({ theme: { fg: "#102030", bg: "#405060", palette } });
    expect(say("\x1b]10;?\x07\x1b]4;9;?\x07")).toBe("\x1b]10;rgb:1010/2020/3030\x07\x1b]4;9;rgb:0000/0000/0202\x07");
  });
});

describe("no answer", () => {
  it.each([
    ["text", "plain text"],
    ["other sequences", "\x1b[31mx\x1b[H\x1b[2J\x1b]0;title\x07\x1b]8;;http://x\x07\x1b[1 q\x1b[?25h\x1b(B\x1b7"],
    ["colours that are set", "\x1b]10;#fff\x07\x1b]4;1;#fff\x07\x1b]104\x07\x1b]13;?\x07"],
    ["answers of terminals", "\x1b[?62;22c\x1b[0n\x1b[1;1R\x1b[?1;2$y"],
    ["pixel sizes and titles", "\x1b[14t\x1b[16t\x1b[21t"],
    ["device control that asks nothing", "\x1bPq#0\x1b\\\x1bP$x\x1b\\"],
    ["sequences beyond any query's length", `\x1b[${"1;".repeat(50)}c\x1b]4;${"1;?;".repeat(1000)}`],
    ["strings given up", "\x1b]10;?\x18"],
  ])("to %s", (_name, text) => {
    expect(answerTo(text)).toBe("");
  });
});

describe("the stream", () => {
  it("gives the same answers however it is cut", () => {
    const stream = `a\x1b[c\r\nbb\x1b[6n${"x".repeat(30)}\x1b]11;?\x1b\\\x1b[?25l\x1b[?25$p\x1b[H\x1b[6n\x1bP$qm\x1b\\\x1b]4;1;?\x07`;
    const expected = answerTo(stream);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const { say } = responder();
        const answers = chunked(bytesOf(stream), sizes).map((chunk) => say(chunk));
        expect(answers.join("")).toBe(expected);
      }),
    );
  });

  it("is put on a screen only when a question needs one, and that screen is kept for the next question", () => {
    const { say, screensMade } = responder();
    say("hello\x1b[c\x1b[31m");
    expect(screensMade()).toBe(0);
    expect(say("\r\nx\x1b[6n")).toBe("\x1b[2;2R");
    expect(say("yz")).toBe("");
    expect(say("\x1b[6n")).toBe("\x1b[2;4R");
    expect(screensMade()).toBe(1);
    for (let i = 0; i < 300; i++) say("x".repeat(1024));
    say("\r\x1b[6n");
    expect(screensMade()).toBe(2);
  });

  it("follows a new size", () => {
    const { made, say } = responder();
    say("\x1b[6n");
    made.resize(100, 30);
    expect(say("\x1b[999;999H\x1b[6n\x1b[18t")).toBe("\x1b[30;100R\x1b[8;30;100t");
  });

  it("never gets more than a bounded answer", () => {
    expect(answerTo("\x1b[c".repeat(1_000_000)).length).toBeLessThan(4200);
    expect(answerTo("\x1b[6n".repeat(100_000)).length).toBeLessThan(4200);
    expect(answerTo(`\x1b]4${";1;?".repeat(500)}\x07`.repeat(50)).length).toBeLessThan(20_000);
  });
});
