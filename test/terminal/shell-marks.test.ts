// Marks of shells in output cut anywhere, and what is none.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_MARK_BYTES, type ShellMark, ShellMarkParser } from "../../src/terminal/index.js";
import { readShellOsc } from "../../src/terminal/shell-osc.js";
import { chunked, hostileBytes } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const placed = (bytes: Uint8Array) => new ShellMarkParser().parse(bytes);
const marks = (text: string) => placed(bytesOf(text)).map(({ start: _, end: __, ...mark }) => mark);
const osc = (payload: string) => `\x1b]${payload}\x07`;
/** What one OSC says, in short: the fields that are set. */
const said = (payload: string) =>
  marks(osc(payload)).map((mark) =>
    Object.fromEntries(Object.entries(mark).filter(([, value]) => value !== undefined)),
  );

describe("what is said", () => {
  const one = { protocol: "133" };
  const code = { protocol: "633" };
  it.each<[string, object[]]>([
    ["133;A", [{ kind: "promptStart", ...one }]],
    ["133;A;cl=m;aid=12", [{ kind: "promptStart", ...one, aid: "12" }]],
    ["133;P;k=i", [{ kind: "promptStart", ...one }]],
    ["133;N", [{ kind: "promptStart", ...one }]],
    ["133;A;k=s", []],
    ["133;P;k=r", []],
    ["133;B", [{ kind: "promptEnd", ...one }]],
    ["133;I", [{ kind: "promptEnd", ...one }]],
    ["133;C;", [{ kind: "outputStart", ...one }]],
    ["133;L", []],
    ["133;D", [{ kind: "commandEnd", ...one }]],
    ["133;D;0;aid=x", [{ kind: "commandEnd", ...one, aid: "x", status: 0 }]],
    ["133;D;aid=x;130", [{ kind: "commandEnd", ...one, aid: "x", status: 130 }]],
    ["133;D;nonsense", [{ kind: "commandEnd", ...one }]],
    ["633;A", [{ kind: "promptStart", ...code }]],
    ["633;B", [{ kind: "promptEnd", ...code }]],
    ["633;C", [{ kind: "outputStart", ...code }]],
    ["633;D", [{ kind: "commandEnd", ...code }]],
    ["633;D;1", [{ kind: "commandEnd", ...code, status: 1 }]],
    ["633;E;a\\x3b b\\x0ac\\\\d\\q;nonce", [{ kind: "commandLine", ...code, line: "a; b\nc\\d\\q" }]],
    ["633;E;é\\xc3\\xa9", [{ kind: "commandLine", ...code, line: "éé" }]],
    ["633;E", [{ kind: "commandLine", ...code, line: "" }]],
    ["633;P;Env=A_1=a%3B%C3%B6%0Ab", [{ kind: "variable", name: "A_1", value: "a;ö\nb" }]],
    ["633;P;Env=A=", [{ kind: "variable", name: "A", value: "" }]],
    ["633;P;Env=A", [{ kind: "variable", name: "A", value: null }]],
    ["633;P;Env=A?", [{ kind: "variable", name: "A" }]],
    ["633;P;Env=A=a%00", [{ kind: "variable", name: "A" }]],
    ["633;P;Env=A=%FF", [{ kind: "variable", name: "A" }]],
    [`633;P;Env=A=${"x".repeat(4097)}`, [{ kind: "variable", name: "A" }]],
    ["633;P;Env=1A=x", []],
    ["633;P;Env=A B=x", []],
    ["633;P;Env==x", []],
    ["633;P;Cwd=/a\\x3bb", [{ kind: "cwd", path: "/a;b" }]],
    ["633;P;Cwd=", []],
    ["633;P;Task=True", []],
    ["633;F", []],
    ["7;file://host/a%20b%C3%A9%zz", [{ kind: "cwd", path: "/a bé%zz", host: "host" }]],
    ["7;file:///a", [{ kind: "cwd", path: "/a" }]],
    ["7;kitty-shell-cwd://host/a%20b", [{ kind: "cwd", path: "/a%20b", host: "host" }]],
    ["7;http://x/y", []],
    ['9;9;"C:\\a b"', [{ kind: "cwd", path: "C:\\a b" }]],
    ["9;4;1;50", []],
    ["1337;CurrentDir=/a b", [{ kind: "cwd", path: "/a b" }]],
    ["1337;RemoteHost=me@there", [{ kind: "remoteHost", user: "me", host: "there" }]],
    ["1337;RemoteHost=there", [{ kind: "remoteHost", host: "there" }]],
    ["1337;File=name=x:AAAA", []],
    ["0;133;A", []],
    ["133", []],
    ["3008;start=", []],
    ["3008;else=1", []],
  ])("%s", (payload, expected) => expect(said(payload)).toEqual(expected));

  it("tells of contexts", () => {
    expect(said("3008;start=a1;type=shell;cwd=/a\\x3bb;X;user=me")).toEqual([
      {
        kind: "contextStart",
        id: "a1",
        fields: new Map([
          ["type", "shell"],
          ["cwd", "/a;b"],
          ["user", "me"],
        ]),
      },
    ]);
    expect(said("3008;end=a1;exit=failure;status=3")).toEqual([
      {
        kind: "contextEnd",
        id: "a1",
        fields: new Map([
          ["exit", "failure"],
          ["status", "3"],
        ]),
      },
    ]);
  });

  it.each([
    ["cmdline_url=echo%20%3b%0A%22;aid=1", 'echo ;\n"'],
    ["cmdline=ls", "ls"],
    ["cmdline=ls\\ -l\\;\\ pwd;aid=1", "ls -l; pwd"],
    ["cmdline=$'a;\\n\\t\\'\\\\b\\101\\x41\\u00e9\\U1F44D\\U110000\\cA\\e\\q'", "a;\n\t'\\bAAé👍\ufffd\x01\x1b\\q"],
    ["cmdline='it;'\\''s'", "it;'s"],
    ['cmdline="a\\"b\\$\\c$d;"x', 'a"b$\\c$d;x'],
    ["cmdline=open 'quote", "open 'quote"],
  ])("the line of 133;C;%s", (option, line) => {
    const [first, second] = marks(osc(`133;C;${option}`));
    expect(first).toMatchObject({ kind: "commandLine", line });
    expect(second).toMatchObject({ kind: "outputStart" });
  });
});

