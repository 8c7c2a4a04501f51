// Takes the proof out of a shell's marks (`ESC ] 633 ; ... ;t2a=SECRET.COUNTER BEL`): who has it could forge marks. The marks stay, and
// nothing is kept back: who sees the output from anywhere on sees the same of it.

/** How such a mark begins, and what stands before its proof. */
const INTRODUCER = Buffer.from("\x1b]633;", "latin1");
const KEY = Buffer.from(";t2a=", "latin1");
/** The introducer without what most of coloured output begins with. */
const RARE = INTRODUCER.subarray(1);
const ESC = 0x1b;
/** What ends an operating system command: BEL, CAN, SUB, or ESC, with which its terminator begins. */
const ENDS: ReadonlySet<number> = new Set([0x07, 0x18, 0x1a, ESC]);

/** Finds the marks, cut anywhere. */
export class ProofFilter {
  #state: "outside" | "mark" | "proof" = "outside";
  /** Bytes of the introducer, or of the key, that were there last. */
  #matched = 0;

  /** Takes the next chunk; gives it without proofs, itself where there is none in it. */
  take(chunk: Uint8Array): Uint8Array {
    if (this.#state === "outside" && this.#matched === 0 && !mayHoldMark(chunk)) return chunk;
    const pieces: Uint8Array[] = [];
    /** Where what is kept begins. */
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#state === "outside") {
        if (this.#follows(INTRODUCER, byte)) this.#enter("mark");
      } else if (ENDS.has(byte)) {
        if (this.#state === "proof") from = at;
        this.#enter("outside");
        if (byte === ESC) this.#matched = 1;
      } else if (this.#state === "mark" && this.#follows(KEY, byte)) {
        pieces.push(chunk.subarray(from, at + 1));
        this.#enter("proof");
      }
    }
    if (this.#state !== "proof") pieces.push(chunk.subarray(from));
    else if (pieces.length === 0) return chunk.subarray(0, 0); // all of it is in the middle of a proof
    return pieces.length === 1 ? (pieces[0] ?? chunk) : Buffer.concat(pieces);
  }

  /** A screen's dump as it stands after all that was taken: it ends with what is open. */
  withoutOpenProof(dump: Uint8Array): Uint8Array {
    if (this.#state !== "proof") return dump;
    const bytes = Buffer.from(dump.buffer, dump.byteOffset, dump.length);
    const key = bytes.indexOf(KEY, Math.max(0, bytes.lastIndexOf(INTRODUCER)));
    return key < 0 ? dump : dump.subarray(0, key + KEY.length);
  }

  /** Whether the byte is the last of what is looked for. */
  #follows(searched: Uint8Array, byte: number): boolean {
    this.#matched = byte === searched[this.#matched] ? this.#matched + 1 : byte === searched[0] ? 1 : 0;
    return this.#matched === searched.length;
  }

  #enter(state: "outside" | "mark" | "proof"): void {
    this.#state = state;
    this.#matched = 0;
  }
}

/** Searching is much quicker than looking at each byte, and marks are rare. */
function mayHoldMark(chunk: Uint8Array): boolean {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  if (bytes.includes(RARE)) return true;
  const at = bytes.lastIndexOf(ESC);
  const rest = bytes.length - at;
  return at >= 0 && rest < INTRODUCER.length && bytes.compare(INTRODUCER, 0, rest, at) === 0;
}
