// Makes the outline of a recording that has no index: how long it is, its markers, where much was put out.
import { type Batch, HistogramMaker, type Marker, type Outline } from "../core/index.js";

/** Markers kept at most, and units of all their labels, so that memory stays bounded whatever is recorded. */
const MAX_MARKERS = 65_536;
const MAX_LABEL_UNITS = 8 * 1024 * 1024;

/** Makes an outline of a recording that passes by. */
export class OutlineMaker {
  readonly #markers: Marker[] = [];
  readonly #histogram = new HistogramMaker();
  #labelUnits = 0;
  #duration = 0;
  #complete = false;

  take(batch: Batch): void {
    for (const event of batch) {
      if (event.kind === "output") this.#histogram.count(event.time, event.data.length);
      else if (event.kind === "marker") this.#mark(event);
    }
    this.#duration = batch.at(-1)?.time ?? this.#duration;
  }

  /** Nothing more comes. */
  end(): void {
    this.#complete = true;
  }

  #mark({ time, label }: Marker): void {
    if (this.#markers.length >= MAX_MARKERS || this.#labelUnits + label.length > MAX_LABEL_UNITS) return;
    this.#labelUnits += label.length;
    this.#markers.push({ time, label });
  }

  /** As it stands. Its lists grow with the recording. */
  get outline(): Outline {
    return {
      duration: this.#duration,
      complete: this.#complete,
      markers: this.#markers,
      histogram: this.#histogram.histogram,
    };
  }
}
