// Which command came before which in the same shell, where shells run within each other.
import type { Command } from "./command.js";

/** Where a command stands among the others of its session. */
export interface Place {
  /** What was run before it in the same shell. */
  readonly previous: Command | undefined;
  /** A shell, with commands of its own: its time is theirs. */
  readonly isShell: boolean;
}

/** Told of a session's commands as they end: those within a shell before the command that started it. */
export class ShellThreads {
  /** The last command of each shell that is open, by depth. */
  readonly #last: (Command | undefined)[] = [];

  take(command: Command): Place {
    const { depth } = command;
    const isShell = this.#last.length > depth + 1;
    const previous = this.#last[depth];
    this.#last.length = depth;
    this.#last.push(command);
    return { previous, isShell };
  }
}
