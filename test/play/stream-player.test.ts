// The player on a clock that is moved by hand: times, commands, bursts, ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, FormatError, NANOS_PER_SECOND, type Recording, UsageError } from "../../src/core/index.js";
import { ManualClock, SLICE_BYTES, StreamPlayer, type StreamPlayerOptions, SystemClock } from "../../src/play/index.js";
import { input, marker, NotingView, output, recordingOf, resize } from "./recordings.js";

const SECOND = NANOS_PER_SECOND;

/** A player over these events on a clock that skips waits. */
function quickly(events: readonly Event[], options: Partial<StreamPlayerOptions> = {}) {
  const clock = new ManualClock({ skipsWaits: true });
  const view = new NotingView(clock);
  return { clock, view, player: new StreamPlayer({ open: async () => recordingOf(events), view, clock, ...options }) };
}

/** A player over these events on a clock that stands until it is moved. */
function byHand(events: readonly Event[], options: Partial<StreamPlayerOptions> = {}) {
  const clock = new ManualClock();
  const view = new NotingView(clock);
  const player = new StreamPlayer({ open: async () => recordingOf(events), view, clock, ...options });
  return { clock, view, player, run: player.run() };
}

function timesOf(view: NotingView): number[] {
  return view.shown.slice(1).map(({ at }) => at);
}

describe("StreamPlayer timing", () => {
  it("shows each output at exactly its time, also after an hour", async () => {
    const events = Array.from({ length: 5000 }, (_, i) => output(i * 0.7331337, "x"));
    const { view, player } = quickly(events);
    expect(await player.run()).toBe("ended");
    expect(timesOf(view)).toEqual(events.map(({ time }) => time));
    expect(view.shown.at(-1)?.at).toBeGreaterThan(3600 * SECOND);
  });

  it("computes due times from the start, whatever the speed: rounding never adds up", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 10 * SECOND }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        async (gaps, speed) => {
          let time = 0;
          const events = gaps.map((gap) => {
            time += gap;
            return output(time / SECOND, "x");
          });
          const { view, player } = quickly(events, { speed });
          await player.run();
          const shownBy = new Map<number, number>();
          for (const { at, what } of view.shown.slice(1)) shownBy.set(at, what.length);
          const due = events.map((event) => Math.round(event.time / speed));
          expect([...shownBy].flatMap(([at, count]) => Array.from({ length: count }, () => at))).toEqual(due);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("does not let a slow terminal shift what comes later", async () => {
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, () => {
      clock.advanceTo(clock.now() + 0.4 * SECOND);
      return true;
    });
    const events = Array.from({ length: 100 }, (_, i) => output(i, "x"));
    await new StreamPlayer({ open: async () => recordingOf(events), view, clock }).run();
    expect(timesOf(view)).toEqual(events.map(({ time }) => time));
  });

  it("catches up after a hold-up, showing what is overdue together", async () => {
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, (text) => {
      if (text === "a") clock.advanceTo(2.5 * SECOND);
      return true;
    });
    const events = [output(0, "a"), output(1, "b"), output(2, "c"), output(3, "d")];
    await new StreamPlayer({ open: async () => recordingOf(events), view, clock }).run();
    expect(view.shown.slice(1)).toEqual([
      { at: 0, what: "a" },
      { at: 2.5 * SECOND, what: "bc" },
      { at: 3 * SECOND, what: "d" },
    ]);
  });

  it("shortens pauses to the limit it is given, before that to the header's", async () => {
    const events = [output(5, "a"), output(5.5, "b"), output(100, "c")];
    const open = async () => recordingOf(events, { header: { idleTimeLimit: 2 * SECOND } });
    const own = quickly(events, { open });
    await own.player.run();
    expect(timesOf(own.view)).toEqual([2 * SECOND, 2.5 * SECOND, 4.5 * SECOND]);
    const given = quickly(events, { open, idleTimeLimit: 1 * SECOND, speed: 2 });
    await given.player.run();
    expect(timesOf(given.view)).toEqual([0.5 * SECOND, 0.75 * SECOND, 1.25 * SECOND]);
  });

  it.each([0, -1, 0.009, 1001, Number.NaN])("refuses a speed of %s", (speed) => {
    expect(() => quickly([], { speed })).toThrow(UsageError);
  });

  it("plays by the machine's clock where it is given none", async () => {
    const view = new NotingView(new SystemClock());
    const player = new StreamPlayer({ open: async () => recordingOf([output(0.001, "a")]), view });
    expect(await player.run()).toBe("ended");
    expect(view.text).toBe("<80x24>a");
  });
});

