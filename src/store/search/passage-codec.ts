// A passage as bytes: how large the rest is when unpacked, with a bit that says whether its text is plain, then one zstd frame of the
// lines' number, their times, each as what it is more than the one before, and their texts with line feeds between.
import { isAscii } from "node:buffer";
import { zstdCompress, zstdDecompress } from "../../codec/index.js";
import { T2aError } from "../../core/index.js";
import { isPlainText } from "./fold.js";
import type { Passage, ShownLine } from "./search.js";

/** Bytes of a passage unpacked, at most: whoever asks for more is damaged. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Small rather than fast: what is written once is read often. */
const LEVEL = 9;
const HEAD_BYTES = 4;
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
export interface OpenedPassage {
  /** Lines. */
  readonly count: number;
  /** Its text is surely plain: see {@link isPlainText}. */
  readonly isPlain: boolean;
  /** Its text, with line feeds between the lines. */
  text(): string;
  /** The text's UTF-8, each byte as a character: what is ASCII stands in it as it is. Quicker to have and to search than `text`. */
  byteText(): string;
  /** @throws T2aError `T2A_CODEC` where it is damaged. */
  lines(): readonly ShownLine[];
}

/** The lines that the bytes hold. @throws T2aError `T2A_CODEC` where they are damaged. */
export function decodePassage(bytes: Uint8Array): readonly ShownLine[] {
  return openPassage(bytes).lines();
}

/** The text that the bytes hold, its lines for whoever wants them. @throws as {@link decodePassage}. */
export function openPassage(bytes: Uint8Array): OpenedPassage {
  if (bytes.length < HEAD_BYTES) throw damaged();
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % PLAIN_BIT;
  if (size > MAX_BYTES) throw damaged();
  const raw = zstdDecompress(bytes.subarray(HEAD_BYTES), size);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = raw[at++];
      if (byte === undefined || factor > 2 ** 49) throw damaged();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const count = number();
  if (count > size) throw damaged();
  const times: number[] = [];
  let time = 0;
  for (let line = 0; line < count; line++) {
    time += number();
    times.push(time);
  }
  const bytesOfText = Buffer.from(raw.buffer, raw.byteOffset + at, raw.length - at);
  const byteText = () => bytesOfText.toString("latin1"); // the one is far quicker than the other
  const text = () => (isAscii(bytesOfText) ? byteText() : decoder.decode(bytesOfText));
  return {
    count,
    isPlain: (bytes[0] ?? 0) >= 0x80,
    text,
    byteText,
    lines: () => {
      const texts = text().split("\n");
      if (texts.length !== Math.max(1, count)) throw damaged();
      return times.map((timeNs, line) => ({ timeNs, text: texts[line] ?? "" }));
    },
  };
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