describe("where marks are", () => {
  it("end with BEL, ST and the C1 control, begin with the C1 control, and stand where they stood", () => {
    expect(placed(bytesOf("é$ \x1b]133;A\x07x\x1b]133;B\x1b\\\u009d133;C\u009c"))).toMatchObject([
      { kind: "promptStart", start: 4, end: 12 },
      { kind: "promptEnd", start: 13, end: 22 },
      { kind: "outputStart", start: 22, end: 31 },
    ]);
  });

  it("are none where the string ends otherwise, is inside of another one, or is a raw 8-bit byte in UTF-8", () => {
    for (const end of ["\x18", "\x1a", "\x1b[m", "\u0085", "\x1bc"])
      expect(marks(`\x1b]133;A${end}`).filter(({ kind }) => kind !== "alternate")).toEqual([]);
    expect(marks("\x1bP]133;A\x07\x1b\\\x1b_]133;A\x07\x1b\\")).toEqual([]);
    expect(placed(Buffer.from("\x9d133;A\x07", "latin1"))).toEqual([]);
    expect(marks("\x1b(]133;A\x07")).toEqual([]);
  });

  it("are found behind whatever was cut off", () => {
    for (const before of ["\x1b]0;open", "\x1bPopen", "\x1b[?10", "\x1b", "Â", "\x1b]133;A\x1b"])
      expect(marks(`${before}${osc("133;B")}`).map(({ kind }) => kind)).toEqual(["promptEnd"]);
    expect(marks("\x1b\x00]133;\nB\x07").map(({ kind }) => kind)).toEqual(["promptEnd"]);
  });

  it("are forgotten beyond the bound, and what follows is not", () => {
    const long = (length: number) => osc(`633;E;${"x".repeat(length - osc("633;E;").length)}`);
    expect(marks(long(MAX_MARK_BYTES))).toHaveLength(1);
    expect(marks(long(MAX_MARK_BYTES + 1) + osc("633;C")).map(({ kind }) => kind)).toEqual(["outputStart"]);
  });

  it("are forgotten beyond the bound whatever keeps them open, which holds nothing then", () => {
    for (const begin of ["\x1b", "\x1b[?1049", "\x1b]133;A"]) {
      const end = begin.endsWith("A") ? "\x07" : "h";
      const open = (length: number) => {
        const parser = new ShellMarkParser();
        parser.parse(bytesOf(begin + "\n".repeat(length - begin.length)));
        return [parser.openAt, parser.parse(bytesOf(`${end}${osc("633;C")}`)).map(({ kind }) => kind)];
      };
      expect(open(MAX_MARK_BYTES - 1)[0]).toBe(0);
      expect(open(MAX_MARK_BYTES + 1)).toEqual([undefined, ["outputStart"]]);
    }
  });

  it("have options behind their argument, which may look like one", () => {
    expect(marks(osc("633;E;t2a=1;aid=2;t2a=3"))).toEqual([
      { kind: "commandLine", protocol: "633", aid: "2", proof: "3", line: "t2a=1" },
    ]);
  });

  it("knows when a line is read with bracketed paste", () => {
    expect(marks("\x1b[?2004h\x1b[?1;2004l\x1b[2004h")).toEqual([
      { kind: "bracketedPaste", on: true },
      { kind: "bracketedPaste", on: false },
    ]);
  });

  it("knows the alternate buffer", () => {
    const on = (text: string) => marks(text).map((mark) => (mark.kind === "alternate" ? mark.on : undefined));
    expect(on("\x1b[?1049h\x1b[?25;47l\u009b?1047h\x1bc")).toEqual([true, false, true, false]);
    expect(on(`\x1b[1049h\x1b[?25h\x1b[?1049$p\x1b[?${"1;".repeat(40)}1049h\x1b[47\u00a0\x1b[>47h`)).toEqual([]);
  });

  it("says where an open one began", () => {
    const parser = new ShellMarkParser();
    const open = (text: string | Uint8Array) => {
      parser.parse(typeof text === "string" ? bytesOf(text) : text);
      return parser.openAt;
    };
    expect([open("ab"), open("c\x1b"), open("]0;t"), open("\x1b"), open("\\")]).toEqual([
      undefined,
      3,
      3,
      3,
      undefined,
    ]);
    expect([open(Uint8Array.of(0xc2)), open(""), open(Uint8Array.of(0xa0))]).toEqual([10, 10, undefined]);
    expect(open(`\x1b]${"x".repeat(MAX_MARK_BYTES + 1)}`)).toBeUndefined();
  });
});

