// The player's table of states.
import { describe, expect, it } from "vitest";
import { PLAYBACK_TRANSITIONS, type PlaybackState } from "../../src/play/index.js";
import { findTransition } from "../../src/play/playback-state.js";

describe("the states of a player", () => {
  it("are all reached, and all lead back to where it is stopped", () => {
    const states = Object.keys(PLAYBACK_TRANSITIONS) as PlaybackState[];
    const reached = new Set(states.flatMap((state) => Object.values(PLAYBACK_TRANSITIONS[state])));
    expect([...reached].sort()).toEqual([...states].sort());
    for (const state of states) if (state !== "idle") expect(findTransition(state, "stop")).toBe("idle");
  });

  it("let one seek from everywhere, and play on from the end", () => {
    for (const state of Object.keys(PLAYBACK_TRANSITIONS) as PlaybackState[])
      expect(findTransition(state, "seek")).toBe("seeking");
    expect(findTransition("ended", "play")).toBe("seeking");
    expect(findTransition("paused", "end")).toBeUndefined();
  });
});
