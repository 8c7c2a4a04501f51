// Follows whether the command uses the alternate screen, which full-screen programs draw themselves: nothing may be
// written in between. No screen is needed for it, only the few sequences that switch.

const INTRODUCER = "\x1b[?";
const RESET = "\x1bc";
const [ESC, SEMICOLON, SET, RESET_MODE] = [0x1b, 0x3b, 0x68, 0x6c];
/** DECSET parameters that switch to the alternate screen (xterm's ctlseqs). */
const ALTERNATE = new Set([47, 1047, 1049]);
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
      const on = readSwitch(data, at + INTRODUCER.length);
      if (on === undefined) continue;
      this.#on = on;
      switchedAt = at;
    }
    if (this.#on && data.indexOf(RESET, switchedAt) >= 0) this.#on = false;
  }
}

/**
 * Whether the sequence whose parameters begin here switches to the alternate screen, or back; undefined where neither. No
 * string is made: full-screen programs send such sequences all the time.
 */
function readSwitch(data: Buffer, start: number): boolean | undefined {
  let parameter = 0;
  let isSwitch = false;
  for (let at = start; at < Math.min(data.length, start + MAX_PARAMETERS); at++) {
    const byte = data[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) {
      parameter = parameter * 10 + byte - 0x30;
      continue;
    }
    isSwitch ||= ALTERNATE.has(parameter);
    parameter = 0;
    if (byte === SEMICOLON) continue;
    return isSwitch && (byte === SET || byte === RESET_MODE) ? byte === SET : undefined;
  }
  return undefined;
}

/** The beginning of a sequence at the end of the data, copied: chunks are large and this is kept. */
function cutSequence(data: Buffer): Buffer {
  const at = data.lastIndexOf(ESC);
  const isCut =
    at >= 0 && data.length - at <= MAX_PARAMETERS && /^\x1b(\[(\?[0-9;]*)?)?$/.test(data.toString("latin1", at));
  return Buffer.from(isCut ? data.subarray(at) : []);
}
