// The output filter: what passes, what does not, and that cutting the input anywhere changes nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputFilter } from "../../src/terminal/index.js";
import { chunked, hostileBytes } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

function filtered(input: string | Uint8Array): string {
  const filter = new OutputFilter();
  return textOf(filter.filter(typeof input === "string" ? bytesOf(input) : input)) + textOf(filter.end());
}

/** What `cleanup` gives after this input. */
function cleanupAfter(input: string): string {
  const filter = new OutputFilter();
  filter.filter(bytesOf(input));
  return textOf(filter.cleanup());
}

describe("what passes unchanged", () => {
  it.each([
    ["text in any script", "plain, ünïcödé, 日本語, 👩‍👩‍👧, \ufeff"],
    ["control characters that move, and the bell", "a\bb\tc\nd\ve\ff\r\x0eg\x0f\x07"],
    ["styles", "\x1b[m\x1b[0;1;38;5;9m\x1b[38;2;1;2;3m\x1b[4:3m\x1b[58:2::1:2:3m"],
    [
      "cursor movement",
      "\x1b[H\x1b[2;3H\x1b[A\x1b[5B\x1b[C\x1b[D\x1b[E\x1b[F\x1b[7G\x1b[4d\x1b[2;2f\x1b[`\x1b[a\x1b[e\x1b[I\x1b[Z",
    ],
    ["erasing", "\x1b[J\x1b[1J\x1b[2J\x1b[K\x1b[1K\x1b[?J\x1b[?2K\x1b[3X"],
    ["inserting, deleting and scrolling", "\x1b[@\x1b[P\x1b[L\x1b[M\x1b[S\x1b[2T\x1b[ @\x1b[2 A\x1b[2'}\x1b['~"],
    ["margins, tab stops, repetition", "\x1b[2;5r\x1bH\x1b[g\x1b[3g-\x1b[5b"],
    ["saved cursors and lines", "\x1b7\x1b8\x1b[s\x1b[u\x1bD\x1bE\x1bM\x1b#8\x1b[!p"],
    ["charsets", "\x1b(0qqq\x1b(B\x1b)0\x0e\x1b*A\x1b+B\x1bn\x1bo"],
    [
      "modes that are undone",
      "\x1b[4h\x1b[4l\x1b[?25l\x1b[?25h\x1b[?7l\x1b[?1049h\x1b[?1049l\x1b[?6h\x1b[?5h\x1b[?2026h\x1b[20h",
    ],
    ["the cursor's style, protection", '\x1b[5 q\x1b[1"q'],
    ["links to pages", "\x1b]8;;https://example.org/a?b=c#d\x1b\\here\x1b]8;;\x1b\\"],
  ])("%s", (_name, input) => {
    expect(filtered(input)).toBe(input);
  });
});

describe("what is dropped", () => {
  it.each([
    ["titles", "\x1b]0;title\x07\x1b]2;title\x1b\\\x1bktitle\x1b\\"],
    [
      "clipboard, notifications, colours",
      "\x1b]52;c;aGk=\x07\x1b]9;hi\x07\x1b]777;notify;a;b\x1b\\\x1b]4;1;?\x07\x1b]11;#fff\x07",
    ],
    ["device control, application, privacy strings", "\x1bPq#0\x1b\\\x1b_Gf=24;AAAA\x1b\\\x1b^x\x1b\\\x1bXx\x1b\\"],
    ["window operations", "\x1b[8;5;5t\x1b[21t\x1b[22;0t"],
    ["queries", "\x1b[c\x1b[>c\x1b[=c\x1b[5n\x1b[6n\x1b[?6n\x1b[?25$p\x1b[4$p\x1b[>q\x1bZ\x1b[x\x1b[?u\x05"],
    [
      "what changes the user's keys",
      "\x1b[?1h\x1b=\x1b>\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[?1004h\x1b[>4;2m\x1b[>1u\x1b[<u\x1b[2h\x1b[?66h\x1b[?12h",
    ],
    ["printing, resetting columns, other encodings", "\x1b[5i\x1b[?3h\x1b%@\x1b%G\x1b F\x1b-A\x1b#3\x1b(%\x1b(x"],
    ["the user's scrollback's end", "\x1b[3J\x1b[?3J\x1b[2;3J"],
    ["sequences with a second meaning", "\x1b[1;2;3;4;5T\x1b[1;2s\x1b[9 q"],
    ["unknown and malformed sequences", "\x1b[y\x1b[1?h\x1b[?1 !p\x1b[5:1H\x1b[1 1m\x1b[??25h\x1b!x\x1bQ\x1b\\"],
    ["control characters that do more than move, DEL", "\x00\x01\x05\x10\x11\x13\x18\x1a\x1c\x7f"],
    ["C1 controls, as characters", "\u0080\u0090\u009b\u009d\u009f"],
  ])("%s", (_name, input) => {
    expect(filtered(input)).toBe("");
  });

  it("C1 controls as single bytes", () => {
    expect(filtered(Uint8Array.from([0x41, 0x9b, 0x33, 0x80, 0x9d, 0x42]))).toBe("A3B");
  });

  it("only the forbidden modes of a list", () => {
    expect(filtered("\x1b[?1049;1;25;2004h")).toBe("\x1b[?1049;25h");
  });

  it("the string, and nothing behind its end", () => {
    expect(filtered("a\x1b]0;t\x07b\x1bPx\x07y\x1b\\c\x1b_x\u009cd\x1b]0;x\x18e\x1bPx\x1af\x1bktitle\ng")).toBe(
      "abcdefg",
    );
    expect(filtered("\x1b]0;title\x1b[1mbold")).toBe("\x1b[1mbold");
  });

  it("links that open anything but a page or a letter, with the link before them", () => {
    expect(filtered("\x1b]8;;file:///etc/passwd\x07x")).toBe("\x1b]8;;\x1b\\x");
    expect(filtered("\x1b]8;;javascript:alert(1)\x07x")).toBe("\x1b]8;;\x1b\\x");
    expect(filtered("\x1b]8;;https://example.org/ü\x07x")).toBe("\x1b]8;;\x1b\\x");
    expect(filtered("\x1b]8;broken\x07x")).toBe("\x1b]8;;\x1b\\x");
    expect(filtered(`\x1b]8;;https://example.org/${"a".repeat(5000)}\x07x`)).toBe("x");
  });

  it("parameters of links other than their id", () => {
    expect(filtered("\x1b]8;x=1:id=a-1:y=2;mailto:a@example.org\x07")).toBe("\x1b]8;id=a-1;mailto:a@example.org\x1b\\");
  });
});

