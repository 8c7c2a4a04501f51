// What sessions may become: the table held against another way of saying the same, over random lives.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTransition, SESSION_TRANSITIONS } from "../../../src/session/index.js";
import { SESSION_STATUSES, type SessionStatus } from "../../../src/store/index.js";

/** In words of the issue: what lives can become anything but itself; what was interrupted can go on or be given up; the rest stays. */
function mayBecome(from: SessionStatus, to: SessionStatus): boolean {
  if (from === "active") return to !== "active";
  if (from === "interrupted") return to === "active" || to === "completed" || to === "failed";
  return false;
}

const status = fc.constantFrom(...SESSION_STATUSES);
const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

describe("a session's life", () => {
  it("goes by the table, and by nothing else", () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 30 }), (wishes) => {
        let at: SessionStatus = "active";
        for (const to of wishes) {
          const before: SessionStatus = at;
          try {
            checkTransition({ id, name: "a", status: before }, to);
            at = to;
          } catch (error) {
            expect(error).toMatchObject({ code: "T2A_SESSION_TRANSITION", details: { id, from: before, to } });
          }
          expect(at === to && before !== to).toBe(mayBecome(before, to));
        }
      }),
    );
  });

  it("never leaves what is over", () => {
    for (const from of ["handed_off", "completed", "failed"] as const) expect(SESSION_TRANSITIONS[from]).toEqual([]);
  });
});
