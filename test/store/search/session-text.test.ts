// What a session says of itself.
import { describe, expect, it } from "vitest";
import { programOf } from "../../../src/store/search/session-text.js";
import type { Session } from "../../../src/store/session.js";

describe("the program of a session", () => {
  it.each([
    [undefined, "shell"],
    ["  ", "shell"],
    ["make test", "make"],
    ["/usr/bin/zsh -l", "zsh"],
    ['PS1="> " LANG=C bash', "bash"],
    ["A='x y'z B= ./run.sh", "run.sh"],
    ['A="open bash', 'A="open'],
    ["A=1", "A=1"],
    ["/", "/"],
  ])("of %j is %s", (command, program) => {
    expect(programOf({ config: { command } } as unknown as Session)).toBe(program);
  });

  it("of a command that is endless is found at once", () => {
    expect(programOf({ config: { command: `A=${'"a"'.repeat(1_000_000)}` } } as unknown as Session).length).toBe(256);
  });
});
