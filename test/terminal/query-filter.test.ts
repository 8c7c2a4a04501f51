// Questions are taken out of output, answers out of input, wherever they are cut.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueryFilter, QueryResponder, ReplyFilter, Screen } from "../../src/terminal/index.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** What comes of a text that is cut at these places. */
function cut(text: string, places: readonly number[], take: (chunk: Uint8Array) => Uint8Array): string {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((one, other) => one - other);
  return [...at, text.length]
    .map((end, index) => textOf(take(bytesOf(text.slice(index === 0 ? 0 : at[index - 1], end)))))
    .join("");
}

const QUESTIONS = [
  "\x1b[c",
  "\x1b[0c",
  "\x1b[>c",
  "\x1b[=c",
  "\x1bZ",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[?25$p",
  "\x1b[4$p",
  "\x1b[>q",
  "\x1b[>0q",
  "\x1b[18t",
  "\x1b[?u",
  "\x1b]10;?\x07",
  "\x1b]11;?\x1b\\",
  "\x1b]10;?;?\x07",
  "\x1b]4;1;?;2;?\x07",
  "\x1bP$qm\x1b\\",
  "\x1bP+q544e\x1b\\",
];
const NO_QUESTIONS = [
  "\x1b[2 q",
  "\x1b[!p",
  '\x1b[61"p',
  "\x1b[u",
  "\x1b[>1u",
  "\x1b[=1u",
  "\x1b[<u",
  "\x1b[22;0t",
  "\x1b[>4n",
  "\x1b]11;#123456\x07",
  "\x1b]4;1;#ffffff\x07",
  "\x1b]4;1;?;2;#ffffff\x07",
  "\x1b]0;a title\x07",
  "\x1b[1;31m",
  "\x1b[?1049h",
  "\x1b]1337;x\x07",
  "\x1bP1$r0m\x1b\\",
];

describe("questions in output", () => {
  it.each(QUESTIONS)("takes out %j", (question) => {
    const filter = new QueryFilter();
    expect(textOf(filter.take(bytesOf(`a${question}b`)).shown)).toBe("ab");
    expect(filter.isHolding).toBe(false);
  });

  it.each(NO_QUESTIONS)("leaves %j", (sequence) => {
    const filter = new QueryFilter();
    expect(textOf(filter.take(bytesOf(`a${sequence}b`)).shown)).toBe(`a${sequence}b`);
  });

  it("does so wherever the output is cut", () => {
    const part = fc.constantFrom(...QUESTIONS, ...NO_QUESTIONS, "text", "\x1b", "\x1b[", "\r\n", "\x1b]11;", "\x1bP$");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(200), { maxLength: 6 }), (parts, places) => {
        const text = `${parts.join("")}end of it all\r\n`;
        const whole = textOf(new QueryFilter().take(bytesOf(text)).shown);
        const filter = new QueryFilter();
        expect(cut(text, places, (chunk) => filter.take(chunk).shown)).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves a screen that was joined within a question as all others are", () => {
    const parts = fc.constantFrom(...QUESTIONS, ...NO_QUESTIONS, "text", "\x1b[31m", "\r\n", "\x1b[5;5H");
    fc.assert(
      fc.property(
        fc.array(parts, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(200), { maxLength: 5 }),
        fc.nat(5),
        (list, places, joinAt) => {
          const text = `${list.join("")}\x1b[0mend`;
          const all = new Screen({ cols: 80, rows: 24 });
          const filter = new QueryFilter();
          let joined: Screen | undefined;
          let isResumed = false;
          let pieces = 0;
          cut(text, places, (chunk) => {
            const { shown, resumed, isResolved } = filter.take(chunk);
            all.feed(chunk);
            joined?.feed(isResumed ? resumed : shown);
            if (isResolved) isResumed = false;
            if (pieces++ === joinAt) {
              joined = new Screen({ cols: 80, rows: 24 });
              joined.feed(all.dump());
              isResumed = filter.isHolding;
            }
            return chunk;
          });
          if (joined !== undefined && !filter.isHolding) expect(joined.text()).toEqual(all.text());
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("answers in input", () => {
  const ANSWERS = [
    "\x1b[?62;22c",
    "\x1b[>1;10;0c",
    "\x1b[0n",
    "\x1b[24;80R",
    "\x1b[?1;1R",
    "\x1b[?25;1$y",
    "\x1b[8;24;80t",
    "\x1b[?0u",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b]4;1;rgb:ffff/0000/0000\x07",
    "\x1bP>|xterm(390)\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP!|00000000\x1b\\",
    "\x1b[?997;1n",
  ];
  const KEYS = [
    "\x1b",
    "\x1b[A",
    "\x1bOP",
    "\x1b[1;5A",
    "\x1b[1;2R",
    "\x1b[15~",
    "\x1b[200~text\x1b[201~",
    "\x1b[<0;10;10M",
    "\x1b[I",
    "\x1b]",
    "\x1bP",
    "\x1b[97;5u",
    "ls\r",
  ];

  it.each(ANSWERS)("takes out %j", (answer) => {
    expect(textOf(new ReplyFilter().take(bytesOf(`a${answer}b`)))).toBe("ab");
  });

  it.each(KEYS)("leaves %j", (keys) => {
    const filter = new ReplyFilter();
    expect(textOf(filter.take(bytesOf(keys)))).toBe(keys);
    expect(filter.isHolding).toBe(false);
  });

  it("gives what is no answer once nothing more comes", () => {
    const filter = new ReplyFilter();
    expect(textOf(filter.take(bytesOf("a\x1b[12")))).toBe("a");
    expect(filter.isHolding).toBe(true);
    expect(textOf(filter.flush())).toBe("\x1b[12");
  });

  it("takes out answers that come in two pieces", () => {
    for (const answer of ANSWERS) {
      for (let at = 3; at < answer.length; at++) {
        const filter = new ReplyFilter();
        const first = textOf(filter.take(bytesOf(answer.slice(0, at))));
        expect(first + textOf(filter.take(bytesOf(`${answer.slice(at)}x`))), JSON.stringify([answer, at])).toBe("x");
      }
    }
  });
});

it("answers from a screen that is given, and feeds it", () => {
  const screen = new Screen({ cols: 80, rows: 24 });
  const responder = new QueryResponder({ cols: 80, rows: 24, version: "1", screen });
  responder.scan(bytesOf("hello"));
  expect(textOf(responder.scan(bytesOf("\r\nab\x1b[6")) ?? bytesOf(""))).toBe("");
  expect(textOf(responder.scan(bytesOf("nc")) ?? bytesOf(""))).toBe("\x1b[2;3R");
  expect(screen.text().slice(0, 2)).toEqual(["hello", "abc"]);
});
