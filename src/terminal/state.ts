// The state of a screen: everything that decides what it shows and what it does with whatever comes next, gathered from the
// engine and written back into one. Unlike a dump it is exact for every state there is, but bound to the engine's version.
// The engine keeps no scrollback here, so each buffer is either empty or has exactly as many rows as the screen, all as wide as
// it, and begins at its first row: `gather` refuses anything else instead of saving half of it.
//
// Left out because they decide nothing: spare memory, the markers of dirty rows, parameters beyond their count, the blank row
// that scrolling keeps (a function of the pen), and what only user input changes (mouse events, viewport).
import { T2aError } from "../core/index.js";
import { charsetName, charsetNamed } from "./charset-names.js";
import type { Engine } from "./engine.js";
import type {
  EngineAttributes,
  EngineBuffer,
  EngineCore,
  EngineExtendedAttributes,
  EngineLine,
  EngineParams,
  EngineParser,
  EngineStringHandler,
  ExtendedAttributes,
} from "./engine-internals.js";
import type { KeyboardState } from "./keyboards.js";
import type { LinkTableState } from "./links.js";
import type { OpenSequence } from "./open-sequence.js";
import type { Utf8Decoder } from "./utf8.js";

/** What is on or off. */
export const SWITCHES = [
  "applicationCursorKeys",
  "applicationKeypad",
  "bracketedPasteMode",
  "origin",
  "reverseWraparound",
  "sendFocus",
  "synchronizedOutput",
  "wraparound",
  "insertMode",
  "convertEol",
  "cursorBlinkOption",
  "cursorHidden",
  "cursorInitialized",
] as const;

/** A switch's name. */
export type Switch = (typeof SWITCHES)[number];

/** A pen. */
export interface PenState {
  readonly fg: number;
  readonly bg: number;
  readonly ext: number;
  readonly link: number;
}

/** A row. */
export interface LineState {
  /** Three words a cell. */
  readonly cells: Uint32Array;
  readonly wrapped: boolean;
  /** Text of more than one code point by column, columns that no longer use it included. */
  readonly combined: readonly (readonly [number, string])[];
  /** Underline and link by column, columns that no longer use it included. */
  readonly extended: readonly (readonly [number, ExtendedAttributes])[];
}

/** The normal or the alternate buffer. */
export interface BufferState {
  readonly x: number;
  readonly y: number;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedPen: PenState;
  readonly savedCharset: string;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  /** Columns with a tab stop. */
  readonly tabs: readonly number[];
  /** As many as the screen has; none where the alternate buffer is hidden. */
  readonly lines: readonly LineState[];
}

/** Parameters of a control sequence. */
export interface ParamsState {
  readonly params: readonly number[];
  readonly subParams: readonly number[];
  /** One for each parameter: where its sub parameters begin, times 256, plus where they end. */
  readonly subParamsIdx: readonly number[];
  readonly rejectDigits: boolean;
  readonly rejectSubDigits: boolean;
  readonly digitIsSub: boolean;
}

/** A string (OSC, DCS) whose payload somebody collects. */
export interface PayloadState {
  readonly data: string;
  readonly hitLimit: boolean;
}

/** Where the parser stands. */
export interface ParserState {
  readonly state: number;
  readonly join: number;
  readonly collect: number;
  readonly params: ParamsState;
  readonly oscState: number;
  readonly oscId: number;
  /** Undefined where nobody collects it. */
  readonly oscPayload: PayloadState | undefined;
  readonly dcsIdent: number;
  readonly dcsPayload: (PayloadState & { readonly params: ParamsState }) | undefined;
  /** Half a surrogate pair; 0 for none. */
  readonly surrogate: number;
}

/** A title and those pushed under it. */
export interface TitleState {
  readonly text: string;
  readonly stack: readonly string[];
}