const payload = fc.oneof(
  fc.constantFrom(
    "133;A",
    "133;B",
    "133;C;cmdline=a\\ b",
    "133;D;1",
    "633;E;l\\x0as",
    "7;file:///é",
    "1337;CurrentDir=/",
    "3008;start=1",
  ),
  fc.string({ unit: fc.constantFrom(..."0123456789;AC=\\é\n\x7f"), maxLength: 12 }),
);
const stream = fc
  .array(
    fc.oneof(
      hostileBytes(),
      fc
        .tuple(
          fc.constantFrom("\x1b]", "\x1b]", "\u009d", "\x1b\r]", "]"),
          payload,
          fc.constantFrom("\x07", "\x1b\\", "\u009c", "", "\x1b", "\x18", "\u0085"),
        )
        .map((parts) => bytesOf(parts.join(""))),
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(Uint8Array.of(0xc2), Uint8Array.of(0x9d), Uint8Array.of(0xc2, 0x9d)),
    ),
    { maxLength: 12 },
  )
  .map((pieces): Uint8Array => Buffer.concat(pieces));

/** The same by a regular expression over the whole. */
function twin(bytes: Uint8Array): ShellMark[] {
  const text = Buffer.from(bytes).toString("latin1");
  const OSC =
    /(?:\x1b[\x00-\x17\x19\x1c-\x1f\x7f]*\]|\xc2\x9d)((?:(?!\xc2[\x80-\x9f])[^\x07\x18\x1a\x1b])*)(?:\x07|\x1b\\|\xc2\x9c)/g;
  return [...text.matchAll(OSC)].flatMap(([, body = ""]) => readShellOsc(body.replace(/[\x00-\x1f]/g, "")));
}

describe("any output", () => {
  const isShells = ({ kind }: ShellMark) => kind !== "alternate" && kind !== "bracketedPaste";

  it("has the same marks however it is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (bytes, sizes) => {
        const parser = new ShellMarkParser();
        expect(chunked(bytes, sizes).flatMap((chunk) => parser.parse(chunk))).toEqual(placed(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("has the marks that a regular expression finds in it", () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const found = placed(bytes).map(({ start: _, end: __, ...mark }) => mark);
        expect(found.filter(isShells)).toEqual(twin(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
