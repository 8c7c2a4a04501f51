// Finds the marks that shells put into their output (shell integration), cut anywhere. Strings begin and end as the output
// filter has it: ESC ends any of them and begins the next sequence, so that nothing can stand inside of another string.
// An OSC ends with BEL or ST; any other end takes it away. C1 controls count as UTF-8 has them, two bytes each.
import { ByteWriter } from "./byte-writer.js";
import { readShellOsc, type ShellMark } from "./shell-osc.js";

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const C1_LEAD = 0xc2;
/** `?`, before the parameters of private modes. */
const PRIVATE = 0x3f;

/** Longer ones are no marks, from introducer to end: 16,384 characters fit, of four bytes each as they are escaped. */
export const MAX_MARK_BYTES = 66_560;
/** Parameters of a control sequence that are looked at. */
const MAX_CSI_BYTES = 64;

const ALTERNATE_MODES: ReadonlySet<string> = new Set(["47", "1047", "1049"]);
const BRACKETED_PASTE = "2004";

/** A mark and where it stood: bytes since the parser's beginning, from its introducer to behind its end. */
export type PlacedShellMark = ShellMark & { readonly start: number; readonly end: number };

type State = "ground" | "escape" | "csi" | "otherCsi" | "osc" | "oscEscape";

/** Finds marks in output. Holds {@link MAX_MARK_BYTES} at most; never throws. */
export class ShellMarkParser {
  readonly #payload = new ByteWriter(256);
  #state: State = "ground";
  /** The last byte was the first one of what may be a C1 control. */
  #hasLead = false;
  #offset: number;
  /** Where the open sequence began, and an ESC that may end it. */
  #begin = 0;
  #escapeAt = 0;
  #marks: PlacedShellMark[] = [];

  /** `offset`: of the first byte. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** The marks that end in this chunk, in order. */
  parse(chunk: Uint8Array): readonly PlacedShellMark[] {
    this.#marks = [];
    for (let at = 0; at < chunk.length; at++) {
      if (this.#state === "ground" && !this.#hasLead) at = findIntroducer(chunk, at);
      const byte = chunk[at];
      if (byte !== undefined) this.#take(byte, this.#offset + at);
    }
    this.#offset += chunk.length;
    return this.#marks;
  }

  /** Where what may become a mark begins, in bytes since the parser's beginning; undefined where nothing is open. */
  get openAt(): number | undefined {
    if (this.#state === "ground") return this.#hasLead ? this.#offset - 1 : undefined;
    // Control characters count, too: any number of them may stand inside.
    return this.#offset - this.#begin > MAX_MARK_BYTES ? undefined : this.#begin;
  }

  #take(byte: number, position: number): void {
    if (this.#hasLead) {
      this.#hasLead = false;
      if (byte >= 0x80 && byte < 0xa0) {
        this.#control1(byte, position);
        return;
      }
      if (this.#state === "osc") this.#put(C1_LEAD);
    }
    if (byte === C1_LEAD) {
      if (this.#state !== "osc") this.#state = "ground";
      this.#hasLead = true;
    } else if (byte === ESC) {
      this.#escapeAt = position;
      if (this.#state === "osc") this.#state = "oscEscape";
      else this.#open("escape", position);
    } else if (byte === CAN || byte === SUB) this.#state = "ground";
    else this.#takeIn(byte, position);
  }

  #takeIn(byte: number, position: number): void {
    if (this.#state === "oscEscape") {
      if (byte === 0x5c) this.#endOsc(position + 1);
      else this.#open("escape", this.#escapeAt);
    }
    if (this.#state === "escape") this.#escape(byte, position);
    else if (this.#state === "otherCsi") {
      if (byte >= 0x40 && byte !== 0x7f) this.#state = "ground";
    } else if (this.#state === "csi") this.#csi(byte, position);
    else if (this.#state === "osc") {
      if (byte === BEL) this.#endOsc(position + 1);
      else if (byte >= 0x20) this.#put(byte);
    }
  }

  #escape(byte: number, position: number): void {
    if (byte < 0x20 || byte === 0x7f) return; // obeyed where it stands, and the sequence goes on
    if (byte === 0x5d) this.#state = "osc";
    else if (byte === 0x5b) this.#state = "csi";
    else {
      this.#state = "ground";
      if (byte === 0x63) this.#mark({ kind: "alternate", on: false }, position + 1); // RIS
    }
  }

  #csi(byte: number, position: number): void {
    if (byte < 0x20 || byte === 0x7f) return;
    if (byte < 0x40) {
      // Nothing but private modes is looked at: `?` comes first.
      if (this.#payload.length > 0 ? this.#payload.length <= MAX_CSI_BYTES : byte === PRIVATE) this.#put(byte);
      else if (this.#payload.length === 0) this.#state = "otherCsi";
      return;
    }
    this.#state = "ground";
    if ((byte !== 0x68 && byte !== 0x6c) || this.#payload.length > MAX_CSI_BYTES) return;
    const [first = "", ...modes] = latin1(this.#payload.take()).split(/[?;]/);
    if (first !== "") return;
    const on = byte === 0x68;
    if (modes.some((mode) => ALTERNATE_MODES.has(mode))) this.#mark({ kind: "alternate", on }, position + 1);
    if (modes.includes(BRACKETED_PASTE)) this.#mark({ kind: "bracketedPaste", on }, position + 1);
  }

  #control1(byte: number, position: number): void {
    if (byte === 0x9c && this.#state === "osc") this.#endOsc(position + 1);
    else if (byte === 0x9d) this.#open("osc", position - 1);
    else if (byte === 0x9b) this.#open("csi", position - 1);
    else this.#state = "ground";
  }

  #open(state: State, position: number): void {
    this.#state = state;
    this.#begin = position;
    this.#payload.clear();
  }

  #put(byte: number): void {
    if (this.#payload.length <= MAX_MARK_BYTES) this.#payload.byte(byte);
  }

  #endOsc(end: number): void {
    this.#state = "ground";
    const payload = this.#payload.take();
    if (end - this.#begin > MAX_MARK_BYTES) return;
    for (const mark of readShellOsc(latin1(payload))) this.#mark(mark, end);
  }

  #mark(mark: ShellMark, end: number): void {
    if (end - this.#begin > MAX_MARK_BYTES) return;
    this.#marks.push({ ...mark, start: this.#begin, end });
  }
}

/** Where the next byte stands that may begin something; the length where there is none. */
function findIntroducer(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== ESC && bytes[at] !== C1_LEAD) at++;
  return at;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
