// A screen's state as bytes, and back. The bytes come from files and the network: whatever they say is bounded and proven before
// a screen sees it, and nothing is allocated that the bytes do not hold themselves.
//
// Layout, little-endian but for cells: "t2aS", format version, byte order mark, engine, width table, columns, rows, then the parts of
// ScreenState in its order, zeros up to a multiple of four, a 32-bit checksum of all before. Numbers are LEB128 (at most 2^32-1),
// packed words are 32 bits, texts are their length times two, plus one where they have to be UTF-16 instead of Latin-1: cut
// strings may hold half a surrogate pair, which UTF-8 cannot. A buffer's cells are one run of words, aligned to four bytes.
import { T2aError } from "../core/index.js";
import { isCharsetName } from "./charset-names.js";
import { clampSize, ENGINE_NAME, WIDTH_TABLE } from "./engine.js";
import type { ExtendedAttributes } from "./engine-internals.js";
import { type KeyboardState, MAX_KEYBOARD_FLAGS, MAX_KEYBOARD_STACK } from "./keyboards.js";
import type { Link, LinkTableState } from "./links.js";
import {
  type BufferState,
  type LineState,
  type ParamsState,
  type ParserState,
  type PayloadState,
  type PenState,
  type ScreenState,
  SWITCHES,
  type Switch,
  type TitleState,
} from "./state.js";
import { StateReader, StateWriter } from "./state-bytes.js";
import { findCutCharacter } from "./utf8.js";

const MAGIC = "t2aS";
/** Of this layout; another one also where a list below changes its order. */
const VERSION = 2;
/** What the engine of saved states is called beside them: whoever has another one cannot read them. */
export const SCREEN_ENGINE = `${ENGINE_NAME}, widths ${WIDTH_TABLE}, state ${VERSION}`;
/** Cells are copied as the machine keeps them: on a machine of the other byte order this reads as another number. */
const BYTE_ORDER_MARK = 0x01020304;

const WORDS = 3;
const MAX_NUMBER = 0xffffffff;
const MAX_PARAMS = 32;
const MAX_TITLES = 10;
const MAX_COLOUR = 258;
const LAST_PARSER_STATE = 13;
const LAST_OSC_STATE = 3;
/** Width 2, joined: the largest that the width table gives. */
const MAX_JOIN = 5;
/** Beyond twice the cells of two full buffers the table cannot have grown. */
const MAX_SWEEP = 8_000_000;

/** A cell: bits 0-20 a code point, 21 set where the text is kept beside, 22-23 the width. */
const CODEPOINT = 0x1fffff;
const MAX_CODEPOINT = 0x10ffff;
const IS_COMBINED = 0x200000;
const MAX_CONTENT = 0xbfffff;
const HAS_EXTENDED = 0x10000000;

const NOT_ASCII_BYTES = 0x80808080;

const CURSOR_STYLES = [undefined, "block", "underline", "bar"] as const;
const CURSOR_BLINKS = [undefined, false, true] as const;
const MOUSE_PROTOCOLS = ["NONE", "X10", "VT200", "DRAG", "ANY"] as const;
const MOUSE_ENCODINGS = ["DEFAULT", "SGR", "SGR_PIXELS"] as const;

/** Bits of a row. */
const IS_WRAPPED = 1;
const HAS_COMBINED_TEXT = 2;
const HAS_EXTENDED_CELLS = 4;

/** The bytes of a state. */
export function encodeState(state: ScreenState): Uint8Array {
  const cells = state.cols * state.rows * (state.alternateShown ? 2 : 1);
  const writer = new StateWriter(cells * WORDS * 4 + 2048);
  for (const letter of MAGIC) writer.byte(letter.charCodeAt(0));
  writer.byte(VERSION);
  writer.align();
  writer.words(Uint32Array.of(BYTE_ORDER_MARK));
  writer.text(ENGINE_NAME);
  writer.text(WIDTH_TABLE);
  writer.number(state.cols);
  writer.number(state.rows);
  writer.flag(state.alternateShown);
  writeBuffer(writer, state.normal);
  writeBuffer(writer, state.alternate);
  writePen(writer, state.pen);
  writeModes(writer, state);
  for (const title of [state.title, state.iconName]) writeTitle(writer, title);
  writeLinks(writer, state.links);
  writeColours(writer, state.colours);
  for (const keyboard of state.keyboards) writeKeyboard(writer, keyboard);
  writeParser(writer, state.parser);
  writer.number(state.openBytes.length);
  for (const byte of state.openBytes) writer.byte(byte);
  writer.text(state.openSequence);
  return writer.seal();
}

