// The byte dump of a screen: control sequences which, written to a fresh screen of the same size, make it look and behave like
// this one, now and later. For terminals that join a session, for recordings that begin in the middle, for other players.
// Order matters: cells first (modes would disturb the writing), then what each buffer keeps, then modes, cursor and pen, and at
// the very end the sequence or character that the last chunk cut.
import type { ScreenLine } from "./cells.js";
import { charsetName } from "./charset-names.js";
import { cellText, cellWidth, dumpCells, moveTo, type Size, styleAt } from "./dump-cells.js";
import type { Engine } from "./engine.js";
import type { EngineBuffer, EngineCharset, EngineCore } from "./engine-internals.js";
import { dumpKeyboard, type KeyboardState } from "./keyboards.js";
import { cellStyle, type PenStyle, PenWriter, PLAIN, penStyle, sameStyle, savedStyle } from "./pen.js";

/** What a dump is made of. */
export interface DumpSource {
  readonly engine: Engine;
  /** The control sequence that is not complete. */
  readonly openSequence: string;
  /** The bytes of the character that is not complete. */
  readonly openBytes: Uint8Array;
  /** Rows that scrolled off; they are written first, and scroll off again. */
  readonly history: readonly ScreenLine[];
}

/** Makes the dump. */
export function dumpScreen({ engine, openSequence, openBytes, history }: DumpSource): Uint8Array {
  const { core } = engine;
  const { normal, alt, active } = core._bufferService.buffers;
  const size = { cols: core.cols, rows: core.rows };
  // -1 is the link that a saved cursor may need, see savedStyle.
  const pen = new PenWriter((link) => (link === -1 ? { id: undefined, uri: "x:" } : engine.links.getLinkData(link)));
  const text = [
    dumpTitles(core),
    dumpColours(engine),
    dumpHistory(history, size),
    dumpBuffer(normal, size, pen) + dumpKeyboard(engine.keyboards.normal),
    // A resize goes by the row of the hidden normal buffer as well.
    active === alt ? `${moveTo(0, normal.y)}\x1b[?47h` : dumpHidden(alt, engine.keyboards.alternate, size, pen),
    active === alt ? dumpBuffer(alt, size, pen) + dumpKeyboard(engine.keyboards.alternate) : "",
    ...dumpState(core, pen),
    openSequence,
  ].join("");
  return Buffer.concat([Buffer.from(text, "utf8"), openBytes]);
}

function dumpTitles({ _inputHandler: handler }: EngineCore): string {
  const stack = (titles: readonly string[], code: number): string =>
    titles.map((title) => `\x1b]${code};${title}\x1b\\\x1b[22;${code}t`).join("");
  const title = (text: string, code: number): string => `\x1b]${code};${text}\x1b\\`;
  const isSet = (text: string, titles: readonly string[]): boolean => text !== "" || titles.length > 0;
  let bytes = stack(handler._iconNameStack, 1) + stack(handler._windowTitleStack, 2);
  if (isSet(handler._iconName, handler._iconNameStack)) bytes += title(handler._iconName, 1);
  if (isSet(handler._windowTitle, handler._windowTitleStack)) bytes += title(handler._windowTitle, 2);
  return bytes;
}

function dumpColours({ colours }: Engine): string {
  const hex = (value: number): string => value.toString(16).padStart(2, "0");
  return [...colours]
    .map(([index, rgb]) => `\x1b]${index < 256 ? `4;${index}` : index - 246};rgb:${rgb.map(hex).join("/")}\x1b\\`)
    .join("");
}

/** Plain text: styles of what scrolled off are not worth their bytes to somebody who joins. */
function dumpHistory(history: readonly ScreenLine[], { rows }: Size): string {
  if (history.length === 0) return "";
  const text = history.map((line, index) => {
    const goesOn = history[index + 1]?.wrapped ?? false;
    return goesOn ? line.text({ untrimmed: true }) : `${line.text()}\r\n`;
  });
  return `${text.join("")}${"\n".repeat(rows - 1)}\x1b[H`;
}

function dumpBuffer(buffer: EngineBuffer, size: Size, pen: PenWriter): string {
  const { cols, rows } = size;
  let bytes = dumpCells(buffer, size, pen) + dumpTabs(buffer, cols) + dumpSavedCursor(buffer, size, pen);
  const hasMargins = buffer.scrollTop !== 0 || buffer.scrollBottom !== rows - 1;
  if (hasMargins) bytes += `\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`;
  return bytes;
}

