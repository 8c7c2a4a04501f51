// The terminal engine (@xterm/headless 6.0.0) with the mends that exact screens need. All private hooks are in this file; each has
// its test in engine.test.ts. The engine itself keeps no scrollback: rows that scroll off are handed out instead.
import { createRequire } from "node:module";
import type { EngineBuffer, EngineCore, EngineLine, EngineParams } from "./engine-internals.js";
import { Keyboards } from "./keyboards.js";
import { LinkTable } from "./links.js";

/** The engine that a saved state belongs to: its private parts differ from version to version. */
export const ENGINE_NAME = "@xterm/headless 6.0.0";
/** The table of character widths in use. */
export const WIDTH_TABLE = "11";

/** The largest side of a screen, in cells. */
export const MAX_SIDE = 2000;
/** Cells of a screen at most: a recording may claim 65,535 x 65,535, which would be 100 GB. */
export const MAX_SCREEN_CELLS = 1_000_000;
/** The engine knows no narrower screens: a wide character must fit. */
const MIN_COLS = 2;
/** REP beyond this is cut: 2^31-1 repetitions take the engine two minutes. */
const MAX_REPEAT = 65_535;

/** The size a screen takes when asked for this one: 2-2000 columns, 1-2000 rows, at most a million cells. */
export function clampSize(size: { readonly cols: number; readonly rows: number }): { cols: number; rows: number } {
  const cols = clamp(size.cols, MIN_COLS, MAX_SIDE);
  return { cols, rows: clamp(size.rows, 1, Math.min(MAX_SIDE, Math.floor(MAX_SCREEN_CELLS / cols))) };
}

function clamp(value: number, lowest: number, highest: number): number {
  return Number.isNaN(value) ? lowest : Math.max(lowest, Math.min(highest, Math.trunc(value)));
}

/** Colours by number. */
export type ColourTable = Map<number, readonly [number, number, number]>;

/** The engine, its internals laid open and mended. */
export interface Engine {
  readonly core: EngineCore;
  readonly links: LinkTable;
  /** Colours that the program set: OSC 4 by palette number; OSC 10, 11, 12 as 256, 257, 258. */
  readonly colours: ColourTable;
  readonly keyboards: Keyboards;
  /** Parses synchronously. Never throws: a sequence the engine chokes on is dropped with the rest of the text. */
  parse(text: string): void;
  /** Takes a size within {@link clampSize}'s bounds. Rows lost at the top are handed out as scrolled off. */
  resize(cols: number, rows: number): void;
  dispose(): void;
}

/** Where the engine hands out what it does not keep. */
export interface EngineOptions {
  readonly cols: number;
  readonly rows: number;
  /** A row is about to scroll off the normal buffer. The line is the engine's: copy what is needed. */
  readonly onScrollOff?: ((line: EngineLine) => void) | undefined;
  /**
   * The active buffer is about to scroll up by a row, within its margins. The engine may use the line that goes again for the one
   * that comes; `isWrapped`: that one goes on from the row above it. Where all rows move, they are then not noted as touched.
   */
  readonly onScroll?: ((buffer: EngineBuffer, isWrapped: boolean) => void) | undefined;
  /** The program rang the bell. */
  readonly onBell?: (() => void) | undefined;
}

/** The engine's packages are CommonJS and large: loaded with the first screen, so that who only filters text does without. */
function loadPackages() {
  const require = createRequire(import.meta.url);
  const headless: typeof import("@xterm/headless") = require("@xterm/headless");
  const unicode11: typeof import("@xterm/addon-unicode11") = require("@xterm/addon-unicode11");
  return { Terminal: headless.Terminal, Unicode11Addon: unicode11.Unicode11Addon };
}

/** Makes an engine. */
export function createEngine({ cols, rows, onScrollOff, onScroll, onBell }: EngineOptions): Engine {
  const { Terminal, Unicode11Addon } = loadPackages();
  const terminal = new Terminal({
    cols,
    rows,
    scrollback: 0,
    allowProposedApi: true,
    logLevel: "off",
    // Switches reflow off: rows stay where the program put them. Applications redraw on a resize, text does not move (as tmux).
    windowsPty: { backend: "winpty", buildNumber: 1 },
    windowOptions: { pushTitle: true, popTitle: true },
  });
  // Widths as tmux 3.3 has them (98 % of all characters, against 90 % of the engine's own table).
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = WIDTH_TABLE;
  // The public class keeps the engine in a private field: a library edge, checked by engine.test.ts.
  const core = (terminal as unknown as { readonly _core: EngineCore })._core;
  const links = mendLinks(core);
  boundCounts(core);
  guardEraseAbove(core);
  if (onBell !== undefined) terminal.onBell(onBell);
  if (onScrollOff !== undefined) watchScroll(core, (buffer) => handOutTop(core, buffer, onScrollOff));
  if (onScroll !== undefined) {
    noteNoMoves(core);
    watchScroll(core, onScroll);
  }
  return {
    core,
    links,
    colours: watchColours(core),
    keyboards: new Keyboards(core),
    parse: (text) => parseSafely(core, text),
    resize: (newCols, newRows) => resizeMended(core, { cols: newCols, rows: newRows, onScrollOff }),
    dispose: () => terminal.dispose(),
  };
}

/** The public `write` is asynchronous, and stuck for good after a handler threw. */
function parseSafely(core: EngineCore, text: string): void {
  try {
    core._inputHandler.parse(text);
  } catch {
    // Whatever the engine stumbled over, the recording goes on: later output repairs most of the screen.
    core._inputHandler._parser.reset();
    core._inputHandler._dirtyRowTracker.markRangeDirty(0, core.rows - 1); // it had no time to say what it touched
  }
}

