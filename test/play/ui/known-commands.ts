// Lists of commands for a player, known at once or growing as a test says.
import { NANOS_PER_SECOND } from "../../../src/core/index.js";
import type { CommandList, ListedCommand } from "../../../src/play/index.js";

/** A command that began at so many seconds and took one. */
export function ran(second: number, rest: Partial<ListedCommand> = {}): ListedCommand {
  const start = second * NANOS_PER_SECOND;
  return {
    line: `run ${second}`,
    start,
    duration: NANOS_PER_SECOND,
    exitStatus: 0,
    signal: undefined,
    depth: 0,
    place: { time: start },
    ...rest,
  };
}

/** A list that a test lets grow. */
export class GrowingList implements CommandList {
  commands: readonly ListedCommand[] = [];
  state: CommandList["state"] = "unasked";
  looked = 0;
  readonly #listeners = new Set<() => void>();

  look(): void {
    if (this.state === "unasked") this.state = "looking";
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** So many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  grow(commands: readonly ListedCommand[], looked: number, state: CommandList["state"] = "looking"): void {
    this.commands = commands;
    this.looked = looked * NANOS_PER_SECOND;
    this.state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** All that there are. */
export function knownCommands(commands: readonly ListedCommand[]): CommandList {
  const list = new GrowingList();
  list.grow(commands, Number.MAX_SAFE_INTEGER, "complete");
  return list;
}
