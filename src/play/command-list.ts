// The commands of a recording as the player needs them. It is handed them: how they are found is not its trade.
import type { Place } from "../core/index.js";
import type { Player } from "./player.js";

/** A command that was run in the recorded shell. Texts come from the recording: show none of them raw. */
export interface ListedCommand {
  /** What was run, several lines where several were typed; undefined where nothing tells. */
  readonly line: string | undefined;
  /** When its output began, nanoseconds. */
  readonly start: number;
  /** Nanoseconds; undefined: it had not ended when the recording did. */
  readonly duration: number | undefined;
  readonly exitStatus: number | undefined;
  /** Name of the signal that the exit status stands for. */
  readonly signal: string | undefined;
  /** Shells between the recorded one and the one it was run in. */
  readonly depth: number;
  /** Where the screen shows the typed line and none of the output yet, as near to that as the events allow. */
  readonly place: Place;
}

/** What is known of a recording's commands; they may still be looked for. */
export interface CommandList {
  /** In the order in which they began. What still runs may change. */
  readonly commands: readonly ListedCommand[];
  /** `unasked`: nobody has looked yet; `complete`: all that there are so far. */
  readonly state: "unasked" | "looking" | "complete" | { readonly failure: unknown };
  /** So much of the recording was looked through, nanoseconds. */
  readonly looked: number;
  /** Begins to look, where that has not begun. */
  look(): void;
  /** Calls back when more is known. Gives what ends that. */
  onChange(listener: () => void): () => void;
}

/** Where one is in a recording. */
export interface Whereabouts {
  /** Events that the screen has seen; undefined where it is on its way elsewhere. */
  readonly events: number | undefined;
  /** Nanoseconds. */
  readonly position: number;
}

/** It ended, and not well. */
export function hasFailed({ exitStatus }: ListedCommand): boolean {
  return exitStatus !== undefined && exitStatus !== 0;
}

/** Where a player stands. */
export function whereabouts({ events, position, state }: Pick<Player, "events" | "position" | "state">): Whereabouts {
  return { events: state === "seeking" ? undefined : events, position };
}

/** Number (from 0) of the first command behind a place; the number of all commands where there is none. */
export function firstBehind(commands: readonly ListedCommand[], here: Whereabouts): number {
  return firstThat(commands, (command) => distance(command, here) > 0);
}

/** Number of the last command that begins before a place; -1 where there is none. */
export function lastBefore(commands: readonly ListedCommand[], here: Whereabouts): number {
  return firstThat(commands, (command) => distance(command, here) >= 0) - 1;
}

/** The first command that is as asked, where none before it is and all behind it are. */
function firstThat(commands: readonly ListedCommand[], isSo: (command: ListedCommand) => boolean): number {
  let [low, high] = [0, commands.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const command = commands[middle];
    if (command === undefined || isSo(command)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function distance({ place, start }: ListedCommand, { events, position }: Whereabouts): number {
  return "events" in place && events !== undefined ? place.events - events : start - position;
}
