// Follows whether the command uses the alternate screen, which full-screen programs draw themselves: nothing may be
// written in between. No screen is needed for it, only the few sequences that switch.

const INTRODUCER = "\x1b[?";
const RESET = "\x1bc";
const ESC = 0x1b;
/** DECSET parameters that switch to the alternate screen (xterm's ctlseqs). */
const ALTERNATE = new Set(["47", "1047", "1049"]);
/** Parameters longer than this switch nothing. */
const MAX_PARAMETERS = 64;

/** Watches one command's output. */
export class FullScreenWatch {
  /** A sequence that the last chunk has cut. */
  #cut: Buffer = Buffer.alloc(0);
  #on = false;

  /** Whether the alternate screen is in use. */
  get on(): boolean {
    return this.#on;
  }

  /** Takes the next output. */
  feed(bytes: Uint8Array): void {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = this.#cut.length === 0 ? view : Buffer.concat([this.#cut, view]);
    this.#cut = cutSequence(data);
    let switchedAt = 0;
    for (let at = data.indexOf(INTRODUCER); at >= 0; at = data.indexOf(INTRODUCER, at + INTRODUCER.length)) {
      const start = at + INTRODUCER.length;
      const match = /^([0-9;]*)([hl])/.exec(data.toString("latin1", start, start + MAX_PARAMETERS));
      if (!match?.[1]?.split(";").some((parameter) => ALTERNATE.has(parameter))) continue;
      this.#on = match[2] === "h";
      switchedAt = at;
    }
    if (this.#on && data.indexOf(RESET, switchedAt) >= 0) this.#on = false;
  }
}

/** The beginning of a sequence at the end of the data, copied: chunks are large and this is kept. */
function cutSequence(data: Buffer): Buffer {
  const at = data.lastIndexOf(ESC);
  const isCut =
    at >= 0 && data.length - at <= MAX_PARAMETERS && /^\x1b(\[(\?[0-9;]*)?)?$/.test(data.toString("latin1", at));
  return Buffer.from(isCut ? data.subarray(at) : []);
}