describe("what is changed", () => {
  it("bounds numbers, and repetitions further", () => {
    expect(filtered("\x1b[2147483647C\x1b[00000000007C\x1b[99999b\x1b[0b\x1b[b")).toBe(
      "\x1b[9999C\x1b[7C\x1b[1000b\x1b[1b\x1b[1b",
    );
    expect(filtered("\x1b[38;5;00000001m")).toBe("\x1b[38;5;1m");
  });

  it("drops sequences beyond 256 bytes with all that belongs to them", () => {
    const long = "1;".repeat(200);
    expect(filtered(`a\x1b[${long}mb`)).toBe("ab");
    expect(filtered(`a\x1b[${long}\n\x7f\x1b[1mb`)).toBe("a\n\x1b[1mb");
    expect(filtered(`a\x1b[${long}üb`)).toBe("aüb");
    expect(filtered(`a\x1b[${long}\x18b`)).toBe("ab");
    expect(filtered(`a\x1b${" ".repeat(300)}`)).toBe("a");
  });

  it("lets control characters inside a sequence go ahead of it", () => {
    expect(filtered("\x1b[3\r\x0e\x00\x7f1m")).toBe("\r\x0e\x1b[31m");
    expect(filtered("\x1b(\n0")).toBe("\n\x1b(0");
    expect(filtered("\x1b\n[31mx")).toBe("\nx");
  });

  it("gives up a sequence at CAN, SUB, ESC or a byte beyond ASCII", () => {
    expect(filtered("\x1b[3\x18a\x1b[3\x1ab\x1b[3\x1b[1mc\x1b[3üd\x1b(\x18e")).toBe("ab\x1b[1mcüde");
  });

  it("replaces what is no UTF-8", () => {
    expect(filtered(Uint8Array.from([0x41, 0xff, 0x42, 0xe2, 0x82, 0x43, 0xf0, 0x9f, 0x98]))).toBe(
      "A\ufffdB\ufffdC\ufffd",
    );
    expect(filtered(Uint8Array.from([0xc0, 0xed, 0xa0, 0xf5, 0xc2]))).toBe("\ufffd\ufffd\ufffd\ufffd\ufffd");
  });

  it("turns a full reset into one that spares the user's settings", () => {
    expect(filtered("\x1b[?1049h\x1b[1m\x1bc")).toBe("\x1b[?1049h\x1b[1m\x1b[?1049l\x1b[0m\x1b[H\x1b[2J\x1b7");
  });
});

describe("the end", () => {
  it("never leaves half a sequence behind", () => {
    const filter = new OutputFilter();
    expect(textOf(filter.filter(bytesOf("a\x1b[3")))).toBe("a");
    expect(textOf(filter.end())).toBe("");
    expect(textOf(filter.filter(bytesOf("1m")))).toBe("1m");
  });

  it("finishes a sequence that two chunks share", () => {
    const filter = new OutputFilter();
    filter.filter(bytesOf("a\x1b[3"));
    expect(textOf(filter.filter(bytesOf("1mb")))).toBe("\x1b[31mb");
  });
});