/** Everything. What {@link gatherState} gives borrows the engine's memory: encode it before the engine is fed. */
export interface ScreenState {
  readonly cols: number;
  readonly rows: number;
  readonly alternateShown: boolean;
  readonly normal: BufferState;
  readonly alternate: BufferState;
  readonly pen: PenState;
  /** Names of the four slots, of the slot in use, and of the charset in use, which may be another one. */
  readonly charsets: readonly string[];
  readonly glevel: number;
  readonly charset: string;
  readonly switches: Readonly<Record<Switch, boolean>>;
  readonly cursorStyle: "block" | "underline" | "bar" | undefined;
  readonly cursorBlink: boolean | undefined;
  readonly mouseProtocol: string;
  readonly mouseEncoding: string;
  readonly title: TitleState;
  readonly iconName: TitleState;
  readonly links: LinkTableState;
  readonly colours: readonly (readonly [number, readonly [number, number, number]])[];
  /** Of the normal buffer and of the alternate one. */
  readonly keyboards: readonly [KeyboardState, KeyboardState];
  readonly parser: ParserState;
  readonly openBytes: Uint8Array;
  readonly openSequence: string;
}

/** The parts of a screen that hold its state. */
export interface StateParts {
  readonly engine: Engine;
  readonly decoder: Utf8Decoder;
  readonly open: OpenSequence;
}

const CHARSET_SLOTS = [0, 1, 2, 3] as const;

/** The state as it stands; throws T2A_SCREEN where the engine holds what a state cannot. */
export function gatherState({ engine, decoder, open }: StateParts): ScreenState {
  const { core } = engine;
  const { normal, alt, active } = core._bufferService.buffers;
  const { _charsetService: charsets, _inputHandler: handler, coreMouseService: mouse } = core;
  const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
  return {
    cols: core.cols,
    rows: core.rows,
    alternateShown: active === alt,
    normal: gatherBuffer(core, normal),
    alternate: gatherBuffer(core, alt),
    pen: gatherPen(handler._curAttrData),
    charsets: CHARSET_SLOTS.map((slot) => charsetName(charsets._charsets[slot])),
    glevel: charsets.glevel,
    charset: charsetName(charsets.charset),
    switches: gatherSwitches(core),
    cursorStyle,
    cursorBlink,
    mouseProtocol: mouse.activeProtocol,
    mouseEncoding: mouse.activeEncoding,
    title: { text: handler._windowTitle, stack: handler._windowTitleStack },
    iconName: { text: handler._iconName, stack: handler._iconNameStack },
    links: engine.links.save(),
    colours: [...engine.colours],
    keyboards: [engine.keyboards.normal, engine.keyboards.alternate],
    parser: gatherParser(core),
    openBytes: decoder.open,
    openSequence: open.text,
  };
}

/** Makes a screen's parts hold this state, whatever they held before. Copies all it takes. */
export function restoreState({ engine, decoder, open }: StateParts, state: ScreenState): void {
  const { core } = engine;
  restoreBuffers(core, state);
  restorePen(core._inputHandler._curAttrData, state.pen);
  const charsets = core._charsetService;
  charsets._charsets = state.charsets.map(charsetNamed);
  charsets.glevel = state.glevel;
  charsets.charset = charsetNamed(state.charset);
  restoreModes(core, state);
  restoreTitles(core, state);
  engine.links.restore(state.links);
  engine.colours.clear();
  for (const [index, colour] of state.colours) engine.colours.set(index, colour);
  [engine.keyboards.normal, engine.keyboards.alternate] = state.keyboards;
  restoreParser(core, state.parser);
  decoder.restore(state.openBytes);
  open.restore(state.openSequence);
}

function gatherBuffer({ cols, rows }: EngineCore, buffer: EngineBuffer): BufferState {
  const { lines } = buffer;
  const isWhole = lines.maxLength === rows && buffer.ybase === 0 && (lines.length === rows || lines.length === 0);
  if (!isWhole)
    throw new T2aError("T2A_SCREEN", "this screen's buffer is not of the screen's size: it cannot be saved");
  return {
    x: buffer.x,
    y: buffer.y,
    savedX: buffer.savedX,
    savedY: buffer.savedY,
    savedPen: gatherPen(buffer.savedCurAttrData),
    savedCharset: charsetName(buffer.savedCharset),
    scrollTop: buffer.scrollTop,
    scrollBottom: buffer.scrollBottom,
    tabs: Object.keys(buffer.tabs)
      .map(Number)
      .filter((column) => buffer.tabs[column]),
    lines: Array.from({ length: lines.length }, (_, row) => gatherLine(lines.get(row), cols)),
  };
}

function gatherLine(line: EngineLine | undefined, cols: number): LineState {
  if (line?.length !== cols)
    throw new T2aError("T2A_SCREEN", "a row is not as wide as this screen: it cannot be saved");
  return {
    cells: line._data,
    wrapped: line.isWrapped,
    combined: byColumn(line._combined),
    extended: byColumn(line._extendedAttrs),
  };
}