/**
 * The state that the bytes hold; throws T2A_SCREEN where they are damaged, of another engine, version, width table or byte order,
 * or say what no screen can be. The state does not refer to the bytes.
 */
export function decodeState(bytes: Uint8Array): ScreenState {
  // A copy of our own: it begins at a multiple of four, so that cells are views of it, and nobody changes it.
  const reader = new StateReader(new Uint8Array(bytes));
  readHeader(reader);
  const state = readBody(reader);
  reader.end();
  return state;
}

function readHeader(reader: StateReader): void {
  const isOurs = [...MAGIC].every((letter) => reader.byte() === letter.charCodeAt(0));
  if (!isOurs) throw refusal("these bytes are no saved screen");
  if (reader.byte() !== VERSION) throw refusal("this screen was saved by another version of t2a");
  reader.align();
  if (reader.words(1)[0] !== BYTE_ORDER_MARK) throw refusal("this screen was saved on a machine of another byte order");
  reader.checkSeal();
  if (reader.text() !== ENGINE_NAME)
    throw refusal(`this screen was saved by a terminal engine other than ${ENGINE_NAME}`);
  if (reader.text() !== WIDTH_TABLE) throw refusal("this screen was saved with another table of character widths");
}

function refusal(message: string): T2aError {
  return new T2aError("T2A_SCREEN", `${message}: play its recording from the beginning instead`);
}

function readBody(reader: StateReader): ScreenState {
  const cols = reader.number(MAX_NUMBER);
  const rows = reader.number(MAX_NUMBER);
  const size = clampSize({ cols, rows });
  reader.check(size.cols === cols && size.rows === rows);
  const alternateShown = reader.flag();
  // The order of the fields is the order of the bytes.
  return {
    cols,
    rows,
    alternateShown,
    normal: readBuffer(reader, { cols, rows, isFilled: true }),
    alternate: readBuffer(reader, { cols, rows, isFilled: alternateShown }),
    pen: readPen(reader),
    ...readModes(reader),
    title: readTitle(reader),
    iconName: readTitle(reader),
    links: readLinks(reader),
    colours: readColours(reader),
    keyboards: [readKeyboard(reader), readKeyboard(reader)],
    parser: readParser(reader),
    openBytes: readOpenBytes(reader),
    openSequence: reader.text(),
  };
}

function writeBuffer(writer: StateWriter, buffer: BufferState): void {
  for (const number of [buffer.x, buffer.y, buffer.savedX, buffer.savedY]) writer.number(number);
  writePen(writer, buffer.savedPen);
  writeCharset(writer, buffer.savedCharset);
  writer.number(buffer.scrollTop);
  writer.number(buffer.scrollBottom);
  writer.number(buffer.tabs.length);
  for (const column of buffer.tabs) writer.number(column);
  writer.align();
  for (const { cells } of buffer.lines) writer.words(cells);
  let last: ExtendedAttributes | undefined;
  for (const line of buffer.lines) last = writeLineRest(writer, line, last);
}

interface BufferShape {
  readonly cols: number;
  readonly rows: number;
  readonly isFilled: boolean;
}

function readBuffer(reader: StateReader, { cols, rows, isFilled }: BufferShape): BufferState {
  // A combining character that nothing takes gets a cell of its own, also behind the last column: a row of them moves the cursor
  // beyond the screen, where it may be saved and set tab stops.
  const x = reader.number(MAX_NUMBER);
  const y = reader.number(rows - 1);
  const savedX = reader.number(MAX_NUMBER);
  const savedY = reader.number(rows - 1);
  const savedPen = readPen(reader);
  const savedCharset = readCharset(reader);
  const scrollTop = reader.number(rows - 1);
  const scrollBottom = reader.number(rows - 1);
  reader.check(scrollTop <= scrollBottom);
  const tabs = reader.list(MAX_NUMBER, () => reader.number(MAX_NUMBER));
  reader.align();
  const lines = isFilled ? readLines(reader, cols, rows) : [];
  return { x, y, savedX, savedY, savedPen, savedCharset, scrollTop, scrollBottom, tabs, lines };
}

