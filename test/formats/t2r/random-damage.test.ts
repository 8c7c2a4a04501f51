// Larger files with all kinds of damage at once: what has a whole copy anywhere is recovered, in order, and nothing else.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { t2r } from "../../../formats/t2r/index.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import { type Event, T2aError } from "../../../src/core/index.js";
import { PROPERTY_RUNS } from "../../conformance/arbitraries.js";
import { concatBytes, MemorySource } from "../../support/memory-io.js";
import { encodeBlocks, flipped, keyOf, recovered, variedEvents, without } from "./damaged-files.js";

const BLOCKS = 24;
const BLOCK_EVENTS = 25;
/** Some of the output does not compress: it stands in the file as it is, and could be taken for anything. */
const EVENTS = variedEvents(BLOCKS * BLOCK_EVENTS, 50).map((event, at): Event => {
  if (event.kind !== "output" || at % 3 !== 0) return event;
  return {
    ...event,
    data: createHash("shake256", { outputLength: at * 7 })
      .update(`${at}`)
      .digest(),
  };
});
const blockOf = (number: number) => Math.floor(number / BLOCK_EVENTS);
const PARTS = encodeBlocks(
  Array.from({ length: BLOCKS }, (_, at) => EVENTS.slice(at * BLOCK_EVENTS, (at + 1) * BLOCK_EVENTS)),
);

/** A piece of a damaged file: the part of the original that it was, and whether it is whole. */
interface Part {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

/** What happens to a file: what, and numbers that say where. */
type Damage = readonly [(parts: readonly Part[], one: number, other: number) => readonly Part[], number, number];

/** The header and the end may be flipped, but not moved: who has lost them has lost order as well. */
const block = (parts: readonly Part[], seed: number) => 1 + (seed % (parts.length - 2));
const partAt = (parts: readonly Part[], at: number) => parts[at] as Part;

function removed(parts: readonly Part[], one: number) {
  return parts.length < 4 ? parts : parts.toSpliced(block(parts, one), 1);
}

function doubled(parts: readonly Part[], one: number, other: number) {
  return parts.toSpliced(block(parts, other), 0, partAt(parts, block(parts, one)));
}

function swapped(parts: readonly Part[], one: number, other: number) {
  const [a, b] = [block(parts, one), block(parts, other)];
  return parts.with(a, partAt(parts, b)).with(b, partAt(parts, a));
}

function bitFlipped(parts: readonly Part[], one: number, other: number) {
  const at = one % parts.length;
  const { number, bytes } = partAt(parts, at);
  if (bytes.length === 0) return parts;
  return parts.with(at, { number, bytes: flipped(bytes, other % bytes.length, 1 << (other % 8)), isWhole: false });
}

function cutShort(parts: readonly Part[], one: number, other: number) {
  const { number, bytes } = partAt(parts, block(parts, one));
  return parts.with(block(parts, one), {
    number,
    bytes: bytes.subarray(0, other % (bytes.length + 1)),
    isWhole: false,
  });
}

function rubbishBetween(parts: readonly Part[], one: number, other: number) {
  const bytes = createHash("shake256", { outputLength: other % 300 })
    .update(`${other}`)
    .digest();
  return parts.toSpliced(block(parts, one), 0, { number: -1, bytes, isWhole: false });
}

const damage: fc.Arbitrary<Damage> = fc.tuple(
  fc.constantFrom(removed, doubled, swapped, bitFlipped, cutShort, rubbishBetween),
  fc.nat(),
  fc.nat(),
);
const damages = fc.array(damage, { minLength: 1, maxLength: 12 });
const WHOLE: readonly Part[] = PARTS.map((bytes, number) => ({ number, bytes, isWhole: true }));

/** The file after all that, as its pieces. */
const damaged = (all: readonly Damage[]) =>
  all.reduce((parts, [happens, one, other]) => happens(parts, one, other), WHOLE);

it("recovers every block that is whole somewhere, in order, and says how much is lost", async () => {
  const property = fc.asyncProperty(damages, async (all) => {
    const parts = damaged(all);
    const bytes = concatBytes(parts.map((part) => part.bytes));
    const { kept, gaps, error } = await recovered({ name: "x.t2r", bytes }, EVENTS);
    expect(error).toBeUndefined();
    const good = new Set(parts.filter(({ isWhole }) => isWhole).map(({ number }) => number - 1));
    const expected = without(EVENTS.length, 0, 0).filter((number) => good.has(blockOf(number)));
    expect(kept.filter((number) => good.has(blockOf(number)))).toEqual(expected);
    // Of others, what the frame before their output holds.
    const others = kept.filter((number) => !good.has(blockOf(number)));
    expect(others.every((number) => EVENTS[number]?.kind !== "output")).toBe(true);
    if (kept.length < EVENTS.length) expect(gaps.length).toBeGreaterThan(0);
    if (!parts.at(-1)?.isWhole) return;
    // The index is there, and knows what is not.
    expect(gaps.reduce((sum, { events = 0 }) => sum + events, kept.length)).toBe(EVENTS.length);
  });
  await fc.assert(property, { numRuns: PROPERTY_RUNS });
});

it("takes what comes in order of a stream that cannot be read twice, and finds the damage either way", async () => {
  const property = fc.asyncProperty(damages, async (all) => {
    const parts = damaged(all);
    const bytes = concatBytes(parts.map((part) => part.bytes));
    const source = () => new MemorySource(bytes, { ranges: false, restart: false, chunkSize: 3000 });
    const recording = await t2r.decode?.(source(), { recover: true });
    const numbers = new Map(EVENTS.map((event, number) => [keyOf(event), number]));
    let last = -1;
    for await (const batch of recording?.batches ?? []) {
      for (const event of batch) {
        if (event.kind === "custom" && event.code === "t2a.gap") continue;
        const number = numbers.get(keyOf(event)) ?? -1;
        expect(number).toBeGreaterThan(last);
        last = number;
      }
    }
    const isSame = Buffer.compare(bytes, concatBytes(PARTS)) === 0;
    const state = await verifyT2r(source()).then(
      (verdict) => verdict.state,
      (thrown) => (thrown instanceof T2aError ? "refused" : Promise.reject(thrown)),
    );
    expect(state === "intact").toBe(isSame);
  });
  await fc.assert(property, { numRuns: PROPERTY_RUNS });
});
