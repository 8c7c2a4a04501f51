import { describe, expect, it } from "vitest";
import { counted } from "../../src/core/index.js";

describe("a count in words", () => {
  it("has one word for one, and another for none and several", () => {
    expect(counted(1, "session")).toBe("1 session");
    expect(counted(0, "session")).toBe("0 sessions");
    expect(counted(12, "session")).toBe("12 sessions");
  });

  it("takes words that have more than an s behind", () => {
    expect(counted(1, "entry was", "entries were")).toBe("1 entry was");
    expect(counted(3, "entry was", "entries were")).toBe("3 entries were");
  });
});
