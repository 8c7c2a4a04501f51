// Folds what a cut drops into the bytes that show the screen at that moment.
import { type ScreenFold, T2aError } from "../core/index.js";

/** A fold over the headless screen. */
export function createScreenFold(): ScreenFold {
  throw new T2aError("T2A_SCREEN", "not yet");
}
