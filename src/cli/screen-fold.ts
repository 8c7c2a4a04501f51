// Folds what a cut drops into the bytes that show the screen at that moment.
import type { ScreenFold } from "../core/index.js";
import { Screen } from "../terminal/index.js";

/** A fold over the headless screen. */
export function createScreenFold(): ScreenFold {
  let screen: Screen | undefined;
  return {
    start(cols, rows) {
      screen = new Screen({ cols, rows });
    },
    feed(event) {
      if (event.kind === "output") screen?.feed(event.data);
      else screen?.resize(event.cols, event.rows);
    },
    dump() {
      const bytes = screen?.dump() ?? new Uint8Array(0);
      screen?.dispose();
      screen = undefined;
      return bytes;
    },
  };
}
