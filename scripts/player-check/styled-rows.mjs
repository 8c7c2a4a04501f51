// Rows of styled cells, from tmux's capture and from a screen, in one form that can be compared: every column with its characters
// and style. A reader of its own: what t2a draws is not to be judged by t2a's own parser.

/** The style nothing was set in. Colours: -1 the default, 0-255 the palette, "#rrggbb". */
const PLAIN = Object.freeze({ fg: -1, bg: -1, flags: "" });

/** SGR numbers that switch something on, and the numbers that switch it off. */
const ON = new Map([
  [1, "bold"],
  [2, "dim"],
  [3, "italic"],
  [4, "underline"],
  [5, "blink"],
  [7, "inverse"],
  [8, "invisible"],
  [9, "strikethrough"],
  [53, "overline"],
]);
const OFF = new Map([
  [22, ["bold", "dim"]],
  [23, ["italic"]],
  [24, ["underline"]],
  [25, ["blink"]],
  [27, ["inverse"]],
  [28, ["invisible"]],
  [29, ["strikethrough"]],
  [55, ["overline"]],
]);
/** What can be seen of a space. */
const SEEN_ON_SPACE = new Set(["underline", "inverse", "strikethrough", "overline"]);
/** The line drawing that tmux prints between SO and SI. */
const GRAPHICS = new Map(
  [..."`afgijklmnopqrstuvwxyz{|}~"].map((letter, at) => [letter, [..."◆▒°±␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"][at]]),
);

