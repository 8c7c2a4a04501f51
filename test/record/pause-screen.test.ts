import { describe, expect, it } from "vitest";
import type { Batch } from "../../src/core/index.js";
import { type DumpableScreen, PauseScreen } from "../../src/record/pause-screen.js";

/** Notes what it is given. */
class NotingScreen implements DumpableScreen {
  readonly notes: string[] = [];
  disposed = false;

  feed(bytes: Uint8Array): void {
    this.notes.push(bytes.length > 10 ? `${bytes.length}` : Buffer.from(bytes).toString());
  }

  resize(cols: number, rows: number): void {
    this.notes.push(`${cols}x${rows}`);
  }

  dump(): Uint8Array {
    return Buffer.from(this.notes.join(" "));
  }

  dispose(): void {
    this.disposed = true;
  }
}

function start(batches: () => AsyncGenerator<Batch>) {
  const screen = new NotingScreen();
  const full: boolean[] = [];
  let closed = 0;
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const pause = new PauseScreen({
    createScreen: async () => screen,
    readBack: async () => {
      await released;
      return {
        header: { cols: 80, rows: 24 },
        batches: batches(),
        close: async () => {
          closed++;
        },
      };
    },
    onFull: (value) => full.push(value),
  });
  return { pause, screen, full, release, closed: () => closed };
}

const output = (text: string) => ({ kind: "output", time: 0, data: Buffer.from(text) }) as const;

describe("the screen of a pause", () => {
  it("takes what was recorded first, whatever comes while it is read", async () => {
    const { pause, screen, full, release, closed } = start(async function* () {
      yield [output("old"), { kind: "resize", time: 0, cols: 10, rows: 5 }, { kind: "marker", time: 0, label: "" }];
      yield [output("older")];
    });
    pause.feed(Buffer.from("new"));
    pause.resize({ cols: 20, rows: 6 });
    release();
    expect(Buffer.from(await pause.dump()).toString()).toBe("old 10x5 older new 20x6");
    expect([screen.disposed, closed(), full]).toEqual([true, 1, []]);
  });

  it("asks for a break while too much waits, and takes it in slices", async () => {
    const { pause, screen, full, release } = start(async function* () {});
    for (let index = 0; index < 60; index++) pause.feed(new Uint8Array(100_000));
    expect(full).toEqual([true]);
    release();
    await pause.dump();
    expect(screen.notes).toHaveLength(60);
    expect(full).toEqual([true, false]);
  });

  it("stops reading when it is not needed any more", async () => {
    let read = 0;
    const { pause, screen, release, closed } = start(async function* () {
      for (; ; read++) yield [output("x")];
    });
    release();
    while (read < 3) await new Promise((resolve) => setImmediate(resolve));
    pause.discard();
    while (closed() === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(screen.disposed).toBe(true);
  });

  it("tells at the end why it could not be built", async () => {
    const { pause, closed, release } = start(async function* () {
      yield [output("x")];
      throw new Error("damaged");
    });
    release();
    pause.feed(Buffer.from("new"));
    await expect(pause.dump()).rejects.toThrow("damaged");
    expect(closed()).toBe(1);
    const other = start(async function* () {
      yield* [];
      throw new Error("damaged");
    });
    other.pause.discard();
    other.release();
  });
});
