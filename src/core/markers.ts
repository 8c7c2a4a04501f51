// Changing the markers of a recording, and nothing else of it.
import type { Batch, Event, MarkerEvent } from "./event.js";
import type { Transform } from "./transforms.js";

/** A named point in time: nanoseconds since the recording's start. */
export interface Marker {
  readonly time: number;
  readonly label: string;
}

/** What becomes of a recording's markers. */
export interface MarkerChange {
  /** It comes behind all that happened up to its time. */
  readonly add?: Marker | undefined;
  /** Numbers of the markers that go, from 0 in order of time. */
  readonly remove?: ReadonlySet<number> | undefined;
}

/** Changes the markers. */
export function changeMarkers({ add, remove = new Set() }: MarkerChange): Transform {
  let next = 0;
  let added: MarkerEvent | undefined = add && { kind: "marker", ...add };
  const take = (time: number): Event[] => {
    if (added === undefined || added.time >= time) return [];
    const event = added;
    added = undefined;
    return [event];
  };
  return {
    batch(batch: Batch): Batch {
      return batch.flatMap((event) => {
        const before = take(event.time);
        return event.kind === "marker" && remove.has(next++) ? before : [...before, event];
      });
    },
    end: () => take(Number.POSITIVE_INFINITY),
  };
}
