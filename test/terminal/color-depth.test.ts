// What the environment says of a terminal's colours.
import { describe, expect, it } from "vitest";
import { colorDepth } from "../../src/terminal/index.js";

describe("colorDepth", () => {
  it.each([
    [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "truecolor"],
    [{ TERM: "xterm", COLORTERM: "24bit" }, "truecolor"],
    [{ TERM: "xterm-direct" }, "truecolor"],
    [{ TERM: "tmux-256color" }, "256"],
    [{ TERM: "vt100" }, "16"],
    [{}, "16"],
    [{ TERM: "dumb", COLORTERM: "truecolor" }, "none"],
    [{ TERM: "xterm-direct", NO_COLOR: "1" }, "none"],
    [{ TERM: "xterm-256color", NO_COLOR: "" }, "256"],
  ])("%j has %s", (env, depth) => {
    expect(colorDepth(env)).toBe(depth);
  });
});
