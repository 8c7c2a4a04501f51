// Rows of styled characters, from tmux's capture and from a screen's cells, in one form that can be compared: every code point with
// its style. A reader of its own: what t2a draws is not to be judged by t2a's own parser.

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

/**
 * The rows that `tmux capture-pane -p -e` printed, each as code points with their styles, filled up to `cols` with blanks.
 * @throws where there is something in it that tmux does not print.
 */
export function parseCapture(text, { cols, rows }) {
  const pen = { fg: -1, bg: -1, flags: new Set(), graphics: false };
  const lines = text.split("\n").slice(0, rows);
  while (lines.length < rows) lines.push("");
  return lines.map((line) => filled(parseLine(line, pen), cols));
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

/** A character; of a space only what can be seen counts. */
function styled(text, fg, bg, flags) {
  const isSpace = text === " ";
  const shown = [...flags].filter((flag) => !isSpace || SEEN_ON_SPACE.has(flag)).sort();
  const drawsForeground = !isSpace || shown.length > 0;
  return { text, fg: drawsForeground ? fg : -1, bg, flags: shown.join(" ") };
}

function filled(row, cols) {
  const shown = row.length;
  return [...row, ...Array.from({ length: Math.max(0, cols - shown) }, () => ({ text: " ", ...PLAIN }))];
}

/** The same of rows of a t2a screen, `cols` wide: `lib` is the built library. */
export function rowsOfScreen(lib, lines) {
  return lines.map((line) =>
    line.cells().flatMap((cell) => {
      if (cell.width === 0 && cell.chars === "") return [];
      const flags = Object.entries(lib.ATTRS).flatMap(([name, bit]) =>
        (cell.attrs & bit) !== 0 && name !== "protected" ? [name] : [],
      );
      if (cell.underline > 0) flags.push("underline");
      const [fg, bg] = [cell.fg, cell.bg].map((colour) => colourName(lib, colour));
      return [...(cell.chars || " ")].map((character) => styled(character, fg, bg, flags));
    }),
  );
}

function colourName(lib, colour) {
  if (colour < lib.TRUECOLOR) return colour;
  return hex([(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff]);
}

/**
 * The first differences between rows, described; none where they show the same. Blanks at a row's end that only one of them
 * has are none: a wide character takes two columns and is one code point.
 */
export function compareRows(shown, expected, most = 3) {
  const found = [];
  for (let y = 0; y < expected.length && found.length < most; y++) {
    const [one, other] = [shown[y] ?? [], expected[y]];
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      const [here, wanted] = [one[at], other[at]].map((cell) => cell ?? { text: " ", ...PLAIN });
      if (describe(here) === describe(wanted)) continue;
      found.push(`row ${y + 1}, character ${at + 1}: ${describe(here)} instead of ${describe(wanted)}`);
      break;
    }
  }
  return found;
}

function describe({ text, fg, bg, flags }) {
  return [JSON.stringify(text), fg === -1 ? "" : `fg ${fg}`, bg === -1 ? "" : `bg ${bg}`, flags]
    .filter((part) => part !== "")
    .join(" ");
}
