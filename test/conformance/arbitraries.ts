// Arbitrary recordings for property tests: every kind of event, invalid UTF-8 and characters cut anywhere, times to the
// nanosecond, meta, unicode and empty labels, every header field.
import fc from "fast-check";
import { type Batch, customEvent, type Event, type EventKind, type Header } from "../../src/core/index.js";
import type { Plain } from "./format-io.js";

/** What {@link arbitraryRecording} may make. */
export interface ArbitraryOptions {
  /** Exit events anywhere (default), or at most one, at the end: all that a format with a trailer can hold. */
  readonly exit?: "anywhere" | "last" | undefined;
  /** Most events in a recording; 40 by default. */
  readonly maxEvents?: number | undefined;
}

/** Runs of a property: `T2A_FUZZ_RUNS` raises them. */
export const PROPERTY_RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 100);

const encoder = new TextEncoder();

/** Nanoseconds between two events: mostly small, now and then days, always under the leap that decoders clamp. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 5_000_000_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2_000_000 }).map((us) => us * 1000) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 86_400 * 5 }).map((s) => s * 1_000_000_000 + 499_999_500) },
);

const unicode = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((text) => encoder.encode(text));
const terminal = fc
  .array(
    fc.constantFrom(
      "\x1b[0m",
      "\x1b[2J",
      "\r\n",
      "日本",
      "é",
      "👩‍💻",
      "\ufeff",
      "\0",
      '"',
      "\\",
      "\u2028",
      "plain",
      "\x7f",
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => encoder.encode(parts.join("")));
const binary = fc.uint8Array({ minLength: 1, maxLength: 24 });
/** Text cut inside a character: the rest may or may not follow in the next event. */
const cutHead = unicode.map((bytes) => bytes.slice(0, Math.max(1, bytes.length - 1)));
const cutTail = unicode.map((bytes) => bytes.slice(Math.min(1, bytes.length - 1)));
const bytes = fc.oneof(unicode, terminal, terminal, binary, cutHead, cutTail);

const cells = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 65_535 }));
const label = fc.oneof(fc.constant(""), fc.string({ unit: "binary", maxLength: 12 }), fc.constant("ein\nzwei"));
const jsonValue = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const meta = fc
  .dictionary(fc.stringMatching(/^[a-z][a-z.]{0,8}$/), jsonValue, { minKeys: 1, maxKeys: 2, noNullPrototype: true })
  .map((value) => Object.freeze(value));
const code = fc.oneof(fc.stringMatching(/^t2a\.[a-z]{1,6}$/), fc.stringMatching(/^[a-z]{2,6}$/), fc.constant("Zü-1"));

type Timeless = { [K in EventKind]: Omit<Extract<Event, { kind: K }>, "time"> }[EventKind];

const body: fc.Arbitrary<Timeless> = fc.oneof(
  { weight: 6, arbitrary: bytes.map((data) => ({ kind: "output", data }) as const) },
  { weight: 2, arbitrary: bytes.map((data) => ({ kind: "input", data }) as const) },
  { weight: 1, arbitrary: fc.tuple(cells, cells).map(([cols, rows]) => ({ kind: "resize", cols, rows }) as const) },
  { weight: 1, arbitrary: label.map((text) => ({ kind: "marker", label: text }) as const) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((status) => ({ kind: "exit", status }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(code, jsonValue)
      .map(([name, value]) => ({ kind: "custom", code: name, data: customEvent(0, name, value).data }) as const),
  },
);

/** Any event without its time, with or without meta. */
const timeless: fc.Arbitrary<Timeless> = fc
  .tuple(body, fc.option(meta, { freq: 8, nil: undefined }))
  .map(([event, extra]) => (extra === undefined ? event : { ...event, meta: extra }));

const line = fc.string({ unit: "grapheme", minLength: 1, maxLength: 16 });
const color = fc.stringMatching(/^#[0-9a-f]{6}$/);
const theme = fc.record({
  fg: color,
  bg: color,
  palette: fc.oneof(fc.array(color, { minLength: 8, maxLength: 8 }), fc.array(color, { minLength: 16, maxLength: 16 })),
});

/** Any header. */
export const arbitraryHeader: fc.Arbitrary<Header> = fc
  .record(
    {
      cols: fc.oneof(fc.constant(80), cells),
      rows: fc.oneof(fc.constant(24), cells),
      termType: fc.constantFrom("xterm-256color", "vt100", "screen.linux"),
      termVersion: line,
      theme,
      startTime: fc.bigInt({ min: 10n ** 18n, max: 4n * 10n ** 18n }),
      bootId: fc.uuid(),
      idleTimeLimit: fc.integer({ min: 1, max: 60_000 }).map((ms) => ms * 1_000_000),
      command: line,
      title: line,
      env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}$/), line, { maxKeys: 3, noNullPrototype: true }),
      tags: fc.array(line, { maxLength: 3 }),
      user: line,
      host: line,
      cwd: line.map((text) => `/${text}`),
      id: fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
      parentId: fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
    },
    { requiredKeys: ["cols", "rows"], noNullPrototype: true },
  )
  .map((header): Header => header);

/** Any recording a recorder could have made. The last output and input end with a whole character. */
export function arbitraryRecording(options: ArbitraryOptions = {}): fc.Arbitrary<Plain> {
  const events = fc.array(fc.tuple(step, timeless), { maxLength: options.maxEvents ?? 40 }).map((list) => {
    const middle = list.filter(([, event]) => options.exit !== "last" || event.kind !== "exit");
    const exit = options.exit === "last" ? list.find(([, event]) => event.kind === "exit") : undefined;
    return withTimes([
      ...middle,
      [0, { kind: "input", data: encoder.encode("\r") }],
      [1_000_000, { kind: "output", data: encoder.encode("$ ") }],
      ...(exit === undefined ? [] : [exit]),
    ]);
  });
  return fc.record({ header: arbitraryHeader, events }, { noNullPrototype: true });
}

/** The events cut into batches of any sizes, empty ones included. */
export function arbitraryBatches(events: readonly Event[]): fc.Arbitrary<Batch[]> {
  return fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 12 }).map((sizes) => {
    const batches: Batch[] = [];
    for (let at = 0, i = 0; at < events.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      const count = i < sizes.length ? size : Math.max(1, size);
      batches.push(events.slice(at, at + count));
      at += count;
    }
    return batches;
  });
}

function withTimes(list: readonly (readonly [number, Timeless])[]): Event[] {
  let time = 0;
  return list.map(([delta, event]) => {
    time += delta;
    return { ...event, time };
  });
}