function readLines(reader: StateReader, cols: number, rows: number): LineState[] {
  const words = reader.words(cols * rows * WORDS);
  const lines: LineState[] = [];
  let last: ExtendedAttributes | undefined;
  for (let row = 0; row < rows; row++) {
    const cells = words.subarray(row * cols * WORDS, (row + 1) * cols * WORDS);
    const line = readLineRest(reader, cells, last);
    last = line.extended.at(-1)?.[1] ?? last;
    reader.check(isPossible(line));
    lines.push(line);
  }
  return lines;
}

function writeLineRest(
  writer: StateWriter,
  { wrapped, combined, extended }: LineState,
  last: ExtendedAttributes | undefined,
): ExtendedAttributes | undefined {
  const hasCombined = combined.length > 0 ? HAS_COMBINED_TEXT : 0;
  const hasExtended = extended.length > 0 ? HAS_EXTENDED_CELLS : 0;
  writer.byte((wrapped ? IS_WRAPPED : 0) | hasCombined | hasExtended);
  if (hasCombined !== 0) writeCombined(writer, combined);
  return hasExtended === 0 ? last : writeExtended(writer, extended, last);
}

function writeCombined(writer: StateWriter, combined: LineState["combined"]): void {
  writer.number(combined.length);
  for (const [column, text] of combined) {
    writer.number(column);
    writer.text(text);
  }
}

/** Neighbours are mostly alike: only what differs from the last one is written. */
function writeExtended(
  writer: StateWriter,
  extended: LineState["extended"],
  before: ExtendedAttributes | undefined,
): ExtendedAttributes | undefined {
  let last = before;
  writer.number(extended.length);
  for (const [column, value] of extended) {
    const isSame = last?._ext === value._ext && last._urlId === value._urlId;
    writer.number(column * 2 + (isSame ? 1 : 0));
    if (isSame) continue;
    writer.word(value._ext);
    writer.number(value._urlId);
    last = value;
  }
  return last;
}

function readLineRest(reader: StateReader, cells: Uint32Array, last: ExtendedAttributes | undefined): LineState {
  const flags = reader.byte();
  reader.check(flags <= (IS_WRAPPED | HAS_COMBINED_TEXT | HAS_EXTENDED_CELLS));
  return {
    cells,
    wrapped: (flags & IS_WRAPPED) !== 0,
    combined: (flags & HAS_COMBINED_TEXT) === 0 ? [] : readCombined(reader),
    extended: (flags & HAS_EXTENDED_CELLS) === 0 ? [] : readExtended(reader, last),
  };
}

function readCombined(reader: StateReader): LineState["combined"] {
  return reader.list(MAX_NUMBER, () => [reader.number(MAX_NUMBER), reader.text()] as const);
}

function readExtended(reader: StateReader, before: ExtendedAttributes | undefined): LineState["extended"] {
  let last = before;
  return reader.list(MAX_NUMBER, () => {
    const number = reader.number(MAX_NUMBER);
    if (number % 2 === 0) last = { _ext: reader.word(), _urlId: reader.number(MAX_NUMBER) };
    if (last === undefined) throw reader.damage();
    return [Math.floor(number / 2), last] as const;
  });
}

/** The engine reads the text or attributes that a cell points to without looking whether they are there. */
function isPossible({ cells, combined, extended }: LineState): boolean {
  const texts = combined.length === 0 ? undefined : new Set(combined.map(([column]) => column));
  const attributes = extended.length === 0 ? undefined : new Set(extended.map(([column]) => column));
  for (let at = 0; at < cells.length; at += WORDS) {
    const content = cells[at] ?? 0;
    const background = cells[at + 2] ?? 0;
    if (content > MAX_CONTENT) return false;
    if ((content & IS_COMBINED) !== 0) {
      if (texts?.has(at / WORDS) !== true) return false;
    } else if ((content & CODEPOINT) > MAX_CODEPOINT) return false;
    if ((background & HAS_EXTENDED) !== 0 && attributes?.has(at / WORDS) !== true) return false;
  }
  return true;
}