describe("StreamPlayer", () => {
  it("shows output and sizes, whole and in order, and nothing else", async () => {
    const events = [
      output(0, "a"),
      input(0, "typed"),
      resize(0, 100, 30),
      marker(0, "m"),
      output(0, "b"),
      output(0, ""),
    ];
    for (const batchEvents of [1, 2, 1024]) {
      const { view, player } = quickly([], { open: async () => recordingOf(events, { batchEvents }) });
      expect(player.state).toBe("idle");
      await player.run();
      expect(view.text).toBe("<80x24>a<100x30>b");
      expect(player.state).toBe("ended");
    }
  });

  it("ends at once for a recording without events", async () => {
    const { view, player } = quickly([]);
    expect(await player.run()).toBe("ended");
    expect(view.text).toBe("<80x24>");
  });

  it("plays only once", async () => {
    const { player } = quickly([]);
    await player.run();
    await expect(player.run()).rejects.toThrow(TypeError);
  });

  it("shows all good events of a damaged recording, then throws its error", async () => {
    const failure = new FormatError("T2A_FORMAT_DAMAGED", "damaged at byte 42", { offset: 42 });
    const { view, player } = quickly([], {
      open: async () => recordingOf([output(1, "a"), output(2, "b")], { failure, batchEvents: 1 }),
    });
    await expect(player.run()).rejects.toBe(failure);
    expect(view.text).toBe("<80x24>ab");
    expect(player.state).toBe("ended");
  });

  it("throws what opening throws", async () => {
    const failure = new Error("no such file");
    const { player } = quickly([], { open: () => Promise.reject(failure) });
    await expect(player.run()).rejects.toBe(failure);
  });

  it("throws what the view throws and closes the recording", async () => {
    const failure = new Error("disk full");
    let closed = 0;
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, () => {
      throw failure;
    });
    const open = async () => recordingOf([output(0, "a")], { onClose: () => closed++ });
    await expect(new StreamPlayer({ open, view, clock }).run()).rejects.toBe(failure);
    expect(closed).toBe(1);
  });

  it("ends quietly when nobody sees it any more", async () => {
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, (text) => text !== "b");
    const open = async () => recordingOf([output(0, "a"), output(1, "b"), output(2, "c")]);
    expect(await new StreamPlayer({ open, view, clock }).run()).toBe("closed");
    expect(view.text).toBe("<80x24>ab");
  });

  it("closes what it opened, every pass of a loop", async () => {
    let open = 0;
    let opened = 0;
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, () => true);
    const player = new StreamPlayer({
      open: async () => {
        open++;
        opened++;
        if (opened === 3) player.stop();
        return recordingOf([output(1, "a")], { onClose: () => open-- });
      },
      view,
      clock,
      loop: true,
    });
    expect(await player.run()).toBe("interrupted");
    expect(opened).toBe(3);
    expect(open).toBe(0);
    expect(view.text).toBe("<80x24>a<restart><80x24>a");
    expect(view.shown.filter(({ what }) => what === "a").map(({ at }) => at)).toEqual([SECOND, 2 * SECOND]);
  });

  it("does not spin on a loop that takes no time", async () => {
    const { clock, player, run, view } = byHand([output(0, "a")], { loop: true });
    const due = await clock.nextWait();
    expect(due).toBeGreaterThan(10_000_000);
    clock.advanceTo(due);
    await view.until("<restart><80x24>a");
    player.stop();
    expect(await run).toBe("interrupted");
  });

  it("ends when the view is gone at the beginning of a new pass", async () => {
    const { clock, player, view } = quickly([output(0, "a")], { loop: true });
    view.restart = async () => false;
    expect(await player.run()).toBe("closed");
    expect(clock.now()).toBeGreaterThan(0);
  });
});

