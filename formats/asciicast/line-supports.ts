// What the line formats of asciicast hold: v2 and v3 differ in how they say it, not in what.
import type { FormatSupports } from "../../src/core/index.js";

/** What asciicast v2 and v3 can hold. */
export const LINE_SUPPORTS: FormatSupports = {
  input: true,
  resize: true,
  marker: true,
  exit: true,
  custom: true,
  meta: false,
  bytes: false,
  timeStepNanos: 1000,
  crashSafe: true,
  append: true,
  follow: true,
};
