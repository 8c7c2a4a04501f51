// Finds the recorder's own keys in what is typed. They are not handed to the child. Pasted text (bracketed paste) never
// counts as keys.

/** What a key asks for. */
export type HotKeyAction = "pause" | "marker";

/** The bytes the keys send; absent: no such key. */
export interface HotKeyBytes {
  readonly pause?: number | undefined;
  readonly marker?: number | undefined;
}

/** A run of typed bytes for the child, or a key for the recorder. */
export type TypedPiece = Uint8Array | HotKeyAction;

const PASTE_BEGIN = [0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e]; // ESC [ 200 ~
const PASTE_END = [0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e]; // ESC [ 201 ~

/** Splits what is typed at the recorder's keys. One for a terminal: pastes come in many pieces. */
export class HotKeys {
  readonly #actions = new Map<number, HotKeyAction>();
  #pasting = false;
  /** How many bytes of the bracket looked for were seen in a row. */
  #matched = 0;

  constructor({ pause, marker }: HotKeyBytes) {
    if (pause !== undefined) this.#actions.set(pause, "pause");
    if (marker !== undefined) this.#actions.set(marker, "marker");
  }

  /** The pieces in order; the runs of bytes are views of `bytes`. */
  split(bytes: Uint8Array): readonly TypedPiece[] {
    if (this.#actions.size === 0) return [bytes];
    const pieces: TypedPiece[] = [];
    let start = 0;
    for (const [index, byte] of bytes.entries()) {
      this.#followPaste(byte);
      const action = this.#pasting ? undefined : this.#actions.get(byte);
      if (action === undefined) continue;
      if (index > start) pieces.push(bytes.subarray(start, index));
      pieces.push(action);
      start = index + 1;
    }
    if (start < bytes.length) pieces.push(bytes.subarray(start));
    return pieces;
  }

  #followPaste(byte: number): void {
    const bracket = this.#pasting ? PASTE_END : PASTE_BEGIN;
    if (byte === bracket[this.#matched]) this.#matched++;
    else this.#matched = byte === bracket[0] ? 1 : 0;
    if (this.#matched < bracket.length) return;
    this.#matched = 0;
    this.#pasting = !this.#pasting;
  }
}
