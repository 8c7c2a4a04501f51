// Histograms of several recordings, added.
import { type Histogram, HistogramMaker } from "../core/index.js";

/** The two, step by step since their beginnings, in the longer of their steps. */
export function addHistograms(a: Histogram, b: Histogram): Histogram {
  const maker = new HistogramMaker();
  for (const { step, bytes } of [a, b]) {
    // The last step first: the steps are made long enough at once.
    for (let at = bytes.length - 1; at >= 0; at--) maker.count(at * step, bytes[at] ?? 0);
  }
  return maker.histogram;
}
