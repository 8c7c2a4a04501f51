// The one way by which recorded bytes reach a user's real terminal: an allow-list (output-rules.ts) behind a small parser of its
// own. Whatever comes in, what goes out is whole: valid UTF-8, whole allowed control functions, in the order they came.
// Control functions after ECMA-48, section 5; strings end as xterm ends them (ST, ESC, CAN, SUB; OSC also with BEL).
import { ByteWriter, joinBytes } from "./byte-writer.js";
import { filterCsi, findPlainFinal } from "./csi-filter.js";
import { sanitizeHyperlink } from "./hyperlink.js";
import { CHARSET_SLOTS, CHARSETS, ESC_FINALS } from "./output-rules.js";
import { TerminalUndo } from "./terminal-undo.js";
import { measureUtf8 } from "./utf8.js";

/** A control sequence longer than this is dropped: nothing that is allowed needs as much. */
const MAX_SEQUENCE_BYTES = 256;
/** An OSC 8 longer than this is dropped: terminals take addresses of about 2,083 bytes. */
const MAX_LINK_BYTES = 2400;

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const CSI_INTRODUCER = 0x5b;
const SGR_FINAL = 0x6d;
const NOTHING = new Uint8Array(0);

/** Where the parser stands between two chunks; sequences that are cut are held back whole instead. */
type State = "ground" | "overlongSequence" | "osc" | "string" | "titleString";

const STRING_STATES: ReadonlyMap<string, State> = new Map([
  ["]", "osc"],
  ["P", "string"],
  ["X", "string"],
  ["^", "string"],
  ["_", "string"],
  ["k", "titleString"],
]);

/**
 * Filters a recording's output for the user's terminal. Chunks may be cut anywhere and how they are cut changes nothing.
 * One filter a playback; `cleanup` before the terminal is handed back.
 */
export class OutputFilter {
  readonly #out = new ByteWriter(8192);
  readonly #undo = new TerminalUndo();
  readonly #link = new ByteWriter(256);
  #state: State = "ground";
  /** The beginning of a character or sequence that the last chunk cut. */
  #held: Uint8Array = NOTHING;
  #lastStringByte = 0;

