// Keeps hidden lines out of the recording: what is typed while the terminal does not echo but hands input over by lines
// (`read -s`, getpass, sudo) becomes one mask of fixed length, whatever its length. Programs in raw mode do their own
// echo, or none: nobody can tell, so they are not masked.
import type { TtyFlags } from "../pty/index.js";

const MASK = new TextEncoder().encode("********");
/** What ends a line, or the program that reads it: LF, CR, ^C, ^D, ^Z, ^\. Told apart so that they are recorded. */
const LINE_ENDS = new Set([0x0a, 0x0d, 0x03, 0x04, 0x1a, 0x1c]);

/** Masks hidden lines. One for a recording: a line may come in many pieces. */
export class InputMask {
  /** The mask of the hidden line under way was given already. */
  #masked = false;

  /**
   * What of the typed bytes may be recorded, in pieces that become one event each. `flags` are the terminal's at this
   * moment; where they are not known, everything counts as hidden.
   */
  apply(bytes: Uint8Array, flags: TtyFlags | undefined): readonly Uint8Array[] {
    if (flags !== undefined && (flags.echo || !flags.icanon)) {
      this.#masked = false;
      return [bytes];
    }
    const pieces: Uint8Array[] = [];
    for (const byte of bytes) {
      if (!this.#masked) pieces.push(MASK);
      this.#masked = !LINE_ENDS.has(byte);
      if (!this.#masked) pieces.push(Uint8Array.of(byte));
    }
    return pieces;
  }
}
