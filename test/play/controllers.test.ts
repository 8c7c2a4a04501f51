// Controllers: what they make of a user's wishes.
import { describe, expect, it } from "vitest";
import { NANOS_PER_SECOND } from "../../src/core/index.js";
import {
  CachedRecording,
  DEFAULT_IDLE_LIMIT,
  ManualClock,
  PlaybackController,
  Player,
  SeekController,
  SPEEDS,
  SpeedController,
} from "../../src/play/index.js";
import { marker, output, recordingOf } from "./recordings.js";

const SECOND = NANOS_PER_SECOND;

async function started(header: { idleTimeLimit?: number } = {}) {
  const events = [...Array.from({ length: 60 }, (_, at) => output(at, `${at}\n`)), marker(60, "end"), output(100, "x")];
  const recording = await CachedRecording.open({ open: async () => recordingOf(events, { header }) });
  const player = new Player({ recording, clock: new ManualClock(), paused: true });
  void player.run();
  return player;
}

describe("a speed controller", () => {
  it("goes through the ladder, from wherever one is, and stays at its ends", async () => {
    const player = await started();
    const speeds = new SpeedController(player);
    const told: number[] = [];
    player.on("speed", (speed) => told.push(speed));
    await speeds.faster();
    await speeds.set(7);
    await speeds.slower();
    await speeds.set(7);
    await speeds.faster();
    await speeds.set(1000);
    await speeds.faster();
    await speeds.set(0.1);
    await speeds.slower();
    await speeds.slower();
    expect(told).toEqual([1.25, 7, 4, 7, 8, 1000, 1000, 0.1, 0.01, 0.01]);
    expect([...SPEEDS].sort((a, b) => a - b)).toEqual(SPEEDS);
    await player.stop();
  });
});

describe("a seek controller", () => {
  it("goes to times, shares, markers and text, and by distances", async () => {
    const player = await started();
    const seek = new SeekController(player);
    const places: number[] = [];
    for (const go of [
      () => seek.to(10 * SECOND),
      () => seek.by(-3 * SECOND),
      () => seek.toFraction(0.5),
      () => seek.byFraction(0.1),
      () => seek.toMarker("previous"),
      () => seek.toMarker("next"),
      () => seek.toMarker({ label: "end" }),
      () => seek.toText({ source: "x", regex: /x/gu }, 1),
    ]) {
      await go();
      places.push(player.position / SECOND);
    }
    expect(places).toEqual([10, 7, 50, 60, 60, 60, 60, 60]);
    await player.stop();
  });
});

describe("a playback controller", () => {
  it("toggles, steps, repeats and goes through what becomes of pauses", async () => {
    const player = await started();
    const playback = new PlaybackController(player);
    await playback.step(1);
    await playback.step(1);
    await playback.step(-1, "frame");
    expect(player.events).toBe(2);
    await playback.toggleLoop();
    expect(player.loop).toBe(true);
    await playback.toggle();
    expect(player.state).toBe("playing");
    const modes: unknown[] = [];
    for (let n = 0; n < 5; n++) {
      modes.push(player.idle);
      await playback.nextIdleMode();
    }
    const limit = { mode: "limit", limit: DEFAULT_IDLE_LIMIT };
    expect(modes).toEqual([{ mode: "off" }, limit, { mode: "skip" }, { mode: "log" }, { mode: "off" }]);
    await playback.stop();
    expect(player.state).toBe("idle");
  });

  it("knows the limit that the recording names", async () => {
    const player = await started({ idleTimeLimit: 5 * SECOND });
    const playback = new PlaybackController(player);
    expect(player.idle).toEqual({ mode: "limit", limit: 5 * SECOND });
    for (let n = 0; n < 4; n++) await playback.nextIdleMode();
    expect(player.idle).toEqual({ mode: "limit", limit: 5 * SECOND });
    await player.stop();
  });
});