  /** What of these bytes may be written to the terminal. The returned bytes are the caller's. */
  filter(chunk: Uint8Array): Uint8Array {
    const bytes = joinBytes(this.#held, chunk);
    this.#held = NOTHING;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next === undefined) {
        this.#held = bytes.slice(at);
        break;
      }
      at = next;
    }
    return this.#out.take();
  }

  /** What is left at the end of a recording: a cut character becomes U+FFFD, a cut sequence is dropped. */
  end(): Uint8Array {
    const first = this.#held[0] ?? 0;
    this.#held = NOTHING;
    this.#state = "ground";
    if (first >= 0x80) this.#out.text("\ufffd");
    return this.#out.take();
  }

  /**
   * The bytes that undo what was let through (alternate buffer, cursor, style, margins, modes, charsets, tab stops).
   * May be called at any time: what was let through is always whole. Empty where nothing has to be undone.
   */
  cleanup(): Uint8Array {
    this.#out.text(this.#undo.undo());
    return this.#out.take();
  }

  /** Handles what stands at `at` and returns where to go on; undefined where the chunk's end cuts it. */
  #step(bytes: Uint8Array, at: number): number | undefined {
    switch (this.#state) {
      case "ground":
        return this.#text(bytes, at);
      case "overlongSequence":
        return this.#skipSequence(bytes, at);
      default:
        return this.#string(bytes, at);
    }
  }

  /** Copies the longest run of what may pass as it is. */
  #text(bytes: Uint8Array, start: number): number | undefined {
    let at = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= 0x20 && byte < 0x7f) continue;
      if (byte >= 0xc2) {
        const length = measureUtf8(bytes, at);
        // U+0080-U+009F are the C1 controls.
        if (length <= 0 || (byte === 0xc2 && (bytes[at + 1] ?? 0) < 0xa0)) break;
        at += length - 1;
      } else if (byte === ESC) {
        const final = findPlainFinal(bytes, at);
        if (final === undefined) break;
        if (bytes[final] === SGR_FINAL) this.#undo.note("style");
        at = final;
      } else if (byte < 0x07 || byte > 0x0f) break;
      else if (byte === 0x0e) this.#undo.note("shift");
    }
    if (at > start) {
      this.#out.copy(bytes, start, at);
      return at;
    }
    return bytes[at] === ESC ? this.#escape(bytes, at) : this.#oddByte(bytes, at);
  }

  /** A byte that is no text: dropped, or replaced where it is no UTF-8. Undefined where the chunk's end cuts a character. */
  #oddByte(bytes: Uint8Array, at: number): number | undefined {
    const byte = bytes[at] ?? 0;
    // C0 that do more than move, DEL, and C1 as single bytes.
    if (byte < 0xa0) return at + 1;
    const length = measureUtf8(bytes, at);
    if (length === 0) return undefined;
    if (length > 0) return at + length;
    this.#out.text("\ufffd");
    return at - length;
  }

  #escape(bytes: Uint8Array, start: number): number | undefined {
    const isCsi = bytes[start + 1] === CSI_INTRODUCER;
    const first = isCsi ? start + 2 : start + 1;
    const lowestFinal = isCsi ? 0x40 : 0x30;
    const limit = Math.min(bytes.length, start + MAX_SEQUENCE_BYTES);
    let at = first;
    let hasControls = false;
    for (; at < limit; at++) {
      const byte = bytes[at] ?? 0;
      if ((byte >= lowestFinal && byte !== 0x7f) || byte === ESC || byte === CAN || byte === SUB) break;
      if (byte < 0x20 || byte === 0x7f) hasControls = true;
    }
    if (at >= limit && bytes.length - start < MAX_SEQUENCE_BYTES) return undefined;
    // Terminals obey control characters inside a sequence, ahead of it.
    const sequence = hasControls ? this.#takeControls(bytes, first, at) : bytes.subarray(first, at);
    if (at >= limit) {
      this.#state = "overlongSequence";
      return at;
    }
    const final = bytes[at] ?? 0;
    if (final === CAN || final === SUB) return at + 1;
    if (final === ESC || final >= 0x80) return at;
    if (isCsi) filterCsi(sequence, final, this.#out, this.#undo);
    else this.#escapeFunction(sequence, final);
    return at + 1;
  }

  /** Emits the control characters of `bytes[start, end)` and returns what else is there. */
  #takeControls(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const span = bytes.subarray(start, end);
    for (const byte of span) this.#control(byte);
    return span.filter((byte) => byte >= 0x20 && byte !== 0x7f);
  }

  #control(byte: number): void {
    if (byte < 0x07 || byte > 0x0f) return;
    if (byte === 0x0e) this.#undo.note("shift");
    this.#out.byte(byte);
  }

  #skipSequence(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= 0x20 && byte < 0x40) continue;
      if (byte < 0x20 && byte !== ESC && byte !== CAN && byte !== SUB) this.#control(byte);
      else if (byte !== 0x7f) {
        this.#state = "ground";
        return byte === ESC || byte >= 0x80 ? at : at + 1;
      }
    }
    return bytes.length;
  }

  #escapeFunction(intermediates: Uint8Array, finalByte: number): void {
    const final = String.fromCharCode(finalByte);
    const between = String.fromCharCode(...intermediates);
    if (between === "") this.#plainEscape(final);
    else if (CHARSET_SLOTS.includes(between) && CHARSETS.has(final)) {
      this.#undo.noteCharset(between);
      this.#out.text(`\x1b${between}${final}`);
    } else if (between === "#" && final === "8") this.#out.text("\x1b#8");
  }

  #plainEscape(final: string): void {
    const string = STRING_STATES.get(final);
    if (string !== undefined) {
      this.#state = string;
      this.#link.take();
      this.#lastStringByte = 0;
    } else if (final === "[") {
      // A control character stood between ESC and [: nobody writes that, and what follows must not be shown as text.
      this.#state = "overlongSequence";
    } else if (final === "c") this.#reset();
    else if (ESC_FINALS.has(final)) {
      if (final === "H") this.#undo.note("tabs");
      if (final === "n" || final === "o") this.#undo.note("shift");
      this.#out.text(`\x1b${final}`);
    }
  }

  /** RIS would take the user's own settings and scrollback with it: what the recording changed is undone, the screen cleared. */
  #reset(): void {
    this.#out.text(this.#undo.undo());
    this.#out.text("\x1b[H\x1b[2J\x1b7");
  }

  #string(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      const isC1End = byte === 0x9c && this.#lastStringByte === 0xc2;
      this.#lastStringByte = byte;
      if (byte === CAN || byte === SUB) this.#state = "ground";
      else if (byte === ESC || isC1End || (byte === BEL && this.#state === "osc")) this.#endString();
      else if (this.#state === "titleString" && byte < 0x20) this.#state = "ground";
      else {
        if (this.#state === "osc" && this.#link.length <= MAX_LINK_BYTES) this.#link.byte(byte);
        continue;
      }
      // ESC begins ST, which is dropped on its own, or the next sequence.
      return byte === ESC ? at : at + 1;
    }
    return bytes.length;
  }

  #endString(): void {
    const isOsc = this.#state === "osc";
    this.#state = "ground";
    if (!isOsc || this.#link.length > MAX_LINK_BYTES) return;
    const payload = Buffer.from(this.#link.take()).toString("latin1");
    if (!payload.startsWith("8;")) return;
    this.#undo.note("link");
    this.#out.text(`\x1b]8;${sanitizeHyperlink(payload.slice(2))}\x1b\\`);
  }
}
