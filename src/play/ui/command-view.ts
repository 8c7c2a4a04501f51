// The list of commands that the user has open: which are in it, which one is selected, what its keys do.
import { type CommandList, firstBehind, hasFailed, type ListedCommand, type Whereabouts } from "../command-list.js";
import { Pace } from "../pace.js";
import type { Key } from "../terminal-input.js";
import type { TextPattern } from "../text-search.js";

/** What a key or a click in the list leads to; `missed`: there is no such command; `passed`: it is not
 * for the list. */
export type ViewResult = "go" | "left" | "filter" | "taken" | "missed" | "passed";

/** One turn of the wheel. */
export const WHEEL_ROWS = 3;
/** What looking at a command's line costs beside its length, as bytes. */
const LINE_COST = 64;

/** What the list shows of itself. */
export interface ViewRow {
  readonly command: ListedCommand;
  /** The list stands on it. */
  readonly isSelected: boolean;
  /** It was the last to begin where the player is. */
  readonly isHere: boolean;
}

/** A list of commands, filtered or not. */
export class CommandView {
  readonly #list: CommandList;
  readonly #whereabouts: () => Whereabouts;
  readonly #onChange: () => void;
  #isOpen = false;
  #pattern: TextPattern | undefined;
  /** Numbers of the commands that match, and how many commands were looked at; all of them match where nothing is asked for. */
  #matches: number[] = [];
  #looked = 0;
  #isLooking = false;
  /** Number of the command that is selected; undefined: the one where the player is. */
  #selected: number | undefined;
  /** The first one that is seen, rows for commands, and where on the terminal the first of these is. */
  #top = 0;
  #rows = 20;
  #firstRow = 1;

  /** `whereabouts`: where the player is; `onChange`: there is something else to show. */
  constructor(list: CommandList, whereabouts: () => Whereabouts, onChange: () => void) {
    this.#list = list;
    this.#whereabouts = whereabouts;
    this.#onChange = onChange;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get list(): CommandList {
    return this.#list;
  }

  /** What the commands shown have in their lines. */
  get pattern(): TextPattern | undefined {
    return this.#pattern;
  }

  /** Commands shown; more may come. */
  get size(): number {
    return this.#pattern === undefined ? this.#list.commands.length : this.#matches.length;
  }

  /** Number of the selected one among those shown, from 0. */
  get index(): number {
    return Math.max(0, Math.min(this.#indexOf(this.#selected ?? this.#here()), this.size - 1));
  }

  get selected(): ListedCommand | undefined {
    return this.#at(this.index);
  }

  /** Shows all commands, the one where the player is selected. */
  open(): void {
    this.#isOpen = true;
    this.#selected = undefined;
    this.filter(undefined);
    this.#list.look();
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Shows only commands with this in their lines. */
  filter(pattern: TextPattern | undefined): void {
    this.#pattern = pattern;
    this.#matches = [];
    this.#looked = 0;
    this.update();
  }

  /** More commands may be known. */
  update(): void {
    if (this.#isOpen && this.#pattern !== undefined && !this.#isLooking) void this.#lookOn();
  }

  /** Takes a key. */
  take({ name, ctrl, alt, shift }: Key): ViewResult {
    if (ctrl || alt || shift) return "passed";
    const step = this.#steps()[name];
    if (step !== undefined) return this.move(step);
    if (name === "enter") return this.selected === undefined ? "taken" : "go";
    if (name === "escape" || name === "q" || name === "c") return "left";
    if (name === "x") return this.#toFailed();
    return name === "/" ? "filter" : "passed";
  }

  /** Selects another one, so many further on. */
  move(by: number): ViewResult {
    const index = Math.max(0, Math.min(this.index + by, this.size - 1));
    this.#selected = this.#numberAt(index);
    return "taken";
  }

  /** Selects the one in this row of the terminal, from 0. */
  click(y: number): ViewResult {
    const row = y - this.#firstRow;
    if (row >= this.#rows) return "passed";
    const index = this.#top + row;
    if (row < 0 || index >= this.size) return "taken";
    this.#selected = this.#numberAt(index);
    return "go";
  }

  /** What is seen in so many rows, the first of which is this one of the terminal. */
  rows(count: number, firstRow: number): readonly ViewRow[] {
    this.#firstRow = firstRow;
    const { index } = this;
    this.#rows = Math.max(1, count);
    this.#top = Math.min(index, Math.max(this.#top, index - this.#rows + 1));
    this.#top = Math.max(0, Math.min(this.#top, this.size - this.#rows));
    const current = this.#list.commands[this.#here()];
    const shown: ViewRow[] = [];
    for (let at = this.#top; at < Math.min(this.size, this.#top + count); at++) {
      const command = this.#at(at);
      if (command !== undefined) shown.push({ command, isSelected: at === index, isHere: command === current });
    }
    return shown;
  }

  /** Number of the last command that has begun where the player is, else of the first one. */
  #here(): number {
    return Math.max(0, firstBehind(this.#list.commands, this.#whereabouts()) - 1);
  }

  #steps(): Readonly<Record<string, number>> {
    const page = Math.max(1, this.#rows - 1);
    const { size } = this;
    return { up: -1, "(": -1, down: 1, ")": 1, pageup: -page, pagedown: page, home: -size, end: size };
  }

  #toFailed(): ViewResult {
    for (let at = this.index + 1; at < this.size; at++) {
      const command = this.#at(at);
      if (command !== undefined && hasFailed(command)) return this.move(at - this.index);
    }
    return "missed";
  }

  #at(index: number): ListedCommand | undefined {
    return this.#list.commands[this.#numberAt(index)];
  }

  #numberAt(index: number): number {
    return this.#pattern === undefined ? index : (this.#matches[index] ?? -1);
  }

  /** Of the first one shown that is not before it. */
  #indexOf(number: number): number {
    if (this.#pattern === undefined) return number;
    let [low, high] = [0, this.#matches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#matches[middle] ?? 0) >= number) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Looks for the pattern in commands that came since, by slices. */
  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    const pace = new Pace(undefined, this.#onChange);
    while (this.#isOpen && this.#looked < this.#list.commands.length) {
      const line = this.#list.commands[this.#looked]?.line ?? "";
      if (this.#pattern === undefined) break;
      // Whether it matches is asked by search: a regular expression with the flag g remembers where it was.
      if (line.search(this.#pattern.regex) >= 0) this.#matches.push(this.#looked);
      this.#looked++;
      if (pace.isOver(LINE_COST + line.length)) await pace.rest();
    }
    this.#isLooking = false;
    this.#onChange();
  }
}