function byColumn<T>(values: Readonly<Record<number, T | undefined>>): (readonly [number, T])[] {
  const found: (readonly [number, T])[] = [];
  // Most rows have none: no array of keys is made for them.
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) found.push([Number(key), value]);
  }
  return found;
}

function gatherPen({ fg, bg, extended }: EngineAttributes): PenState {
  return { fg, bg, ext: extended._ext, link: extended._urlId };
}

function gatherSwitches({ coreService, optionsService }: EngineCore): Record<Switch, boolean> {
  const { cursorStyle: _style, cursorBlink: _blink, ...modes } = coreService.decPrivateModes;
  return {
    ...modes,
    insertMode: coreService.modes.insertMode,
    convertEol: optionsService.rawOptions.convertEol,
    cursorBlinkOption: optionsService.rawOptions.cursorBlink,
    cursorHidden: coreService.isCursorHidden,
    cursorInitialized: coreService.isCursorInitialized,
  };
}

function gatherParser({ _inputHandler: handler }: EngineCore): ParserState {
  const { currentState, precedingJoinState, _collect, _params, _oscParser: osc, _dcsParser: dcs } = handler._parser;
  const dcsHandler = dcs._active[0];
  return {
    state: currentState,
    join: precedingJoinState,
    collect: _collect,
    params: gatherParams(_params),
    oscState: osc._state,
    oscId: osc._id,
    oscPayload: gatherPayload(osc._active[0]),
    dcsIdent: dcs._ident,
    dcsPayload:
      dcsHandler === undefined
        ? undefined
        : { data: dcsHandler._data, hitLimit: dcsHandler._hitLimit, params: gatherParams(dcsHandler._params) },
    surrogate: handler._stringDecoder._interim,
  };
}

/** All handlers of a string are given the same: the first speaks for them. */
function gatherPayload(handler: EngineStringHandler | undefined): PayloadState | undefined {
  return handler === undefined ? undefined : { data: handler._data, hitLimit: handler._hitLimit };
}

function gatherParams(params: EngineParams): ParamsState {
  return {
    params: [...params.params.subarray(0, params.length)],
    subParams: [...params._subParams.subarray(0, params._subParamsLength)],
    subParamsIdx: [...params._subParamsIdx.subarray(0, params.length)],
    rejectDigits: params._rejectDigits,
    rejectSubDigits: params._rejectSubDigits,
    digitIsSub: params._digitIsSub,
  };
}

function restoreBuffers(core: EngineCore, { cols, rows, alternateShown, normal, alternate, pen }: ScreenState): void {
  const service = core._bufferService;
  if (core.cols !== cols || core.rows !== rows) {
    core.resize(cols, rows);
    // Resizing keeps rows; none are wanted.
    service.reset();
  }
  if (alternateShown) service.buffers.activateAltBuffer();
  else service.buffers.activateNormalBuffer();
  const extended = new ExtendedPool(core._inputHandler._curAttrData.extended, pen);
  restoreBuffer(service.buffers.normal, normal, extended);
  restoreBuffer(service.buffers.alt, alternate, extended);
}

function restoreBuffer(buffer: EngineBuffer, state: BufferState, extended: ExtendedPool): void {
  buffer.x = state.x;
  buffer.y = state.y;
  buffer.ybase = 0;
  buffer.ydisp = 0;
  buffer.savedX = state.savedX;
  buffer.savedY = state.savedY;
  restorePen(buffer.savedCurAttrData, state.savedPen);
  buffer.savedCharset = charsetNamed(state.savedCharset);
  buffer.scrollTop = state.scrollTop;
  buffer.scrollBottom = state.scrollBottom;
  buffer.tabs = {};
  for (const column of state.tabs) buffer.tabs[column] = true;
  for (const [row, lineState] of state.lines.entries()) {
    const line = buffer.lines.get(row);
    if (line !== undefined) restoreLine(line, lineState, extended);
  }
}

function restoreLine(line: EngineLine, { cells, wrapped, combined, extended }: LineState, pool: ExtendedPool): void {
  line._data.set(cells);
  line.isWrapped = wrapped;
  line._combined = Object.fromEntries(combined);
  const attributes: Record<number, ExtendedAttributes> = {};
  for (const [column, value] of extended) attributes[column] = pool.like(value);
  line._extendedAttrs = attributes;
}

