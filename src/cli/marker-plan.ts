// Which markers of a recording a command line means, and what becomes of them.
import {
  formatDuration,
  formatPosition,
  type Marker,
  type MarkerChange,
  type Position,
  parsePosition,
  UsageError,
} from "../core/index.js";
import type { MarkedRecording } from "../library/index.js";

/** What is to be done, and what is said of it then. */
export interface MarkerPlan {
  readonly change: MarkerChange | undefined;
  readonly said: readonly string[];
}

/**
 * Adds one behind all that happened up to that position.
 * @throws UsageError beyond the end.
 */
export function planAdd({ markers, duration }: MarkedRecording, position: Position, label: string): MarkerPlan {
  const time = nanosOf(position, duration);
  if (time > duration) {
    throw new UsageError(`${formatPosition(time)} lies behind the end of the recording (${formatDuration(duration)})`);
  }
  const number = markers.filter((marker) => marker.time <= time).length + 1;
  return { change: { add: { time, label } }, said: [`added marker ${describe(number, { time, label })}`] };
}

function nanosOf(position: Position, duration: number): number {
  return "nanos" in position ? position.nanos : Math.round(position.fraction * duration);
}

function describe(number: number, { time, label }: Marker): string {
  return `${number} at ${formatPosition(time)}${label === "" ? "" : `: ${label}`}`;
}

/** Finds markers by their places in the list, from 0. @throws UsageError where there is none such. */
export type Which = (recording: MarkedRecording) => readonly number[];

/**
 * Those that a command line names: by number or position, by their label, or all of them.
 * @throws UsageError where it names none.
 */
export function namedMarkers(
  names: readonly string[],
  { label, all }: { readonly label?: string | undefined; readonly all?: boolean | undefined },
): readonly Which[] {
  const named: Which[] = names.map((name) => (/^[0-9]+$/.test(name) ? byNumber(Number(name)) : byPosition(name)));
  if (label !== undefined) named.push(byLabel(label));
  if (all) named.push(({ markers }) => [...markers.keys()]);
  if (named.length > 0) return named;
  throw new UsageError("say which markers: their numbers or positions (t2a marker ls), --label TEXT or --all");
}

function byNumber(number: number): Which {
  return ({ markers }) => {
    if (number >= 1 && number <= markers.length) return [number - 1];
    throw new UsageError(`there is no marker ${number}: the recording has ${markers.length}`);
  };
}

function byPosition(text: string): Which {
  const position = parsePosition(text);
  return ({ markers, duration }) => {
    const time = nanosOf(position, duration);
    const found = [...markers.keys()].filter((at) => markers[at]?.time === time);
    if (found.length > 0) return found;
    throw new UsageError(`there is no marker exactly at ${text}: t2a marker ls prints where they are`);
  };
}

function byLabel(label: string): Which {
  return ({ markers }) => {
    const found = [...markers.keys()].filter((at) => markers[at]?.label === label);
    if (found.length > 0) return found;
    throw new UsageError(`no marker says "${label}"`);
  };
}

/** Told one by one; the others are counted. */
const MAX_TOLD = 20;

/** Removes those that are named. @throws what finding them throws. */
export function planRemove(recording: MarkedRecording, which: readonly Which[]): MarkerPlan {
  const { markers } = recording;
  const remove = new Set(which.flatMap((find) => find(recording)));
  if (remove.size === 0) return { change: undefined, said: ["there are no markers: the file stays as it is"] };
  const told = [...remove].sort((a, b) => a - b).slice(0, MAX_TOLD);
  const said = told.map((at) => `removed marker ${describe(at + 1, markers[at] ?? { time: 0, label: "" })}`);
  return {
    change: { remove },
    said: remove.size > MAX_TOLD ? [...said, `and ${remove.size - MAX_TOLD} more`] : said,
  };
}
