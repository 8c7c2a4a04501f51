// Commands wait here until the player is between two steps of its work, so that none interleaves with another.
import type { StreamCommand } from "./stream-state.js";

/** A queue of commands with signals that interrupt what the player waits for. Stopping overtakes all others. */
export class StreamCommands {
  readonly #commands: StreamCommand[] = [];
  readonly #stop = new AbortController();
  #arrival = new AbortController();

  /** Aborted while a command is waiting. Ask for it anew for every wait. */
  get signal(): AbortSignal {
    return this.#arrival.signal;
  }

  /** Aborted for good once `stop` was commanded. */
  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  push(command: StreamCommand): void {
    if (command === "stop") this.#stop.abort();
    this.#commands.push(command);
    this.#arrival.abort();
  }

  /** The longest waiting command, undefined where none is. */
  shift(): StreamCommand | undefined {
    const command = this.#commands.shift();
    if (this.#commands.length === 0 && this.#arrival.signal.aborted) this.#arrival = new AbortController();
    return command;
  }
}