function writePen(writer: StateWriter, { fg, bg, ext, link }: PenState): void {
  for (const word of [fg, bg, ext]) writer.word(word);
  writer.number(link);
}

function readPen(reader: StateReader): PenState {
  return { fg: reader.word(), bg: reader.word(), ext: reader.word(), link: reader.number(MAX_NUMBER) };
}

function writeModes(writer: StateWriter, state: ScreenState): void {
  for (const name of [...state.charsets, state.charset]) writeCharset(writer, name);
  writer.number(state.glevel);
  for (const name of SWITCHES) writer.flag(state.switches[name]);
  writer.choice(CURSOR_STYLES, state.cursorStyle);
  writer.choice(CURSOR_BLINKS, state.cursorBlink);
  writer.choice(MOUSE_PROTOCOLS, state.mouseProtocol);
  writer.choice(MOUSE_ENCODINGS, state.mouseEncoding);
}

function writeCharset(writer: StateWriter, name: string): void {
  writer.byte(name.charCodeAt(0));
}

function readCharset(reader: StateReader): string {
  const name = String.fromCharCode(reader.byte());
  reader.check(isCharsetName(name));
  return name;
}

type ModesState = Pick<
  ScreenState,
  "charsets" | "charset" | "glevel" | "switches" | "cursorStyle" | "cursorBlink" | "mouseProtocol" | "mouseEncoding"
>;

function readModes(reader: StateReader): ModesState {
  return {
    charsets: Array.from({ length: 4 }, () => readCharset(reader)),
    charset: readCharset(reader),
    glevel: reader.number(3),
    switches: Object.fromEntries(SWITCHES.map((name) => [name, reader.flag()])) as Record<Switch, boolean>,
    cursorStyle: reader.choice(CURSOR_STYLES),
    cursorBlink: reader.choice(CURSOR_BLINKS),
    mouseProtocol: reader.choice(MOUSE_PROTOCOLS),
    mouseEncoding: reader.choice(MOUSE_ENCODINGS),
  };
}

function writeTitle(writer: StateWriter, { text, stack }: TitleState): void {
  writer.text(text);
  writer.number(stack.length);
  for (const pushed of stack) writer.text(pushed);
}

function readTitle(reader: StateReader): TitleState {
  return { text: reader.text(), stack: reader.list(MAX_TITLES, () => reader.text()) };
}

function writeLinks(writer: StateWriter, { links, next, sweepAt }: LinkTableState): void {
  writer.number(next);
  writer.number(sweepAt);
  writer.number(links.length);
  for (const [number, { id, uri }] of links) {
    writer.number(number);
    writer.flag(id !== undefined);
    if (id !== undefined) writer.text(id);
    writer.text(uri);
  }
}

function readLinks(reader: StateReader): LinkTableState {
  const next = reader.number(MAX_NUMBER);
  const sweepAt = reader.number(MAX_SWEEP);
  const links = reader.list(sweepAt, () => {
    const number = reader.number(next - 1);
    const id = reader.flag() ? reader.text() : undefined;
    return [number, { id, uri: reader.text() } satisfies Link] as const;
  });
  return { links, next, sweepAt };
}

function writeColours(writer: StateWriter, colours: ScreenState["colours"]): void {
  writer.number(colours.length);
  for (const [index, rgb] of colours) {
    writer.number(index);
    for (const part of rgb) writer.byte(part);
  }
}

function readColours(reader: StateReader): ScreenState["colours"] {
  return reader.list(MAX_COLOUR + 1, () => {
    const index = reader.number(MAX_COLOUR);
    return [index, [reader.byte(), reader.byte(), reader.byte()]] as const;
  });
}

function writeKeyboard(writer: StateWriter, { flags, stack }: KeyboardState): void {
  writer.number(flags);
  writer.number(stack.length);
  for (const pushed of stack) writer.number(pushed);
}

