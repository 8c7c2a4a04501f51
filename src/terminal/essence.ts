// What of a screen's state decides what it shows and does: two screens with the same essence cannot be told apart, though
// their memory differs: numbers of links, texts of cells that were overwritten, parameters of sequences that have ended.
import type { BufferState, LineState, ParserState, PenState, ScreenState } from "./state.js";

const WORDS = 3;
const IS_COMBINED = 0x200000;
const HAS_EXTENDED = 0x10000000;
/** The parser's state outside of sequences. */
const GROUND = 0;

/** The essence of a state, for comparing with `isDeepStrictEqual`. Borrows the state's memory. */
export function essenceOf(state: ScreenState): unknown {
  const links = new Map(state.links.links.map(([number, { id, uri }]) => [number, `${id ?? ""};${uri}`]));
  const { cols, rows, alternateShown, charsets, glevel, charset, switches, cursorStyle, cursorBlink } = state;
  const { cursorInitialized: _onlyForWindows, ...modes } = switches;
  return {
    ...{ cols, rows, alternateShown, charsets, glevel, charset, modes, cursorStyle, cursorBlink },
    ...{ mouseProtocol: state.mouseProtocol, mouseEncoding: state.mouseEncoding },
    ...{ title: state.title, iconName: state.iconName, keyboards: state.keyboards },
    cursor: cursorEssence(alternateShown ? state.alternate : state.normal),
    normal: bufferEssence(state.normal, true, state, links),
    alternate: bufferEssence(state.alternate, alternateShown, state, links),
    pen: penEssence(state.pen, links),
    colours: new Map(state.colours),
    parser: parserEssence(state.parser),
    openBytes: [...state.openBytes],
    openSequence: state.openSequence,
  };
}

type LinkNames = ReadonlyMap<number, string>;

/** The other buffer takes it over when it is shown. */
function cursorEssence({ x, y }: BufferState): unknown {
  return { x, y };
}

/** A hidden alternate buffer keeps its saved cursor alone; a hidden normal one its row too, by which a resize goes. */
function bufferEssence(buffer: BufferState, isKept: boolean, { cols }: ScreenState, links: LinkNames): unknown {
  const { savedY, savedPen, savedCharset } = buffer;
  const savedX = Math.min(buffer.savedX, cols - 1); // where restoring puts it
  const saved = { savedX, savedY, savedPen: penEssence(savedPen, links), savedCharset };
  if (!isKept) return saved;
  const { scrollTop, scrollBottom, tabs, lines } = buffer;
  return {
    ...saved,
    y: buffer.y,
    scrollTop,
    scrollBottom,
    tabs,
    lines: lines.map((line) => lineEssence(line, cols, links)),
  };
}

function lineEssence(line: LineState, cols: number, links: LinkNames): unknown {
  const { wrapped, combined, extended } = line;
  const cells = line.cells.slice(0, cols * WORDS); // the rest is spare memory
  const texts = new Map(combined);
  const styles = new Map(extended);
  const special: unknown[] = [];
  for (let x = 0; x < cols; x++) {
    if (((cells[x * WORDS] ?? 0) & IS_COMBINED) !== 0) special.push(x, texts.get(x));
    const style = ((cells[x * WORDS + 2] ?? 0) & HAS_EXTENDED) === 0 ? undefined : styles.get(x);
    if (style !== undefined) special.push(x, style._ext, links.get(style._urlId));
    cells[x * WORDS + 1] = colourEssence(cells[x * WORDS + 1] ?? 0);
    cells[x * WORDS + 2] = colourEssence(cells[x * WORDS + 2] ?? 0);
  }
  return { cells, wrapped, special };
}

/** Attributes that are not shown stay in it: a restored cursor may bring their flag back. */
function penEssence({ fg, bg, ext, link }: PenState, links: LinkNames): unknown {
  return {
    fg: colourEssence(fg),
    bg: colourEssence(bg),
    ext,
    link: links.get(link),
  };
}

/** Bits 24-25 say what the colour below them is; of one that was there before bits may be left. */
function colourEssence(word: number): number {
  const kind = (word >>> 24) & 3;
  return (word & (0xff000000 | (COLOUR_BITS[kind] ?? 0))) >>> 0;
}

/** None, one of 16, one of 256, red green blue. */
const COLOUR_BITS = [0, 0xff, 0xff, 0xffffff];

/** Within a sequence the open sequence itself says what the parser holds of it. */
function parserEssence({ state, join, surrogate }: ParserState): unknown {
  return { state, surrogate, join: state === GROUND ? join : 0 };
}
