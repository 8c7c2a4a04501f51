import { describe, expect, test } from "vitest";
import { parseQuery, parseSearchPattern } from "../../../src/store/search/parse-query.js";

const nowMs = new Date(2026, 10, 21, 13, 30).getTime();
const parse = (text: string) => parseQuery(text, { home: "/home/ann", nowMs });
const local = (...parts: [number, number, number, number?, number?]) => {
  const [year, month, ...rest] = parts;
  return new Date(year, month - 1, ...(rest as [number])).getTime();
};
const any = (text: string) => ({ text, match: "anywhere" });

describe("what is written behind t2a search", () => {
  test.each([
    ["one two", [any("one"), any("two")], []],
    ['"one two" three', [any("one two"), any("three")], []],
    ['"with \\"marks\\" and \\\\"', [any('with "marks" and \\')], []],
    ["pre* -not", [{ text: "pre", match: "prefix" }], [any("not")]],
    ['a -"not this"', [any("a")], [any("not this")]],
    ["a -pre*", [any("a")], [{ text: "pre", match: "prefix" }]],
    ["--force", [any("--force")], []],
    ["a - b", [any("a"), any("-"), any("b")], []],
    ["*", [any("*")], []],
    [
      "http://x.y 12:30 std::string error: C:\\dir",
      ["http://x.y", "12:30", "std::string", "error:", "C:\\dir"].map(any),
      [],
    ],
    ["세션 漢", [any("세션"), any("漢")], []],
    ['say"hi"', [any('say"hi"')], []],
    ["http:", [any("http:")], []],
    ["-http://x a", [any("a")], [any("http://x")]],
  ])("%s", (text, all, none) => {
    expect(parse(text).query).toEqual({ all, none, sessions: {} });
  });

  test.each([
    ["tag:a tag:b", { tags: ["a", "b"] }],
    ['title:"the shop"', { title: "the shop" }],
    ["name:x host:h agent:g user:u command:c", { name: "x", host: "h", agent: "g", user: "u", command: "c" }],
    ["status:failed", { statuses: ["failed"] }],
    ["since:2026-11-01", { sinceMs: local(2026, 11, 1) }],
    ["since:7d until:2026-11", { sinceMs: nowMs - 7 * 86_400_000, untilMs: local(2026, 11, 1) }],
  ])("%s filters sessions", (text, sessions) => {
    expect(parse(text).query.sessions).toEqual(sessions);
  });

  test.each([
    ["exit:0", { exit: { status: 0, isNot: false } }],
    ["exit:!130", { exit: { status: 130, isNot: true } }],
    ["cwd:~/x", { cwd: "/home/ann/x" }],
    ["cwd:~", { cwd: "/home/ann" }],
    ["cwd:~bob/x", { cwd: "~bob/x" }],
    ["kind:screen kind:command", { kinds: ["screen", "command"] }],
    ["recording:01kb", { recordings: ["01KB"] }],
    ["during:2026-11-01", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2026, 11, 2) } }],
    ["during:2026-11-01..07", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2026, 11, 8) } }],
    ["during:2026-11-01..12-07", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2026, 12, 8) } }],
    ["during:2026-11-01..2026-11-07", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2026, 11, 8) } }],
    ["during:2026-11", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2026, 12, 1) } }],
    ["during:2026-11..12", { during: { sinceMs: local(2026, 11, 1), untilMs: local(2027, 1, 1) } }],
    ["during:2026-12", { during: { sinceMs: local(2026, 12, 1), untilMs: local(2027, 1, 1) } }],
    ["during:today", { during: { sinceMs: local(2026, 11, 21), untilMs: local(2026, 11, 22) } }],
    ["during:yesterday", { during: { sinceMs: local(2026, 11, 20), untilMs: local(2026, 11, 21) } }],
    ["during:yesterday..today", { during: { sinceMs: local(2026, 11, 20), untilMs: local(2026, 11, 22) } }],
    ["during:2026-11-01T14:00", { during: { sinceMs: local(2026, 11, 1, 14, 0), untilMs: local(2026, 11, 1, 14, 1) } }],
  ])("%s", (text, expected) => {
    const { query } = parse(`x ${text}`);
    expect(query).toEqual({ all: [any("x")], none: [], sessions: {}, ...expected });
  });

  test("sessions are named", () => {
    expect(parse("x session:01KB id:@last").references).toEqual(["01KB", "@last"]);
  });

  test.each([
    ["", /empty/],
    ["  ", /empty/],
    ["-a", /leaves out/],
    ['"a b', /quotation mark/],
    ['"a"b', /quotation mark/],
    ["foo:bar", /no field foo:.*"foo:bar"/],
    ["-tag:a x", /-tag:/],
    ["name:a name:b", /twice/],
    ["status:gone", /none of active/],
    ["kind:x", /none of screen/],
    ["exit:x", /exit:!0/],
    ["recording:U", /no id/],
    ["during:2026-13", /no time/],
    ["during:2026-02-30", /no time/],
    ["during:monday", /2026-11-01/],
    ["during:2026-11-07..01", /ends before/],
    ["during:2026-11-07..08..09", /more than/],
    ["a ".repeat(65), /at most 64/],
    ["a".repeat(5000), /4096/],
  ])("%s is refused, and told what to write", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe("a regular expression to search by", () => {
  test("ignores case unless there is a capital, that of an escape not counted", () => {
    expect(parseSearchPattern("error \\S+").flags).toBe("iu");
    expect(parseSearchPattern("Error").flags).toBe("u");
  });

  test.each(["", "(", "a".repeat(1001)])("%s is refused", (text) => {
    expect(() => parseSearchPattern(text)).toThrow(/regular expression/);
  });
});
