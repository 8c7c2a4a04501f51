// Going from command to command by keys, also while they are still being found.
import { NANOS_PER_SECOND, type Outline } from "../../core/index.js";
import { visibleText } from "../../terminal/index.js";
import {
  type CommandList,
  firstBehind,
  hasFailed,
  type ListedCommand,
  lastBefore,
  whereabouts,
} from "../command-list.js";
import type { Player } from "../player.js";

/** What the jumps need. */
export interface CommandJumpsOptions {
  readonly player: Player;
  readonly list: CommandList | undefined;
  /** Safe to print; empty where nothing is to be said. */
  readonly onNote: (note: string) => void;
}

/** Where a jump goes. */
export type CommandJump = "previous" | "next" | "nextFailed";

/** Said where the player was given no list. */
export const NO_LIST = "this recording's commands cannot be listed";
/** Said where there are none. */
export const NO_COMMANDS = "no commands found in this recording";
/** While playing, the previous command is not one that was begun just now. Nanoseconds. */
const JUST_PASSED = NANOS_PER_SECOND;
/** Said where there is none to go to. */
export const MISSES: Readonly<Record<CommandJump, string>> = {
  previous: "no earlier command",
  next: "no later command",
  nextFailed: "no later failed command",
};

/** Moves the player from command to command. Jumps that come fast are made one after another. */
export class CommandJumps {
  readonly #options: CommandJumpsOptions;
  #abort = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(options: CommandJumpsOptions) {
    this.#options = options;
  }

  jump(which: CommandJump): void {
    const { list } = this.#options;
    if (list === undefined) {
      this.#options.onNote(NO_LIST);
      return;
    }
    list.look();
    const { signal } = this.#abort;
    this.#work = this.#work.then(() => this.#go(which, list, signal));
  }

  /** Goes to the beginning of one. */
  goTo({ place }: ListedCommand): void {
    this.cancel();
    void this.#options.player.seek(place);
  }

  /** Jumps that wait for commands to be found are not made. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #go(which: CommandJump, list: CommandList, signal: AbortSignal): Promise<void> {
    const { player, onNote } = this.#options;
    await player.settled(); // it goes out from where one is then
    while (this.#mustWait(which, list) && !signal.aborted) {
      onNote(lookingText(list, player.outline));
      await changed(list, signal);
    }
    if (signal.aborted) return;
    const target = this.#find(which, list);
    onNote(target === undefined ? missText(which, list) : "");
    if (target !== undefined) await player.seek(target.place);
  }

  #find(which: CommandJump, { commands }: CommandList): ListedCommand | undefined {
    const { player } = this.#options;
    const here = whereabouts(player);
    if (which === "previous") {
      const limit = player.state === "playing" ? here.position - JUST_PASSED : Number.POSITIVE_INFINITY;
      let at = lastBefore(commands, here);
      while ((commands[at]?.start ?? Number.NEGATIVE_INFINITY) > limit) at--;
      return commands[at];
    }
    const first = firstBehind(commands, here);
    if (which === "next") return commands[first];
    for (let at = first; at < commands.length; at++) {
      const command = commands[at];
      if (command !== undefined && hasFailed(command)) return command;
    }
    return undefined;
  }

  /** Whether what is known so far is not enough. */
  #mustWait(which: CommandJump, list: CommandList): boolean {
    if (!isOpen(list)) return false;
    // What is found yet may lie behind all that is known, but before here.
    return which === "previous" ? list.looked < this.#options.player.position : this.#find(which, list) === undefined;
  }
}

function isOpen({ state }: CommandList): boolean {
  return state === "looking" || state === "unasked";
}

/** Settles when more is known, or the signal is aborted. */
function changed(list: CommandList, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      forget();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const forget = list.onChange(finish);
    signal.addEventListener("abort", finish);
  });
}

/** What is said while commands are being found. */
export function lookingText({ looked }: CommandList, { duration, complete }: Outline): string {
  const share = complete && duration > 0 ? `, ${Math.floor(Math.min(1, looked / duration) * 100)} %` : "";
  return `looking for commands${share || "…"}`;
}

/** Safe to print. */
export function failureText(failure: unknown): string {
  return visibleText(failure instanceof Error ? failure.message : String(failure));
}

function missText(which: CommandJump, { commands, state }: CommandList): string {
  if (typeof state === "object" && which !== "previous") return failureText(state.failure);
  return commands.length === 0 ? NO_COMMANDS : MISSES[which];
}
