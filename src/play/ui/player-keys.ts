// The player's keys: one table, which the keyboard obeys and the help shows.
import type { Key } from "../terminal-input.js";

/** What a key can ask for. */
export type UiAction =
  | "toggle"
  | "back"
  | "forward"
  | "backShare"
  | "forwardShare"
  | "faster"
  | "slower"
  | "previousEvent"
  | "nextEvent"
  | "previousFrame"
  | "nextFrame"
  | "previousMarker"
  | "nextMarker"
  | "commandList"
  | "previousCommand"
  | "nextCommand"
  | "nextFailedCommand"
  | "searchForward"
  | "searchBackward"
  | "nextHit"
  | "previousHit"
  | "forgetSearch"
  | "goTo"
  | "start"
  | "end"
  | "tenth"
  | "loop"
  | "idle"
  | "timeStamps"
  | "pan"
  | "repaint"
  | "help"
  | "suspend"
  | "quit";

/** Keys that do the same, or as good as. */
export interface PlayerKey {
  /** By name, modifiers before it: `shift+left`, `ctrl+c`. */
  readonly keys: readonly string[];
  /** How the help names them, where that is not each by its name. */
  readonly shown?: string;
  readonly help: string;
  readonly action: UiAction;
}

/** All of them, in the order of the help: a low terminal shows the first. */
export const PLAYER_KEYS: readonly PlayerKey[] = [
  { keys: ["space"], help: "pause, or play on", action: "toggle" },
  { keys: ["q", "ctrl+c"], help: "end", action: "quit" },
  { keys: ["h", "f1"], help: "these keys", action: "help" },
  { keys: ["left"], help: "5 seconds back", action: "back" },
  { keys: ["right"], help: "5 seconds forward", action: "forward" },
  { keys: ["{", "shift+left"], help: "10 % back", action: "backShare" },
  { keys: ["}", "shift+right"], help: "10 % forward", action: "forwardShare" },
  { keys: ["home"], help: "to the start", action: "start" },
  { keys: ["end"], help: "to the end", action: "end" },
  { keys: [..."0123456789"], shown: "0 ... 9", help: "to 0 % ... 90 %", action: "tenth" },
  { keys: ["g"], help: "to a time: 90, 1:30, 40%", action: "goTo" },
  { keys: ["+", "=", "up"], shown: "+ up", help: "faster", action: "faster" },
  { keys: ["-", "down"], help: "slower", action: "slower" },
  { keys: [","], help: "one step back", action: "previousEvent" },
  { keys: ["."], help: "one step forward", action: "nextEvent" },
  { keys: ["<"], help: "one frame back", action: "previousFrame" },
  { keys: [">"], help: "one frame forward", action: "nextFrame" },
  { keys: ["["], help: "previous marker", action: "previousMarker" },
  { keys: ["]"], help: "next marker", action: "nextMarker" },
  { keys: ["c"], help: "list the commands", action: "commandList" },
  { keys: ["("], help: "previous command", action: "previousCommand" },
  { keys: [")"], help: "next command", action: "nextCommand" },
  { keys: ["x"], help: "next failed command", action: "nextFailedCommand" },
  { keys: ["/"], help: "search (\\v: a pattern)", action: "searchForward" },
  { keys: ["?"], help: "search backward", action: "searchBackward" },
  { keys: ["n"], help: "next hit", action: "nextHit" },
  { keys: ["N"], help: "previous hit", action: "previousHit" },
  { keys: ["escape"], help: "no more hits", action: "forgetSearch" },
  { keys: ["l"], help: "begin anew at the end", action: "loop" },
  { keys: ["i"], help: "treat pauses otherwise", action: "idle" },
  { keys: ["t"], help: "time of day", action: "timeStamps" },
  {
    keys: ["alt+left", "alt+right", "alt+up", "alt+down"],
    shown: "alt+arrows",
    help: "show another part",
    action: "pan",
  },
  { keys: ["ctrl+l"], help: "draw again", action: "repaint" },
  { keys: ["ctrl+z"], help: "stop; fg goes on", action: "suspend" },
];

const ACTIONS: ReadonlyMap<string, UiAction> = new Map(
  PLAYER_KEYS.flatMap(({ keys, action }) => keys.map((key) => [key, action] as const)),
);

/** A key as the table names it. */
export function keyName({ name, shift, alt, ctrl }: Key): string {
  return `${shift ? "shift+" : ""}${alt ? "alt+" : ""}${ctrl ? "ctrl+" : ""}${name}`;
}

/** What a key asks for; undefined for those that are none of the player's. */
export function findAction(key: Key): UiAction | undefined {
  return ACTIONS.get(keyName(key));
}