describe("StreamPlayer commands", () => {
  const events = [output(1, "a"), output(2, "b"), output(3, "c")];

  it("pauses without losing its place and plays on from there", async () => {
    const { clock, player, run, view } = byHand(events);
    clock.advanceTo(await clock.nextWait());
    await view.until("a");
    expect(await clock.nextWait()).toBe(2 * SECOND);
    clock.advanceTo(1.25 * SECOND);
    player.command("toggle");
    await paused(player);
    clock.advanceTo(60 * SECOND);
    expect(view.text).toBe("<80x24>a");
    player.play();
    expect(await clock.nextWait()).toBe(60.75 * SECOND);
    clock.advanceTo(60.75 * SECOND);
    await view.until("b");
    expect(await clock.nextWait()).toBe(61.75 * SECOND);
    clock.advanceTo(62 * SECOND);
    expect(await run).toBe("ended");
    expect(view.text).toBe("<80x24>abc");
  });

  it("that paused while it lagged behind plays on with the pauses that were recorded", async () => {
    const clock = new ManualClock();
    const view = new NotingView(clock, (text) => {
      if (text === "a") clock.advanceTo(50 * SECOND);
      if (text === "a") player.pause();
      return true;
    });
    const player = new StreamPlayer({ open: async () => recordingOf(events, { batchEvents: 1 }), view, clock });
    const run = player.run();
    clock.advanceTo(await clock.nextWait());
    await view.until("a");
    await paused(player);
    player.play();
    expect(await clock.nextWait()).toBe(51 * SECOND);
    clock.advanceTo(51 * SECOND);
    await view.until("b");
    expect(await clock.nextWait()).toBe(52 * SECOND);
    player.stop();
    await run;
  });

  it("steps through one output after the other while paused, and ends after the last", async () => {
    const { clock, player, run, view } = byHand([output(1, "a"), input(1.5, "i"), resize(1.6, 9, 9), output(2, "b")]);
    player.pause();
    player.step();
    await view.until("a");
    await paused(player);
    expect(view.text).toBe("<80x24>a");
    player.step();
    await view.until("b");
    expect(view.text).toBe("<80x24>a<9x9>b");
    await paused(player);
    player.step();
    expect(await run).toBe("ended");
    expect(clock.now()).toBe(0);
  });

  it("obeys commands that come together one after the other", async () => {
    const { clock, player, run, view } = byHand(events);
    for (const command of ["toggle", "step", "step", "toggle"] as const) player.command(command);
    await view.until("ab");
    expect(await clock.nextWait()).toBe(1 * SECOND);
    clock.advanceTo(1 * SECOND);
    expect(await run).toBe("ended");
  });

  it("does not step while playing", async () => {
    const { clock, player, run, view } = byHand(events);
    await clock.nextWait();
    player.step();
    await clock.nextWait();
    expect(view.text).toBe("<80x24>");
    player.stop();
    expect(await run).toBe("interrupted");
  });

  it("jumps to the next marker: all before it at once, then paused there", async () => {
    const marked = [output(1, "a"), output(2, "b"), marker(3), output(4, "c"), marker(5), output(6, "d")];
    const { clock, player, run, view } = byHand(marked);
    player.pause();
    player.nextMarker();
    await view.until("ab");
    await paused(player);
    player.play();
    expect(await clock.nextWait()).toBe(1 * SECOND);
    player.nextMarker();
    await view.until("abc");
    await paused(player);
    player.nextMarker();
    expect(await run).toBe("ended");
    expect(view.text).toBe("<80x24>abcd");
  });

  it("pauses on markers when asked to, at the marker's time", async () => {
    const { clock, player, run, view } = byHand([output(1, "a"), marker(2), output(3, "b")], { pauseOnMarkers: true });
    clock.advanceTo(await clock.nextWait());
    await view.until("a");
    clock.advanceTo((await clock.nextWait()) + 7);
    await paused(player);
    clock.advanceTo(10 * SECOND);
    player.play();
    expect(await clock.nextWait()).toBe(11 * SECOND);
    clock.advanceTo(11 * SECOND);
    expect(await run).toBe("ended");
  });

  it("passes over markers otherwise", async () => {
    const { player, view } = quickly([output(1, "a"), marker(2), output(3, "b")]);
    expect(await player.run()).toBe("ended");
    expect(timesOf(view)).toEqual([SECOND, 3 * SECOND]);
  });

  it("stops on a signal, before and while it plays", async () => {
    const before = quickly(events, { signal: AbortSignal.abort() });
    expect(await before.player.run()).toBe("interrupted");
    expect(before.view.text).toBe("");
    const abort = new AbortController();
    const { clock, run } = byHand(events, { signal: abort.signal });
    await clock.nextWait();
    abort.abort();
    expect(await run).toBe("interrupted");
  });

  it("stops while the recording is still being opened, and closes it when it is", async () => {
    let finish: (recording: Recording) => void = () => {};
    const opening = new Promise<Recording>((resolve) => {
      finish = resolve;
    });
    const { player, run, view } = byHand([], { open: () => opening });
    player.pause();
    player.stop();
    expect(await run).toBe("interrupted");
    const closed = new Promise<void>((resolve) => finish(recordingOf([], { onClose: resolve })));
    await closed;
    expect(view.text).toBe("");
  });

  it("stops while the next batch is awaited from a source that gives none, and does not wait for that source", async () => {
    const never = new Promise<never>(() => {});
    async function* batches() {
      yield [output(0, "a")];
      await never;
    }
    const stuck: Recording = { ...recordingOf([]), batches: batches(), close: () => never };
    const { player, run, view } = byHand([], { open: async () => stuck });
    await view.until("a");
    player.stop();
    expect(await run).toBe("interrupted");
  });

  it("stops while the view takes nothing, whatever becomes of that view", async () => {
    let fail: (error: Error) => void = () => {};
    const clock = new ManualClock();
    const view = new NotingView(clock, () => new Promise((_, reject) => (fail = reject)));
    const player = new StreamPlayer({ open: async () => recordingOf([output(0, "a")]), view, clock });
    const run = player.run();
    await view.until("a");
    player.pause();
    await paused(player);
    player.stop();
    expect(await run).toBe("interrupted");
    fail(new Error("gone"));
  });
});