describe("clean-up", () => {
  it("is nothing where nothing was changed", () => {
    expect(
      cleanupAfter("text\x1b[H\x1b[2J\x1b]0;title\x07\x1b[?1000h\x1b[?25l\x1b[?25h\x1b[4h\x1b[4l\x1b[?1048h"),
    ).toBe("");
  });

  it.each([
    ["a style", "\x1b[1m", "\x1b[0m"],
    ["a hidden cursor", "\x1b[?25l", "\x1b[?25h"],
    ["the alternate buffer, as it was entered", "\x1b[?1049h\x1b[?47h", "\x1b[?1049l"],
    ["the alternate buffer and margins in it", "\x1b[?1049h\x1b[2;5r", "\x1b[r\x1b[?1049l\x1b7\x1b[r\x1b8"],
    ["margins", "\x1b[2;5r", "\x1b7\x1b[r\x1b8"],
    ["origin mode, even if switched off since", "\x1b[?6h\x1b7\x1b[?6l", "\x1b[?6l\x1b[r\x1b[999;1H"],
    ["autowrap", "\x1b[?7l", "\x1b[?7h"],
    ["insert and newline mode", "\x1b[4h\x1b[20h", "\x1b[4l\x1b[20l"],
    ["reverse video, synchronized output", "\x1b[?5h\x1b[?2026h", "\x1b[?5l\x1b[?2026l"],
    ["charsets", "\x0e\x1b)0", "\x0f\x1b)B"],
    ["locking shifts", "\x1bn", "\x0f"],
    ["the cursor's style", "\x1b[3 q", "\x1b[0 q"],
    ["a link", "\x1b]8;;https://example.org\x07", "\x1b]8;;\x1b\\"],
    ["protection", '\x1b[1"q', '\x1b[0"q'],
    ["a soft reset", "\x1b[!p", "\x1b[?7h"],
  ])("undoes %s", (_name, input, expected) => {
    expect(cleanupAfter(input)).toBe(expected);
  });

  it("sets tab stops again", () => {
    expect(cleanupAfter("\x1b[3g")).toMatch(/^\x1b7\r\x1b\[3g(?:\x1b\[8C\x1bH){40}\x1b8$/);
  });

  it("may come in the middle of a sequence, and twice", () => {
    const filter = new OutputFilter();
    filter.filter(bytesOf("\x1b[1m\x1b[3"));
    expect(textOf(filter.cleanup())).toBe("\x1b[0m");
    expect(textOf(filter.cleanup())).toBe("");
    expect(textOf(filter.filter(bytesOf("1m")))).toBe("\x1b[31m");
  });
});

/** Everything that may ever come out, written down a second time and independently of the filter's tables. */
const ALLOWED = new RegExp(
  `^(?:${[
    "[^\\x00-\\x06\\x10-\\x1f\\x7f-\\x9f]",
    "\\x1b[78DEHMno]",
    "\\x1b[()*+][012AB4C5RfQ9KY`E6ZH7=]",
    "\\x1b#8",
    "\\x1b\\[[0-9;]{0,255}[@A-IK-MPSXZ`abdefgr]",
    "\\x1b\\[[0-9;:]{0,255}m",
    "\\x1b\\[\\??0*[012]?J",
    "\\x1b\\[\\?[0-9;]{0,255}K",
    "\\x1b\\[[0-9]{0,4}[Tsu]",
    "\\x1b\\[(?:4|20)(?:;(?:4|20))*[hl]",
    "\\x1b\\[\\?(?:[567]|25|45|2026|47|104[789])(?:;(?:[567]|25|45|2026|47|104[789]))*[hl]",
    "\\x1b\\[[0-9;]* [@Aq]",
    "\\x1b\\[[0-9;]*'[}~]",
    '\\x1b\\[[0-9;]*"q',
    "\\x1b\\[!p",
    "\\x1b\\]8;(?:id=[\\x21-\\x39\\x3c-\\x7e]+)?;(?:(?:https?|mailto):[\\x21-\\x7e]+)?\\x1b\\\\",
  ].join("|")})*$`,
  "iu",
);

describe("laws", () => {
  it("whatever goes in, only allowed sequences come out", () => {
    fc.assert(
      fc.property(hostileBytes(), (input) => {
        const filter = new OutputFilter();
        const out = [...filter.filter(input), ...filter.end(), ...filter.cleanup()];
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(out));
        expect(text).toMatch(ALLOWED);
      }),
      { numRuns: 600 },
    );
  });

  it("how the input is cut changes nothing", () => {
    fc.assert(
      fc.property(
        hostileBytes(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (input, cuts) => {
          const filter = new OutputFilter();
          const out = chunked(input, cuts).map((chunk) => textOf(filter.filter(chunk)));
          expect(out.join("") + textOf(filter.end())).toBe(filtered(input));
        },
      ),
      { numRuns: 600 },
    );
  });

  it("filtering twice is filtering once", () => {
    fc.assert(
      fc.property(hostileBytes(), (input) => {
        const once = filtered(input);
        expect(filtered(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});
