// Whether two screens are alike and will stay alike whatever both are fed: what a dump promises, and can be held to. Unlike a
// comparison of saved states it knows what decides nothing: numbers of links, what cells no longer use, the column of the buffer
// that is not shown, parameters of sequences that are over. In doubt it says no.
import type { BufferState, LineState, ParserState, PenState, ScreenState } from "./state.js";

const WORDS = 3;
const IS_COMBINED = 0x200000;
const HAS_EXTENDED = 0x10000000;
/** The bits of extended attributes that programs set: underline style and colour. */
const EXTENDED_BITS = 0x1fffffff;
const GROUND = 0;
const COLOUR_MODE = 0x3000000;
const MODE_RGB = 0x3000000;

/** See above. Both states may be as gathered, not yet encoded. */
export function isSameState(one: ScreenState, other: ScreenState): boolean {
  const [first, second] = [one, other].map(comparable);
  return (
    JSON.stringify(first) === JSON.stringify(second) &&
    isSameBuffer(one, other, "normal") &&
    isSameBuffer(one, other, "alternate")
  );
}

/** All but the buffers, as far as it counts. */
function comparable(state: ScreenState): unknown {
  const { cursorInitialized: _, ...switches } = state.switches;
  return [
    [state.cols, state.rows, state.alternateShown],
    switches,
    [state.cursorStyle, state.cursorBlink, state.mouseProtocol, state.mouseEncoding],
    [state.title, state.iconName],
    [...state.colours].sort(([a], [b]) => a - b),
    [state.charsets, state.glevel, state.charset],
    comparablePen(state, state.pen),
    comparableParser(state.parser),
    [...state.openBytes],
  ];
}

/** The pen keeps its extended attributes also where it does not show them: the next underline brings them back. */
function comparablePen(state: ScreenState, { fg, bg, ext, link }: PenState): unknown {
  return [withColour(fg), withColour(bg), extendedBits(ext), linkText(state, link)];
}

/** A style's word without what an earlier colour left in it: of 24 bits, the default colour uses none, a palette's the lowest 8. */
function withColour(word: number): number {
  const mode = word & COLOUR_MODE;
  if (mode === MODE_RGB) return word >>> 0;
  return (mode === 0 ? word & ~0xffffff : word & ~0xffff00) >>> 0;
}

const extendedBits = (ext: number): number => withColour(ext & EXTENDED_BITS);

/** Between sequences the parser knows no more than what was printed last. */
function comparableParser(parser: ParserState): unknown {
  return parser.state === GROUND ? [parser.state, parser.join, parser.surrogate] : parser;
}

function linkText({ links }: ScreenState, number: number): string {
  const link = number === 0 ? undefined : links.links.find(([candidate]) => candidate === number)?.[1];
  return link === undefined ? "" : `${link.id ?? ""};${link.uri}`;
}

function isSameBuffer(one: ScreenState, other: ScreenState, which: "normal" | "alternate"): boolean {
  const isShown = one.alternateShown === (which === "alternate");
  const [first, second] = [one[which], other[which]].map((buffer) => JSON.stringify(comparableBuffer(buffer, isShown)));
  if (first !== second || one[which].lines.length !== other[which].lines.length) return false;
  return one[which].lines.every((line, row) => {
    const otherLine = other[which].lines[row];
    return otherLine !== undefined && isSameLine(one, line, other, otherLine);
  });
}

/**
 * A buffer that comes to be shown takes the other's cursor over, but until then a resize goes by its own row, if it has rows;
 * saving the cursor keeps no extended attributes.
 */
function comparableBuffer(buffer: BufferState, isShown: boolean): unknown {
  const { x, y, savedX, savedY, savedPen, savedCharset, scrollTop, scrollBottom, tabs, lines } = buffer;
  const saved = [savedX, savedY, withColour(savedPen.fg), withColour(savedPen.bg), savedCharset];
  return [isShown && x, lines.length > 0 && y, saved, scrollTop, scrollBottom, tabs];
}

function isSameLine(one: ScreenState, line: LineState, other: ScreenState, otherLine: LineState): boolean {
  if (line.wrapped !== otherLine.wrapped || line.cells.length !== otherLine.cells.length) return false;
  for (let at = 0; at < line.cells.length; at++) {
    const [word = 0, otherWord = 0] = [line.cells[at], otherLine.cells[at]];
    if (word !== otherWord && (at % WORDS === 0 || withColour(word) !== withColour(otherWord))) return false;
  }
  return cellNotes(one, line) === cellNotes(other, otherLine);
}

/** What stands beside the cells, where a cell refers to it. */
function cellNotes(state: ScreenState, { cells, combined, extended }: LineState): string {
  const texts = combined.filter(([x]) => ((cells[x * WORDS] ?? 0) & IS_COMBINED) !== 0);
  const styles = extended
    .filter(([x]) => ((cells[x * WORDS + 2] ?? 0) & HAS_EXTENDED) !== 0)
    .map(([x, { _ext, _urlId }]) => [x, extendedBits(_ext), linkText(state, _urlId)]);
  return texts.length + styles.length === 0 ? "" : JSON.stringify([texts, styles]);
}
