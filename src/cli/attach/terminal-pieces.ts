// What the user's terminal sends, cut into what a session may get and what it may not: keys and pasted text pass as they are, what the
// mouse did is told apart, and answers to questions that nobody here asked are taken out.
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://sw.kovidgoyal.net/kitty/keyboard-protocol/
import type { MouseReport } from "./mouse-report.js";

/** A piece of input, with the bytes that it came as. */
export type TerminalPiece =
  /** Text and control keys: no escape in it. */
  | { readonly kind: "text"; readonly bytes: Uint8Array }
  /** One key that sends a sequence, or is typed with Alt. `isRelease`: it was let go (kitty's protocol). */
  | { readonly kind: "key"; readonly bytes: Uint8Array; readonly isRelease: boolean }
  /** Pasted text or a mark around it: nothing in it is a key. */
  | { readonly kind: "paste"; readonly bytes: Uint8Array }
  | { readonly kind: "focus"; readonly bytes: Uint8Array }
  | { readonly kind: "mouse"; readonly bytes: Uint8Array; readonly report: MouseReport };

const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;
/** Longer sequences are none that a terminal sends. */
const MAX_SEQUENCE = 128;
/** A string without an end is given up behind so much. */
const MAX_STRING = 8 * 1024;
const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = Buffer.from("\x1b[201~");
/** What may stand behind ESC ], ESC P and ESC _ in an answer, and never where the three are keys typed with Alt. */
const ANSWER_STARTS: Readonly<Record<number, RegExp>> = {
  93: /^(?:$|[0-9])/,
  80: /^(?:$|[0-9>!$+|])/,
  95: /^(?:$|G)/,
};

type Found = { readonly length: number; readonly piece: TerminalPiece | undefined } | "cut";

const NOTHING = new Uint8Array(0);

/** Cuts input, chunk by chunk; what a chunk cuts is kept for the next. */
export class TerminalPieces {
  #held: Uint8Array = NOTHING;
  #isPasting = false;

  /** The pieces of this chunk, in order. */
  read(chunk: Uint8Array): readonly TerminalPiece[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = NOTHING;
    const pieces: TerminalPiece[] = [];
    for (let at = 0; at < bytes.length; ) {
      const found = this.#isPasting ? this.#paste(bytes, at) : this.#next(bytes, at);
      if (found === "cut") {
        this.#held = bytes.slice(at);
        break;
      }
      if (found.piece !== undefined) pieces.push(found.piece);
      at += found.length;
    }
    return pieces;
  }

  /** The chunk ended in what is a key if nothing more comes: whoever reads waits a little and then calls {@link flush}. */
  get waits(): boolean {
    return !this.#isPasting && this.#held.length > 0 && this.#held.length <= 2;
  }

  /** Nothing more came: what waits is a key. */
  flush(): readonly TerminalPiece[] {
    if (!this.waits) return [];
    const bytes = this.#held;
    this.#held = NOTHING;
    return [{ kind: "key", bytes, isRelease: false }];
  }

  #next(bytes: Uint8Array, at: number): Found {
    if (bytes[at] !== ESC) {
      const next = bytes.indexOf(ESC, at);
      const end = next < 0 ? bytes.length : next;
      return { length: end - at, piece: { kind: "text", bytes: bytes.slice(at, end) } };
    }
    const second = bytes[at + 1];
    if (second === undefined) return "cut";
    if (second === 0x5b) return this.#csi(bytes, at);
    if (second === 0x4f) return ss3(bytes, at);
    if (second in ANSWER_STARTS) {
      const answer = answerString(bytes, at);
      if (answer !== undefined) return answer;
    }
    if (second === ESC) return altSequence(bytes, at);
    return key(bytes, at, 1 + characterLength(bytes, at + 1));
  }

  #csi(bytes: Uint8Array, at: number): Found {
    if (bytes[at + 2] === 0x5b) return bytes[at + 3] === undefined ? "cut" : key(bytes, at, 4); // the Linux console's F1 to F5
    if (bytes[at + 2] === 0x4d) return oldMouse(bytes, at);
    for (let end = at + 2; end < bytes.length; end++) {
      const byte = bytes[end] ?? 0;
      const length = end + 1 - at;
      // Not the sequence that it began as: what came of it is no key, what comes is.
      if (byte < 0x20 || byte > 0x7e || length > MAX_SEQUENCE) return { length: length - 1, piece: undefined };
      if (byte < 0x40) continue;
      const text = Buffer.from(bytes.subarray(at, end + 1)).toString("latin1");
      if (text === PASTE_BEGIN) {
        this.#isPasting = true;
        return { length, piece: { kind: "paste", bytes: bytes.slice(at, end + 1) } };
      }
      return { length, piece: csiPiece(text, bytes.slice(at, end + 1)) };
    }
    return "cut";
  }

  /** Up to the mark of its end, of which the chunk may hold a part. */
  #paste(bytes: Uint8Array, at: number): Found {
    const rest = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const end = rest.indexOf(PASTE_END);
    if (end >= 0) {
      this.#isPasting = false;
      const length = end + PASTE_END.length;
      return { length, piece: { kind: "paste", bytes: bytes.slice(at, at + length) } };
    }
    const length = rest.length - cutEnd(rest);
    if (length === 0) return "cut";
    return { length, piece: { kind: "paste", bytes: bytes.slice(at, at + length) } };
  }
}

