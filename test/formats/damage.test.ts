// Odd and damaged input: warned of, refused, or the quiet end.
import { describe, expect, it } from "vitest";
import { checkAborted, damaged, warn } from "../../formats/damage.js";
import type { Warning } from "../../src/core/index.js";

function collect() {
  const warnings: Warning[] = [];
  return { warnings, onWarning: (warning: Warning) => void warnings.push(warning) };
}

describe("warn", () => {
  const warning: Warning = { code: "size", message: "odd size", offset: 3 };

  it("tells whoever listens, and nobody else", () => {
    const { warnings, onWarning } = collect();
    warn({ onWarning }, warning);
    warn({}, warning);
    expect(warnings).toEqual([warning]);
  });

  it("refuses where decoding is strict", () => {
    expect(() => warn({ strict: true }, warning)).toThrow(
      expect.objectContaining({ code: "T2A_FORMAT_DAMAGED", message: "odd size", offset: 3 }),
    );
  });
});

describe("damaged", () => {
  it("says what, and at which byte and event", () => {
    expect(() => damaged({}, "event 2 is cut", { offset: 9, eventNumber: 2 })).toThrow(
      expect.objectContaining({
        code: "T2A_FORMAT_DAMAGED",
        message: "event 2 is cut at byte 9",
        offset: 9,
        eventNumber: 2,
      }),
    );
  });

  it("is the end where the caller recovers, with a warning of how much is lost", () => {
    const { warnings, onWarning } = collect();
    damaged({ recover: true, onWarning }, "cut", { offset: 9, lostBytes: 4 });
    damaged({ recover: true, onWarning }, "cut", { offset: 9 });
    damaged({ recover: true }, "cut", { offset: 9 });
    expect(warnings).toEqual([
      { code: "truncated", message: "cut at byte 9: 4 bytes left out", offset: 9 },
      { code: "truncated", message: "cut at byte 9: the rest left out", offset: 9 },
    ]);
  });
});

describe("checkAborted", () => {
  it("throws once the signal says so", () => {
    const controller = new AbortController();
    checkAborted({});
    checkAborted({ signal: controller.signal });
    controller.abort("enough");
    expect(() => checkAborted({ signal: controller.signal })).toThrow(
      expect.objectContaining({ code: "T2A_ABORTED", cause: "enough" }),
    );
  });
});