function dumpTabs({ tabs }: EngineBuffer, cols: number): string {
  const stops: number[] = [];
  let isDefault = true;
  for (let x = 0; x < cols; x++) {
    if (tabs[x] === true) stops.push(x);
    isDefault &&= (tabs[x] === true) === (x % 8 === 0);
  }
  return isDefault ? "" : setTabs(stops);
}

/** Sets stops at these columns and no others; the cursor moves. Margins and origin mode must be off. */
export function setTabs(stops: readonly number[]): string {
  return `\x1b[3g${stops.map((x) => `${moveTo(x, 0)}\x1bH`).join("")}`;
}

function dumpSavedCursor(buffer: EngineBuffer, { cols, rows }: Size, pen: PenWriter): string {
  const { savedX, savedY, savedCurAttrData, savedCharset, ybase } = buffer;
  const style = savedStyle(savedCurAttrData);
  if (savedX === 0 && savedY <= ybase && savedCharset === undefined && sameStyle(style, PLAIN)) return "";
  const charset = savedCharset === undefined ? "" : `\x1b(${charsetName(savedCharset)}`;
  const x = Math.min(savedX, cols - 1);
  const y = Math.max(0, Math.min(savedY - ybase, rows - 1));
  const end = charset === "" ? "" : "\x1b(B";
  return `${charset}${moveTo(x, y)}${pen.change(style)}\x1b7${pen.change(PLAIN)}${end}`;
}

/** The alternate buffer keeps its saved cursor and its keyboard while it is hidden, and nothing else. */
export function dumpHidden(alt: EngineBuffer, keyboard: KeyboardState, size: Size, pen: PenWriter): string {
  const saved = dumpSavedCursor(alt, size, pen) + dumpKeyboard(keyboard);
  return saved === "" ? "" : `\x1b[?47h${saved}\x1b[?47l`;
}

const DESIGNATORS = ["(", ")", "*", "+"] as const;
const SHIFTS = ["", "\x0e", "\x1bn", "\x1bo"] as const;

/**
 * Charsets, modes, cursor and pen. What has to be written at the cursor is written in plain ASCII, before charsets come into
 * force, unless it has to be the very last or charsets come by restoring a cursor.
 */
function dumpState(core: EngineCore, pen: PenWriter): readonly string[] {
  const { charset } = core._charsetService;
  const isRestored = restoresCharset(core);
  const joined = findLastCharacter(core, charset);
  if (joined !== undefined && canJoin(core, joined)) {
    return [dumpCharsets(core), dumpModes(core), dumpJoinable(core, joined, pen)];
  }
  if (isRestored) return [dumpCharsets(core), dumpModes(core), dumpCursor(core, joined, pen)];
  return [dumpModes(core), dumpCursor(core, findLastCharacter(core, undefined), pen), dumpCharsets(core)];
}

/** Restoring the cursor brings a charset back without its slot: only the same can make such a state. */
function restoresCharset({ _charsetService: service, _bufferService }: EngineCore): boolean {
  const { savedCharset } = _bufferService.buffer;
  return service.charset !== service._charsets[service.glevel] && service.charset === savedCharset;
}

function dumpCharsets(core: EngineCore): string {
  const service = core._charsetService;
  let bytes = DESIGNATORS.map((designator, slot) => {
    const charset = service._charsets[slot];
    return charset === undefined ? "" : `\x1b${designator}${charsetName(charset)}`;
  }).join("");
  bytes += SHIFTS[service.glevel] ?? "";
  return bytes + (restoresCharset(core) ? "\x1b8\x1b[0m" : "");
}

const MOUSE_MODES: Readonly<Record<string, number>> = {
  X10: 9,
  VT200: 1000,
  DRAG: 1002,
  ANY: 1003,
  SGR: 1006,
  SGR_PIXELS: 1016,
};
/** DECSCUSR's numbers for blinking ones. Beyond the known styles it sets blinking alone. */
const CURSOR_STYLES = { block: 1, underline: 3, bar: 5, none: 7 } as const;

