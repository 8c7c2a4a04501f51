// Every byte of a file flipped, every length cut: verification finds it, and recovery loses what is damaged and no more.
import { describe, expect, it } from "vitest";
import { type Verdict, verifyT2r } from "../../../formats/t2r/verify.js";
import { T2aError } from "../../../src/core/index.js";
import type { Files } from "../../conformance/format-io.js";
import { concatBytes, MemorySource } from "../../support/memory-io.js";
import { encodeBlocks, flipped, recorded, recovered, variedEvents, without } from "./damaged-files.js";

const EVENTS = variedEvents(30, 300);
const BLOCK_EVENTS = 6;
const PARTS = encodeBlocks(
  Array.from({ length: 5 }, (_, at) => EVENTS.slice(at * BLOCK_EVENTS, (at + 1) * BLOCK_EVENTS)),
);
const FILE = concatBytes(PARTS);
/** Where each part of the file begins: header, five blocks, the rest. */
const STARTS = PARTS.map((_, at) => concatBytes(PARTS.slice(0, at)).length);
const JOURNAL = "live.t2r-journal";

/** The part that holds a byte. */
const partOf = (at: number) => STARTS.findLastIndex((start) => start <= at);
const isBlock = (part: number) => part > 0 && part < PARTS.length - 1;

/** The verdict; a refusal as its code. Anything thrown but a T2aError fails. */
async function verify({ name, bytes, siblings }: Files): Promise<Verdict | string> {
  try {
    return await verifyT2r(new MemorySource(bytes, { name, siblings, chunkSize: 700 }));
  } catch (error) {
    if (error instanceof T2aError) return error.code;
    throw error;
  }
}

const stateOf = (verdict: Verdict | string) => (typeof verdict === "string" ? verdict : verdict.state);

/** One bit of each byte, all bits of each seventeenth. */
function* flips(bytes: Uint8Array): Generator<readonly [number, number]> {
  for (let at = 0; at < bytes.length; at++) {
    yield [at, 1 << (at % 8)];
    if (at % 17 === 0) for (let bit = 0; bit < 8; bit++) if (bit !== at % 8) yield [at, 1 << bit];
  }
}

describe("a finished file", () => {
  it("is found damaged whichever bit is flipped, with the place and the times of a damaged block", async () => {
    for (const [at, mask] of flips(FILE)) {
      const verdict = await verify({ name: "x.t2r", bytes: flipped(FILE, at, mask) });
      expect(stateOf(verdict), `byte ${at} ^ ${mask}`).toBe("damaged");
      if (typeof verdict === "string") continue;
      const part = partOf(at);
      expect(verdict.problems[0]?.offset, `byte ${at} ^ ${mask}`).toBeGreaterThanOrEqual(STARTS[part] ?? 0);
      expect(verdict.problems[0]?.offset).toBeLessThanOrEqual(at);
      expect(verdict.events).toBe(isBlock(part) ? EVENTS.length - BLOCK_EVENTS : EVENTS.length);
      if (!isBlock(part)) continue;
      const { startTime, endTime } = verdict.problems[0] ?? {};
      expect(startTime).toBeLessThanOrEqual(EVENTS[(part - 1) * BLOCK_EVENTS]?.time ?? 0);
      if (part < 5) expect(endTime).toBeGreaterThanOrEqual(EVENTS[part * BLOCK_EVENTS - 1]?.time ?? 0);
    }
  });

  it("loses nothing but the block in which a bit is flipped, and of that not what its own frame holds", async () => {
    for (const [at, mask] of flips(FILE)) {
      const where = `byte ${at} ^ ${mask}`;
      const { kept, gaps, header, error, warnings } = await recovered(
        { name: "x.t2r", bytes: flipped(FILE, at, mask) },
        EVENTS,
      );
      expect(error, where).toBeUndefined();
      expect(warnings.length, where).toBeGreaterThan(0);
      const part = partOf(at);
      expect(header?.cols, where).toBe(part === 0 ? 80 : 100);
      if (!isBlock(part)) {
        expect(kept, where).toEqual(without(EVENTS.length, 0, 0));
        expect(gaps, where).toEqual([]);
        continue;
      }
      const first = (part - 1) * BLOCK_EVENTS;
      const others = without(EVENTS.length, first, first + BLOCK_EVENTS);
      expect(
        kept.filter((number) => others.includes(number)),
        where,
      ).toEqual(others);
      expect(kept.filter((number) => EVENTS[number]?.kind === "output").length, where).toBe(
        others.filter((number) => EVENTS[number]?.kind === "output").length,
      );
      // The index is whole and says what is missing.
      expect(gaps, where).toHaveLength(1);
      expect(gaps[0], where).toMatchObject({
        startNs: EVENTS[first]?.time,
        endNs: EVENTS[first + BLOCK_EVENTS - 1]?.time,
        events: EVENTS.length - kept.length,
      });
    }
  });

  it("is never intact when it is cut, and loses what is cut off", async () => {
    for (let length = 0; length < FILE.length; length++) {
      const files = { name: "x.t2r", bytes: FILE.subarray(0, length) };
      const isBetween = STARTS.includes(length) && length > 0;
      const isBehindIndex = length === FILE.length - 44;
      expect(stateOf(await verify(files)), `cut at ${length}`).toBe(
        isBetween || isBehindIndex ? "unfinished" : "damaged",
      );
      const { kept, gaps, error } = await recovered(files, EVENTS);
      const part = partOf(length);
      if (part === 0) expect(error, `cut at ${length}`).toMatchObject({ code: "T2A_FORMAT_HEADER" });
      else {
        const whole = Math.min(part - 1, 5) * BLOCK_EVENTS;
        expect(kept.slice(0, whole), `cut at ${length}`).toEqual(without(whole, 0, 0));
        if (isBlock(part)) expect(gaps, `cut at ${length}`).toHaveLength(isBetween ? 0 : 1);
      }
    }
  });
});

