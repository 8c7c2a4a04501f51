// The context of a command: the ways of saying something, and settings loaded once.
import { describe, expect, it } from "vitest";
import { worldOf } from "./worlds.js";

describe("createContext", () => {
  it("prints results, and says things on standard error as asciinema does", () => {
    const { context, stdout, stderr, status } = worldOf();
    context.print("result");
    context.info("recording");
    context.warn("careful");
    context.exit(3);
    expect(stdout()).toBe("result\n");
    expect(stderr()).toBe("::: recording\n!!! careful\n");
    expect(status()).toBe(3);
  });

  it("loads the settings once", async () => {
    const { context } = worldOf();
    expect(await context.settings()).toBe(await context.settings());
  });
});
