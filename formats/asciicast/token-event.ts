// An event that remembers the JSON text it was read from, so that writing asciicast again can copy that text instead of
// escaping the bytes anew. The memory is private to the class: an event that a transform has made of it, perhaps with
// other data, is a plain object and knows nothing of the old text.
import type { Event } from "../../src/core/index.js";
import type { JsonWriter } from "../ndjson/json-writer.js";

/** An output or input event read from asciicast. `data` is what the text stands for. */
export class TokenEvent {
  readonly kind: "output" | "input";
  readonly time: number;
  readonly data: Uint8Array;
  readonly #line: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  /** The inside of the JSON string stands in `line` from `start` to `end`: valid JSON text, whole characters. */
  constructor(kind: "output" | "input", time: number, data: Uint8Array, line: Uint8Array, start: number, end: number) {
    this.kind = kind;
    this.time = time;
    this.data = data;
    this.#line = line;
    this.#start = start;
    this.#end = end;
  }

  /** Appends the event's JSON text to `writer`; false where the event is not of this class. */
  static copyToken(event: Event, writer: JsonWriter): boolean {
    if (!(#line in event)) return false;
    writer.rawRange(event.#line, event.#start, event.#end);
    return true;
  }
}
