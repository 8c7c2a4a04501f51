// How many colours a terminal can show, and which of those it can show stands for one that it cannot.
import { DEFAULT_THEME, paletteColour } from "./palette.js";

/** What a terminal can show: any colour, 256 or 16 of a palette, or none. */
export type ColorDepth = "truecolor" | "256" | "16" | "none";

/** What the environment says of the terminal: https://no-color.org, COLORTERM, TERM. */
export function colorDepth(env: Readonly<Record<string, string | undefined>>): ColorDepth {
  const { NO_COLOR = "", COLORTERM = "", TERM = "" } = env;
  if (NO_COLOR !== "") return "none";
  if (TERM === "dumb") return "none";
  if (COLORTERM === "truecolor" || COLORTERM === "24bit" || TERM.endsWith("-direct")) return "truecolor";
  return TERM.endsWith("-256color") ? "256" : "16";
}

/** A colour as the engine packs it: its kind in these bits of a word, and its number or 0xrrggbb below. */
export const COLOUR_KIND = 0x3000000;
/** One of the sixteen that SGR 30-37 and 90-97 name. */
export const KIND_16 = 0x1000000;
/** An entry of the palette of 256. */
export const KIND_256 = 0x2000000;
const RGB = 0xffffff;

/** The packed colour that a terminal of this depth shows for this one, the nearest; 0 is its default. */
export function fallBack(colour: number, depth: ColorDepth): number {
  const kind = colour & COLOUR_KIND;
  if (kind === 0 || depth === "none") return 0;
  if (kind === KIND_16) return KIND_16 | (colour & 0xf);
  if (kind === KIND_256) return depth === "16" ? KIND_16 | nearest16(colour & 0xff) : KIND_256 | (colour & 0xff);
  if (depth === "truecolor") return COLOUR_KIND | (colour & RGB);
  const entry = nearest256(colour & RGB);
  return depth === "16" ? KIND_16 | nearest16(entry) : KIND_256 | entry;
}

/** The colour cube's steps, and the entry of its first colour; the greys stand behind it. */
const CUBE = [0, 95, 135, 175, 215, 255] as const;
const FIRST_OF_CUBE = 16;
const FIRST_GREY = 232;
const GREYS = 24;

/** The sixteen first entries differ from terminal to terminal: no colour falls back to them while there are others. */
function nearest256(rgb: number): number {
  const [red, green, blue] = channels(rgb);
  const [r, g, b] = [cubeStep(red), cubeStep(green), cubeStep(blue)];
  const grey = Math.max(0, Math.min(GREYS - 1, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const level = 8 + grey * 10;
  const toCube = (red - (CUBE[r] ?? 0)) ** 2 + (green - (CUBE[g] ?? 0)) ** 2 + (blue - (CUBE[b] ?? 0)) ** 2;
  const toGrey = (red - level) ** 2 + (green - level) ** 2 + (blue - level) ** 2;
  return toGrey < toCube ? FIRST_GREY + grey : FIRST_OF_CUBE + 36 * r + 6 * g + b;
}

function cubeStep(level: number): number {
  if (level < 48) return 0;
  return level < 115 ? 1 : Math.floor((level - 35) / 40);
}

function channels(rgb: number): [number, number, number] {
  return [rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff];
}

let table16: Uint8Array | undefined;

function nearest16(entry: number): number {
  table16 ??= make16();
  return table16[entry] ?? 0;
}

/** For each of the 256 entries the nearest of the sixteen first, as xterm has them. */
function make16(): Uint8Array {
  const colours = Array.from({ length: 256 }, (_, entry) =>
    channels(Number.parseInt(paletteColour(DEFAULT_THEME, entry).slice(1), 16)),
  );
  const sixteen = colours.slice(0, 16);
  return Uint8Array.from(colours, ([red, green, blue], entry) => {
    if (entry < 16) return entry;
    const distances = sixteen.map(([r, g, b]) => (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2);
    return distances.indexOf(Math.min(...distances));
  });
}
