// Commands wait here until the player is between two steps of its work, so that none interleaves with another.
import type { IdleMode } from "./idle.js";
import type { SeekTarget } from "./seek-target.js";
import type { StepUnit } from "./step.js";

/** What a player can be told. */
export type PlayerCommand =
  | { readonly name: "play" | "pause" | "toggle" | "stop" | "pass" }
  | { readonly name: "seek"; readonly target: SeekTarget }
  | { readonly name: "step"; readonly count: 1 | -1; readonly unit: StepUnit }
  | { readonly name: "speed"; readonly speed: number }
  | { readonly name: "idle"; readonly idle: IdleMode }
  | { readonly name: "loop"; readonly loop: boolean };

/** A command, and what to call when it is done. */
export interface QueuedCommand {
  readonly command: PlayerCommand;
  done(): void;
}

/** Commands that a running seek gives way to. */
const OVERTAKING: ReadonlySet<PlayerCommand["name"]> = new Set(["seek", "stop"]);

/** A queue of commands with signals that interrupt what the player waits for. */
export class PlayerCommands {
  readonly #waiting: QueuedCommand[] = [];
  #arrival = new AbortController();
  #overtaking = new AbortController();
  #isClosed = false;

  /** Aborted while a command waits. Ask for it anew for every wait. */
  get signal(): AbortSignal {
    return this.#arrival.signal;
  }

  /** Aborted while a command waits that a running seek gives way to. Ask for it anew for every seek. */
  get seekSignal(): AbortSignal {
    return this.#overtaking.signal;
  }

  /** Resolves when the command is done; at once where none is obeyed any more. */
  push(command: PlayerCommand): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve();
      this.#waiting.push({ command, done: resolve });
      this.#arrival.abort();
      if (OVERTAKING.has(command.name)) this.#overtaking.abort();
    });
  }

  /** The command that waits longest; undefined where none does. */
  shift(): QueuedCommand | undefined {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0 && this.#arrival.signal.aborted) this.#arrival = new AbortController();
    const isOvertaken = this.#waiting.some(({ command }) => OVERTAKING.has(command.name));
    if (!isOvertaken && this.#overtaking.signal.aborted) this.#overtaking = new AbortController();
    return first;
  }

  /** No command is obeyed any more: nobody waits for one in vain. */
  close(): void {
    this.#isClosed = true;
    for (const { done } of this.#waiting.splice(0)) done();
  }
}
