// Tells the marks of the recorded shell from those that anything else prints: by a secret that only this recorder and that
// shell have, and a counter that must rise, so that a mark printed again proves nothing.
import { customEvent, type Event, MARK_CODE } from "../core/index.js";
import { ShellMarkParser } from "../terminal/index.js";

/** How the marks of the integration begin. ESC begins anew whatever was open, so that nothing before it matters. */
const INTRODUCER = Buffer.from("\x1b]633;", "latin1");
/** The same without what most of coloured output begins with. */
const RARE = INTRODUCER.subarray(1);
const COUNTER = /^[1-9][0-9]{0,14}$/;

/** Checks the marks of one shell as they pass. */
export class MarkVerifier {
  readonly #parser = new ShellMarkParser();
  readonly #prefix: string;
  #last = 0;
  /** Bytes that the parser was given. */
  #parsed = 0;

  /** `nonce`: what the shell's marks carry. */
  constructor(nonce: string) {
    this.#prefix = `${nonce}.`;
  }

  /** Some mark was proven so far. */
  get hasProof(): boolean {
    return this.#last > 0;
  }

  /** Output as events: one, or cut behind every proven mark, whose event follows there. All of the given time. */
  events(data: Uint8Array, time: number): readonly Event[] {
    if (!this.#mayHoldMark(data)) return [{ kind: "output", time, data }];
    const before = this.#parsed;
    this.#parsed += data.length;
    const events: Event[] = [];
    let from = 0;
    for (const mark of this.#parser.parse(data)) {
      const n = "proof" in mark ? this.#check(mark.proof) : undefined;
      if (n === undefined) continue;
      const end = mark.end - before;
      events.push({ kind: "output", time, data: data.subarray(from, end) }, customEvent(time, MARK_CODE, { n }));
      from = end;
    }
    if (from < data.length) events.push({ kind: "output", time, data: from === 0 ? data : data.subarray(from) });
    return events;
  }

  /** Searching is ten times as quick as parsing, and marks are rare. */
  #mayHoldMark(data: Uint8Array): boolean {
    if (this.#parser.openAt !== undefined) return true;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
    return bytes.includes(RARE) || endsWithPartOf(bytes, INTRODUCER);
  }

  /** The mark's counter where the mark is proven: never the same one twice. */
  #check(proof: string | undefined): number | undefined {
    if (proof === undefined || !proof.startsWith(this.#prefix)) return undefined;
    const counter = proof.slice(this.#prefix.length);
    if (!COUNTER.test(counter) || Number(counter) <= this.#last) return undefined;
    this.#last = Number(counter);
    return this.#last;
  }
}

/** The bytes end with a beginning of what is searched, which goes on behind them. */
function endsWithPartOf(bytes: Buffer, searched: Buffer): boolean {
  const at = bytes.lastIndexOf(searched[0] ?? 0);
  const rest = bytes.length - at;
  return at >= 0 && rest < searched.length && bytes.compare(searched, 0, rest, at) === 0;
}
