// Plain text of what a terminal showed.
import { describe, expect, it } from "vitest";
import { TextLog } from "../../src/terminal/index.js";

/** The lines after some output; functions in between act on the log. */
function linesOf(...steps: readonly (string | ((log: TextLog) => void))[]): string[] {
  const lines: string[] = [];
  const log = new TextLog({ cols: 10, rows: 3, onLine: (line) => lines.push(line) });
  for (const step of steps) {
    if (typeof step === "string") log.feed(Buffer.from(step, "utf8"));
    else step(log);
  }
  log.end();
  return lines;
}

describe("the text log", () => {
  it("holds what scrolled off and what is left, without blank lines at the end", () => {
    expect(linesOf("1\r\n2  \r\n\r\n4\r\n5\r\n\r\n")).toEqual(["1", "2", "", "4", "5"]);
    expect(linesOf("\r\n\r\n\r\n\r\n\r\n")).toEqual([]);
    expect(linesOf("")).toEqual([]);
  });

  it("joins wrapped lines, across the screen's edge too", () => {
    expect(linesOf("a".repeat(25), "\r\nb")).toEqual(["a".repeat(25), "b"]);
    expect(linesOf(`${"a".repeat(9)} b\r\n1\r\n2\r\n3\r\n4`)).toEqual([`${"a".repeat(9)} b`, "1", "2", "3", "4"]);
  });

  it("shows the final state of lines that were written over", () => {
    expect(linesOf("10%\r20%\r\x1b[Kdone\r\n")).toEqual(["done"]);
  });

  it("leaves the alternate buffer out, even if it is never left", () => {
    expect(linesOf("before\r\n\x1b[?1049heditor\r\n1\r\n2\r\n3\x1b[?1049lafter")).toEqual(["before", "after"]);
    expect(linesOf("before\x1b[?1049heditor")).toEqual(["before"]);
  });

  it("hands lines out as they scroll off", () => {
    const lines: string[] = [];
    const log = new TextLog({ cols: 10, rows: 3, onLine: (line) => lines.push(line) });
    log.feed(Buffer.from("1\r\n2\r\n3\r\n4\r\n5\r\n6"));
    expect(lines).toEqual(["1", "2"]);
    log.end();
    expect(lines).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("loses no line when the screen becomes smaller", () => {
    expect(linesOf("1\r\n2\r\n3", (log) => log.resize(10, 1), "\r\n4")).toEqual(["1", "2", "3", "4"]);
  });

  it("hands endless lines out in parts", () => {
    const lines: string[] = [];
    const log = new TextLog({ cols: 100, rows: 2, onLine: (line) => lines.push(line) });
    for (let i = 0; i < 25; i++) log.feed(Buffer.from("x".repeat(100_000)));
    expect(lines.map((line) => line.length)).toEqual([1_000_000, 1_000_000]);
    log.end();
    expect(lines.join("")).toBe("x".repeat(2_500_000));
  });
});