const TOKEN = /\x1b\[([0-9;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x0e\x0f]|[^\x1b]/gu;

/** Behind a wide character: its second column. */
const SECOND = Object.freeze({ text: "", ...PLAIN });

/**
 * The rows that `tmux capture-pane -p -e` printed, column by column. `widthOf` tells the columns that tmux takes for a character.
 * @throws where there is something in it that tmux does not print.
 */
export function parseCapture(text, { cols, rows }, widthOf = () => 1) {
  const pen = { fg: -1, bg: -1, flags: new Set(), graphics: false };
  const lines = text.split("\n").slice(0, rows);
  while (lines.length < rows) lines.push("");
  return lines.map((line) => inColumns(parseLine(line, pen), cols, widthOf));
}

function inColumns(characters, cols, widthOf) {
  const row = [];
  for (const character of characters) {
    const width = widthOf(character.text);
    const base = row.findLast(({ text }) => text !== "");
    if (width > 0) row.push(character, ...Array(width - 1).fill(SECOND));
    else if (base !== undefined) base.text += character.text;
  }
  while (row.length < cols) row.push({ text: " ", ...PLAIN });
  return row;
}

function parseLine(line, pen) {
  const row = [];
  let length = 0;
  for (const [token, parameters] of line.matchAll(TOKEN)) {
    length += token.length;
    if (parameters !== undefined) applySgr(parameters, pen);
    else if (token === "\x0e") pen.graphics = true;
    else if (token === "\x0f") pen.graphics = false;
    else if (!token.startsWith("\x1b")) {
      row.push(styled((pen.graphics && GRAPHICS.get(token)) || token, pen.fg, pen.bg, pen.flags));
    }
  }
  if (length !== line.length) throw new Error(`not what tmux prints: ${JSON.stringify(line)}`);
  return row;
}

function applySgr(parameters, pen) {
  const items = parameters.split(";");
  while (items.length > 0) {
    const item = items.shift();
    const [code = 0, ...sub] = item.split(":").map(Number);
    if (code === 0) Object.assign(pen, { fg: -1, bg: -1, flags: new Set() });
    else if (code === 4 && sub[0] === 0) pen.flags.delete("underline");
    else if (code === 5 && sub[0] === 3)
      pen.flags.add("overline"); // tmux 3.3 writes its 53 so
    else if (ON.has(code)) pen.flags.add(ON.get(code));
    else if (OFF.has(code)) for (const flag of OFF.get(code)) pen.flags.delete(flag);
    else if (code === 38 || code === 48 || code === 58) {
      const colour = sub.length > 0 ? readColour(sub, 3) : readColour(items, 2);
      if (code !== 58) pen[code === 38 ? "fg" : "bg"] = colour;
    } else if (code === 39) pen.fg = -1;
    else if (code === 49) pen.bg = -1;
    else if (code >= 30 && code <= 37) pen.fg = code - 30;
    else if (code >= 40 && code <= 47) pen.bg = code - 40;
    else if (code >= 90 && code <= 97) pen.fg = code - 82;
    else if (code >= 100 && code <= 107) pen.bg = code - 92;
  }
}

/** Takes a colour's numbers off the list: `5;n`, `2;r;g;b`, or with colons and a colour space `2::r:g:b`. */
function readColour(numbers, spacedLength) {
  if (Number(numbers.shift()) === 5) return Number(numbers.shift());
  if (spacedLength === 3 && numbers.length > 3) numbers.shift();
  return hex(numbers.splice(0, 3).map(Number));
}

function hex(rgb) {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** A character with its style; of a space only what can be seen counts. */
export function styled(text, fg, bg, flags) {
  const isSpace = text === " ";
  const shown = [...flags].filter((flag) => !isSpace || SEEN_ON_SPACE.has(flag)).sort();
  const drawsForeground = !isSpace || shown.length > 0;
  return { text, fg: drawsForeground ? fg : -1, bg, flags: shown.join(" ") };
}

/**
 * What a part of a screen (`left`, `top`, `cols`, `rows`) shows, column by column, blank or edged where the screen ends. Half a
 * wide character is a space, and so is what a combining character without a base stands on. `lib` is the built library.
 */
export function rowsOfScreen(lib, screen, { left, top, cols, rows }) {
  const edge = (x, y) => {
    const text = edgeAt(left + x - screen.cols, top + y - screen.rows);
    return styled(text, -1, -1, text === " " ? [] : ["dim"]);
  };
  return Array.from({ length: rows }, (_, y) => {
    const cells = (screen.lines[top + y]?.cells() ?? []).slice(left, left + cols);
    const row = cellsInColumns(lib, cells);
    while (row.length < cols) row.push(edge(row.length, y));
    return row;
  });
}

/** A thin line right of the screen and below it. */
function edgeAt(col, row) {
  if (col === 0 && row <= 0) return row === 0 ? "┘" : "│";
  return row === 0 && col < 0 ? "─" : " ";
}

function cellsInColumns(lib, cells) {
  const row = [];
  for (let x = 0; x < cells.length; x++) {
    const { width } = cells[x];
    const chars = cells[x].chars.replace(/\u200d+$/, ""); // joins nothing: the next character has a cell of its own
    const next = cells[x + 1];
    const isWide = width === 2 && next !== undefined && next.width === 0 && next.chars === "";
    const isHalf = (width === 2 && !isWide) || chars === "";
    row.push(styledCell(lib, cells[x], isHalf ? " " : width === 0 ? ` ${chars}` : chars));
    if (!isWide) continue;
    row.push(SECOND);
    x++;
  }
  return row;
}

function styledCell(lib, cell, text) {
  const flags = Object.entries(lib.ATTRS).flatMap(([name, bit]) =>
    (cell.attrs & bit) !== 0 && name !== "protected" ? [name] : [],
  );
  if (cell.underline > 0) flags.push("underline");
  const [fg, bg] = [cell.fg, cell.bg].map((colour) => colourName(lib, colour));
  return styled(text, fg, bg, flags);
}

function colourName(lib, colour) {
  if (colour < lib.TRUECOLOR) return colour;
  return hex([(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff]);
}

/** The first difference of each row, described; none where they show the same. Columns that `isUnsure(y, x)` are not compared. */
export function compareRows(shown, expected, isUnsure = () => false) {
  return expected.flatMap((row, y) => {
    const x = row.findIndex((wanted, at) => !isUnsure(y, at) && describe(shown[y][at]) !== describe(wanted));
    return x === -1 ? [] : [`row ${y + 1}, column ${x + 1}: ${describe(shown[y][x])} instead of ${describe(row[x])}`];
  });
}

function describe(cell) {
  if (cell === undefined) return "nothing";
  const { text, fg, bg, flags } = cell;
  if (text === "") return "the second half of a wide character";
  return [JSON.stringify(text), fg === -1 ? "" : `fg ${fg}`, bg === -1 ? "" : `bg ${bg}`, flags]
    .filter((part) => part !== "")
    .join(" ");
}
