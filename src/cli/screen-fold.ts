// Follows the screen of a recording that is cut, for what the cut goes on with.
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
    reset: () => screen?.reset() ?? new Uint8Array(0),
    dump: () => screen?.dump() ?? new Uint8Array(0),
    end() {
      screen?.dispose();
      screen = undefined;
    },
  };
}
