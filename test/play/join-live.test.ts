// Joining a recording that is still being written: a screen, then what comes.
import { expect, it } from "vitest";
import { createScreenFold } from "../../src/cli/screen-fold.js";
import type { Batch, Event, Recording } from "../../src/core/index.js";
import { joinLive, ManualClock, StreamPlayer } from "../../src/play/index.js";
import { marker, NotingView, output, recordingOf, resize } from "./recordings.js";

/** A recording whose past is given first; then `live` is aborted, and what is pushed comes. */
function growing(past: readonly Event[], failure?: Error) {
  const live = new AbortController();
  const pending: Batch[] = [];
  let ended = false;
  let wake = () => {};
  async function* batches(): AsyncGenerator<Batch> {
    for (const event of past) yield [event];
    if (failure !== undefined) throw failure;
    live.abort();
    for (;;) {
      yield* pending.splice(0);
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const recording: Recording = { ...recordingOf([]), header: { cols: 20, rows: 5, duration: 7 }, batches: batches() };
  return {
    recording: joinLive(recording, live.signal, createScreenFold()),
    push(...batch: Event[]) {
      if (batch.length > 0) pending.push(batch);
      else ended = true;
      wake();
    },
  };
}

async function all(recording: Recording): Promise<Event[]> {
  const events: Event[] = [];
  for await (const batch of recording.batches) events.push(...batch);
  return events;
}

const textOf = (event: Event | undefined) => (event?.kind === "output" ? Buffer.from(event.data).toString() : "");

it("begins with the screen as it stands, at its size, and gives what comes at once", async () => {
  const past = [output(0, "gone\x1b[2J\x1b[H"), resize(5, 30, 6), marker(6), output(7, "\x1b[31mhere")];
  const { recording, push } = growing(past);
  const reading = all(recording);
  push(output(60, "\r\nlive"), marker(61, "m"));
  push();
  const [size, screen, ...rest] = await reading;
  expect(size).toEqual({ kind: "resize", time: 0, cols: 30, rows: 6 });
  expect(textOf(screen)).toMatch(/^\x1b\[H\x1b\[2J\x1b\[0;31m\x1b\[1;1Hhere/);
  expect(textOf(screen)).not.toContain("gone");
  expect(rest).toEqual([output(0, "\r\nlive"), marker(0, "m")]);
  expect(recording.header.duration).toBeUndefined();
});

it("shows the screen of a recording that ended before anybody could join", async () => {
  const recording = joinLive(recordingOf([output(0, "all")]), new AbortController().signal, createScreenFold());
  const events = await all(recording);
  expect(events).toHaveLength(2);
  expect(textOf(events[1])).toContain("all");
});

it("shows what there was before it tells of damage", async () => {
  const { recording } = growing([output(0, "good")], new Error("damaged"));
  const events: Event[] = [];
  await expect(
    (async () => {
      for await (const batch of recording.batches) events.push(...batch);
    })(),
  ).rejects.toThrow("damaged");
  expect(textOf(events[1])).toContain("good");
});

it("is live again after a pause: what came meanwhile is shown together", async () => {
  const clock = new ManualClock();
  const view = new NotingView(clock);
  const { recording, push } = growing([output(3600, "past")]);
  const player = new StreamPlayer({ open: async () => recording, view, clock });
  const run = player.run();
  push(output(3601, "one"));
  await view.until("one");
  player.pause();
  push(output(3700, "two"));
  push(output(3800, "three"));
  player.play();
  await view.until("three");
  push();
  expect(await run).toBe("ended");
  expect(view.text).toMatch(/past.*onetwothree$/s);
  expect(clock.now()).toBe(0);
});
