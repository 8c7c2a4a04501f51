// The shapes in which terminal emulators keep their own tests, under a folder named `conformance`: what is fed, how large the
// screen is, and what must be seen. Each shape finds its cases among the paths and runs them: `run` gives for each case what
// differs (undefined for nothing), or throws Unusable with the reason where files are missing.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A case that cannot be run, because of what is not there. */
export class Unusable extends Error {}

const trimRow = (row) => row.replace(/\s+$/, "");

/** The first row that differs, rows right-trimmed, missing rows empty. */
function differentRow(rows, expected) {
  for (let y = 0; y < Math.max(rows.length, expected.length); y++) {
    const [got, wanted] = [trimRow(rows[y] ?? ""), trimRow(expected[y] ?? "")];
    if (got !== wanted) return `row ${y}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;
  }
  return undefined;
}

const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** One stream and the rows that it leaves. */
function rowsCase(name, { cols, rows, input, expected }) {
  return { name, cols, rows, stream: [input], check: (screen) => differentRow(screen.text(), expected) };
}

/** xterm.js: NAME.in went through a pty, which turns LF into CR LF; NAME.text is what xterm showed, 80x25. */
const xterm = {
  find: (paths) => paths.filter((path) => path.endsWith(".in") && paths.includes(path.replace(/\.in$/, ".text"))),
  cases(path) {
    const input = Buffer.from(readFileSync(path, "latin1").replaceAll("\n", "\r\n"), "latin1");
    const expected = readFileSync(path.replace(/\.in$/, ".text"), "utf8").split("\n");
    return [rowsCase(basename(path, ".in"), { cols: 80, rows: 25, input, expected })];
  },
};

/** pyte: NAME.input and the 24 rows as JSON, 80 columns. */
const pyte = {
  find: (paths) => paths.filter((path) => path.endsWith(".input") && paths.includes(path.replace(/input$/, "output"))),
  cases: (path) => [
    rowsCase(basename(path, ".input"), {
      cols: 80,
      rows: 24,
      input: readFileSync(path),
      expected: json(path.replace(/input$/, "output")),
    }),
  ],
};

/** alacritty: a folder with what was sent, the size, and the grid: its storage, or rows derived from it. */
const alacritty = {
  find: (paths) => paths.filter((path) => basename(path) === "alacritty.recording"),
  cases(path, paths) {
    const beside = (name) => [join(dirname(path), name)].find((file) => paths.includes(file));
    const [size, grid, derived] = ["size.json", "grid.json", "expected-derived.txt"].map(beside);
    const stored = grid === undefined ? undefined : json(grid);
    if (stored === undefined && derived === undefined) throw new Unusable("what is expected is not there");
    const { columns, screen_lines: lines } =
      size === undefined ? { columns: stored?.columns, screen_lines: stored?.lines } : json(size);
    if (columns === undefined) throw new Unusable("the screen's size is not there");
    const expected = stored === undefined ? readFileSync(derived, "utf8").split("\n") : gridRows(stored);
    return [rowsCase(basename(dirname(path)), { cols: columns, rows: lines, input: readFileSync(path), expected })];
  },
};

/** Rows of alacritty's ring of rows, which begins with the lowest. */
function gridRows({ lines, raw: { inner, zero } }) {
  const row = ({ inner: cells }) =>
    cells
      .filter(({ flags }) => !/WIDE_CHAR_SPACER/.test(flags))
      .map(({ c, extra }) => `${c === "\t" ? " " : c}${(extra?.zerowidth ?? []).join("")}`)
      .join("");
  return Array.from({ length: lines }, (_, y) => row(inner[(zero + lines - 1 - y) % inner.length]));
}

/** vt100 (Rust): NAME/1.typescript, 2.typescript ... one after the other; after N the screen is as N.json says, 80x24. */
const vt100 = {
  find: (paths) =>
    paths.filter((path) => /\/\d+\.typescript$/.test(path) && paths.includes(path.replace(/typescript$/, "json"))),
  cases(path, paths) {
    const folder = dirname(path);
    const number = Number(basename(path, ".typescript"));
    const steps = [];
    const lines = paths.includes(`${folder}.in`) ? readFileSync(`${folder}.in`, "utf8").split("\n") : [];
    for (let step = number; step > 0; step--) {
      const file = join(folder, `${step}.typescript`);
      const input = paths.includes(file) ? readFileSync(file) : unescaped(lines[step - 1]);
      if (input === undefined) throw new Unusable("an earlier step is not there");
      steps.unshift(input);
      if (input.subarray(0, 2).toString() === "\x1bc") break; // a full reset: nothing before it matters
    }
    const expected = json(path.replace(/typescript$/, "json"));
    const name = `${basename(folder)}/${number}`;
    return [{ name, cols: 80, rows: 24, stream: steps, check: (screen) => differentFromVt100(screen, expected) }];
  },
};

/** A line of the file that the steps were made from. */
function unescaped(line) {
  if (line === undefined) return undefined;
  const bytes = line.replace(/\\(?:x([0-9a-f]{2})|u\{([0-9a-f]+)\}|([nrte\\"]))/gi, (_, byte, code, letter) => {
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
    if (code !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(code, 16))).toString("latin1");
    return { n: "\n", r: "\r", t: "\t", e: "\x1b" }[letter] ?? letter;
  });
  // What was not escaped stands in the file as UTF-8.
  return Buffer.from(
    bytes.replace(/[\u0100-\u{10ffff}]/gu, (c) => Buffer.from(c).toString("latin1")),
    "latin1",
  );
}

const TRUECOLOR = 0x1000000;
const VT100_MOUSE = { press: "x10", press_release: "normal", button_motion: "button", any_motion: "any" };

function differentFromVt100(screen, expected) {
  const { lines, cursor, modes } = screen.snapshot();
  const colour = (value) => (value < 0 ? undefined : value < TRUECOLOR ? String(value) : `#${hex6(value - TRUECOLOR)}`);
  for (let y = 0; y < 24; y++) {
    for (let x = 0; x < 80; x++) {
      const { chars, width, fg, bg, attrs, underline } = lines[y].cell(x);
      const cell = expected.cells[`${y},${x}`] ?? {};
      const got = {
        contents: chars.trim(),
        is_wide: width === 2,
        is_wide_continuation: width === 0,
        fgcolor: colour(fg),
        bgcolor: colour(bg),
        bold: (attrs & 1) !== 0,
        italic: (attrs & 4) !== 0,
        inverse: (attrs & 16) !== 0,
        underline: underline !== 0,
      };
      for (const [key, value] of Object.entries(got)) {
        const wanted =
          key === "contents"
            ? (cell.contents ?? "").trim()
            : (cell[key] ?? (key.endsWith("color") ? undefined : false));
        if (value !== wanted)
          return `${key} of ${y},${x}: ${JSON.stringify(value)} instead of ${JSON.stringify(wanted)}`;
      }
    }
  }
  const [row, column] = expected.cursor_position;
  const got = {
    cursor: `${cursor.y},${cursor.pendingWrap ? 80 : cursor.x}`,
    title: screen.title,
    application_keypad: modes.applicationKeypad,
    application_cursor: modes.applicationCursorKeys,
    bracketed_paste: modes.bracketedPaste,
    hide_cursor: !cursor.visible,
    mouse: modes.mouseTracking,
    mouseEncoding: modes.mouseEncoding,
  };
  const wanted = {
    cursor: `${row},${column}`,
    title: expected.title ?? "",
    application_keypad: expected.application_keypad ?? false,
    application_cursor: expected.application_cursor ?? false,
    bracketed_paste: expected.bracketed_paste ?? false,
    hide_cursor: expected.hide_cursor ?? false,
    mouse: VT100_MOUSE[expected.mouse_protocol_mode] ?? "none",
    mouseEncoding: expected.mouse_protocol_encoding ?? "default",
  };
  const key = Object.keys(got).find((name) => got[name] !== wanted[name]);
  return key === undefined ? undefined : `${key}: ${got[key]} instead of ${wanted[key]}`;
}

const hex6 = (value) => value.toString(16).padStart(6, "0");

/** zellij: what a test feeds to a screen of which size stands in its source alone. Expected: rows behind `NN (C): `. */
const ZELLIJ = {
  csi_b: ["csi-b", 97, 51],
  exa_plus_omf_theme: ["exa_plus_omf_theme", 235, 56],
  fish_tab_completion_options: ["fish_tab_completion_options", 116, 28],
  fzf_fullscreen: ["fzf_fullscreen", 112, 51],
  insert_wide_characters_in_existing_line: ["chinese_characters_line_middle", 86, 21],
  text_ui_component: ["text-ui-component", 120, 41],
  vttest1_2: ["vttest1-2", 110, 41],
  vttest2_0: ["vttest2-0", 110, 41],
  vttest2_10: ["vttest2-10", 110, 41],
  vttest2_2: ["vttest2-2", 110, 41],
  vttest2_4: ["vttest2-4", 110, 41],
  vttest8_5: ["vttest8-5", 97, 51],
  wrap_wide_characters_at_the_end_of_the_line: ["wide_characters_line_end", 90, 21],
  wrap_wide_characters_in_the_middle_of_the_line: ["wide_characters_line_middle", 91, 21],
};

const zellij = {
  find: (paths) => paths.filter((path) => path.endsWith(".snap")),
  cases(path, paths) {
    const name = basename(path, ".snap").replace(/^.*__/, "");
    const [fixture, cols, rows] = ZELLIJ[name] ?? [];
    if (fixture === undefined)
      throw new Unusable("not a test that feeds a file and looks at the screen, or its file is not there");
    const input = join(dirname(dirname(path)), "fixtures", fixture);
    if (!paths.includes(input)) throw new Unusable("what is fed is not there");
    const expected = readFileSync(path, "utf8")
      .split("\n")
      .flatMap((line) => /^\d+ \([CW]\): (.*)$/.exec(line)?.[1] ?? []);
    return [rowsCase(name, { cols, rows, input: readFileSync(input), expected })];
  },
};

/** libvterm: scripts of PUSH, RESIZE and questions; a case each `!` section. 80x25. What is asked of other things is passed over. */
const libvterm = {
  find: (paths) => paths.filter((path) => path.endsWith(".test")),
  cases(path) {
    const sections = [];
    let section = { name: "start", steps: [] };
    for (const line of readFileSync(path, "utf8").split("\n").flatMap(repeated)) {
      const text = line.trim();
      if (text.startsWith("!")) {
        sections.push(section);
        section = { name: text.slice(1), steps: [] };
      } else if (text !== "" && !text.startsWith("#")) section.steps.push(text);
    }
    sections.push(section);
    // A section goes on with the screen of the one before it, unless it begins with a reset.
    const cases = sections.map(({ name, steps }, index) => ({
      name: `${basename(path, ".test")}: ${name}`,
      cols: 80,
      rows: 25,
      script: sections
        .slice(0, index + 1)
        .flatMap((one) => one.steps.map((step) => ({ step, asks: one.steps === steps }))),
    }));
    const asking = cases.filter(({ script }) => script.some(({ step, asks }) => asks && question(step) !== undefined));
    if (asking.length === 0) throw new Unusable("it asks nothing of a screen");
    return asking;
  },
};

/** `$SEQ a b: STEP` with \# for the number, `$REP n: STEP`. */
function repeated(line) {
  const [, from, to, step] = /^\$SEQ\s+(\d+)\s+(\d+):\s*(.*)$/.exec(line) ?? [];
  if (step !== undefined) {
    return Array.from({ length: to - from + 1 }, (_, n) => step.replaceAll("\\#", String(Number(from) + n)));
  }
  const [, times, again] = /^\$REP\s+(\d+):\s*(.*)$/.exec(line) ?? [];
  return again === undefined ? [line] : Array(Number(times)).fill(again);
}

/** The function that looks at a screen for this question: what differs, or undefined; undefined itself for other questions. */
function question(text) {
  const is = (pattern) => pattern.exec(text)?.slice(1);
  let found = is(/^\?cursor = (\d+),(\d+)$/) ?? is(/^movecursor (\d+),(\d+)$/);
  if (found !== undefined) {
    const wanted = found.map(Number).join(",");
    return ({ cursor }) => equalOr("cursor", `${cursor.y},${cursor.x}`, wanted);
  }
  found = is(/^\?screen_row\s+(\d+)\s*=\s*(.*)$/);
  if (found !== undefined) {
    const [row, wanted] = found;
    return (screen) => equalOr(`row ${row}`, screen.text()[row] ?? "", trimRow(textOf(wanted)));
  }
  found = is(/^putglyph (\S+) (\d+) (\d+),(\d+)/);
  if (found !== undefined) {
    const [codes, width, row, column] = found;
    return (screen) => equalOr(`cell ${row},${column}`, cellText(screen, row, column), `${textOf(codes)} ${width}`);
  }
  found = is(/^\?screen_cell (\d+),(\d+) = \{(.*?)\} width=(\d)/);
  if (found !== undefined) {
    const [row, column, codes, width] = found;
    return (screen) => equalOr(`cell ${row},${column}`, cellText(screen, row, column), `${textOf(codes)} ${width}`);
  }
  found = is(/^\?lineinfo (\d+) =(.*)$/);
  if (found !== undefined) {
    const [row, wanted] = found;
    return (screen) => equalOr(`row ${row} goes on`, screen.snapshot().lines[row].wrapped, wanted.includes("cont"));
  }
  return undefined;
}

const equalOr = (what, got, wanted) =>
  got === wanted ? undefined : `${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;

function cellText(screen, row, column) {
  const { chars, width } = screen.snapshot().lines[row].cell(Number(column));
  return `${chars} ${width}`;
}

/** Text in quotes, or code points with commas between them. */
function textOf(text) {
  if (text.startsWith('"')) return vtermBytes(text.slice(1, text.lastIndexOf('"'))).toString("utf8");
  if (text === "") return "";
  return String.fromCodePoint(...text.split(",").map(Number));
}

function vtermBytes(text) {
  const bytes = text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, byte, letter) => {
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
    return { e: "\x1b", r: "\r", n: "\n", b: "\b", t: "\t" }[letter] ?? letter;
  });
  return Buffer.from(bytes, "latin1");
}

/** Runs a script on screens that `makeScreen` makes; what differs first in the section that asks. */
export function runScript({ cols, rows, script }, makeScreen) {
  let screen = makeScreen({ cols, rows });
  for (const { step, asks } of script) {
    const [, text, times] = /^PUSH\s+("(?:.*)")(?:x(\d+))?$/.exec(step) ?? [];
    const [, height, width] = /^RESIZE (\d+),(\d+)$/.exec(step) ?? [];
    if (text !== undefined) {
      const bytes = vtermBytes(text.slice(1, -1));
      for (let n = 0; n < Number(times ?? 1); n++) screen.feed(bytes);
    } else if (width !== undefined) screen.resize(Number(width), Number(height));
    else if (step === "RESET") {
      const size = { cols: screen.cols, rows: screen.rows };
      screen.dispose();
      screen = makeScreen(size);
    } else if (asks) {
      const difference = question(step)?.(screen);
      if (difference !== undefined) return difference;
    }
  }
  screen.dispose();
  return undefined;
}

/** All shapes by name. */
export const SHAPES = { xterm, alacritty, vt100, libvterm, pyte, zellij };

/** Files of a conformance folder that are no stream: what is expected, sizes, scripts. */
export const NO_STREAM = /\.(json|snap|text|output|lengths|test)$|expected-derived\.txt$/;