describe("a file whose recorder died", () => {
  const { name, bytes, siblings } = recorded(EVENTS);
  const journal = siblings[JOURNAL] ?? new Uint8Array(0);
  const all = without(EVENTS.length, 0, 0);

  it("is unfinished, with its events in blocks and in the journal, and recovered whole", async () => {
    const verdict = await verify({ name, bytes, siblings });
    expect(verdict).toMatchObject({ state: "unfinished", problems: [] });
    if (typeof verdict === "string") return;
    expect(verdict.blocks).toBeGreaterThan(3);
    expect(verdict.journal?.events).toBeGreaterThan(1);
    expect(verdict.events + (verdict.journal?.events ?? 0)).toBe(EVENTS.length);
    expect(verdict.journal?.duration).toBe(EVENTS.at(-1)?.time);
    const { kept, gaps } = await recovered({ name, bytes, siblings }, EVENTS);
    expect(kept).toEqual(all);
    expect(gaps).toEqual([]);
  });

  it("is found damaged whichever bit of it is flipped, and loses that block alone", async () => {
    for (const [at, mask] of flips(bytes)) {
      const files = { name, bytes: flipped(bytes, at, mask), siblings };
      const where = `byte ${at} ^ ${mask}`;
      expect(stateOf(await verify(files)), where).toBe("damaged");
      const { kept, gaps, error } = await recovered(files, EVENTS);
      expect(error, where).toBeUndefined();
      const missing = all.filter((number) => !kept.includes(number));
      // A block of a recorder has a second of output at most, that is four events here.
      expect((missing.at(-1) ?? 0) - (missing[0] ?? 0), where).toBeLessThan(6);
      expect(gaps.length, where).toBe(missing.length > 0 ? 1 : 0);
    }
  });

  it("is never intact when it is cut, and what the journal has is not lost", async () => {
    const inJournal = (await verify({ name, bytes, siblings })) as Verdict;
    const first = inJournal.events;
    for (let length = 0; length < bytes.length; length++) {
      const files = { name, bytes: bytes.subarray(0, length), siblings };
      expect(["unfinished", "damaged"], `cut at ${length}`).toContain(stateOf(await verify(files)));
      const { kept, error } = await recovered(files, EVENTS);
      expect(error, `cut at ${length}`).toBeUndefined();
      expect(
        kept.filter((number) => number >= first),
        `cut at ${length}`,
      ).toEqual(all.slice(first));
    }
  });

  it("loses an entry of the journal in which a bit is flipped, and no more", async () => {
    for (const [at, mask] of flips(journal)) {
      const files = { name, bytes, siblings: { [JOURNAL]: flipped(journal, at, mask) } };
      const where = `byte ${at} ^ ${mask}`;
      expect(["unfinished", "damaged"], where).toContain(stateOf(await verify(files)));
      const { kept, error } = await recovered(files, EVENTS);
      expect(error, where).toBeUndefined();
      expect(kept.length, where).toBeGreaterThanOrEqual(EVENTS.length - 1);
    }
  });

  it("keeps its blocks wherever the journal is cut", async () => {
    const { events } = (await verify({ name, bytes, siblings })) as Verdict;
    for (let length = 0; length < journal.length; length++) {
      const files = { name, bytes, siblings: { [JOURNAL]: journal.subarray(0, length) } };
      expect(stateOf(await verify(files)), `cut at ${length}`).toBe("unfinished");
      const { kept } = await recovered(files, EVENTS);
      expect(kept, `cut at ${length}`).toEqual(all.slice(0, Math.max(events, kept.length)));
    }
  });
});