function dumpModes({ coreService, coreMouseService, optionsService }: EngineCore): string {
  const { decPrivateModes: dec, modes, isCursorHidden } = coreService;
  const { convertEol, cursorBlink } = optionsService.rawOptions;
  const on = (isOn: boolean, sequence: string): string => (isOn ? sequence : "");
  const mouse = [coreMouseService.activeProtocol, coreMouseService.activeEncoding].map((name) => MOUSE_MODES[name]);
  return [
    on(modes.insertMode, "\x1b[4h"),
    on(convertEol, "\x1b[20h"),
    on(dec.applicationCursorKeys, "\x1b[?1h"),
    on(dec.applicationKeypad, "\x1b="),
    on(!dec.wraparound, "\x1b[?7l"),
    on(cursorBlink, "\x1b[?12h"),
    on(dec.reverseWraparound, "\x1b[?45h"),
    ...mouse.map((mode) => on(mode !== undefined, `\x1b[?${mode}h`)),
    on(dec.sendFocus, "\x1b[?1004h"),
    on(dec.bracketedPasteMode, "\x1b[?2004h"),
    on(dec.synchronizedOutput, "\x1b[?2026h"),
    dec.cursorBlink === undefined
      ? ""
      : `\x1b[${CURSOR_STYLES[dec.cursorStyle ?? "none"] + (dec.cursorBlink ? 0 : 1)} q`,
    on(isCursorHidden, "\x1b[?25l"),
    on(dec.origin, "\x1b[?6h"),
  ].join("");
}

/** A combining character would join the one before the cursor, or REP repeat it. */
function canJoin(core: EngineCore, last: LastCharacter): boolean {
  const { fg, bg, extended } = core._inputHandler._curAttrData;
  return core._inputHandler._parser.precedingJoinState !== 0 && sameStyle(last.style, cellStyle(fg, bg, extended));
}

/** That chance comes only with writing: the character is written once more, as the very last. */
function dumpJoinable(core: EngineCore, last: LastCharacter, pen: PenWriter): string {
  const { x } = core._bufferService.buffer;
  const makeRoom = core.coreService.modes.insertMode && x < core.cols ? `\x1b[${x - last.x}P` : "";
  const style = penStyle(core._inputHandler._curAttrData);
  return `${moveInRow(core, last.x)}${pen.change(style)}${makeRoom}${last.text}`;
}

/** Position and pen. A pending wrap, too, comes only with writing. */
function dumpCursor(core: EngineCore, last: LastCharacter | undefined, pen: PenWriter): string {
  const { x } = core._bufferService.buffer;
  const style = penStyle(core._inputHandler._curAttrData);
  if (x < core.cols) return `${moveInRow(core, x)}${pen.change(style)}`;
  const write =
    last === undefined
      ? `${moveInRow(core, core.cols - 1)}${pen.change(lastStyle(core))} ${eraseBefore(core)}`
      : `${moveInRow(core, last.x)}${pen.change(last.style)}${last.text}`;
  return `${write}${pen.restate(style)}`;
}

/** Rows count from the top margin in origin mode. */
function moveInRow(core: EngineCore, x: number): string {
  const { y, scrollTop } = core._bufferService.buffer;
  return moveTo(x, core.coreService.decPrivateModes.origin ? y - scrollTop : y);
}

interface LastCharacter {
  readonly x: number;
  readonly text: string;
  readonly style: PenStyle;
}

/** The character before the cursor; undefined where there is none, or none that can be written in this charset. */
function findLastCharacter(core: EngineCore, charset: EngineCharset): LastCharacter | undefined {
  const { x: cursor, y, ybase, lines } = core._bufferService.buffer;
  const line = lines.get(ybase + y);
  if (line === undefined || cursor === 0) return undefined;
  let x = cursor - 1;
  if (x > 0 && cellWidth(line, x) === 0 && cellText(line, x) === "" && cellWidth(line, x - 1) === 2) x--;
  const text = typedAs(cellText(line, x), charset);
  return text === undefined || text === "" ? undefined : { x, text, style: styleAt(line, x) };
}

/** What has to be written so that this text appears. Charsets translate single ASCII characters. */
function typedAs(text: string, charset: EngineCharset): string | undefined {
  if (charset?.[text] === undefined) return text;
  return Object.keys(charset).find((key) => charset[key] === text);
}

function lastStyle(core: EngineCore): PenStyle {
  const { y, ybase, lines } = core._bufferService.buffer;
  const line = lines.get(ybase + y);
  return line === undefined ? PLAIN : styleAt(line, core.cols - 1);
}

/** Erasing to the left leaves the cursor where it is, a wrap pending: so a blank row comes to have one. */
function eraseBefore(core: EngineCore): string {
  const { y, ybase, lines } = core._bufferService.buffer;
  const line = lines.get(ybase + y);
  if (line === undefined) return "";
  for (let x = 0; x < core.cols; x++) {
    if (cellText(line, x) !== "" || !sameStyle(styleAt(line, x), lastStyle(core))) return "";
  }
  return "\x1b[1K";
}
