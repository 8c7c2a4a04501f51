// The promise of --sync: power is cut at every instant of a recording, and of what was not synced the disk keeps any
// sectors it likes. What was shown longer ago than the bound must be found again, and nothing that was not recorded.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { t2r } from "../../../formats/t2r/index.js";
import type { Event, Header, Target } from "../../../src/core/index.js";
import { FormatSink, SYNC_BOUND_MS, type SyncMode } from "../../../src/record/index.js";
import { decodeFiles } from "../../conformance/format-io.js";

const HEADER: Header = { cols: 80, rows: 24 };
const SECTOR_BYTES = 512;
/** Power is cut behind every so many things that are done: 1 is behind each of them. */
const EVERY = Number(process.env.T2A_CUTS ?? 7);

/** A disk that keeps a log of what is done to its files. */
class Disk {
  readonly files: DiskFile[] = [];
  /** How each file stood after each thing that was done: how many of its pieces there were, how many of them synced. */
  readonly moments: { readonly time: number; readonly files: readonly { pieces: number; synced: number }[] }[] = [];
  /** The next sync takes so many milliseconds. */
  readonly syncMillis: () => number;

  constructor(syncMillis: () => number) {
    this.syncMillis = syncMillis;
  }

  note(): void {
    const files = this.files.map(({ pieces, synced }) => ({ pieces: pieces.length, synced }));
    this.moments.push({ time: performance.now(), files });
  }

  /** The files after a power cut at that moment: what was synced, and of the rest what `keeps` says. */
  after(moment: Disk["moments"][number], keeps: () => boolean): { name: string; bytes: Uint8Array }[] {
    return moment.files.map(({ pieces: count, synced }, index) => {
      const { name, pieces } = this.files[index] ?? { name: "", pieces: [] };
      const kept = pieces.slice(0, count).filter((_, at) => at < synced || keeps());
      const bytes = new Uint8Array(Math.max(0, ...kept.map((piece) => piece.at + piece.bytes.length)));
      for (const piece of kept) bytes.set(piece.bytes, piece.at);
      return { name, bytes };
    });
  }
}

/** A file of it, as a target. A write is divided into sectors: each is on disk whole or not at all. */
class DiskFile implements Target {
  readonly name: string;
  readonly pieces: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  synced = 0;
  rewound = 0;
  readonly #disk: Disk;
  #position = 0;
  #syncing = false;

  constructor(disk: Disk, name: string) {
    this.#disk = disk;
    this.name = name;
    disk.files.push(this);
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + SECTOR_BYTES - ((this.#position + at) % SECTOR_BYTES));
      this.pieces.push({ at: this.#position + at, bytes: Uint8Array.from(bytes.subarray(at, end)) });
      at = end;
    }
    this.#position += bytes.length;
    this.#disk.note();
  }

  rewind(): void {
    this.#position = 0;
    this.rewound++;
  }

  async sync(): Promise<void> {
    expect(this.#syncing, "two syncs at a time").toBe(false);
    this.#syncing = true;
    const covered = this.pieces.length;
    await new Promise((resolve) => setTimeout(resolve, this.#disk.syncMillis()));
    this.#syncing = false;
    this.synced = covered;
    this.#disk.note();
  }

  sibling(name: string): DiskFile {
    return new DiskFile(this.#disk, name);
  }

  async commit(): Promise<void> {}

  async abort(): Promise<void> {}
}

/** Numbers from 0 to 1, the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Shown {
  readonly event: Event;
  /** When it was shown, and how many things had been done to the disk by then; not yet, where undefined. */
  shown: number | undefined;
  moments: number;
}

/** Records bursts and pauses; the recorded program is held back, as it is in truth, while a write waits. */
async function record(disk: Disk, sync: SyncMode, chance: () => number, batches: number): Promise<Shown[]> {
  const target = new DiskFile(disk, "live.t2r");
  const writer = t2r.createLiveWriter?.(target, { live: true, synced: sync !== "none" });
  if (writer === undefined) throw new Error("no live writer");
  const sink = FormatSink.start(writer, target, HEADER, sync);
  const start = performance.now();
  const all: Shown[] = [];
  for (let count = 0; count < batches; count++) {
    const time = Math.round((performance.now() - start) * 1e6);
    const data = new Uint8Array(1 + Math.floor(chance() * (count % 40 === 0 ? 3000 : 60))).fill(count % 251);
    const entry: Shown = { event: { kind: "output", time, data }, shown: undefined, moments: 0 };
    all.push(entry);
    const show = () => {
      entry.shown = performance.now();
      entry.moments = disk.moments.length;
    };
    const pending = sink.write([entry.event]);
    if (pending === undefined) show();
    else {
      let done = false;
      void pending.then(() => {
        show();
        done = true;
      });
      // Something typed may come all the same.
      while (!done && chance() < 0.9) await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(Math.floor(chance() < 0.5 ? chance() * 20 : chance() * 1500));
  }
  expect(disk.files[1]?.rewound).toBeGreaterThan(1); // else the order of syncs was not tried
  return all;
}

/** The events that are found after each power cut, with what was shown by then and when it was cut. */
async function* cuts(disk: Disk, all: readonly Shown[], chance: () => number) {
  for (const [at, moment] of disk.moments.entries()) {
    if (at % EVERY !== 0) continue;
    // Just before the next thing is done.
    const shown = all.filter((entry) => entry.shown !== undefined && entry.moments <= at + 1);
    const time = disk.moments[at + 1]?.time ?? moment.time;
    for (const share of [0, 0.5, 0.9, 1]) {
      const [file, journal] = disk.after(moment, () => chance() < share);
      if (file === undefined || (shown.length === 0 && file.bytes.length < SECTOR_BYTES)) continue;
      const siblings = journal === undefined ? {} : { [journal.name]: journal.bytes };
      const { events: found } = await decodeFiles(t2r, { ...file, siblings }, { recover: true });
      expect(found.findIndex((event, index) => !isSame(event, all[index]?.event))).toBe(-1);
      yield { found: found.length, shown, time };
    }
  }
}

const isSame = (one: Event, other: Event | undefined) =>
  one.kind === "output" && other?.kind === "output" && one.time === other.time && !Buffer.compare(one.data, other.data);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("after a power cut at any instant, whatever sectors the disk kept", () => {
  it("nothing is missing that was shown a second before, where syncs are no slower than half of that", async () => {
    const chance = random(1);
    const disk = new Disk(() => chance() * (SYNC_BOUND_MS / 2));
    const all = await record(disk, "interval", chance, 450);
    for await (const { found, shown, time } of cuts(disk, all, chance)) {
      const old = shown.filter((entry) => (entry.shown ?? 0) <= time - SYNC_BOUND_MS).length;
      expect(found).toBeGreaterThanOrEqual(old);
    }
  });

  it("less than a second of what was shown is missing, however slow syncs are", async () => {
    const chance = random(2);
    const disk = new Disk(() => chance() * 4000);
    const all = await record(disk, "interval", chance, 450);
    for await (const { found, shown } of cuts(disk, all, chance)) {
      const last = Math.max(...shown.map((entry) => entry.shown ?? 0));
      const missing = all.slice(found, shown.length);
      expect(missing.filter((entry) => (entry.shown ?? 0) <= last - SYNC_BOUND_MS)).toHaveLength(0);
    }
  });

  it("nothing that was shown is missing, where it is always synced first", async () => {
    const chance = random(3);
    const disk = new Disk(() => chance() * 30);
    const all = await record(disk, "always", chance, 450);
    for await (const { found, shown } of cuts(disk, all, chance)) expect(found).toBeGreaterThanOrEqual(shown.length);
  });
});
