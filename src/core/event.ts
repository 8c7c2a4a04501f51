// Events: the one thing every decoder yields, every transform maps and every encoder takes.
// Data is bytes as the pty gave them; time is integer nanoseconds since the recording's start.

/** What kind of thing happened. */
export type EventKind = "output" | "input" | "resize" | "marker" | "exit" | "custom";

/** All kinds, in the order tables show them. */
export const EVENT_KINDS: readonly EventKind[] = ["output", "input", "resize", "marker", "exit", "custom"];

/** What else is known of an event: frozen, JSON-compatible values. Keys that begin with `t2a.` are t2a's own. */
export type EventMeta = Readonly<Record<string, unknown>>;

interface EventBase {
  /** Nanoseconds since the recording's start: a non-negative safe integer, never less than the event before. */
  readonly time: number;
  readonly meta?: EventMeta;
}

/** Bytes the program wrote to the terminal. The bytes belong to the event: nobody writes into them. */
export interface OutputEvent extends EventBase {
  readonly kind: "output";
  readonly data: Uint8Array;
}

/** Bytes the user typed. The bytes belong to the event: nobody writes into them. */
export interface InputEvent extends EventBase {
  readonly kind: "input";
  readonly data: Uint8Array;
}

/** The terminal took a new size, in cells. */
export interface ResizeEvent extends EventBase {
  readonly kind: "resize";
  readonly cols: number;
  readonly rows: number;
}

/** A named point in time; the label may be empty. */
export interface MarkerEvent extends EventBase {
  readonly kind: "marker";
  readonly label: string;
}

/** The command ended: its status, 128 + signal number if a signal ended it. */
export interface ExitEvent extends EventBase {
  readonly kind: "exit";
  readonly status: number;
}

/** Anything else, kept as it came. Codes that begin with `t2a.` are t2a's own. */
export interface CustomEvent extends EventBase {
  readonly kind: "custom";
  readonly code: string;
  /** One JSON value as UTF-8 text on one line. The bytes belong to the event. */
  readonly data: Uint8Array;
}

/**
 * The code of a recorder's verdict: the mark that ends where this event stands was written by the recorded shell itself.
 * Its data is `{ n }`, the mark's counter.
 */
export const MARK_CODE = "t2a.mark";

/** The key of an input event's meta that says who typed it, where several may type. */
export const WHO_META = "t2a.who";

/** One thing that happened at a time. */
export type Event = OutputEvent | InputEvent | ResizeEvent | MarkerEvent | ExitEvent | CustomEvent;

/** Events travel in batches: at most {@link MAX_BATCH_EVENTS} or {@link MAX_BATCH_BYTES}; a live source gives what it has. */
export type Batch = readonly Event[];

/** Events in a batch at most. */
export const MAX_BATCH_EVENTS = 1024;

/** Bytes of data in a batch at most, unless a single event is larger. */
export const MAX_BATCH_BYTES = 256 * 1024;

/** The largest terminal side t2a believes, in cells: what 16 bits hold, as the kernel's winsize does. */
export const MAX_CELLS = 65_535;

const textEncoder = new TextEncoder();

/** A custom event of t2a's own or anybody's, its value serialized as JSON. */
export function customEvent(time: number, code: string, value: unknown): CustomEvent {
  return { kind: "custom", time, code, data: textEncoder.encode(JSON.stringify(value)) };
}

/** Bytes of payload that an event carries (0 for kinds without any). */
export function eventBytes(event: Event): number {
  return "data" in event ? event.data.length : 0;
}

/** The same event at another time. */
export function retimed<E extends Event>(event: E, time: number): E {
  return event.time === time ? event : { ...event, time };
}
