// The keyboard as a controller: turns what is typed into a player's commands.
import { KeyReader } from "./key-reader.js";
import type { StreamCommand } from "./stream-state.js";

/** The keys, with what each of them commands: asciinema's, so that hands need not learn anew. */
export const PLAY_KEYS: ReadonlyMap<string, StreamCommand> = new Map([
  [" ", "toggle"],
  [".", "step"],
  ["]", "marker"],
  ["\x03", "stop"],
]);

/** Turns input into commands. One for each terminal: it keeps what a chunk cuts. */
export class Keyboard {
  readonly #reader = new KeyReader();
  readonly #command: (command: StreamCommand) => void;
  readonly #keys: ReadonlyMap<string, StreamCommand>;

  constructor(command: (command: StreamCommand) => void, keys: ReadonlyMap<string, StreamCommand> = PLAY_KEYS) {
    this.#command = command;
    this.#keys = keys;
  }

  /** Takes what the terminal sent. */
  input(bytes: Uint8Array): void {
    for (const key of this.#reader.read(bytes)) {
      const command = this.#keys.get(key);
      if (command !== undefined) this.#command(command);
    }
  }
}
