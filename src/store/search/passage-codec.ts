// A passage as bytes: how large the rest is when unpacked, with a bit that says whether its text is plain, then one zstd frame of the
// lines' number, their times, each as what it is more than the one before, and their texts with line feeds between.
import { isAscii } from "node:buffer";
import { zstdCompress, zstdDecompressInto } from "../../codec/index.js";
import { T2aError } from "../../core/index.js";
import { isPlainText } from "./fold.js";
import type { Passage, PassageText, ShownLine } from "./search.js";

/** Bytes of a passage unpacked, at most: whoever asks for more is damaged. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Small rather than fast: what is written once is read often. */
const LEVEL = 9;
const HEAD_BYTES = 4;
/** Room for a passage of usual size. */
const SCRATCH_BYTES = 64 * 1024;
/** In the size: {@link OpenedPassage.isPlain}. */
const PLAIN_BIT = 0x8000_0000;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a passage. Line feeds within a line become blanks; times that go back stand still. */
export function encodePassage({ lines }: Passage): Uint8Array {
  const head: number[] = [];
  pushNumber(head, lines.length);
  let before = 0;
  for (const { timeNs } of lines) {
    const time = Math.max(before, Math.round(timeNs));
    pushNumber(head, time - before);
    before = time;
  }
  const whole = lines.map(({ text }) => text.replaceAll("\n", " ")).join("\n");
  const text = encoder.encode(whole);
  const size = head.length + text.length;
  if (size > MAX_BYTES) throw new RangeError("a passage is larger than its bound");
  const raw = new Uint8Array(size);
  raw.set(head);
  raw.set(text, head.length);
  const frame = zstdCompress(raw, LEVEL);
  const bytes = new Uint8Array(HEAD_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, isPlainText(whole) ? size + PLAIN_BIT : size);
  bytes.set(frame, HEAD_BYTES);
  return bytes;
}

/** A passage whose text is unpacked. */
export interface OpenedPassage extends PassageText {
  /** Lines. */
  readonly count: number;
  /** Its text is surely plain: see {@link isPlainText}. */
  readonly isPlain: boolean;
  /** The text's UTF-8, each byte as a character: what is ASCII stands in it as it is. Quicker to have and to search than `text`. */
  readonly byteText: string;
  /** Time of its last line, in nanoseconds. @throws T2aError `T2A_CODEC` where it is damaged. */
  readonly lastNs: number;
  /** @throws T2aError `T2A_CODEC` where it is damaged, as `text`. */
  lines(): readonly ShownLine[];
}

/** The lines that the bytes hold. @throws T2aError `T2A_CODEC` where they are damaged. */
export function decodePassage(bytes: Uint8Array): readonly ShownLine[] {
  return openPassage(bytes).lines();
}

/** Of one after the other: memory of their own for each costs more than unpacking them. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** The text that the bytes hold, its lines for whoever wants them. @throws as {@link decodePassage}. */
export function openPassage(bytes: Uint8Array): OpenedPassage {
  if (bytes.length < HEAD_BYTES) throw damaged();
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % PLAIN_BIT;
  if (size > MAX_BYTES) throw damaged();
  const raw = size <= SCRATCH_BYTES ? scratch.subarray(0, size) : Buffer.allocUnsafeSlow(size);
  zstdDecompressInto(raw, bytes.subarray(HEAD_BYTES));
  const { number: count, next: first } = numberAt(raw, 0);
  if (count > size) throw damaged();
  let start = first;
  for (let line = 0; line < count; start++) if ((raw[start] ?? 0) < 0x80) line++;
  if (start > size) throw damaged();
  return new UnpackedPassage(count, (bytes[0] ?? 0) >= 0x80, raw.toString("latin1", first, start), raw.subarray(start));
}

class UnpackedPassage implements OpenedPassage {
  readonly count: number;
  readonly isPlain: boolean;
  readonly byteText: string;
  readonly #isAscii: boolean;
  /** Each byte as a character. */
  readonly #times: string;
  #text: string | undefined;

  constructor(count: number, isPlain: boolean, times: string, text: Buffer) {
    this.count = count;
    this.isPlain = isPlain;
    this.byteText = text.toString("latin1"); // far quicker than as UTF-8
    this.#isAscii = isAscii(text);
    this.#times = times;
  }

  get text(): string {
    if (this.#isAscii) return this.byteText;
    this.#text ??= decoder.decode(Buffer.from(this.byteText, "latin1"));
    return this.#text;
  }

  get lastNs(): number {
    return this.#timesNs().at(-1) ?? 0;
  }

  lines(): readonly ShownLine[] {
    const texts = this.text.split("\n");
    if (texts.length !== Math.max(1, this.count)) throw damaged();
    return this.#timesNs().map((timeNs, line) => ({ timeNs, text: texts[line] ?? "" }));
  }

  #timesNs(): readonly number[] {
    const bytes = Buffer.from(this.#times, "latin1");
    const times: number[] = [];
    let timeNs = 0;
    for (let at = 0; times.length < this.count; ) {
      const { number, next } = numberAt(bytes, at);
      timeNs += number;
      at = next;
      times.push(timeNs);
    }
    return times;
  }
}

function numberAt(bytes: Uint8Array, at: number): { readonly number: number; readonly next: number } {
  let number = 0;
  for (let factor = 1, next = at; ; factor *= 128) {
    const byte = bytes[next++];
    if (byte === undefined || factor > 2 ** 49) throw damaged();
    number += (byte & 127) * factor;
    if (byte < 128) return { number, next };
  }
}

/** Seven bits a byte, the lowest first; the last byte is below 128. */
function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

function damaged(): T2aError {
  return new T2aError("T2A_CODEC", "a passage in the index is damaged");
}
