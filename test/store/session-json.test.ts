// Session documents as text: what is written can be read, what is damaged is told, what is older is brought forward.
import { describe, expect, it } from "vitest";
import type { Session, StoredDocument } from "../../src/store/index.js";
import { formatSession, parseSession, salvageFields } from "../../src/store/session-json.js";
import { testRecording, testSession } from "../support/sessions.js";

const damaged = (reason: string | RegExp) =>
  expect.objectContaining({ name: "StoreError", code: "T2A_STORE_DAMAGED", message: expect.stringMatching(reason) });

/** The document with something in it changed. */
function changed(session: Session, changes: Readonly<Record<string, unknown>>): StoredDocument {
  return { id: session.id, revision: session.revision, json: JSON.stringify({ ...session, ...changes }) };
}

describe("a session document", () => {
  it("is read as it was written, whatever is in it", () => {
    const session = testSession({
      name: "日本語 \ud800 \u0000\u001b[2J\u202e\u2028 👩‍👩‍👧",
      tags: ["세션", "a\nb"],
      context: { deep: [1, null, { "": "\udc00" }], __proto__x: true },
      recordings: [testRecording({ title: "\u0085" })],
      exitStatus: 3,
    });
    const document = formatSession(session);
    expect(document).toMatchObject({ id: session.id, revision: session.revision });
    expect(parseSession(document)).toEqual(session);
    // As UTF-8 too.
    expect(parseSession({ ...document, json: Buffer.from(document.json).toString() })).toEqual(session);
  });

  it("is text in which nothing is acted on by a terminal, of a line each property", () => {
    const { json } = formatSession(
      testSession({ name: "\u001b]0;x\u0007\u009b2J\u007f\u202e\u2066\u2028", tags: ["a"] }),
    );
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    expect(json).toContain('\n  "status": "completed",\n');
    expect(json.endsWith("}\n")).toBe(true);
  });

  it.each([
    ["it is no JSON", "{"],
    ["it is no JSON", ""],
    ["it is no object", "[]"],
    ["it is no object", "null"],
    ["it has no version that there has been", "{}"],
    ["it has no version that there has been", '{"version":"1"}'],
    ["it has no version that there has been", '{"version":0}'],
    ["it has no version that there has been", '{"version":-1}'],
    ["it has no version that there has been", '{"version":0.5}'],
  ])("is damaged where %s: %s", (reason, json) => {
    const { id, revision } = testSession();
    expect(() => parseSession({ id, revision, json })).toThrow(damaged(reason));
  });

  it.each([
    ["status", { status: "asleep" }],
    ["name", { name: "" }],
    ["name", { name: "x".repeat(5000) }],
    ["createdAt", { createdAt: "yesterday" }],
    ["recordings.0.name", { recordings: [{ ...testRecording(), name: "../x" }] }],
    ["recordings.0.name", { recordings: [{ ...testRecording(), name: "session.json" }] }],
    ["recordings.0.name", { recordings: [{ ...testRecording(), name: "Session.JSON" }] }],
    ["recordings.0.sha256", { recordings: [{ ...testRecording(), sha256: "x" }] }],
    [
      "recordings.0.stats.durationNs",
      { recordings: [{ ...testRecording(), stats: { ...testRecording().stats, durationNs: -1 } }] },
    ],
    ["tags.0", { tags: [""] }],
    ["children.0", { children: ["x"] }],
    ["commandCount", { commandCount: 1.5 }],
    ["config", { config: null }],
  ])("is damaged where %s is not what it may be", (path, changes) => {
    const session = testSession();
    expect(() => parseSession(changed(session, changes))).toThrow(damaged(path));
  });

  it("is damaged where it is another's, or not what was saved", () => {
    const session = testSession();
    const other = testSession();
    expect(() => parseSession({ ...formatSession(session), id: other.id })).toThrow(damaged("another session's"));
    expect(() => parseSession({ ...formatSession(session), revision: `9-${other.id}` })).toThrow(
      damaged("its revision"),
    );
  });

  it("is damaged where it is endless", () => {
    const { id, revision } = testSession();
    expect(() => parseSession({ id, revision, json: " ".repeat(17 * 1024 * 1024) })).toThrow(damaged("larger than"));
  });

  it("of a newer t2a is refused, whatever else it says", () => {
    const session = testSession();
    expect(() => parseSession(changed(session, { version: 2, status: "dreaming" }))).toThrow(
      expect.objectContaining({
        code: "T2A_STORE_VERSION",
        message: `the session ${session.id} was saved by a newer t2a: update this one to use it`,
      }),
    );
  });

  it("of an older version is brought forward step by step", () => {
    const session = testSession();
    const migrations = {
      [-1]: (document: Readonly<Record<string, unknown>>) => ({ ...document, version: 0, name: `${document.title}!` }),
      0: ({ title: _, ...document }: Readonly<Record<string, unknown>>) => ({ ...document, version: 1 }),
    };
    for (const [version, name] of [
      [-1, "a title!"],
      [0, session.name],
    ] as const) {
      expect(parseSession(changed(session, { version, title: "a title" }), migrations)).toEqual({ ...session, name });
    }
    const endless = { 0: (document: Readonly<Record<string, unknown>>) => ({ ...document }) };
    expect(() => parseSession(changed(session, { version: 0 }), endless)).toThrow(TypeError);
  });

  it("cannot reach the prototype of anything", () => {
    const session = testSession();
    const { json } = formatSession(session);
    const hostile = json.replace(
      '"state"',
      '"__proto__": {"polluted": 1}, "context": {"__proto__": {"polluted": 1}}, "state"',
    );
    const parsed = parseSession({ id: session.id, revision: session.revision, json: hostile });
    expect("polluted" in parsed).toBe(false);
    expect(Object.getPrototypeOf(parsed.context)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  it("that is damaged gives what can still be used of it", () => {
    const session = testSession({ tags: ["kept"] });
    const { json } = changed(session, { status: "asleep", host: 5 });
    expect(salvageFields(json)).toMatchObject({ id: session.id, tags: ["kept"], name: session.name });
    expect(salvageFields(json)).not.toHaveProperty("status");
    expect(salvageFields(json)).not.toHaveProperty("host");
    for (const none of ["{", "null", "5", ""]) expect(salvageFields(none)).toEqual({});
  });
});
