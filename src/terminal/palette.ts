// Colours told to programs that ask, where no theme is known: xterm's (XTerm-col.ad, 256colres.h).
import type { Theme } from "../core/index.js";

/** Light grey on black with xterm's sixteen colours. */
export const DEFAULT_THEME: Theme = {
  fg: "#e5e5e5",
  bg: "#000000",
  palette: [
    "#000000",
    "#cd0000",
    "#00cd00",
    "#cdcd00",
    "#0000ee",
    "#cd00cd",
    "#00cdcd",
    "#e5e5e5",
    "#7f7f7f",
    "#ff0000",
    "#00ff00",
    "#ffff00",
    "#5c5cff",
    "#ff00ff",
    "#00ffff",
    "#ffffff",
  ],
};

/** Entry 0-255 of the palette as `#rrggbb`: the theme's first 8 or 16, then xterm's colour cube and greys. */
export function paletteColour(theme: Theme, entry: number): string {
  if (entry < 16) return theme.palette[entry] ?? theme.palette[entry % 8] ?? DEFAULT_THEME.palette[entry] ?? theme.fg;
  const levels = entry < 232 ? cubeLevels(entry - 16) : Array<number>(3).fill(8 + (entry - 232) * 10);
  return `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

/** 6 x 6 x 6 colours, red slowest. */
function cubeLevels(index: number): number[] {
  return [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((step) =>
    step === 0 ? 0 : 55 + step * 40,
  );
}
