// The line below the recording: what the player does and where it is. A narrow terminal drops its parts in a fixed order.
import type { Outline } from "../../core/index.js";
import { hasFailed, type ListedCommand } from "../command-list.js";
import type { IdleMode } from "../idle.js";
import type { PlaybackState } from "../playback-state.js";
import { lineText, statusText } from "./command-page.js";
import { fitText, textWidth } from "./text-width.js";
import { timelineBar } from "./timeline-bar.js";
import { formatClock } from "./times.js";

/** What the line tells. */
export interface Status {
  readonly state: PlaybackState;
  /** Nanoseconds, and how it is written. */
  readonly position: number;
  readonly positionText: string;
  readonly outline: Outline;
  readonly speed: number;
  readonly idle: IdleMode;
  readonly loop: boolean;
  /** What is searched, and the places on the screen where it is. */
  readonly search?: { readonly text: string; readonly hits: number } | undefined;
  /** The last command that has begun. */
  readonly command?: ListedCommand | undefined;
  /** All that are known, for the timeline. */
  readonly commands?: readonly ListedCommand[] | undefined;
  /** Said in place of everything on the right. Safe to print. */
  readonly message?: string | undefined;
  /** Safe to print. */
  readonly title: string;
}

/** The line with its SGR codes, and where in it the timeline is. */
export interface StatusLine {
  readonly text: string;
  readonly timeline?: { readonly x: number; readonly cols: number };
}

/** Characters of one column in every terminal. */
const SYMBOLS: Readonly<Record<PlaybackState, string>> = {
  idle: "·",
  playing: "►",
  paused: "‖",
  seeking: "»",
  ended: "■",
};
const MIN_TIMELINE = 8;
/** The title is shown where the timeline has so many columns beside it. */
const MIN_BESIDE_TITLE = 24;
/** Columns of a command, and its share of the terminal: always as many, as the timeline shall not move with every command. */
const MIN_COMMAND_COLS = 16;
const MAX_COMMAND_COLS = 42;
const COMMAND_SHARE = 0.25;
const GAP = "  ";

/** What stands left and right of the timeline; the last in {@link DROPPED} goes last. */
interface Parts {
  place: string;
  duration: string;
  timeline: boolean;
  speed: string;
  idle: string;
  loop: string;
  search: string;
  command: string;
  title: string;
}

/** What a narrow terminal does without, first to last. The place stays. */
const DROPPED: readonly (keyof Parts)[] = [
  "title",
  "command",
  "loop",
  "idle",
  "search",
  "speed",
  "timeline",
  "duration",
];

/** The line for so many columns. */
export function statusLine(status: Status, cols: number): StatusLine {
  const parts = partsOf(status, cols);
  if (status.message !== undefined)
    return { text: `${parts.place}${GAP}${fitText(status.message, messageRoom(parts, cols))}` };
  for (const name of DROPPED) {
    const spare = name === "title" ? MIN_BESIDE_TITLE - MIN_TIMELINE : 0;
    if (neededCols(parts) + spare <= cols) break;
    Object.assign(parts, { [name]: name === "timeline" ? false : "" });
  }
  return layOut(parts, status, cols);
}

function partsOf(status: Status, cols: number): Parts {
  const { state, positionText, outline, speed, idle, loop, search, title } = status;
  return {
    place: `${SYMBOLS[state]} ${positionText}`,
    duration: ` / ${formatClock(outline.duration)}${outline.complete ? "" : "+"}`,
    timeline: true,
    speed: `${Number(speed.toPrecision(3))}x`,
    idle: idleText(idle),
    loop: loop ? "loop" : "",
    search: search === undefined ? "" : `${search.hits > 0 ? `${search.hits} × ` : ""}${search.text}`,
    command: commandText(status, cols),
    title,
  };
}

/** The line of the command that runs, or that was run last; how it ended where that was not well. Blanks before the first. */
function commandText({ command, commands = [], position }: Status, cols: number): string {
  if (command === undefined && commands.length === 0) return "";
  const room = Math.max(MIN_COMMAND_COLS, Math.min(Math.floor(cols * COMMAND_SHARE), MAX_COMMAND_COLS));
  if (command === undefined) return " ".repeat(room);
  const { start, duration } = command;
  const hasEnded = duration !== undefined && start + duration <= position;
  const end = hasEnded && hasFailed(command) ? ` ${statusText(command)}` : "";
  const text = `$ ${fitText(lineText(command, room), Math.max(0, room - 2 - textWidth(end)))}${end}`;
  return text + " ".repeat(Math.max(0, room - textWidth(text)));
}

/** `limit` as seconds, the other modes by name. */
function idleText(idle: IdleMode): string {
  if (idle.mode === "off") return "";
  return idle.mode === "limit" ? `idle ${Number((idle.limit / 1e9).toPrecision(3))}s` : `idle ${idle.mode}`;
}

function messageRoom({ place }: Parts, cols: number): number {
  return Math.max(0, cols - textWidth(place) - GAP.length);
}

function rightOf({ speed, idle, loop, search, command, title }: Parts): string {
  return [speed, idle, loop, search, title, command].filter((text) => text !== "").join(GAP);
}

function neededCols(parts: Parts): number {
  const right = textWidth(rightOf(parts));
  const timeline = parts.timeline ? GAP.length + MIN_TIMELINE : 0;
  return textWidth(parts.place + parts.duration) + timeline + (right === 0 ? 0 : GAP.length + right);
}

function layOut(parts: Parts, { outline, position, commands }: Status, cols: number): StatusLine {
  const left = fitText(parts.place + parts.duration, cols);
  const right = rightOf(parts);
  const tail = right === "" ? "" : `${GAP}${right}`;
  if (!parts.timeline) return { text: `${left}${tail}` };
  const timeline = { x: textWidth(left) + GAP.length, cols: MIN_TIMELINE + cols - neededCols(parts) };
  return { text: `${left}${GAP}${timelineBar(outline, position, timeline.cols, commands)}\x1b[0m${tail}`, timeline };
}