/** Makes extended attributes. The engine never changes them, so neighbours that are alike share one, as they do in the engine. */
class ExtendedPool {
  readonly #template: EngineExtendedAttributes;
  #last: ExtendedAttributes;

  constructor(template: EngineExtendedAttributes, { ext, link }: PenState) {
    this.#template = template;
    this.#last = copyExtended(template, ext, link);
  }

  like({ _ext, _urlId }: ExtendedAttributes): ExtendedAttributes {
    if (this.#last._ext !== _ext || this.#last._urlId !== _urlId) {
      this.#last = copyExtended(this.#template, _ext, _urlId);
    }
    return this.#last;
  }
}

function copyExtended(template: EngineExtendedAttributes, ext: number, link: number): EngineExtendedAttributes {
  return Object.assign(template.clone(), { _ext: ext, _urlId: link });
}

function restorePen(attributes: EngineAttributes, { fg, bg, ext, link }: PenState): void {
  attributes.fg = fg;
  attributes.bg = bg;
  attributes.extended = copyExtended(attributes.extended, ext, link);
}

function restoreModes(core: EngineCore, state: ScreenState): void {
  const { coreService, coreMouseService, optionsService } = core;
  const { insertMode, convertEol, cursorBlinkOption, cursorHidden, cursorInitialized, ...modes } = state.switches;
  const { cursorStyle, cursorBlink } = state;
  Object.assign(coreService.decPrivateModes, modes, { cursorStyle, cursorBlink });
  coreService.modes.insertMode = insertMode;
  coreService.isCursorHidden = cursorHidden;
  coreService.isCursorInitialized = cursorInitialized;
  optionsService.options.convertEol = convertEol;
  optionsService.options.cursorBlink = cursorBlinkOption;
  coreMouseService.activeProtocol = state.mouseProtocol;
  coreMouseService.activeEncoding = state.mouseEncoding;
}

function restoreTitles({ _inputHandler: handler }: EngineCore, { title, iconName }: ScreenState): void {
  handler._windowTitle = title.text;
  handler._windowTitleStack = [...title.stack];
  handler._iconName = iconName.text;
  handler._iconNameStack = [...iconName.stack];
}

function restoreParser({ _inputHandler: handler }: EngineCore, state: ParserState): void {
  const { _parser: parser } = handler;
  // Lets go of strings that are half collected.
  parser.reset();
  parser.currentState = state.state;
  parser.precedingJoinState = state.join;
  parser._collect = state.collect;
  restoreParams(parser._params, state.params);
  restoreOsc(parser, state);
  restoreDcs(parser, state);
  handler._stringDecoder._interim = state.surrogate;
}

function restoreOsc({ _oscParser: osc }: EngineParser, { oscState, oscId, oscPayload }: ParserState): void {
  osc._state = oscState;
  osc._id = oscId;
  const handlers = osc._handlers[oscId];
  if (oscPayload === undefined || handlers === undefined) return;
  osc._active = handlers;
  for (const handler of handlers) restorePayload(handler, oscPayload);
}

function restoreDcs({ _dcsParser: dcs, _params }: EngineParser, { dcsIdent, dcsPayload }: ParserState): void {
  dcs._ident = dcsIdent;
  const handlers = dcs._handlers[dcsIdent];
  if (dcsPayload === undefined || handlers === undefined) return;
  dcs._active = handlers;
  for (const handler of handlers) {
    restorePayload(handler, dcsPayload);
    handler._params = _params.clone();
    restoreParams(handler._params, dcsPayload.params);
  }
}

function restorePayload(handler: EngineStringHandler, { data, hitLimit }: PayloadState): void {
  handler._data = data;
  handler._hitLimit = hitLimit;
}

function restoreParams(target: EngineParams, state: ParamsState): void {
  target.params.set(state.params);
  target.length = state.params.length;
  target._subParams.set(state.subParams);
  target._subParamsLength = state.subParams.length;
  target._subParamsIdx.set(state.subParamsIdx);
  target._rejectDigits = state.rejectDigits;
  target._rejectSubDigits = state.rejectSubDigits;
  target._digitIsSub = state.digitIsSub;
}