function mendLinks(core: EngineCore): LinkTable {
  const links = new LinkTable(() => usedLinks(core));
  const service = core._oscLinkService;
  service.registerLink = (link) => links.registerLink(link);
  service.addLineToLink = () => {};
  service.getLinkData = (number) => links.getLinkData(number);
  return links;
}

function usedLinks(core: EngineCore): ReadonlySet<number> {
  const used = new Set([core._inputHandler._curAttrData.extended._urlId]);
  const { normal, alt } = core._bufferService.buffers;
  for (const { lines } of [normal, alt]) {
    for (let row = 0; row < lines.length; row++) {
      for (const extended of Object.values(lines.get(row)?._extendedAttrs ?? {})) used.add(extended?._urlId ?? 0);
    }
  }
  return used;
}

/** Counts beyond what the screen holds change nothing more, but the engine runs through them all: seconds, even minutes. */
function boundCounts(core: EngineCore): void {
  const bound = (final: string, limit: () => number): void => {
    core.registerCsiHandler({ final }, ({ params }) => {
      params[0] = Math.min(params[0] ?? 0, limit());
      return false;
    });
  };
  for (const final of "STLM") bound(final, () => core.rows);
  for (const final of "IZ") bound(final, () => core.cols);
  bound("b", () => Math.min(core.cols * core.rows, MAX_REPEAT));
}

/** CSI 1 J in the last cell reads the row below the last and throws; there it erases all, which is what CSI 2 J does. */
function guardEraseAbove(core: EngineCore): void {
  const guard = ({ params }: EngineParams): boolean => {
    const { x, y } = core._bufferService.buffer;
    if (params[0] === 1 && y === core.rows - 1 && x >= core.cols - 1) params[0] = 2;
    return false;
  };
  core.registerCsiHandler({ final: "J" }, guard);
  core.registerCsiHandler({ prefix: "?", final: "J" }, guard);
}

function watchScroll(core: EngineCore, onScroll: (buffer: EngineBuffer, isWrapped: boolean) => void): void {
  const service = core._bufferService;
  const scroll = service.scroll.bind(service);
  service.scroll = (eraseAttributes, isWrapped = false) => {
    onScroll(service.buffer, isWrapped);
    scroll(eraseAttributes, isWrapped);
  };
}

/** The engine notes all rows within the margins as touched when it scrolls. Where all rows move, none has become another. */
function noteNoMoves(core: EngineCore): void {
  const service = core._bufferService;
  const { _dirtyRowTracker: touched } = core._inputHandler;
  const scroll = service.scroll.bind(service);
  service.scroll = (eraseAttributes, isWrapped) => {
    const { scrollTop, scrollBottom } = service.buffer;
    const { start, end } = touched;
    scroll(eraseAttributes, isWrapped);
    if (scrollTop > 0 || scrollBottom < core.rows - 1) return;
    touched.start = start;
    touched.end = end;
  };
}

function handOutTop(core: EngineCore, buffer: EngineBuffer, onScrollOff: (line: EngineLine) => void): void {
  if (buffer !== core._bufferService.buffers.normal || buffer.scrollTop !== 0) return;
  const line = buffer.lines.get(buffer.ybase);
  if (line !== undefined) onScrollOff(line);
}

const SET_COLOUR = 1;
const RESTORE_COLOUR = 2;

/** The headless engine forgets colours that programs set: they are kept here. */
function watchColours(core: EngineCore): ColourTable {
  const colours: ColourTable = new Map();
  core._inputHandler.onColor((changes) => {
    for (const { type, index, color } of changes) {
      if (type === SET_COLOUR && index !== undefined && color !== undefined) colours.set(index, color);
      else if (type === RESTORE_COLOUR && index !== undefined) colours.delete(index);
      else if (type === RESTORE_COLOUR) for (const key of colours.keys()) if (key < 256) colours.delete(key);
    }
  });
  return colours;
}

/** The engine leaves rows longer than the screen, tab stops and saved cursors beyond it, and an alternate buffer too long. */
function resizeMended(core: EngineCore, { cols, rows, onScrollOff }: EngineOptions): void {
  const { normal, alt } = core._bufferService.buffers;
  const before = Array.from({ length: normal.lines.length }, (_, row) => normal.lines.get(row));
  // Restoring a cursor that was saved behind the last column gives the last column: of the screen it was saved on.
  for (const buffer of [normal, alt]) buffer.savedX = Math.min(buffer.savedX, core.cols - 1);
  core.resize(cols, rows);
  const lost = before.indexOf(normal.lines.get(0));
  for (const line of before.slice(0, Math.max(0, lost))) if (line !== undefined) onScrollOff?.(line);
  for (const buffer of [normal, alt]) mendBuffer(buffer, cols, rows);
}

function mendBuffer(buffer: EngineBuffer, cols: number, rows: number): void {
  buffer.lines.maxLength = rows;
  buffer.ybase = Math.min(buffer.ybase, Math.max(0, buffer.lines.length - rows));
  buffer.ydisp = buffer.ybase;
  buffer.savedX = Math.min(buffer.savedX, cols - 1);
  buffer.savedY = Math.min(buffer.savedY, rows - 1);
  for (const tab of Object.keys(buffer.tabs)) if (Number(tab) >= cols) delete buffer.tabs[Number(tab)];
  for (let row = 0; row < buffer.lines.length; row++) {
    const line = buffer.lines.get(row);
    if (line !== undefined && line.length > cols) line.resize(cols, buffer.getNullCell());
  }
}