describe("StreamPlayer in a burst", () => {
  const burst = Array.from({ length: 400 }, () => output(0, new Uint8Array(100_000).fill(120)));

  it("shows at most one slice after a key, whether the view makes it wait or not", async () => {
    for (const wait of [async () => true, () => true]) {
      const clock = new ManualClock();
      let shown = 0;
      let atKey = 0;
      const pressKey = () => {
        atKey = shown;
        player.pause();
      };
      const view = new NotingView(clock, (_, bytes) => {
        expect(bytes.length).toBeLessThanOrEqual(SLICE_BYTES);
        shown += bytes.length;
        if (view.shown.length === 20) setImmediate(pressKey);
        return wait();
      });
      const player = new StreamPlayer({ open: async () => recordingOf(burst), view, clock });
      const run = player.run();
      await paused(player);
      expect(atKey).toBeGreaterThan(0);
      expect(shown - atKey).toBeLessThanOrEqual(SLICE_BYTES);
      player.stop();
      await run;
    }
  });

  it("lets the machine's events through between slices: timers fire, though the view never waits", async () => {
    const clock = new ManualClock();
    const view = new NotingView(clock);
    const player = new StreamPlayer({ open: async () => recordingOf(burst), view, clock, loop: true });
    setTimeout(() => player.stop(), 5);
    expect(await player.run()).toBe("interrupted");
  });

  it("stops in the middle of a jump to a marker that is far away", async () => {
    const clock = new ManualClock();
    const view = new NotingView(clock, () => {
      if (view.shown.length === 10) player.stop();
      return true;
    });
    const player = new StreamPlayer({ open: async () => recordingOf([...burst, marker(1)]), view, clock });
    player.nextMarker();
    expect(await player.run()).toBe("interrupted");
    expect(view.shown.length).toBe(10);
  });

  it("finishes a large output before a step is done, and only that", async () => {
    const { player, run, view } = byHand([output(1, "x".repeat(100_000)), output(1, "y")]);
    player.pause();
    player.step();
    await view.until("x".repeat(100_000));
    await paused(player);
    expect(view.text).toHaveLength("<80x24>".length + 100_000);
    player.stop();
    await run;
  });

  it("plays on in the middle of a large output", async () => {
    const large = Buffer.alloc(100_000, "0123456789");
    const clock = new ManualClock({ skipsWaits: true });
    const view = new NotingView(clock, () => {
      player.command("toggle");
      player.command("toggle");
      return true;
    });
    const player = new StreamPlayer({
      open: async () => recordingOf([output(0, large), output(0, "end")]),
      view,
      clock,
    });
    expect(await player.run()).toBe("ended");
    expect(view.text).toBe(`<80x24>${large.toString()}end`);
  });
});

/** Resolves when the player stands paused; its own turns, not time, are waited for. */
async function paused(player: StreamPlayer): Promise<void> {
  while (player.state !== "paused") await new Promise((resolve) => setImmediate(resolve));
}
