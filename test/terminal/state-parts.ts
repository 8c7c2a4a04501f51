// A screen whose insides a test can reach, and a comparison of two of them that knows nothing of what a saved state holds: it
// walks through everything the two engines refer to, side by side, and leaves out only what is named here, with the reason.
import { createEngine } from "../../src/terminal/engine.js";
import type { EngineBuffer } from "../../src/terminal/engine-internals.js";
import { OpenSequence } from "../../src/terminal/open-sequence.js";
import { gatherState, restoreState, type StateParts } from "../../src/terminal/state.js";
import { decodeState, encodeState } from "../../src/terminal/state-codec.js";
import { Utf8Decoder } from "../../src/terminal/utf8.js";

/** What happens to a screen. */
export type ScreenEvent = Uint8Array | { readonly cols: number; readonly rows: number };

/** A screen laid open. */
export function makeParts(size: { readonly cols: number; readonly rows: number }): StateParts {
  return { engine: createEngine(size), decoder: new Utf8Decoder(), open: new OpenSequence() };
}

/** What Screen.feed and Screen.resize do. */
export function applyEvent({ engine, decoder, open }: StateParts, event: ScreenEvent): void {
  if (event instanceof Uint8Array) {
    const text = decoder.decode(event);
    engine.parse(text);
    open.note(text, engine.core._inputHandler._parser.currentState);
  } else if (event.cols !== engine.core.cols || event.rows !== engine.core.rows) engine.resize(event.cols, event.rows);
}

export function saveParts(parts: StateParts): Uint8Array {
  return encodeState(gatherState(parts));
}

export function restoreParts(parts: StateParts, bytes: Uint8Array): void {
  restoreState(parts, decodeState(bytes));
}

const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["rawOptions.cols", "what the engine was made with, or had at its last reset"],
  ["rawOptions.rows", "what the engine was made with, or had at its last reset"],
  ["options.cols", "the same"],
  ["options.rows", "the same"],
  ["_parseBuffer", "holds what was parsed last"],
  ["_cachedBlankLine", "made anew where the pen or the width is another"],
  ["_dirtyRowTracker", "begins anew with every parse; nobody is told"],
  ["_eraseAttrDataInternal", "computed from the pen at each use"],
  ["_nullCell", "computed at each use"],
  ["_whitespaceCell", "computed at each use"],
  ["_workCell", "computed at each use"],
  ["_memoryCleanupQueue", "spare memory"],
  ["_memoryCleanupPosition", "spare memory"],
  ["_array", "rows are compared in their order"],
  ["_startIndex", "rows are compared in their order"],
  ["_store", "who listens"],
  ["_listeners", "who listens"],
  ["_event", "who listens"],
  ["_size", "who listens"],
  ["_deliveryQueue", "who listens"],
  ["_innerEvents", "who listens"],
  ["_toDispose", "who listens"],
  ["_writeBuffer", "not used: the engine is fed directly"],
]);

/** The first difference between two engines, decoders and open sequences as a path; undefined where there is none. */
export function findDifference(first: StateParts, second: StateParts): string | undefined {
  const pairs: [unknown, unknown, string][] = [
    [first.engine.core, second.engine.core, "core"],
    [first.engine.links.save(), second.engine.links.save(), "links"],
    [[...first.engine.colours], [...second.engine.colours], "colours"],
    [keyboardsOf(first), keyboardsOf(second), "keyboards"],
    [[...first.decoder.open], [...second.decoder.open], "bytes"],
    [first.open.text, second.open.text, "sequence"],
  ];
  for (const [one, other, path] of pairs) {
    const difference = new Walk().compare(one, other, path);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Copies: states that never change may be shared. */
const keyboardsOf = ({ engine: { keyboards } }: StateParts) => structuredClone([keyboards.normal, keyboards.alternate]);

type Things = Record<string, unknown>;

class Walk {
  readonly #seen = new Map<unknown, unknown>();

  compare(one: unknown, other: unknown, path: string): string | undefined {
    if (typeof one === "function" && typeof other === "function") return undefined;
    if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
      return Object.is(one, other) ? undefined : `${path}: ${String(one)} and ${String(other)}`;
    }
    if (one === other) return isShared(one, path) ? undefined : `${path}: both engines hold the same object`;
    if (this.#seen.has(one)) return undefined;
    this.#seen.set(one, other);
    if (ArrayBuffer.isView(one)) return sameBytes(one, other) ? undefined : `${path}: other words`;
    return this.#compareThings(contentsOf(one), contentsOf(other), path);
  }

  #compareThings(one: Things, other: Things, path: string): string | undefined {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      if (LEFT_OUT.has(key) || LEFT_OUT.has(`${path.slice(path.lastIndexOf(".") + 1)}.${key}`)) continue;
      const difference = this.compare(one[key], other[key], `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
}

let shared: ReadonlySet<object> | undefined;

/** Tables and constants that all engines of the process refer to: those that a new one has, and charsets. */
function isShared(thing: object, path: string): boolean {
  shared ??= reachable(makeParts({ cols: 2, rows: 1 }).engine.core);
  return shared.has(thing) || path.toLowerCase().includes("charset");
}

function reachable(from: object): ReadonlySet<object> {
  const found = new Set<object>([from]);
  for (const thing of found) {
    for (const inner of ArrayBuffer.isView(thing) ? [] : Object.values(thing))
      if (typeof inner === "object" && inner !== null) found.add(inner);
  }
  return found;
}

function sameBytes(one: ArrayBufferView, other: object): boolean {
  if (!ArrayBuffer.isView(other)) return false;
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  );
}

/** What an object holds, lists of rows and parameters as what they mean. */
function contentsOf(thing: object): Things {
  if (thing instanceof Map) return { entries: [...thing] };
  if (isRows(thing)) {
    const rows = Array.from({ length: thing.length }, (_, row) => thing.get(row));
    return { ...(thing as object), rows, distinct: new Set(rows).size === rows.length };
  }
  if ("_subParamsLength" in thing) {
    const { params, length, _subParams, _subParamsLength, _subParamsIdx, ...rest } = thing as ParamsParts;
    return {
      ...rest,
      params: params.slice(0, length),
      subParams: _subParams.slice(0, _subParamsLength),
      subParamsIdx: _subParamsIdx.slice(0, length),
    };
  }
  return { ...thing };
}

function isRows(thing: object): thing is EngineBuffer["lines"] {
  return "_startIndex" in thing && "_array" in thing;
}

interface ParamsParts {
  readonly params: Int32Array;
  readonly length: number;
  readonly _subParams: Int32Array;
  readonly _subParamsLength: number;
  readonly _subParamsIdx: Uint16Array;
}
