// Reports as one HTML file.
import type { PresentedAnalysis } from "./sections.js";

/** The analysis as an HTML document. */
export function htmlReport(_analysis: PresentedAnalysis): string {
  return "<!doctype html>";
}
