// Errors on their way between the daemon and who asks it.
import { describe, expect, it } from "vitest";
import {
  AccessError,
  FormatError,
  PtyError,
  SessionError,
  StoreError,
  T2aError,
  UsageError,
} from "../../../src/core/index.js";
import { errorBody, errorOfBody } from "../../../src/session/client/error-body.js";

/** As JSON carries it. */
const carried = (error: unknown) => errorOfBody(JSON.parse(JSON.stringify(errorBody(error))));

describe("an error that crosses the API", () => {
  it.each([
    new UsageError("not so", { details: { name: "x" } }),
    new UsageError("no such key", { code: "T2A_STATE" }),
    new StoreError("T2A_FILE_IO", "the disk is full"),
    new AccessError("T2A_ACCESS", "another's"),
    new PtyError("T2A_PTY", "no such program"),
    new SessionError("T2A_SESSION_OVER", "it is over", { details: { id: "1" } }),
    new FormatError("T2A_FORMAT_DAMAGED", "damaged", { offset: 12, eventNumber: 3 }),
    new FormatError("T2A_FORMAT_DAMAGED", "damaged somewhere"),
    new T2aError("T2A_ABORTED", "enough"),
  ])("is the same on the other side: $name $code", (error) => {
    const other = carried(error);
    expect(other).toBeInstanceOf(error.constructor);
    expect(other).toMatchObject({ name: error.name, code: error.code, message: error.message, details: error.details });
    if (error instanceof FormatError)
      expect(other).toMatchObject({ offset: error.offset, eventNumber: error.eventNumber });
  });

  it("tells nothing of what nobody threw on purpose", () => {
    for (const error of [new TypeError("a secret"), "a secret", undefined]) {
      expect(carried(error)).toMatchObject({ code: "T2A_DAEMON", message: expect.stringContaining("t2a daemon logs") });
      expect(JSON.stringify(errorBody(error))).not.toContain("secret");
    }
  });

  it("does without details that cannot be told, and with a part of a message without end", () => {
    const cycle: Record<string, unknown> = {};
    cycle.itself = cycle;
    for (const details of [cycle, { big: 1n }, { long: "x".repeat(70_000) }])
      expect(carried(new SessionError("T2A_DAEMON", "told", { details }))).toMatchObject({
        message: "told",
        details: {},
      });
    expect(carried(new SessionError("T2A_DAEMON", "x".repeat(100_000)))?.message).toHaveLength(16 * 1024);
  });

  it("has the code of a newer t2a, whatever its class is called there", () => {
    const body = { error: { name: "NewerError", code: "T2A_NEWER", message: "of tomorrow", details: "rubbish" } };
    expect(errorOfBody(body)).toMatchObject({ name: "T2aError", code: "T2A_NEWER", details: {} });
    expect(errorOfBody({ error: { code: "T2A_NEWER", message: "nameless" } })).toBeInstanceOf(T2aError);
  });

  it.each([
    ["nothing", undefined],
    ["a list", []],
    ["an error that is text", { error: "no" }],
    ["an error without a code", { error: { message: "x" } }],
    ["a code of another program", { error: { code: "ENOENT", message: "x" } }],
    ["no message", { error: { code: "T2A_USAGE" } }],
  ])("is none where the body is %s", (_, body) => {
    expect(errorOfBody(body)).toBeUndefined();
  });
});
