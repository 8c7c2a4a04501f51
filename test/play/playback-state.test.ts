// The player's state machine, as a table.
import { describe, expect, it } from "vitest";
import { PLAYBACK_TRANSITIONS, type PlaybackState } from "../../src/play/index.js";
import { findTransition } from "../../src/play/playback-state.js";

describe("PLAYBACK_TRANSITIONS", () => {
  const states = Object.keys(PLAYBACK_TRANSITIONS) as PlaybackState[];

  it("can be stopped from every state, and nothing leads out of the end", () => {
    for (const state of states) expect(findTransition(state, "stop")).toBe(state === "ended" ? undefined : "ended");
    expect(PLAYBACK_TRANSITIONS.ended).toEqual({});
  });

  it("reaches every state from idle", () => {
    const reached = new Set<PlaybackState>(["idle"]);
    for (const state of reached) for (const next of Object.values(PLAYBACK_TRANSITIONS[state])) reached.add(next);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it("steps only from a pause", () => {
    expect(states.filter((state) => findTransition(state, "step") !== undefined)).toEqual(["paused"]);
  });
});