/** Bytes at the end that may be the beginning of the mark. */
function cutEnd(bytes: Buffer): number {
  for (let length = Math.min(PASTE_END.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(PASTE_END.subarray(0, length))) return length;
  }
  return 0;
}

function key(bytes: Uint8Array, at: number, length: number): Found {
  if (at + length > bytes.length) return "cut";
  return { length, piece: { kind: "key", bytes: bytes.slice(at, at + length), isRelease: false } };
}

/** Bytes of the UTF-8 character that begins there, by its first. */
function characterLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte < 0xc2 || byte > 0xf4) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

function ss3(bytes: Uint8Array, at: number): Found {
  let end = at + 2;
  while ((bytes[end] ?? 0) >= 0x30 && (bytes[end] ?? 0) <= 0x39 && end < at + 6) end++; // a modifier, in some terminals
  const byte = bytes[end];
  if (byte === undefined) return "cut";
  return byte < 0x20 || byte > 0x7e ? key(bytes, at, 2) : key(bytes, at, end + 1 - at);
}

/** Alt with a key that sends a sequence, in some terminals; else the escape key twice. */
function altSequence(bytes: Uint8Array, at: number): Found {
  if (bytes[at + 2] === undefined) return "cut";
  if (bytes[at + 2] !== 0x5b && bytes[at + 2] !== 0x4f) return key(bytes, at, 1);
  for (let end = at + 3; end < bytes.length && end < at + MAX_SEQUENCE; end++) {
    const byte = bytes[end] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return key(bytes, at, 1);
    if (byte >= 0x40 && !(end === at + 3 && byte === 0x5b)) return key(bytes, at, end + 1 - at);
  }
  return bytes.length < at + MAX_SEQUENCE ? "cut" : key(bytes, at, 1);
}

function oldMouse(bytes: Uint8Array, at: number): Found {
  if (bytes.length < at + 6) return "cut";
  const [code = 0, x = 0, y = 0] = [3, 4, 5].map((offset) => (bytes[at + offset] ?? 32) - 32);
  const isRelease = (code & 3) === 3 && (code & (32 + 64)) === 0;
  return { length: 6, piece: { kind: "mouse", bytes: bytes.slice(at, at + 6), report: { code, x, y, isRelease } } };
}

/** An answer in a string, which is left out; undefined where the three keys that one can begin with were typed with Alt. */
function answerString(bytes: Uint8Array, at: number): Found | undefined {
  const start = String.fromCharCode(...bytes.subarray(at + 2, at + 3));
  if (!ANSWER_STARTS[bytes[at + 1] ?? 0]?.test(start)) return undefined;
  for (let end = at + 2; end < bytes.length; end++) {
    const byte = bytes[end];
    if (byte === BEL) return { length: end + 1 - at, piece: undefined };
    if (byte !== ESC) {
      // No answer has a control key in it: nobody may be kept from getting out.
      if ((byte ?? 0) < 0x20) return { length: end - at, piece: undefined };
      continue;
    }
    if (bytes[end + 1] === undefined) return "cut";
    return { length: end - at + (bytes[end + 1] === BACKSLASH ? 2 : 0), piece: undefined };
  }
  return bytes.length - at > MAX_STRING ? { length: bytes.length - at, piece: undefined } : "cut";
}

const SGR_MOUSE = /^\x1b\[<([0-9]{1,4});([0-9]{1,6});([0-9]{1,6})([Mm])$/;
/** No private mark, and none of the finals that answers have. F3 with modifiers looks like a place of the cursor. */
const KEY = /^\x1b\[[0-9;:]*[ -/]*[@-~]$/;
const ANSWER = /(?:[cntxyM]|(?<!^\x1b\[(?:1;[0-9:]+)?)R)$/;
/** Kitty's protocol: `CSI code ; modifiers : 3 u`, and the same of keys with other finals. */
const RELEASE = /^\x1b\[[0-9:]*;[0-9]*:3(?:;[0-9:]*)?[A-Za-z~]$/;

function csiPiece(text: string, bytes: Uint8Array): TerminalPiece | undefined {
  if (text === "\x1b[I" || text === "\x1b[O") return { kind: "focus", bytes };
  const mouse = SGR_MOUSE.exec(text);
  if (mouse !== null) {
    const [, code, x, y, final] = mouse;
    return {
      kind: "mouse",
      bytes,
      report: { code: Number(code), x: Number(x), y: Number(y), isRelease: final === "m" },
    };
  }
  if (!KEY.test(text) || ANSWER.test(text)) return undefined;
  return { kind: "key", bytes, isRelease: RELEASE.test(text) };
}