function readKeyboard(reader: StateReader): KeyboardState {
  const flags = reader.number(MAX_KEYBOARD_FLAGS);
  return { flags, stack: reader.list(MAX_KEYBOARD_STACK, () => reader.number(MAX_KEYBOARD_FLAGS)) };
}

function writeParser(writer: StateWriter, parser: ParserState): void {
  writer.byte(parser.state);
  writer.byte(parser.join);
  writer.word(parser.collect);
  writeParams(writer, parser.params);
  writer.byte(parser.oscState);
  writer.float(parser.oscId);
  writePayload(writer, parser.oscPayload);
  writer.word(parser.dcsIdent);
  writePayload(writer, parser.dcsPayload);
  if (parser.dcsPayload !== undefined) writeParams(writer, parser.dcsPayload.params);
  writer.number(parser.surrogate);
}

function readParser(reader: StateReader): ParserState {
  return {
    state: reader.number(LAST_PARSER_STATE),
    join: reader.number(MAX_JOIN),
    collect: readIdentifier(reader),
    params: readParams(reader),
    oscState: reader.number(LAST_OSC_STATE),
    oscId: readOscId(reader),
    oscPayload: readPayload(reader),
    dcsIdent: readIdentifier(reader),
    dcsPayload: readDcsPayload(reader),
    surrogate: readSurrogate(reader),
  };
}

/** Bytes of ASCII packed in a word. The engine takes them apart by shifting, and would never be done with a negative one. */
function readIdentifier(reader: StateReader): number {
  const packed = reader.word();
  reader.check((packed & NOT_ASCII_BYTES) === 0);
  return packed;
}

/** Digits without end make the engine's number infinite, but never less than -1, which stands for none. */
function readOscId(reader: StateReader): number {
  const id = reader.float();
  reader.check(id >= -1);
  return id;
}

function readSurrogate(reader: StateReader): number {
  const unit = reader.number(0xdbff);
  reader.check(unit === 0 || unit >= 0xd800);
  return unit;
}

function writePayload(writer: StateWriter, payload: PayloadState | undefined): void {
  writer.flag(payload !== undefined);
  if (payload === undefined) return;
  writer.flag(payload.hitLimit);
  writer.text(payload.data);
}

function readPayload(reader: StateReader): PayloadState | undefined {
  return reader.flag() ? { hitLimit: reader.flag(), data: reader.text() } : undefined;
}

function readDcsPayload(reader: StateReader): ParserState["dcsPayload"] {
  const payload = readPayload(reader);
  return payload && { ...payload, params: readParams(reader) };
}

function writeParams(writer: StateWriter, params: ParamsState): void {
  writer.number(params.params.length);
  for (const value of params.params) writer.word(value);
  for (const value of params.subParamsIdx) writer.number(value);
  writer.number(params.subParams.length);
  for (const value of params.subParams) writer.word(value);
  writer.flag(params.rejectDigits);
  writer.flag(params.rejectSubDigits);
  writer.flag(params.digitIsSub);
}

function readParams(reader: StateReader): ParamsState {
  const params = reader.list(MAX_PARAMS, () => reader.word());
  const subParamsIdx = params.map(() => reader.number(0xffff));
  const subParams = reader.list(MAX_PARAMS, () => reader.word());
  for (const range of subParamsIdx) {
    const end = range & 0xff;
    reader.check(range >> 8 <= end && end <= subParams.length);
  }
  // Only a sub parameter may be left out; handlers that count down would never come to the end of a negative one.
  reader.check(params.length > 0 && params.every((value) => value >= 0) && subParams.every((value) => value >= -1));
  return {
    params,
    subParamsIdx,
    subParams,
    rejectDigits: reader.flag(),
    rejectSubDigits: reader.flag(),
    digitIsSub: reader.flag(),
  };
}

function readOpenBytes(reader: StateReader): Uint8Array {
  const open = Uint8Array.from(reader.list(3, () => reader.byte()));
  reader.check(open.length === 0 || findCutCharacter(open) === 0);
  return open;
}
