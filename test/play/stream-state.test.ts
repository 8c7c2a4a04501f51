// The player's state machine, as a table.
import { describe, expect, it } from "vitest";
import { STREAM_TRANSITIONS, type StreamState } from "../../src/play/index.js";
import { findTransition } from "../../src/play/stream-state.js";

describe("STREAM_TRANSITIONS", () => {
  const states = Object.keys(STREAM_TRANSITIONS) as StreamState[];

  it("can be stopped from every state, and nothing leads out of the end", () => {
    for (const state of states) expect(findTransition(state, "stop")).toBe(state === "ended" ? undefined : "ended");
    expect(STREAM_TRANSITIONS.ended).toEqual({});
  });

  it("reaches every state from idle", () => {
    const reached = new Set<StreamState>(["idle"]);
    for (const state of reached) for (const next of Object.values(STREAM_TRANSITIONS[state])) reached.add(next);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it("steps only from a pause", () => {
    expect(states.filter((state) => findTransition(state, "step") !== undefined)).toEqual(["paused"]);
  });
});
