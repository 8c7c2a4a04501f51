// The command of a line whose status is the line's.
import { describe, expect, it } from "vitest";
import { lastCommand } from "../../src/analyze/last-command.js";

describe("the last command of a line", () => {
  it.each([
    ["make", "make"],
    ["make && ls | grep x", "grep x"],
    ["a; b;", "b"],
    ["a &", "a"],
    ["echo 'a; b' | wc", "wc"],
    ['echo "a \\" ; b"', 'echo "a \\" ; b"'],
    ["make 2>&1 | tee log", "tee log"],
    ["make &> log", "make &> log"],
    ["a >| b", "a >| b"],
    ["a || (b; c)", "(b; c)"],
    ["for x in 1 2; do grep $x f; done", "done"],
    ["grep x f # not; this", "grep x f"],
    ["echo a#b; ls", "ls"],
    ["a \\; b", "a \\; b"],
    ["a\nb", "b"],
    ["", ""],
    ["'never closed; b", "'never closed; b"],
  ])("of `%s` is `%s`", (line, last) => {
    expect(lastCommand(line)).toBe(last);
  });

  it("of a line that is too long is the whole line", () => {
    const line = `a; ${"b".repeat(5000)}`;
    expect(lastCommand(line)).toBe(line);
  });
});
