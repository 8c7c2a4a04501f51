// The text of the engine's rows, for whoever reads very many of them: straight from the packed words, no object a cell.
import { CODEPOINT, IS_COMBINED, WIDTH_SHIFT, WORDS } from "./cells.js";
import { MAX_SIDE } from "./engine.js";
import type { EngineLine } from "./engine-internals.js";

/** A character with more combining ones than fit in so many UTF-16 units is cut: there is no end to them. */
const MAX_CELL_UNITS = 32;
/** Bits that no cell of plain Latin-1 has. */
const NOT_LATIN1 = 0x3fff00;
const HAS_CONTENT = IS_COMBINED | CODEPOINT;
const SPACE = 0x20;

const memory = Buffer.allocUnsafeSlow(MAX_SIDE * MAX_CELL_UNITS * 2);
const units = new Uint16Array(memory.buffer, memory.byteOffset, memory.length / 2);

/**
 * The text of a row as `ScreenLine.text` gives it, blanks at the end taken away. With `goesOn`, for a row that the next one
 * continues, they stay, but for the last cell where a wide character did not fit.
 */
export function rowText(line: EngineLine, goesOn = false): string {
  const end = goesOn ? endOfFullRow(line) : endOfText(line);
  const words = line._data;
  let length = 0;
  let seen = 0;
  for (let x = 0; x < end; ) {
    const content = words[x * WORDS] ?? 0;
    seen |= content;
    memory[length++] = content & CODEPOINT || SPACE;
    x += content >> WIDTH_SHIFT || 1;
  }
  return (seen & NOT_LATIN1) === 0 ? memory.toString("latin1", 0, length) : anyText(line, end);
}

function anyText({ _data: words, _combined: combined }: EngineLine, end: number): string {
  let length = 0;
  for (let x = 0; x < end; ) {
    const content = words[x * WORDS] ?? 0;
    const code = content & CODEPOINT;
    if ((content & IS_COMBINED) !== 0) length = addCombined(combined[x] ?? " ", length);
    else if (code <= 0xffff) units[length++] = code || SPACE;
    else {
      units[length++] = 0xd7c0 + (code >> 10);
      units[length++] = 0xdc00 | (code & 0x3ff);
    }
    x += content >> WIDTH_SHIFT || 1;
  }
  return memory.toString("utf16le", 0, length * 2);
}

function addCombined(text: string, start: number): number {
  let length = start;
  for (let at = 0; at < text.length && at < MAX_CELL_UNITS; at++) units[length++] = text.charCodeAt(at);
  return length;
}

function endOfText({ _data: words, length }: EngineLine): number {
  let end = length;
  while (end > 0 && isBlank(words[(end - 1) * WORDS] ?? 0)) end--;
  return end;
}

/** A wide character never stands in the last column alone: the cell stays empty, and is no part of the text. */
function endOfFullRow({ _data: words, length }: EngineLine): number {
  const last = words[(length - 1) * WORDS] ?? 0;
  const isLeftOut = (last & HAS_CONTENT) === 0 && last >> WIDTH_SHIFT === 1;
  return isLeftOut ? length - 1 : length;
}

/** A blank, an empty cell or the right half of a wide character. */
function isBlank(content: number): boolean {
  const what = content & HAS_CONTENT;
  return what === 0 || what === SPACE;
}
