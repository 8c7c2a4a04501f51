// Arbitrary terminal streams for properties: text, control functions of every kind, strings, damage; and a way to cut them.
import fc from "fast-check";
import type { ScreenEvent } from "./state-parts.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

const text = fc.string({ unit: fc.constantFrom(..."abc xyz-_|é日本語👍\u0301\u200d─"), maxLength: 30 });
const number = fc.oneof(fc.nat(30), fc.nat(30), fc.nat(3000), fc.constant(2_147_483_647));
const parameters = fc
  .array(fc.oneof(number.map(String), fc.constant("")), { maxLength: 4 })
  .map((values) => values.join(";"));
const final = fc.integer({ min: 0x40, max: 0x7e }).map((code) => String.fromCharCode(code));
const csi = fc
  .tuple(
    fc.constantFrom("", "", "", "?", ">", "<", "="),
    parameters,
    fc.constantFrom("", "", "", " ", "!", "$", '"', "'"),
    final,
  )
  .map((parts) => `\x1b[${parts.join("")}`);
const style = fc
  .array(
    fc.constantFrom("0", "1", "2", "3", "4", "4:3", "7", "9", "31", "97", "48;5;7", "38;2;1;2;3", "38:5:1", "58;5;2"),
    {
      maxLength: 3,
    },
  )
  .map((values) => `\x1b[${values.join(";")}m`);
const mode = fc
  .tuple(
    fc.constantFrom(1, 5, 6, 7, 25, 45, 47, 66, 1000, 1004, 1006, 1047, 1048, 1049, 2004, 2026),
    fc.constantFrom("h", "l"),
  )
  .map(([value, direction]) => `\x1b[?${value}${direction}`);
const escapeFunction = fc
  .tuple(fc.constantFrom("", "", "(", ")", "*", "+", "#", "%", " "), fc.integer({ min: 0x30, max: 0x7e }))
  .map(([between, code]) => `\x1b${between}${String.fromCharCode(code)}`);
const control = fc.constantFrom(..."\x00\x05\x07\b\t\n\v\f\r\x0e\x0f\x18\x1a\x1b\x7f\u0085\u009b\u009c");
const string = fc
  .tuple(
    fc.constantFrom("]", "P", "_", "^", "X", "k"),
    fc.constantFrom(
      "0;t",
      "2;t",
      "8;;https://example.org",
      "8;id=1;http://x",
      "8;;",
      "8;;file:///x",
      "52;c;eA==",
      "$qm",
      "",
    ),
    fc.constantFrom("\x07", "\x1b\\", "\x18", "", "\u009c"),
  )
  .map((parts) => `\x1b${parts.join("")}`);

/** Streams of everything a terminal may be sent, damage included. */
export function hostileBytes(): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    ...[text, text, csi, csi, style, mode, escapeFunction, control, string].map((source) => source.map(bytesOf)),
    fc.uint8Array({ maxLength: 6 }),
  );
  return fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));
}

/** The bytes in chunks of these sizes, over and over. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] ?? 1;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

const movement = fc
  .tuple(fc.nat(8), fc.nat(24), fc.constantFrom(..."HABCDEFGdf`ae"))
  .map(([row, col, finalByte]) => `\x1b[${row};${col}${finalByte}`);
const edit = fc
  .tuple(fc.nat(8), fc.constantFrom(..."JKXPLM@STIZg"))
  .map(([count, finalByte]) => `\x1b[${finalByte === "J" || finalByte === "K" ? count % 3 : count}${finalByte}`);
const margins = fc.tuple(fc.nat(7), fc.nat(7)).map(([top, bottom]) => `\x1b[${top};${bottom}r`);
const screenFunction = fc.constantFrom(
  ..."\x1b7|\x1b8|\x1bD|\x1bE|\x1bM|\x1bH|\x1b(0|\x1b(B|\x1b)0|\x1b)A|\x0e|\x0f|\x1bn|\x1b[4h|\x1b[4l|\x1b[3b|\x1b#8|\x1b[!p|\x1b[2 q|\x1bc".split(
    "|",
  ),
);

/** Streams as programs write them, for a small screen: valid UTF-8 and known functions, in any order. */
export function screenStream(): fc.Arbitrary<Uint8Array> {
  const longText = fc.string({ unit: fc.constantFrom(..."abc xyz-|é日本👍\u0301─"), maxLength: 50 });
  const control = fc.constantFrom("\r\n", "\r\n", "\r", "\n", "\b", "\t");
  const piece = fc.oneof(longText, longText, style, control, movement, edit, mode, margins, screenFunction, string);
  return fc.array(piece, { maxLength: 30 }).map((pieces) => bytesOf(pieces.join("")));
}

/** Output and resizes in any order. */
export function screenEvents(stream: fc.Arbitrary<Uint8Array>): fc.Arbitrary<ScreenEvent[]> {
  const resize = fc.record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 9 }) });
  return fc.array(fc.oneof({ weight: 6, arbitrary: stream }, { weight: 1, arbitrary: resize }), {
    minLength: 1,
    maxLength: 6,
  });
}
